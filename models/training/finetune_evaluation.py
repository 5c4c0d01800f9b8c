"""How right a pose network is on frames that were held out: errors in torsos, PCK at any threshold, worst frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from models.body import FloatArray
from models.joints import LIMB_KEYPOINTS, Keypoint
from models.pose_evaluation import FindsKeypoints
from models.training.finetune_frames import LabelledFrame

PCK_THRESHOLD = 0.2
THRESHOLDS = np.linspace(0, 0.5, 51)
"""Of the PCK curve, in torsos."""


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Predictions and their errors.

    Attributes
    ----------
    predicted : (n, 23, 3) float32 array
        x, y in pixels of the cut-outs, and confidence.
    errors : (n, 23) float64 array
        In torsos; NaN where there is no label, or no torso to measure by.
    """

    predicted: FloatArray
    errors: npt.NDArray[np.float64]

    @property
    def pck(self) -> float:
        """PCK@0.2 over the limb joints; NaN if none was labelled."""
        return share_right(self.errors[:, LIMB_KEYPOINTS], PCK_THRESHOLD)

    @property
    def curve(self) -> npt.NDArray[np.float64]:
        """PCK over the limb joints at each of `THRESHOLDS`."""
        return np.array([share_right(self.errors[:, LIMB_KEYPOINTS], threshold) for threshold in THRESHOLDS])

    @property
    def per_joint(self) -> dict[str, float]:
        """PCK@0.2 of each keypoint that was labelled at all, by its name in small letters."""
        labelled = [k for k in Keypoint if np.isfinite(self.errors[:, k]).any()]
        return {k.name.lower(): share_right(self.errors[:, k], PCK_THRESHOLD) for k in labelled}

    def worst(self, frames: Sequence[LabelledFrame], count: int, apart: float = 0.5) -> list[int]:
        """The frames with the largest mean error, at least ``apart`` seconds from each other.

        Errors count up to one torso, so that a single joint far away does not outweigh a pose that is wrong.
        """
        errors = np.minimum(self.errors[:, LIMB_KEYPOINTS], 1.0)
        known = np.isfinite(errors)
        mean = np.where(known, errors, 0).sum(1) / np.maximum(known.sum(1), 1)
        chosen: list[int] = []
        for i in np.argsort(-mean, kind="stable").tolist():
            if all(
                frames[i].clip != frames[j].clip or abs(frames[i].time - frames[j].time) > apart - 1e-6 for j in chosen
            ):
                chosen.append(i)
            if len(chosen) == count:
                break
        return chosen


def share_right(errors: npt.NDArray[np.float64], threshold: float) -> float:
    """The share of errors, NaN left out, that are under ``threshold``."""
    known = ~np.isnan(errors)
    return float((errors[known] < threshold).mean()) if known.any() else float("nan")


def judge(pose: FindsKeypoints, frames: Sequence[LabelledFrame], name: str = "judging") -> Judgement:
    """Run ``pose`` on every frame, crops from the labels' boxes."""
    predicted = np.zeros((len(frames), len(Keypoint), 3), np.float32)
    for number, frame in enumerate(tqdm(frames, desc=name, unit="", leave=False, disable=None)):
        predicted[number] = pose(frame.picture(), frame.box[None])[0]
    return Judgement(predicted, errors_in_torsos(predicted, frames))


def errors_in_torsos(predicted: FloatArray, frames: Sequence[LabelledFrame]) -> npt.NDArray[np.float64]:
    """How far ``predicted`` (n, 23, 3) is from the labels, (n, 23); NaN where there is no label or no torso."""
    labels = np.array([frame.target for frame in frames], np.float64).reshape(-1, len(Keypoint), 4)
    torsos = np.array([frame.torso for frame in frames], np.float64)
    errors = np.linalg.norm(predicted[..., :2] - labels[..., :2], axis=-1) / torsos[:, None]
    return np.where(labels[..., 2] > 0, errors, np.nan)
