"""Files of recorded skeletons, whatever their joints are called, as sequences of the Kinect v2's 25 joints.

Such a file is an npz without pickle: ``position_mm`` (frames, joints, 3), ``offset`` (sequences + 1), where each
sequence starts, and, one for each sequence, ``action`` or ``clip``, ``subject`` and ``trial``. Space is right-handed
with Y up. A file may name its joints in ``joint``; where it does not, they are in one of the known orders of a Kinect,
and which one shows in the lengths of the bones: those of a wrong order change from frame to frame.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.body import FloatArray
from models.joints import JOINT_PARENT, Joint

RATE = 30.0
"""Frames a second where the file's name does not say another number, as in ``walks_15fps.npz``."""

RATES = {"msr_action3d": 15.0}
"""Known sets that were recorded at another rate, which their names do not say."""

_ARM, _LEG = ("Shoulder", "Elbow", "Wrist", "Hand"), ("Hip", "Knee", "Ankle", "Foot")


def _both(*parts: str) -> list[str]:
    return [f"{part}{side}" for part in parts for side in ("Left", "Right")]


_LIMBS = [f"{part}{side}" for limb in (_ARM, _LEG) for side in ("Left", "Right") for part in limb]
_V1 = ["HipCenter", "Spine", "ShoulderCenter", "Head", *_LIMBS]
_UTD_MHAD = ["Head", "ShoulderCenter", "Spine", "HipCenter", *_LIMBS]
_MSR_TRUNK = [*_both("Shoulder"), "ShoulderCenter", "Spine", *_both("Hip"), "HipCenter"]
_MSR_ACTION3D = [*_MSR_TRUNK, *_both("Elbow", "Wrist", "Hand", "Knee", "Ankle", "Foot"), "Head"]
_V2 = [joint.kinect_name for joint in Joint]
ORDERS = (_V1, _UTD_MHAD, _MSR_ACTION3D, _V2)
"""Orders of the joints in files that do not name them: Kinect v1, UTD-MHAD, MSR Action3D, Kinect v2."""

SKULL = 110.0
"""Millimetres from where a motion-capture skeleton with a ``joint_Root`` has its head, at the base of the skull, to a
Kinect's, in the middle."""

_KINECT = {joint.kinect_name: joint for joint in Joint}
_OTHER_NAMES = {
    **{"HipCenter": "SPINE_BASE", "Spine": "SPINE_MID", "ShoulderCenter": "SPINE_SHOULDER", "Hips": "SPINE_BASE"},
    **{"Chest": "SPINE_MID", "Chest2": "SPINE_SHOULDER", "lowerneck": "SPINE_SHOULDER", "Head": "HEAD"},
    **{f"{s[0]}Fingers": f"HAND_TIP_{s.upper()}" for s in ("Left", "Right")},
    **{f"{s[0]}Thumb": f"THUMB_{s.upper()}" for s in ("Left", "Right")},
    **{f"{s[0].lower()}hand": f"HAND_{s.upper()}" for s in ("Left", "Right")},
    **{
        f"{theirs}_{s[0]}": f"{ours}_{s.upper()}"
        for s in ("Left", "Right")
        for theirs, ours in {
            **{"UpperArm": "SHOULDER", "LowerArm": "ELBOW", "Hand": "WRIST", "UpperLeg": "HIP"},
            **{"LowerLeg": "KNEE", "Foot": "ANKLE", "Toes": "FOOT"},
        }.items()
    },
    **{
        f"{s}{theirs}": f"{ours}_{s.upper()}"
        for s in ("Left", "Right")
        for theirs, ours in {
            **{"Shoulder": "SHOULDER", "Elbow": "ELBOW", "Wrist": "WRIST", "Hip": "HIP"},
            **{"Knee": "KNEE", "Ankle": "ANKLE", "Toe": "FOOT"},
        }.items()
    },
}
JOINTS_BY_NAME = {**{name: Joint[ours] for name, ours in _OTHER_NAMES.items()}, **_KINECT}
"""Joint names of the Kinect v1 and v2 and of two motion-capture sets; others are left out."""


