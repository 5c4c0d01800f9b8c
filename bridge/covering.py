"""Which parts of people are covered by others who stand before them.

Of two of whom nobody can tell who is nearer, each may cover the other.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.body import FloatArray

_AT = np.array([0.25, 0.75], np.float32)  # where along a stretch it is looked whether somebody is before it
_MARGIN = 1.2


def covered(
    starts: FloatArray, axes: FloatArray, sides: FloatArray, sure: FloatArray, order: npt.NDArray[np.int8]
) -> npt.NDArray[np.bool_]:
    """Which stretches of each person lie behind a stretch of somebody who may be nearer, (n, k).

    Parameters
    ----------
    starts, axes, sides : (n, k, 2) float32 array
        Where each stretch begins, where it goes to from there, and half its width to the side.
    sure : (n, k) float32 array
        Above 0 where the stretch is seen or remembered.
    order : (n, n) int8 array
        `bridge.nearer.nearer`.
    """
    count, stretches = sure.shape
    if count < 2:
        return np.zeros((count, stretches), bool)
    nearer = (order >= 0) & ~np.eye(count, dtype=bool)
    low = np.minimum(starts, starts + axes).min(axis=1)
    high = np.maximum(starts, starts + axes).max(axis=1)
    nearer &= ((low[:, None] < high[None]) & (low[None] < high[:, None])).all(axis=2)
    back, front = np.nonzero(nearer)
    if not len(back):
        return np.zeros((count, stretches), bool)
    lengths, widths = (axes * axes).sum(axis=2), (sides * sides).sum(axis=2)
    along_axis = axes / np.maximum(lengths, 1.0)[..., None]
    along_side = sides / np.maximum(widths, 1.0)[..., None]
    points = (starts[:, :, None] + axes[:, :, None] * _AT[:, None])[back][:, :, :, None]  # (pairs, k, 2, 1, 2)
    offset = points - starts[front][:, None, None]  # (pairs, k, 2, k, 2)
    along = np.einsum("pksfc,pfc->pksf", offset, along_axis[front])
    across = np.abs(np.einsum("pksfc,pfc->pksf", offset, along_side[front]))
    within = (np.abs(along - 0.5) < 0.6) & (across < _MARGIN) & (sure[front] > 0)[:, None, None]
    result = np.zeros((count, stretches), bool)
    np.logical_or.at(result, back, within.any(axis=(2, 3)))
    return result
