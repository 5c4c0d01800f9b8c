"""Where a torso and a head stand in camera space, from the rays of their keypoints.

A ray is the point (x, y, 1) at a depth of one metre that a keypoint's pixel looks at; camera space, metres.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.body import FloatArray
from models.joints import Joint, Keypoint
from models.orientation import cross, unit
from models.proportions import (
    BONE_LENGTH,
    DIAGONAL,
    HEAD_HALF_HEIGHT,
    HEAD_OFFSET,
    HIP_WIDTH,
    SHOULDER_WIDTH,
    SPINE_BASE_OFFSET,
    SPINE_SHOULDER_OFFSET,
    TORSO,
)

NEAREST, FARTHEST = 0.3, 12.0
"""Metres between which a body is placed."""

DEPTH_POWER = 0.75
"""Pythagoras says 0.5, but that turns small errors of the picture into large ones of the depth."""

_DISTANCE = 2.0  # where someone stands whose distance nothing tells
_LEAN = 0.05  # metres by which a Kinect reports shoulders nearer than hips on someone upright who faces it
_HEAD_FORWARDS = 0.02
_STRETCH = 0.85  # a torso that looks shorter than this share of its length leans
_TURN_STRETCH = 0.9

_SHOULDERS = np.array([Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER])
_HIPS = np.array([Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP])
_FACE = np.array([Keypoint.NOSE, Keypoint.LEFT_EAR, Keypoint.RIGHT_EAR])
_EARS = _FACE[1:]
_LEFT_RIGHT = np.array([[-1.0], [1.0]], np.float32)
_SIDES = ("LEFT", "RIGHT")


def _limb_ruler(start: str, end: str) -> tuple[tuple[Keypoint, Keypoint, float, float], ...]:
    length = BONE_LENGTH[Joint[f"{end}_LEFT"]]
    return tuple((Keypoint[f"{side}_{start}"], Keypoint[f"{side}_{end}"], length, 0.3) for side in _SIDES)


_RULERS = (
    (Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER, SHOULDER_WIDTH, 1.0),
    (Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_HIP, DIAGONAL, 1.0),
    (Keypoint.RIGHT_SHOULDER, Keypoint.LEFT_HIP, DIAGONAL, 1.0),
    (Keypoint.NECK, Keypoint.HEAD_TOP, BONE_LENGTH[Joint.HEAD] + HEAD_HALF_HEIGHT, 0.3),
    *_limb_ruler("SHOULDER", "ELBOW"),
    *_limb_ruler("ELBOW", "WRIST"),
    *_limb_ruler("HIP", "KNEE"),
    *_limb_ruler("KNEE", "ANKLE"),
)
_RULER_STARTS = np.array([start for start, _, _, _ in _RULERS])
_RULER_ENDS = np.array([end for _, end, _, _ in _RULERS])
_RULER_LENGTHS = np.array([length for _, _, length, _ in _RULERS], np.float32)
_RULER_TRUST = np.array([trust for _, _, _, trust in _RULERS], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Torso:
    """The joints that limbs hang from.

    Attributes
    ----------
    basis : (3, 3) float32 array
        The body's own right, up and forwards, as rows.
    spine_base, spine_shoulder, head : (3,) float32 array
    shoulders, hips : (2, 3) float32 array
        Left, right.
    """

    basis: FloatArray
    spine_base: FloatArray
    spine_shoulder: FloatArray
    head: FloatArray
    shoulders: FloatArray
    hips: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What is known of one person before anything is placed.

    Attributes
    ----------
    rays : (23, 3) float32 array
        Of each `Keypoint`.
    seen : (23,) float32 array
        1 where the keypoint may be used, else 0.
    scale : float
        The person's size; 1 for the lengths of `models.proportions`.
    before : (25, 3) float32 array, optional
        The joints a moment ago.
    """

    rays: FloatArray
    seen: FloatArray
    scale: float
    before: FloatArray | None

    def middle(self, keypoints: npt.NDArray[np.intp]) -> FloatArray | None:
        """The mean ray of ``keypoints`` if all of them were seen."""
        return self.rays[keypoints].mean(axis=0) if self.seen[keypoints].all() else None


