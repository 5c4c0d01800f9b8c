"""Judge the labels that a Kinect gave: how far each keypoint of each frame can be trusted, and why no further.

Nothing here looks at pictures. A label is doubted for what the Kinect says of it (Inferred), for how it moves, for the
length of the bone it ends, and for where it lies in the picture. Arrays are of one person: T frames, positions in
metres in camera space, keypoints in pixels, times in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.joints import JOINT_PARENT, Joint, Keypoint, TrackingState
from models.kinect_keypoints import KEYPOINT_JOINT
from models.label_motion import jumps
from models.label_projection import off_the_body
from models.proportions import BONE_LENGTH

INFERRED_WEIGHT = 0.25
"""What a joint counts that the Kinect guessed: it is near, but a guess must not outvote what was seen."""

BONE_TOLERANCE, BONE_SLACK = 0.3, 0.04
"""A bone is off when it differs from this person's own by more than this share and, on top, this many metres."""

PROPORTIONS = (0.6, 1.5)
"""How far somebody's bones may differ from the usual proportions of a person of that size."""

NO_JOINT, NOT_TRACKED, OUTSIDE = "no joint", "not tracked", "outside the picture"
JUMP, BONE, OFF_BODY, INFERRED = "jump", "bone length", "off the body", "inferred"

BoolArray = npt.NDArray[np.bool_]

_BONES = tuple((joint, JOINT_PARENT[joint], BONE_LENGTH[joint]) for joint in Joint if joint in JOINT_PARENT)
_ENDS = np.array([end for end, _, _ in _BONES])
_STARTS = np.array([start for _, start, _ in _BONES])
_USUAL = np.array([length for _, _, length in _BONES], np.float32)
_KEYPOINTS = np.array(list(KEYPOINT_JOINT))
_JOINTS = np.array(list(KEYPOINT_JOINT.values()))


@dataclass(frozen=True, slots=True)
class LabelReport:
    """How many labels were not taken at their word, and why.

    A label with several faults is counted once, under the first in the order of the fields' keys.

    Attributes
    ----------
    frames : int
    labels : int
        Keypoints with a place in the picture.
    dropped : dict of str to int
        By reason: "no joint", "not tracked", "outside the picture", "jump", "bone length", "off the body".
    doubted : dict of str to int
        By reason, "inferred": these count `INFERRED_WEIGHT`.
    per_keypoint : dict of str to float
        The share of labels dropped, by `Keypoint` name in small letters; keypoints without labels are left out.
    """

    frames: int
    labels: int
    dropped: dict[str, int]
    doubted: dict[str, int]
    per_keypoint: dict[str, float]

    def as_text(self) -> str:
        """The report as a few lines for the user."""
        lost, unsure = sum(self.dropped.values()), sum(self.doubted.values())
        lines = [f"{self.labels} labels in {self.frames} frames: {self.labels - lost - unsure} taken as they are"]
        lines.append(f"  dropped {_counted(lost, self.labels)}: {_reasons(self.dropped)}")
        lines.append(f"  down-weighted {_counted(unsure, self.labels)}: {_reasons(self.doubted)}")
        worst = sorted(((share, name) for name, share in self.per_keypoint.items() if share > 0), reverse=True)[:4]
        if worst:
            lines.append("  most often dropped: " + ", ".join(f"{name} {share:.1%}" for share, name in worst))
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, eq=False)
class LabelCheck:
    """What to make of each label.

    Attributes
    ----------
    weights : (T, 23) float32 array
        0 for no label or one that was dropped, `INFERRED_WEIGHT` for a guess, 1 for a label to be trusted.
    report : LabelReport
    """

    weights: FloatArray
    report: LabelReport


def check_labels(
    positions: FloatArray,
    states: ByteArray,
    keypoints: FloatArray,
    times: npt.ArrayLike,
    image_size: tuple[int, int],
) -> LabelCheck:
    """Weigh the labels of one person, who may have been away in between.

    Parameters
    ----------
    positions : (T, 25, 3) float array
        Metres, camera space; NaN where a joint is not known.
    states : (T, 25) array
        A `TrackingState` for each joint.
    keypoints : (T, 23, 2) or (T, 23, 3) float array
        Where the joints lie in the picture, in pixels; a third column of 0, or NaN, says that there is no label.
    times : (T,) array
        Seconds, ascending.
    image_size : (int, int)
        Width and height of the picture in pixels.

    Raises
    ------
    ValueError
        If a shape is wrong.
    """
    positions, states, keypoints, seconds = _arrays(positions, states, keypoints, times)
    labelled = np.asarray(np.isfinite(keypoints).all(axis=2))
    if keypoints.shape[2] == 3:
        labelled &= keypoints[..., 2] > 0
    known = np.asarray(np.isfinite(positions).all(axis=2))
    tracked = known & (states != TrackingState.NOT_TRACKED)
    safe = np.where(tracked[..., None], positions, np.float32(np.nan))
    points = np.where(labelled[..., None], keypoints[..., :2], np.float32(np.nan))
    inside = np.asarray(((points >= 0) & (points < np.array(image_size))).all(axis=2))
    faults = {
        NO_JOINT: ~_of_joints(known),
        NOT_TRACKED: _of_joints(known & ~tracked),
        OUTSIDE: ~inside,
        JUMP: _of_joints(jumps(safe, seconds)),
        BONE: _of_joints(impossible_bones(safe)),
        OFF_BODY: off_the_body(safe, points),
    }
    inferred: BoolArray = states == TrackingState.INFERRED
    return _weighed(labelled, faults, {INFERRED: _of_joints(inferred)})


