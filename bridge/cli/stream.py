"""The bodies of a source, whatever it is: pictures go through the networks, a recording is only played."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import cv2

from bridge.calibration import KnownCamera
from bridge.cli.options import chosen_lift
from bridge.cli.terminal import Terminal
from bridge.hand_tracking import HandTracker
from bridge.pacing import paced
from bridge.pipeline import Pipeline
from bridge.recording import Recording, read_recording
from bridge.sources import FrameSource, SourceError, open_source
from bridge.timing import Stopwatch
from models.body import BodyFrame, Frame

CAMERA, ACTOR, KINECT = "camera", "actor", "kinect"


class Stream(Protocol):
    """Body frames, with the picture that the newest was found in.

    Attributes
    ----------
    name : str
        What messages call it.
    picture : Frame, optional
        None where bodies come without pictures.
    dropped : int
        Pictures that were left out so far, for want of time or because they could not be read.
    watch : Stopwatch
        Counts the stages of a frame, those of its reader included.
    """

    name: str
    watch: Stopwatch

    @property
    def picture(self) -> Frame | None: ...

    @property
    def dropped(self) -> int: ...

    def __iter__(self) -> Iterator[BodyFrame]: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def age(self, frame: BodyFrame, now: float) -> float | None:
        """Seconds since the picture of ``frame`` was there, if that is known."""


class Seen:
    """The people whom the networks find in a source.

    Parameters
    ----------
    source : FrameSource
        Closed together with this.
    pipeline : Pipeline
    fast : bool
        Whether times are those of the clip, so that a picture's age counts from when it was handed over.
    now : callable
        The clock.
    """

    def __init__(
        self, source: FrameSource, pipeline: Pipeline, fast: bool, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = source.name
        self.picture: Frame | None = None
        self.dropped = 0
        self.watch = pipeline.watch
        self._source = source
        self._pipeline = pipeline
        self._from_clip = fast and not source.live
        self._now = now
        self._handed_over = 0.0

    def __iter__(self) -> Iterator[BodyFrame]:
        return iter(self._pipeline.bodies(self._pictures()))

    def __enter__(self) -> Seen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._source.close()

    def age(self, frame: BodyFrame, now: float) -> float | None:
        """See `Stream`."""
        return now - (self._handed_over if self._from_clip else frame.time)

    def _pictures(self) -> Iterator[Frame]:
        due = 0
        for frame in self._source:
            self.dropped += frame.number - due
            due = frame.number + 1
            self.picture, self._handed_over = frame, self._now()
            yield frame


class Replayed:
    """The people in a recording.

    Parameters
    ----------
    recording : Recording
    fast : bool
        All at once, instead of at the pace of the recording.
    pictured : bool
        Whether somebody looks at the pictures that may have been kept.
    """

    def __init__(self, recording: Recording, fast: bool, pictured: bool) -> None:
        self.name = str(recording.folder)
        self.picture: Frame | None = None
        self.dropped = 0
        self.watch = Stopwatch()
        self._frames = recording if fast else paced(recording)
        self._pictures = recording.pictures() if pictured else iter(())

    def __iter__(self) -> Iterator[BodyFrame]:
        picture = next(self._pictures, None)
        for frame in self._frames:
            while picture is not None and picture.time <= frame.time:
                self.picture, picture = picture, next(self._pictures, None)
            yield frame
            self.watch.end_frame()

    def __enter__(self) -> Replayed:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is kept open."""

    def age(self, frame: BodyFrame, now: float) -> float | None:
        """Unknown: the picture is long gone."""
        return None


def open_stream(args: argparse.Namespace, terminal: Terminal) -> Stream:
    """The stream that the options ask for.

    Raises
    ------
    SourceError, RecordingError, WeightsError
        If the source or a network cannot be used.
    """
    if args.source is not None and is_recording(Path(args.source)):
        return Replayed(read_recording(Path(args.source)), args.fast, bool(args.preview or args.snapshot or args.color))
    if args.source == KINECT:
        from bridge.kinect import HALF_WIDTH, open_kinect

        shown = bool(args.preview or args.snapshot or args.color)
        return open_kinect(color=shown, half=args.size[0] <= HALF_WIDTH)
    cv2.setNumThreads(1)  # what we ask of OpenCV is small, and threads that wait for a busy core only delay it
    source = _open_source(args, terminal)
    try:
        return Seen(source, _pipeline(args, source.name), args.fast)
    except BaseException:
        source.close()
        raise


def is_recording(path: Path) -> bool:
    """Whether a folder is meant to be a recording, perhaps a broken one."""
    return (path / "meta.json").exists() or (path / "bodies.jsonl").exists()


def _open_source(args: argparse.Namespace, terminal: Terminal) -> FrameSource:
    def opened(spec: str) -> FrameSource:
        return open_source(spec, fast=args.fast, size=args.size, seed=args.seed)

    if args.source is not None:
        return opened(args.source)
    try:
        return opened(CAMERA)
    except SourceError as error:
        terminal.say(f"no camera ({error}); the built-in actor performs instead")
        return opened(ACTOR)


def _pipeline(args: argparse.Namespace, source: str) -> Pipeline:
    from models import detector, hands, pose

    known = KnownCamera(source, args.fov)

    return Pipeline(
        detector.PersonDetector(args.detector_model or detector.DEFAULT_WEIGHTS),
        pose.open_pose(args.pose_model or pose.DEFAULT_WEIGHTS),
        camera=known,
        stance=known.stance,
        smoothing=args.smoothing,
        height=args.height,
        hands=HandTracker(hands.HandClassifier()),
        lift=chosen_lift(args),
    )
