"""Absolute joint orientations from joint positions, in the Kinect v2's convention.

Y runs along the bone that ends in the joint. Z, the roll, was found by comparing the recordings of a Kinect v2 with the
geometry of their joints: forwards on spine, shoulders and hips; outwards along the hinge of the elbow and of the knee
(and the ankle, which shares it); towards the thumb on wrist and hand. Vectors are (n, 3) in camera space.
"""

from __future__ import annotations

import numpy as np

from models.body import FloatArray
from models.joints import JOINT_PARENT, Joint

_ENDS = (
    Joint.HEAD,
    Joint.HAND_TIP_LEFT,
    Joint.HAND_TIP_RIGHT,
    Joint.THUMB_LEFT,
    Joint.THUMB_RIGHT,
    Joint.FOOT_LEFT,
    Joint.FOOT_RIGHT,
)
_BONE_START = np.array([JOINT_PARENT.get(j, j) for j in Joint])
_BONE_END = np.array([Joint.SPINE_MID if j is Joint.SPINE_BASE else j for j in Joint])

_ARMS = np.array([[Joint.SHOULDER_LEFT, Joint.SHOULDER_RIGHT], [Joint.ELBOW_LEFT, Joint.ELBOW_RIGHT]])
_ELBOWS, _WRISTS = _ARMS[1], np.array([Joint.WRIST_LEFT, Joint.WRIST_RIGHT])
_HANDS = np.array([Joint.HAND_LEFT, Joint.HAND_RIGHT])
_THUMBS = np.array([Joint.THUMB_LEFT, Joint.THUMB_RIGHT])
_HIPS = np.array([Joint.HIP_LEFT, Joint.HIP_RIGHT])
_KNEES = np.array([Joint.KNEE_LEFT, Joint.KNEE_RIGHT])
_ANKLES = np.array([Joint.ANKLE_LEFT, Joint.ANKLE_RIGHT])
_SHOULDERS = _ARMS[0]
_OUTWARDS = np.array([[-1.0], [1.0]], np.float32)  # the left hinge turns the other way


def cross(a: FloatArray, b: FloatArray) -> FloatArray:
    """The cross product of (..., 3) arrays; `numpy.cross` costs several times as much on arrays this small."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


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
    quaternions[list(_ENDS)] = 0.0
    return quaternions


def _roll(positions: FloatArray, bones: FloatArray) -> FloatArray:
    """Roughly where Z points, (25, 3); only its part across the bone counts."""
    forwards = facing(positions)
    up = unit(positions[Joint.SPINE_SHOULDER] - positions[Joint.SPINE_BASE])
    roll = np.empty((len(Joint), 3), np.float32)
    roll[:] = forwards
    # A straight limb has no plane of its own: lean on the way it would bend.
    upper, lower = bones[_ELBOWS], bones[_WRISTS]
    roll[_ELBOWS] = _OUTWARDS * cross(upper, lower + 0.1 * (forwards + 0.5 * up))
    thigh, shank = bones[_KNEES], bones[_ANKLES]
    roll[_KNEES] = -_OUTWARDS * cross(thigh, shank - 0.1 * forwards)
    roll[_ANKLES] = roll[_KNEES]
    thumb = unit(positions[_THUMBS] - positions[_WRISTS]) + 0.05 * (forwards + 0.5 * up)
    roll[_WRISTS] = thumb
    roll[_HANDS] = thumb
    return roll


def _quaternions(x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """Quaternions (n, 4) x y z w of the rotations whose columns are x, y, z.

    Bar-Itzhack's symmetric form: each row below is the quaternion times four times one of its own components, and the
    row with the largest component is the well-conditioned one.
    """
    xx, xy, xz = x[:, 0], x[:, 1], x[:, 2]
    yx, yy, yz = y[:, 0], y[:, 1], y[:, 2]
    zx, zy, zz = z[:, 0], z[:, 1], z[:, 2]
    rows = np.array(
        [
            [1 + xx - yy - zz, xy + yx, xz + zx, yz - zy],
            [xy + yx, 1 - xx + yy - zz, yz + zy, zx - xz],
            [xz + zx, yz + zy, 1 - xx - yy + zz, xy - yx],
            [yz - zy, zx - xz, xy - yx, 1 + xx + yy + zz],
        ],
        np.float32,
    )
    best = np.argmax(rows[[0, 1, 2, 3], [0, 1, 2, 3]], axis=0)
    chosen = rows[best, :, np.arange(len(x))]
    length = np.sqrt((chosen * chosen).sum(axis=1, keepdims=True))
    return np.asarray(chosen / np.maximum(length, 1e-6), np.float32)
