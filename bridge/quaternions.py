"""Quaternions x y z w as (..., 4) arrays, multiplied with few and large operations, for each numpy call costs more than
the arithmetic of a body.
"""

from __future__ import annotations

import numpy as np

from models.body import FloatArray
from models.orientation import cross, unit


def _product_table() -> FloatArray:
    """(16, 4): from all products of a component of one factor with one of the other to those of the product."""
    table = np.zeros((4, 4, 4), np.float32)
    for a, b, c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):  # ij = k and so on
        table[a, b, c], table[b, a, c] = 1, -1
    for axis in range(3):
        table[axis, axis, 3] = -1
        table[axis, 3, axis] = table[3, axis, axis] = 1
    table[3, 3, 3] = 1
    return table.reshape(16, 4)


def _element_table() -> FloatArray:
    """(16, 9): from all products of two components of a unit quaternion to the elements of its matrix."""
    table = np.zeros((4, 4, 3, 3), np.float32)
    for a, b, c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        table[3, 3, a, a] = table[a, a, a, a] = 1
        table[b, b, a, a] = table[c, c, a, a] = -1
        table[a, b, a, b] = table[a, b, b, a] = 2
        table[3, c, b, a], table[3, c, a, b] = 2, -2
    return table.reshape(16, 9)


_PRODUCTS = _product_table()
_ELEMENTS = _element_table()
_CONJUGATE = np.array([-1, -1, -1, 1], np.float32)
_OPPOSITE = 1e-4
_X, _Y, _ = np.eye(3, dtype=np.float32)


def multiply(a: FloatArray, b: FloatArray) -> FloatArray:
    """The rotations ``b`` followed by ``a``, both (n, 4)."""
    return np.asarray((a[:, :, None] * b[:, None, :]).reshape(-1, 16) @ _PRODUCTS)


def conjugate(quaternions: FloatArray) -> FloatArray:
    """The opposite rotations of unit quaternions."""
    return np.asarray(quaternions * _CONJUGATE)


def matrices(quaternions: FloatArray) -> FloatArray:
    """Unit quaternions (n, 4) as rotation matrices (n, 3, 3)."""
    squares = (quaternions[:, :, None] * quaternions[:, None, :]).reshape(-1, 16)
    return np.asarray((squares @ _ELEMENTS).reshape(-1, 3, 3))


def rotate(quaternions: FloatArray, vectors: FloatArray) -> FloatArray:
    """Each of the vectors (n, 3) turned by the unit quaternion (n, 4) in the same place."""
    return np.asarray((matrices(quaternions) @ vectors[:, :, None])[:, :, 0])


def factors(right: FloatArray) -> FloatArray:
    """Matrices (n, 4, 4) with which a row is multiplied in place of these factors (n, 4) at its right."""
    return np.asarray(np.einsum("abc,nb->nac", _PRODUCTS.reshape(4, 4, 4), right))


def between(start: FloatArray, end: FloatArray) -> FloatArray:
    """The shortest rotations from unit vectors (n, 3) to others; half a turn about some axis for opposite ones."""
    double = np.matmul(start[:, None], end[:, :, None])[:, 0] + np.float32(
        1
    )  # twice the squared cosine of half the turn
    quaternions = np.concatenate([cross(start, end), double], axis=1)
    if double.min() > _OPPOSITE:
        return np.asarray(quaternions / np.sqrt(2 * double))
    across = cross(start, np.where(np.abs(start[:, :1]) < 0.9, _X, _Y))
    half_turns = np.concatenate([across, np.zeros_like(double)], axis=1)
    return unit(np.where(double > _OPPOSITE, quaternions, half_turns))


def euler_zxy(quaternions: FloatArray) -> FloatArray:
    """Degrees (n, 3) about x, y and z that Unity applies in the order z, x, y; about x -90 to 90."""
    turned = matrices(quaternions).reshape(-1, 9)
    angles = np.empty((len(turned), 3), np.float32)
    np.arcsin(np.minimum(np.maximum(-turned[:, 5], -1), 1), out=angles[:, 0])
    np.arctan2(turned[:, 2:4], turned[:, 8:3:-4], out=angles[:, 1:])  # elements 2 and 3 over elements 8 and 4
    return np.asarray(angles * np.float32(180 / np.pi) + np.float32(0))  # no negative zeros
