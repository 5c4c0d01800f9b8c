"""Recognise raised hands: the left, the right, and both.

A hand is raised when it is above the head. Progress is how far it has come on the way there from the height of the
hips: 0 at the hips or below, 1 at the height of the head or above. A pose starts at 1 and ends below `RELEASE`, so
that a hand which trembles at that height does not start it again and again.

The three poses are independent: while both hands are up, all three are held.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from gestures.event import GestureEvent, Phase
from models.body import Body, BodyFrame
from models.joints import Joint, TrackingState

RELEASE = 0.85
"""Progress below which a pose ends."""

TORSO = 0.5
"""Metres from the shoulders down to the hips, where the hips are not tracked."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a pose has come.

    Attributes
    ----------
    progress : float
        0 to 1.
    state : TrackingState
        The least certain of the joints that it was decided from.
    """

    progress: float
    state: TrackingState


def reach(body: Body, hand: Joint) -> Reach:
    """How far ``hand`` is on its way from the hips to the head; NotTracked, and 0, where that cannot be told."""
    top, height, low = float(body.positions[Joint.HEAD, 1]), float(body.positions[hand, 1]), _hip_height(body)
    state = min(body.state(Joint.HEAD), body.state(hand))
    if state is TrackingState.NOT_TRACKED or not math.isfinite(top + height + low) or top <= low:
        return Reach(0.0, TrackingState.NOT_TRACKED)
    return Reach(min(max((height - low) / (top - low), 0.0), 1.0), state)


def poses(body: Body) -> dict[str, Reach]:
    """How far each of the three poses has come; both hands have come as far as the one that is behind."""
    left, right = reach(body, Joint.HAND_LEFT), reach(body, Joint.HAND_RIGHT)
    both = Reach(min(left.progress, right.progress), min(left.state, right.state))
    return {"raise_left_hand": left, "raise_right_hand": right, "raise_both_hands": both}


class RaisedHands:
    """Follows the raised hands of everyone in view."""

    def __init__(self) -> None:
        self._active: dict[int, frozenset[str]] = {}  # tracking id: names of the poses that are held

    def update(self, frame: BodyFrame) -> tuple[GestureEvent, ...]:
        """The events that ``frame`` brings: for each pose started, then held in every frame, then ended once.

        A pose starts only on joints that are Tracked, goes on with Inferred ones, and ends when a joint is NotTracked
        or the body has left; it ends with progress 0 then.
        """
        events: list[GestureEvent] = []
        active: dict[int, frozenset[str]] = {}
        for body in frame.bodies:
            before = self._active.get(body.tracking_id, frozenset())
            found = [_event(name, now, body, frame.time, name in before) for name, now in poses(body).items()]
            news = [event for event in found if event is not None]
            events.extend(news)
            active[body.tracking_id] = frozenset(event.name for event in news if event.phase != "ended")
        for tracking_id in self._active.keys() - active.keys():
            for name in sorted(self._active[tracking_id]):
                events.append(GestureEvent(name, tracking_id, frame.time, "ended", 0.0, 0.0))
        self._active = active
        return tuple(events)


def _event(name: str, now: Reach, body: Body, time: float, active: bool) -> GestureEvent | None:
    phase: Phase
    if active:
        phase = "held" if now.progress >= RELEASE else "ended"
    elif now.progress >= 1.0 and now.state is TrackingState.TRACKED:
        phase = "started"
    else:
        return None
    return GestureEvent(name, body.tracking_id, time, phase, now.progress, now.state / TrackingState.TRACKED)


def _hip_height(body: Body) -> float:
    base = float(body.positions[Joint.SPINE_BASE, 1])
    if body.state(Joint.SPINE_BASE) is TrackingState.NOT_TRACKED or not math.isfinite(base):
        return float(body.positions[Joint.SPINE_SHOULDER, 1]) - TORSO
    return base
