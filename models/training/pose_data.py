"""The people that the pose network learns from: public labels, brought to one form and cleaned.

A target is a row x, y, place, seen. ``place`` is the weight of the keypoint's place in the loss (0: unknown), ``seen``
is 1 where the keypoint is in the picture, 0 where it is known to be outside, -1 where nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.body import ByteArray, FloatArray
from models.crop import extent_of
from models.joints import KEYPOINT_FLIP, LIMB_KEYPOINTS, Keypoint
from models.keypoint_files import (
    LabelledPerson,
    corners,
    held_out_groups,
    keypoint_columns,
    our_keypoints,
    read_coco,
    read_people,
    read_picture,
)
from models.painting import NOBODY, Expected
from models.pck import torso_size

MEDIAPIPE = [
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "mouth_left",
    "mouth_right",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_foot_index",
    "right_foot_index",
]
"""The 33 landmarks of the teacher, MediaPipe Pose, in its order."""

TEACHER_WEIGHT = 0.6
"""What a teacher's place counts against a human's."""

NEIGHBOUR = {
    Keypoint.LEFT_INDEX: Keypoint.LEFT_WRIST,
    Keypoint.RIGHT_INDEX: Keypoint.RIGHT_WRIST,
    Keypoint.LEFT_THUMB: Keypoint.LEFT_WRIST,
    Keypoint.RIGHT_THUMB: Keypoint.RIGHT_WRIST,
    Keypoint.LEFT_FOOT: Keypoint.LEFT_ANKLE,
    Keypoint.RIGHT_FOOT: Keypoint.RIGHT_ANKLE,
}
"""A teacher's keypoint without a human label is believed where its neighbour agrees with one."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One person to learn from.

    Attributes
    ----------
    image : (h, w, 3) uint8 array
    target : (23, 4) float32 array
        x, y, place, seen: see the module's docstring.
    box : (4,) float32 array
        Around the person, x1, y1, x2, y2 in pixels.
    expected : Expected
        Where that person and others are, if more than the target is known of it.
    """

    image: ByteArray
    target: FloatArray
    box: FloatArray
    expected: Expected = NOBODY


def human_targets(person: LabelledPerson) -> FloatArray:
    """Targets (23, 4) from human labels: what is labelled is in the picture."""
    known = person.keypoints[:, 2] > 0
    return np.column_stack([person.keypoints[:, :2], known, np.where(known, 1, -1)]).astype(np.float32)


def teacher_targets(keypoints: FloatArray, score: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Targets (23, 4) from a teacher's keypoints (23, 2) and scores (23,) in a picture of ``size`` w, h."""
    with np.errstate(invalid="ignore"):
        inside = ((keypoints >= 0) & (keypoints < np.array(size))).all(1)
        place = np.where(inside & (score >= 0.5), TEACHER_WEIGHT, np.where(inside & (score >= 0.2), 0.2, 0.0))
        seen = np.where(~inside, 0, np.where(score >= 0.5, 1, -1))
    known = np.isfinite(keypoints).all(1)
    return np.column_stack([np.nan_to_num(keypoints), np.where(known, place, 0), np.where(known, seen, -1)]).astype(
        np.float32
    )


def agreement(human: FloatArray, teacher: FloatArray) -> tuple[float, FloatArray]:
    """How far a teacher's targets (23, 4) agree with human ones: share of limb joints, and errors (23,) in torsos."""
    labels = np.column_stack([human[:, :2], human[:, 2] > 0]).astype(np.float32)[None]
    torso = torso_size(labels)[0]
    error = np.linalg.norm(human[:, :2] - teacher[:, :2], axis=1) / torso
    error = np.where((human[:, 2] > 0) & (teacher[:, 3] >= 0), error, np.nan)
    limbs = error[list(LIMB_KEYPOINTS)]
    known = np.isfinite(limbs)
    share = float((limbs[known] < 0.3).mean()) if known.sum() >= 4 else 0.0
    return share, error.astype(np.float32)


def sides_swapped(target: FloatArray) -> FloatArray:
    """The same targets with left and right exchanged."""
    return target[list(KEYPOINT_FLIP)]


def sides_repaired(example: Example, found: FloatArray) -> Example:
    """The example, left and right exchanged where a network that found keypoints (23, 2) contradicts its labels so.

    About 7 % of LSP-Extended's bodies are labelled the wrong way round: there the network agrees with the exchanged
    labels, but not with the labels as they are.
    """
    opinion = np.column_stack([found, np.ones(len(Keypoint)), np.ones(len(Keypoint))]).astype(np.float32)
    swapped = sides_swapped(example.target)
    exchanged = agreement(swapped, opinion)[0] >= 0.7 and agreement(example.target, opinion)[0] <= 0.4
    return replace(example, target=swapped) if exchanged else example


def with_teacher(human: FloatArray, teacher: FloatArray) -> FloatArray:
    """Human targets, their sides repaired and what they lack filled in where the teacher agrees with them.

    About 7 % of LSP-Extended's bodies have left and right exchanged: there the teacher agrees with the exchanged
    labels but not with the labels as they are.
    """
    share, error = agreement(human, teacher)
    swapped = sides_swapped(human)
    swapped_share, swapped_error = agreement(swapped, teacher)
    if swapped_share >= 0.8 and share <= 0.45:
        human, share, error = swapped, swapped_share, swapped_error
    if share < 0.7:
        return human
    result = human.copy()
    for keypoint in Keypoint:
        neighbour = NEIGHBOUR.get(keypoint)
        believed = neighbour is None or not error[neighbour] > 0.3
        if human[keypoint, 3] < 0 and believed:
            result[keypoint] = teacher[keypoint]
    return result


