"""From a source to the publishers: the loop behind ``run`` and ``record``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from bridge.cli.meter import Meter, write_stats
from bridge.cli.screen import Screen
from bridge.cli.stream import Stream, open_stream
from bridge.cli.terminal import Terminal
from bridge.publishers import Publisher, open_publisher
from bridge.recording import Recorder
from gestures.raised_hands import RaisedHands
from models.body import BodyFrame


def perform(args: argparse.Namespace, terminal: Terminal, targets: Sequence[str], folder: Path | None) -> int:
    """Send everyone in ``args.source`` to ``targets``, and keep a recording in ``folder`` if there is one.

    Everything is opened before anything is said, and closed in any case; the exit status is 0.
    """
    with ExitStack() as stack:
        publishers: list[Publisher] = [stack.enter_context(closing(open_publisher(url))) for url in targets]
        stream = stack.enter_context(open_stream(args, terminal))
        recorder = stack.enter_context(Recorder(folder, args.color, stream.name)) if folder else None
        screen = stack.enter_context(Screen(args)) if args.preview or args.snapshot else None
        terminal.say(_announcement(stream.name, targets, folder))
        meter = Meter(time.monotonic())
        try:
            _play(limited(stream, args.frames, args.seconds), stream, publishers, recorder, screen, meter, terminal)
        finally:
            terminal.say(meter.total())
            if args.stats:
                write_stats(args.stats, {"source": stream.name, **meter.summary(), **stream.summary()})
    return 0


def limited(frames: Iterable[BodyFrame], most: int | None, seconds: float | None) -> Iterator[BodyFrame]:
    """The first ``most`` frames, and none that is ``seconds`` later than the first."""
    first: float | None = None
    for number, frame in enumerate(frames, 1):
        first = frame.time if first is None else first
        if seconds is not None and frame.time - first >= seconds:
            return
        yield frame
        if number == most:
            return


def _play(
    frames: Iterable[BodyFrame],
    stream: Stream,
    publishers: Sequence[Publisher],
    recorder: Recorder | None,
    screen: Screen | None,
    meter: Meter,
    terminal: Terminal,
) -> None:
    recogniser = RaisedHands()
    for frame in frames:
        events = recogniser.update(frame)
        for publisher in publishers:
            publisher.send(frame, events)
        now = time.monotonic()
        meter.count(frame, now, stream.published(frame, now))
        if recorder is not None:
            recorder.send(frame, events)
            if stream.picture is not None:
                recorder.add_image(stream.picture)
        status = meter.status(now)
        if status is not None:
            terminal.show_status(status)
        if screen is not None and not screen.show(stream.picture, frame, status):
            return


def _announcement(name: str, targets: Sequence[str], folder: Path | None) -> str:
    sinks = [*targets, *([f"the recording {folder}"] if folder else [])]
    return f"{name} to {' and '.join(sinks)}; Ctrl-C ends"
