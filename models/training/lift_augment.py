"""What the lift's training varies: whose arms somebody has, where the camera stands, what a network calls a hip."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from models.body import FloatArray
from models.joints import Joint, Keypoint
from models.keypoint_synthesis import body_axes
from models.orientation import cross, unit
from models.synthetic_views import Offsets

ARMS = {
    Joint[f"SHOULDER_{side}"]: [Joint[f"{part}_{side}"] for part in ("ELBOW", "WRIST", "HAND", "HAND_TIP", "THUMB")]
    for side in ("LEFT", "RIGHT")
}
LEGS = {
    Joint[f"HIP_{side}"]: [Joint[f"{part}_{side}"] for part in ("KNEE", "ANKLE", "FOOT")] for side in ("LEFT", "RIGHT")
}
_CHAINS = (
    ("ELBOW", "WRIST", "INDEX", "THUMB"),
    ("WRIST", "INDEX", "THUMB"),
    ("KNEE", "ANKLE", "FOOT"),
    ("ANKLE", "FOOT"),
    ("HIP", "KNEE", "ANKLE", "FOOT"),
    ("NOSE", "EAR", "HEAD_TOP"),
)


def _keypoints(side: str, parts: tuple[str, ...]) -> list[Keypoint]:
    return [k for k in Keypoint if k.name.startswith(side) and any(part in k.name for part in parts)]


HIDDEN = [
    *(_keypoints(side, parts) for parts in _CHAINS for side in ("LEFT", "RIGHT", "")),
    *([keypoint] for keypoint in Keypoint),
]
"""Keypoints that are hidden together."""

ARM_KEYPOINTS = _keypoints("", _CHAINS[0])
_LOWER = [Joint.SPINE_BASE, *LEGS, *(joint for leg in LEGS.values() for joint in leg)]
_UPPER = [joint for joint in Joint if joint not in _LOWER]


def with_limbs_of(
    positions: FloatArray, height: FloatArray, others: FloatArray, tall: FloatArray, limbs: dict[Joint, list[Joint]]
) -> FloatArray:
    """Bodies (n, frames, 25, 3) of ``height`` (n,) with the limbs of ``others``, who are ``tall`` (n,).

    ``limbs`` are the joints that hang from each joint; they keep how they hang on the torso.
    """
    result = positions.copy()
    change = np.swapaxes(body_axes(others), -1, -2) @ body_axes(positions) * (height / tall)[:, None, None, None]
    for start, joints in limbs.items():
        hanging = (others[:, :, joints] - others[:, :, [start]]) @ change
        result[:, :, joints] = positions[:, :, [start]] + hanging
    return result


def turned_in_waist(positions: FloatArray, angle: FloatArray) -> FloatArray:
    """Bodies (n, frames, 25, 3) whose upper part is turned about the spine by ``angle`` (n, frames), the hips half."""
    up = body_axes(positions)[..., 1, :]
    base = positions[:, :, [Joint.SPINE_BASE]]
    result = positions.copy()
    for joints, share in ((_UPPER, 1.0), (list(LEGS), 0.3)):
        c, s = np.cos(share * angle)[..., None, None], np.sin(share * angle)[..., None, None]
        arm = positions[:, :, joints] - base
        axis = np.broadcast_to(up[:, :, None], arm.shape)
        along = (arm * axis).sum(axis=-1, keepdims=True) * axis
        result[:, :, joints] = base + along + (arm - along) * c + cross(axis, arm) * s
    return result


def swinging(n: int, frames: int, spread: float, rng: np.random.Generator) -> FloatArray:
    """Angles (n, frames) that swing around nought, the widest of each ``spread`` radians on average."""
    pace, start = rng.uniform(0, 0.15, (n, 1)), rng.uniform(0, 2 * np.pi, (n, 1))
    return np.asarray(rng.normal(0, spread, (n, 1)) * np.sin(start + pace * np.arange(frames)), np.float32)


def with_waving_arms(positions: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Bodies (n, frames, 25, 3) whose arms point anywhere that arms reach, straight or bent; some are alike."""
    n = len(positions)
    drawn = [_arm_directions(n, positions.shape[1], rng) for _ in ARMS]
    alike = rng.random((n, 1, 1)) < 0.35
    drawn[1] = [np.where(alike, left, right) for left, right in zip(*drawn, strict=True)]
    mirror = np.array([-1.0, 1.0, 1.0], np.float32)
    return _with_arms(positions, [[part * mirror for part in drawn[0]], drawn[1]])


