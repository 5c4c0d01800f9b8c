"""Public recordings of skeletons, brought to the Kinect v2's joints: what the lift learns from and is judged by.

Read are the `.npz` files described in the model card of the lift: Kinder-Gator, UTD-MHAD, MSR Action3D (Kinect v1),
GTU Action3D and KERAAL (Kinect v2), Bandai Namco and CMU walks (motion capture). Positions are metres, Y up.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.body import FloatArray
from models.joints import Joint
from models.proportions import DEFAULT_HEIGHT


class SkeletonError(Exception):
    """A file that is not one of the skeleton sets; the message is one line for the user."""


class Convention(IntEnum):
    """Who says where a joint is: the same name means other points of the body to other recorders."""

    KINECT_V2 = 0
    KINECT_V1 = 1
    BANDAI = 2
    CMU = 3
    MSR = 4


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """One recorded sequence of one person.

    Attributes
    ----------
    positions : (frames, 25, 3) float32 array
        Metres; NaN for joints that the recorder does not know. Frames without a skeleton are left out.
    rate : float
        Frames a second.
    height : float
        The person's height in metres, from the lengths of their bones.
    convention : Convention
    source, subject, name : str
    """

    positions: FloatArray
    rate: float
    height: float
    convention: Convention
    source: str
    subject: str
    name: str


HELD_OUT = {
    "kinder_gator": ("595", "644", "723", "934", "970", "976"),
    "utd_mhad": ("2", "4", "6", "8"),
}
"""Subjects whom no recipe sees: three children and three adults of Kinder-Gator, the last of each by number; UTD-MHAD's
even ones, as its authors have it."""

_V1_PARTS = {"HipCenter": "SPINE_BASE", "Spine": "SPINE_MID", "ShoulderCenter": "SPINE_SHOULDER", "Head": "HEAD"}
_LIMBS_V1 = ("Shoulder", "Elbow", "Wrist", "Hand", "Hip", "Knee", "Ankle", "Foot")


def _v1(order: str) -> dict[int, Joint]:
    """From places in a Kinect v1 file to joints; ``order`` abbreviates sides to a trailing L or R."""
    return {i: Joint[_V1_PARTS[n] if n in _V1_PARTS else _sided(n)] for i, n in enumerate(order.split())}


def _sided(name: str) -> str:
    return f"{name[:-1].upper()}_{'LEFT' if name[-1] == 'L' else 'RIGHT'}"


_KINDER_GATOR = _v1(
    "HipCenter Spine ShoulderCenter Head ShoulderL ElbowL WristL HandL ShoulderR ElbowR WristR HandR "
    "HipL KneeL AnkleL FootL HipR KneeR AnkleR FootR"
)
_UTD = _v1(
    "Head ShoulderCenter Spine HipCenter ShoulderL ElbowL WristL HandL ShoulderR ElbowR WristR HandR "
    "HipL KneeL AnkleL FootL HipR KneeR AnkleR FootR"
)
_MSR = _v1(
    "ShoulderL ShoulderR ShoulderCenter Spine HipL HipR HipCenter ElbowL ElbowR WristL WristR HandL HandR "
    "KneeL KneeR AnkleL AnkleR FootL FootR Head"
)
_V2 = {int(joint): joint for joint in Joint}


def _mocap(middle: dict[str, str], limbs: dict[str, str], left: str, right: str) -> dict[str, Joint]:
    """Names in a motion capture file to joints; ``limbs`` have ``{}`` where the side goes."""
    named = {name: Joint[joint] for name, joint in middle.items()}
    for name, part in limbs.items():
        named |= {name.format(left): Joint[f"{part}_LEFT"], name.format(right): Joint[f"{part}_RIGHT"]}
    return named


_BANDAI = _mocap(
    {"Hips": "SPINE_BASE", "Chest": "SPINE_MID", "Neck": "SPINE_SHOULDER", "Head": "HEAD"},
    {
        "UpperArm_{}": "SHOULDER",
        "LowerArm_{}": "ELBOW",
        "Hand_{}": "WRIST",
        "UpperLeg_{}": "HIP",
        "LowerLeg_{}": "KNEE",
        "Foot_{}": "ANKLE",
        "Toes_{}": "FOOT",
    },
    "L",
    "R",
)
_CMU = _mocap(
    {"Hips": "SPINE_BASE", "Chest": "SPINE_MID", "lowerneck": "SPINE_SHOULDER", "Head": "HEAD"},
    {
        "{}Shoulder": "SHOULDER",
        "{}Elbow": "ELBOW",
        "{}Wrist": "WRIST",
        "{}Hip": "HIP",
        "{}Knee": "KNEE",
        "{}Ankle": "ANKLE",
        "{}Toe": "FOOT",
    },
    "Left",
    "Right",
)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a file is read: the joints in their order (or by name), frames a second, and who recorded it."""

    joints: dict[Any, Joint]
    rate: float
    convention: Convention


_LAYOUTS = {
    "kinder_gator": _Layout(_KINDER_GATOR, 15.0, Convention.KINECT_V1),
    "utd_mhad": _Layout(_UTD, 30.0, Convention.KINECT_V1),
    "msr_action3d": _Layout(_MSR, 15.0, Convention.MSR),
    "gtu_action3d": _Layout(_V2, 30.0, Convention.KINECT_V2),
    "bandai_namco": _Layout(_BANDAI, 15.0, Convention.BANDAI),
    "cmu_walks": _Layout(_CMU, 15.0, Convention.CMU),
}

Chosen = Callable[[str], bool]


