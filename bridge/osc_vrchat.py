"""One body as the trackers of VRChat: hip, feet, knees, chest, elbows and head, each a place and a rotation.

Unity's space: metres, left-handed, Y up, the floor at 0. Rotations are Euler degrees about x, y and z, applied in the
order z, x, y, against the T-pose.
Source: https://docs.vrchat.com/docs/osc-trackers
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from bridge.avatar import Avatar
from bridge.humanoid import BONES
from bridge.moment import Moment
from bridge.osc import osc_string
from bridge.osc_address import Address
from bridge.quaternions import euler_zxy

TRACKERS = {
    "1": "Hips",
    "2": "LeftFoot",
    "3": "RightFoot",
    "4": "LeftLowerLeg",
    "5": "RightLowerLeg",
    "6": "Chest",
    "7": "LeftLowerArm",
    "8": "RightLowerArm",
    "head": "Head",
}
"""The bone that each tracker sits on; knees and elbows are where the lower leg and the lower arm begin."""

ADDRESSES = (
    Address("/tracking/trackers/{1 to 8, head}/position", "fff", "x y z", "metres over the floor"),
    Address("/tracking/trackers/{1 to 8, head}/rotation", "fff", "x y z", "degrees, applied in the order z, x, y"),
)
_HEADERS = tuple(
    tuple(osc_string(f"/tracking/trackers/{number}/{what}") + osc_string(",fff") for what in ("position", "rotation"))
    for number in TRACKERS
)
_PLACES = np.array([BONES.index(bone) for bone in TRACKERS.values()])
_THREE = struct.Struct(">fff").pack


class VRChatEncoder:
    """Encodes one body of a frame.

    Parameters
    ----------
    options : dict
        The values of `bridge.avatar.AVATAR_OPTIONS`.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._avatar = Avatar(options)

    def __call__(self, moment: Moment) -> list[bytes]:
        """The datagrams of ``moment``; none where the person is not there."""
        body = self._avatar(moment)
        if body is None:
            return []
        starts, rotations = body.starts.take(_PLACES, axis=0).tolist(), body.rotations.take(_PLACES, axis=0).tolist()
        messages: list[bytes] = []
        for (position, rotation), (x, y, z), turn in zip(_HEADERS, starts, rotations, strict=True):
            messages += position + _THREE(x, y - body.floor, z), rotation + _THREE(*euler_zxy(turn))
        return messages
