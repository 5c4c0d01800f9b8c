"""Find the joints that move as no body does: there and back within a moment, or faster than anybody can.

Positions are metres, times seconds.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from models.body import FloatArray

FASTEST = 10.0
"""Metres a second: the hand of a boxer is slower."""

SPIKE = 0.1
"""How many metres a joint may lie beside the median of its neighbours in time."""

NEIGHBOURS = 2
"""How many frames before and after count as neighbours; at 30 a second no limb turns round twice in five frames."""

NEAR = 0.1
"""Seconds within which neighbours must lie; recordings with fewer frames a second are not searched for spikes."""

GAP = 0.5
"""After so many seconds unseen, a joint may be anywhere."""

EXCURSION = 0.5
"""Between two jumps, a stay shorter than so many seconds is wrong as a whole."""

BoolArray = npt.NDArray[np.bool_]
Times = npt.NDArray[np.float64]


def jumps(positions: FloatArray, times: Times) -> BoolArray:
    """Which joints (T, n) are where the joint cannot have got to.

    Parameters
    ----------
    positions : (T, n, 3) float array
        NaN where a joint is not known.
    times : (T,) float64 array
        Ascending.
    """
    found = np.zeros(positions.shape[:2], bool)
    for joint in range(positions.shape[1]):
        known = np.flatnonzero(np.isfinite(positions[:, joint]).all(axis=1))
        path, when = positions[known, joint], times[known]
        found[known, joint] = _spikes(path, when) | _leaps(path, when)
    return found


def _spikes(path: FloatArray, when: Times) -> BoolArray:
    """Which points (n, 3) lie beside the median of the five around them."""
    spikes = np.zeros(len(path), bool)
    width = 2 * NEIGHBOURS + 1
    if len(path) < width:
        return spikes
    windows = np.lib.stride_tricks.sliding_window_view(path, width, axis=0)  # (n - 4, 3, 5)
    beside = np.linalg.norm(path[NEIGHBOURS:-NEIGHBOURS] - np.median(windows, axis=2), axis=1)
    together = when[width - 1 :] - when[: -(width - 1)] <= 2 * NEAR
    spikes[NEIGHBOURS:-NEIGHBOURS] = (beside > SPIKE) & together
    return spikes


def _leaps(path: FloatArray, when: Times) -> BoolArray:
    """Which points (n, 3) lie at a leap or, if it leaps back soon, beyond it."""
    wrong = np.zeros(len(path), bool)
    steps = np.diff(when)
    far = np.linalg.norm(np.diff(path, axis=0), axis=1) > SPIKE + FASTEST * steps
    leaps = np.flatnonzero(far & (steps < GAP))
    wrong[leaps] = wrong[leaps + 1] = True  # on which side of a leap the truth lies, nobody knows
    for leap, back in pairwise(leaps):
        if when[back] - when[leap + 1] < EXCURSION and (steps[leap:back] < GAP).all():
            wrong[leap + 1 : back + 1] = True
    return wrong