def read_motions(path: Path, subjects: Chosen = lambda subject: True) -> list[Motion]:
    """The sequences in one of the skeleton files whose subject is chosen; the name of the file says which set it is.

    Raises
    ------
    SkeletonError
        If the file is missing, is another one, or holds something else.
    """
    source = next((name for name in _LAYOUTS if path.name.startswith(name)), None)
    if source is None:
        raise SkeletonError(f"{path}: not a skeleton set; names start with one of {', '.join(_LAYOUTS)}")
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return _motions(dict(file), source, subjects)
    except (OSError, EOFError, KeyError, TypeError, ValueError, IndexError, zipfile.BadZipFile) as error:
        raise SkeletonError(f"{path}: not the skeletons of {source}: {error}") from error


def read_clip(path: Path) -> Motion:
    """The skeletons of one KERAAL clip, ``NAME.npz`` with ``position`` (frames, 25, 3) in metres.

    Raises
    ------
    SkeletonError
        If the file is missing or holds something else.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            positions = np.asarray(file["position"], np.float32)
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise SkeletonError(
            f"{path}: not the joints of a Kinect clip, an .npz file with an array 'position'"
        ) from error
    if positions.ndim != 3 or positions.shape[1:] != (len(Joint), 3):
        raise SkeletonError(f"{path}: 'position' must have shape (frames, 25, 3), got {positions.shape}")
    return Motion(positions, 20.0, height_of(positions), Convention.KINECT_V2, "keraal", "keraal", path.stem)


def motions_of(path: Path, subjects: Sequence[str] = ()) -> list[Motion]:
    """The sequences of some ``subjects`` in a skeleton file, or the one of a clip.

    Without ``subjects``, those whom no recipe saw, if there are such in this set; ``("all",)`` for everybody.

    Raises
    ------
    SkeletonError
        If the file cannot be read, or has none of ``subjects``.
    """
    if not path.name.startswith(tuple(_LAYOUTS)):
        return [read_clip(path)]
    held_out = next((people for source, people in HELD_OUT.items() if path.name.startswith(source)), ())
    kept = () if "all" in subjects else subjects or held_out
    motions = read_motions(path, lambda subject: not kept or subject in kept)
    if not motions:
        raise SkeletonError(f"{path}: no sequence of subject {', '.join(kept)}")
    return motions


def _motions(file: dict[str, Any], source: str, chosen: Chosen) -> list[Motion]:
    layout, offsets = _LAYOUTS[source], file["offset"]
    positions = _to_joints(file, layout)
    subjects = [str(s) for s in file["subject"]] if "subject" in file else [""] * (len(offsets) - 1)
    names = [str(n) for n in file.get("clip", file.get("action", subjects))]
    there = np.isfinite(positions[:, Joint.SPINE_BASE, 0])
    spans = [slice(start, end) for start, end in pairwise(offsets)]
    parts = [positions[span][there[span]] for span in spans]
    whole: dict[str, list[FloatArray]] = {}
    for part, subject in zip(parts, subjects, strict=True):
        whole.setdefault(subject, []).append(part)
    heights = {subject: height_of(np.concatenate(theirs)) for subject, theirs in whole.items() if subject}
    return [
        Motion(part, layout.rate, heights.get(subject) or height_of(part), layout.convention, source, subject, name)
        for part, subject, name in zip(parts, subjects, names, strict=True)
        if chosen(subject) and len(part)
    ]


def _to_joints(file: dict[str, Any], layout: _Layout) -> FloatArray:
    """Positions (frames, 25, 3) in metres; NaN where there is no joint or no skeleton."""
    recorded = file["position_mm"].astype(np.float32) / 1000
    if "root_xz_mm" in file:
        recorded[:, :, [0, 2]] += file["root_xz_mm"][:, None].astype(np.float32) / 1000
    names = file["joint"].tolist() if "joint" in file else list(range(recorded.shape[1]))
    positions = np.full((len(recorded), len(Joint), 3), np.nan, np.float32)
    for name, joint in layout.joints.items():
        positions[:, joint] = recorded[:, names.index(name)]
    empty = (recorded == 0).all(axis=(1, 2)) | (positions[:, Joint.SPINE_BASE] == 0).all(axis=1)
    positions[empty] = np.nan
    return positions


_CHAINS = (
    (Joint.SPINE_BASE, Joint.SPINE_SHOULDER),
    (Joint.SPINE_SHOULDER, Joint.HEAD),
    (Joint.HIP_LEFT, Joint.KNEE_LEFT),
    (Joint.KNEE_LEFT, Joint.ANKLE_LEFT),
    (Joint.HIP_RIGHT, Joint.KNEE_RIGHT),
    (Joint.KNEE_RIGHT, Joint.ANKLE_RIGHT),
)
_STARTS, _ENDS = (np.array(side) for side in zip(*_CHAINS, strict=True))
_SHARES = np.array([1.0, 1.0, 0.5, 0.5, 0.5, 0.5], np.float32)
_CHAIN_HEIGHT = 1.446 / DEFAULT_HEIGHT
"""What spine, neck and a leg measure together, as a share of the height: that of the person in `models.proportions`."""


def height_of(positions: FloatArray) -> float:
    """A person's height in metres from joints (frames, 25, 3): spine, neck and leg, medians over time."""
    lengths: npt.NDArray[Any] = np.linalg.norm(positions[:, _ENDS] - positions[:, _STARTS], axis=2)
    if not np.isfinite(lengths).all(axis=1).any():
        return DEFAULT_HEIGHT
    return float(np.nanmedian(lengths, axis=0) @ _SHARES / _CHAIN_HEIGHT)
