"""Hands that nobody labelled: where our pose network finds them in photographs, with a teacher's opinion of them.

None that looks like one of the two hundreds that networks are judged by (`models.hand_files.LABELS`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from models.body import ByteArray, FloatArray
from models.hand_files import HandPicture, around
from models.hands import HandClassifier, View, hand_crop, hand_views
from models.keypoint_files import corners, read_coco, read_picture
from models.pose import PoseEstimator
from models.training.lite_trunk import LiteTrunk, imagenet_state
from models.training.network import DEVIATION, MEAN, normalised

SETS = ("street", "flic", "professions")
LEAST_SCORE, MOST_PEOPLE = 0.4, 6
"""Of the people in a picture."""

LEAST_PALM = 9.0
"""Pixels."""

ALIKE = 0.5
"""Features of two pictures, less the mean of all, at so small an angle (as a cosine) may show the same hand."""

CLASS_SHARES = np.array([0.38, 0.38, 0.06, 0.18])
"""How often hands that the teacher takes for each of `models.hands.CLASSES` are shown."""

CLEAR, UNCLEAR_SHARE = 0.7, 0.4
"""From which probability on the teacher is sure, and how often others are shown, compared with these."""

_COMPARED = 128  # pixels of the pictures that are compared


@dataclass(frozen=True, slots=True, eq=False)
class Opinions:
    """Hands, and how likely each class of each is to a teacher, (n, 4)."""

    hands: list[HandPicture]
    shares: FloatArray

    def chances(self) -> FloatArray:
        """How often each is shown, added up, (n,)."""
        classes = self.shares.argmax(1)
        weight = np.where(self.shares.max(1) > CLEAR, 1.0, UNCLEAR_SHARE)
        for number, share in enumerate(CLASS_SHARES):
            weight[classes == number] *= share / max(weight[classes == number].sum(), 1e-9)
        return np.asarray(np.cumsum(weight / weight.sum()), np.float32)


def opinions(teacher: Path, folder: Path, judged: Sequence[HandPicture], limit: int | None = None) -> Opinions:
    """Hands of the photographs in a ``folder`` (with `SETS`) that look like none of the ``judged``.

    Parameters
    ----------
    teacher : Path
        An ONNX network for `models.hands.HandClassifier`.
    folder : Path
    judged : sequence of HandPicture
    limit : int, optional
        Takes only so many pictures of each set.
    """
    found = [hand for name in SETS for hand in found_hands(folder / name, limit)]
    hands = unlike(found, judged)
    classifier = HandClassifier(teacher)
    shares = [both_ways(classifier, h.image, h.view) for h in tqdm(hands, desc="teacher", mininterval=5)]
    return Opinions(hands, np.array(shares, np.float32).reshape(-1, len(CLASS_SHARES)))


def found_hands(folder: Path, limit: int | None = None) -> list[HandPicture]:
    """Hands of one set, in the people that its ``train_people.json`` has."""
    if not (folder / "train_people.json").is_file():
        return []
    people: dict[int, list[FloatArray]] = {}
    for record in json.loads((folder / "train_people.json").read_text(encoding="utf-8")):
        if record["score"] > LEAST_SCORE:
            people.setdefault(record["image_id"], []).append(corners(record["bbox"]))
    pose, hands = PoseEstimator(), []
    for picture in tqdm(read_coco(folder / "train.json")["images"][:limit], desc=folder.name, mininterval=5):
        number = int(picture["id"])
        if number not in people:
            continue
        image = read_picture(folder / picture["file_name"])
        for keypoints in pose(image, np.stack(people[number][:MOST_PEOPLE])):
            for view in hand_views(keypoints):
                if view is not None and view.palm >= LEAST_PALM and _inside(image, (view.wrist, view.centre)):
                    part, there = around(image, view)
                    hands.append(HandPicture(number, part, there, None, None, None, folder.name, part.shape[0]))
    return hands


def _inside(image: ByteArray, points: Iterable[FloatArray]) -> bool:
    height, width = image.shape[:2]
    return all(0 < x < width and 0 < y < height for x, y in points)


def unlike(hands: Sequence[HandPicture], judged: Sequence[HandPicture]) -> list[HandPicture]:
    """Those of ``hands`` that look like none of ``judged`` to a trunk that has seen ImageNet."""
    if not hands or not judged:
        return list(hands)
    trunk = LiteTrunk().eval()
    trunk.load_state_dict(imagenet_state(MEAN, DEVIATION))
    features = _features(trunk, hands)
    middle = features.mean(0)
    ours, theirs = (
        f / np.linalg.norm(f, axis=1, keepdims=True) for f in (features - middle, _features(trunk, judged) - middle)
    )
    return [hand for hand, alike in zip(hands, (ours @ theirs.T).max(1), strict=True) if alike <= ALIKE]


@torch.no_grad()
def _features(trunk: LiteTrunk, hands: Sequence[HandPicture]) -> FloatArray:
    """What the trunk sees of each hand, (n, 192)."""
    found = []
    for start in tqdm(range(0, len(hands), 32), desc="comparing", mininterval=5):
        crops = [hand_crop(h.image, h.view.transform(_COMPARED), _COMPARED) for h in hands[start : start + 32]]
        found.append(trunk(normalised(torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float()))[2].mean((2, 3)))
    return torch.cat(found).numpy()


def both_ways(classifier: HandClassifier, image: ByteArray, view: View) -> FloatArray:
    """How likely each class is, (4,), to a ``classifier`` that sees the hand as it is and in a mirror."""
    x, y = view.wrist.tolist()
    there = View(np.array([image.shape[1] - 1 - x, y], np.float32), view.up * np.array([-1, 1], np.float32), view.palm)
    return np.asarray((classifier(image, view) + classifier(np.ascontiguousarray(image[:, ::-1]), there)) / 2)
