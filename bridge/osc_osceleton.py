"""Bodies as OSCeleton sends them: a bundle for each user, and messages about users who come and go.

Users are numbered from 1, by slot. Joints that are NotTracked are left out.
Source: https://github.com/Sensebloom/OSCeleton
"""

from __future__ import annotations

import struct
from functools import lru_cache
from itertools import count

import numpy as np

from bridge.moment import Moment
from bridge.osc import osc_message, osc_string
from bridge.osc_address import Address
from bridge.osc_layout import BUNDLE
from models.joints import Joint

JOINTS = {
    "head": Joint.HEAD,
    "neck": Joint.SPINE_SHOULDER,
    "torso": Joint.SPINE_MID,
    "waist": Joint.SPINE_BASE,
    **{
        f"{side[0].lower()}_{name}": Joint[f"{part}_{side}"]
        for side in ("LEFT", "RIGHT")
        for name, part in (
            ("shoulder", "SHOULDER"),
            ("elbow", "ELBOW"),
            ("wrist", "WRIST"),
            ("hand", "HAND"),
            ("fingertip", "HAND_TIP"),
            ("hip", "HIP"),
            ("knee", "KNEE"),
            ("ankle", "ANKLE"),
            ("foot", "FOOT"),
        )
    },
}
"""OSCeleton's names; it has collars, too, and the Kinect v2 has not."""

ADDRESSES = (
    Address("/new_user", "i", "user", "somebody came"),
    Address("/new_skel", "i", "user", "and has joints from now on"),
    Address(
        "/joint",
        "sifff",
        "name, user, x y z",
        f"0 to 1 across 2.56 m and 1.92 m, y down; z 0.78 a metre; {', '.join(JOINTS)}",
    ),
    Address("/lost_user", "i", "user", "somebody left"),
)
_ROWS = np.array(list(JOINTS.values()))
# x=(1280-Xmm)/2560, y=(960-Ymm)/1920, z=Zmm*7.8125/10000
_SCALE = np.array([-1000 / 2560, -1000 / 1920, 7.8125 / 10], np.float32)
_OFFSET = np.array([0.5, 0.5, 0.0], np.float32)
_BYTES = 12


def encode(moment: Moment) -> list[bytes]:
    """The datagrams of everyone."""
    data = (moment.positions[:, _ROWS] * _SCALE + _OFFSET).astype(">f4").tobytes()
    datagrams = [_alone("/lost_user", slot + 1) for slot, _ in moment.presence.left]
    for slot, _ in moment.presence.entered:
        datagrams += [_alone("/new_user", slot + 1), _alone("/new_skel", slot + 1)]
    starts = count(0, _BYTES)
    for slot, states in zip(moment.slots, moment.states[:, _ROWS].tolist(), strict=True):
        joints = zip(_heads(slot + 1), states, starts, strict=False)
        datagrams.append(BUNDLE + b"".join([head + data[at : at + _BYTES] for head, state, at in joints if state]))
    return datagrams


@lru_cache(maxsize=16)
def _heads(user: int) -> tuple[bytes, ...]:
    """All that comes before the numbers of each joint, its size in the bundle first."""
    heads = [
        osc_string("/joint") + osc_string(",sifff") + osc_string(name) + struct.pack(">i", user) for name in JOINTS
    ]
    return tuple(struct.pack(">i", len(head) + _BYTES) + head for head in heads)


def _alone(address: str, user: int) -> bytes:
    message = osc_message(address, user)
    return BUNDLE + struct.pack(">i", len(message)) + message
