"""Find the people in a picture: letterbox, network, boxes, non-maximum suppression.

Boxes are x1 y1 x2 y2 in pixels of the picture, origin at the top left.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np

from models.body import ByteArray, FloatArray
from models.inference import Network, WeightsError

DEFAULT_WEIGHTS = Path(__file__).parent / "weights" / "detector_int8.onnx"
STRIDES = (8, 16, 32)
SIZE = (192, 256)
"""Height and width of the picture that the network gets of one of 4:3, see `fitting`."""
MORE = 1.03
"""How many times as many pixels a picture of another shape may have."""
PADDING = 114
"""The grey around a picture of another shape."""
SCORE = 0.35
"""Boxes with a lower score are doubtful."""
FAINT = 0.15
"""Boxes with a lower score are dropped: of those between the pose network has to be very sure."""
OVERLAP = 0.5
"""A box is dropped when its intersection over union with a better one exceeds this."""
CANDIDATES = 200
"""How many boxes are compared at most."""


class PersonDetector:
    """Finds people.

    Parameters
    ----------
    path : Path
        An ONNX file made by `models.training.detector_export`.
    score : float
        Boxes with a lower score are dropped, 0 to 1.

    Raises
    ------
    WeightsError
        If the file is missing or is not a person detector.
    """

    def __init__(self, path: Path = DEFAULT_WEIGHTS, score: float = FAINT) -> None:
        network = Network(path)
        shape, *others = network.input_shapes
        if others or len(shape) != 4 or shape[0] != 1 or shape[3] != 3 or min(shape[1:]) < 1:
            found = f"its input is {[shape, *others]}, expected (1, height, width, 3)"
            raise WeightsError(f"{path}: not a person detector: {found}")
        self._path, self._score = path, score
        self._size = (shape[1], shape[2])
        self._views = {self._size: _View(network)}
        rows, cells = network(np.zeros(shape, np.uint8))[0], len(self._views[self._size].centres)
        if rows.shape != (1, cells, 5):
            raise WeightsError(f"{path}: not a person detector: its output is {rows.shape}")

    def __call__(self, image: ByteArray) -> FloatArray:
        """The people in ``image`` (height, width, 3) uint8 BGR: (n, 5) x1 y1 x2 y2 score, best first."""
        view = self._view(image.shape)
        picture, scale, left, top = letterbox(image, view.size)
        (rows,) = view.network(picture[None])
        found = people(rows[0], view.centres, view.strides, self._score)
        height, width = image.shape[:2]
        found[:, :4] = (found[:, :4] - np.array([left, top, left, top], np.float32)) / scale
        found[:, 0:4:2] = found[:, 0:4:2].clip(0, width)
        found[:, 1:4:2] = found[:, 1:4:2].clip(0, height)
        return found

    def _view(self, shape: tuple[int, ...]) -> _View:
        size = fitting(self._size, (shape[0], shape[1]))
        if size not in self._views:
            self._views[size] = _View(Network(self._path, [(1, *size, 3)]))
        return self._views[size]


class _View:
    """The network for pictures of one shape; ``size`` is height and width."""

    def __init__(self, network: Network) -> None:
        self.network = network
        _, height, width, _ = network.input_shapes[0]
        self.size = (height, width)
        self.centres, self.strides = cell_centres(*self.size)


@cache
def fitting(size: tuple[int, int], shape: tuple[int, int]) -> tuple[int, int]:
    """The height and width in which a picture of ``shape`` is seen largest, of about as many pixels as ``size``.

    Both are multiples of 32, and as little as possible is left grey.

    >>> fitting((192, 256), (540, 960))
    (160, 288)
    """
    most = MORE * size[0] * size[1]
    heights = range(32, int(most) // 32 + 1, 32)
    sizes = [(height, width) for height in heights for width in range(32, int(most / height) + 1, 32)]
    return max(sizes, key=lambda one: (min(one[0] / shape[0], one[1] / shape[1]), -one[0] * one[1]))


def letterbox(image: ByteArray, size: tuple[int, int] = SIZE) -> tuple[ByteArray, float, int, int]:
    """``image`` scaled to fit ``size`` (height, width), in the middle, with the scale and the margins left and top."""
    height, width = image.shape[:2]
    scale = min(size[0] / height, size[1] / width)
    inner = max(round(width * scale), 1), max(round(height * scale), 1)
    left, top = (size[1] - inner[0]) // 2, (size[0] - inner[1]) // 2
    picture = np.full((*size, 3), PADDING, np.uint8)
    picture[top : top + inner[1], left : left + inner[0]] = scaled(image, inner)
    return picture, scale, left, top


def scaled(image: ByteArray, size: tuple[int, int]) -> ByteArray:
    """``image`` with this width and height, halved as long as it is twice as large.

    Halving averages every four pixels, which OpenCV does fast; its average over other areas takes six times as long.
    """
    while image.shape[1] >= 2 * size[0] and image.shape[0] >= 2 * size[1]:
        height, width = image.shape[0] // 2, image.shape[1] // 2
        halved = cv2.resize(image[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA)
        image = np.asarray(halved, np.uint8)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def cell_centres(height: int, width: int, strides: tuple[int, ...] = STRIDES) -> tuple[FloatArray, FloatArray]:
    """Centres (cells, 2) in pixels and strides (cells, 1) of the network's cells, fine ones first, row by row."""
    centres, sizes = [], []
    for stride in strides:
        y, x = np.mgrid[0 : height // stride, 0 : width // stride]
        cells = (np.stack([x, y], -1).reshape(-1, 2) + 0.5) * stride
        centres.append(cells.astype(np.float32))
        sizes.append(np.full((len(cells), 1), stride, np.float32))
    return np.concatenate(centres), np.concatenate(sizes)


def people(rows: FloatArray, centres: FloatArray, strides: FloatArray, score: float = SCORE) -> FloatArray:
    """Boxes (n, 5), best first, from the network's ``rows`` (cells, 5): a logit and four logarithms of distances.

    Parameters
    ----------
    rows : (cells, 5) float32 array
    centres, strides : (cells, 2) and (cells, 1) float32 arrays
        See `cell_centres`.
    score : float
        Boxes with a lower score are dropped; above 0 and below 1.
    """
    logits = rows[:, 0]
    kept = np.flatnonzero(logits > np.log(score / (1 - score)))
    kept = kept[np.argsort(-logits[kept], kind="stable")[:CANDIDATES]]
    reach = np.exp(rows[kept, 1:].clip(-4, 5)) * strides[kept]
    boxes = np.concatenate([centres[kept] - reach[:, :2], centres[kept] + reach[:, 2:]], 1)
    best = suppressed(boxes)
    scores = 1 / (1 + np.exp(-logits[kept[best]]))
    return np.concatenate([boxes[best], scores[:, None]], 1).astype(np.float32)


def suppressed(boxes: FloatArray, overlap: float = OVERLAP) -> list[int]:
    """Indices of the ``boxes`` (n, 4), best first, that overlap no better one by more than ``overlap``."""
    iou = intersection_over_union(boxes, boxes) > overlap
    alive = np.ones(len(boxes), bool)
    kept = []
    for i in range(len(boxes)):
        if alive[i]:
            kept.append(i)
            alive &= ~iou[i]
    return kept


def intersection_over_union(a: FloatArray, b: FloatArray) -> FloatArray:
    """(n, m) for boxes ``a`` (n, 4) and ``b`` (m, 4); 0 where both are empty."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:4], b[None, :, 2:4])
    shared = (high - low).clip(0).prod(-1)
    areas_a, areas_b = ((x[:, 2:4] - x[:, :2]).clip(0).prod(-1) for x in (a, b))
    return np.asarray(shared / np.maximum(areas_a[:, None] + areas_b - shared, 1e-9), np.float32)
