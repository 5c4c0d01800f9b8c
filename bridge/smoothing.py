"""Calm joints that rest without delaying joints that move: the One-Euro filter over arrays of points.

Casiez, Roussel, Vogel: 1-Euro Filter, CHI 2012. Points are (n, 3) in metres, times in seconds; steps may be irregular.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.body import FloatArray


@dataclass(frozen=True, slots=True)
class OneEuro:
    """How much to smooth.

    Attributes
    ----------
    min_cutoff : float
        Hz below which a resting point is kept; lower is calmer.
    beta : float
        Hz that the cutoff gains for each metre per second of the point's speed; higher lags less.
    speed_cutoff : float
        Hz of the filter on the speed itself.
    gap : float
        Seconds without a value after which the filter starts anew.
    """

    min_cutoff: float = 1.2
    beta: float = 6.0
    speed_cutoff: float = 1.5
    gap: float = 0.5


def blend(dt: float, cutoff: FloatArray | float) -> FloatArray:
    """The share of the new value in a first-order low-pass of ``cutoff`` Hz after ``dt`` seconds."""
    return np.asarray(1.0 - np.exp(-2.0 * math.pi * dt * np.asarray(cutoff, np.float32)), np.float32)


class PointSmoother:
    """One filter for all the points of one body.

    Parameters
    ----------
    settings : OneEuro
    """

    def __init__(self, settings: OneEuro = OneEuro()) -> None:
        self._settings = settings
        self._time = -math.inf
        self._points: FloatArray | None = None
        self._velocity: FloatArray | None = None

    def __call__(self, time: float, points: FloatArray) -> FloatArray:
        """The smoothed (n, 3) points at ``time``; a point that is NaN keeps its last value."""
        dt = time - self._time
        if self._points is None or self._velocity is None or not 0.0 < dt <= self._settings.gap:
            if self._points is None or dt != 0.0:
                self._points, self._velocity, self._time = points.copy(), np.zeros_like(points), time
            return self._points
        before = np.where(np.isfinite(self._points), self._points, points)
        points = np.where(np.isfinite(points), points, before)
        change = (points - before) / np.float32(dt)
        self._velocity = self._velocity + blend(dt, self._settings.speed_cutoff) * (change - self._velocity)
        speed = np.sqrt((self._velocity * self._velocity).sum(axis=1, keepdims=True))
        cutoff = self._settings.min_cutoff + self._settings.beta * speed
        self._points = (before + blend(dt, cutoff) * (points - before)).astype(np.float32)
        self._time = time
        return self._points
