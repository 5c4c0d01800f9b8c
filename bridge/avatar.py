"""Whose body a one-person receiver gets, and how: the options that receivers with an avatar share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from bridge.axes import AXIS_OPTIONS
from bridge.humanoid import Humanoid, humanoid
from bridge.moment import Moment
from bridge.options import Option, whole
from models.joints import JOINT_FLIP

SLOT_OPTION = {"slot": Option(whole(0, 5), None, "whose body, 0 to 5; without it, that of the lowest slot in view")}
_FLIP = list(JOINT_FLIP)
_MIRROR = np.array([-1, 1, 1], np.float32)
_TURN_MIRROR = np.array([1, -1, -1, 1], np.float32)
_PLANE_MIRROR = np.array([-1, 1, 1, 1], np.float32)


def _only_x(text: str) -> str:
    if text.lower() != "x":
        raise ValueError("x, which mirrors the person; an avatar's axes are those of Unity")
    return "x"


AVATAR_OPTIONS = {
    **SLOT_OPTION,
    "flip": Option(_only_x, "", "x mirrors the person, whose right hand then moves the avatar's left"),
    "scale": AXIS_OPTIONS["scale"],
    "move": AXIS_OPTIONS["move"],
}


class Avatar:
    """Makes Unity's bones of one person.

    Parameters
    ----------
    options : dict
        The values of `AVATAR_OPTIONS`; ``move`` is in Unity's axes.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._mirrored = options["flip"] == "x"
        self._scale, self._move = np.float32(options["scale"]), np.array(options["move"], np.float32)

    def __call__(self, moment: Moment) -> Humanoid | None:
        """The bones, scaled and moved, of the one person in ``moment``; None if there is none."""
        if not moment.bodies:
            return None
        positions, turns, states = moment.positions[0], moment.orientations[0], moment.states[0]
        floor = moment.frame.floor
        if self._mirrored:
            positions, turns, states = (positions * _MIRROR)[_FLIP], (turns * _TURN_MIRROR)[_FLIP], states[_FLIP]
            floor = floor * _PLANE_MIRROR
        body = humanoid(positions, turns, states, floor)
        if self._scale == 1.0 and not self._move.any():
            return body
        height = float(body.floor * self._scale + self._move[1])
        return replace(body, starts=body.starts * self._scale + self._move, floor=height)
