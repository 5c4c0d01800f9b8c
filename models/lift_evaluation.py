"""Judge the lift by recorded skeletons: what it makes of keypoints, with errors like our network's, as they were seen.

The recorder's own camera looks at each skeleton. Errors are in millimetres, SpineBase aligned, over the joints that the
recorder knows; no scale or rotation is fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from models.body import FloatArray
from models.camera import PinholeCamera
from models.joints import Joint
from models.keypoint_synthesis import NoisyKeypoints
from models.lift import DEFAULT_WEIGHTS, BodyLift, LiftMemory
from models.skeleton_sets import Motion
from models.synthetic_views import seen_by_camera

HALF_VIEW = (0.9, 0.6)
"""Where the picture ends, at a depth of one metre: about as wide as a Kinect's colour camera sees."""

MAIN_JOINTS = tuple(
    Joint[f"{part}_{side}"]
    for part in ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE")
    for side in ("LEFT", "RIGHT")
)
"""The twelve joints of the limbs."""


@dataclass(frozen=True, slots=True)
class LiftResult:
    """How near the lift comes.

    Attributes
    ----------
    mpjpe_mm : float
        Mean error over the recorder's joints in millimetres.
    mpjpe12_mm : float
        The same over the twelve main joints.
    per_joint_mm : dict of str to float
    by_subject_mm : dict of str to float
    depth : float
        Median error of the distance of SpineBase, as a share of it.
    sequences, frames : int
    """

    mpjpe_mm: float
    mpjpe12_mm: float
    per_joint_mm: dict[str, float]
    by_subject_mm: dict[str, float]
    depth: float
    sequences: int
    frames: int


def seen_motion(motion: Motion, seed: int, level: float = 1.0) -> NoisyKeypoints:
    """What our network would find of ``motion`` from where it was recorded: rays (frames, 23, 2), confidence."""
    one = [np.array([value], np.float32) for value in (motion.height, 1 / motion.rate, level)]
    half_view = np.array([HALF_VIEW], np.float32)
    rng = np.random.default_rng(seed)
    found = seen_by_camera(motion.positions[None], one[0], half_view, one[1], rng, one[2])
    return NoisyKeypoints(found.rays[0], found.confidence[0])


def summary(motions: Sequence[Motion], predicted: Sequence[FloatArray]) -> LiftResult:
    """Compare joints (frames, 25, 3) in camera space with those of ``motions``."""
    errors = [joint_errors(p, m.positions) for p, m in zip(predicted, motions, strict=True)]
    depth = [
        np.abs(p[:, Joint.SPINE_BASE, 2] / m.positions[:, Joint.SPINE_BASE, 2] - 1)
        for p, m in zip(predicted, motions, strict=True)
    ]
    every = np.concatenate(errors)
    names = [joint for joint in Joint if np.isfinite(every[:, joint]).any()]
    subjects = sorted({m.subject for m in motions})
    return LiftResult(
        mpjpe_mm=float(np.nanmean(every)),
        mpjpe12_mm=float(np.nanmean(every[:, MAIN_JOINTS])),
        per_joint_mm={joint.name.lower(): float(np.nanmean(every[:, joint])) for joint in names},
        by_subject_mm={
            s: float(np.nanmean(np.concatenate([e for e, m in zip(errors, motions, strict=True) if m.subject == s])))
            for s in subjects
        },
        depth=float(np.nanmedian(np.concatenate(depth))),
        sequences=len(motions),
        frames=len(every),
    )


def joint_errors(predicted: FloatArray, truth: FloatArray) -> FloatArray:
    """Errors (frames, 25) in millimetres, SpineBase aligned; NaN where ``truth`` is."""
    base = [Joint.SPINE_BASE]
    apart = (predicted - predicted[:, base]) - (truth - truth[:, base])
    return np.asarray(1000 * np.linalg.norm(apart, axis=2), np.float32)


def evaluate_lift(
    motions: Sequence[Motion], weights: Path = DEFAULT_WEIGHTS, seed: int = 0
) -> tuple[LiftResult, LiftResult]:
    """Lift what was seen of each motion and compare; errors are the same for the same ``seed``.

    Returns
    -------
    (LiftResult, LiftResult)
        With each person's height given, and with heights that are learnt while the sequence lasts.
    """
    lifts = {c: BodyLift(weights, c) for c in {m.convention for m in motions}}
    given, learnt = [], []
    for number, motion in enumerate(tqdm(motions, desc="lifting", disable=None)):
        positions, heights = _lifted(lifts[motion.convention], motion, seed + number)
        given.append(positions)
        learnt.append(positions * (heights / motion.height)[:, None, None])
    return summary(motions, given), summary(motions, learnt)


_CAMERA = PinholeCamera(500.0, 450.0, 300.0)  # any will do: keypoints are made from rays


def _lifted(lift: BodyLift, motion: Motion, seed: int) -> tuple[FloatArray, FloatArray]:
    """Joints (frames, 25, 3) with the height given, and the heights (frames,) that would have been learnt."""
    found = seen_motion(motion, seed)
    centre = np.array([_CAMERA.centre_u, _CAMERA.centre_v], np.float32)
    pixels = centre - found.rays * np.float32(_CAMERA.focal)
    keypoints = np.concatenate([pixels, found.confidence[..., None]], axis=2).astype(np.float32)
    memory = LiftMemory()
    positions, heights = [], []
    for number, frame in enumerate(keypoints):
        lifted = lift(frame, _CAMERA, number / motion.rate, memory)
        heights.append(memory.height.metres)
        positions.append(lifted.positions * np.float32(motion.height / heights[-1]))
    return np.stack(positions), np.array(heights, np.float32)
