"""Paint people out of pictures, so that a pose network finds whoever stands behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.crop import GREY
from models.joints import Keypoint

LEAST_SURE = 0.3
"""Keypoints with less confidence are not painted: they may be a part of whoever stands behind."""

_TRUNK = [Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER, Keypoint.RIGHT_HIP, Keypoint.LEFT_HIP]
_TRUNK_EDGE = 0.16
_STRETCHES = (
    (Keypoint.HEAD_TOP, Keypoint.NECK, 0.2),
    *(
        (Keypoint[f"{side}_{start}"], Keypoint[f"{side}_{end}"], width)
        for side in ("LEFT", "RIGHT")
        for start, end, width in (
            ("SHOULDER", "ELBOW", 0.12),
            ("ELBOW", "WRIST", 0.1),
            ("WRIST", "INDEX", 0.1),
            ("HIP", "KNEE", 0.18),
            ("KNEE", "ANKLE", 0.13),
            ("ANKLE", "FOOT", 0.11),
        )
    ),
)
"""From where to where, and how many metres thick."""

_SHIFT = 3  # places are told to OpenCV in eighths of a pixel
_FAR = 1e4
_PAINT = (GREY, GREY, GREY)
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
    scale = transform.diagonal()
    for figure in figures:
        points = np.clip(figure.keypoints[:, :2] * scale + transform[:, 2], -_FAR, _FAR)
        places, sure = np.rint(points * (1 << _SHIFT)).astype(np.int32), (figure.keypoints[:, 2] >= LEAST_SURE).tolist()
        metre, ends = figure.metre * float(scale[0]), places.tolist()
        for start, end, width in _STRETCHES:
            if sure[start] and sure[end]:
                thick = max(1, round(width * metre))
                cv2.line(view, ends[start], ends[end], _PAINT, thick, cv2.LINE_8, _SHIFT)
        if all(sure[corner] for corner in _TRUNK):
            trunk = cv2.convexHull(places[_TRUNK])
            cv2.fillConvexPoly(view, trunk, _PAINT, cv2.LINE_8, _SHIFT)
            cv2.polylines(view, [trunk], True, _PAINT, max(1, round(_TRUNK_EDGE * metre)), cv2.LINE_8, _SHIFT)
