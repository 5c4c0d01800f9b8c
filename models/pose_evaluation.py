"""How well a pose network does on a labelled set, crops taken from the labelled boxes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from tqdm import tqdm

from models.body import ByteArray, FloatArray
from models.keypoint_files import LabelFileError, LabelledPerson, read_people, read_picture
from models.pck import PckResult, pck


class FindsKeypoints(Protocol):
    """What is evaluated: `models.pose.PoseEstimator` or anything like it."""

    def __call__(self, image: ByteArray, boxes: FloatArray) -> FloatArray:
        """Keypoints (n, 23, 3) of the people in ``boxes`` (n, 4)."""
        ...


def evaluate_pose(pose: FindsKeypoints, path: Path, groups: set[str] | None = None) -> PckResult:
    """PCK@0.2 on a COCO keypoint file.

    Parameters
    ----------
    pose : FindsKeypoints
    path : Path
        The file; its pictures lie beside it.
    groups : set of str, optional
        Only people of these groups (for FLIC: films).

    Raises
    ------
    LabelFileError
        If the file or one of its pictures cannot be read.
    """
    people = [p for p in read_people(path) if groups is None or p.group in groups]
    if not people:
        raise LabelFileError(f"{path}: nobody in it is labelled")
    return pck(predict(pose, people), np.stack([p.keypoints for p in people]))


def predict(pose: FindsKeypoints, people: Sequence[LabelledPerson]) -> FloatArray:
    """Keypoints (n, 23, 3) of each labelled person."""
    keypoints = []
    for person in tqdm(people, desc="people", unit="", leave=False, disable=None):
        keypoints.append(pose(read_picture(person.picture), person.box[None])[0])
    return np.stack(keypoints)
