"""Jumps and steps, told from the height of hips and ankles in a stream of looks of one body."""

from __future__ import annotations

import math

from gestures.poses import Points
from models.joints import Joint

JUMP = 0.16
"""How far, in torsos, hips and both ankles rise above where they were lately."""

LIFTED, LANDED = 0.2, 0.1
"""How far apart in height, in torsos, the ankles are while a foot is up, and once it is down again."""

HIGHEST = 0.95
LONGEST = 0.9
"""Torsos and seconds beyond which a lifted foot was no step."""

_GROUND = 0.6  # seconds over which the ground is averaged
_REST = 0.6  # seconds from one jump to the next at least


class Footwork:
    """The feet of one person."""

    def __init__(self) -> None:
        self._ground: list[float] | None = None  # heights of hips, left and right ankle, when standing
        self._time = 0.0
        self._up_since: float | None = None
        self._highest = 0.0
        self._jumped = -math.inf
        self._torso = 0.0

    def update(self, points: Points, time: float) -> tuple[dict[str, float], tuple[str, ...]]:
        """Progress of ``jump`` and ``step``, 0 to 1, and which of them just happened.

        Parameters
        ----------
        points : list of 25 lists of three numbers
            Joints in metres, all finite.
        time : float
        """
        hips = _middle(points[Joint.HIP_LEFT], points[Joint.HIP_RIGHT])
        shoulders = _middle(points[Joint.SHOULDER_LEFT], points[Joint.SHOULDER_RIGHT])
        heights = [hips[1], points[Joint.ANKLE_LEFT][1], points[Joint.ANKLE_RIGHT][1]]
        torso = max(math.dist(hips, shoulders), 0.2)
        if self._ground is None or not 0.0 <= time - self._time <= 0.7:
            self._ground, self._torso, self._up_since = heights, torso, None
        self._torso += 0.1 * (torso - self._torso)
        rise = min(now - before for now, before in zip(heights, self._ground, strict=True)) / self._torso
        share = 1.0 - math.exp(-max(time - self._time, 0.0) / (_GROUND if rise < JUMP / 2 else 4 * _GROUND))
        self._ground = [before + share * (now - before) for now, before in zip(heights, self._ground, strict=True)]
        self._time = time
        jumped = rise >= JUMP and time - self._jumped > _REST
        if rise >= JUMP:
            self._jumped = time
        stepped = self._stepped(abs(heights[1] - heights[2]) / self._torso, time)
        up = 0.0 if self._up_since is None else min(self._highest / LIFTED, 1.0)
        happened = (("jump",) if jumped else ()) + (("step",) if stepped else ())
        return {"jump": min(max(rise / JUMP, 0.0), 1.0), "step": up}, happened

    def _stepped(self, apart: float, time: float) -> bool:
        if self._up_since is None:
            if apart > LIFTED:
                self._up_since, self._highest = time, apart
            return False
        self._highest = max(self._highest, apart)
        if apart > LANDED:
            return False
        brief = time - self._up_since <= LONGEST and self._highest <= HIGHEST
        self._up_since = None
        return brief and time - self._jumped > _REST


def _middle(a: list[float], b: list[float]) -> list[float]:
    return [(x + y) / 2 for x, y in zip(a, b, strict=True)]
