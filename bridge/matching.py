"""Which pose belongs to whom: overlap of boxes and likeness of keypoints.

Boxes are (n, 4) x1, y1, x2, y2 in pixels; poses are (n, 23, 3) x, y in pixels and confidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.body import FloatArray
from models.scale import apparent_scale

CONFIDENT = 0.3
"""A keypoint that is at least this sure counts."""

_FALLOFF = 0.1  # of a person's size: keypoints that far apart are alike by exp(-1/2)
_BEST = 8
_ALIKE = 0.5  # from this likeness on, two poses are of one person
_SAME_POSE = 0.85  # and from this on, even if one was looked for without the other


def overlap(a: FloatArray, b: FloatArray) -> FloatArray:
    """Intersection over union (n, m) of boxes (n, 4) and (m, 4)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = _areas(np.maximum(high - low, 0.0))
    areas = _areas(a[:, 2:] - a[:, :2])[:, None] + _areas(b[:, 2:] - b[:, :2])[None] - shared
    return np.asarray(shared / np.maximum(areas, 1e-6), np.float32)


def _areas(sides: FloatArray) -> FloatArray:
    """Of rectangles with ``sides`` (..., 2)."""
    return np.asarray(sides[..., 0] * sides[..., 1])


def nearness(a: FloatArray, b: FloatArray) -> FloatArray:
    """How near boxes (n, 4) and (m, 4) of about the same size are: (n, m), 1 in one place, 0 a diagonal apart."""
    diagonal_a, diagonal_b = _diagonals(a), _diagonals(b)
    larger = np.maximum(diagonal_a[:, None], diagonal_b[None])
    apart = np.hypot(*((a[:, None, :2] + a[:, None, 2:] - b[None, :, :2] - b[None, :, 2:]) / 2).transpose(2, 0, 1))
    alike = np.minimum(diagonal_a[:, None], diagonal_b[None]) > larger / 2
    return np.asarray(np.maximum(1.0 - apart / larger, 0.0) * alike, np.float32)


def likeness(a: FloatArray, b: FloatArray) -> FloatArray:
    """How alike poses (n, 23, 3) and (m, 23, 3) are: (n, m), 0 to 1.

    COCO's object keypoint similarity with one falloff for all keypoints, over those that both are sure of; the size is
    the diagonal of the larger pose.
    """
    size = np.maximum(_diagonals(extents(a))[:, None], _diagonals(extents(b))[None])
    both = (a[:, None, :, 2] >= CONFIDENT) & (b[None, :, :, 2] >= CONFIDENT)
    way = a[:, None, :, :2] - b[None, :, :, :2]
    apart = np.einsum("nmkc,nmkc->nmk", way, way)
    alike = np.exp(apart / (-2.0 * (_FALLOFF * size[:, :, None]) ** 2)) * both
    count = both.sum(axis=2)
    return np.asarray(np.where(count >= 3, alike.sum(axis=2) / np.maximum(count, 1), 0.0), np.float32)


def _diagonals(boxes: FloatArray) -> FloatArray:
    sides = boxes[:, 2:] - boxes[:, :2]
    return np.asarray(np.maximum(np.hypot(sides[:, 0], sides[:, 1]), 1.0), np.float32)


def extents(poses: FloatArray) -> FloatArray:
    """The boxes (n, 4) around the confident keypoints of poses (n, 23, 3); zeros where there are none."""
    points = np.where(poses[:, :, 2:] >= CONFIDENT, poses[:, :, :2], _NOWHERE)
    boxes = np.concatenate([np.fmin.reduce(points, axis=1), np.fmax.reduce(points, axis=1)], axis=1)
    return np.asarray(np.where(np.isfinite(boxes), boxes, np.float32(0)), np.float32)


