"""What the lift learns from: recorded skeletons, and clips that our pose network has looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.body import FloatArray
from models.joints import Joint
from models.orientation import facing
from models.skeleton_sets import HELD_OUT, Convention, Motion, read_clip, read_motions
from models.training.lift_augment import ARMS, about

GATOR_CHOICE = ("577", "337")
"""An adult and a child by whom the recipe is judged while it is made."""

UTD_CHOICE = ("7",)
KERAAL_CHOICE = ("cacheTete_Error1Bodypart1_3", "cacheTete_Error1Bodypart3_3")

ACTED = "acted"
"""The source of the motions of the built-in actor."""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A motion with what our pose network found in its video.

    Attributes
    ----------
    motion : Motion
        In the camera space of the colour camera.
    rays : (frames, 23, 2) float32 array
    confidence : (frames, 23) float32 array
    known : (frames, 25) bool array, optional
        Which joints of the motion are true; all, if left out.
    """

    motion: Motion
    rays: FloatArray
    confidence: FloatArray
    known: npt.NDArray[np.bool_] | None = None


def training_motions(data: Path, limit: int | None = None) -> list[Motion]:
    """The motions to learn from; of each set only ``limit``, if given."""
    kinect, mocap = data / "kinect", data / "mocap"
    sets = [
        read_motions(kinect / "kinder_gator_15fps.npz", lambda s: s not in HELD_OUT["kinder_gator"] + GATOR_CHOICE),
        read_motions(kinect / "utd_mhad_skeletons.npz", lambda s: s not in HELD_OUT["utd_mhad"] + UTD_CHOICE),
        read_motions(kinect / "msr_action3d.npz"),
        read_motions(kinect / "gtu_action3d_v2.npz"),
        read_motions(mocap / "bandai_namco_15fps.npz"),
        read_motions(mocap / "cmu_walks_15fps.npz"),
    ]
    kept = [motion for motions in sets for motion in motions[:limit]]
    return [towards_camera(m) if m.convention in (Convention.BANDAI, Convention.CMU) else m for m in kept]


def choice_motions(data: Path, limit: int | None = None) -> list[Motion]:
    """The motions by which the recipe is judged while it is made: neither for training nor held out."""
    gator = read_motions(data / "kinect" / "kinder_gator_15fps.npz", GATOR_CHOICE.__contains__)
    return gator[:limit] + read_motions(data / "kinect" / "utd_mhad_skeletons.npz", UTD_CHOICE.__contains__)[:limit]


def towards_camera(motion: Motion) -> Motion:
    """``motion``, turned so that on average the person faces the camera."""
    middle = motion.positions[:, [Joint.SPINE_BASE, Joint.SPINE_SHOULDER, Joint.SHOULDER_LEFT, Joint.SHOULDER_RIGHT]]
    if not np.isfinite(middle).all():
        return motion
    x, _, z = np.mean([facing(p) for p in motion.positions], axis=0)
    turn = about(1, np.array([np.arctan2(x, -z)], np.float32))[0]
    return replace(motion, positions=np.asarray(motion.positions @ turn, np.float32))


def read_pairs(folder: Path) -> list[Pair]:
    """Clips with what a pose network found in them: every ``NAME.npz`` in ``folder``.

    Each has ``position`` (frames, 25, 3) in the space of the camera that took the video, ``rays`` (frames, 23, 2) and
    ``confidence`` (frames, 23); `bridge.lift_pairs` writes them.
    """
    pairs = []
    for path in sorted(folder.glob("*.npz")):
        motion = read_clip(path)
        with np.load(path, allow_pickle=False) as file:
            rays, confidence = file["rays"].astype(np.float32), file["confidence"].astype(np.float32)
        pairs.append(Pair(motion, rays, confidence))
    return pairs


def read_acted(path: Path) -> list[Pair]:
    """Films of the built-in actor with what a pose network found in them; `bridge.lift_pairs` writes the file.

    It has ``position`` (films, frames, 25, 3) in the space of the camera, ``height`` (films,), ``rays``
    (films, frames, 23, 2), ``confidence`` (films, frames, 23) and ``rate``, how many frames a second has. Joints
    other than SpineBase and those of the arms become NaN: an actor's knees are not quite where a Kinect's are.
    """
    arms = [Joint.SPINE_BASE, *ARMS, *(joint for arm in ARMS.values() for joint in arm)]
    with np.load(path, allow_pickle=False) as file:
        rate, everything = float(file["rate"]), file["position"]
        if not len(everything):
            return []
        positions = np.full_like(everything, np.nan)
        positions[:, :, arms] = everything[:, :, arms]
        rows = zip(positions, file["height"], file["rays"], file["confidence"], strict=True)
        return [
            Pair(Motion(place, rate, float(height), Convention.KINECT_V2, ACTED, str(i), ACTED), rays, confidence)
            for i, (place, height, rays, confidence) in enumerate(rows)
        ]
