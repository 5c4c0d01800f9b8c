"""Cut hands out of their pictures, so that they can be shown in front of anything.

GrabCut (Rother, Kolmogorov, Blake, 2004), which starts from the fingers' bones as the landmarks give them.
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from models.body import ByteArray, FloatArray

FINGERS = ((0, 1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16), (17, 18, 19, 20))
PALM = (0, 1, 5, 9, 13, 17)


def hand_mask(image: ByteArray, landmarks: FloatArray, palm: float) -> ByteArray:
    """Which pixels of ``image`` (height, width, 3) are the hand, (height, width), 0 to 255.

    Parameters
    ----------
    image : (height, width, 3) uint8 array
    landmarks : (21, 2) float32 array
        Pixels.
    palm : float
        Pixels from the wrist to the knuckles.
    """
    marks = np.full(image.shape[:2], cv2.GC_BGD, np.uint8)
    for width, mark in ((0.75, cv2.GC_PR_BGD), (0.34, cv2.GC_PR_FGD), (0.08, cv2.GC_FGD)):
        _draw_hand(marks, landmarks, max(1, round(width * palm)), mark)
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    whole = (0, 0, image.shape[1], image.shape[0])
    cv2.grabCut(image, marks, whole, background, foreground, 3, cv2.GC_INIT_WITH_MASK)
    found = np.isin(marks, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8) * 255
    return np.asarray(cv2.GaussianBlur(found, (0, 0), 0.8), np.uint8)


def _draw_hand(canvas: ByteArray, landmarks: FloatArray, width: int, mark: int) -> None:
    points = np.round(landmarks).astype(np.int32)
    cv2.fillConvexPoly(canvas, cv2.convexHull(points[list(PALM)]), mark)
    for finger in FINGERS:
        for start, end in pairwise(finger):
            cv2.line(canvas, points[start].tolist(), points[end].tolist(), mark, width)
