"""How well each pose fits to each track: by place, by trunk, and by looks.

Rows are tracks, columns poses. Boxes are x1, y1, x2, y2 in pixels, times in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bridge.matching import CONFIDENT, Measured, distinct, inside_others, likeness, nearness, overlap, scales, scores
from bridge.memory import CLEARLY, OTHER, SAME
from bridge.track import Track
from models.body import FloatArray
from models.joints import Keypoint

MISSING = 0.1
"""Seconds after which somebody is looked for elsewhere, too."""

AFTERWARDS = 0.7
"""Seconds for which looks go on to count after somebody was before or behind somebody else."""

_TRUNK = [Keypoint.HEAD_TOP, Keypoint.NECK, Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER]
# Standard deviations across, up and of the logarithm of the size, and how they grow with every second out of sight.
# Nine in ten necks of the shipped network are within 3 cm of the truth and sizes within 0.06.
_SPREAD = np.array([0.05, 0.035, 0.06], np.float32)
_SPREADING = np.array([0.5, 0.15, 0.15], np.float32)
_TWIN = 0.35  # a newcomer who is so alike somebody who is there may be the same person
_OBVIOUS = 0.6  # whoever is alone, and shares so much of their place with the only pose, is that pose
_LONGEST = 1.5
_UNKNOWN = 6.0  # what is thought of those of whose trunks no point was seen of both
_RIVAL = 0.15
"""Poses that fit a track so well may be it, and of two of them one may be somebody whom nobody knows yet."""
_NEVER = 15.0  # looks that differ by more are nobody's whose looks are known, however well the place fits
_BESIDE = 0.2  # whoever shares so much of their box with another pose may show colours of that one
_SURENESS = 0.1  # what being sure counts beside fitting somebody
_SURELY, _NOWHERE_ELSE = 0.7, 2.0
"""A pose that fits a track so well, with the trunk so near, is that person by its place alone."""
_STRANGE = 24.0
"""Poses that are this far off the place and the size of a track are not thought to be it while others are near."""


def fits(tracks: Sequence[Track], time: float, measured: Measured, patience: float) -> tuple[FloatArray, FloatArray]:
    """How well each pose fits to each track by place, size and attitude, 0 to 1, and `trunk_distance`, both (n, m)."""
    poses, found, sizes = measured.poses, measured.boxes, measured.sizes
    if not tracks or not len(poses):
        none = np.zeros((len(tracks), len(poses)), np.float32)
        return none, none
    boxes, keypoints = (np.stack(parts) for parts in zip(*(t.moved_to(time) for t in tracks), strict=True))
    similarity = (overlap(boxes, found) + likeness(keypoints, poses)) / 2
    unseen = np.array([time - track.seen for track in tracks], np.float32)
    # Whoever comes back may stand otherwise than before: the place decides.
    by_place = nearness(boxes, found) * np.minimum(0.9, np.maximum(unseen - MISSING, 0.0)[:, None] / patience)
    known = np.array([track.scale for track in tracks], np.float32)
    alike = np.maximum(similarity, by_place) * _same_size(known, sizes, unseen)
    return np.asarray(alike, np.float32), trunk_distance(keypoints, known, unseen, poses, sizes)


def distinct_fits(
    tracks: Sequence[Track],
    time: float,
    poses: FloatArray,
    patience: float,
    others: npt.NDArray[np.bool_] | None = None,
) -> tuple[Measured, FloatArray, FloatArray]:
    """Those of the ``poses`` (n, 23, 3) that are left when each person keeps one, and their `fits`.

    Where two crops show one person, a pose with limbs of two people may be the surer one, but it fits nobody as well.
    ``others`` is as for `bridge.matching.distinct`.
    """
    measured = Measured.of(poses)
    if len(tracks) == 1 and len(poses) == 1 and _alone(tracks[0], time):
        shared = overlap(tracks[0].box_at(time)[None], measured.boxes)
        if shared > _OBVIOUS:
            return measured, shared, np.zeros((1, 1), np.float32)
    fit, apart = fits(tracks, time, measured, patience)
    if len(poses) < 2:
        return measured, fit, apart
    best = (fit + by_trunk(apart)).max(axis=0) if len(tracks) else np.float32(0)
    kept = distinct(poses, best + _SURENESS * scores(poses), others)
    return measured[kept], fit[:, kept], apart[:, kept]


def _alone(track: Track, time: float) -> bool:
    """Whether nobody was before or behind ``track`` lately, and it was there a moment ago."""
    return time - track.crowded >= AFTERWARDS and time - track.seen <= MISSING


def _same_size(known: FloatArray, found: FloatArray, unseen: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether a track and a pose may be the same person by their size, (n, m); nobody grows much in a moment."""
    known, most = known[:, None], 1.6 * np.exp(np.minimum(unseen, 2.0))[:, None]
    alike = (found < known * most) & (found > known / most)
    return np.asarray(alike | (known == 0) | (found == 0))


