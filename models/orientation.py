"""Absolute joint orientations from joint positions, in the Kinect v2's convention.

Y runs along the bone that ends in the joint. Z, the roll, was found by comparing the recordings of a Kinect v2 with the
geometry of their joints: forwards on spine, shoulders and hips; outwards along the hinge of the elbow and of the knee
(and the ankle, which shares it); towards the thumb on wrist and hand. Vectors are (..., 3) in camera space.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from models.body import FloatArray
from models.joints import JOINT_PARENT, Joint
from models.rows import Rows, kept

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
_CHEST = np.array([Joint.SPINE_BASE, Joint.SPINE_SHOULDER, Joint.SHOULDER_LEFT, Joint.SHOULDER_RIGHT])
_TRUNK = np.array([Joint.SPINE_BASE, Joint.SPINE_SHOULDER, Joint.HIP_LEFT, Joint.HIP_RIGHT])
_UP = np.array([0.0, 1.0, 0.0], np.float32)
_SIGNS = np.array([[-1.0], [1.0], [1.0], [-1.0]], np.float32)  # so that Z points outwards on all four hinges
_STRAIGHT = 0.1
"""How much a limb that bends little leans on the way it would bend, having no plane of its own."""

_NEXT = np.array([1, 2, 0])


def cross(a: FloatArray, b: FloatArray) -> FloatArray:
    """The cross product of (..., 3) arrays; `numpy.cross` costs several times as much on arrays this small."""
    turned = a * b.take(_NEXT, axis=-1) - a.take(_NEXT, axis=-1) * b  # its components z, x, y
    return np.asarray(turned.take(_NEXT, axis=-1))


def dot(a: FloatArray, b: FloatArray) -> FloatArray:
    """The scalar products (..., 1) of (..., 3) arrays."""
    return np.asarray(np.matmul(a[..., None, :], b[..., None])[..., 0])


def unit(vectors: FloatArray) -> FloatArray:
    """Vectors (..., 3) scaled to length 1; a zero vector stays zero."""
    return np.asarray(vectors / np.maximum(np.sqrt(dot(vectors, vectors)), np.float32(1e-6)))


def facing(positions: FloatArray) -> FloatArray:
    """The unit vectors (..., 3) that bodies' chests point along; positions are (..., 25, 3)."""
    up, aside = _between(positions, _CHEST)
    return unit(cross(up, aside))


def orientations(positions: FloatArray) -> FloatArray:
    """Quaternions (..., 25, 4) x y z w for joint positions (..., 25, 3); zero on the end joints."""
    y = _bones(positions)
    return _as_quaternions(y, unit(cross(y, _roll(positions, y))))


class Orienter:
    """Orientations over time: none jumps to the quaternion of other sign, and none twists suddenly.

    A limb that is almost straight has no plane of its own, and where a bone passes through a direction that its roll is
    measured from, the roll is undefined: there it stays as it was and follows as fast as a body can twist.

    Several people share one orienter with a leading dimension more: then `keep` says when they come and go.
    """

    _FASTEST = 12.0  # radians a second that a bone twists at most
    _SLOWEST = 1.5  # and where its roll can hardly be told
    _CLEAR = 0.3  # length of the product of bone and roll from which on the roll is clear
    _GAP = 0.5  # seconds after which all begins anew

    def __init__(self) -> None:
        self._time = -math.inf
        self._x = self._before = np.zeros((0, 0, 0), np.float32)

    def keep(self, rows: Rows) -> None:
        """Go on with the people who were in these rows; -1 stands for somebody new."""
        self._x, self._before = kept(self._x, rows, math.nan), kept(self._before, rows, 0.0)

    def __call__(self, time: float, positions: FloatArray) -> FloatArray:
        """Quaternions (..., 25, 4) x y z w for joint positions (..., 25, 3) at ``time`` in seconds; zero on the end
        joints.
        """
        y = _bones(positions)
        across = cross(y, _roll(positions, y))
        step = time - self._time
        follows = 0.0 <= step <= self._GAP and self._x.shape == positions.shape
        self._x = self._followed(y, across, step) if follows else unit(across)
        quaternions = _as_quaternions(y, self._x)
        if follows:
            same = (quaternions * self._before).sum(axis=-1, keepdims=True) >= 0
            quaternions = np.where(same, quaternions, -quaternions)
        self._time, self._before = time, quaternions
        return quaternions.copy()

    def _followed(self, y: FloatArray, across: FloatArray, step: float) -> FloatArray:
        """The X axes (..., 25, 3) as they were, carried along by the bones and turned towards ``across``."""
        new = np.isnan(self._x)
        before = np.where(new, unit(across), self._x) if new.any() else self._x
        carried = unit(before - dot(before, y) * y)
        beside = cross(y, carried)
        angle = np.arctan2(dot(beside, across), dot(carried, across))
        sure = np.minimum(np.sqrt(dot(across, across)) / self._CLEAR, 1.0)
        most = step * (self._SLOWEST + (self._FASTEST - self._SLOWEST) * sure)
        turn = np.asarray(np.minimum(np.maximum(angle, -most), most), np.float32)
        return np.asarray(carried * np.cos(turn) + beside * np.sin(turn))


