"""``bodycast calibrate``: find out what a camera sees, by a checkerboard or by somebody who walks about."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.cli.options import positive, size
from bridge.cli.terminal import Terminal

if TYPE_CHECKING:
    from bridge.calibration import Calibration, CameraStore
    from bridge.sources import FrameSource

EXAMPLES = """
two ways:
  checkerboard    the more exact one. Print a board ('--board board.pdf'), glue it onto something flat, and show it to
                  the camera near and far, at the edges of the picture, and tilted; the command says what is missing
                  and ends when it has enough.
  --person M      no printing: somebody M metres tall walks about at an even pace, towards the camera and away from it,
                  and from side to side, always seen from head to foot. Finds tilt and height of the camera, too.

What is found is kept for this source and this ratio of width to height, and used from then on by every command, unless
--fov is given. A video or a folder of pictures may stand in for the camera; '--for' then says whose it is.

examples:
  bodycast calibrate --board board.pdf
  bodycast calibrate camera
  bodycast calibrate camera:1 --person 1.75
  bodycast calibrate pictures_of_the_board --for camera:1
  bodycast calibrate --show
  bodycast calibrate camera:1 --forget
"""

LOOK_EVERY = 0.2
"""Seconds between pictures of a camera that are searched for the board."""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``calibrate`` to the commands."""
    parser = commands.add_parser(
        "calibrate",
        help="find out what a camera sees, so that distances are right",
        description="Find the field of view of a camera, the distortion of its lens, or how it stands.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("source", nargs="?", default="camera", metavar="SOURCE", help="see 'run' (default camera)")
    parser.add_argument("--person", type=positive, metavar="M", help="by somebody of this height in metres who walks")
    parser.add_argument(
        "--corners",
        type=_corners,
        default=(9, 6),
        metavar="AxB",
        help="inner corners of the board, one less than its squares (default 9x6)",
    )
    parser.add_argument("--board", type=_page, metavar="FILE", help="only write a board to print: .pdf, .png or .jpg")
    parser.add_argument("--for", dest="kept_for", metavar="SOURCE", help="keep the result for this source")
    parser.add_argument("--show", action="store_true", help="only tell what is known of the cameras")
    parser.add_argument("--forget", action="store_true", help="only forget what is known of SOURCE")
    parser.add_argument("--preview", action="store_true", help="show the picture and what was found in it")
    parser.add_argument(
        "--size", type=size, default=(640, 480), metavar="WxH", help="picture size of cameras (default 640x480)"
    )
    parser.add_argument("--seconds", type=positive, metavar="S", help="end after S seconds, with what there is then")
    parser.set_defaults(command=run)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do it; the exit status."""
    from bridge.calibration import CameraStore, key

    store = CameraStore()
    if args.board is not None:
        from bridge.checkerboard import draw_board

        draw_board(args.board, args.corners)
        terminal.say(f"{args.board}: a board of {args.corners[0]}x{args.corners[1]} inner corners; print it on A4")
        return 0
    if args.show:
        for line in [entry.as_text() for entry in store.all()] or ["nothing is known of any camera yet"]:
            print(line)
        return 0
    if args.forget:
        terminal.say(f"{key(args.source)}: {store.forget(args.source)} calibrations forgotten")
        return 0
    return _calibrate(args, terminal, store)


def _calibrate(args: argparse.Namespace, terminal: Terminal, store: CameraStore) -> int:
    import cv2

    from bridge.sources import open_source

    cv2.setNumThreads(1)
    with open_source(args.source, fast=True, size=args.size) as source:
        terminal.say(_instructions(args, source.name))
        calibration = (_by_person if args.person else _by_board)(args, terminal, source)
    store.keep(calibration)
    terminal.say(calibration.as_text())
    if calibration.error > 0.08:
        terminal.say("that is not very sure: tilt the camera down a little and try again, or use a checkerboard")
    terminal.say(f"kept in {store.path}; 'bodycast run {calibration.source}' uses it")
    return 0


def _instructions(args: argparse.Namespace, name: str) -> str:
    if args.person:
        return f"{name}: walk to and fro and from side to side, seen from head to foot; Ctrl-C gives up"
    return f"{name}: show the board of {args.corners[0]}x{args.corners[1]} inner corners; Ctrl-C gives up"


def _by_board(args: argparse.Namespace, terminal: Terminal, source: FrameSource) -> Calibration:
    """By the views of the board that the source shows, until there are enough."""
    from bridge.checkerboard import BoardViews

    views, preview = BoardViews(args.corners), _Watch(args)
    with preview:
        for frame in source:
            if preview.is_over(frame.time):
                break
            if source.live and not preview.is_due(frame.time, LOOK_EVERY):
                continue
            view = views.look(frame.image)
            missing = views.missing()
            terminal.show_status(f"{len(views.views)} views; still needed: {', '.join(missing) or 'nothing'} ")
            if not preview.show(frame.image, partial(_draw_corners, args.corners, view)):
                break
            if source.live and not missing:
                break
    return views.calibration(args.kept_for or source.name)


def _by_person(args: argparse.Namespace, terminal: Terminal, source: FrameSource) -> Calibration:
    """By the walk of the one person whom the source shows, until that is enough."""
    from bridge.drawing import drawn
    from bridge.pipeline import Pipeline
    from bridge.tracking import Tracking
    from bridge.walking import Walk
    from models import detector, pose
    from models.body import Frame

    walk, preview = Walk(args.person), _Watch(args)
    newest: list[Frame] = []

    def pictures() -> Any:
        for frame in source:
            newest[:] = [frame]
            yield frame

    pipeline = Pipeline(
        detector.PersonDetector(detector.DEFAULT_WEIGHTS),
        pose.open_pose(pose.DEFAULT_WEIGHTS),
        height=args.person,
        tracking=Tracking(people=1),
    )
    with preview:
        for frame in pipeline.bodies(pictures()):
            if preview.is_over(frame.time):
                break
            walk.look(frame)
            missing = walk.missing()
            terminal.show_status(f"still needed: {', '.join(missing) or 'nothing'} ")
            if not preview.show(newest[0].image, partial(drawn, frame=frame)):
                break
            if source.live and not missing:
                break
    return walk.calibration(args.kept_for or source.name)


class _Watch:
    """The preview, if there is one, and the time."""

    def __init__(self, args: argparse.Namespace) -> None:
        from bridge.preview import Preview

        self._preview = Preview("Bodycast: calibrate") if args.preview else None
        self._most = args.seconds
        self._first: float | None = None
        self._looked = -1e9

    def __enter__(self) -> _Watch:
        return self

    def __exit__(self, *_: object) -> None:
        if self._preview is not None:
            self._preview.close()

    def is_over(self, moment: float) -> bool:
        """Whether the user's seconds are over at ``moment`` of the source."""
        self._first = moment if self._first is None else self._first
        return self._most is not None and moment - self._first >= self._most

    def is_due(self, moment: float, every: float) -> bool:
        """Whether ``every`` seconds have passed since it last was."""
        due = moment - self._looked >= every
        self._looked = moment if due else self._looked
        return due

    def show(self, image: Any, draw: Callable[[Any], Any]) -> bool:
        """Show what ``draw`` makes of a picture; False once the user has asked to end."""
        return self._preview is None or self._preview.show(draw(image))


def _draw_corners(corners: tuple[int, int], view: Any, image: Any) -> Any:
    import cv2

    canvas = image.copy()
    if view is not None:
        cv2.drawChessboardCorners(canvas, corners, view.corners[:, None], True)
    return canvas


def _corners(text: str) -> tuple[int, int]:
    """Two numbers from 3 to 40, as in ``9x6``."""
    match = re.fullmatch(r"(\d{1,2})x(\d{1,2})", text)
    if match is None or not all(3 <= int(part) <= 40 for part in match.groups()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of corners such as 9x6")
    if match[1] == match[2]:
        raise argparse.ArgumentTypeError(f"{text!r}: a square board looks the same from all sides; use one such as 9x6")
    return int(match[1]), int(match[2])


def _page(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in {".pdf", ".png", ".jpg", ".jpeg"}:
        raise argparse.ArgumentTypeError(f"{text!r} does not end in .pdf, .png or .jpg")
    return path
