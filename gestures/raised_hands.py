"""How far raised hands have come: the left, the right, and both.

A hand is raised when it is above the head. Progress is how far it has come on the way there from the height of the
hips: 0 at the hips or below, 1 at the height of the head or above. The three poses are independent: while both hands
are up, all three are reached.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from models.body import Body
from models.joints import Joint, TrackingState

TORSO = 0.5
"""Metres from the shoulders down to the hips, where the hips are not tracked."""


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


def raised_hands(body: Body) -> dict[str, Reach]:
    """How far each of the three poses has come; both hands have come as far as the one that is behind."""
    heights, states = body.positions[:, 1].tolist(), body.tracking_states.tolist()
    left, right = (_reach(heights, states, hand) for hand in (Joint.HAND_LEFT, Joint.HAND_RIGHT))
    both = Reach(min(left.progress, right.progress), min(left.state, right.state))
    return {"raise_left_hand": left, "raise_right_hand": right, "raise_both_hands": both}


def _reach(heights: list[float], states: list[int], hand: Joint) -> Reach:
    """How far ``hand`` is on its way from the hips to the head; NotTracked, and 0, where that cannot be told."""
    top, height, low = heights[Joint.HEAD], heights[hand], _hip_height(heights, states)
    state = STATES[min(states[Joint.HEAD], states[hand])]
    if state is TrackingState.NOT_TRACKED or not math.isfinite(top + height + low) or top <= low:
        return Reach(0.0, TrackingState.NOT_TRACKED)
    return Reach(min(max((height - low) / (top - low), 0.0), 1.0), state)


def _hip_height(heights: list[float], states: list[int]) -> float:
    base = heights[Joint.SPINE_BASE]
    if states[Joint.SPINE_BASE] == TrackingState.NOT_TRACKED or not math.isfinite(base):
        return heights[Joint.SPINE_SHOULDER] - TORSO
    return base
