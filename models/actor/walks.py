"""Ways through the room: where somebody is at each moment, and how their legs carry them there.

Places are x and z in metres on the floor of `models.actor.skeleton`'s world, times seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.actor.performance import Performance
from models.actor.rotations import Array
from models.actor.script import REST, pose_of
from models.actor.skeleton import Dof

STRIDE = 1.4
"""Metres of two steps."""

_SOFTENED = np.linspace(-0.3, 0.3, 9, dtype=np.float32)  # seconds over which corners are rounded
_WALKING = 0.35  # metres a second from which somebody walks and looks where they go

Stop = tuple[float, float, float]
"""When, x and z."""


class Walk:
    """One person's way, straight from stop to stop; who stays at a place performs there.

    Parameters
    ----------
    stops : sequence of Stop
        In the order of their times; before the first and after the last, the person stands there.
    performance : Performance
        What the person does while standing.
    """

    def __init__(self, stops: Sequence[Stop], performance: Performance) -> None:
        table = np.array(stops, np.float32)
        self._times, self._places = table[:, 0], table[:, 1:]
        steps = np.linalg.norm(np.diff(self._places, axis=0), axis=1)
        self._lengths = np.concatenate([[0.0], np.cumsum(steps)]).astype(np.float32)
        self._performance = performance

    def place(self, time: float) -> Array:
        """x and z (2,) at ``time``."""
        moments = time + _SOFTENED
        return np.array([np.interp(moments, self._times, axis).mean() for axis in self._places.T], np.float32)

    def pose(self, time: float) -> tuple[Array, str]:
        """The pose (39,) at ``time``, in its place in the room, and the name of what is done there."""
        here = self.place(time)
        velocity = (self.place(time + 0.05) - self.place(time - 0.05)) / 0.1
        walking = float(np.clip(np.hypot(*velocity) / _WALKING, 0, 1))
        walked = float(np.interp(time, self._times, self._lengths))
        standing, name = self._performance.at(time)
        pose = standing * (1 - walking) + gait(2 * np.pi * walked / STRIDE) * walking
        towards = np.arctan2(velocity[0], -velocity[1]) if walking else 0.0
        pose[Dof.YAW] += walking * towards - (1 - walking) * np.arctan2(here[0], here[1])
        pose[[Dof.PLACE_X, Dof.PLACE_Z]] += here
        return pose.astype(np.float32), name if walking < 0.5 else "walk"


def gait(phase: float) -> Array:
    """The pose (39,) of someone who walks, ``phase`` radians into a stride of two steps."""
    swing, forwards = np.sin(phase), np.cos(phase)
    return REST + pose_of(
        right_hip=24 * swing,
        left_hip=-24 * swing,
        right_knee=6 + 42 * max(forwards, 0.0),
        left_knee=6 + 42 * max(-forwards, 0.0),
        left_raise=22 * swing,
        right_raise=-22 * swing,
        both_elbow=12,
        spine_twist=-4 * swing,
    )


__all__ = ["STRIDE", "Stop", "Walk", "gait"]