def read_human_set(
    folder: Path, limit: int | None = None, keep: Callable[[LabelledPerson], bool] = lambda _: True
) -> list[Example]:
    """LSPET or FLIC in ``folder``: human labels, completed by the teacher."""
    people = [p for p in read_people(folder / "train.json") if keep(p)][:limit]
    with np.load(folder / "train_teacher.npz", allow_pickle=False) as archive:
        landmarks = dict(zip(archive["image_id"].tolist(), archive["keypoints"].astype(np.float32), strict=True))
    columns = keypoint_columns(MEDIAPIPE)
    examples = []
    for person, image in zip(people, read_pictures([p.picture for p in people]), strict=True):
        target = human_targets(person)
        if person.image_id in landmarks:
            rows = np.vstack([landmarks[person.image_id], np.full((1, 4), np.nan, np.float32)])[columns]
            target = with_teacher(target, teacher_targets(rows[:, :2], rows[:, 3], image.shape[1::-1]))
        examples.append(Example(image, target, person.box))
    return examples


def read_teacher_set(folder: Path, limit: int | None = None) -> list[Example]:
    """A set that only the teacher has labelled; people it is unsure of are left out."""
    people = read_people(folder / "train.json")[:limit]
    scores = _scores(folder / "train.json")
    examples = []
    for person, image, score in zip(people, read_pictures([p.picture for p in people]), scores, strict=False):
        score = np.where(person.keypoints[:, :2].any(1), score, np.nan)
        points = np.where(np.isnan(score)[:, None], np.nan, person.keypoints[:, :2])
        target = teacher_targets(points, score, image.shape[1::-1])
        if (target[list(LIMB_KEYPOINTS)[:6], 2] > 0.5).sum() >= 4:
            examples.append(Example(image, target, _box_of(target, person.box)))
    return examples


def _box_of(target: FloatArray, fallback: FloatArray) -> FloatArray:
    box = extent_of(np.column_stack([target[:, :2], target[:, 2]]), 0.0)
    return fallback if np.isnan(box).any() else box


def _scores(path: Path) -> list[FloatArray]:
    content = read_coco(path)
    columns = keypoint_columns(content["categories"][0]["keypoints"])
    return [
        our_keypoints(np.array(a["score"], np.float32).reshape(-1, 1), columns)[:, 0] for a in content["annotations"]
    ]


def nobody(file: Path, each: int = 4, seed: int = 0, limit: int | None = None) -> list[Example]:
    """Places without people in the pictures of a COCO instance ``file``: every keypoint is known to be outside.

    They teach the network to doubt a box in which there is nobody.
    """
    content = read_coco(file)
    boxes: dict[int, list[FloatArray]] = {i["id"]: [] for i in content["images"]}
    for annotation in content["annotations"]:
        boxes[annotation["image_id"]].append(corners(annotation["bbox"]))
    pictures = content["images"][:limit]
    rng = np.random.default_rng((seed, 11))
    examples = []
    for entry, image in zip(pictures, read_pictures([file.parent / i["file_name"] for i in pictures]), strict=True):
        for _ in range(each):
            place = _empty_place(image.shape[1::-1], boxes[entry["id"]], rng)
            if place is not None:
                target = np.zeros((len(Keypoint), 4), np.float32)
                target[:, :2] = -1e4
                examples.append(Example(image, target, place))
    return examples


def _empty_place(size: tuple[int, int], taken: list[FloatArray], rng: np.random.Generator) -> FloatArray | None:
    """A random box in a picture of ``size`` around which nobody is in sight; None after ten tries.

    A crop may show 2.5 times the box's longer side: see `models.training.pose_augment.random_transform`.
    """
    for _ in range(10):
        extent = rng.uniform(0.1, 0.4, 2) * size
        low = rng.uniform(0, 1, 2) * (np.array(size) - extent)
        box = np.concatenate([low, low + extent]).astype(np.float32)
        view = np.concatenate([low + extent / 2 - 1.25 * extent.max(), low + extent / 2 + 1.25 * extent.max()])
        if all(view[2] < t[0] or t[2] < view[0] or view[3] < t[1] or t[3] < view[1] for t in taken):
            return box
    return None


def read_pictures(paths: Sequence[Path]) -> list[ByteArray]:
    """Decode many pictures, several at a time."""

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(read_picture, paths))


def training_people(data: Path, limit: int | None = None) -> dict[str, list[Example]]:
    """All sets under ``data`` (the folder that holds lspet, flic and so on; detection lies beside it), without what is
    held out.

    With a ``limit``, only that many people of each set.
    """
    films = held_out_groups(read_people(data / "flic" / "train.json"))
    return {
        "lspet": read_human_set(data / "lspet", limit),
        "flic": read_human_set(data / "flic", limit, lambda p: p.group not in films),
        "street": read_teacher_set(data / "street", limit),
        "webcam": read_teacher_set(data / "webcam", limit),
        "professions": read_teacher_set(data / "professions", limit),
        "nobody": nobody(data.parent / "detection" / "frames" / "train.json", limit=limit),
    }


def validation_people(data: Path, limit: int | None = None) -> dict[str, list[LabelledPerson]]:
    """What recipes choose by: LSPET val and the held-out films of FLIC, as people to evaluate on."""
    flic = read_people(data / "flic" / "train.json")
    films = held_out_groups(flic)
    held_out = [p for p in flic if p.group in films]
    return {"lspet": read_people(data / "lspet" / "val.json")[:limit], "flic": held_out[:limit]}
