"""What somebody looks like: the colours of head, trunk, arms and legs where the keypoints say that they are.

A look is a (6, 5, 3) float32 array, for each of `PARTS` five quantiles of lightness and the two colour axes of CIE Lab,
with weights (6,): how well each part was seen, 0 to 1. Lightness counts less than colour, for light changes from place
to place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from bridge.covering import covered
from bridge.matching import CONFIDENT, Measured
from bridge.nearer import nearer
from models.body import ByteArray, FloatArray
from models.joints import Keypoint

PARTS = ("head", "chest", "belly", "upper arms", "thighs", "shins")
_IMPORTANCE = np.array([0.5, 1.0, 1.0, 0.6, 1.0, 0.5], np.float32)
_LEAST = 0.9
"""So much of `_IMPORTANCE` must be seen of two people to compare them: the chest or the belly and a little more."""

_MOST = 20.0  # a part differs by no more
_VIVID = 0.045
_LIGHT = 0.7


def _scale() -> FloatArray:
    """What OpenCV's Lab of 8 bits stands for, (256, 3): lightness, and axes on which vivid colours are drawn together.

    As in the colour difference of the CIE of 1994, the more vivid a colour is, the less a step of it means.
    """
    values = np.arange(256, dtype=np.float32)
    axis = values - 128
    return np.stack(
        [_LIGHT * values * 100 / 255, *2 * [np.sign(axis) * np.log1p(_VIVID * np.abs(axis)) / _VIVID]], axis=1
    )


_LAB = _scale()
_ALONG, _ACROSS = (
    a.ravel().astype(np.float32) for a in np.meshgrid(np.linspace(0.1, 0.9, 6), (-0.6, 0.0, 0.6), indexing="ij")
)
_QUANTILES = (1, 5, 8, 12, 16)  # of the 18 samples of a stretch
# Stretches of a body, each in a part; limbs come in pairs.
_STRETCH_PARTS = (0, 1, 2, 3, 3, 4, 4, 5, 5)
_LIMBS = np.array([
    (Keypoint.LEFT_SHOULDER, Keypoint.LEFT_ELBOW), (Keypoint.RIGHT_SHOULDER, Keypoint.RIGHT_ELBOW),
    (Keypoint.LEFT_HIP, Keypoint.LEFT_KNEE), (Keypoint.RIGHT_HIP, Keypoint.RIGHT_KNEE),
    (Keypoint.LEFT_KNEE, Keypoint.LEFT_ANKLE), (Keypoint.RIGHT_KNEE, Keypoint.RIGHT_ANKLE),
])  # fmt: skip
_SHOULDERS = [Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER]
_TRUNK = 1.4  # its length in widths of the shoulders
_HIPS = [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One view of somebody.

    Attributes
    ----------
    colours : (6, 5, 3) float32 array
    weights : (6,) float32 array
        0 for a part that was never seen.
    """

    colours: FloatArray
    weights: FloatArray

    @property
    def told(self) -> bool:
        """Whether enough was seen to know the person by it."""
        return bool(self.weights @ _IMPORTANCE >= 2.0)


def looks_of(image: ByteArray, people: Measured) -> list[Look]:
    """How ``people`` look in ``image`` (height, width, 3), blue, green, red."""
    if not len(people.poses):
        return []
    starts, axes, sides, seen = _stretches(people.poses)
    seen = seen * ~covered(starts, axes, sides, seen, nearer(people.poses, people.sizes))
    points = starts[:, :, None] + axes[:, :, None] * _ALONG[:, None] + sides[:, :, None] * _ACROSS[:, None]
    height, width = image.shape[:2]
    places = points.astype(np.int32)
    limits = np.array([width - 1, height - 1])
    held = np.minimum(np.maximum(places, 0), limits)
    seen = seen * ((places == held).all(axis=3).mean(axis=2) > 0.8)
    samples = image[held[..., 1], held[..., 0]]  # (n, stretches, 18, 3)
    lab = cv2.cvtColor(samples.reshape(1, -1, 3), cv2.COLOR_BGR2LAB).reshape(samples.shape)
    colours = _LAB[np.sort(lab, axis=2)[:, :, _QUANTILES], np.arange(3)]
    return [Look(c, w) for c, w in zip(*_by_part(colours, seen), strict=True)]


def ready() -> None:
    """Let OpenCV make its tables of Lab, which takes a tenth of a second once, before anybody waits for it."""
    cv2.cvtColor(np.zeros((1, 1, 3), np.uint8), cv2.COLOR_BGR2LAB)


