"""Cut people out of pictures for the pose network, and bring keypoints back."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray

PADDING = 1.25
"""How much larger than a person's box the crop is, so that limbs that move out of the box stay in it."""


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
    warped = cv2.warpAffine(image, transform, size, flags=cv2.INTER_LINEAR, borderValue=(114, 114, 114))
    return np.asarray(warped, np.uint8)


def extent_of(keypoints: FloatArray, threshold: float = 0.0) -> FloatArray:
    """The box (4,) x1, y1, x2, y2 around the keypoints (23, 3) whose third number is above ``threshold``."""
    points = keypoints[keypoints[:, 2] > threshold, :2]
    if not len(points):
        return np.full(4, np.nan, np.float32)
    return np.concatenate([points.min(0), points.max(0)]).astype(np.float32)
