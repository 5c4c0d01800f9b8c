"""What a stream of one body shows, `RATE` times a second whatever the rate of the source.

Everything is known at the time: the facing direction and the size are running averages, and the hips are given by how
far they are from where they were lately.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from gestures.skeleton import (
    JOINTS,
    MOVING,
    NEAREST_TORSO,
    Array,
    across,
    facing,
    middle,
    pick,
    retargeted,
    torso_length,
    with_ends,
)
from models.body import FloatArray

RATE = 15.0
"""Looks a second."""

WIDTH = 3 * (len(MOVING) + 1)
"""Numbers in a look."""

_FACING, _SIZE, _PLACE = 0.7, 3.0, 0.8  # seconds over which they are averaged
GAP = 0.7
"""Seconds without the body after which everything starts anew."""


class BodyStream:
    """One body, look by look."""

    def __init__(self) -> None:
        self._points: Array | None = None  # (17, 3), the last ones
        self._time = 0.0
        self._due = 0.0
        self._right = self._place = np.zeros(3)
        self._torso = 1.0

    def looks(self, positions: FloatArray, time: float) -> Iterator[tuple[float, Array]]:
        """Times and (`WIDTH`,) numbers of the looks that became due up to ``time``; positions (25, 3) may hold NaN.

        A look holds `MOVING` joints in the body's frame, then the hips' way from where they were lately, in torsos. The
        first look at a body comes at once.
        """
        before = self._points
        points = self._filled(positions)
        if before is None or not 0.0 <= time - self._time <= GAP:
            self._start(points, time)
            before = points
        while self._due <= time + 1e-6:
            share = 1.0 if time <= self._time else min(max((self._due - self._time) / (time - self._time), 0.0), 1.0)
            yield self._due, self._look(before + share * (points - before))
            self._due += 1.0 / RATE
        self._points, self._time = points, time

    def _filled(self, positions: FloatArray) -> Array:
        """Joints (17, 3); hands that are missing lie beyond the wrists, and other joints stay where they were."""
        if self._points is None:
            return np.asarray(pick(positions[None])[0])
        points = np.asarray(positions[JOINTS], np.float64)
        if np.isfinite(points).all():
            return points
        points = with_ends(points)
        return np.asarray(np.where(np.isfinite(points), points, self._points))

    def _start(self, points: Array, time: float) -> None:
        self._right, self._place = across(points), middle(points, "hip")
        self._torso = max(float(torso_length(points)), NEAREST_TORSO)
        self._time = self._due = time

    def _look(self, points: Array) -> Array:
        hips = middle(points, "hip")
        self._right = _towards(self._right, across(points), _FACING)
        self._place = _towards(self._place, hips, _PLACE)
        self._torso += (max(float(torso_length(points)), NEAREST_TORSO) - self._torso) * _share(_SIZE)
        turn = facing(self._right)
        body = retargeted((points - hips) @ turn)[MOVING]
        way = (hips - self._place) @ turn / self._torso
        return np.concatenate([body.ravel(), way])


def looks_at(positions: FloatArray, rate: float) -> Array:
    """All looks (n, `WIDTH`) at a recorded sequence (T, 25, 3) of ``rate`` frames a second."""
    stream = BodyStream()
    return np.array([look for i, one in enumerate(positions) for _, look in stream.looks(one, i / rate)])


def _share(seconds: float) -> float:
    return 1.0 - math.exp(-1.0 / (RATE * seconds))


def _towards(average: Array, value: Array, seconds: float) -> Array:
    return average + (value - average) * _share(seconds)
