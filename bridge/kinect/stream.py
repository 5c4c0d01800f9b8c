"""The bodies that a Kinect v2 sees, each frame with its picture: as good to the rest as bodies found by the networks.

Times are the sensor's: seconds, counted by it in ticks of 100 ns.
"""

from __future__ import annotations

import _ctypes
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import numpy as np

from bridge.kinect.bodies import COLOUR_SIZE, colour_image, in_picture, joint_arrays, joint_pixels, kinect_body
from bridge.kinect.bodies import shows_mirrored as pixels_mirrored
from bridge.kinect.loading import load_runtime
from bridge.sources.playback import SourceError
from bridge.timing import Stopwatch
from models.body import Body, BodyFrame, ByteArray, Frame

TICK = 1e-7
"""Seconds."""

FRAME_TYPES = 0x1 | 0x20
"""``FrameSourceTypes`` of the SDK: Color and Body."""

PATIENCE = 10.0
"""Seconds that a Kinect may take until its first frame; it wakes up in three or four."""

PAUSE = 0.002
"""Seconds between two looks whether there is a new frame."""

TOGETHER = 0.025
"""A picture belongs to bodies that were captured within so many seconds of it."""

_KEPT_PICTURES = 4
_COM_ERROR: type[Exception] = getattr(_ctypes, "COMError", OSError)  # Windows only

NO_FRAMES = (
    f"kinect: gives nothing within {PATIENCE:.0f} s: check that it is plugged in to a USB 3 port and to its power "
    "supply, and that Kinect Studio shows its picture"
)

log = logging.getLogger(__name__)


