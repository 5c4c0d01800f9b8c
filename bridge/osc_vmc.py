"""One body as the Virtual Motion Capture protocol's performer sends it: Unity's humanoid bones, in two bundles.

Every bone has its local position and its local rotation against the T-pose. The root stands on the floor below the
hips. With nobody there, only the availability and the time are sent.
Source: https://protocol.vmc.info/specification
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bridge.avatar import Avatar
from bridge.humanoid import BONES, local
from bridge.moment import Moment
from bridge.osc_address import Address
from bridge.osc_layout import Hole, Layout, bundles, message

_SEVEN = "position x y z, rotation x y z w"
ADDRESSES = (
    Address("/VMC/Ext/OK", "iii", "loaded, calibration state, mode", "always 1 3 0"),
    Address("/VMC/Ext/T", "f", "time", "seconds on the clock of the source"),
    Address("/VMC/Ext/Root/Pos", "sfffffff", f"root, {_SEVEN}", "the floor below the hips; not turned"),
    Address("/VMC/Ext/Bone/Pos", "sfffffff", f"bone, {_SEVEN}", f"local; bones are {', '.join(BONES)}"),
)
_NUMBER = Hole("f", "number")
_ALIVE = (message("/VMC/Ext/OK", 1, 3, 0), message("/VMC/Ext/T", _NUMBER))
_ROOT = message("/VMC/Ext/Root/Pos", "root", *[_NUMBER] * 3, 0.0, 0.0, 0.0, 1.0)
_BONES = tuple(message("/VMC/Ext/Bone/Pos", bone, *[_NUMBER] * 7) for bone in BONES)
_SOMEBODY = Layout(bundles((*_ALIVE, _ROOT, *_BONES)))
_NOBODY = Layout(bundles(_ALIVE))


class VmcEncoder:
    """Encodes one body of a frame.

    Parameters
    ----------
    options : dict
        The values of `bridge.avatar.AVATAR_OPTIONS`.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._avatar = Avatar(options)

    def __call__(self, moment: Moment) -> list[bytes]:
        """The datagrams of ``moment``."""
        body = self._avatar(moment)
        if body is None:
            return _NOBODY.fill({_NUMBER: moment.frame.time})
        positions, rotations = local(body)
        x, height, z = positions[0].tolist()
        positions[0] = 0.0, height - body.floor, 0.0
        numbers = np.empty(4 + 7 * len(BONES), ">f4")
        numbers[:4] = moment.frame.time, x, body.floor, z
        bones = numbers[4:].reshape(-1, 7)
        bones[:, :3], bones[:, 3:] = positions, rotations
        return _SOMEBODY.fill({_NUMBER: numbers})
