"""PCK, the percentage of correct keypoints: how pose networks are judged here.

A joint is right when its error is under a threshold times the torso, the mean of the two diagonals from a shoulder
to the opposite hip (Sapp and Taskar, CVPR 2013, with both diagonals instead of one).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.body import FloatArray
from models.joints import LIMB_KEYPOINTS, Keypoint

_DIAGONALS = (
    (Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_HIP),
    (Keypoint.RIGHT_SHOULDER, Keypoint.LEFT_HIP),
)


@dataclass(frozen=True, slots=True)
class PckResult:
    """Shares of right joints, 0 to 1.

    Attributes
    ----------
    mean : float
        Over all labelled limb joints of all people.
    per_joint : dict of str to float
        For each limb joint that was labelled at all, by `Keypoint` name.
    people : int
        Those with a torso to measure by.
    """

    mean: float
    per_joint: dict[str, float]
    people: int


def torso_size(labels: FloatArray) -> FloatArray:
    """The length of each person's torso in pixels; NaN where neither diagonal is labelled.

    Parameters
    ----------
    labels : (n, 23, 3) float32 array
        x, y, and a number that is positive where the keypoint is labelled.
    """
    with np.errstate(invalid="ignore"):
        lengths = [
            np.where(
                (labels[:, a, 2] > 0) & (labels[:, b, 2] > 0),
                np.linalg.norm(labels[:, a, :2] - labels[:, b, :2], axis=-1),
                np.nan,
            )
            for a, b in _DIAGONALS
        ]
    both = np.stack(lengths)
    known = np.isfinite(both)
    return np.asarray(np.where(known, both, 0).sum(0) / np.where(known.any(0), known.sum(0), np.nan), np.float32)


def normalised_errors(predicted: FloatArray, labels: FloatArray) -> npt.NDArray[np.float64]:
    """Error of each keypoint in torsos, (n, 23); NaN where it or the torso is not labelled.

    A predicted NaN is an error without bound.
    """
    error = np.linalg.norm(predicted[..., :2].astype(np.float64) - labels[..., :2], axis=-1)
    error = np.where(np.isnan(error), np.inf, error) / torso_size(labels)[:, None]
    return np.where(labels[..., 2] > 0, error, np.nan)


def pck(predicted: FloatArray, labels: FloatArray, threshold: float = 0.2) -> PckResult:
    """PCK of ``predicted`` (n, 23, >=2) against ``labels`` (n, 23, 3) over the limb joints."""
    errors = normalised_errors(predicted, labels)[:, list(LIMB_KEYPOINTS)]
    known = ~np.isnan(errors)
    right = (errors < threshold) & known
    per_joint = {
        k.name.lower(): float(right[:, i].sum() / known[:, i].sum())
        for i, k in enumerate(LIMB_KEYPOINTS)
        if known[:, i].any()
    }
    mean = float(right.sum() / known.sum()) if known.any() else float("nan")
    return PckResult(mean, per_joint, int(known.any(1).sum()))
