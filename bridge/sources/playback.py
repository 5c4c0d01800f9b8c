"""Play what is not live: a clip's pictures at their own pace, as a camera would show them, or as fast as they go.

Times inside a clip are seconds from its start. Played at its pace, a frame carries the
clock's time at which it was due.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from models.body import ByteArray, Frame

PATIENCE = 0.25
"""Seconds that a reader waits for a frame in time; then any will do, so that a slow decoder still shows something."""


class SourceError(Exception):
    """A source that cannot be opened or gives no picture."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a clip, not yet decoded.

    Attributes
    ----------
    time : float
        Seconds from the start of the clip.
    load : callable
        Gives the (height, width, 3) uint8 picture, or None where it cannot be read; valid until the next picture is
        asked for.
    """

    time: float
    load: Callable[[], ByteArray | None]


class Clip(Protocol):
    """Something that holds pictures with their times."""

    name: str

    def pictures(self) -> Iterator[Picture]:
        """The pictures in order, from the start."""

    def close(self) -> None:
        """Let go of the file."""


class Playback:
    """A frame source that plays a clip.

    Parameters
    ----------
    clip : Clip
    fast : bool
        Every picture as soon as it is asked for, with its time in the clip. Otherwise pictures come when they are due,
        and those that a slow reader missed are skipped, as a camera's would be.
    now, sleep : callable
        The clock.
    """

    live = False

    def __init__(
        self,
        clip: Clip,
        *,
        fast: bool = False,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = clip.name
        self._clip = clip
        self._fast = fast
        self._now = now
        self._sleep = sleep

    def __iter__(self) -> Iterator[Frame]:
        pictures = self._clip.pictures()
        return in_order(pictures) if self._fast else when_due(pictures, self._now, self._sleep)

    def __enter__(self) -> Playback:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._clip.close()


def in_order(pictures: Iterable[Picture]) -> Iterator[Frame]:
    """Every picture that can be read, at once, with its time in the clip."""
    for number, picture in enumerate(pictures):
        image = picture.load()
        if image is not None:
            yield Frame(image, picture.time, number)


def when_due(pictures: Iterable[Picture], now: Callable[[], float], sleep: Callable[[float], None]) -> Iterator[Frame]:
    """Each picture when it is due on the clock, decoded before; one whose successor is due already is skipped."""
    start = asked = now()
    previous = 0.0
    for number, picture in enumerate(pictures):
        period, previous = picture.time - previous, picture.time
        late = now() - start - picture.time
        if number and late > period and now() - asked < PATIENCE:
            continue
        image = picture.load()
        if number == 0:
            start = now() - picture.time
        due = start + picture.time
        if due > now():
            sleep(due - now())
        if image is not None:
            yield Frame(image, due, number)
        asked = now()