def lean(positions: FloatArray, up: FloatArray | None = None) -> FloatArray:
    """The Kinect v2's lean (..., 2): how far bodies bend to their right and forwards, -1 to 1, where 1 is 45 degrees.

    Parameters
    ----------
    positions : (..., 25, 3) float32 array
    up : (3,) float32 array, optional
        The unit vector away from the floor, (0, 1, 0) by default.
    """
    up = _UP if up is None else up
    spine, aside = _between(positions, _TRUNK)
    spine, aside = unit(spine), unit(aside - dot(aside, up) * up)
    axes = np.concatenate([dot(spine, aside), dot(spine, cross(up, aside))], axis=-1)
    angles = np.arctan2(axes, np.maximum(dot(spine, up), np.float32(1e-3))) * np.float32(4 / math.pi)
    return np.asarray(np.minimum(np.maximum(angles, -1.0), 1.0), np.float32)


def _between(positions: FloatArray, joints: npt.NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
    """The vectors (..., 3) from the first of four ``joints`` to the second, and from the third to the fourth."""
    places = positions.take(joints, axis=-2)
    ways = places[..., 1::2, :] - places[..., ::2, :]
    return ways[..., 0, :], ways[..., 1, :]


def _bones(positions: FloatArray) -> FloatArray:
    """The unit vectors (..., 25, 3) along the bone that ends in each joint."""
    return unit(positions.take(_BONE_END, axis=-2) - positions.take(_BONE_START, axis=-2))


def _as_quaternions(y: FloatArray, x: FloatArray) -> FloatArray:
    quaternions = _quaternions(x, y, cross(x, y))
    quaternions[..., _ENDS, :] = 0.0
    return quaternions


def _roll(positions: FloatArray, bones: FloatArray) -> FloatArray:
    """Roughly where Z points, (..., 25, 3); only its part across the bone counts."""
    forwards = facing(positions)[..., None, :]
    upwards = forwards + np.float32(0.5) * bones[..., [Joint.SPINE_SHOULDER], :]
    bend = np.concatenate([upwards, upwards, -forwards, -forwards], axis=-2)  # arms bend this way, legs backwards
    beyond = bones.take(_BEYOND, axis=-2) + np.asarray(_STRAIGHT * bend, np.float32)
    hinges = _SIGNS * cross(bones.take(_HINGES, axis=-2), beyond)
    thumbs = unit(positions.take(_THUMBS, axis=-2) - positions.take(_WRISTS, axis=-2))
    thumbs += np.float32(_STRAIGHT / 2) * upwards
    choices = np.concatenate([forwards, hinges, thumbs], axis=-2)
    return np.asarray(choices.take(_CHOICE, axis=-2))


def _choices() -> npt.NDArray[np.intp]:
    """(25,): which of the forward direction, the four hinges and the two thumbs each joint's roll is."""
    choice = np.zeros(len(Joint), np.intp)
    choice[_HINGES] = [1, 2, 3, 4]
    choice[_ANKLES] = [3, 4]
    choice[_HAND_JOINTS] = [5, 6, 5, 6]
    return choice


_CHOICE = _choices()


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
_ONES = np.eye(4, dtype=np.float32).ravel()


def _quaternions(x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """Quaternions (..., 4) x y z w of the rotations whose columns are x, y, z, each (..., 3).

    Bar-Itzhack's symmetric form: each of four rows is the quaternion times four times one of its own components, and
    the one with the largest component is the well-conditioned one.
    """
    columns = np.concatenate([x, y, z], axis=-1)
    rows = (columns.reshape(-1, 9) @ _QUATERNION_ROWS + _ONES).reshape(-1, 4, 4)
    best = rows.reshape(-1, 16)[:, ::5].argmax(axis=1)
    return unit(rows[np.arange(len(rows)), best]).reshape(*columns.shape[:-1], 4)