class SkeletonFileError(ValueError):
    """A file that holds no sequences of skeletons that we can read."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """One recorded sequence.

    Attributes
    ----------
    positions : (T, 25, 3) float32 array
        Metres, Y up, right-handed, indexed by `Joint`; NaN where the file has no such joint or the sensor lost it.
    action : str
    subject : int
        -1 where the file does not say.
    rate : float
        Frames a second.
    """

    positions: FloatArray
    action: str
    subject: int
    rate: float


def read_motions(path: Path) -> list[Motion]:
    """All sequences of a file.

    Raises
    ------
    SkeletonFileError
        If it is no such file; it says why.
    """
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            data = {name: file[name] for name in file.files}
    except (ValueError, EOFError, KeyError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise SkeletonFileError(f"{path}: not an npz file of arrays: {error}") from error
    positions, offset = _checked(path, data)
    joints = [str(name) for name in data["joint"]] if "joint" in data else joint_order(positions)
    named = _named(positions, joints)
    if "root_xz_mm" in data:
        named[..., [0, 2]] += data["root_xz_mm"][:, None]
    count = len(offset) - 1
    actions = data.get("action", data.get("clip", np.full(count, "")))
    subjects = data.get("subject", np.full(count, -1))
    return [
        Motion(np.asarray(named[start:end] / 1000.0, np.float32), str(action), int(subject), _rate(path))
        for start, end, action, subject in zip(offset, offset[1:], actions, subjects, strict=False)
        if end - start > 1
    ]


def joint_order(positions: npt.NDArray[np.float64]) -> list[str]:
    """The one of `ORDERS` in which bones of ``positions`` (frames, joints, 3) keep their length and heads are up."""
    count = positions.shape[1]
    orders = [order for order in ORDERS if len(order) == count]
    if not orders:
        raise SkeletonFileError(f"{count} joints without names (joint); known are orders of 20 and 25")
    some = positions[:: max(1, len(positions) // 3000)]
    return min(orders, key=lambda order: _disorder(_named(some, order)))


def _disorder(positions: npt.NDArray[np.float64]) -> float:
    parent = {**JOINT_PARENT, Joint.HEAD: Joint.SPINE_SHOULDER}  # the v1 has no neck
    there = np.asarray(np.isfinite(positions).any(axis=(0, 2)))
    ends = [joint for joint in parent if there[joint] and there[parent[joint]]]
    lengths = np.linalg.norm(positions[:, ends] - positions[:, [parent[joint] for joint in ends]], axis=2)
    middle = np.nanmedian(lengths, axis=0)
    spread = np.nanmedian(np.abs(lengths - middle), axis=0) / np.maximum(middle, 1.0)
    head, base, foot = (
        np.nanmedian(positions[:, joint, 1]) for joint in (Joint.HEAD, Joint.SPINE_BASE, Joint.FOOT_LEFT)
    )
    return float(np.mean(spread)) + (0.0 if head > base > foot else 1.0)


def _named(positions: npt.NDArray[np.float64], names: Sequence[str]) -> npt.NDArray[np.float64]:
    """(frames, 25, 3) with NaN for joints that are not among ``names``, and where all three numbers are 0."""
    named = np.full((len(positions), len(Joint), 3), np.nan)
    for place, name in enumerate(names):
        if name in JOINTS_BY_NAME:
            found = positions[:, place]
            named[:, JOINTS_BY_NAME[name]] = np.where(np.any(found != 0, axis=1, keepdims=True), found, np.nan)
    if {"joint_Root", "Neck", "Head"} <= set(names):
        up = named[:, Joint.HEAD] - positions[:, names.index("Neck")]
        named[:, Joint.HEAD] += SKULL * up / np.linalg.norm(up, axis=1, keepdims=True)
    return named


def _checked(path: Path, data: Mapping[str, npt.NDArray[np.generic]]) -> tuple[npt.NDArray[np.float64], list[int]]:
    for name in ("position_mm", "offset"):
        if name not in data:
            raise SkeletonFileError(f"{path}: holds no array {name!r}")
    positions, offset = data["position_mm"], data["offset"]
    if positions.ndim != 3 or positions.shape[2] != 3 or positions.dtype.kind not in "fiu":
        raise SkeletonFileError(f"{path}: position_mm must be (frames, joints, 3), got {positions.shape}")
    starts = [int(start) for start in offset.tolist()]
    if starts != sorted(starts) or not starts or starts[0] < 0 or starts[-1] > len(positions):
        raise SkeletonFileError(f"{path}: offset must grow from 0 to {len(positions)}")
    return positions.astype(np.float64), starts


def _rate(path: Path) -> float:
    match = re.search(r"(\d+)fps", path.name)
    return float(match[1]) if match else RATES.get(path.stem, RATE)
