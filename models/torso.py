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
    HEAD_HALF_HEIGHT,
    HEAD_OFFSET,
    HIP_WIDTH,
    NECK_OVER_SHOULDERS,
    SHOULDER_WIDTH,
    SPINE_BASE_OFFSET,
    SPINE_SHOULDER_OFFSET,
    TORSO,
)
from models.scale import apparent_scale

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
_FACE = (Keypoint.NOSE, Keypoint.LEFT_EAR, Keypoint.RIGHT_EAR)
_OFFSETS = np.array(
    [SPINE_BASE_OFFSET, SPINE_SHOULDER_OFFSET, (SHOULDER_WIDTH / 2, 0.0, 0.0), (HIP_WIDTH / 2, 0.0, 0.0)], np.float32
)
_LEFT_RIGHT = np.array([[-1.0], [1.0]], np.float32)


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


class View:
    """What is known of one person before anything is placed.

    Parameters
    ----------
    rays : (23, 3) float32 array
        Of each `Keypoint`.
    seen : (23,) bool array
        Whether the keypoint may be used.
    scale : float
        The person's size; 1 for the lengths of `models.proportions`.
    before : (25, 3) float32 array, optional
        The joints a moment ago.
    """

    def __init__(
        self, rays: FloatArray, seen: npt.NDArray[np.bool_], scale: float, before: FloatArray | None = None
    ) -> None:
        self.rays, self.seen, self.scale, self.before = rays, seen, scale, before
        self.has: list[bool] = seen.tolist()  # one by one, a list is read much faster than an array
        self.shoulders = self.middle(Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER)
        self.hips = self.middle(Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP)
        self.ears = self.middle(Keypoint.LEFT_EAR, Keypoint.RIGHT_EAR)

    def middle(self, *keypoints: Keypoint, every: bool = True) -> FloatArray | None:
        """The mean ray of ``keypoints``, if every (or else any) one of them was seen."""
        seen = [self.rays[keypoint] for keypoint in keypoints if self.has[keypoint]]
        if not seen or (every and len(seen) < len(keypoints)):
            return None
        return np.asarray(sum(seen[1:], seen[0]) / np.float32(len(seen)))


def distance(view: View) -> float:
    """How far away a body is, in metres, from how long its bones appear."""
    scale = float(apparent_scale(view.rays[None], view.seen[None])[0])
    if scale <= 0.0:
        return _DISTANCE if view.before is None else float(view.before[Joint.SPINE_SHOULDER, 2])
    return min(max(view.scale / scale, NEAREST), FARTHEST)


def foreshortening(apparent: float, length: float, stretch: float) -> float:
    """How deep a bone of ``length`` metres reaches that looks ``apparent`` metres long.

    0 where it looks longer than ``stretch`` times its length: people differ, and keypoints shake.
    """
    ratio = apparent / (length * stretch)
    return length * (1.0 - ratio * ratio) ** DEPTH_POWER if ratio < 1.0 else 0.0


def place_torso(view: View) -> Torso:
    """Place spine, shoulders, hips and head."""
    depth, scale = distance(view), np.float32(view.scale)
    front = _front(view, depth)
    upper, lower = _upper(view, depth, front), _lower(view, depth, front)
    lean = 0.0 if lower is None else front * _lean(upper, lower, depth, view.scale)
    turn = _turn(view, depth)
    top = upper * np.float32(depth - lean / 2)
    bottom = None if lower is None else lower * np.float32(depth + lean / 2)
    basis = _basis(view, top, bottom, turn, front)
    if bottom is None:
        bottom = top - basis[1] * (np.float32(TORSO) * scale)
    offsets = _OFFSETS @ basis * scale
    return Torso(
        basis,
        spine_base=bottom + offsets[0],
        spine_shoulder=top + offsets[1],
        head=_head(view, top, basis),
        shoulders=_pair(view, _SHOULDERS, top, turn, offsets[2]),
        hips=_pair(view, _HIPS, bottom, turn * HIP_WIDTH / SHOULDER_WIDTH, offsets[3]),
    )


def _front(view: View, depth: float) -> float:
    """1 for someone who faces the camera, -1 for someone seen from behind, less where they turn."""
    if view.shoulders is not None:
        width = float(view.rays[Keypoint.RIGHT_SHOULDER, 0] - view.rays[Keypoint.LEFT_SHOULDER, 0]) * depth
        return math.tanh(width / (0.2 * SHOULDER_WIDTH * view.scale))
    if view.before is None:
        return 1.0
    return 1.0 if view.before[Joint.SHOULDER_RIGHT, 0] >= view.before[Joint.SHOULDER_LEFT, 0] else -1.0