class KinectStream:
    """The people whom a Kinect tracks.

    Parameters
    ----------
    runtime : PyKinectRuntime
        Of pykinect2, opened for colour and bodies. Closed together with this.
    color : bool
        Whether somebody wants the pictures.
    half : bool
        Whether pictures, and the keypoints in them, are 960 x 540 instead of 1920 x 1080.
    now, sleep : callable
        The clock.

    Attributes
    ----------
    name : str
    picture : Frame, optional
        The colour picture of the newest body frame; one of an earlier frame where that one had none.
    dropped : int
        Body frames that the Kinect made and that were not seen here, as its clock tells.
    watch : Stopwatch
    """

    def __init__(
        self,
        runtime: Any,
        color: bool = True,
        half: bool = True,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.name = "kinect"
        self.picture: Frame | None = None
        self.dropped = 0
        self.watch = Stopwatch()
        self._runtime = runtime
        self._half = half
        self._colours = _Colours(runtime) if color else None
        self._mirrored: bool | None = None  # until a body has shown it
        self._now, self._sleep = now, sleep
        self._arrived = 0.0

    def __iter__(self) -> Iterator[BodyFrame]:
        """Yield every new body frame, with nobody in it as well; waits for the next one.

        Raises
        ------
        SourceError
            If there is no Kinect, which shows in that no frame comes.
        """
        previous: float | None = None
        for sequence, (ticks, data) in enumerate(self._fresh()):
            when = ticks * TICK
            if previous is not None and when > previous:
                self.dropped += max(round((when - previous) * 30) - 1, 0)
            previous = when
            with self.watch.stage("kinect"):
                bodies = self._bodies(data)
                self._show(when, sequence)
            yield BodyFrame(when, sequence, bodies, self._size)
            self.watch.end_frame()

    def __enter__(self) -> KinectStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runtime.close()

    def age(self, frame: BodyFrame, now: float) -> float | None:
        """Seconds since ``frame`` came from the sensor; how long that took is not known."""
        return now - self._arrived

    @property
    def _size(self) -> tuple[int, int]:
        width, height = COLOUR_SIZE
        return (width // 2, height // 2) if self._half else COLOUR_SIZE

    def _fresh(self) -> Iterator[tuple[int, Any]]:
        """Each new body frame of the runtime, with the sensor's time in ticks."""
        last: int | None = None
        quiet = self._now()
        lost = False
        while True:
            if self._colours is not None:
                self._colours.look()
            data = self._runtime.get_last_body_frame()
            ticks = None if data is None else _ticks(data, self._runtime)
            # has_new_body_frame() of the original stays true after the first frame: only the frame's time tells.
            if ticks is not None and ticks != last and data.bodies is not None:
                if lost:
                    log.warning("kinect: is back")
                last, quiet, lost = ticks, self._now(), False
                self._arrived = quiet
                yield ticks, data
                continue
            if self._now() - quiet > PATIENCE and not lost:
                if last is None:
                    raise SourceError(NO_FRAMES)
                log.warning("kinect: gives no body any more; waiting until it does")
                lost = True
            self._sleep(PAUSE)

    def _bodies(self, data: Any) -> tuple[Body, ...]:
        return tuple(self._body(body, slot) for slot, body in enumerate(data.bodies) if body.is_tracked)

    def _body(self, body: Any, slot: int) -> Body:
        joints = joint_arrays(body)
        pixels = joint_pixels(self._runtime, body)
        if self._mirrored is None:
            self._mirrored = pixels_mirrored(joints[0], pixels)
        return kinect_body(body, slot, joints, in_picture(pixels, self._half, self._as_mirror), self._size)

    @property
    def _as_mirror(self) -> bool:
        return self._mirrored is not False

    def _show(self, when: float, sequence: int) -> None:
        data = None if self._colours is None else self._colours.nearest(when)
        if data is not None:
            self.picture = Frame(colour_image(data, self._half, self._as_mirror), when, sequence)


class _Colours:
    """Remembers the last few colour frames, since that of a body comes a little before it."""

    def __init__(self, runtime: Any) -> None:
        self._runtime = runtime
        self._newest: object = None
        self._kept: deque[tuple[float | None, ByteArray]] = deque(maxlen=_KEPT_PICTURES)

    def look(self) -> None:
        """Take the newest colour frame, if it is known to be new: it costs a copy of 8 MB."""
        arrival = getattr(self._runtime, "_last_color_frame_time", None)
        if arrival is not None and arrival != self._newest:
            self._take(arrival)

    def nearest(self, when: float) -> ByteArray | None:
        """The colour frame that was captured with a body frame; where colour frames have no time, the newest."""
        self.look()  # it may have come at the same time as the bodies
        if self._newest is None:
            self._take(None)
        timed = [(abs(time - when), number) for number, (time, _) in enumerate(self._kept) if time is not None]
        if not timed:
            return self._kept[-1][1] if self._kept else None
        apart, number = min(timed)
        return self._kept[number][1] if apart <= TOGETHER else None

    def _take(self, arrival: object) -> None:
        data = self._runtime.get_last_color_frame()
        if data is None or not (self._kept or np.any(data)):  # before the first frame, a buffer of zeros
            return
        ticks = getattr(self._runtime, "_last_color_frame_relative_time", None)
        self._newest = arrival
        self._kept.append((None if ticks is None else ticks * TICK, np.asarray(data, np.uint8)))


def open_kinect(color: bool = True, half: bool = True) -> KinectStream:
    """Open the Kinect v2 at this computer.

    Parameters
    ----------
    color, half : bool
        See `KinectStream`.

    Raises
    ------
    SourceError
        If this is not Windows, or pykinect2 or the Kinect's own software is missing; it says what to do.
    """
    module = load_runtime()
    try:
        return KinectStream(module.PyKinectRuntime(FRAME_TYPES), color, half)
    except OSError as error:  # COMError is one; so is a missing kinect20.dll
        raise SourceError(
            f"kinect: cannot be opened: {error}; is it plugged in, and no other program in its way?"
        ) from error


def _ticks(data: Any, runtime: Any) -> int | None:
    """When a body frame was captured; for a pykinect2 that does not say so, when it came."""
    ticks = getattr(data, "relative_time", None)
    if ticks is not None:
        return int(ticks)
    arrival = getattr(runtime, "_last_body_frame_time", None)
    return None if arrival is None else round(arrival / TICK)
