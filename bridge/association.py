"""How well each pose fits to each track: by place, by trunk, and by looks.

Rows are tracks, columns poses. Boxes are x1, y1, x2, y2 in pixels, times in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bridge.appearance import Look
from bridge.matching import CONFIDENT, extents, likeness, nearness, overlap, scales
from bridge.memory import CLEARLY, SAME, unlikeness
from bridge.track import Track
from models.body import FloatArray
from models.joints import Keypoint

MISSING = 0.1
"""Seconds after which somebody is looked for elsewhere, too."""

AFTERWARDS = 0.7
"""Seconds for which looks go on to count after somebody was before or behind somebody else."""

_TRUNK = [Keypoint.HEAD_TOP, Keypoint.NECK, Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER]
_HIPS = [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]
# Standard deviations across, up and of the logarithm of the size, and how they grow with every second out of sight.
# Measured of the shipped network's poses of people who walk: 3 cm, 2 cm and 0.05 from frame to frame.
_SPREAD = np.array([0.05, 0.035, 0.06], np.float32)
_SPREADING = np.array([0.5, 0.15, 0.15], np.float32)
_TWIN = 0.35  # a newcomer who is so alike somebody who is there may be the same person
_UNKNOWN = 6.0  # what is thought of those of whose trunks no point was seen of both
_NEVER = 15.0  # looks that differ by more are nobody's whose looks are known, however well the place fits
_STRANGE = 24.0
"""Poses that are this far off the place and the size of a track are not thought to be it while others are near."""


def place_fit(tracks: Sequence[Track], time: float, poses: FloatArray, patience: float) -> FloatArray:
    """How well each pose fits to each track by place, size and attitude, (n, m), 0 to 1."""
    if not tracks or not len(poses):
        return np.zeros((len(tracks), len(poses)), np.float32)
    boxes, keypoints = (np.stack(parts) for parts in zip(*(t.moved_to(time) for t in tracks), strict=True))
    found = extents(poses)
    similarity = (overlap(boxes, found) + likeness(keypoints, poses)) / 2
    unseen = np.array([max(time - track.seen - MISSING, 0.0) for track in tracks], np.float32)[:, None]
    # Whoever comes back may stand otherwise than before: the place decides.
    by_place = nearness(boxes, found) * np.minimum(0.9, unseen / patience)
    return np.asarray(np.maximum(similarity, by_place) * _same_size(tracks, scales(poses), time), np.float32)


def _same_size(tracks: Sequence[Track], found: FloatArray, time: float) -> npt.NDArray[np.bool_]:
    """Whether a track and a pose may be the same person by their size, (n, m); nobody grows much in a moment."""
    known = np.array([track.scale for track in tracks])[:, None]
    most = np.array([1.6 * math.exp(min(time - track.seen, 2.0)) for track in tracks])[:, None]
    alike = (found < known * most) & (found > known / most)
    return np.asarray(alike | (known == 0) | (found == 0))


def trunk_distance(tracks: Sequence[Track], time: float, poses: FloatArray) -> FloatArray:
    """How many variances each pose's head, neck and shoulders are off each track's, in place and size, (n, m).

    The neck of somebody who walks keeps its height in the picture, and a body its size, to within a few hundredths: of
    two people who overlap, one in front of the other, these say whose a pose is where boxes say nothing.
    """
    if not tracks or not len(poses):
        return np.zeros((len(tracks), len(poses)), np.float32)
    keypoints = np.stack([track.moved_to(time)[1] for track in tracks])
    size = np.array([track.scale for track in tracks], np.float32)
    unseen = np.array([min(time - track.seen, 1.5) for track in tracks], np.float32)
    spread = _SPREAD + unseen[:, None] * _SPREADING  # (n, 3)
    before, now = _anchors(keypoints), _anchors(poses)  # (n, 3, 3), (m, 3, 3)
    both = (before[:, None, :, 2] >= CONFIDENT) & (now[None, :, :, 2] >= CONFIDENT)
    apart = (now[None, :, :, :2] - before[:, None, :, :2]) / np.maximum(size, 1.0)[:, None, None, None]
    count = both.sum(axis=2)
    mean = (apart * both[..., None]).sum(axis=2) / np.maximum(count, 1)[..., None]  # (n, m, 2)
    place = ((mean / spread[:, None, :2]) ** 2).sum(axis=2)
    found = scales(poses)
    ratio = np.log(np.maximum(found, 1e-3)[None] / np.maximum(size, 1e-3)[:, None]) / spread[:, 2:]
    sizes = np.where((size[:, None] > 0) & (found[None] > 0), ratio * ratio, 1.0)
    known = (count > 0) & (size[:, None] > 0)
    return np.asarray(np.where(known, place + sizes, _UNKNOWN + sizes), np.float32)


def _anchors(poses: FloatArray) -> FloatArray:
    """Top of the head, neck and the middle of the shoulders (n, 3, 3): x, y and confidence."""
    points = poses[:, _TRUNK]
    middle = np.concatenate(
        [points[:, 2:, :2].mean(axis=1, keepdims=True), points[:, 2:, 2:].min(axis=1, keepdims=True)], axis=2
    )
    return np.concatenate([points[:, :2], middle], axis=1)


def twins(poses: FloatArray, tracks: Sequence[Track], time: float) -> npt.NDArray[np.bool_]:
    """Whether each pose is one of the ``tracks``, seen twice, (m,)."""
    if not tracks or not len(poses):
        return np.zeros(len(poses), bool)
    alike = likeness(np.stack([track.keypoints for track in tracks]), poses) > _TWIN
    return np.asarray((alike & (trunk_distance(tracks, time, poses) < _STRANGE)).any(axis=0))


def by_trunk(apart: FloatArray) -> FloatArray:
    """What `trunk_distance` adds to the similarity of those who may be confused: -0.5 to 0.5."""
    return np.asarray(0.5 * np.maximum(1.0 - 2.0 * apart / _STRANGE, -1.0), np.float32)


def jumped(apart: FloatArray, similarity: FloatArray) -> npt.NDArray[np.bool_]:
    """Who, if they are any of the poses, moved so much at once that it may be somebody else, (n,)."""
    return np.asarray((similarity.max(axis=1, initial=0.0) < 0.5) | (apart.min(axis=1, initial=np.inf) > _STRANGE / 2))


def busy(tracks: Sequence[Track], time: float, apart: FloatArray, similarity: FloatArray) -> npt.NDArray[np.bool_]:
    """Whose place may be taken by somebody else, (n,)."""
    uncertain = np.array([time - t.crowded < AFTERWARDS or time - t.seen > MISSING for t in tracks], bool)
    return np.asarray(uncertain | jumped(apart, similarity))


def by_looks(tracks: Sequence[Track], time: float, similarity: FloatArray, looks: Sequence[Look]) -> FloatArray:
    """What looks add to the ``similarity`` (n, m) of those who may be confused: about -0.5 to 0.5, or a veto."""
    apart = unlikeness(tracks, looks)
    known = np.isfinite(apart)
    agreement = 0.5 * np.clip(1.0 - np.where(known, apart, SAME) / SAME, -1.0, 1.0)
    near = np.where(similarity > 0.15, apart, np.inf)
    other = np.stack([np.delete(near, i, axis=0).min(axis=0, initial=np.inf) for i in range(len(tracks))])
    veto = known & (other < apart - CLEARLY) & (apart > SAME / 2) | known & (apart > _NEVER)
    return np.asarray(np.where(veto, -1.0, agreement * (similarity > 0.1)), np.float32)