def distance(view: View) -> float:
    """How far away a body is, in metres, from how long its bones appear.

    A bone can look shorter than it is, never longer, so those that look longest for their length count most.
    """
    both = view.seen[_RULER_STARTS] * view.seen[_RULER_ENDS]
    across = view.rays[_RULER_STARTS, :2] - view.rays[_RULER_ENDS, :2]
    nearness = both * np.sqrt((across * across).sum(axis=1)) / (_RULER_LENGTHS * view.scale)
    longest = float((nearness * (_RULER_TRUST > 0.5)).max()) or float(nearness.max())
    if longest <= 0.0:
        return _DISTANCE if view.before is None else float(view.before[Joint.SPINE_SHOULDER, 2])
    weight = _RULER_TRUST * both * np.minimum(nearness / longest, 1.0) ** 8
    return min(max(float(weight.sum() / (weight * nearness).sum()), NEAREST), FARTHEST)


def foreshortening(apparent: float, length: float, stretch: float) -> float:
    """How deep a bone of ``length`` metres reaches that looks ``apparent`` metres long.

    0 where it looks longer than ``stretch`` times its length: people differ, and keypoints shake.
    """
    ratio = apparent / (length * stretch)
    return length * (1.0 - ratio * ratio) ** DEPTH_POWER if ratio < 1.0 else 0.0


def place_torso(view: View) -> Torso:
    """Place spine, shoulders, hips and head."""
    depth, scale = distance(view), view.scale
    front = _front(view, depth)
    upper, lower = _upper(view, depth, front), _lower(view, depth, front)
    lean = 0.0 if lower is None else front * _lean(upper, lower, depth, scale)
    turn = _turn(view, depth, front)
    top = upper * (depth - lean / 2)
    basis = _basis(view, top, None if lower is None else lower * (depth + lean / 2), turn, front)
    bottom = top - basis[1] * (TORSO * scale) if lower is None else lower * (depth + lean / 2)
    return Torso(
        basis,
        spine_base=bottom + np.asarray(SPINE_BASE_OFFSET, np.float32) @ basis * scale,
        spine_shoulder=top + np.asarray(SPINE_SHOULDER_OFFSET, np.float32) @ basis * scale,
        head=_head(view, top, basis),
        shoulders=_pair(view, _SHOULDERS, top, turn, basis[0] * (SHOULDER_WIDTH * scale / 2)),
        hips=_pair(view, _HIPS, bottom, turn * HIP_WIDTH / SHOULDER_WIDTH, basis[0] * (HIP_WIDTH * scale / 2)),
    )


def _front(view: View, depth: float) -> float:
    """1 for someone who faces the camera, -1 for someone seen from behind, less where they turn."""
    if view.middle(_SHOULDERS) is not None:
        left, right = view.rays[_SHOULDERS, 0]
        return math.tanh(float(right - left) * depth / (0.2 * SHOULDER_WIDTH * view.scale))
    if view.before is None:
        return 1.0
    return 1.0 if view.before[Joint.SHOULDER_RIGHT, 0] >= view.before[Joint.SHOULDER_LEFT, 0] else -1.0


def _upper(view: View, depth: float, front: float) -> FloatArray:
    """The ray of the middle of the shoulders, from the best that was seen."""
    middle = view.middle(_SHOULDERS)
    if middle is not None:
        return middle
    if view.seen[Keypoint.NECK]:
        return _shifted(view.rays[Keypoint.NECK], 0.0, -0.08 * view.scale / depth)
    for keypoint, side in zip(_SHOULDERS, (1.0, -1.0), strict=True):
        if view.seen[keypoint]:
            return _shifted(view.rays[keypoint], side * front * SHOULDER_WIDTH / 2 * view.scale / depth, 0.0)
    if view.seen[_FACE].any():
        face = view.rays[_FACE][view.seen[_FACE] > 0].mean(axis=0)
        return _shifted(face, 0.0, -HEAD_OFFSET[1] * view.scale / depth)
    if view.seen[_HIPS].any():
        hips = view.rays[_HIPS][view.seen[_HIPS] > 0].mean(axis=0)
        return _shifted(hips, 0.0, TORSO * view.scale / depth)
    if view.before is not None:
        joint = view.before[Joint.SPINE_SHOULDER]
        return np.asarray(joint / joint[2])
    return np.asarray(view.rays[view.seen > 0].mean(axis=0) if view.seen.any() else (0.0, 0.0, 1.0), np.float32)


