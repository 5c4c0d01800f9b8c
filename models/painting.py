"""Figures of people in a view: painted over whoever stands in the way, or drawn apart to tell a network whom to find.

Where people cover each other, a view shows several, and a pose network that is told nothing finds the nearest. Given
where the one in question should be it finds that one (Zhou et al., "Rethinking pose estimation in crowds", ICCV 2023).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import cv2
import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.crop import GREY
from models.joints import Keypoint

LEAST_SURE = 0.3
"""Keypoints with less confidence are not painted: they may be a part of whoever stands behind."""


class Layer(IntEnum):
    """The parts of a cue."""

    TRUNK = 0
    ARMS = 1
    LEGS = 2
    OTHERS = 3


_TRUNK = [Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER, Keypoint.RIGHT_HIP, Keypoint.LEFT_HIP]
_TRUNK_EDGE = 0.16
_STRETCHES = (
    (Keypoint.HEAD_TOP, Keypoint.NECK, 0.2, Layer.TRUNK),
    *(
        (Keypoint[f"{side}_{start}"], Keypoint[f"{side}_{end}"], width, layer)
        for side in ("LEFT", "RIGHT")
        for start, end, width, layer in (
            ("SHOULDER", "ELBOW", 0.12, Layer.ARMS),
            ("ELBOW", "WRIST", 0.1, Layer.ARMS),
            ("WRIST", "INDEX", 0.1, Layer.ARMS),
            ("HIP", "KNEE", 0.18, Layer.LEGS),
            ("KNEE", "ANKLE", 0.13, Layer.LEGS),
            ("ANKLE", "FOOT", 0.11, Layer.LEGS),
        )
    ),
)
"""From where to where, how many metres thick, and of which layer."""

_SHIFT = 3  # places are told to OpenCV in eighths of a pixel
_FAR = 1e4
_PAINT, _THERE = (GREY, GREY, GREY), (255,)
_SAME = np.eye(2, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """Where somebody is in a picture.

    Attributes
    ----------
    keypoints : (23, 3) float32 array
        x and y in pixels, and confidence.
    metre : float
        How many pixels a metre of the person is long.
    """

    keypoints: FloatArray
    metre: float

    def moved(self, transform: npt.NDArray[np.float64]) -> Figure:
        """The same one in the picture to which an affine map (2, 3) leads."""
        places = self.keypoints[:, :2] @ transform[:, :2].T + transform[:, 2]
        scale = float(np.sqrt(abs(np.linalg.det(transform[:, :2]))))
        return Figure(np.column_stack([places, self.keypoints[:, 2]]).astype(np.float32), self.metre * scale)


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Who should be in a view, as far as that is known.

    Attributes
    ----------
    own : Figure, optional
        The one who is to be found.
    before : sequence of Figure
        Who stands before that one.
    others : sequence of Figure
        Everybody else, and those again.
    """

    own: Figure | None = None
    before: Sequence[Figure] = ()
    others: Sequence[Figure] = ()


NOBODY = Expected()


def paint_out(view: ByteArray, figures: Iterable[Figure], transform: npt.NDArray[np.float64] = _SAME) -> None:
    """Cover people with the grey of what lies beyond a picture.

    Parameters
    ----------
    view : (h, w, 3) uint8 array
        A part of a picture. It is changed.
    figures : iterable of Figure
        Where they are in the picture.
    transform : (2, 3) float64 array
        From the picture to the view, without rotation.
    """
    for figure in figures:
        for _, corners, thick in _strokes(figure, transform):
            _draw(view, corners, thick, _PAINT)


def cue(
    size: tuple[int, int], expected: Expected, transform: npt.NDArray[np.float64] = _SAME, stride: int = 8
) -> ByteArray:
    """Where in a view the one to be found should be, and where others, for a pose network that is told.

    Parameters
    ----------
    size : (int, int)
        Width and height of the view.
    expected : Expected
    transform : (2, 3) float64 array
        As for `paint_out`.
    stride : int
        Pixels of the view across a cell.

    Returns
    -------
    (4, h, w) uint8 array
        How much of each cell is covered in each `Layer`, 255 for all of it.
    """
    width, height = size
    cells = width // stride, height // stride
    own = [] if expected.own is None else [expected.own]
    if not own and not expected.others:
        return np.zeros((len(Layer), cells[1], cells[0]), np.uint8)
    layers = np.zeros((len(Layer), height, width), np.uint8)
    for figure in (*own, *expected.others):
        for layer, corners, thick in _strokes(figure, transform):
            _draw(layers[layer if figure is expected.own else Layer.OTHERS], corners, thick, _THERE)
    return np.stack([cv2.resize(layer, cells, interpolation=cv2.INTER_AREA) for layer in layers]).astype(np.uint8)


def _strokes(figure: Figure, transform: npt.NDArray[np.float64]) -> Iterator[tuple[Layer, list[list[int]], int]]:
    """Lines of two ends and a polygon of more, in eighths of a pixel, and how many pixels thick they are."""
    scale = transform.diagonal()
    points = np.clip(figure.keypoints[:, :2] * scale + transform[:, 2], -_FAR, _FAR)
    places, sure = np.rint(points * (1 << _SHIFT)).astype(np.int32).tolist(), figure.keypoints[:, 2] >= LEAST_SURE
    metre, known = figure.metre * float(scale[0]), sure.tolist()
    for start, end, width, layer in _STRETCHES:
        if known[start] and known[end]:
            yield layer, [places[start], places[end]], max(1, round(width * metre))
    if all(known[corner] for corner in _TRUNK):
        yield Layer.TRUNK, [places[corner] for corner in _TRUNK], max(1, round(_TRUNK_EDGE * metre))


def _draw(canvas: ByteArray, corners: list[list[int]], thick: int, colour: tuple[int, ...]) -> None:
    if len(corners) == 2:
        cv2.line(canvas, corners[0], corners[1], colour, thick, cv2.LINE_8, _SHIFT)
    else:
        polygon = cv2.convexHull(np.array(corners, np.int32))
        cv2.fillConvexPoly(canvas, polygon, colour, cv2.LINE_8, _SHIFT)
        cv2.polylines(canvas, [polygon], True, colour, thick, cv2.LINE_8, _SHIFT)
