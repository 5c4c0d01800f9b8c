"""Jumps and steps, told from the height of hips and ankles in a stream of looks of one body."""

from __future__ import annotations

import math
from collections import deque

from gestures.poses import Points
from models.joints import Joint

JUMP = 0.16
"""How far, in torsos, head, hips and both ankles rise above where they were lately."""

TAKE_OFF = 1.0
"""How fast, in torsos a second, the hips rise on the way there; a skeleton that slips upwards is slower."""

LIFTED, LANDED = 0.2, 0.1
"""How far apart in height, in torsos, the ankles are while a foot is up, and once it is down again."""

HIGHEST = 0.95
LONGEST = 0.9
"""Torsos and seconds beyond which a lifted foot was no step."""

_GROUND = 0.6  # seconds over which the ground is averaged
_STOOP = 3.0  # the same for hips and head while they are lower: who stands up again after a bow has not jumped
_REST = 0.6  # seconds from one jump to the next at least
_AFTER_TAKE_OFF = 0.3  # seconds within which the height follows
_SPEED = 0.2  # seconds over which the speed of the hips is taken


class Footwork:
    """The feet of one person."""

    def __init__(self) -> None:
        self._ground: list[float] | None = None  # heights of hips, head, left and right ankle, when standing
        self._hips: deque[tuple[float, float]] = deque()  # times and heights of the last moments
        self._time = 0.0
        self._up_since: float | None = None
        self._highest = 0.0
        self._took_off = self._jumped = -math.inf
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
        heights = [hips[1], *(points[joint][1] for joint in (Joint.HEAD, Joint.ANKLE_LEFT, Joint.ANKLE_RIGHT))]
        torso = max(math.dist(hips, shoulders), 0.2)
        if self._ground is None or not 0.0 <= time - self._time <= 0.7:
            self._ground, self._torso, self._up_since = heights, torso, None
            self._hips.clear()
        self._torso += 0.1 * (torso - self._torso)
        rise = self._risen(heights, max(time - self._time, 0.0))
        self._time = time
        if self._speed(heights[0], time) >= TAKE_OFF:
            self._took_off = time
        up_in_the_air = rise >= JUMP and time - self._took_off <= _AFTER_TAKE_OFF
        jumped = up_in_the_air and time - self._jumped > _REST
        if up_in_the_air:
            self._jumped = time
        stepped = self._stepped(abs(heights[2] - heights[3]) / self._torso, time)
        up = 0.0 if self._up_since is None else min(self._highest / LIFTED, 1.0)
        happened = (("jump",) if jumped else ()) + (("step",) if stepped else ())
        return {"jump": min(max(rise / JUMP, 0.0), 1.0), "step": up}, happened

    def _risen(self, heights: list[float], passed: float) -> float:
        """Torsos by which everything is at least above where it was lately; the head counts twice."""
        assert self._ground is not None
        above = [now - before for now, before in zip(heights, self._ground, strict=True)]
        rise = min(above[0], 2.0 * above[1], above[2], above[3]) / self._torso
        rising = _GROUND if rise < JUMP / 2 else 4 * _GROUND
        falling = (_STOOP, _STOOP, _GROUND, _GROUND)
        self._ground = [
            before + (1.0 - math.exp(-passed / (rising if higher > 0 else lower))) * higher
            for before, higher, lower in zip(self._ground, above, falling, strict=True)
        ]
        return rise

    def _speed(self, hips: float, time: float) -> float:
        """Torsos a second at which the hips have risen lately."""
        while self._hips and time - self._hips[0][0] > _SPEED + 0.01:
            self._hips.popleft()
        self._hips.append((time, hips))
        since, before = self._hips[0]
        return (hips - before) / max(time - since, 0.75 * _SPEED) / self._torso

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
