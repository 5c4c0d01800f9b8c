"""Pictures for the detector to learn from, made of labelled ones: views, mosaics, other light, other backgrounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.detector import PADDING
from models.training.detector_data import Example

DoubleArray = npt.NDArray[np.float64]

SMALLEST_CELL = 56
"""Height in pixels of the smallest picture in a mosaic."""


def scenes(
    sets: dict[str, list[Example]], shares: dict[str, float], size: tuple[int, int], seed: int
) -> Iterator[Example]:
    """Endless pictures of ``size`` (height, width) made from ``sets``, drawn in proportion to ``shares``."""
    rng = np.random.default_rng(seed)
    names = [name for name in sets if sets[name] and shares.get(name, 0.0) > 0]
    weights = np.array([shares[name] for name in names])
    backgrounds = [b for name in names for example in sets[name] if (b := background(example)) is not None]
    most = max(size[0] // SMALLEST_CELL, 1)

    def view(size: tuple[int, int]) -> Example:
        chosen = sets[names[rng.choice(len(names), p=weights / weights.sum())]]
        behind = backgrounds[rng.integers(len(backgrounds))] if backgrounds and rng.random() < 0.5 else None
        return _view(chosen[rng.integers(len(chosen))], behind, size, rng)

    while True:
        count = min(int(rng.choice([1, 2, 3, 4], p=[0.72, 0.18, 0.07, 0.03])), most)
        scene = view(size) if count == 1 else _mosaic(view, count, size, rng)
        yield _flipped(_blurred(scene, rng), rng)


def background(example: Example) -> ByteArray | None:
    """The largest strip of the picture beside, above or below everyone, if it is worth having."""
    taken = np.concatenate([example.people, example.unknown])
    if not len(taken):
        return example.image
    (x1, y1), (x2, y2) = taken[:, :2].min(0).clip(0).astype(int), taken[:, 2:].max(0).astype(int)
    image = example.image
    strips = image[:, : max(x1 - 4, 0)], image[:, x2 + 4 :], image[: max(y1 - 4, 0)], image[y2 + 4 :]
    best = max(strips, key=lambda strip: min(strip.shape[:2]))
    return best if min(best.shape[:2]) >= 64 else None


def _view(example: Example, behind: ByteArray | None, size: tuple[int, int], rng: np.random.Generator) -> Example:
    """A window of a picture: all of it, or with one person of a height from 24 pixels to over twice the window's."""
    height, width = example.image.shape[:2]
    fit = min(size[0] / height, size[1] / width)
    if not len(example.people) or rng.random() < 0.45:
        scale = fit * np.exp(rng.uniform(np.log(0.85), np.log(1.5)))
        focus, place = np.array([width, height]) / 2, np.array([0.5, 0.5]) + rng.normal(0, 0.08, 2)
    else:
        x1, y1, x2, y2 = example.people[rng.integers(len(example.people))]
        wanted = np.exp(rng.uniform(np.log(24.0), np.log(2.3 * size[0])))
        scale = float(np.clip(wanted / max(y2 - y1, 1.0), 0.5 * fit, 3.0))
        head = rng.random() < 0.7  # looks at the upper body rather than anywhere
        focus = np.array([rng.uniform(x1, x2), y1 + (y2 - y1) * (rng.uniform(0.05, 0.35) if head else rng.random())])
        place = rng.uniform(0.25, 0.75, 2)
    stretch = np.exp(rng.normal(0, 0.08))
    scales = np.array([scale * stretch, scale / stretch])
    shift = place * (size[1], size[0]) - focus * scales
    return _placed(example, behind, scales, shift, size, rng)


def _placed(
    example: Example,
    behind: ByteArray | None,
    scales: DoubleArray,
    shift: DoubleArray,
    size: tuple[int, int],
    rng: np.random.Generator,
) -> Example:
    """A picture scaled and shifted into a canvas of ``size``, its people cut at the edges, the rest as ``behind``."""
    canvas = np.full((*size, 3), PADDING, np.uint8) if behind is None else _covering(behind, size)
    image, shrunk = example.image, np.ones(2)
    if scales.min() < 0.6:  # warping picks single pixels: shrink first
        shrunk = scales
        inner = max(round(image.shape[1] * scales[0]), 1), max(round(image.shape[0] * scales[1]), 1)
        image = np.asarray(cv2.resize(image, inner, interpolation=cv2.INTER_AREA), np.uint8)
    matrix = np.array([[scales[0] / shrunk[0], 0, shift[0]], [0, scales[1] / shrunk[1], shift[1]]])
    cv2.warpAffine(_recoloured(image, rng), matrix, (size[1], size[0]), dst=canvas, borderMode=cv2.BORDER_TRANSPARENT)
    double, offset = np.tile(scales, 2).astype(np.float32), np.tile(shift, 2).astype(np.float32)
    people, hidden = cut(example.people * double + offset, size)
    unknown = (example.unknown * double + offset).clip(0, np.array([size[1], size[0]] * 2, np.float32))
    unknown = np.concatenate([unknown, hidden])
    sides = unknown[:, 2:] - unknown[:, :2]
    return Example(canvas, people, unknown[(sides > 2).all(1)])


