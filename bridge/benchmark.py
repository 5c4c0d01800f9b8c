"""How long a picture takes to become messages on the wire, without the decoding of a video."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass

from bridge.pipeline import Pipeline
from bridge.publishers import Publisher, open_publisher
from bridge.timing import CAPTURE_TO_WIRE, GESTURES_TO_WIRE, Summary
from gestures.recogniser import GestureRecogniser
from models.body import ByteArray, Frame

WARM_UP = 15
"""Frames before the measuring starts, in which networks and caches settle."""

FRAME_RATE = 30.0
MOST_BYTES = 256 * 2**20
"""Pictures that are held in memory are no more than this together."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What was measured.

    Attributes
    ----------
    frames : int
    bodies : float
        People in a frame, on average.
    stages : dict
        See `bridge.timing.StageTimes.summary`; stage ``capture_to_wire`` goes from the moment a picture is handed over
        to the last byte of the bodies handed to the socket, ``gestures_to_wire`` to that of the gestures.
    """

    frames: int
    bodies: float
    stages: Summary

    def as_json(self) -> dict[str, object]:
        """The same as plain values."""
        return asdict(self)


def preloaded(frames: Iterable[Frame], most: int) -> list[ByteArray]:
    """The pictures of the first ``most`` frames, fewer where they are large."""
    images: list[ByteArray] = []
    held = 0
    for frame in frames:
        images.append(frame.image.copy())
        held += frame.image.nbytes
        if len(images) >= most or held >= MOST_BYTES:
            break
    return images


def back_and_forth(images: Sequence[ByteArray], count: int) -> Iterator[ByteArray]:
    """``count`` pictures that move on without a jump: to the last one, back to the first, and again."""
    turn = max(2 * (len(images) - 1), 1)
    for number in range(count):
        place = number % turn
        yield images[min(place, turn - place) if len(images) > 1 else 0]


def benchmark(
    images: Sequence[ByteArray], pipeline: Pipeline, count: int, now: Callable[[], float] = time.perf_counter
) -> Benchmark:
    """Run ``count`` pictures through ``pipeline`` and over a UDP socket of this machine.

    Parameters
    ----------
    images : sequence of (height, width, 3) uint8 arrays
        Consecutive pictures.
    pipeline : Pipeline
    count : int
        How many frames to measure, besides a few to warm up.
    now : callable
        The clock.
    """
    handed_over = 0.0

    def frames() -> Iterator[Frame]:
        nonlocal handed_over
        for number, image in enumerate(back_and_forth(images, count + WARM_UP)):
            handed_over = now()
            yield Frame(image, number / FRAME_RATE, number)

    watch, recogniser, bodies = pipeline.watch, GestureRecogniser(), 0
    with _loopback() as publisher:
        for found in pipeline.bodies(frames()):
            with watch.stage("publish"):
                publisher.send(found)
            bodies_sent = now()
            with watch.stage("gestures"):
                events = recogniser.update(found)
            with watch.stage("publish"):
                publisher.tell(events)
            if found.sequence == WARM_UP - 1:
                watch.clear()
            elif found.sequence >= WARM_UP:
                watch.times.add(CAPTURE_TO_WIRE, bodies_sent - handed_over)
                watch.times.add(GESTURES_TO_WIRE, now() - handed_over)
                bodies += len(found.bodies)
    return Benchmark(count, round(bodies / count, 2), watch.times.summary())


@contextmanager
def _loopback() -> Iterator[Publisher]:
    """A publisher whose messages go to a socket of this machine that nobody reads."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        with closing(open_publisher(f"osc+kinectv2://127.0.0.1:{receiver.getsockname()[1]}")) as publisher:
            yield publisher
