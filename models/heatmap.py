"""From heatmaps of logits to keypoints: the peak, the mean of its surroundings, and how much of the mass lies there."""

from __future__ import annotations

import numpy as np

from models.body import FloatArray

_REACH = np.arange(-2, 3)


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
    r = np.clip(rows, 2, height - 3)
    c = np.clip(columns, 2, width - 3)
    cells = (r * width + c)[:, None] + (_REACH[:, None] * width + _REACH).ravel()
    odds = np.exp(flat - flat[index, peak][:, None])
    window = odds[index[:, None], cells].reshape(-1, 5, 5)
    total = window.sum((1, 2))
    x = c + window.sum(1) @ _REACH / total
    y = r + window.sum(2) @ _REACH / total
    centre = (stride - 1) / 2
    decoded = np.stack([x * stride + centre, y * stride + centre, total / odds.sum(1)], -1)
    return np.asarray(decoded.reshape(n, k, 3), np.float32)
