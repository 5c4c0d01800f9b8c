"""The smoothing of the Kinect v1: Holt's double exponential filter with the SDK's five parameters.

The steps are those of "Skeletal Joint Smoothing White Paper" (Azimi, Microsoft 2012) and of the sample that Microsoft
gave to users of the Kinect v2, which has no smoothing of its own. They count frames of a thirtieth of a second; here
each step is taken for the seconds that have passed, so that cameras of 60 or 15 pictures a second give the same curve.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.body import FloatArray
from models.rows import Rows, kept

RATE = 30.0
"""Frames a second of a Kinect, which ``prediction`` and the shares count in."""

GAP = 0.5
"""Seconds without a value after which the filter starts anew."""

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Holt:
    """``TransformSmoothParameters`` of the Kinect SDK 1.x, with its defaults.

    Attributes
    ----------
    smoothing : float
        0 to 1: the share that is kept from a thirtieth of a second before. Higher is smoother and later; 0 gives the
        raw data.
    correction : float
        0 to 1: how fast the trend follows the data; lower is smoother.
    prediction : float
        How many thirtieths of a second the result looks ahead. Above 0.5 it overshoots.
    jitter_radius : float
        Metres; smaller movements are damped, in proportion to how small they are.
    max_deviation_radius : float
        Metres that the result may be away from the data.
    """

    smoothing: float = 0.5
    correction: float = 0.5
    prediction: float = 0.5
    jitter_radius: float = 0.05
    max_deviation_radius: float = 0.04

    def __post_init__(self) -> None:
        for name, most in (("smoothing", 1.0), ("correction", 1.0)):
            if not 0.0 <= getattr(self, name) <= most:
                raise ValueError(f"{name} must be 0 to {most:.0f}, got {getattr(self, name)}")
        for name in ("prediction", "jitter_radius", "max_deviation_radius"):
            if not 0.0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")


class HoltSmoother:
    """Holt's filter over points in space, (..., n, 3).

    Several people share one smoother as (people, n, 3): then `keep` says when they come and go.

    Parameters
    ----------
    settings : Holt
    """

    def __init__(self, settings: Holt = Holt()) -> None:
        self._settings = settings
        self._time = -math.inf
        self._count = self._raw = self._filtered = self._trend = self._result = np.zeros((0, 0, 3), np.float32)

    def keep(self, rows: Rows) -> None:
        """Go on with the people who were in these rows; -1 stands for somebody new."""
        self._count, self._raw, self._filtered, self._trend, self._result = (
            kept(values, rows, 0.0) for values in (self._count, self._raw, self._filtered, self._trend, self._result)
        )

    def __call__(self, time: float, points: FloatArray, unsure: BoolArray | None = None) -> FloatArray:
        """The smoothed points at ``time``.

        Parameters
        ----------
        time : float
            Seconds.
        points : (..., n, 3) float32 array
            Metres.
        unsure : (..., n) bool array, optional
            Points whose two radii count double, as the SDK's sample does with inferred joints.
        """
        steps = (time - self._time) * RATE
        if self._settings.smoothing == 0.0:
            return points.copy()
        if not 0.0 <= steps <= GAP * RATE or self._raw.shape != points.shape:
            self._count = np.zeros((*points.shape[:-2], 1, 1), np.float32)
            self._raw = self._filtered = self._result = points
            self._trend, steps = np.zeros_like(points), 1.0
        new = self._count == 0
        if steps == 0.0:
            self._result = np.where(new, points, self._result)
            return self._result
        filtered, trend = self._step(points, steps, self._radii(self._settings.jitter_radius, unsure))
        self._filtered, self._trend = np.where(new, points, filtered), np.where(new, self._trend, trend)
        self._result = self._predicted(points, self._radii(self._settings.max_deviation_radius, unsure))
        self._time, self._raw, self._count = time, points, self._count + 1
        return self._result

    def _step(self, points: FloatArray, steps: float, jitter: FloatArray | float) -> tuple[FloatArray, FloatArray]:
        """The filtered points, and how far they go in a thirtieth of a second."""
        before, share = self._filtered, self._settings.smoothing
        gone = points - before
        apart = _length(gone + self._trend * (1 - steps))  # as far as it would be after a thirtieth of a second
        gain = 1 - (1 - (1 - share) * _share(apart, jitter)) ** steps
        filtered = before + gain * gone + share * self._trend * steps
        filtered = np.where(self._count == 1, (points + self._raw) / 2, filtered)
        turned = 1 - (1 - self._settings.correction) ** steps
        trend = self._trend + turned * ((filtered - before) / steps - self._trend)
        return np.asarray(filtered, np.float32), np.asarray(trend, np.float32)

    def _predicted(self, points: FloatArray, most: FloatArray | float) -> FloatArray:
        ahead = self._filtered + self._trend * self._settings.prediction
        away = _length(ahead - points)
        within = np.divide(most, away, out=np.ones_like(away), where=away > most)
        return np.asarray(points + within * (ahead - points), np.float32)

    def _radii(self, radius: float, unsure: BoolArray | None) -> FloatArray | float:
        return radius if unsure is None else np.where(unsure, 2 * radius, radius)[..., None].astype(np.float32)


def _share(distance: FloatArray, radius: FloatArray | float) -> FloatArray:
    """How much of a movement over ``distance`` (..., n, 1) is believed: all of it beyond the jitter radius."""
    return np.divide(distance, radius, out=np.ones_like(distance), where=distance < radius)


def _length(vectors: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt((vectors * vectors).sum(axis=-1, keepdims=True)), np.float32)
