"""Rendered crowds, and rendered people to put before others: how people look who cover each other.

Photographs with labelled people show few of them, and a network that never saw any gives one person the limbs of
another.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from tqdm import tqdm

from models.actor import Scene, random_scene
from models.actor.crowd import Crowd
from models.body import ByteArray, FloatArray
from models.crop import crop, crop_transforms
from models.detector import intersection_over_union
from models.joints import Joint, Keypoint
from models.painting import Expected, Figure, paint_out
from models.pose import most_shared
from models.scale import apparent_scale
from models.training.acted import PHOTOGRAPHS, SIZE, acted_targets
from models.training.detector_data import Example as Picture
from models.training.detector_data import example_of
from models.training.pose_data import Example

SCRIPTS = ("crossing", "hiding", "walking", "walking")
"""Of `models.actor.crowd`; who walks about overlaps most."""

FIRST_SEED = 5000
"""Crowds with lower seeds are left to those who evaluate."""

_PICTURE = (640, 480)
_MOMENTS = 4  # pictures of one crowd
_AROUND = 1.6  # how much larger than the person's box the picture of an example is
_NEAR, _APART = 0.15, 0.15  # the share of a box that others cover in a crowd, and how often somebody else is taken
_LEAST_SEEN = 0.35  # share of the keypoints
_FOUND = 6  # keypoints; of whom fewer are seen, a detector need not say that there is somebody
_GONE = 0.1  # nobody is seen, once those before are painted out, of whom less is
_ALIKE = 8  # grey levels
_PAINTED = 0.5  # the share of those behind somebody in whose pictures whoever stands before them is painted out
_OFF = (0.02, 0.01)  # metres by which those who are painted out seem to stand elsewhere, and each of their keypoints


@dataclass(frozen=True, slots=True, eq=False)
class CutOut:
    """A picture (h, w, 3) uint8 of a person or two, and where they are in it, (h, w) uint8, 1 or 0."""

    image: ByteArray
    mask: ByteArray


def crowded_people(count: int, seed: int, backgrounds: list[ByteArray]) -> list[Example]:
    """``count`` examples of people of whom most stand before or behind somebody else."""
    rng = np.random.default_rng((seed, 8))
    examples: list[Example] = []
    for scene in _scenes(seed, backgrounds, rng):
        examples += _examples(scene, rng)
        if len(examples) >= count:
            break
    return examples[:count]


def _scenes(seed: int, backgrounds: list[ByteArray], rng: np.random.Generator) -> Iterator[Scene]:
    """Endless pictures of crowds, a few of each."""
    for number in itertools.count(FIRST_SEED + 10_000 * seed + 1):
        crowd = Crowd(str(rng.choice(SCRIPTS)), int(rng.integers(3, 7)), _PICTURE, number)
        if backgrounds and rng.random() < PHOTOGRAPHS:
            crowd.background = np.asarray(cv2.resize(backgrounds[rng.integers(len(backgrounds))], _PICTURE), np.uint8)
        for time in rng.uniform(0.5, crowd.duration, _MOMENTS):
            yield crowd.render(float(time))


def crowded_pictures(count: int, seed: int, backgrounds: list[ByteArray]) -> list[Picture]:
    """``count`` pictures of crowds for the detector; of whom little is seen, nobody is to say that it is a person."""
    scenes = itertools.islice(_scenes(seed, backgrounds, np.random.default_rng((seed, 11))), count)
    pictures: list[Picture] = []
    for scene in tqdm(scenes, "crowds", count, unit="picture", leave=False):
        whole = example_of(scene, _FOUND)
        half = np.asarray(cv2.resize(whole.image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        pictures.append(Picture(half, whole.people * 0.5, whole.unknown * 0.5))
    return pictures


def _examples(scene: Scene, rng: np.random.Generator) -> list[Example]:
    """Those in ``scene`` who are near somebody, and a few others, each in a picture of their own."""
    boxes = np.stack([person.box for person in scene.people]).astype(np.float32)
    near = most_shared(boxes) > _NEAR
    poses = np.stack([person.keypoints for person in scene.people]).astype(np.float32)
    metres = apparent_scale(poses[..., :2], poses[..., 2] > 0).tolist()
    distances = np.array([person.positions[Joint.SPINE_MID, 2] for person in scene.people])
    shared = intersection_over_union(boxes, boxes)
    examples = []
    for i, (person, box, close) in enumerate(zip(scene.people, boxes, near, strict=True)):
        seen = (person.keypoints[:, 2] == 2).mean()
        before = np.flatnonzero((distances < distances[i]) & (shared[i] > 0))
        gone = seen < _GONE and len(before) > 0
        if not (gone or (seen >= _LEAST_SEEN and (close or rng.random() < _APART))):
            continue
        image, others = scene.image, [j for j in np.flatnonzero(shared[i] > 0).tolist() if j != i]
        if gone or (len(before) and rng.random() < _PAINTED):
            image = image.copy()
            paint_out(image, [_seen(poses[other], metres[other], rng) for other in before])
        (transform,) = crop_transforms(box[None], SIZE, _AROUND)
        target = acted_targets(np.zeros_like(person.keypoints) if gone else person.keypoints)
        target[:, :2] = target[:, :2] @ transform[:, :2].T + transform[:, 2]
        corners = box.reshape(2, 2) @ transform[:, :2].T + transform[:, 2]
        own, *beside = (_figure(poses[j], metres[j]).moved(transform) for j in (i, *others))
        view = crop(image, transform, SIZE)
        examples.append(Example(view, target, corners.reshape(4).astype(np.float32), Expected(own, (), beside)))
    return examples


def _figure(keypoints: FloatArray, metre: float) -> Figure:
    """Where the true ``keypoints`` (23, 3) of somebody are, hidden or not."""
    return Figure(np.column_stack([keypoints[:, :2], keypoints[:, 2] > 0]).astype(np.float32), metre)


def _seen(keypoints: FloatArray, metre: float, rng: np.random.Generator) -> Figure:
    """What a pose network may say of the true ``keypoints`` (23, 3) of somebody who is before others."""
    together, apart = rng.normal(0, _OFF[0] * metre, 2), rng.normal(0, _OFF[1] * metre, (len(Keypoint), 2))
    sure = (keypoints[:, 2:] > 0) & (rng.random((len(Keypoint), 1)) < 0.97)
    return Figure(np.concatenate([keypoints[:, :2] + together + apart, sure], axis=1).astype(np.float32), metre)


def cut_outs(count: int, seed: int) -> list[CutOut]:
    """``count`` rendered people without what is behind them: it is what differs between black and white walls."""
    walls = [np.full((*SIZE[::-1], 3), level, np.uint8) for level in (0, 255)]
    found: list[CutOut] = []
    number = 0
    while len(found) < count:
        dark, bright = (random_scene(np.random.default_rng((seed, 9, number)), SIZE, wall).image for wall in walls)
        number += 1
        mask = (cv2.absdiff(dark, bright).max(axis=2) < _ALIKE).astype(np.uint8)
        mask = np.asarray(cv2.erode(mask, np.ones((2, 2), np.uint8)), np.uint8)
        x, y, width, height = cv2.boundingRect(mask)
        if height > SIZE[1] / 3 and mask.mean() > 0.04:
            part = np.s_[y : y + height, x : x + width]
            found.append(CutOut(dark[part].copy(), mask[part].copy()))
    return found


def put_before(picture: ByteArray, others: Sequence[CutOut], rng: np.random.Generator) -> tuple[ByteArray, ByteArray]:
    """A person's ``picture`` (h, w, 3) with one of ``others`` in it, to the left or right, and what is covered."""
    height, width = picture.shape[:2]
    other = others[int(rng.integers(len(others)))]
    scale = rng.uniform(0.5, 1.25) * height / other.mask.shape[0]
    side = rng.choice((-1.0, 1.0)) * rng.uniform(0.12, 0.55)
    x = width * (0.5 + side) - scale * other.mask.shape[1] / 2
    y = height * (0.5 + rng.normal(0, 0.12)) - scale * other.mask.shape[0] / 2
    transform = np.array([[scale, 0, x], [0, scale, y]])
    mask = cv2.warpAffine(other.mask, transform, (width, height), flags=cv2.INTER_NEAREST)
    light = np.clip(other.image * rng.uniform(0.6, 1.3), 0, 255).astype(np.uint8)
    covering = cv2.warpAffine(light, transform, (width, height), flags=cv2.INTER_LINEAR)
    return np.where(mask[..., None] > 0, covering, picture).astype(np.uint8), np.asarray(mask, np.uint8)
