"""How far raised hands have come: the left, the right, and both.

A hand is raised when it is above the head, or when it is about as high as the shoulders and the forearm has pointed
upwards for a moment, as of somebody who raises it shyly. Progress is how far it has come on the way there from the
height of the hips: 0 at the hips or below, 1 where it is raised. The three poses are independent: while both hands are
up, all three are reached.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from models.body import Body
from models.joints import Joint, TrackingState

TORSO = 0.5
"""Metres from the shoulders down to the hips, where the hips are not tracked."""

UPRIGHT = 0.75
"""Share of the forearm's length by which the wrist is above the elbow, from which it points upwards."""

HIGH = 0.9
"""Share of the way from the hips to the shoulders that such a hand has come up at least."""

MOMENT = 0.25
"""Seconds for which a forearm must have pointed upwards where the hand is not above the head."""

_NEARLY = 0.98

STATES = tuple(TrackingState)
"""By their numbers."""


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


@dataclass(slots=True)
class RaisedHands:
    """The hands of one person."""

    _since: dict[str, float] = field(default_factory=dict)

    def update(self, body: Body, time: float) -> dict[str, Reach]:
        """How far each of the three poses has come; both hands have come as far as the one that is behind."""
        points, states = body.positions.tolist(), body.tracking_states.tolist()
        left, right = (self._hand(points, states, side, time) for side in ("LEFT", "RIGHT"))
        both = Reach(min(left.progress, right.progress), min(left.state, right.state))
        return {"raise_left_hand": left, "raise_right_hand": right, "raise_both_hands": both}

    def _hand(self, points: list[list[float]], states: list[int], side: str, time: float) -> Reach:
        above = _reach(points, states, Joint[f"HAND_{side}"])
        upright = _pointing_up(points, states, side) if above.state else 0.0
        if upright < 1.0:
            self._since.pop(side, None)
        elif time - self._since.setdefault(side, time) < MOMENT - 1e-6:
            upright = _NEARLY
        return Reach(max(above.progress, upright), above.state)


def _reach(points: list[list[float]], states: list[int], hand: Joint) -> Reach:
    """How far ``hand`` is on its way from the hips to the head; NotTracked, and 0, where that cannot be told."""
    top, height, low = points[Joint.HEAD][1], points[hand][1], _hip_height(points, states)
    state = STATES[min(states[Joint.HEAD], states[hand])]
    if state is TrackingState.NOT_TRACKED or not math.isfinite(top + height + low) or top <= low:
        return Reach(0.0, TrackingState.NOT_TRACKED)
    return Reach(min(max((height - low) / (top - low), 0.0), 1.0), state)


def _pointing_up(points: list[list[float]], states: list[int], side: str) -> float:
    """How nearly a forearm points upwards with the hand above the shoulders, 0 to 1; 0 where it is not tracked."""
    elbow, wrist = Joint[f"ELBOW_{side}"], Joint[f"WRIST_{side}"]
    needed = (elbow, wrist, Joint.SHOULDER_LEFT, Joint.SHOULDER_RIGHT)
    if min(states[joint] for joint in needed) < TrackingState.TRACKED:
        return 0.0
    shoulders = (points[Joint.SHOULDER_LEFT][1] + points[Joint.SHOULDER_RIGHT][1]) / 2
    low, height = _hip_height(points, states), points[Joint[f"HAND_{side}"]][1]
    length = math.dist(points[elbow], points[wrist])
    if not math.isfinite(length + shoulders + low + height) or length < 1e-3 or shoulders <= low:
        return 0.0
    upwards = (points[wrist][1] - points[elbow][1]) / length
    return min(max(min((height - low) / (HIGH * (shoulders - low)), upwards / UPRIGHT), 0.0), 1.0)


def _hip_height(points: list[list[float]], states: list[int]) -> float:
    base = points[Joint.SPINE_BASE][1]
    if states[Joint.SPINE_BASE] == TrackingState.NOT_TRACKED or not math.isfinite(base):
        return points[Joint.SPINE_SHOULDER][1] - TORSO
    return base
