"""Keypoints as a network would find them of a known skeleton: where they lie on it, and how wrong they come out.

Skeletons are (..., 25, 3) in metres. Errors are in torsos, the distance from SpineBase to SpineShoulder as it appears;
their sizes follow those of our pose network on clips with a Kinect's skeletons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.body import FloatArray
from models.joints import KEYPOINT_FLIP, Joint, Keypoint
from models.orientation import cross, unit
from models.proportions import DEFAULT_HEIGHT, FOOT_FRACTION, HEAD_HALF_HEIGHT, INDEX_FRACTION, NECK_FRACTION

TORSO_SHARE = 0.29
"""The torso's length as a share of the height."""

_FACE = {Keypoint.NOSE: (0.0, 0.0, 0.1), Keypoint.LEFT_EAR: (-0.07, 0.0, 0.0), Keypoint.RIGHT_EAR: (0.07, 0.0, 0.0)}
_PARTS = ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE", "THUMB")
_DIRECT = [Keypoint[f"{side}_{part}"] for part in _PARTS for side in ("LEFT", "RIGHT")]
_DIRECT_JOINTS = [Joint[f"{part}_{side}"] for part in _PARTS for side in ("LEFT", "RIGHT")]


def body_axes(positions: FloatArray) -> FloatArray:
    """The body's own right, up and forwards as the rows of (..., 3, 3)."""
    up = unit(positions[..., Joint.SPINE_SHOULDER, :] - positions[..., Joint.SPINE_BASE, :])
    right = positions[..., Joint.SHOULDER_RIGHT, :] - positions[..., Joint.SHOULDER_LEFT, :]
    right = unit(right - (right * up).sum(axis=-1, keepdims=True) * up)
    return np.stack([right, up, cross(up, right)], axis=-2)


def keypoint_places(positions: FloatArray, height: FloatArray, head: FloatArray | None = None) -> FloatArray:
    """Where keypoints (..., 23, 3) lie on skeletons; joints that are NaN are guessed from their neighbours.

    Parameters
    ----------
    positions : (..., 25, 3) float32 array
    height : (...) float32 array
        The people's heights in metres.
    head : (..., 3, 3) float32 array, optional
        How the head is turned against the body, in the body's own axes; by default not at all.
    """
    size = np.asarray(height, np.float32)[..., None] / np.float32(DEFAULT_HEIGHT)
    axes = body_axes(positions)
    turned = axes if head is None else head @ axes
    places = np.empty((*positions.shape[:-2], len(Keypoint), 3), np.float32)
    places[..., _DIRECT, :] = positions[..., _DIRECT_JOINTS, :]
    middle, top = positions[..., Joint.HEAD, :], positions[..., Joint.SPINE_SHOULDER, :]
    for keypoint, offset in _FACE.items():
        places[..., keypoint, :] = middle + size * (np.array(offset, np.float32) @ turned)
    places[..., Keypoint.HEAD_TOP, :] = middle + size * np.float32(HEAD_HALF_HEIGHT) * turned[..., 1, :]
    neck = positions[..., Joint.NECK, :]
    places[..., Keypoint.NECK, :] = np.where(np.isfinite(neck), neck, top + NECK_FRACTION * (middle - top))
    for side in ("LEFT", "RIGHT"):
        _add_ends(places, positions, size, axes, side)
    return places


def _add_ends(places: FloatArray, positions: FloatArray, size: FloatArray, axes: FloatArray, side: str) -> None:
    """Fill in the knuckles and toes of one side."""
    elbow, wrist, hand, tip, ankle, foot = (
        positions[..., Joint[f"{part}_{side}"], :] for part in ("ELBOW", "WRIST", "HAND", "HAND_TIP", "ANKLE", "FOOT")
    )
    forearm = unit(wrist - elbow) * (np.float32(0.09) * size)
    knuckle = np.where(np.isfinite(hand), np.float32(1.45) * (hand - wrist), forearm)
    knuckle = np.where(np.isfinite(tip), np.float32(INDEX_FRACTION) * (tip - wrist), knuckle)
    places[..., Keypoint[f"{side}_INDEX"], :] = wrist + knuckle
    thumb = places[..., Keypoint[f"{side}_THUMB"], :]
    guess = wrist + np.float32(0.7) * knuckle + np.float32(0.03) * size * axes[..., 2, :]
    places[..., Keypoint[f"{side}_THUMB"], :] = np.where(np.isfinite(thumb), thumb, guess)
    places[..., Keypoint[f"{side}_FOOT"], :] = ankle + (foot - ankle) / np.float32(FOOT_FRACTION)


def _by_keypoint(values: dict[str, float]) -> FloatArray:
    return np.array([next(v for part, v in values.items() if part in k.name) for k in Keypoint], np.float32)


