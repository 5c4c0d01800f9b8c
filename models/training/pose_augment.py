"""Turn an example into a training crop: turned, scaled, recoloured, blurred and partly covered."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.crop import PADDING, crop, crop_transforms
from models.joints import Keypoint
from models.pose import ROOM
from models.training.pose_cues import training_cue
from models.training.pose_data import Example, sides_swapped

UPPER = [k for k in Keypoint if not any(part in k.name for part in ("KNEE", "ANKLE", "FOOT", "HIP"))]
LOWER = [k for k in Keypoint if any(part in k.name for part in ("KNEE", "ANKLE", "FOOT", "HIP"))]


def training_crop(
    example: Example, others: list[Example], size: tuple[int, int], rng: np.random.Generator
) -> tuple[ByteArray, FloatArray]:
    """One random view of an example.

    Parameters
    ----------
    example : Example
    others : list of Example
        Where pieces that cover the person are cut from.
    size : (int, int)
        Width and height of the crop.
    rng : numpy.random.Generator

    Returns
    -------
    image : (height, width, 3) uint8 array
    target : (23, 4) float32 array
        In pixels of the crop.
    """
    matrix = random_transform(random_box(example, rng), size, rng)
    image, target, _ = _view(example, others, matrix, size, rng)
    return image, target


def told_crop(
    example: Example, others: list[Example], size: tuple[int, int], rng: np.random.Generator
) -> tuple[ByteArray, FloatArray, ByteArray]:
    """As `training_crop`, and what a network may be told of it: see `models.training.pose_cues`.

    Half of those who have others beside them are seen upright and in the middle, as in a run: where a network is told
    nothing, that is how it knows whom to find.
    """
    if example.expected.others and rng.random() < 0.5:
        matrix, others = _transform_of_a_run(example.box, size, rng), []
    else:
        matrix = random_transform(random_box(example, rng), size, rng)
    image, target, matrix = _view(example, others, matrix, size, rng)
    return image, target, training_cue(example, matrix, size, rng)


def _view(
    example: Example,
    others: list[Example],
    matrix: npt.NDArray[np.float64],
    size: tuple[int, int],
    rng: np.random.Generator,
) -> tuple[ByteArray, FloatArray, npt.NDArray[np.float64]]:
    """The view to which ``matrix`` leads, or its mirror image; its target; and where that leads."""
    target = example.target
    if rng.random() < 0.5:
        matrix, target = flipped(matrix, size[0]), sides_swapped(target)
    image = crop(example.image, matrix, size)
    target = moved_target(target, matrix, size)
    if rng.random() < 0.4 and others:
        image = covered(image, target, others[rng.integers(len(others))].image, rng)
    return recoloured(degraded(image, rng), rng), target, matrix


def moved_target(target: FloatArray, matrix: npt.NDArray[np.float64], size: tuple[int, int]) -> FloatArray:
    """The target (23, 4) in the view of ``size`` to which ``matrix`` (2, 3) leads; what lies beyond is not seen."""
    moved = target.copy()
    moved[:, :2] = target[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    outside = ~((moved[:, :2] >= 0) & (moved[:, :2] < np.array(size))).all(1)
    moved[outside, 2] = 0
    moved[outside & (moved[:, 3] >= 0), 3] = 0
    return moved


def random_box(example: Example, rng: np.random.Generator) -> FloatArray:
    """The person's box, or now and then only that of the upper or lower half."""
    target = example.target
    draw = rng.random()
    part = UPPER if draw < 0.25 else LOWER if draw < 0.3 else None
    if part is None:
        return example.box
    points = target[part][target[part][:, 2] > 0.3, :2]
    if len(points) < 4:
        return example.box
    low, high = points.min(0), points.max(0)
    grow = 0.1 * (high - low).max()
    return np.concatenate([low - grow, high + grow]).astype(np.float32)


