"""The One-Euro filter over arrays of points: calm what rests without delaying what moves.

Casiez, Roussel, Vogel: 1-Euro Filter, CHI 2012. Times are in seconds; steps may be irregular.
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
        Hz up to which a resting point is believed; lower is calmer.
    beta : float
        Hz that the cutoff gains for each metre per second of the point's speed; higher lags less.
    speed_cutoff : float
        Hz of the filter on the speed itself.
    gap : float
        Seconds without a value after which the filter starts anew.
    """

    min_cutoff: float = 1.0
    beta: float = 5.0
    speed_cutoff: float = 1.0
    gap: float = 0.5

    def __post_init__(self) -> None:
        if not 0.0 < self.min_cutoff < math.inf:
            raise ValueError(f"the lowest cutoff must be above 0 Hz, got {self.min_cutoff}")
        if not 0.0 <= self.beta < math.inf:
            raise ValueError(f"beta must not be negative, got {self.beta}")


def blend(dt: float, cutoff: FloatArray | float) -> FloatArray:
    """The share of the new value in a first-order low-pass of ``cutoff`` Hz after ``dt`` seconds."""
    return np.asarray(1.0 - np.exp(-2.0 * math.pi * dt * np.asarray(cutoff, np.float32)), np.float32)


class PointSmoother:
    """One-Euro over (n, k) arrays: n points that move independently, each as fast in all of its k directions.

    Parameters
    ----------
    settings : OneEuro
    """

    def __init__(self, settings: OneEuro = OneEuro()) -> None:
        self._settings = settings
        self._time = -math.inf
        self._points = self._velocity = self._missed = np.zeros((0, 0), np.float32)

    def __call__(self, time: float, points: FloatArray, metres: float = 1.0) -> FloatArray:
        """The smoothed points at ``time``; a point that is NaN keeps its last value, and starts anew after a gap.

        Parameters
        ----------
        time : float
        points : (n, k) float32 array
            In units of ``metres``, so that pixels can be smoothed by the same settings.
        metres : float
        """
        dt = time - self._time
        if dt == 0.0:
            return self._points
        if not 0.0 < dt <= self._settings.gap:
            self._time, self._points, self._velocity = time, points.copy(), np.zeros_like(points)
            self._missed = np.zeros_like(points)
            return self._points
        seen = np.isfinite(points)
        before = np.where(np.isfinite(self._points) & (self._missed <= self._settings.gap), self._points, points)
        before = np.where(np.isfinite(before), before, self._points)
        self._missed = np.where(seen, 0.0, self._missed + dt).astype(np.float32)
        change = np.where(seen, points, before) - before
        self._velocity = self._velocity + blend(dt, self._settings.speed_cutoff) * (
            np.nan_to_num(change) / np.float32(dt) - self._velocity
        )
        speed = np.sqrt((self._velocity * self._velocity).sum(axis=1, keepdims=True)) * np.float32(metres)
        cutoff = self._settings.min_cutoff + self._settings.beta * speed
        self._points = (before + blend(dt, cutoff) * change).astype(np.float32)
        self._time = time
        return self._points
