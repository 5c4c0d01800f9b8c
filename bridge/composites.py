"""Scenes in which people from real clips walk past each other, cut out of their clips and pasted onto one wide picture.

Who is who is known from the pasting. Each clip shows one person; its pictures are played to and fro.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from bridge.matching import CONFIDENT, extents
from bridge.people_evaluation import RATE, EvaluationError, LabelledFrame
from bridge.pipeline import Detector, Pose
from models.body import ByteArray, FloatArray, Frame

SIZE = (1280, 480)
"""Width and height of the pictures."""

SECONDS = 14.0
_MOST = 90  # pictures of a clip
_SMALL = 4  # people are cut out at a fraction of the size


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """One person at one moment, on a picture of the clip's size.

    Attributes
    ----------
    image : (height, width, 3) uint8 array
    mask : (height, width) float32 array
        1 where the person is.
    keypoints : (23, 3) float32 array
        As found when nobody else is there.
    """

    image: ByteArray
    mask: FloatArray
    keypoints: FloatArray


def composite(
    paths: Sequence[Path], detector: Detector, pose: Pose, seed: int = 0, seconds: float = SECONDS
) -> Iterator[LabelledFrame]:
    """People from the videos ``paths`` who cross again and again; those in front are larger.

    Raises
    ------
    EvaluationError
        If a video cannot be read or shows nobody.
    """
    rng = np.random.default_rng(seed)
    people = [_cutouts(path, detector, pose) for path in paths]
    count = round(seconds * RATE)
    sizes = np.linspace(0.72, 1.0, len(people), dtype=np.float32)
    speeds = rng.uniform(0.5, 0.9, len(people)) * rng.choice((-1, 1), len(people))  # radians a second
    phases = np.linspace(0, 2 * np.pi, len(people), endpoint=False) + rng.uniform(0, 0.5)
    background = _wall(people[0][0].image)
    for number in range(count):
        moments = [_to_and_fro(own, number) for own in people]
        middles = (SIZE[0] * (0.5 + 0.4 * np.sin(speeds * number / RATE + phases))).astype(np.float32)
        image, keypoints = _pasted(background, moments, middles, sizes)
        yield LabelledFrame(Frame(image, number / RATE, number), dict(enumerate(keypoints)))


def _to_and_fro(pictures: Sequence[Cutout], number: int) -> Cutout:
    place = number % max(2 * len(pictures) - 2, 1)
    return pictures[min(place, 2 * len(pictures) - 2 - place)]


def _pasted(
    background: ByteArray, moments: Sequence[Cutout], middles: FloatArray, sizes: FloatArray
) -> tuple[ByteArray, list[FloatArray]]:
    """The picture, and everyone's keypoints in it: 2 where seen, 1 where hidden, 0 outside."""
    image = background.astype(np.float32)
    keypoints: list[FloatArray] = []
    for moment, middle, scale in zip(moments, middles, sizes, strict=True):
        height, width = moment.mask.shape
        shift = np.array([middle - scale * width / 2, SIZE[1] - scale * height])
        turn = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
        mask = cv2.warpAffine(moment.mask, turn, SIZE)[..., None]
        image += mask * (cv2.warpAffine(moment.image, turn, SIZE) - image)
        for others in keypoints:
            x, y = others[:, :2].astype(int).clip(0, np.array(SIZE) - 1).T
            others[:, 2] = np.where((mask[y, x, 0] > 0.5) & (others[:, 2] > 0), 1.0, others[:, 2])
        own = moment.keypoints.copy()
        own[:, :2] = own[:, :2] * scale + shift
        held = (own[:, :2] >= 0).all(axis=1) & (own[:, :2] < SIZE).all(axis=1) & (own[:, 2] >= CONFIDENT)
        own[:, 2] = np.where(held, 2.0, 0.0)
        keypoints.append(own.astype(np.float32))
    return np.asarray(image.clip(0, 255), np.uint8), keypoints


def _cutouts(path: Path, detector: Detector, pose: Pose) -> list[Cutout]:
    """The person of a clip, picture by picture."""
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    found: list[Cutout] = []
    try:
        if not video.isOpened():
            raise EvaluationError(f"{path}: not a video that OpenCV can read")
        while len(found) < _MOST:
            read, picture = video.read()
            if not read:
                break
            image = np.asarray(picture, np.uint8)
            boxes = detector(image)[:1, :4]
            if len(boxes):
                keypoints = pose(image, boxes, ())[0]
                found.append(Cutout(image, _mask(image, boxes[0], keypoints), keypoints))
    finally:
        video.release()
    if not found:
        raise EvaluationError(f"{path}: nobody was found in it")
    return found


def _mask(image: ByteArray, box: FloatArray, keypoints: FloatArray) -> FloatArray:
    """Where the person is, by GrabCut (Rother et al., 2004) from the box and the keypoints."""
    small = cv2.resize(image, None, fx=1 / _SMALL, fy=1 / _SMALL, interpolation=cv2.INTER_AREA)
    labels = np.full(small.shape[:2], cv2.GC_BGD, np.uint8)
    own = extents(keypoints[None])[0]
    low, high = np.minimum(box[:2], own[:2]), np.maximum(box[2:], own[2:])
    margin = 0.08 * (high - low)
    x1, y1, x2, y2 = (np.concatenate([low - margin, high + margin]) / _SMALL).clip(0).astype(int)
    labels[y1:y2, x1:x2] = cv2.GC_PR_FGD
    sure = keypoints[keypoints[:, 2] >= CONFIDENT, :2] / _SMALL
    hull = cv2.convexHull(sure.astype(np.float32)).astype(np.int32)
    cv2.fillConvexPoly(labels, ((hull - hull.mean(axis=0)) * 0.5 + hull.mean(axis=0)).astype(np.int32), cv2.GC_FGD)
    cv2.grabCut(small, labels, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)
    person = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.float32)
    smooth = cv2.GaussianBlur(person, (0, 0), 1.0)
    return np.asarray(cv2.resize(smooth, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)


def _wall(image: ByteArray) -> ByteArray:
    """A background that looks like the clip's, without its person: the edges of the picture, drawn wide."""
    width = image.shape[1]
    strip = np.concatenate([image[:, width // 5 : width // 4], image[:, -width // 4 : -width // 5]], axis=1)
    return np.asarray(cv2.blur(cv2.resize(strip, SIZE), (41, 41)), np.uint8)
