"""Absolute joint orientations from joint positions, in the Kinect v2's convention.

Y runs along the bone that ends in the joint. Z, the roll, was found by comparing the recordings of a Kinect v2 with the
geometry of their joints: forwards on spine, shoulders and hips; outwards along the hinge of the elbow and of the knee
(and the ankle, which shares it); towards the thumb on wrist and hand. Vectors are (n, 3) in camera space.
"""

from __future__ import annotations

import numpy as np

from models.body import FloatArray
from models.joints import JOINT_PARENT, Joint

_ENDS = np.array(
    [
        Joint.HEAD,
        Joint.HAND_TIP_LEFT,
        Joint.HAND_TIP_RIGHT,
        Joint.THUMB_LEFT,
        Joint.THUMB_RIGHT,
        Joint.FOOT_LEFT,
        Joint.FOOT_RIGHT,
    ]
)
_BONE_START = np.array([JOINT_PARENT.get(j, j) for j in Joint])
_BONE_END = np.array([Joint.SPINE_MID if j is Joint.SPINE_BASE else j for j in Joint])


def _both(part: str) -> list[int]:
    return [Joint[f"{part}_LEFT"], Joint[f"{part}_RIGHT"]]


_HINGES = np.array(_both("ELBOW") + _both("KNEE"))
_BEYOND = np.array(_both("WRIST") + _both("ANKLE"))
_ANKLES = np.array(_both("ANKLE"))
_HAND_JOINTS = np.array(_both("WRIST") + _both("HAND"))
_WRISTS = np.array(_both("WRIST"))
_THUMBS = np.array(_both("THUMB"))
_SIGNS = np.array([[-1.0], [1.0], [1.0], [-1.0]], np.float32)  # so that Z points outwards on all four hinges
_STRAIGHT = 0.1
"""How much a limb that bends little leans on the way it would bend, having no plane of its own."""

_NEXT, _LAST = np.array([1, 2, 0]), np.array([2, 0, 1])


def cross(a: FloatArray, b: FloatArray) -> FloatArray:
    """The cross product of (..., 3) arrays; `numpy.cross` costs several times as much on arrays this small."""
    turned = a.take(_NEXT, axis=-1) * b.take(_LAST, axis=-1)
    return np.asarray(turned - a.take(_LAST, axis=-1) * b.take(_NEXT, axis=-1))


def unit(vectors: FloatArray) -> FloatArray:
    """Vectors (..., 3) scaled to length 1; a zero vector stays zero."""
    length = np.sqrt((vectors * vectors).sum(axis=-1, keepdims=True))
    return np.asarray(vectors / np.maximum(length, 1e-6))


def facing(positions: FloatArray) -> FloatArray:
    """The unit vector (3,) that a body's chest points along; positions are (25, 3)."""
    right = positions[Joint.SHOULDER_RIGHT] - positions[Joint.SHOULDER_LEFT]
    up = positions[Joint.SPINE_SHOULDER] - positions[Joint.SPINE_BASE]
    return unit(cross(up, right))


def orientations(positions: FloatArray) -> FloatArray:
    """Quaternions (25, 4) x y z w for joint positions (25, 3); zero on the end joints."""
    y = unit(positions[_BONE_END] - positions[_BONE_START])
    x = unit(cross(y, _roll(positions, y)))
    quaternions = _quaternions(x, y, cross(x, y))
    quaternions[_ENDS] = 0.0
    return quaternions


def _roll(positions: FloatArray, bones: FloatArray) -> FloatArray:
    """Roughly where Z points, (25, 3); only its part across the bone counts."""
    forwards = facing(positions)
    upwards = forwards + np.float32(0.5) * bones[Joint.SPINE_SHOULDER]  # arms bend this way, legs backwards
    bend = np.array([upwards, upwards, -forwards, -forwards], np.float32) * np.float32(_STRAIGHT)
    roll = np.empty((len(Joint), 3), np.float32)
    roll[:] = forwards
    hinges = _SIGNS * cross(bones[_HINGES], bones[_BEYOND] + bend)
    roll[_HINGES] = hinges
    roll[_ANKLES] = hinges[2:]
    thumbs = unit(positions[_THUMBS] - positions[_WRISTS]) + np.float32(_STRAIGHT / 2) * upwards
    roll[_HAND_JOINTS[:2]] = thumbs
    roll[_HAND_JOINTS[2:]] = thumbs
    return roll


def _quaternion_rows() -> FloatArray:
    """(9, 16): from a rotation matrix, its columns one after the other, to the rows of `_quaternions`, less a 1."""
    xx, xy, xz, yx, yy, yz, zx, zy, zz = np.eye(9, dtype=np.float32)
    rows = [
        [xx - yy - zz, xy + yx, xz + zx, yz - zy],
        [xy + yx, yy - xx - zz, yz + zy, zx - xz],
        [xz + zx, yz + zy, zz - xx - yy, xy - yx],
        [yz - zy, zx - xz, xy - yx, xx + yy + zz],
    ]
    return np.array(rows, np.float32).reshape(16, 9).T.copy()


_QUATERNION_ROWS = _quaternion_rows()
_ONES = np.eye(4, dtype=np.float32)


def _quaternions(x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """Quaternions (n, 4) x y z w of the rotations whose columns are x, y, z, each (n, 3).

    Bar-Itzhack's symmetric form: each of four rows is the quaternion times four times one of its own components, and
    the one with the largest component is the well-conditioned one.
    """
    rows = (np.concatenate([x, y, z], axis=1) @ _QUATERNION_ROWS).reshape(-1, 4, 4) + _ONES
    best = rows.reshape(-1, 16)[:, ::5].argmax(axis=1)
    return unit(rows[np.arange(len(rows)), best])