def _covering(image: ByteArray, size: tuple[int, int]) -> ByteArray:
    """The middle of ``image``, scaled to cover ``size``."""
    height, width = image.shape[:2]
    scale = max(size[0] / height, size[1] / width)
    inner = min(round(size[0] / scale), height), min(round(size[1] / scale), width)
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    part = image[top : top + inner[0], left : left + inner[1]]
    return np.asarray(cv2.resize(part, (size[1], size[0]), interpolation=cv2.INTER_LINEAR), np.uint8)


def cut(boxes: FloatArray, size: tuple[int, int]) -> tuple[FloatArray, FloatArray]:
    """What a canvas of ``size`` (height, width) shows of ``boxes`` (n, 4): people, and remains too small to tell."""
    inside = boxes.clip(0, np.array([size[1], size[0]] * 2, np.float32)).astype(np.float32)
    sides, all_sides = inside[:, 2:] - inside[:, :2], boxes[:, 2:] - boxes[:, :2]
    seen = (sides / np.maximum(all_sides, 1e-6)).prod(1)
    headed = boxes[:, 1] > -0.1 * all_sides[:, 1]
    enough = (seen > np.where(headed, 0.12, 0.4)) & (sides[:, 0] > 5) & (sides[:, 1] > 12)
    return inside[enough], inside[~enough & (sides > 1).all(1)]


def _mosaic(
    view: Callable[[tuple[int, int]], Example], count: int, size: tuple[int, int], rng: np.random.Generator
) -> Example:
    """``count`` rows and columns of pictures of uneven sizes."""
    canvas = np.empty((*size, 3), np.uint8)
    inner = [(np.arange(1, count) / count + rng.uniform(-0.2, 0.2, count - 1) / count) * side for side in size]
    rows, columns = ([0, *cuts.astype(int), side] for cuts, side in zip(inner, size, strict=True))
    people, unknown = [], []
    for top, bottom in pairwise(rows):
        for left, right in pairwise(columns):
            part = view((bottom - top, right - left))
            canvas[top:bottom, left:right] = part.image
            offset = np.array([left, top, left, top], np.float32)
            people.append(part.people + offset)
            unknown.append(part.unknown + offset)
    return Example(canvas, np.concatenate(people), np.concatenate(unknown))


def _flipped(scene: Example, rng: np.random.Generator) -> Example:
    if rng.random() < 0.5:
        return scene
    width = scene.image.shape[1]

    def mirrored(boxes: FloatArray) -> FloatArray:
        return np.asarray(np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], 1))

    return Example(np.asarray(cv2.flip(scene.image, 1), np.uint8), mirrored(scene.people), mirrored(scene.unknown))


def _recoloured(image: ByteArray, rng: np.random.Generator) -> ByteArray:
    """Another exposure, contrast and tint; sometimes grey."""
    levels = np.arange(256, dtype=np.float32)[:, None] / 255
    gains = np.exp(rng.normal(0, 0.25) + rng.normal(0, 0.08, 3))
    table = (levels ** np.exp(rng.normal(0, 0.25))) * gains + rng.normal(0, 0.06)
    table = np.ascontiguousarray((table * 255).clip(0, 255).astype(np.uint8))
    image = np.asarray(cv2.LUT(image, table.reshape(1, 256, 3)), np.uint8)
    if rng.random() < 0.08:
        image = np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)
    return image


def _blurred(scene: Example, rng: np.random.Generator) -> Example:
    """Sometimes moved by the camera, sometimes noisy."""
    image = scene.image
    if rng.random() < 0.15:
        image = np.asarray(cv2.blur(image, (int(rng.integers(2, 5)), int(rng.integers(1, 5)))), np.uint8)
    if rng.random() < 0.15:
        noise = rng.normal(0, rng.uniform(3, 14), (*image.shape[:2], 1))
        image = (image + noise).clip(0, 255).astype(np.uint8)
    return Example(image, scene.people, scene.unknown)
