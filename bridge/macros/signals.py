"""What of a body can move a key: where its hands and feet are, what its hands do, how it leans and where it stands.

Hands and elbows are measured from the shoulder of their side, knees and feet from the hip, in lengths of the
person's own trunk: x to the right of who faces the camera, y up, z forwards.
"""

from __future__ import annotations

import math

import numpy as np

from models.body import Body
from models.joints import HandState, Joint, TrackingState

_ANCHORS = {"HAND": "SHOULDER", "ELBOW": "SHOULDER", "KNEE": "HIP", "FOOT": "HIP"}
_LIMBS = {
    f"{part}_{side}".lower(): (Joint[f"{part}_{side}"], Joint[f"{anchor}_{side}"])
    for part, anchor in _ANCHORS.items()
    for side in ("LEFT", "RIGHT")
}
_AXES = {"x": (0, 1.0), "y": (1, 1.0), "z": (2, -1.0)}
_STATES = {"open": HandState.OPEN, "closed": HandState.CLOSED, "lasso": HandState.LASSO}

SIGNALS = (
    *(f"{limb}.{axis}" for limb in _LIMBS for axis in _AXES),
    *(f"hand_{side}.{state}" for side in ("left", "right") for state in _STATES),
    *("lean.x", "lean.y", "body.x", "body.y", "body.z"),
)
"""What `measure` knows. Hand states are 0 or 1, lean is -1 to 1, the body's place is in metres from the camera."""

_TRUNK = 0.2  # metres; nobody's is shorter


def measure(body: Body, signal: str) -> float | None:
    """The value of one of `SIGNALS`; None where the joints that it needs are not tracked."""
    what, _, axis = signal.partition(".")
    if axis in _STATES:
        hand = body.hand_left if what == "hand_left" else body.hand_right
        known = hand.state not in (HandState.UNKNOWN, HandState.NOT_TRACKED)
        return float(hand.state == _STATES[axis]) if known else None
    if what == "lean":
        return _finite(float(body.lean["xy".index(axis)]))
    number, sign = _AXES[axis]
    if what == "body":
        if body.state(Joint.SPINE_BASE) is TrackingState.NOT_TRACKED:
            return None
        return _finite(float(body.positions[Joint.SPINE_BASE, number]))
    end, start = _LIMBS[what]
    if TrackingState.NOT_TRACKED in (body.state(end), body.state(start)):
        return None
    along = body.positions[end, number] - body.positions[start, number]
    return _finite(sign * float(along) / trunk(body))


def trunk(body: Body) -> float:
    """Metres from the shoulders to the hips."""
    length = float(np.linalg.norm(body.positions[Joint.SPINE_SHOULDER] - body.positions[Joint.SPINE_BASE]))
    return max(length, _TRUNK) if math.isfinite(length) else _TRUNK


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
