"""A body as its recognisers see it: few joints, every way the same whoever stands wherever and faces whichever way.

`JOINTS` are those that a Kinect v1, a Kinect v2, a motion-capture suit and a webcam's bodies all have. They are given
in the body's own frame: origin in the middle of the hips, x to the body's own right, y up, z forwards. Bones keep their
directions and get the lengths of one body for all (`retargeted`), so that neither size nor proportions matter; the unit
is that body's torso, from the middle of the hips to the middle of the shoulders.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.body import FloatArray
from models.joints import JOINT_FLIP, Joint

Array = npt.NDArray[np.float64]

_PARTS = ("shoulder", "elbow", "wrist", "hand", "hip", "knee", "ankle", "foot")
LEFT = {name: 1 + i for i, name in enumerate(_PARTS)}
RIGHT = {name: 9 + i for i, name in enumerate(_PARTS)}
HEAD = 0
"""Places in all arrays of joints here: the head, and each part of either side."""

JOINTS = [Joint.HEAD, *(Joint[f"{part.upper()}_{side}"] for side in ("LEFT", "RIGHT") for part in _PARTS)]
"""The joints that every source of bodies has, in that order."""

FLIP = [0, *range(9, 17), *range(1, 9)]
"""For each of them the one on the other side."""

MOVING = [HEAD, *(side[part] for side in (LEFT, RIGHT) for part in ("elbow", "wrist", "hand", "knee", "ankle"))]
"""Those that tell movements apart; the others follow from them."""

HAND_LENGTH = 0.35
"""How far a hand that is never seen lies beyond the wrist, as a share of the forearm."""

_LIMB = (("shoulder", "elbow", 0.6), ("elbow", "wrist", 0.55), ("wrist", "hand", 0.2))
_LEG = (("hip", "knee", 0.85), ("knee", "ankle", 0.8), ("ankle", "foot", 0.25))
_ENDS = [
    (side[end], side[last], side[before], share)
    for side in (LEFT, RIGHT)
    for end, last, before, share in (("hand", "wrist", "elbow", HAND_LENGTH), ("foot", "ankle", "knee", 0.0))
]
_HEAD_LENGTH, _SHOULDER_WIDTH, _HIP_WIDTH = 0.5, 0.75, 0.35
NEAREST_TORSO = 0.2  # metres; a torso that seems shorter is a mistake


def pick(positions: FloatArray) -> Array:
    """`JOINTS` (T, 17, 3) of ``positions`` (T, 25, 3), with what is missing filled in.

    Hands that are never seen lie beyond the wrists and feet at the ankles; a joint that is missing for a while moves
    evenly in between.
    """
    points = np.array(positions[:, JOINTS], np.float64, order="C")
    if np.isfinite(points).all():
        return points
    for end, last, before, share in _ENDS:
        if not np.isfinite(points[:, end]).any():
            points[:, end] = points[:, last] + share * (points[:, last] - points[:, before])
    times, columns = np.arange(len(points)), points.reshape(len(points), -1)
    for column in columns.T:
        known = np.isfinite(column)
        if not known.all():
            column[:] = np.interp(times, times[known], column[known]) if known.any() else 0.0
    return points


def with_ends(points: Array) -> Array:
    """Joints (17, 3) of one moment with missing hands beyond the wrists, and missing feet at the ankles."""
    filled = points.copy()
    for end, last, before, share in _ENDS:
        if not np.isfinite(points[end]).all():
            filled[end] = points[last] + share * (points[last] - points[before])
    return filled


def middle(points: Array, part: str) -> Array:
    """(..., 3) between the left and the right ``part`` of joints (..., 17, 3)."""
    return np.asarray((points[..., LEFT[part], :] + points[..., RIGHT[part], :]) / 2)


def torso_length(points: Array) -> Array:
    """(...) metres from the middle of the hips to the middle of the shoulders."""
    return np.asarray(np.linalg.norm(middle(points, "shoulder") - middle(points, "hip"), axis=-1))


def across(points: Array) -> Array:
    """(..., 3) level vector to the body's own right, from the shoulders and the hips."""
    both = sum(points[..., RIGHT[part], :] - points[..., LEFT[part], :] for part in ("shoulder", "hip"))
    return np.asarray(both) * (1.0, 0.0, 1.0)


def facing(right: Array) -> Array:
    """(3, 3) matrix that turns row vectors of camera space into the frame of a body whose right is ``right`` (3,)."""
    length = float(np.linalg.norm(right))
    x, z = (right[0] / length, right[2] / length) if length > 1e-9 else (1.0, 0.0)
    return np.array([[x, 0.0, z], [0.0, 1.0, 0.0], [z, 0.0, -x]])  # up x right points backwards


def retargeted(points: Array) -> Array:
    """Joints (..., 17, 3) around the middle of the hips, with the bones' directions and everybody's same lengths."""
    return np.asarray(_JOINTS_OF_BONES @ _unit(_BONES_OF_JOINTS @ points))


def _retargeting() -> tuple[Array, Array]:
    """The matrices (16, 17) from joints to bones and (17, 16) from the bones' directions back to joints."""
    joint = np.eye(17)
    hips, shoulders = ((joint[LEFT[part]] + joint[RIGHT[part]]) / 2 for part in ("hip", "shoulder"))
    bones = [shoulders - hips, joint[HEAD] - shoulders]
    result = np.zeros((17, 16))
    result[HEAD, :2] = 1.0, _HEAD_LENGTH
    for part, width in (("shoulder", _SHOULDER_WIDTH), ("hip", _HIP_WIDTH)):
        result[[LEFT[part], RIGHT[part]], len(bones)] = -width / 2, width / 2
        bones.append(joint[RIGHT[part]] - joint[LEFT[part]])
    result[[LEFT["shoulder"], RIGHT["shoulder"]], 0] = 1.0
    for start, end, length in (*_LIMB, *_LEG):
        for side in (LEFT, RIGHT):
            result[side[end]] = result[side[start]]
            result[side[end], len(bones)] = length
            bones.append(joint[side[end]] - joint[side[start]])
    return np.array(bones), result


def flipped(positions: FloatArray) -> FloatArray:
    """The same movement (T, 25, 3) made by the mirror image of the body."""
    return np.asarray(positions[:, list(JOINT_FLIP)] * np.array([-1, 1, 1], np.float32), np.float32)


def resampled(values: Array, count: int) -> Array:
    """``values`` (T, ...) at ``count`` even times from the first to the last."""
    if len(values) == 1:
        return np.repeat(values, count, axis=0)
    times = np.linspace(0, len(values) - 1, count)
    before = np.minimum(times.astype(int), len(values) - 2)
    share = (times - before).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(values[before] * (1 - share) + values[before + 1] * share)


def _unit(vectors: Array) -> Array:
    lengths = np.sqrt((vectors * vectors).sum(axis=-1, keepdims=True))
    return np.asarray(vectors / np.maximum(lengths, 1e-6))


_BONES_OF_JOINTS, _JOINTS_OF_BONES = _retargeting()
