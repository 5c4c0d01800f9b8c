"""Who does what when: an endless run through the script, with the small movements of someone who stands still."""

from __future__ import annotations

import numpy as np

from models.actor.rotations import Array
from models.actor.script import REST, SCRIPT
from models.actor.skeleton import Dof

PAUSE = 0.9
"""Seconds between two gestures, at speed 1."""


class Performance:
    """One actor's endless run through the script.

    Parameters
    ----------
    rng : numpy.random.Generator
    first : int
        The place in the script where it begins.
    room : float
        How far from its place the actor may walk, 1 for the whole way.
    """

    def __init__(self, rng: np.random.Generator, first: int = 0, room: float = 1.0) -> None:
        self._gestures = SCRIPT[first % len(SCRIPT) :] + SCRIPT[: first % len(SCRIPT)]
        self._speed = float(rng.uniform(0.92, 1.08))
        self._starts = np.cumsum([PAUSE + 0.6, *(g.duration + PAUSE for g in self._gestures)])
        self._phases = rng.uniform(0, 2 * np.pi, 8)
        self._room = room

    def at(self, time: float) -> tuple[Array, str]:
        """The pose (39,) and the name of the gesture at ``time``; between gestures it is ``idle``."""
        moment = (time * self._speed) % float(self._starts[-1])
        i = int(np.searchsorted(self._starts, moment, side="right")) - 1
        name, pose = "idle", REST.copy()
        if i >= 0 and moment - self._starts[i] < self._gestures[i].duration:
            name, pose = self._gestures[i].name, self._gestures[i].pose(float(moment - self._starts[i]))
        pose = pose + self._sway(time)
        pose[[Dof.PLACE_X, Dof.PLACE_Z]] *= self._room
        return pose.astype(np.float32), name

    def breath(self, time: float) -> float:
        """-1 to 1, about fifteen times a minute."""
        return float(np.sin(1.6 * time + self._phases[7]))

    def _sway(self, time: float) -> Array:
        """The small movements of someone who stands still."""
        slow = np.sin(np.array([0.7, 0.53, 0.9, 0.41, 1.1, 0.63, 0.8]) * time + self._phases[:7])
        sway = np.zeros(len(Dof), np.float32)
        sway[[Dof.ROLL, Dof.PITCH, Dof.YAW]] = slow[:3] * (0.012, 0.008, 0.03)
        sway[[Dof.NECK_TWIST, Dof.NECK_BEND]] = slow[3:5] * (0.10, 0.03)
        sway[[Dof.LEFT_RAISE, Dof.RIGHT_RAISE]] = slow[5:7] * 0.025
        sway[[Dof.LEFT_ELBOW, Dof.RIGHT_ELBOW]] = (1 + slow[[6, 5]]) * 0.03
        return sway
