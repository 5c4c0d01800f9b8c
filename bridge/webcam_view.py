"""A recorded skeleton as our own stream would have it: seen by a webcam with a network's errors, lifted, smoothed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bridge.smoothing import DEFAULT, PRESETS, BodySmoother
from gestures.datasets import Motion
from models.camera import PinholeCamera
from models.joints import Joint, Keypoint
from models.keypoint_synthesis import TORSO_SHARE
from models.lift import LiftMemory, default_lift
from models.synthetic_views import seen_by_camera

SIZE = (640, 480)
HALF_VIEW = (0.9, 0.675)
"""Where the picture ends at a depth of one metre: a camera about as wide as a Kinect, so that nobody leaves it."""


def seen_by_webcam(motion: Motion, seed: int, level: float = 1.0) -> Motion:
    """``motion`` with the joints that the lift makes of its keypoints; ``level`` scales the network's errors."""
    camera = PinholeCamera(SIZE[0] / 2 / HALF_VIEW[0], SIZE[0] / 2, SIZE[1] / 2)
    keypoints = _keypoints(motion, camera, seed, level)
    lift, memory, smoother = default_lift(), LiftMemory(), BodySmoother(PRESETS[DEFAULT])
    positions = np.empty((len(keypoints), len(Joint), 3), np.float32)
    for number, found in enumerate(keypoints):
        time = number / motion.rate
        distance = 2.0 if memory.positions is None else float(memory.positions[Joint.SPINE_SHOULDER, 2])
        calm = smoother.keypoints(time, found[:, :2], distance / camera.focal)
        lifted = lift(np.concatenate([calm, found[:, 2:]], axis=1), camera, time, memory, SIZE)
        positions[number] = smoother.joints(time, lifted.positions, lifted.tracking_states)
    return replace(motion, positions=positions)


def _keypoints(
    motion: Motion, camera: PinholeCamera, seed: int, level: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """(T, 23, 3) pixels and confidence, as our network would find them."""
    positions = _whole(motion.positions)
    torso = np.linalg.norm(positions[:, Joint.SPINE_SHOULDER] - positions[:, Joint.SPINE_BASE], axis=1)
    height = np.array([np.median(torso) / TORSO_SHARE], np.float32)
    half_view, step = np.array([HALF_VIEW], np.float32), np.array([1 / motion.rate], np.float32)
    rng = np.random.default_rng(seed)
    found = seen_by_camera(positions[None], height, half_view, step, rng, np.array([level], np.float32))
    centre = np.array([camera.centre_u, camera.centre_v], np.float32)
    pixels = centre - camera.focal * found.rays[0]
    assert pixels.shape[1] == len(Keypoint)
    return np.concatenate([pixels, found.confidence[0][..., None]], axis=2).astype(np.float32)


def _whole(
    positions: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Joints that are missing in some frames keep their place from the frame before; those never seen stay NaN."""
    filled = positions.copy()
    for joint in range(filled.shape[1]):
        known = np.asarray(np.isfinite(filled[:, joint]).all(axis=1))
        if known.any() and not known.all():
            last = np.maximum.accumulate(np.where(known, np.arange(len(known)), 0))
            last[: int(np.argmax(known))] = int(np.argmax(known))
            filled[:, joint] = filled[last, joint]
    return filled
