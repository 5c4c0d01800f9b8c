"""Cut people out of pictures for the pose network, and bring keypoints back."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray

PADDING = 1.15
"""How much larger than a person's box the crop is, so that limbs that move out of the box stay in it."""

GREY = 114
"""What lies beyond the picture."""


def crop_transforms(boxes: FloatArray, size: tuple[int, int], padding: float = PADDING) -> npt.NDArray[np.float64]:
    """Affine transforms from picture to crop, without rotation or distortion.

    Parameters
    ----------
    boxes : (n, 4) float32 array
        x1, y1, x2, y2 in pixels.
    size : (int, int)
        Width and height of the crop.

    Returns
    -------
    (n, 2, 3) float64 array
    """
    width, height = size
    low, high = np.hsplit(np.asarray(boxes, np.float64).reshape(-1, 4), 2)
    extent = np.maximum(high - low, 1.0)
    scale = 1.0 / (padding * (extent / (width, height)).max(1))
    transforms = np.zeros((len(low), 2, 3))
    transforms[:, 0, 0] = transforms[:, 1, 1] = scale
    transforms[:, :, 2] = np.array([width, height]) / 2 - (low + high) / 2 * scale[:, None]
    return transforms


def crop(image: ByteArray, transform: npt.NDArray[np.float64], size: tuple[int, int]) -> ByteArray:
    """The part of ``image`` that ``transform`` (2, 3) maps onto (0, 0) to ``size``; grey beyond the picture."""
    warped = cv2.warpAffine(image, transform, size, flags=cv2.INTER_LINEAR, borderValue=(GREY, GREY, GREY))
    return np.asarray(warped, np.uint8)


def cut(
    image: ByteArray, box: Sequence[float], size: tuple[int, int], padding: float = PADDING
) -> tuple[ByteArray, npt.NDArray[np.float64]]:
    """The padded ``box`` x1, y1, x2, y2 of a picture as a crop, and the affine map (2, 3) from picture to crop.

    As `crop` of `crop_transforms`, but made of whole rows and columns of the picture, which takes a third of the time;
    the box may therefore be off by half a pixel, and a pixel of the crop one percent wider than high.
    """
    reach = padding / 2 * max(max(box[2 + axis] - box[axis], 1.0) / size[axis] for axis in (0, 1))
    (left, right, begin_x, end_x), (top, bottom, begin_y, end_y) = (
        _span((box[axis] + box[2 + axis]) / 2, reach * length, image.shape[1 - axis], length)
        for axis, length in enumerate(size)
    )
    across, down = (end_x - begin_x) / (right - left), (end_y - begin_y) / (bottom - top)
    transform = np.array(
        [
            [across, 0.0, begin_x - 0.5 + across * (0.5 - left)],
            [0.0, down, begin_y - 0.5 + down * (0.5 - top)],
        ]
    )
    inner = end_x - begin_x, end_y - begin_y
    part = cv2.resize(image[top:bottom, left:right], inner, interpolation=cv2.INTER_LINEAR)
    if inner == size:
        return np.asarray(part, np.uint8), transform
    picture = np.full((size[1], size[0], 3), GREY, np.uint8)
    picture[begin_y:end_y, begin_x:end_x] = part
    return picture, transform


def _span(middle: float, reach: float, limit: int, length: int) -> tuple[int, int, int, int]:
    """From where to where a crop of ``length`` shows a picture ``limit`` long, and from where to where in the crop.

    At least one pixel of both, be it in a corner.
    """
    low = round(middle - reach)
    high = max(round(middle + reach), low + 1)
    start, end = min(max(low, 0), limit - 1), min(max(high, 1), limit)
    begin = min(round((start - low) * length / (high - low)), length - 1)
    return start, end, max(begin, 0), min(max(round((end - low) * length / (high - low)), begin + 1, 1), length)


def extent_of(keypoints: FloatArray, threshold: float = 0.0) -> FloatArray:
    """The box (4,) x1, y1, x2, y2 around the keypoints (23, 3) whose third number is above ``threshold``."""
    points = keypoints[keypoints[:, 2] > threshold, :2]
    if not len(points):
        return np.full(4, np.nan, np.float32)
    return np.concatenate([points.min(0), points.max(0)]).astype(np.float32)
