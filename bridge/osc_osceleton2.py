"""Bodies as OSCeleton-KinectSDK2 sends them: single messages, whose last argument is a double, as its receivers expect.

Positions are millimetres with y down, as in its code. Users are numbered by slot, from 0; there is one sensor, 0.
Source: https://github.com/Zillode/OSCeleton-KinectSDK2
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from bridge.moment import Moment
from bridge.osc_address import Address
from bridge.osc_layout import Hole, Layout, message
from bridge.osc_osceleton import JOINTS as OSCELETON_JOINTS
from models.joints import HandState, Joint

JOINTS = {name: joint for name, joint in OSCELETON_JOINTS.items() if not name.endswith("fingertip")}
"""Its names, in its order: the left arm, the right arm, the left leg, the right leg."""
_LEGS = ("hip", "knee", "ankle", "foot")
JOINTS = dict(sorted(JOINTS.items(), key=lambda item: item[0].partition("_")[2] in _LEGS))

ADDRESSES = (
    Address(
        "/osceleton2/joint",
        "siiffffd",
        "name, sensor, user, x y z, confidence, time",
        f"millimetres, y down; 1 Tracked, .5 Inferred, .1 NotTracked; Unix time in milliseconds; {', '.join(JOINTS)}",
    ),
    Address(
        "/osceleton2/hand",
        "iiiffffifd",
        "sensor, user, hand, x y z, confidence, state, confidence of the state, time",
        "1 left, 2 right; 1 Open, 2 Closed, 3 Lasso, 4 Unknown, 5 NotTracked",
    ),
)
_SENSOR = 0
_ROWS = np.array([*JOINTS.values(), Joint.HAND_LEFT, Joint.HAND_RIGHT])
_SCALE = np.array([1000, -1000, 1000], np.float32)
_CONFIDENCES = np.array([0.1, 0.5, 1.0], np.float32)
_HANDS = {HandState.OPEN: 1, HandState.CLOSED: 2, HandState.LASSO: 3, HandState.UNKNOWN: 4, HandState.NOT_TRACKED: 5}
_POINT, _STATE, _SURE, _TIME = Hole("f", "point"), Hole("i", "state"), Hole("f", "sure"), Hole("d", "time")


def encode(moment: Moment) -> list[bytes]:
    """The messages of everyone, body after body: its joints, then its hands."""
    points = moment.positions[:, _ROWS] * _SCALE
    confidences = _CONFIDENCES[moment.states[:, _ROWS]]
    hands = [hand for body in moment.bodies for hand in (body.hand_left, body.hand_right)]
    return _layout(moment.slots).fill(
        {
            _POINT: np.concatenate([points, confidences[..., None]], axis=2),
            _STATE: [_HANDS[hand.state] for hand in hands],
            _SURE: [hand.confidence for hand in hands],
            _TIME: moment.unix * 1000,
        }
    )


@lru_cache(maxsize=64)
def _layout(slots: tuple[int, ...]) -> Layout:
    point = [_POINT] * 4
    return Layout(
        [
            piece
            for user in slots
            for piece in (
                *(message("/osceleton2/joint", name, _SENSOR, user, *point, _TIME) for name in JOINTS),
                *(message("/osceleton2/hand", _SENSOR, user, hand, *point, _STATE, _SURE, _TIME) for hand in (1, 2)),
            )
        ]
    )
