"""How well boxes find people: average precision and recall at an overlap of one half.

All-point interpolation, as in Pascal VOC since 2010: the area under the precision that can be reached at each recall.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.detector import SCORE, intersection_over_union
from models.keypoint_files import LabelFileError, corners, read_coco, read_picture

BoolArray = npt.NDArray[np.bool_]

OVERLAP = 0.5
"""A box is right when its intersection over union with a person who is not yet found is at least this."""


@dataclass(frozen=True, slots=True)
class DetectionQuality:
    """The result over a set of pictures.

    Attributes
    ----------
    ap50 : float
        Average precision, 0 to 1.
    recall : float
        Share of the people who were found, 0 to 1, at whatever score.
    precision : float
        Share of the boxes that are right among those with a score of ``score`` or more; 1 where there is none.
    recall_at_score : float
        Share of the people who were found by those boxes.
    score : float
        The score at which people count as found in use.
    people, pictures : int
        How many there were.
    """

    ap50: float
    recall: float
    precision: float
    recall_at_score: float
    score: float
    people: int
    pictures: int


def detection_quality(
    pictures: Iterable[tuple[FloatArray, FloatArray]], score: float = SCORE, overlap: float = OVERLAP
) -> DetectionQuality:
    """Compare found boxes with true ones.

    Parameters
    ----------
    pictures : iterable of (found, true)
        For each picture ``found`` (n, 5) x1 y1 x2 y2 score and ``true`` (m, 4) x1 y1 x2 y2 in pixels.
    score : float
        The score for ``precision`` and ``recall_at_score``.
    overlap : float
        The least intersection over union of a right box.
    """
    scores, right, people, count = [np.zeros(0, np.float32)], [np.zeros(0, bool)], 0, 0
    for found, true in pictures:
        found = found[np.argsort(-found[:, 4], kind="stable")]
        scores.append(found[:, 4])
        right.append(matches(found, true, overlap))
        people += len(true)
        count += 1
    order = np.argsort(-np.concatenate(scores), kind="stable")
    ranked_scores, ranked = np.concatenate(scores)[order], np.concatenate(right)[order]
    used = ranked[ranked_scores >= score]
    return DetectionQuality(
        ap50=average_precision(ranked, people),
        recall=float(ranked.sum()) / max(people, 1),
        precision=float(used.mean()) if len(used) else 1.0,
        recall_at_score=float(used.sum()) / max(people, 1),
        score=score,
        people=people,
        pictures=count,
    )


def matches(found: FloatArray, true: FloatArray, overlap: float = OVERLAP) -> BoolArray:
    """Whether each of ``found`` (n, 4 or more), best first, finds a person of ``true`` (m, 4) whom no better one found.

    As in COCO, a box finds the person it overlaps most among those who are left.
    """
    right = np.zeros(len(found), bool)
    if not len(true):
        return right
    iou = intersection_over_union(found, true)
    for i, row in enumerate(iou):
        person = int(row.argmax())
        if row[person] >= overlap:
            right[i] = True
            iou[:, person] = 0.0
    return right


def average_precision(ranked: BoolArray, people: int) -> float:
    """Area under the precision-recall curve of boxes that are right or wrong, best first; 0 where nobody is there."""
    if people == 0 or not len(ranked):
        return 0.0
    precision = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    reachable = np.maximum.accumulate(precision[::-1])[::-1]
    return float(reachable[ranked].sum() / people)


def evaluate(detector: Callable[[ByteArray], FloatArray], labels: Path, score: float = SCORE) -> DetectionQuality:
    """How well ``detector`` finds the people of a COCO instance file, whose pictures lie beside it.

    Parameters
    ----------
    detector : callable
        For example ``PersonDetector(score=LOWEST_SCORE)``: average precision wants the doubtful boxes too.
    labels : Path
        With ``images`` (``id``, ``file_name``) and ``annotations`` (``image_id``, ``bbox`` x y width height).
    score : float
        See `detection_quality`.

    Raises
    ------
    LabelFileError
        If the file or one of its pictures is missing or is not what it should be.
    """
    return detection_quality(((detector(image), true) for image, true in _pictures(labels)), score)


def _pictures(labels: Path) -> Iterator[tuple[ByteArray, FloatArray]]:
    """The pictures of a COCO file with their boxes x1 y1 x2 y2; crowds are left out."""
    coco = read_coco(labels)
    try:
        boxes: dict[int, list[FloatArray]] = {image["id"]: [] for image in coco["images"]}
        for annotation in coco["annotations"]:
            if not annotation.get("iscrowd"):
                boxes[annotation["image_id"]].append(corners(annotation["bbox"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LabelFileError(f"{labels}: not a COCO file with images and annotations") from error
    for image in coco["images"]:
        picture = read_picture(labels.parent / image["file_name"])
        yield picture, np.array(boxes[image["id"]], np.float32).reshape(-1, 4)


LOWEST_SCORE = 0.01
"""Boxes with a lower score do not count towards average precision."""