def trunk_distance(
    keypoints: FloatArray, size: FloatArray, unseen: FloatArray, poses: FloatArray, found: FloatArray
) -> FloatArray:
    """How many variances each pose's head, neck and shoulders are off each track's, in place and size, (n, m).

    The neck of somebody who walks keeps its height in the picture, and a body its size, to within a few hundredths: of
    two people who overlap, one in front of the other, these say whose a pose is where boxes say nothing.

    Parameters
    ----------
    keypoints : (n, 23, 3) float32 array
        Where those of the tracks should be by now.
    size : (n,) float32 array
        Pixels a metre of the tracks, 0 where it is unknown.
    unseen : (n,) float32 array
        For how many seconds they have not been found.
    poses : (m, 23, 3) float32 array
    found : (m,) float32 array
        Pixels a metre of the poses.
    """
    spread = _SPREAD + np.minimum(unseen, _LONGEST)[:, None] * _SPREADING  # (n, 3)
    before, now = _anchors(keypoints), _anchors(poses)  # (n, 3, 3), (m, 3, 3)
    both = (before[:, None, :, 2] >= CONFIDENT) & (now[None, :, :, 2] >= CONFIDENT)
    apart = now[None, :, :, :2] - before[:, None, :, :2]
    count = both.sum(axis=2)
    metres = np.maximum(count, 1) * np.maximum(size, 1.0)[:, None]
    mean = (apart * both[..., None]).sum(axis=2) / (metres[..., None] * spread[:, None, :2])  # (n, m, 2)
    place = np.where((count > 0) & (size[:, None] > 0), (mean * mean).sum(axis=2), _UNKNOWN)
    ratio = np.log(np.maximum(found, 1e-3)[None] / np.maximum(size, 1e-3)[:, None]) / spread[:, 2:]
    sizes = np.where((size[:, None] > 0) & (found[None] > 0), ratio * ratio, 1.0)
    return np.asarray(place + sizes, np.float32)


def _anchors(poses: FloatArray) -> FloatArray:
    """Top of the head, neck and the middle of the shoulders (n, 3, 3): x, y and confidence."""
    points = poses[:, _TRUNK]
    points[:, 2, :2] = (points[:, 2, :2] + points[:, 3, :2]) / 2
    points[:, 2, 2] = np.minimum(points[:, 2, 2], points[:, 3, 2])
    return points[:, :3]


def twin(pose: FloatArray, tracks: Sequence[Track]) -> bool:
    """Whether ``pose`` (23, 3) is one of the ``tracks``, who were all found at its time, seen twice."""
    if not tracks:
        return False
    keypoints = np.stack([track.keypoints for track in tracks])
    alike = likeness(keypoints, pose[None])[:, 0] > _TWIN
    if not alike.any():
        return False
    known = np.array([track.scale for track in tracks], np.float32)
    apart = trunk_distance(keypoints, known, np.zeros_like(known), pose[None], scales(pose[None]))[:, 0]
    return bool((alike & (apart < _STRANGE)).any())


def by_trunk(apart: FloatArray) -> FloatArray:
    """What `trunk_distance` adds to the similarity of those who may be confused: -0.5 to 0.5."""
    return np.asarray(0.5 * np.maximum(1.0 - 2.0 * apart / _STRANGE, -1.0), np.float32)


def jumped(apart: FloatArray, similarity: FloatArray) -> npt.NDArray[np.bool_]:
    """Who, if they are any of the poses, moved so much at once that it may be somebody else, (n,)."""
    return np.asarray((similarity.max(axis=1, initial=0.0) < 0.5) | (apart.min(axis=1, initial=np.inf) > _STRANGE / 2))


def certain(similarity: FloatArray, apart: FloatArray) -> npt.NDArray[np.bool_]:
    """Which poses are so surely those tracks, by their `fits`, that nothing else need say so, (n, m)."""
    return np.asarray((similarity > _SURELY) & (apart < _NOWHERE_ELSE))


def busy(tracks: Sequence[Track], time: float, apart: FloatArray, similarity: FloatArray) -> npt.NDArray[np.bool_]:
    """Whose place may be taken by somebody else, (n,)."""
    uncertain = np.array([time - t.crowded < AFTERWARDS or time - t.seen > MISSING for t in tracks], bool)
    contested = _own(similarity).sum(axis=1) > 1
    return np.asarray(uncertain | contested | jumped(apart, similarity))


def by_looks(similarity: FloatArray, apart: FloatArray, boxes: FloatArray, usual: FloatArray) -> FloatArray:
    """What looks add to the ``similarity`` (n, m) of those who may be confused: about -0.5 to 0.5, or a veto.

    Parameters
    ----------
    similarity : (n, m) float32 array
        `fits`.
    apart : (n, m) float32 array
        `bridge.memory.unlikeness`.
    boxes : (m, 4) float32 array
        Around the poses: one that is beside no other one shows nobody else's colours.
    usual : (n,) float32 array
        By how much they may differ from their views, be they alone or not: `bridge.memory.tolerated`.
    """
    known = np.isfinite(apart)
    agreement = 0.5 * np.clip(1.0 - np.where(known, apart, SAME) / SAME, -1.0, 1.0)
    near = np.where(similarity > _RIVAL, apart, np.inf)
    clearly = apart - CLEARLY
    somebody_else = (_best_other(near) < clearly) & (apart > SAME / 2)
    rival = _best_other(np.where(_own(similarity), apart, np.inf).T).T
    another_pose = (rival < np.minimum(clearly, SAME)) & (apart > SAME)
    beside = (inside_others(boxes) > _BESIDE).any(axis=1)
    most = np.maximum(np.where(beside, _NEVER, OTHER), usual[:, None])
    veto = known & (somebody_else | another_pose | (apart > most))
    return np.asarray(np.where(veto, -1.0, agreement * (similarity > 0.1)), np.float32)


def _own(similarity: FloatArray) -> npt.NDArray[np.bool_]:
    """Which poses fit a track somewhat and no other one better, (n, m): two of one track are rivals."""
    return np.asarray((similarity > _RIVAL) & (similarity == similarity.max(axis=0, initial=0.0)))


def _best_other(near: FloatArray) -> FloatArray:
    """The least of each column of ``near`` (n, m) but for the row itself, (n, m)."""
    if len(near) < 2:
        return np.full_like(near, np.inf)
    first, second = np.partition(near, 1, axis=0)[:2]
    return np.asarray(np.where(np.arange(len(near))[:, None] == near.argmin(axis=0), second, first))