def with_arms_like(positions: FloatArray, others: FloatArray) -> FloatArray:
    """Bodies (n, frames, 25, 3) who hold their own arms as ``others`` do."""
    back = np.swapaxes(body_axes(others), -1, -2)
    directions = []
    for shoulder, (elbow, wrist, *_) in ARMS.items():
        parts = [others[:, :, end] - others[:, :, start] for start, end in pairwise((shoulder, elbow, wrist))]
        directions.append([unit(np.asarray((part[..., None, :] @ back)[..., 0, :], np.float32)) for part in parts])
    return _with_arms(positions, directions)


def _with_arms(positions: FloatArray, directions: Sequence[Sequence[FloatArray]]) -> FloatArray:
    """Bodies whose upper arms and forearms, left and right, point in ``directions``: the body's right, up and forwards.

    Arms are as long as they are in most of the frames: what a Kinect says of them changes by centimetres.
    """
    result, axes = positions.copy(), body_axes(positions)
    for (shoulder, (elbow, wrist, *rest)), parts in zip(ARMS.items(), directions, strict=True):
        first, second = (np.asarray((part[..., None, :] @ axes)[..., 0, :], np.float32) for part in parts)
        for (start, end), direction in zip(pairwise((shoulder, elbow, wrist)), (first, second), strict=True):
            result[:, :, end] = result[:, :, start] + _usual_length(positions, start, end) * direction
        before = unit(positions[:, :, wrist] - positions[:, :, elbow])
        for joint in rest:
            hanging = _turned(positions[:, :, joint] - positions[:, :, wrist], before, second)
            result[:, :, joint] = result[:, :, wrist] + hanging
    return result


def _turned(vectors: FloatArray, before: FloatArray, after: FloatArray) -> FloatArray:
    """``vectors`` (..., 3), turned as unit vectors are turned from ``before`` to ``after`` on the shortest way."""
    axis = cross(before, after)
    cosine = np.maximum((before * after).sum(axis=-1, keepdims=True), np.float32(-0.99))
    once = cross(axis, vectors)
    return np.asarray(vectors + once + cross(axis, once) / (1 + cosine), np.float32)


def _arm_directions(n: int, frames: int, rng: np.random.Generator) -> list[FloatArray]:
    """Where a right upper arm and forearm (n, frames, 3) point: outwards, up and forwards."""
    upper = np.array([1.0, 0.0, 0.3]) + rng.normal(0, 0.9, (n, 1, 3))
    swing = np.stack([swinging(n, frames, 0.5, rng) for _ in range(3)], axis=-1)
    first = unit((upper + swing).astype(np.float32))
    bend = rng.normal(0, 0.5, (n, 1, 1)).astype(np.float32) * (rng.random((n, 1, 1)) < 0.7)
    return [first, unit(first + bend * (np.roll(first, 1, axis=-1) + np.float32(0.5) * swing))]


def _usual_length(positions: FloatArray, start: Joint, end: Joint) -> FloatArray:
    """The length (n, 1, 1) of a bone in most of the frames."""
    lengths = np.linalg.norm(positions[:, :, end] - positions[:, :, start], axis=-1)
    return np.asarray(np.median(lengths, axis=1)[:, None, None], np.float32)


def about(axis: int, angles: npt.NDArray[np.floating]) -> FloatArray:
    """Rotations (..., 3, 3) about the X, Y or Z axis, to be multiplied to rows from the right."""
    c, s = np.cos(angles), np.sin(angles)
    result = np.zeros((*np.shape(angles), 3, 3), np.float32)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    result[..., axis, axis] = 1
    result[..., i, i] = result[..., j, j] = c
    result[..., i, j], result[..., j, i] = s, -s
    return result


