"""What is remembered of several people, a row each, as they come and go."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.body import FloatArray

Rows = npt.NDArray[np.intp]
"""(n,) for each person who is here now the row that was theirs before; -1 for somebody new."""


def kept(values: FloatArray, rows: Rows, start: float) -> FloatArray:
    """The ``values`` (people, ...) of those who are here now; somebody new begins with ``start``.

    >>> kept(np.array([[1.0], [2.0]], np.float32), np.array([1, -1]), 0.0)
    array([[2.],
           [0.]], dtype=float32)
    """
    result = np.full((len(rows), *values.shape[1:]), start, np.float32)
    old = rows >= 0
    result[old] = values[rows[old]]
    return result
