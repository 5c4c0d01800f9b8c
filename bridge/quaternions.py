"""Quaternions x y z w: many as (n, 4) arrays, multiplied with few and large operations, and few as tuples, for each
numpy call costs more than the arithmetic of several.
"""

from __future__ import annotations

import math

import numpy as np

from models.body import FloatArray

Quaternion = tuple[float, float, float, float]
Vector = tuple[float, float, float]


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


def _within_table() -> FloatArray:
    """(32, 13): from all products of a component of a frame with one of a turn and of the frame itself to the turn
    within the frame, and to the elements of the matrix that leads into the frame.
    """
    table = np.zeros((4, 8, 13), np.float32)
    table[:, :4, :4] = _CONJUGATE[:, None, None] * _PRODUCTS.reshape(4, 4, 4)
    table[:, 4:, 4:] = _ELEMENTS.reshape(4, 4, 3, 3).swapaxes(2, 3).reshape(4, 4, 9)
    return table.reshape(32, 13)


_CONJUGATE = np.array([-1, -1, -1, 1], np.float32)
_PRODUCTS = _product_table()
_ELEMENTS = _element_table()
_WITHIN = _within_table()
_OPPOSITE = 1e-3  # twice the cosine of half the turn, under which its axis cannot be told
_DEGREES = 180 / math.pi


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


def seen_from(frames: FloatArray, turns: FloatArray, vectors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Rotations (n, 4) and vectors (n, 3) as they are within frames that are turned by unit quaternions (n, 4)."""
    products = frames[:, :, None] * np.concatenate([turns, frames], axis=1)[:, None, :]
    both = products.reshape(-1, 32) @ _WITHIN
    return both[:, :4], np.asarray((both[:, 4:].reshape(-1, 3, 3) @ vectors[:, :, None])[:, :, 0])


def factors(right: FloatArray) -> FloatArray:
    """Matrices (n, 4, 4) with which a row is multiplied in place of these factors (n, 4) at its right."""
    return np.asarray(np.einsum("abc,nb->nac", _PRODUCTS.reshape(4, 4, 4), right))


def swung(turn: Quaternion, rest: Vector, direction: Vector) -> Quaternion:
    """``turn`` and then, by the shortest way, on until what points to the unit vector ``rest`` points to ``direction``.

    The shortest turn from a to d, unit vectors, is 1 - d a as a product of quaternions. With a = b r / b, it turns b
    into b - d b r. Half a turn about some axis for the opposite direction, none for one without a length.
    """
    bx, by, bz, bw = turn
    dx, dy, dz = direction
    x, y, z, w = _times(turn, rest)
    length = math.sqrt(dx * dx + dy * dy + dz * dz)
    qx, qy = length * bx - dx * w - dy * z + dz * y, length * by - dy * w - dz * x + dx * z
    qz, qw = length * bz - dz * w - dx * y + dy * x, length * bw + dx * x + dy * y + dz * z
    size = math.sqrt(qx * qx + qy * qy + qz * qz + qw * qw)
    if size > _OPPOSITE * length:
        return qx / size, qy / size, qz / size, qw / size
    return _times(turn, _across(rest)) if length else turn


def _times(turn: Quaternion, vector: Vector) -> Quaternion:
    """The product of a quaternion and a vector."""
    (x, y, z, w), (vx, vy, vz) = turn, vector
    return (
        w * vx + y * vz - z * vy,
        w * vy + z * vx - x * vz,
        w * vz + x * vy - y * vx,
        -x * vx - y * vy - z * vz,
    )


def _across(vector: Vector) -> Vector:
    """Some unit vector at right angles to another."""
    x, y, z = vector
    if abs(x) < 0.9:
        return 0.0, z / math.hypot(y, z), -y / math.hypot(y, z)
    return -z / math.hypot(x, z), 0.0, x / math.hypot(x, z)


def euler_zxy(quaternion: Quaternion) -> Vector:
    """Degrees about x, y and z that Unity applies in the order z, x, y; about x -90 to 90."""
    x, y, z, w = quaternion
    about_x = math.asin(min(max(2 * (w * x - y * z), -1.0), 1.0))
    about_y = math.atan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y))
    about_z = math.atan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z))
    return _DEGREES * about_x + 0.0, _DEGREES * about_y + 0.0, _DEGREES * about_z + 0.0  # no negative zeros
