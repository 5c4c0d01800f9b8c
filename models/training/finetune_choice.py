"""Which frames of a recording are worth learning from: neighbours in time are alike, and so is somebody who rests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.body import FloatArray
from models.pck import torso_size

IndexArray = npt.NDArray[np.intp]

LIKENESS = 0.03
"""Poses nearer to each other than so many torsos, on average over the keypoints, are the same."""

SCREEN = 0.3
"""What a person's place in the picture counts against the pose."""

HELD_OUT_SHARE = 5
"""One of so many clips, or of the seconds of a single one, is held out."""


def spaced(times: npt.NDArray[np.float64], rate: float) -> IndexArray:
    """Indices of ascending ``times`` (T,) in seconds, at most ``rate`` of them a second."""
    chosen: list[int] = []
    due = -np.inf
    for index, time in enumerate(times):
        if time >= due - 1e-6:
            chosen.append(index)
            due = time + 1 / rate
    return np.array(chosen, np.intp)


def evenly(count: int, most: int) -> IndexArray:
    """At most ``most`` of ``count`` indices, evenly."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round()).astype(np.intp)


def pose_features(keypoints: FloatArray, image_size: tuple[int, int]) -> FloatArray:
    """Poses as points whose distance says how different they look, (n, 48).

    Parameters
    ----------
    keypoints : (n, 23, 3) float32 array
        x, y in pixels, and a weight that is 0 where there is no label.
    image_size : (int, int)
        Width and height in pixels.
    """
    known = keypoints[..., 2:] > 0
    points = np.where(known, keypoints[..., :2], np.nan)
    labelled = known.any((1, 2))
    points[~labelled] = 0
    middle = np.nanmean(points, axis=1, keepdims=True)
    spread = np.nanmax(points, axis=1) - np.nanmin(points, axis=1)
    torso = torso_size(keypoints)
    scale = np.maximum(np.where(np.isfinite(torso), torso, spread.max(1) / 3), 1.0)[:, None, None]
    shape = np.where(known, (points - middle) / scale, 0).reshape(len(points), -1) / np.sqrt(points.shape[1])
    place = SCREEN * middle[:, 0] / np.array(image_size)
    return np.concatenate([shape, place], axis=1).astype(np.float32)


def diverse(features: FloatArray, most: int, likeness: float = LIKENESS) -> IndexArray:
    """Indices, ascending, of at most ``most`` of the points that are all further apart than ``likeness``.

    Farthest point sampling (Gonzalez, 1985): each point taken is the one farthest from all those taken before.
    """
    if not len(features):
        return np.zeros(0, np.intp)
    chosen = [0]
    apart = np.linalg.norm(features - features[0], axis=1)
    while len(chosen) < min(most, len(features)):
        farthest = int(apart.argmax())
        if apart[farthest] <= likeness:
            break
        chosen.append(farthest)
        apart = np.minimum(apart, np.linalg.norm(features - features[farthest], axis=1))
    return np.sort(np.array(chosen, np.intp))


def held_out_clips(names: Sequence[str]) -> list[str]:
    """Every fifth clip by name, at least one if there are two."""
    ordered = sorted(names)
    if len(ordered) < 2:
        return []
    return ordered[HELD_OUT_SHARE - 1 :: HELD_OUT_SHARE] or ordered[-1:]


def divided_in_time(times: npt.NDArray[np.float64], gap: float = 1.0) -> tuple[IndexArray, IndexArray]:
    """Indices to learn from and to hold out of a single clip: its last fifth, and ``gap`` seconds before it neither."""
    if not len(times):
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    border = times[-1] - (times[-1] - times[0]) / HELD_OUT_SHARE
    return np.flatnonzero(times < border - gap), np.flatnonzero(times >= border)