_SPREAD = _by_keypoint(
    {"NOSE": 0.025, "EAR": 0.03, "HEAD_TOP": 0.04, "NECK": 0.035, "SHOULDER": 0.04, "ELBOW": 0.06, "WRIST": 0.07}
    | {"INDEX": 0.09, "THUMB": 0.09, "HIP": 0.05, "KNEE": 0.06, "ANKLE": 0.06, "FOOT": 0.08}
)
_MISTAKES = _by_keypoint(
    {"NOSE": 0.01, "EAR": 0.02, "HEAD_TOP": 0.02, "NECK": 0.02, "SHOULDER": 0.03, "ELBOW": 0.12, "WRIST": 0.25}
    | {"INDEX": 0.3, "THUMB": 0.3, "HIP": 0.03, "KNEE": 0.1, "ANKLE": 0.12, "FOOT": 0.15}
)
_GROUPS = (
    (("SHOULDER", "ELBOW", "WRIST", "INDEX", "THUMB"), 0.01),
    (("WRIST", "INDEX", "THUMB"), 0.02),
    (("HIP", "KNEE", "ANKLE", "FOOT"), 0.01),
    (("KNEE", "ANKLE", "FOOT"), 0.015),
)
_SWAPS = [([k for k in Keypoint if any(part in k.name for part in parts)], rate) for parts, rate in _GROUPS]
_HIDDEN = [
    ([k for k in Keypoint if k.name.startswith(side) and any(p in k.name for p in parts)], rate)
    for side in ("LEFT", "RIGHT")
    for parts, rate in (
        (("WRIST", "INDEX", "THUMB"), 0.08),
        (("ELBOW", "WRIST", "INDEX", "THUMB"), 0.03),
        (("KNEE", "ANKLE", "FOOT"), 0.03),
        (("ANKLE", "FOOT"), 0.05),
        (("EAR",), 0.2),
    )
]


@dataclass(frozen=True, slots=True, eq=False)
class NoisyKeypoints:
    """Keypoints with errors.

    Attributes
    ----------
    rays : (n, frames, 23, 2) float32 array
    confidence : (n, frames, 23) float32 array
    """

    rays: FloatArray
    confidence: FloatArray


def with_errors(
    rays: FloatArray, torso: FloatArray, step: FloatArray, rng: np.random.Generator, level: FloatArray
) -> NoisyKeypoints:
    """Exact ``rays`` (n, frames, 23, 2) as a network would report them.

    Each keypoint has an error that stays, one that wanders within a quarter of a second and one that is new in every
    picture; now and then it is lost to something else for a while, exchanged with the other side, or hidden.

    Parameters
    ----------
    rays : (n, frames, 23, 2) float32 array
    torso : (n, frames) float32 array
        How long the torso appears, in the units of ``rays``.
    step : (n,) float32 array
        Seconds between frames.
    rng : numpy.random.Generator
    level : (n,) float32 array
        Scales the size and the number of errors; 1 is our network's.
    """
    n, frames = rays.shape[:2]
    shape = (n, frames, len(Keypoint))
    amount = level[:, None, None, None]
    spread = amount * _SPREAD[:, None]
    still = rng.normal(size=(n, 1, len(Keypoint), 2)) * 0.5
    wander = _wandering(rng, (n, frames, len(Keypoint), 2), np.exp(-step / 0.25))
    error = spread * (still + 0.7 * wander + 0.35 * rng.normal(size=(*shape, 2)))
    lost = _episodes(rng, shape, step, _MISTAKES * level[:, None], 0.4)
    error += lost[..., None] * 0.35 * _wandering(rng, (n, frames, len(Keypoint), 2), np.exp(-step / 0.5))
    found = _exchanged(rays, rng, step, level) + error * torso[..., None, None]
    off = np.linalg.norm(error, axis=-1)
    sure = 0.95 - 0.9 * np.minimum(off, 0.5) - 0.25 * lost * rng.random((n, 1, len(Keypoint)))
    sure -= np.abs(_wandering(rng, shape, np.exp(-step / 0.3))) * (0.05 + 0.5 * _SPREAD)
    for group, rate in _HIDDEN:
        hidden = _episodes(rng, (n, frames, 1), step, rate * level[:, None], 0.7)
        sure[..., group] -= hidden * rng.uniform(0.3, 0.9, (n, 1, len(group)))
        found[..., group, :] += (hidden * torso[..., None])[..., None] * 0.2 * rng.normal(size=(n, 1, len(group), 2))
    return NoisyKeypoints(found.astype(np.float32), np.clip(sure, 0.02, 1.0).astype(np.float32))


def _exchanged(rays: FloatArray, rng: np.random.Generator, step: FloatArray, level: FloatArray) -> FloatArray:
    """``rays`` with left and right of arms or legs exchanged now and then."""
    found = rays.copy()
    for group, rate in _SWAPS:
        swapped = _episodes(rng, (*rays.shape[:2], 1), step, rate * level[:, None], 0.3)[..., None] > 0
        found[:, :, group] = np.where(swapped, found[:, :, [KEYPOINT_FLIP[k] for k in group]], found[:, :, group])
    return found


def _wandering(rng: np.random.Generator, shape: tuple[int, ...], keep: FloatArray) -> FloatArray:
    """Noise of variance 1 that keeps a share ``keep`` (n,) of itself from frame to frame (axis 1)."""
    values = rng.normal(size=shape).astype(np.float32)
    share = keep.astype(np.float32).reshape(-1, *[1] * (len(shape) - 2))
    fresh = np.sqrt(1 - share * share)
    for frame in range(1, shape[1]):
        values[:, frame] = share * values[:, frame - 1] + fresh * values[:, frame]
    return values


def _episodes(
    rng: np.random.Generator, shape: tuple[int, int, int], step: FloatArray, rate: FloatArray, seconds: float
) -> FloatArray:
    """1 in spells (n, frames, k) that begin ``rate`` (n, k) times a second and last ``seconds`` on average, else 0."""
    starts = np.clip(rate * step[:, None], 0, 0.5)
    ends = np.clip(step / seconds, 0, 1)[:, None]
    chance = rng.random(shape)
    on = np.zeros(shape, np.float32)
    on[:, 0] = chance[:, 0] < np.minimum(rate * seconds, 0.5)
    for frame in range(1, shape[1]):
        on[:, frame] = np.where(on[:, frame - 1] > 0, chance[:, frame] > ends, chance[:, frame] < starts)
    return on
