"""Random views of recorded people: milder than those that a generic network learns from, since the camera stays.

Every view depends on nothing but the seed and its number, so a run that was interrupted goes on as if it had not been.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from torch.utils.data import DataLoader, Dataset

from models.body import ByteArray, FloatArray
from models.crop import crop, crop_transforms
from models.joints import Keypoint
from models.training.finetune_arms import with_turned_arms
from models.training.finetune_frames import LabelledFrame, person_box
from models.training.pose_augment import (
    covered,
    degraded,
    flipped,
    moved_target,
    random_box,
    recoloured,
    training_crop,
)
from models.training.pose_data import Example, sides_swapped

GENERIC_SHARE = 0.3
"""How much of what is shown is generic, if there is any."""

EMPTY_SHARE = 0.1
"""How often a view shows the place beside the person: a network that has always seen somebody there finds somebody
everywhere, and the tracker believes it."""

TURNED_ARMS = 0.5
"""How often arms are turned to where they are not in the recording, where that can be done."""

UPPER_BODY_SHARE = 0.25
TURN = math.radians(8)
SCALES = (0.8, 1.2)
SHIFT = 0.05
ENDLESS = 10**9


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What a run learns from.

    Attributes
    ----------
    frames : sequence of LabelledFrame
    generic : sequence of Example
        Other people, mixed in so that the network does not forget them.
    flips : bool
        Whether half of the views are mirrored. Without, the network learns what is peculiar to one side: a label that
        is always off to the left, or a right hand that does the work.
    """

    frames: Sequence[LabelledFrame]
    generic: Sequence[Example] = ()
    flips: bool = True


class Views(Dataset[tuple[Any, Any]]):
    """Endless views, a ``batch`` of one of the ``sizes`` (width, height) in pixels after the other."""

    def __init__(self, material: Material, sizes: Sequence[tuple[int, int]], seed: int, batch: int) -> None:
        self._material, self._sizes, self._seed, self.batch = material, sizes, seed, batch

    def __len__(self) -> int:
        return ENDLESS

    def __getitem__(self, number: int) -> tuple[ByteArray, FloatArray]:
        """A picture (h, w, 3) and its target (23, 4) in pixels of the view."""
        rng = np.random.default_rng((self._seed, number))
        size = self._sizes[number // self.batch % len(self._sizes)]
        generic, frames = self._material.generic, self._material.frames
        if generic and rng.random() < GENERIC_SHARE:
            return training_crop(generic[int(rng.integers(len(generic)))], list(generic), size, rng)
        turn, place = divmod(number, len(frames))
        order = np.random.default_rng((self._seed, 1, turn)).permutation(len(frames))
        frame = frames[int(order[place])]
        if rng.random() < EMPTY_SHARE and (empty := empty_view(frame, size, rng)) is not None:
            return empty
        other = frames[int(rng.integers(len(frames)))]
        return view(frame, other, size, rng, self._material.flips)


def view(
    frame: LabelledFrame, other: LabelledFrame, size: tuple[int, int], rng: np.random.Generator, flips: bool = True
) -> tuple[ByteArray, FloatArray]:
    """One random view of a frame; ``other`` is where pieces that cover the person are cut from."""
    example = frame.example()
    if rng.random() < TURNED_ARMS and (behind := frame.picture_behind()) is not None:
        image, target = with_turned_arms(example.image, behind, example.target, frame.torso, rng)
        example = Example(image, target, person_box(target))
    box = random_box(example, rng) if rng.random() < UPPER_BODY_SHARE else example.box
    matrix = gentle_transform(box, size, rng)
    target = example.target
    if flips and rng.random() < 0.5:
        matrix, target = flipped(matrix, size[0]), sides_swapped(target)
    image = crop(example.image, matrix, size)
    target = moved_target(target, matrix, size)
    if rng.random() < 0.3:
        image = covered(image, target, other.picture(), rng)
    return recoloured(degraded(image, rng), rng), target


def empty_view(
    frame: LabelledFrame, size: tuple[int, int], rng: np.random.Generator
) -> tuple[ByteArray, FloatArray] | None:
    """A view of what is beside the person, in which every keypoint is known to be outside; None if none fits."""
    image, (x1, y1, x2, y2) = frame.picture(), frame.box
    height, width = image.shape[:2]
    for _ in range(10):
        tall = rng.uniform(0.15, 0.6) * height
        wide = tall * size[0] / size[1]
        if wide > width:
            continue
        left, top = rng.uniform(0, width - wide), rng.uniform(0, height - tall)
        if left < x2 and left + wide > x1 and top < y2 and top + tall > y1:
            continue
        scale = size[0] / wide
        matrix = np.array([[scale, 0.0, -scale * left], [0.0, scale, -scale * top]])
        target = np.zeros((len(Keypoint), 4), np.float32)
        return recoloured(degraded(crop(image, matrix, size), rng), rng), target
    return None


def gentle_transform(box: FloatArray, size: tuple[int, int], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Picture to view (2, 3): the box as the tracker would cut it out, a little turned, scaled and shifted."""
    base = crop_transforms(box[None], size)[0]
    angle = rng.normal(0, TURN)
    scale = math.exp(rng.uniform(math.log(SCALES[0]), math.log(SCALES[1])))
    aspect = math.exp(rng.normal(0, 0.04))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    turn = turn @ np.diag([scale * aspect, scale / aspect])
    centre = np.array(size) / 2
    shift = rng.normal(0, SHIFT, 2) * np.array(size)
    return np.column_stack([turn @ base[:, :2], turn @ (base[:, 2] - centre) + centre + shift])


def batches(views: Views, start: int, workers: int) -> DataLoader[tuple[Any, Any]]:
    """Batches of ``views`` from number ``start`` on, made in ``workers`` processes."""
    return DataLoader(
        views,
        views.batch,
        sampler=range(start, ENDLESS),
        num_workers=workers,
        drop_last=True,
        prefetch_factor=6 if workers else None,
        worker_init_fn=_alone,
    )


def _alone(worker: int) -> None:
    cv2.setNumThreads(0)  # a pool of threads does not survive the fork
