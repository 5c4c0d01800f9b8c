"""Pictures with boxes for the detector, and what is known of each set.

Labels of the sets differ: Penn-Fudan's people were marked by hand; the boxes of the others come from a public detector
with a score. Confident boxes are people, doubtful ones are regions where nobody knows, and a person whose joints were
labelled by hand but whom that detector missed becomes such a region too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from models.actor import Scene, random_scene
from models.body import ByteArray, FloatArray
from models.detector import intersection_over_union
from models.keypoint_files import read_picture

SURE = 0.45
"""Boxes of the teacher with at least this score are people; those below are regions where nobody knows."""
LARGEST_SIDE = 400
HELD_OUT = 10
"""Every tenth film of FLIC and every tenth picture of the other sets stays out of training."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A picture and its people.

    Attributes
    ----------
    image : (height, width, 3) uint8 array
        Blue, green, red.
    people : (n, 4) float32 array
        Boxes x1 y1 x2 y2 in pixels.
    unknown : (m, 4) float32 array
        Regions where nobody knows.
    """

    image: ByteArray
    people: FloatArray
    unknown: FloatArray


def load(root: Path, held_out: bool = False, limit: int | None = None) -> dict[str, list[Example]]:
    """Everything under ``root`` (see data/README) for training, or the part held out from it, by set.

    ``limit`` takes only the first so many pictures of each set.
    """
    sets = {
        name: _entries(root / folder, people)
        for name, folder, people in (
            ("penn_fudan", "detection/penn_fudan", None),
            ("frames", "detection/frames", None),
            ("flic", "pose/flic", "train_people.json"),
            ("lspet", "pose/lspet", "train_people.json"),
            ("street", "pose/street", "train_people.json"),
            ("professions", "pose/professions", "train_people.json"),
            ("webcam", "pose/webcam", "train_people.json"),
        )
    }
    chosen = {name: _split(entries, held_out)[:limit] for name, entries in sets.items()}
    return {
        name: [_example(*entry) for entry in tqdm(entries, desc=name, unit="picture", leave=False)]
        for name, entries in chosen.items()
    }


Entry = tuple[Path, dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]


def _entries(folder: Path, people: str | None) -> list[Entry]:
    """For each picture its file, its record, its boxes, and its annotations with joints."""
    coco = json.loads((folder / "train.json").read_text())
    boxes = json.loads((folder / people).read_text()) if people else coco["annotations"]
    joints = coco["annotations"] if people else []
    return [
        (
            folder / image["file_name"],
            image,
            by_image.get(image["id"], []),
            joints_by_image.get(image["id"], []),
        )
        for by_image, joints_by_image in [(_by_image(boxes), _by_image(joints))]
        for image in coco["images"]
    ]


def _by_image(annotations: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for annotation in annotations:
        found.setdefault(annotation["image_id"], []).append(annotation)
    return found


def _split(entries: list[Entry], held_out: bool) -> list[Entry]:
    films = sorted({image["movie"] for _, image, _, _ in entries if "movie" in image})
    out = set(films[::HELD_OUT])
    return [
        entry
        for i, entry in enumerate(entries)
        if (entry[1]["movie"] in out if films else i % HELD_OUT == 0) == held_out
    ]


def _example(path: Path, record: dict[str, Any], boxes: list[dict[str, Any]], joints: list[dict[str, Any]]) -> Example:
    image = read_picture(path)
    scale = min(1.0, LARGEST_SIDE / max(image.shape[:2]))
    if scale < 1.0:
        image = np.asarray(cv2.resize(image, (0, 0), fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    sure = _corners([b for b in boxes if b.get("score", 1.0) >= SURE])
    doubtful = _corners([b for b in boxes if b.get("score", 1.0) < SURE])
    doubtful = doubtful[_overlap(doubtful, sure) < 0.5]
    missed = _corners(joints)
    missed = _widened(missed[_overlap(missed, sure) < 0.4], 0.15)
    return Example(np.asarray(image, np.uint8), sure * scale, np.concatenate([doubtful, missed]) * scale)


def _corners(boxes: list[dict[str, Any]]) -> FloatArray:
    found = np.array([b["bbox"] for b in boxes], np.float32).reshape(-1, 4)
    found[:, 2:] += found[:, :2]
    return found


def _overlap(boxes: FloatArray, others: FloatArray) -> FloatArray:
    """The largest intersection over union of each box with any of ``others``."""
    return np.asarray(intersection_over_union(boxes, others).max(1, initial=0.0), np.float32)


def _widened(boxes: FloatArray, share: float) -> FloatArray:
    margin = np.tile((boxes[:, 2:] - boxes[:, :2]) * share, 2)
    return np.asarray(boxes + margin * np.array([-1, -1, 1, 1], np.float32), np.float32)


RENDERED = (320, 256)
"""Width and height of a rendered picture: close-ups of it still show enough."""


def acted(count: int, seed: int) -> list[Example]:
    """``count`` pictures of rendered people, who are the built-in demonstration and must be found there too."""
    rng = np.random.default_rng(seed)
    examples = []
    for _ in tqdm(range(count), desc="actor", unit="picture", leave=False):
        examples.append(example_of(random_scene(rng, RENDERED), 4))
    return examples


def example_of(scene: Scene, least: int) -> Example:
    """A rendered picture.

    Of whom fewer than ``least`` keypoints are in it and not behind others, nobody has to say that it is a person.
    """
    boxes = np.array([person.box for person in scene.people], np.float32).reshape(-1, 4)
    shown = np.array([(person.keypoints[:, 2] == 2).sum() >= least for person in scene.people], bool)
    seen = (boxes[:, 2:] - boxes[:, :2] > 2).all(1)
    return Example(scene.image, boxes[shown & seen], boxes[~shown & seen])
