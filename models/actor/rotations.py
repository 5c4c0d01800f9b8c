"""Rotations as 3x3 matrices whose columns are the turned axes, and as quaternions x y z w; angles in radians."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from models.body import FloatArray

Array = npt.NDArray[Any]
"""Geometry on its way to the picture, in whatever precision it has."""


def rotation(vector: FloatArray) -> FloatArray:
    """Matrices (..., 3, 3) of rotation vectors (..., 3), axis times angle (Rodrigues)."""
    angle = np.linalg.norm(vector, axis=-1)[..., None, None]
    axis = vector / np.maximum(angle[..., 0], 1e-9)
    x, y, z = axis[..., 0], axis[..., 1], axis[..., 2]
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).reshape((*axis.shape[:-1], 3, 3))
    turn = np.eye(3, dtype=np.float32) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)
    return np.asarray(turn, np.float32)


def about(axis: int, angle: float) -> FloatArray:
    """The matrix that turns by ``angle`` about axis 0, 1 or 2."""
    c, s = np.cos(angle), np.sin(angle)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.eye(3, dtype=np.float32)
    matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = c, -s, s, c
    return matrix


def bone_frames(along: FloatArray, facing: FloatArray) -> FloatArray:
    """Matrices (n, 3, 3) whose Y runs along each bone and whose Z is as near to ``facing`` as it can be."""
    y = along / np.linalg.norm(along, axis=-1, keepdims=True)
    x = np.cross(y, facing)
    x /= np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-9)
    return np.stack([x, y, np.cross(x, y)], axis=-1).astype(np.float32)


def quaternions(matrices: FloatArray) -> FloatArray:
    """Unit quaternions (n, 4), x y z w, of rotation matrices (n, 3, 3).

    The largest component comes first and decides the signs (Shepperd, 1978), so no division by a small number.
    """
    m = matrices
    trace = np.trace(m, axis1=-2, axis2=-1)
    diagonal = np.diagonal(m, axis1=-2, axis2=-1)
    # Four times the outer product of the quaternion with itself; any of its rows is the quaternion, scaled.
    outer = np.empty((len(m), 4, 4), np.float32)
    for i in range(3):
        outer[:, i, i] = 1 + 2 * diagonal[:, i] - trace
        j, k = (i + 1) % 3, (i + 2) % 3
        outer[:, i, j] = outer[:, j, i] = m[:, i, j] + m[:, j, i]
        outer[:, i, 3] = outer[:, 3, i] = m[:, k, j] - m[:, j, k]
    outer[:, 3, 3] = 1 + trace
    best = np.argmax(np.diagonal(outer, axis1=-2, axis2=-1), axis=-1)
    rows = outer[np.arange(len(m)), best]
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)
