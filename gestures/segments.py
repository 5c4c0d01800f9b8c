"""One gesture, cut out of a stream, as a series that `gestures.minirocket` reads.

The facing direction, the place and the size belong to the whole segment, so that turning, jumping and bending stay
visible; how fast it was is left out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gestures.skeleton import (
    MOVING,
    NEAREST_TORSO,
    Array,
    across,
    facing,
    middle,
    pick,
    resampled,
    retargeted,
    torso_length,
)
from models.body import FloatArray

LENGTH = 64
"""Times in a series."""

SMOOTHING = 0.05
"""Standard deviation, in seconds, of the Gaussian that positions are smoothed with."""

REST, MARGIN = 0.01, 0.02
"""The share of a segment's motion at either end that counts as rest, and of its length that is kept there anyway."""


def body_centred(positions: FloatArray, rate: float) -> tuple[Array, Array]:
    """A segment in the frame of its body: joints (T, 17, 3) around the hips, and the hips' way (T, 3) in torsos.

    Parameters
    ----------
    positions : (T, 25, 3) float32 array
        Metres; NaN where a joint is not known.
    rate : float
        Frames a second.
    """
    points = smoothed(pick(positions), SMOOTHING * rate)
    turn = facing(across(points).sum(axis=0))
    scale = max(float(np.median(torso_length(points))), NEAREST_TORSO)
    hips = middle(points, "hip")
    return (points - hips[:, None]) @ turn / scale, (hips - hips[0]) @ turn / scale


def series(positions: FloatArray, rate: float) -> npt.NDArray[np.float32]:
    """The segment as channels (C, LENGTH): where joints and hips are, then how they move."""
    joints, way = body_centred(positions, rate)
    return channels(retargeted(joints), way)


def channels(joints: Array, way: Array) -> npt.NDArray[np.float32]:
    """(C, LENGTH) of joints (T, 17, 3) and the hips' way (T, 3)."""
    places = resampled(np.concatenate([joints[:, MOVING].reshape(len(joints), -1), way], axis=1), LENGTH)
    motion = np.gradient(places, axis=0) * (LENGTH / 8)
    return np.asarray(np.concatenate([places, motion], axis=1).T, np.float32)


def without_rests(joints: Array, way: Array) -> tuple[Array, Array]:
    """The part of a segment, joints (T, 17, 3) and the hips' way (T, 3), that holds all but `REST` of its motion."""
    places = np.concatenate([joints[:, MOVING].reshape(len(joints), -1), way], axis=1)
    energy = np.cumsum((np.diff(places, axis=0) ** 2).sum(axis=1))
    if len(energy) == 0 or energy[-1] <= 0.0:
        return joints, way
    margin = round(MARGIN * len(joints))
    start = max(int(np.searchsorted(energy, REST * energy[-1])) - margin, 0)
    end = int(np.searchsorted(energy, (1 - REST) * energy[-1])) + 2 + margin
    return joints[start:end], way[start:end]


def smoothed(values: Array, sigma: float) -> Array:
    """``values`` (T, ...) under a Gaussian of ``sigma`` frames; beyond the ends they go on as they are there."""
    reach = int(np.ceil(3 * sigma))
    if reach < 1:
        return values
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    padded = np.concatenate([np.repeat(values[:1], reach, 0), values, np.repeat(values[-1:], reach, 0)])
    shares = weights / weights.sum()
    return np.asarray(sum(share * padded[i : i + len(values)] for i, share in enumerate(shares)))
