"""From a source to the publishers: the loop behind ``run`` and ``record``."""

from __future__ import annotations

import argparse
import errno
import gc
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bridge.cli.gesture_options import chosen_recogniser
from bridge.cli.meter import Meter, write_stats
from bridge.cli.mirror import Mirrored
from bridge.cli.screen import Screen
from bridge.cli.stream import Stream, open_stream
from bridge.cli.terminal import Terminal
from bridge.publishers import Publisher, open_publishers
from bridge.recording import Recorder
from bridge.timing import CAPTURE_TO_WIRE, GESTURES_TO_WIRE
from gestures.recogniser import GestureRecogniser
from models.body import BodyFrame


def perform(args: argparse.Namespace, terminal: Terminal, targets: Sequence[str], folder: Path | None) -> int:
    """Send everyone in ``args.source`` to ``targets``, and keep a recording in ``folder`` if there is one.

    Everything is opened before anything is said, and closed in any case; the exit status is 0.
    """
    for path in (args.stats, args.snapshot):
        if path is not None and not path.parent.is_dir():  # told now, rather than after the run
            raise FileNotFoundError(errno.ENOENT, "there is no folder for this file", str(path))
    recogniser = chosen_recogniser(args)
    with ExitStack() as stack:
        publishers: list[Publisher] = [
            stack.enter_context(closing(publisher)) for publisher in open_publishers(targets, args.insecure)
        ]
        opened = open_stream(args, terminal)
        if args.mirror:
            opened = Mirrored(opened)
        stream = stack.enter_context(opened)
        recorder = stack.enter_context(Recorder(folder, args.color, stream.name)) if folder else None
        screen = stack.enter_context(Screen(args)) if args.preview or args.snapshot else None
        terminal.say(_announcement(stream.name, targets, folder))
        meter = Meter()
        try:
            show = _Show(stream, publishers, recorder, screen, meter, terminal, recogniser)
            with _what_is_loaded_stays():
                for frame in limited(stream, args.frames, args.seconds):
                    if not show.go_on(frame):
                        break
        finally:
            stream.watch.end_frame()
            terminal.say(meter.total())
            if args.stats:
                counts = {"source": stream.name, **meter.summary(), "dropped": stream.dropped}
                write_stats(args.stats, {**counts, "stages": stream.watch.times.summary()})
    return 0


@contextmanager
def _what_is_loaded_stays() -> Iterator[None]:
    """Keep the garbage collector from going through modules and networks, which holds a frame up by 20 ms at times."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


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


@dataclass(slots=True, eq=False)
class _Show:
    """What happens to each frame: published first, then asked for gestures, kept and shown."""

    stream: Stream
    publishers: Sequence[Publisher]
    recorder: Recorder | None
    screen: Screen | None
    meter: Meter
    terminal: Terminal
    recogniser: GestureRecogniser

    def go_on(self, frame: BodyFrame) -> bool:
        """Take the next frame; False once the user has asked to end."""
        self._publish(frame)
        self._keep(frame)
        status = self.meter.status()
        if status is not None:
            self.terminal.show_status(status)
        return self.screen is None or self.screen.show(self.stream.picture, frame, status)

    def _publish(self, frame: BodyFrame) -> None:
        watch = self.stream.watch
        with watch.stage("publish"):
            taken = self.stream.age(frame, time.monotonic())
            for publisher in self.publishers:
                publisher.send(frame, taken)
        age = self._sent(frame, CAPTURE_TO_WIRE)
        with watch.stage("gestures"):
            events = self.recogniser.update(frame)
            heard = [event for publisher in self.publishers for event in publisher.heard(frame)]
        with watch.stage("publish"):
            for publisher in self.publishers:
                publisher.tell((*events, *heard))
        self._sent(frame, GESTURES_TO_WIRE)
        self.meter.count(frame, age)

    def _sent(self, frame: BodyFrame, stage: str) -> float | None:
        """Count the age of ``frame`` as that of ``stage``, where it is known."""
        age = self.stream.age(frame, time.monotonic())
        if age is not None:
            self.stream.watch.times.add(stage, age)
        return age

    def _keep(self, frame: BodyFrame) -> None:
        if self.recorder is not None:
            self.recorder.send(frame)
            picture = self.stream.picture
            if picture is not None and picture.time == frame.time:  # a recording has not always one for each frame
                self.recorder.add_image(picture)


def _announcement(name: str, targets: Sequence[str], folder: Path | None) -> str:
    sinks = [*targets, *([f"the recording {folder}"] if folder else [])]
    return f"{name} to {' and '.join(sinks)}; Ctrl-C ends"
