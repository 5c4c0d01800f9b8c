"""Follow movements in a stream by dynamic time warping, all demonstrations at once.

A path through a demonstration advances by none, one or two of its looks with each look of the stream, so a movement may
be made at half to twice the pace. Paths may begin anywhere in the stream; what counts is their mean distance.

Source: Sakurai, Faloutsos and Yamamuro, Stream Monitoring under the Time Warping Distance, ICDE 2007, with these steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gestures.skeleton import Array

PATIENCE, LATEST = 2, 4
"""Looks for which a complete movement may still become a much better match before it is told, and at most."""

_BETTER = 0.85  # share of the distance before that is much better

_BEGIN = 0.35  # share of a demonstration that must have been followed before its progress is told
_SLOWEST = 2.2  # a path that is longer than this many times the demonstration is none


class WarpedMatch:
    """What the stream has in common with some demonstrations.

    Parameters
    ----------
    demonstrations : sequence of (T, WIDTH) array
    weights : (WIDTH,) array
        Distances are norms of weighted differences.
    tolerance : float
        Mean distance of a movement that is one.

    Attributes
    ----------
    progress : float
        How far the best match has come, 0 to 1.
    late : int
        Looks since the movement ended that `update` just told.
    """

    def __init__(self, demonstrations: Sequence[Array], weights: Array, tolerance: float) -> None:
        longest = max(len(one) for one in demonstrations)
        self._lengths = np.array([len(one) for one in demonstrations])
        self._templates = np.full((len(demonstrations), longest, len(weights)), 1e3)
        for row, one in zip(self._templates, demonstrations, strict=True):
            row[: len(one)] = one * weights
        self._weights, self._tolerance = weights, tolerance
        shape = (len(demonstrations), longest + 2)  # two columns in front, for paths that begin
        self._sums, self._counts = np.full(shape, 1e6), np.ones(shape)
        self._rows = np.arange(len(demonstrations))
        self.progress = 0.0
        self.late = 0
        self._best, self._best_length, self._since, self._waited = math.inf, 0, 0, 0
        self._moved = np.zeros((len(demonstrations), 1), np.intp)
        if math.isfinite(tolerance):
            self._moved = np.array([[self._reached_at_rest(i, one)] for i, one in enumerate(demonstrations)])

    def update(self, look: Array) -> int | None:
        """Take the next look (WIDTH,); the length in looks of a movement that was made, once that is settled."""
        self._advance(look)
        means, inside = self._inside()
        done = (np.arange(means.shape[1]) + 1 - self._moved) / (self._lengths[:, None] - self._moved)
        self.progress = min(float(np.where(inside, done, 0.0).max(initial=0.0)), 1.0)
        return self._settle(means[self._rows, self._lengths - 1])

    def _inside(self) -> tuple[Array, npt.NDArray[np.bool_]]:
        """Mean distances up to each look of each demonstration, and where that is a match."""
        means = self._sums[:, 2:] / self._counts[:, 2:]
        inside = (means <= self._tolerance) & (self._counts[:, 2:] >= _BEGIN * (np.arange(means.shape[1]) + 1))
        return means, inside

    def _reached_at_rest(self, row: int, demonstration: Array) -> int:
        """How many looks of a demonstration (T, WIDTH) are matched by somebody who stays as it begins."""
        reached = 0
        for _ in range(len(demonstration)):
            self._advance(demonstration[0])
            matched = np.flatnonzero(self._inside()[1][row])
            reached = max(reached, int(matched[-1]) + 1 if len(matched) else 0)
        self._forget()
        return min(reached, len(demonstration) // 2)

    def _forget(self) -> None:
        self._sums[:], self._counts[:] = 1e6, 1.0

    def distance(self, looks: Array) -> float:
        """Mean distance of the best match that ends with the last of ``looks`` (T, WIDTH)."""
        for look in looks:
            self._advance(look)
        ends = self._lengths + 1
        return float((self._sums[self._rows, ends] / self._counts[self._rows, ends]).min())

    def _advance(self, look: Array) -> None:
        apart = np.sqrt(((self._templates - look * self._weights) ** 2).sum(axis=2))
        sums, counts = self._sums, self._counts
        candidates = np.stack([sums[:, 2:], sums[:, 1:-1], sums[:, :-2]])
        lengths = np.stack([counts[:, 2:], counts[:, 1:-1], counts[:, :-2]])
        means = (candidates + apart) / (lengths + 1)
        means[0, lengths[0] + 1 > _SLOWEST * (np.arange(apart.shape[1]) + 1)] = np.inf  # has waited too long
        choice = means.argmin(axis=0)[None]
        self._sums[:, 2:] = np.take_along_axis(candidates, choice, 0)[0] + apart
        self._counts[:, 2:] = np.take_along_axis(lengths, choice, 0)[0] + 1
        first = self._sums[:, 2] / self._counts[:, 2] > apart[:, 0]
        self._sums[first, 2], self._counts[first, 2] = apart[first, 0], 1

    def _settle(self, ends: Array) -> int | None:
        best = int(ends.argmin())
        self._since += 1
        self._waited += 1
        if ends[best] <= self._tolerance and ends[best] < _BETTER * self._best:
            self._waited = 0 if math.isinf(self._best) else self._waited
            self._best, self._best_length = float(ends[best]), int(self._counts[best, self._lengths[best] + 1])
            self._since = 0
        if math.isinf(self._best) or (self._since < PATIENCE and self._waited < LATEST):
            return None
        self.late, self._best = self._since, math.inf
        self._forget()
        return self._best_length
