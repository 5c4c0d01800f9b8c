"""The floor under people's feet, from how they stand over time: the Kinect's floor clip plane.

The plane is ``a x + b y + c z + d = 0`` in camera space, in Hessian normal form: (a, b, c) points up, and d is how high
the camera is over the floor, in metres. It follows from how the camera stands, which `models.standing` finds: by feet
and heads of people who stand here and there, tilt is known to a degree; from one place only, to five or so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from models.body import FloatArray
from models.camera import PinholeCamera
from models.standing import UNKNOWN, Feet, PoleBook, Stance, fit, upright

NEEDED = 1.0
"""Seconds that somebody must have stood upright before the plane is told."""

MEMORY = 120.0
"""Seconds that a place where somebody stood is remembered, so that a camera may be moved."""

SETTLING = 0.5
"""Seconds in which the plane moves most of the way to where it was found."""

_FIRST, _EVERY = 1.0, 5.0  # seconds from one fit to the next: of the first ten, and of the rest
_LOOKS = 0.09  # seconds between two looks at people
_GAP = 0.5
_SURE_OF_LENS = 1e-4  # the focal length is given
_KNOWN = Stance(math.radians(2), math.radians(1), 0.1, _SURE_OF_LENS)
_DOUBT = replace(UNKNOWN, focal=_SURE_OF_LENS)


Person = tuple[FloatArray, float]
"""Keypoints (23, 3), pixels without distortion and confidence, and the height in metres."""


class FloorFinder:
    """Remembers where people stood.

    Parameters
    ----------
    known : Stance, optional
        How the camera stands as calibrated; its floor is told from the start, and corrected by those who stand on it.
    """

    def __init__(self, known: Stance | None = None) -> None:
        self._belief, self._doubt = (Stance(), _DOUBT) if known is None else (replace(known, focal=0.0), _KNOWN)
        self._book = PoleBook()
        self._feet: dict[int, Feet] = {}
        self._found = None if known is None else self._belief
        self._told: FloatArray | None = None
        self._time = -math.inf
        self._stood, self._due = 0.0, NEEDED

    def __call__(self, time: float, people: Mapping[int, Person], camera: PinholeCamera) -> FloatArray:
        """The floor clip plane (4,) at ``time``; zeros while nobody has stood for long enough.

        Parameters
        ----------
        time : float
            Seconds.
        people : mapping of int to Person
            Everyone who is seen now, by tracking id.
        camera : PinholeCamera
        """
        dt = time - self._time
        if 0.0 <= dt < _LOOKS:
            return np.zeros(4, np.float32) if self._told is None else self._told
        dt, self._time = min(max(dt, 0.0), _GAP), time
        self._feet = {who: self._feet.get(who) or Feet() for who in people}
        standing = [
            (levels, height)
            for who, (keypoints, height) in people.items()
            if (levels := upright(keypoints)) is not None and self._feet[who].rest(time, keypoints)
        ]
        for levels, height in standing:
            self._book.add(time, levels, height)
        self._stood += dt if standing else 0.0
        if standing and self._stood >= self._due:
            self._due = self._stood + (_FIRST if self._stood < 10.0 else _EVERY)
            poles = self._book.poles(since=time - MEMORY)
            self._found = fit(poles, camera, self._belief, self._doubt, begin=self._found, iterations=4).stance
        return self._settled(dt)

    def _settled(self, dt: float) -> FloatArray:
        if self._found is None:
            return np.zeros(4, np.float32)
        goal = self._found.floor
        if self._told is None:
            self._told = goal
        else:
            moved = self._told + np.float32(1.0 - math.exp(-dt / SETTLING)) * (goal - self._told)
            self._told = (moved / np.append(np.full(3, np.linalg.norm(moved[:3])), 1.0)).astype(np.float32)
        return self._told