def differences(a: Sequence[Look], b: Sequence[Look]) -> FloatArray:
    """How differently people look, (n, m), in units of CIE Lab; infinite where too little of both was seen.

    The mean distance between quantiles is the earth mover's distance between the colours of a part.
    """
    if not a or not b:
        return np.full((len(a), len(b)), np.inf, np.float32)
    colours_a, colours_b = (np.stack([look.colours for look in looks]) for looks in (a, b))
    weights_a, weights_b = (np.stack([look.weights for look in looks]) for looks in (a, b))
    shared = np.minimum(weights_a[:, None], weights_b[None]) * _IMPORTANCE
    apart = colours_a[:, None] - colours_b[None]
    # One part that was covered by something does not make another person.
    each = np.minimum(np.sqrt(np.einsum("nmpqc,nmpqc->nmpq", apart, apart)).mean(axis=3), _MOST)
    total = shared.sum(axis=2)
    mean = (each * shared).sum(axis=2) / np.maximum(total, 1e-6)
    return np.where(total >= _LEAST, mean, np.inf).astype(np.float32)


def blended(before: Look, now: Look, share: float) -> Look:
    """``before`` with ``share`` of ``now``; a part that was not seen before is taken over."""
    known = before.weights > 0
    shares = np.where(known, share, 1.0) * (now.weights > 0)
    colours = before.colours + shares[:, None, None].astype(np.float32) * (now.colours - before.colours)
    return Look(colours.astype(np.float32), np.maximum(before.weights, now.weights))


def _stretches(poses: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Start, axis, half width to the side (n, 9, 2) and whether it is seen (n, 9) of each stretch."""
    points, sure = poses[:, :, :2], np.asarray(poses[:, :, 2] >= CONFIDENT)
    shoulders, hips = points[:, _SHOULDERS].mean(axis=1), points[:, _HIPS].mean(axis=1)
    hips_sure = np.asarray(sure[:, _HIPS].any(axis=1))
    # Whose hips are below the picture has a chest below the shoulders.
    below = _TRUNK * _turned(points[:, Keypoint.RIGHT_SHOULDER] - points[:, Keypoint.LEFT_SHOULDER])
    below *= np.where(below[:, 1:] < 0, -1.0, 1.0)
    trunk = np.where(hips_sure[:, None], hips - shoulders, below)
    length = np.sqrt((trunk * trunk).sum(axis=1, keepdims=True))
    wide = np.abs(points[:, Keypoint.LEFT_SHOULDER, :1] - points[:, Keypoint.RIGHT_SHOULDER, :1]) / 2
    trunk_side = _turned(trunk) / np.maximum(length, 1.0) * np.maximum(0.8 * wide, 0.15 * length)
    neck, top = points[:, Keypoint.NECK], points[:, Keypoint.HEAD_TOP]
    head = top - neck
    limbs, limb_axes = points[:, _LIMBS[:, 0]], points[:, _LIMBS[:, 1]] - points[:, _LIMBS[:, 0]]
    starts = np.concatenate([np.stack([neck + 0.3 * head, shoulders, shoulders + trunk / 2], axis=1), limbs], axis=1)
    axes = np.concatenate([np.stack([0.7 * head, trunk / 2, trunk / 2], axis=1), limb_axes], axis=1)
    sides = np.concatenate([np.stack([0.3 * _turned(head), trunk_side, trunk_side], 1), 0.1 * _turned(limb_axes)], 1)
    chest_sure = np.asarray(sure[:, _SHOULDERS].all(axis=1))
    head_sure = sure[:, Keypoint.NECK] & sure[:, Keypoint.HEAD_TOP]
    limb_sure = sure[:, _LIMBS[:, 0]] & sure[:, _LIMBS[:, 1]]
    seen = np.concatenate([np.stack([head_sure, chest_sure, chest_sure & hips_sure], axis=1), limb_sure], axis=1)
    return starts, axes, sides, seen.astype(np.float32)


def _turned(vectors: FloatArray) -> FloatArray:
    """``vectors`` (..., 2), a quarter round."""
    return np.stack([-vectors[..., 1], vectors[..., 0]], axis=-1)


def _by_part(colours: FloatArray, seen: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Colours (n, 6, 5, 3) and weights (n, 6) of the parts, from those of the stretches, (n, 9, 5, 3) and (n, 9)."""
    left, right = seen[:, 3::2, None, None], seen[:, 4::2, None, None]
    limbs = (colours[:, 3::2] * left + colours[:, 4::2] * right) / np.maximum(left + right, 1.0)
    both = np.maximum(seen[:, 3::2], seen[:, 4::2])
    return np.concatenate([colours[:, :3], limbs], axis=1), np.concatenate([seen[:, :3], both], axis=1)