def before_random_cameras(
    positions: FloatArray, height: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """``positions`` in front of random cameras, and how far those see: (n, 2)."""
    n = len(positions)
    root = np.nanmean(positions[:, :, :1], axis=1, keepdims=True)
    yaw = np.where(rng.random(n) < 0.85, rng.normal(0, 0.35, n), rng.uniform(-np.pi, np.pi, n))
    tilt, roll = np.clip(rng.normal(0.05, 0.16, n), -0.6, 0.6), rng.normal(0, 0.05, n)
    turn = np.matmul(np.matmul(about(1, yaw), about(0, tilt)), about(2, roll))
    side = np.tan(np.radians(rng.uniform(45, 95, n)) / 2)
    half_view = np.stack([side, side * rng.choice([9 / 16, 3 / 4, 4 / 3], n, p=[0.5, 0.4, 0.1])], axis=1)
    close = rng.random(n) < 0.2
    fit = 0.5 * height / half_view[:, 1]  # the distance from which somebody just fits in
    depth = np.where(close, fit * rng.uniform(0.35, 0.9, n), fit * np.exp(rng.uniform(0.0, 1.1, n)))
    depth = np.clip(depth, 0.55, 9.0)
    high = np.where(close, -rng.uniform(0.1, 0.9, n) * half_view[:, 1], rng.normal(0, 0.25, n) * half_view[:, 1])
    across = rng.normal(0, 0.35, n) * half_view[:, 0]
    place = np.stack([across * depth, high * depth, depth], axis=1)
    return ((positions - root) @ turn[:, None] + place[:, None, None]).astype(np.float32), half_view.astype(np.float32)


def random_offsets(n: int, frames: int, rng: np.random.Generator) -> Offsets:
    """How networks place keypoints: half of the time as a Kinect, half as people who label pictures."""
    places = rng.normal(0, 0.006, (n, len(Keypoint), 3))
    human = rng.random(n)[:, None] < 0.6
    amount = rng.random((n, 6)) * human
    for side, sign in (("LEFT", -1.0), ("RIGHT", 1.0)):
        hip, shoulder = Keypoint[f"{side}_HIP"], Keypoint[f"{side}_SHOULDER"]
        places[:, hip, 0] += sign * 0.035 * amount[:, 0]
        places[:, hip, 1] += 0.03 * amount[:, 1] - 0.035 * amount[:, 5]
        places[:, shoulder, 0] += sign * 0.02 * amount[:, 2]
        places[:, shoulder, 1] += 0.02 * amount[:, 3] - 0.01
    places[:, Keypoint.NECK, 1] += 0.03 * (amount[:, 4] - 0.5)
    places[:, _keypoints("", ("NOSE", "EAR", "HEAD_TOP"))] += rng.normal(0, 0.01, (n, 1, 3))
    angles = rng.normal(0, 1, (n, 2, 1)) * np.ones((1, 1, frames))
    angles += 0.8 * np.sin(rng.uniform(0.01, 0.15, (n, 2, 1)) * np.arange(frames) + rng.uniform(0, 6.3, (n, 2, 1)))
    head = np.matmul(about(1, 0.35 * angles[:, 0]), about(0, 0.2 * angles[:, 1]))
    return Offsets(places.astype(np.float32), head)


def hide_some(confidence: FloatArray, rng: np.random.Generator) -> None:
    """Hide a limb, a side or any keypoint of some people for a while, so that what was seen before is remembered."""
    frames = confidence.shape[1]
    for person in np.flatnonzero(rng.random(len(confidence)) < 0.4):
        hidden = HIDDEN[rng.integers(len(HIDDEN))]
        start = rng.integers(0, frames) if rng.random() < 0.8 else 0
        end = start + 1 + int(rng.exponential(0.4 * frames))
        confidence[person, start:end, hidden] *= rng.uniform(0, 0.2)
