"""From heatmaps of logits to keypoints: the peak, the mean of its surroundings, and how much of the mass lies there."""

from __future__ import annotations

import numpy as np

from models.body import FloatArray

_ROWS, _COLUMNS = (axis.ravel() for axis in np.mgrid[-2:3, -2:3])
_MOMENTS = np.stack([_COLUMNS, _ROWS, np.ones(25)], axis=1).astype(np.float32)


def decode_heatmaps(heatmaps: FloatArray, stride: int) -> FloatArray:
    """The place of each keypoint in pixels of the crop, and how concentrated it is.

    The expectation over the 5x5 cells around the peak finds places between cells (local soft-argmax, as in integral
    regression, Sun et al. 2018). Their share of the whole map's mass is near 1 where the network is sure of one place,
    and under a half where it hesitates between two.

    Parameters
    ----------
    heatmaps : (n, k, h, w) float32 array of logits
        At least 5 cells high and wide.
    stride : int
        Pixels a cell.

    Returns
    -------
    (n, k, 3) float32 array
        x, y in pixels, mass 0 to 1.
    """
    n, k, height, width = heatmaps.shape
    flat = heatmaps.reshape(n * k, height * width)
    index = np.arange(n * k)
    peak = flat.argmax(1)
    rows, columns = np.divmod(peak, width)
    rows, columns = np.minimum(np.maximum(rows, 2), height - 3), np.minimum(np.maximum(columns, 2), width - 3)
    cells = (rows * width + columns)[:, None] + (_ROWS * width + _COLUMNS)
    odds = flat - flat[index, peak][:, None]
    np.exp(odds, out=odds)
    moments = odds[index[:, None], cells] @ _MOMENTS
    mass = moments[:, 2]
    centre = (stride - 1) / 2
    decoded = np.empty((n * k, 3), np.float32)
    decoded[:, 0] = (columns + moments[:, 0] / mass) * stride + centre
    decoded[:, 1] = (rows + moments[:, 1] / mass) * stride + centre
    decoded[:, 2] = mass / odds.sum(1)
    return decoded.reshape(n, k, 3)