def _lower(view: View, depth: float, front: float) -> FloatArray | None:
    """The ray of the middle of the hips, if one of them was seen."""
    middle = view.middle(_HIPS)
    if middle is not None:
        return middle
    for keypoint, side in zip(_HIPS, (1.0, -1.0), strict=True):
        if view.seen[keypoint]:
            return _shifted(view.rays[keypoint], side * front * HIP_WIDTH / 2 * view.scale / depth, 0.0)
    return None


def _shifted(ray: FloatArray, x: float, y: float) -> FloatArray:
    return ray + np.array([x, y, 0.0], np.float32)


def _lean(upper: FloatArray, lower: FloatArray, depth: float, scale: float) -> float:
    """By how many metres the shoulders are nearer than the hips of someone who faces the camera."""
    apparent = math.hypot(*(upper - lower)[:2].tolist()) * depth
    return foreshortening(apparent, TORSO * scale, _STRETCH) + _LEAN * scale


def _turn(view: View, depth: float, front: float) -> float:
    """By how many metres the right shoulder is farther than the left one.

    Shoulders that look narrow are turned; the nose says to which side, and what was so a moment ago stays likely.
    """
    width = SHOULDER_WIDTH * view.scale
    if view.middle(_SHOULDERS) is None:
        return 0.0
    apparent = math.hypot(*(view.rays[_SHOULDERS[1]] - view.rays[_SHOULDERS[0]])[:2].tolist()) * depth
    hint = 0.0
    if view.before is not None:
        hint = float(view.before[Joint.SHOULDER_RIGHT, 2] - view.before[Joint.SHOULDER_LEFT, 2]) / width
    ears = view.middle(_EARS)
    if view.seen[Keypoint.NOSE] and (ears is not None or view.seen[Keypoint.NECK]):
        behind = view.rays[Keypoint.NECK] if ears is None else ears
        # Whoever faces to the picture's left (more X) has the right shoulder farther away.
        hint += float(view.rays[Keypoint.NOSE, 0] - behind[0]) * depth / 0.05
    return foreshortening(apparent, width, _TURN_STRETCH) * math.tanh(2 * hint)


def _basis(view: View, top: FloatArray, bottom: FloatArray | None, turn: float, front: float) -> FloatArray:
    """The body's own right, up and forwards as the rows of a (3, 3) array."""
    side = np.array([math.copysign(0.1, front), 0.0, 0.0], np.float32)
    if view.middle(_SHOULDERS) is not None:
        left, right = view.rays[_SHOULDERS]
        side = (right - left) * top[2]
        side[2] = turn
    right = unit(side)
    up = np.array([0.0, 1.0, 0.0], np.float32) if bottom is None else top - bottom
    up = unit(np.asarray(up - (up @ right) * right, np.float32))
    return np.stack([right, up, cross(up, right)])


def _pair(view: View, keypoints: npt.NDArray[np.intp], middle: FloatArray, turn: float, half: FloatArray) -> FloatArray:
    """Left and right, (2, 3): on their rays where seen, else ``half`` a width from the middle."""
    on_rays = view.rays[keypoints] * (middle[2] + _LEFT_RIGHT * (turn / 2))
    return np.asarray(np.where(view.seen[keypoints, None] > 0, on_rays, middle + _LEFT_RIGHT * half))


def _head(view: View, top: FloatArray, basis: FloatArray) -> FloatArray:
    """The middle of the head, between the ears."""
    depth = top[2] + basis[2, 2] * (_HEAD_FORWARDS * view.scale)
    middle = view.middle(_EARS)
    if middle is None and view.seen[_FACE].any():
        middle = view.rays[_FACE][view.seen[_FACE] > 0].mean(axis=0)
    if middle is None and view.seen[Keypoint.HEAD_TOP]:
        middle = view.rays[Keypoint.HEAD_TOP] - basis[1] * (HEAD_HALF_HEIGHT * view.scale / depth)
        middle[2] = 1.0
    if middle is None:
        return np.asarray(top + np.asarray(HEAD_OFFSET, np.float32) @ basis * view.scale)
    return np.asarray(middle * depth)
