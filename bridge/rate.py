"""Send no more frames a second than a target wants, and lose no gesture with those that are left out."""

from __future__ import annotations

from collections.abc import Sequence

from gestures.event import GestureEvent

SLACK = 0.1
"""The part of a period by which a frame may come early: cameras are not exact."""

MOST_EVENTS = 256
"""Events that wait for the next frame; a rate of one frame in a hundred seconds fills no memory."""


class RateLimit:
    """Decides frame by frame.

    Parameters
    ----------
    rate : float, optional
        Frames a second; without it all are sent.
    """

    def __init__(self, rate: float | None) -> None:
        self._period = 0.0 if rate is None else 1.0 / rate
        self._due: float | None = None
        self._previous = 0.0

    def admits(self, time: float) -> bool:
        """Whether the frame that was captured at ``time`` is sent; clocks may jump back where a clip starts over."""
        if self._due is None or time < self._previous:
            self._due = time
        self._previous = time
        if time < self._due - SLACK * self._period:
            return False
        self._due += self._period
        if self._due < time:  # frames were missing, or come seldom
            self._due = time + self._period
        return True


class WaitingEvents:
    """Gesture events of frames that were left out; of continuous ones only the newest."""

    def __init__(self) -> None:
        self._events: list[GestureEvent] = []

    def add(self, events: Sequence[GestureEvent]) -> None:
        """Keep ``events`` for the next frame that is sent."""
        for event in events:
            if event.phase in ("held", "progress"):
                key = (event.phase, event.name, event.tracking_id)
                self._events = [old for old in self._events if (old.phase, old.name, old.tracking_id) != key]
            self._events.append(event)
        del self._events[:-MOST_EVENTS]

    def take(self) -> list[GestureEvent]:
        """All that waits."""
        events, self._events = self._events, []
        return events


class Gate:
    """Lets frames through, and the gestures of those that it left out with the next one.

    Parameters
    ----------
    rate : float, optional
        Frames a second; without it all are sent.
    """

    def __init__(self, rate: float | None) -> None:
        self._limit, self._waiting, self._open = RateLimit(rate), WaitingEvents(), False

    def admits(self, time: float) -> bool:
        """Whether the frame that was captured at ``time`` is sent."""
        self._open = self._limit.admits(time)
        return self._open

    def released(self, events: Sequence[GestureEvent]) -> list[GestureEvent]:
        """What is told of the last frame, which brought ``events``: nothing yet if it was left out."""
        self._waiting.add(events)
        return self._waiting.take() if self._open else []
