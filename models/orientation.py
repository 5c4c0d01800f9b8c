"""Absolute joint orientations from joint positions, in the Kinect v2's convention.

Y runs along the bone that ends in the joint. Z, the roll, was found by comparing the recordings of a Kinect v2 with the
geometry of their joints: forwards on spine, shoulders and hips; outwards along the hinge of the elbow and of the knee
(and the ankle, which shares it); towards the thumb on wrist and hand. Vectors are (n, 3) in camera space.
"""

from __future__ import annotations

import math

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
    return _as_quaternions(y, unit(cross(y, _roll(positions, y))))


class Orienter:
    """Orientations of one person over time: none jumps to the quaternion of other sign, and none twists suddenly.

    A limb that is almost straight has no plane of its own, and where a bone passes through a direction that its roll is
    measured from, the roll is undefined: there it stays as it was and follows as fast as a body can twist.
    """

    _FASTEST = 12.0  # radians a second that a bone twists at most
    _SLOWEST = 1.5  # and where its roll can hardly be told
    _CLEAR = 0.3  # length of the product of bone and roll from which on the roll is clear
    _GAP = 0.5  # seconds after which all begins anew

    def __init__(self) -> None:
        self._time = -math.inf
        self._x = self._before = np.zeros((0, 0), np.float32)

    def __call__(self, time: float, positions: FloatArray) -> FloatArray:
        """Quaternions (25, 4) x y z w for joint positions (25, 3) at ``time`` in seconds; zero on the end joints."""
        y = unit(positions[_BONE_END] - positions[_BONE_START])
        across = cross(y, _roll(positions, y))
        step = time - self._time
        follows = 0.0 <= step <= self._GAP
        self._x = self._followed(y, across, step) if follows else unit(across)
        quaternions = _as_quaternions(y, self._x)
        if follows:
            same = (quaternions * self._before).sum(axis=1, keepdims=True) >= 0
            quaternions = np.where(same, quaternions, -quaternions)
        self._time, self._before = time, quaternions
        return quaternions.copy()

    def _followed(self, y: FloatArray, across: FloatArray, step: float) -> FloatArray:
        """The X axes (25, 3) as they were, carried along by the bones and turned towards ``across``."""
        carried = unit(self._x - (self._x * y).sum(axis=1, keepdims=True) * y)
        beside = cross(y, carried)
        angle = np.arctan2((beside * across).sum(axis=1), (carried * across).sum(axis=1))
        sure = np.minimum(np.sqrt((across * across).sum(axis=1)) / self._CLEAR, 1.0)
        most = step * (self._SLOWEST + (self._FASTEST - self._SLOWEST) * sure)
        turn = np.minimum(np.maximum(angle, -most), most).astype(np.float32)[:, None]
        return np.asarray(carried * np.cos(turn) + beside * np.sin(turn), np.float32)


def lean(positions: FloatArray, up: FloatArray | None = None) -> FloatArray:
    """The Kinect v2's lean (2,): how far a body bends to its right and forwards, -1 to 1, where 1 is 45 degrees.

    Parameters
    ----------
    positions : (25, 3) float32 array
    up : (3,) float32 array, optional
        The unit vector away from the floor, (0, 1, 0) by default.
    """
    up = np.array([0.0, 1.0, 0.0], np.float32) if up is None else up
    spine = unit(positions[Joint.SPINE_SHOULDER] - positions[Joint.SPINE_BASE])
    right = positions[Joint.HIP_RIGHT] - positions[Joint.HIP_LEFT]
    right = unit(right - (right @ up) * up)
    forwards = cross(up, right)
    high = max(float(spine @ up), 1e-3)
    angles = np.arctan2([spine @ right, spine @ forwards], high) / (math.pi / 4)
    return np.clip(angles, -1.0, 1.0).astype(np.float32)


def _as_quaternions(y: FloatArray, x: FloatArray) -> FloatArray:
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
