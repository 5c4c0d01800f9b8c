"""Play frames at the pace at which they were captured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar


class Timed(Protocol):
    """Anything with a capture time in seconds: a `Frame`, a `BodyFrame`."""

    @property
    def time(self) -> float: ...


T = TypeVar("T", bound=Timed)


def paced(
    frames: Iterable[T], now: Callable[[], float] = time.monotonic, sleep: Callable[[float], object] = time.sleep
) -> Iterator[T]:
    """Yield ``frames`` unchanged, waiting until each one is due.

    The first is due at once, and each other one as long after the first as it was captured after it, so that delays do
    not add up. What is late catches up at no more than twice the pace: receivers have room for the messages of little
    more than one frame, and lose some of a burst. Where capture times jump back, as when a source starts again, the
    frame is due at once, and time counts from there.
    """
    offset: float | None = None  # what to add to a capture time to have it on our clock
    previous = yielded = 0.0  # capture time of the frame before, and when we yielded it
    for frame in frames:
        if offset is None or frame.time < previous:
            offset, due = now() - frame.time, now()
        else:
            due = max(frame.time + offset, yielded + (frame.time - previous) / 2)
        wait = due - now()
        if wait > 0:
            sleep(wait)
        previous, yielded = frame.time, now()
        yield frame