def _upper(view: View, depth: float, front: float) -> FloatArray:
    """The ray of the middle of the shoulders, from the best that was seen."""
    if view.shoulders is not None:
        return view.shoulders
    size = view.scale / depth
    if view.has[Keypoint.NECK]:
        return _shifted(view.rays[Keypoint.NECK], 0.0, -NECK_OVER_SHOULDERS * size)
    for keypoint, side in ((Keypoint.LEFT_SHOULDER, front), (Keypoint.RIGHT_SHOULDER, -front)):
        if view.has[keypoint]:
            return _shifted(view.rays[keypoint], side * SHOULDER_WIDTH / 2 * size, 0.0)
    face = view.middle(*_FACE, every=False)
    if face is not None:
        return _shifted(face, 0.0, -HEAD_OFFSET[1] * size)
    hips = view.middle(Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP, every=False)
    if hips is not None:
        return _shifted(hips, 0.0, TORSO * size)
    if view.before is not None:
        return np.asarray(view.before[Joint.SPINE_SHOULDER] / view.before[Joint.SPINE_SHOULDER, 2])
    anything = view.middle(*Keypoint, every=False)
    return np.array([0.0, 0.0, 1.0], np.float32) if anything is None else anything


def _lower(view: View, depth: float, front: float) -> FloatArray | None:
    """The ray of the middle of the hips, if one of them was seen."""
    if view.hips is not None:
        return view.hips
    for keypoint, side in ((Keypoint.LEFT_HIP, front), (Keypoint.RIGHT_HIP, -front)):
        if view.has[keypoint]:
            return _shifted(view.rays[keypoint], side * HIP_WIDTH / 2 * view.scale / depth, 0.0)
    return None


def _shifted(ray: FloatArray, x: float, y: float) -> FloatArray:
    return ray + np.array([x, y, 0.0], np.float32)


def _lean(upper: FloatArray, lower: FloatArray, depth: float, scale: float) -> float:
    """By how many metres the shoulders are nearer than the hips of someone who faces the camera."""
    apparent = math.hypot(*(upper - lower)[:2].tolist()) * depth
    return foreshortening(apparent, TORSO * scale, _STRETCH) + _LEAN * scale


def _turn(view: View, depth: float) -> float:
    """By how many metres the right shoulder is farther than the left one.

    Shoulders that look narrow are turned; the nose says to which side, and what was so a moment ago stays likely.
    """
    if view.shoulders is None:
        return 0.0
    width = SHOULDER_WIDTH * view.scale
    left, right = view.rays[Keypoint.LEFT_SHOULDER].tolist(), view.rays[Keypoint.RIGHT_SHOULDER].tolist()
    deep = foreshortening(math.hypot(right[0] - left[0], right[1] - left[1]) * depth, width, _TURN_STRETCH)
    hint = 0.0
    if view.before is not None:
        hint = float(view.before[Joint.SHOULDER_RIGHT, 2] - view.before[Joint.SHOULDER_LEFT, 2]) / width
    behind = view.rays[Keypoint.NECK] if view.ears is None and view.has[Keypoint.NECK] else view.ears
    if behind is not None and view.has[Keypoint.NOSE]:
        # Whoever faces to the picture's left (more X) has the right shoulder farther away.
        hint += float(view.rays[Keypoint.NOSE, 0] - behind[0]) * depth / 0.05
    return deep * math.tanh(2 * hint)


def _basis(view: View, top: FloatArray, bottom: FloatArray | None, turn: float, front: float) -> FloatArray:
    """The body's own right, up and forwards as the rows of a (3, 3) array."""
    side = np.array([math.copysign(0.1, front), 0.0, 0.0], np.float32)
    if view.shoulders is not None:
        side = (view.rays[Keypoint.RIGHT_SHOULDER] - view.rays[Keypoint.LEFT_SHOULDER]) * top[2]
        side[2] = turn
    right = unit(side)
    up = np.array([0.0, 1.0, 0.0], np.float32) if bottom is None else top - bottom
    up = unit(np.asarray(up - (up @ right) * right, np.float32))
    return np.array([right, up, cross(up, right)], np.float32)


def _pair(view: View, keypoints: npt.NDArray[np.intp], middle: FloatArray, turn: float, half: FloatArray) -> FloatArray:
    """Left and right, (2, 3): on their rays where seen, else ``half`` a width from the middle."""
    on_rays = view.rays[keypoints] * (middle[2] + _LEFT_RIGHT * np.float32(turn / 2))
    return np.where(view.seen[keypoints, None], on_rays, middle + _LEFT_RIGHT * half)


def _head(view: View, top: FloatArray, basis: FloatArray) -> FloatArray:
    """The middle of the head, between the ears."""
    depth = top[2] + basis[2, 2] * (_HEAD_FORWARDS * view.scale)
    middle = view.middle(*_FACE, every=False) if view.ears is None else view.ears
    if middle is None and view.has[Keypoint.HEAD_TOP]:
        over = HEAD_HALF_HEIGHT * view.scale / depth
        middle = _shifted(view.rays[Keypoint.HEAD_TOP], -over * float(basis[1, 0]), -over * float(basis[1, 1]))
    if middle is None:
        return np.asarray(top + np.array(HEAD_OFFSET, np.float32) @ basis * view.scale)
    return np.asarray(middle * depth)
