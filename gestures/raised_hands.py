"""Recognise raised hands: the left, the right, and both.

A hand is raised when it is above the head. Progress is how far it has come on the way there from the height of the
hips: 0 at the hips or below, 1 at the height of the head or above. A pose starts at 1 and ends below `RELEASE`, so
that a hand which trembles at that height does not start it again and again.

The three poses are independent: while both hands are up, all three are held.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gestures.event import GestureEvent, Phase
from models.body import Body, BodyFrame
from models.joints import Joint, TrackingState

RELEASE = 0.85
"""Progress below which a pose ends."""

TORSO = 0.5
"""Metres from the shoulders down to the hips, where the hips are not tracked."""

POSES: Mapping[str, tuple[Joint, ...]] = {
    "raise_left_hand": (Joint.HAND_LEFT,),
    "raise_right_hand": (Joint.HAND_RIGHT,),
    "raise_both_hands": (Joint.HAND_LEFT, Joint.HAND_RIGHT),
}
"""The hands that each pose raises."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a pose has come.

    Attributes
    ----------
    progress : float
        0 to 1, that of the lower hand.
    state : TrackingState
        The least certain of the joints that it was decided from.
    """

    progress: float
    state: TrackingState


def reach(body: Body, hands: tuple[Joint, ...]) -> Reach:
    """How far ``hands`` are on their way from the hips to the head; NotTracked and 0 if one of them is not known."""
    joints = (Joint.HEAD, *hands)
    heights = body.positions[list(joints), 1]
    low = _hip_height(body)
    state = min(body.state(joint) for joint in joints)
    if state is TrackingState.NOT_TRACKED or not (np.isfinite(heights).all() and heights[0] - low > 0):
        return Reach(0.0, TrackingState.NOT_TRACKED)
    progress = (heights[1:].min() - low) / (heights[0] - low)
    return Reach(float(np.clip(progress, 0.0, 1.0)), state)


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
            found = [_event(name, body, frame.time, name in before) for name in POSES]
            news = [event for event in found if event is not None]
            events.extend(news)
            active[body.tracking_id] = frozenset(event.name for event in news if event.phase != "ended")
        for tracking_id in self._active.keys() - active.keys():
            for name in sorted(self._active[tracking_id]):
                events.append(GestureEvent(name, tracking_id, frame.time, "ended", 0.0, 0.0))
        self._active = active
        return tuple(events)


def _event(name: str, body: Body, time: float, active: bool) -> GestureEvent | None:
    now = reach(body, POSES[name])
    phase: Phase
    if active:
        phase = "held" if now.progress >= RELEASE else "ended"
    elif now.progress >= 1.0 and now.state is TrackingState.TRACKED:
        phase = "started"
    else:
        return None
    return GestureEvent(name, body.tracking_id, time, phase, now.progress, now.state / TrackingState.TRACKED)


def _hip_height(body: Body) -> float:
    if body.state(Joint.SPINE_BASE) is TrackingState.NOT_TRACKED or not np.isfinite(
        body.positions[Joint.SPINE_BASE, 1]
    ):
        return float(body.positions[Joint.SPINE_SHOULDER, 1]) - TORSO
    return float(body.positions[Joint.SPINE_BASE, 1])
