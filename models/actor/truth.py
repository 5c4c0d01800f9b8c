"""What is true of a painted person: keypoints with visibility, and the box of what can be seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.actor.paint import Painted
from models.actor.skeleton import Skeleton
from models.body import FloatArray
from models.camera import PinholeCamera
from models.joints import Keypoint

OUTSIDE, HIDDEN, SEEN = 0.0, 1.0, 2.0
# How deep below the skin each keypoint lies at most, in parts of the height, with some reserve.
_DEPTH = {
    "NOSE": 0.03,
    "EAR": 0.04,
    "TOP": 0.05,
    "NECK": 0.065,
    "SHOULDER": 0.075,
    "ELBOW": 0.05,
    "WRIST": 0.04,
    "HIP": 0.10,
}
_DEPTH |= {"INDEX": 0.045, "THUMB": 0.04, "KNEE": 0.12, "ANKLE": 0.05, "FOOT": 0.05}
_DEPTHS = np.array([_DEPTH[k.name.split("_")[-1]] for k in Keypoint], np.float32)


def keypoints(
    body: Skeleton, height: float, camera: PinholeCamera, size: tuple[int, int], layers: Sequence[Painted]
) -> FloatArray:
    """Keypoints (23, 3): x and y in pixels; 2 where seen, 1 where something is in front, 0 outside the picture.

    Parameters
    ----------
    body : Skeleton
        In camera space.
    height : float
        The person's, in metres.
    layers : sequence of Painted
        Everything in the picture, this person included.
    """
    depth = body.keypoints[:, 2]
    in_front = depth > 0.05
    safe = np.where(in_front[:, None], body.keypoints, (0, 0, 1)).astype(np.float32)
    result = np.empty((len(Keypoint), 3), np.float32)
    result[:, :2] = np.where(in_front[:, None], camera.project(safe), -1.0)
    inside = in_front & (result[:, :2] >= 0).all(1) & (result[:, :2] < size).all(1)
    near = depth - _DEPTHS * height
    hidden = np.zeros(len(Keypoint), bool)
    points, farthest = result[inside, :2], near[inside].max(initial=0.0)
    for layer in layers:
        if _reaches(layer, points, farthest):
            hidden[inside] |= _covered(points, near[inside], layer)
    result[:, 2] = np.where(inside, np.where(hidden, HIDDEN, SEEN), OUTSIDE)
    return result


def _reaches(layer: Painted, points: FloatArray, farthest: float) -> bool:
    """Whether any face can be in front of any of the points."""
    if not len(points) or not len(layer.depths) or layer.depths.min() > farthest:
        return False
    return bool((layer.low.min(0) <= points.max(0)).all() and (layer.high.max(0) >= points.min(0)).all())


def _covered(points: FloatArray, near: FloatArray, layer: Painted) -> FloatArray:
    """Which points (n, 2) lie inside a face that is nearer than ``near`` (n,)."""
    candidate = layer.depths < near[:, None]
    for axis in (0, 1):
        at = points[:, axis, None]
        candidate &= (layer.low[:, axis] <= at) & (at <= layer.high[:, axis])
    which, face = np.nonzero(candidate)
    start = layer.pixels[face]
    edge = np.roll(start, -1, axis=1) - start
    to_point = points[which, None] - start
    side = edge[..., 0] * to_point[..., 1] - edge[..., 1] * to_point[..., 0]
    within = (side >= -1e-3).all(1) | (side <= 1e-3).all(1)
    covered = np.zeros(len(points), bool)
    covered[which[within]] = True
    return covered


def box(layers: Sequence[Painted], size: tuple[int, int]) -> FloatArray:
    """The (4,) box x1, y1, x2, y2 of a person's faces, cut at the picture's edges; zeros when none is inside."""
    lows, highs = (np.concatenate([getattr(layer, name) for layer in layers]) for name in ("low", "high"))
    if not len(lows):
        return np.zeros(4, np.float32)
    low, high = np.clip(lows.min(0), 0, size), np.clip(highs.max(0), 0, size)
    if (high <= low).any():
        return np.zeros(4, np.float32)
    return np.concatenate([low, high]).astype(np.float32)
