"""``bodycast record`` with a Kinect: at this computer, or as the teacher of a camera; its bodies are labels."""

from __future__ import annotations

import argparse
from pathlib import Path

from bridge.calibration import KnownCamera
from bridge.cli.loop import perform
from bridge.cli.stream import KINECT, is_recording
from bridge.cli.terminal import Terminal
from bridge.label_report import label_report
from bridge.recording import read_recording, refuse_used
from bridge.teacher.labelling import label_recording
from bridge.teacher.receiver import ADVICE, Teacher
from models.extrinsics import AlignmentError


def record_with_teacher(args: argparse.Namespace, terminal: Terminal) -> int:
    """Record, pictures included, until the source ends or Ctrl-C; then find the camera and write the labels.

    The exit status is 1 where the camera could not be found: the recording then keeps the bodies that the networks saw.
    """
    if args.fast or args.source == KINECT or is_recording(Path(args.source)):
        terminal.say("error: --teacher needs a source that runs in real time beside the Kinect: a camera")
        return 2
    refuse_used(args.folder)
    args.color = True
    interrupted: KeyboardInterrupt | None = None
    with Teacher(args.teacher, args.folder) as teacher:
        try:
            perform(args, terminal, args.publish or (), args.folder)
        except KeyboardInterrupt as interrupt:  # the usual end of a recording: what it is for comes now
            if not is_recording(args.folder):
                raise
            interrupted = interrupt
    status = _label(args, teacher, terminal)
    if interrupted is not None and status == 0:
        raise interrupted
    return status


def record_kinect(args: argparse.Namespace, terminal: Terminal) -> int:
    """Record a Kinect at this computer until Ctrl-C; then say how good its labels are."""
    refuse_used(args.folder)
    try:
        status = perform(args, terminal, args.publish or (), args.folder)
    except KeyboardInterrupt:
        _check(args.folder, terminal)
        raise
    _check(args.folder, terminal)
    return status


def _check(folder: Path, terminal: Terminal) -> None:
    recording = read_recording(folder) if is_recording(folder) else ()
    if any(frame.bodies for frame in recording):
        terminal.say("checking the labels; Ctrl-C skips this")
        _say_lines(terminal, label_report(recording).as_text())


def _label(args: argparse.Namespace, teacher: Teacher, terminal: Terminal) -> int:
    bodies = teacher.bodies()
    if not bodies:
        terminal.say(f"error: nothing came from a Kinect to {args.teacher}, so there are no labels: {ADVICE}")
        return 1
    terminal.say(f"looking for the camera by {len(bodies)} bodies of the Kinect")
    try:
        result = label_recording(args.folder, bodies, KnownCamera(args.source, args.fov))
    except AlignmentError as error:
        terminal.say(f"error: {error}; {args.folder} keeps the bodies that the camera saw")
        return 1
    _say_lines(terminal, result.as_text())
    return 0


def _say_lines(terminal: Terminal, text: str) -> None:
    for line in text.splitlines():
        terminal.say(line.strip())
