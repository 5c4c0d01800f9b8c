"""Read people with keypoints from COCO keypoint files and map them onto ours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from models.body import ByteArray, FloatArray
from models.joints import Keypoint

ALIASES = {"left_foot_index": "left_foot", "right_foot_index": "right_foot"}
"""Names in files that differ from ours: MediaPipe's."""


class LabelFileError(Exception):
    """A label file that is missing or is not what it should be."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPerson:
    """One person in one picture.

    Attributes
    ----------
    picture : Path
    image_id : int
    keypoints : (23, 3) float32 array
        x, y in pixels, and 2 seen, 1 guessed, 0 not labelled.
    box : (4,) float32 array
        x1, y1, x2, y2 in pixels.
    group : str
        What must not be divided between training and test: the film; empty where unknown.
    """

    picture: Path
    image_id: int
    keypoints: FloatArray
    box: FloatArray
    group: str = ""


def read_coco(path: Path) -> dict[str, Any]:
    """The content of a COCO file, checked to have pictures, annotations and categories.

    Raises
    ------
    LabelFileError
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LabelFileError(f"{path}: no such label file") from error
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise LabelFileError(f"{path}: not a JSON file ({error})") from error
    if not isinstance(content, dict) or not {"images", "annotations"} <= content.keys():
        raise LabelFileError(f"{path}: not a COCO file with images and annotations")
    return content


def read_picture(path: Path) -> ByteArray:
    """A labelled picture, (height, width, 3) uint8, blue green red.

    Raises
    ------
    LabelFileError
    """
    image = cv2.imread(str(path), cv2.IMREAD_COLOR) if path.is_file() else None
    if image is None:
        raise LabelFileError(f"{path}: missing or not a picture that OpenCV can read")
    return np.asarray(image, np.uint8)


def read_people(path: Path) -> list[LabelledPerson]:
    """Everyone in a COCO keypoint file, in the file's order.

    Raises
    ------
    LabelFileError
        If the file cannot be read or has no keypoints.
    """
    content = read_coco(path)
    try:
        columns = keypoint_columns(content["categories"][0]["keypoints"])
        pictures = {i["id"]: i for i in content["images"]}
        return [
            LabelledPerson(
                picture=path.parent / pictures[a["image_id"]]["file_name"],
                image_id=int(a["image_id"]),
                keypoints=our_keypoints(np.array(a["keypoints"], np.float32).reshape(-1, 3), columns),
                box=corners(a["bbox"]),
                group=str(pictures[a["image_id"]].get("movie", "")),
            )
            for a in content["annotations"]
        ]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise LabelFileError(f"{path}: not a COCO keypoint file ({error!r})") from error


def held_out_groups(people: Sequence[LabelledPerson]) -> set[str]:
    """Every tenth group by name: of FLIC, the films that no recipe sees."""
    return set(sorted({p.group for p in people})[::10])


def keypoint_columns(names: list[str]) -> list[int]:
    """For each of our keypoints its row in a file with ``names``, or -1."""
    theirs = [ALIASES.get(n, n).upper() for n in names]
    return [theirs.index(k.name) if k.name in theirs else -1 for k in Keypoint]


def our_keypoints(theirs: FloatArray, columns: list[int]) -> FloatArray:
    """Rows of ``theirs`` (m, 3) in our order, (23, 3); zeros where they have none."""
    rows = np.vstack([theirs, np.zeros((1, theirs.shape[1]), np.float32)])
    return rows[columns]


def corners(bbox: list[float]) -> FloatArray:
    """COCO's x, y, width, height as x1, y1, x2, y2."""
    x, y, width, height = bbox
    return np.array([x, y, x + width, y + height], np.float32)
