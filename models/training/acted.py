"""Rendered people among what the pose network learns from: exact labels, in poses and views that photographs lack."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from models.actor import random_scene
from models.body import ByteArray, FloatArray
from models.training.pose_data import Example

SIZE = (256, 256)
"""Width and height of a rendered picture."""

PHOTOGRAPHS = 0.35
"""How often the background is a photograph instead of a room."""


def acted_people(count: int, seed: int, backgrounds: list[ByteArray], cache: Path) -> list[Example]:
    """Rendered people with exact targets; rendered once and kept in ``cache``, since ``count`` of them take minutes."""
    if not cache.exists():
        examples = render(count, seed, backgrounds)
        np.savez(
            cache,
            images=np.stack([e.image for e in examples]),
            targets=np.stack([e.target for e in examples]),
            boxes=np.stack([e.box for e in examples]),
        )
    with np.load(cache, allow_pickle=False) as kept:
        rows = zip(kept["images"], kept["targets"], kept["boxes"], strict=True)
        return [Example(*row) for row in rows][:count]


def render(count: int, seed: int, backgrounds: list[ByteArray]) -> list[Example]:
    """At least ``count`` examples of people of whom at least six keypoints are seen."""
    rng = np.random.default_rng((seed, 7))
    examples: list[Example] = []
    with tqdm(total=count, desc="rendering actors", mininterval=5) as bar:
        while len(examples) < count:
            background = None
            if backgrounds and rng.random() < PHOTOGRAPHS:
                background = np.asarray(cv2.resize(backgrounds[rng.integers(len(backgrounds))], SIZE), np.uint8)
            scene = random_scene(rng, SIZE, background)
            found = [
                Example(scene.image, acted_targets(p.keypoints), np.asarray(p.box, np.float32))
                for p in scene.people
                if (p.keypoints[:, 2] == 2).sum() >= 6
            ]
            examples += found
            bar.update(len(found))
    return examples


def acted_targets(keypoints: FloatArray) -> FloatArray:
    """Targets (23, 4) of keypoints x, y, visibility: what is hidden counts less, and may or may not be called seen."""
    visibility = keypoints[:, 2]
    place = np.select([visibility == 2, visibility == 1], [1.0, 0.3], 0.0)
    seen = np.select([visibility == 2, visibility == 1], [1, -1], 0)
    return np.column_stack([keypoints[:, :2], place, seen]).astype(np.float32)