def _transform_of_a_run(box: FloatArray, size: tuple[int, int], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Picture to crop (2, 3) for a box that is nearly right."""
    off = rng.normal(0, 0.05, 4) * np.tile(box[2:] - box[:2], 2)
    (transform,) = crop_transforms((box + off)[None].astype(np.float32), size, float(rng.choice([PADDING, ROOM])))
    return np.asarray(transform)


def random_transform(box: FloatArray, size: tuple[int, int], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Picture to crop (2, 3): the box, turned, scaled, shifted and a little distorted."""
    base = crop_transforms(box[None], size, PADDING)[0]
    angle = 0.0
    draw = rng.random()
    if draw < 0.15:
        angle = rng.uniform(-math.pi, math.pi)
    elif draw < 0.75:
        angle = rng.normal(0, math.radians(30))
    scale = math.exp(rng.uniform(math.log(0.7), math.log(1.4)))
    aspect = math.exp(rng.normal(0, 0.06))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    turn = turn @ np.diag([scale * aspect, scale / aspect])
    centre = np.array(size) / 2
    shift = rng.normal(0, 0.06, 2) * np.array(size)
    linear = turn @ base[:, :2]
    offset = turn @ (base[:, 2] - centre) + centre + shift
    return np.column_stack([linear, offset])


def flipped(matrix: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    """``matrix`` (2, 3), to the mirror image of a view that is so wide."""
    flip = np.array([[-1.0, 0.0], [0.0, 1.0]])
    return np.asarray(flip @ matrix + np.array([[0.0, 0.0, width - 1.0], [0.0, 0.0, 0.0]]))


def covered(image: ByteArray, target: FloatArray, other: ByteArray, rng: np.random.Generator) -> ByteArray:
    """The image with a piece of another one pasted on it; whether a covered keypoint is seen becomes unknown."""
    height, width = image.shape[:2]
    w, h = (max(4, int(rng.uniform(0.08, 0.4) * side)) for side in (width, height))
    x, y = int(rng.integers(0, width - w)), int(rng.integers(0, height - h))
    oh, ow = other.shape[:2]
    ox, oy = int(rng.integers(0, max(1, ow - w))), int(rng.integers(0, max(1, oh - h)))
    piece = cv2.resize(other[oy : oy + h, ox : ox + w], (w, h))
    result = image.copy()
    if rng.random() < 0.5:
        mask = np.zeros((h, w, 1), np.uint8)
        cv2.ellipse(mask, (w // 2, h // 2), (w // 2, h // 2), 0, 0, 360, 1, -1)
        piece = np.where(mask > 0, piece, result[y : y + h, x : x + w])
    result[y : y + h, x : x + w] = piece
    inside = (target[:, 0] >= x) & (target[:, 0] < x + w) & (target[:, 1] >= y) & (target[:, 1] < y + h)
    target[inside & (target[:, 3] > 0), 3] = -1
    target[inside, 2] *= 0.5
    return result


def degraded(image: ByteArray, rng: np.random.Generator) -> ByteArray:
    """Sometimes blurred, coarse or noisy, like a cheap camera."""
    draw = rng.random()
    if draw < 0.1:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.8)), np.uint8)
    if draw < 0.17:
        length = int(rng.integers(3, 9))
        kernel = np.zeros((length, length), np.float32)
        if rng.random() < 0.5:
            kernel[length // 2] = 1 / length
        else:
            kernel[:, length // 2] = 1 / length
        return np.asarray(cv2.filter2D(image, -1, kernel), np.uint8)
    if draw < 0.25:
        height, width = image.shape[:2]
        factor = rng.uniform(0.35, 0.8)
        small = cv2.resize(image, (int(width * factor), int(height * factor)), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(small, (width, height)), np.uint8)
    if draw < 0.33:
        noise = rng.integers(0, 256, image.shape, np.uint8)  # uniform: made three times faster than Gaussian
        strength = rng.uniform(0.03, 0.15)
        return np.asarray(cv2.addWeighted(image, 1, noise, strength, -127 * strength), np.uint8)
    return image


def recoloured(image: ByteArray, rng: np.random.Generator) -> ByteArray:
    """Other light: gain and offset of each channel and gamma, and sometimes grey."""
    draw = rng.random()
    if draw < 0.35:
        grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        colour = 0.0 if draw < 0.06 else rng.uniform(0.3, 1.6)
        image = np.asarray(cv2.addWeighted(image, colour, grey, 1 - colour, 0), np.uint8)
    levels = np.arange(256, dtype=np.float32)[:, None] / 255
    gain = rng.uniform(0.65, 1.35) * rng.uniform(0.88, 1.12, 3)
    curve = gain * levels ** math.exp(rng.normal(0, 0.25)) + rng.uniform(-0.1, 0.1)
    table = np.clip(curve * 255, 0, 255).astype(np.uint8)[None]
    return np.asarray(cv2.LUT(image, table), np.uint8)
