"""The One-Euro filter over arrays of points: calm what rests without delaying what moves.

Casiez, Roussel, Vogel: 1-Euro Filter, CHI 2012. Times are in seconds; steps may be irregular.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.body import FloatArray
from models.rows import Rows, kept


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
    """One-Euro over (..., k) arrays of points that move independently, each as fast in all of its k directions.

    Several people share one smoother as (people, points, k): then `keep` says when they come and go.

    Parameters
    ----------
    settings : OneEuro
    """

    def __init__(self, settings: OneEuro = OneEuro()) -> None:
        self._settings = settings
        self._time = -math.inf
        self._points: FloatArray = np.zeros((0, 0, 0), np.float32)
        self._velocity = self._missed = self._points

    def keep(self, rows: Rows) -> None:
        """Go on with the people who were in these rows; -1 stands for somebody new."""
        self._points, self._velocity, self._missed = (
            kept(old, rows, start)
            for old, start in ((self._points, math.nan), (self._velocity, 0.0), (self._missed, math.inf))
        )

    def __call__(self, time: float, points: FloatArray, metres: FloatArray | float = 1.0) -> FloatArray:
        """The smoothed points at ``time``; a point that is NaN keeps its last value, and starts anew after a gap.

        Parameters
        ----------
        time : float
        points : (..., n, k) float32 array
            In units of ``metres``, so that pixels can be smoothed by the same settings.
        metres : float or (..., 1, 1) float32 array
        """
        settings, dt = self._settings, time - self._time
        seen = np.isfinite(points)
        if not 0.0 <= dt <= settings.gap or self._points.shape != points.shape:
            self._points, self._velocity = points.copy(), np.zeros_like(points)
            self._missed = np.where(seen, np.float32(0), np.float32(math.inf))
        # what comes back after a gap, or was never seen, begins where it is
        before = np.where(seen & (self._missed > settings.gap), points, self._points)
        change = np.where(seen, points - before, np.float32(0))
        self._points, self._time = before, time
        self._missed = np.where(seen, np.float32(0), self._missed + np.float32(max(dt, 0.0)))
        if 0.0 < dt <= settings.gap:
            velocity = self._velocity + blend(dt, settings.speed_cutoff) * (change / np.float32(dt) - self._velocity)
            speed = np.sqrt((velocity * velocity).sum(axis=-1, keepdims=True)) * np.asarray(metres, np.float32)
            cutoff = settings.min_cutoff + settings.beta * speed
            self._points = np.asarray(before + blend(dt, cutoff) * change, np.float32)
            self._velocity = np.asarray(velocity, np.float32)
        return self._points
