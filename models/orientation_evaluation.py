"""Judge the orientations by those that a Kinect v2 reported of its own skeletons."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.body import FloatArray
from models.joints import Joint
from models.orientation import Orienter
from models.skeleton_sets import SkeletonError, read_clip


@dataclass(frozen=True, slots=True)
class OrientationResult:
    """How near our orientations come to a Kinect's.

    Attributes
    ----------
    median_deg : float
        Median angle between both, in degrees, over all joints that have an orientation.
    per_joint_deg : dict of str to float
        The same for each joint.
    jumps, kinect_jumps : float
        Share of steps from one frame to the next in which an orientation turns by more than a right angle; ours and
        the Kinect's.
    frames : int
    """

    median_deg: float
    per_joint_deg: dict[str, float]
    jumps: float
    kinect_jumps: float
    frames: int


def evaluate_orientations(paths: Sequence[Path]) -> OrientationResult:
    """Compare on KERAAL clips, each ``NAME.npz`` with ``position`` and ``orientation_xyzw``.

    Raises
    ------
    SkeletonError
        If a file is missing or holds something else.
    """
    pairs = [_both(path) for path in paths]
    ours, kinects = (np.concatenate([pair[i] for pair in pairs]) for i in (0, 1))
    turned = [joint for joint in Joint if np.abs(ours[:, joint]).max() > 0]
    angles = np.degrees(angles_between(ours, kinects))
    return OrientationResult(
        median_deg=float(np.median(angles[:, turned])),
        per_joint_deg={joint.name.lower(): float(np.median(angles[:, joint])) for joint in turned},
        jumps=float(np.mean([_jumps(pair[0][:, turned]) for pair in pairs])),
        kinect_jumps=float(np.mean([_jumps(pair[1][:, turned]) for pair in pairs])),
        frames=len(ours),
    )


def angles_between(a: FloatArray, b: FloatArray) -> FloatArray:
    """Radians between the rotations of unit quaternions (..., 4)."""
    return np.asarray(2 * np.arccos(np.clip(np.abs((a * b).sum(axis=-1)), 0, 1)), np.float32)


def _jumps(quaternions: FloatArray) -> float:
    return float((angles_between(quaternions[1:], quaternions[:-1]) > np.pi / 2).mean())


def _both(path: Path) -> tuple[FloatArray, FloatArray]:
    """Our orientations of a clip's skeletons and the Kinect's, both (frames, 25, 4) x y z w."""
    motion, orienter = read_clip(path), Orienter()
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            recorded = np.asarray(file["orientation_xyzw"], np.float32)
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise SkeletonError(f"{path}: without an array 'orientation_xyzw'") from error
    if recorded.shape != (*motion.positions.shape[:2], 4):
        raise SkeletonError(f"{path}: 'orientation_xyzw' must have shape (frames, 25, 4), got {recorded.shape}")
    ours = np.stack([orienter(i / motion.rate, frame) for i, frame in enumerate(motion.positions)])
    return ours, np.roll(recorded, -1, axis=-1)  # whatever its name says, w comes first in the file
