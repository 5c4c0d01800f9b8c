"""How one person stands when nothing is made of it: what poses are measured against."""

from __future__ import annotations

import math
from dataclasses import dataclass

_STAND_FORGETS = 20.0  # seconds in which the remembered height of the hips comes down by a third
_STRAIGHTENS, _STOOPS = 0.7, 20.0  # seconds over which a smaller, or a larger, bend becomes the usual one
_USUAL_BEND = 15.0  # degrees; nobody is taken to be bent further by habit
_PACE = 0.3  # seconds over which the speed of the hips is averaged
GAP = 0.7
"""Seconds without the body after which its speed is not known."""


@dataclass(slots=True)
class Standing:
    """The usual height of the hips, the usual bend of the trunk, and how fast the hips move, of one person."""

    height: float = 0.0
    bend: float | None = None
    speed: float = 0.0
    time: float = 0.0
    _seen: float = -math.inf
    _place: tuple[float, float] = (0.0, 0.0)

    def learn(self, height: float, time: float) -> float:
        """Metres of the hips over the ankles when the legs are straight, after ``height`` at ``time``."""
        faded = self.height * math.exp(-max(time - self.time, 0.0) / (3.0 * _STAND_FORGETS))
        self.height, self.time = max(faded, height), time
        return self.height

    def bent(self, bend: float, place: tuple[float, float], time: float) -> float:
        """Degrees by which the trunk is bent further forwards than usual; ``place`` of the hips, (x, z) in metres."""
        passed = time - self._seen
        if self.bend is None or not 0.0 <= passed <= GAP:
            self.speed = 0.0
            self.bend = min(bend, _USUAL_BEND) if self.bend is None else self.bend
        elif passed > 0.0:
            speed = math.dist(place, self._place) / passed
            self.speed += (1.0 - math.exp(-passed / _PACE)) * (speed - self.speed)
            seconds = _STRAIGHTENS if bend < self.bend else _STOOPS
            self.bend = min(self.bend + (1.0 - math.exp(-passed / seconds)) * (bend - self.bend), _USUAL_BEND)
        self._seen, self._place = time, place
        return bend - self.bend