def joints_to_trust(positions: FloatArray, states: ByteArray, times: npt.NDArray[np.float64]) -> BoolArray:
    """Which joints (T, 25) were seen, not guessed, and are where they can be; arguments as for `check_labels`."""
    seen = np.asarray(np.isfinite(positions).all(axis=2) & (states == TrackingState.TRACKED))
    safe = np.where(seen[..., None], positions, np.float32(np.nan))
    return np.asarray(seen & ~jumps(safe, times) & ~impossible_bones(safe))


def merged(reports: Iterable[LabelReport]) -> LabelReport:
    """One report over several people or recordings."""
    every = list(reports)
    labels = sum(report.labels for report in every)
    names = dict.fromkeys(name for report in every for name in report.per_keypoint)
    shares = {
        name: sum(r.per_keypoint.get(name, 0.0) * r.labels for r in every if name in r.per_keypoint)
        / max(sum(r.labels for r in every if name in r.per_keypoint), 1)
        for name in names
    }
    return LabelReport(
        frames=sum(report.frames for report in every),
        labels=labels,
        dropped=_summed(report.dropped for report in every),
        doubted=_summed(report.doubted for report in every),
        per_keypoint=shares,
    )


def impossible_bones(positions: FloatArray) -> BoolArray:
    """Which joints (T, 25) end a bone of a length that this person's bone cannot have.

    The person's own lengths are the medians over all frames, kept within `PROPORTIONS` of what is usual for their size.
    Where a joint is off, so are the bones that start there; their ends are not blamed.

    Parameters
    ----------
    positions : (T, 25, 3) float array
        Metres; NaN where a joint is not known.
    """
    off = np.zeros(positions.shape[:2], bool)
    lengths = np.linalg.norm(positions[:, _ENDS] - positions[:, _STARTS], axis=2)  # (T, 24)
    own = _own_lengths(lengths)
    wrong = np.abs(lengths - own) > BONE_TOLERANCE * own + BONE_SLACK  # NaN is not wrong
    # The root ends no bone: it is to blame where most of its bones are off at once.
    off[:, Joint.SPINE_BASE] = wrong[:, _STARTS == Joint.SPINE_BASE].sum(axis=1) >= 2
    for end, start in _outwards():
        bone = int(np.flatnonzero(end == _ENDS)[0])
        off[:, end] = wrong[:, bone] & ~off[:, start]
    return off


def _own_lengths(lengths: FloatArray) -> FloatArray:
    known = np.isfinite(lengths)
    median = np.array([np.median(lengths[k, i]) if k.any() else np.nan for i, k in enumerate(known.T)], np.float32)
    if not np.isfinite(median).any():
        return median
    usual = _USUAL * np.float32(np.nanmedian(median / _USUAL))
    return np.clip(median, PROPORTIONS[0] * usual, PROPORTIONS[1] * usual)


def _outwards() -> list[tuple[Joint, Joint]]:
    """Every bone as (end, start), those nearer to the root first."""
    bones: list[tuple[Joint, Joint]] = []
    reached = {Joint.SPINE_BASE}
    while len(bones) < len(JOINT_PARENT):
        for end, start in JOINT_PARENT.items():
            if start in reached and end not in reached:
                bones.append((end, start))
                reached.add(end)
    return bones


def _of_joints(flags: BoolArray) -> BoolArray:
    """From joints (T, 25) to the keypoints (T, 23) that they label; False for the others."""
    result = np.zeros((len(flags), len(Keypoint)), bool)
    result[:, _KEYPOINTS] = flags[:, _JOINTS]
    return result


def _weighed(labelled: BoolArray, faults: dict[str, BoolArray], doubts: dict[str, BoolArray]) -> LabelCheck:
    weights = labelled.astype(np.float32)
    left = labelled.copy()
    dropped, doubted = {}, {}
    for reason, fault in faults.items():
        dropped[reason] = int((left & fault).sum())
        left &= ~fault
    weights[~left] = 0.0
    for reason, doubt in doubts.items():
        doubted[reason] = int((left & doubt).sum())
        weights[left & doubt] = INFERRED_WEIGHT
        left &= ~doubt
    shares = {
        keypoint.name.lower(): float((weights[labelled[:, keypoint], keypoint] == 0).mean())
        for keypoint in Keypoint
        if labelled[:, keypoint].any()
    }
    return LabelCheck(weights, LabelReport(len(labelled), int(labelled.sum()), dropped, doubted, shares))


def _arrays(
    positions: FloatArray, states: ByteArray, keypoints: FloatArray, times: npt.ArrayLike
) -> tuple[FloatArray, ByteArray, FloatArray, npt.NDArray[np.float64]]:
    seconds = np.asarray(times, np.float64)
    frames = len(seconds)
    for name, array, shapes in (
        ("positions", positions, [(frames, len(Joint), 3)]),
        ("states", states, [(frames, len(Joint))]),
        ("keypoints", keypoints, [(frames, len(Keypoint), 2), (frames, len(Keypoint), 3)]),
    ):
        if np.shape(array) not in shapes:
            expected = " or ".join(str(shape) for shape in shapes)
            raise ValueError(f"check_labels: {name} must have shape {expected}, got {np.shape(array)}")
    return np.asarray(positions, np.float32), np.asarray(states, np.uint8), np.asarray(keypoints, np.float32), seconds


def _summed(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for count in counts:
        for reason, number in count.items():
            total[reason] = total.get(reason, 0) + number
    return total


def _counted(number: int, of: int) -> str:
    return f"{number} ({number / max(of, 1):.1%})"


def _reasons(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {reason}" for reason, number in counts.items() if number) or "none"