_NOWHERE = np.float32(np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Poses and how large they are.

    Attributes
    ----------
    poses : (n, 23, 3) float32 array
    boxes : (n, 4) float32 array
        `extents`.
    sizes : (n,) float32 array
        `scales`.
    """

    poses: FloatArray
    boxes: FloatArray
    sizes: FloatArray

    @classmethod
    def of(cls, poses: FloatArray) -> Measured:
        """``poses`` (n, 23, 3), measured."""
        return cls(poses, extents(poses), scales(poses))

    def __getitem__(self, rows: npt.NDArray[np.intp]) -> Measured:
        """Some of them."""
        return Measured(self.poses[rows], self.boxes[rows], self.sizes[rows])


def scales(poses: FloatArray) -> FloatArray:
    """How many pixels a metre of each person is long, (n,); 0 where it cannot be told."""
    return apparent_scale(poses[:, :, :2], poses[:, :, 2] >= CONFIDENT)


def scores(poses: FloatArray) -> FloatArray:
    """How surely each pose is a person, (n,): the mean confidence of its surest keypoints.

    Only the surest, so that a face at a webcam is as sure as someone seen from head to foot.
    """
    return np.asarray(np.sort(poses[:, :, 2], axis=1)[:, -_BEST:].sum(axis=1) / _BEST, np.float32)


def distinct(poses: FloatArray, worth: FloatArray, others: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.intp]:
    """Indices of the poses that are left when each person keeps only that of the poses found of them of most ``worth``.

    ``worth`` is (n,); ``others`` (n, n) says who was looked for without the other, and is the same person only where
    both poses are the same, too.
    """
    if len(poses) == 1:
        return np.zeros(1, np.intp)
    alike = likeness(poses, poses) > (_ALIKE if others is None else np.where(others | others.T, _SAME_POSE, _ALIKE))
    kept: list[int] = []
    for index in np.argsort(-worth, kind="stable"):
        if not alike[index, kept].any():
            kept.append(int(index))
    return np.array(sorted(kept), np.intp)


def inside(a: FloatArray, b: FloatArray) -> FloatArray:
    """Which share of each box (n, 4) lies inside each box (m, 4): (n, m)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    areas = _areas(a[:, 2:] - a[:, :2])[:, None]
    return np.asarray(_areas(np.maximum(high - low, 0.0)) / np.maximum(areas, 1e-6), np.float32)


def inside_others(boxes: FloatArray) -> FloatArray:
    """Which share of each of ``boxes`` (n, 4) lies inside each other one: (n, n), 0 on the diagonal."""
    shares = inside(boxes, boxes)
    np.fill_diagonal(shares, 0.0)
    return shares


def pairs(similarity: FloatArray, least: float) -> list[tuple[int, int]]:
    """Match rows with columns of ``similarity`` (n, m), best first, each once, none below ``least``."""
    fits = [(-fit, row, column) for row, fits in enumerate(similarity.tolist()) for column, fit in enumerate(fits)]
    rows: set[int] = set()
    columns: set[int] = set()
    matched: list[tuple[int, int]] = []
    for unlike, row, column in sorted(fits):
        if -unlike < least:
            break
        if row not in rows and column not in columns:
            matched.append((row, column))
            rows.add(row)
            columns.add(column)
    return matched


def unclaimed(detections: FloatArray, places: FloatArray, crops: FloatArray | None = None) -> FloatArray:
    """The boxes (m, 4) of ``detections`` (n, 5) that are none of the people at ``places`` (k, 4), surest first.

    Each person is one detection, the one that fits best to their place or to the crop (k, 4) around it.
    """
    boxes = detections[:, :4]
    if not len(places) or not len(boxes):
        return boxes
    return np.asarray(np.delete(boxes, [row for row, _ in _claims(boxes, places, crops)], axis=0))


def widened(crops: FloatArray, places: FloatArray, detections: FloatArray) -> FloatArray:
    """``crops`` (k, 4), each wide enough for the one of ``detections`` (n, 5) that is the person at its place (k, 4).

    Whoever stretches out their arms at once has hands that a crop around their last pose does not show.
    """
    result, boxes = crops.copy(), detections[:, :4]
    for row, column in _claims(boxes, places, crops):
        result[column, :2] = np.minimum(crops[column, :2], boxes[row, :2])
        result[column, 2:] = np.maximum(crops[column, 2:], boxes[row, 2:])
    return result


def _claims(boxes: FloatArray, places: FloatArray, crops: FloatArray | None = None) -> list[tuple[int, int]]:
    """Which of ``boxes`` (n, 4) is whom of the people at ``places`` (k, 4)."""
    fit = overlap(boxes, places)
    return pairs(fit if crops is None else np.maximum(fit, overlap(boxes, crops)), 0.3)
