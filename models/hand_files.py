"""Pictures of hands with what they do, from the file of the data set and from labels given by eye.

A file is a list of hands with ``id``, ``file_name`` (beside it), ``source``, ``source_px``, ``state`` (None where the
recorded gesture is none of the three) and 21 ``landmarks`` in the order of MediaPipe Hands, or None.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.hands import CLASSES, View
from models.keypoint_files import LabelFileError, corners, read_picture

LABELS = Path(__file__).parent / "training" / "hands_labels.json"
"""Labels given by eye. ``people`` and ``rooms``: who and where the webcam pictures
show; ``taught``: what hands do, for training; ``agreed``: a hundred that were read twice, the second time without
knowing the first, and had the same state both times; ``judged``: an older hundred, drawn from all hands and read once.
No training sees either hundred. All lists of ids in the file whose SHA-256 stands there. ``pictures``: whom the whole
webcam pictures show, in a file of its own."""

GESTURES = {
    "open": ("palm", "video_pause"),
    "closed": ("up", "down", "left", "right", "emergency"),
    "lasso": ("closer", "further", "land", "take_off"),
}
"""What the hand does in each recorded gesture of the webcam."""

PHOTOS = LABELS.with_name("hands_photos.json")
"""Hands in the photographs of the pose sets, where our pose network finds them, with what they do by eye: for each set
the SHA-256 of its file and, by state, the id of the picture, the wrist (x, y), which way is up (x, y), and the palm."""

NAMES = tuple(state.name.lower() for state in CLASSES[:3])
CANNOT_TELL, NOTHING = "cannot_tell", "nothing"
WRIST, KNUCKLES = 0, (5, 9, 13, 17)
_AROUND = 4.0  # palms from the middle of a hand that its views may reach


@dataclass(frozen=True, slots=True, eq=False)
class HandPicture:
    """One hand.

    Attributes
    ----------
    name : int
        The id in its file.
    image : (height, width, 3) uint8 array
    view : View
    state : str or None
        One of `NAMES`, `CANNOT_TELL`, or `NOTHING` where no hand is to be seen; None where nobody said.
    person, room : str or None
        Who it is, and where, as far as that is known.
    source : str
        The set it comes from.
    source_px : float
        How many pixels the picture's side had before it was scaled.
    landmarks : (21, 2) float32 array or None
        Pixels.
    by_eye, judged, agreed : bool
        Whether the state was given by eye; whether it is one of two hundred that no training sees; and whether it is
        one of the hundred of these whose state two readings agree on.
    """

    name: int
    image: ByteArray
    view: View
    state: str | None
    person: str | None
    room: str | None
    source: str
    source_px: float
    landmarks: FloatArray | None = None
    by_eye: bool = False
    judged: bool = False
    agreed: bool = False

    @property
    def palm_px(self) -> float:
        """The length of the palm in pixels of the picture that was taken."""
        return float(self.view.palm * self.source_px / self.image.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class WholePicture:
    """A picture of somebody who makes a gesture with one hand.

    Attributes
    ----------
    path : Path
    box : (4,) float32 array
        Around the person: x1, y1, x2, y2 in pixels.
    state : str
        One of `NAMES`.
    person : str or None
    """

    path: Path
    box: FloatArray
    state: str
    person: str | None


@dataclass(frozen=True, slots=True)
class LabelsByEye:
    """What `LABELS` says of the hands of one file, by id; nothing of any other file."""

    people: dict[int, str]
    rooms: dict[int, str]
    taught: dict[int, str]
    judged: dict[int, str]
    agreed: dict[int, str]


def labels_by_eye(content: bytes) -> LabelsByEye:
    """The labels for a file with this ``content``."""
    read: dict[str, Any] = json.loads(LABELS.read_text(encoding="utf-8"))
    known = hashlib.sha256(content).hexdigest() == read["sha256"]
    names = (f.name for f in fields(LabelsByEye))
    return LabelsByEye(*({i: label for label, ids in read[n].items() for i in ids} if known else {} for n in names))


def read_hands(path: Path) -> list[HandPicture]:
    """All hands of a file, with the best label that there is: the recorded one, or the one given by eye.

    Raises
    ------
    LabelFileError
        If the file is no such list, or a picture is missing.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LabelFileError(f"{path}: cannot be read ({error.strerror})") from error
    labels = labels_by_eye(content)
    try:
        records: list[dict[str, Any]] = json.loads(content)
        return [_picture(record, path.parent, labels) for record in records]
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise LabelFileError(f"{path}: not a file of hands: a list with id, file_name, source, state") from error


def _picture(record: dict[str, Any], folder: Path, labels: LabelsByEye) -> HandPicture:
    name, state, landmarks = int(record["id"]), record["state"], record.get("landmarks")
    return HandPicture(
        name=name,
        image=read_picture(folder / record["file_name"]),
        view=view_of(landmarks),
        state=state or (labels.taught | labels.judged | labels.agreed).get(name),
        person=labels.people.get(name),
        room=labels.rooms.get(name),
        source=str(record["source"]),
        source_px=float(record["source_px"]),
        landmarks=np.array(landmarks, np.float32)[:, :2] if landmarks else None,
        by_eye=state is None,
        judged=state is None and name in labels.judged | labels.agreed,
        agreed=state is None and name in labels.agreed,
    )


def view_of(landmarks: npt.ArrayLike | None) -> View:
    """The view of a hand with 21 landmarks, or, without, of one that points upwards in the middle of 112x112 pixels."""
    if landmarks is None:
        return View(np.array([54, 78], np.float32), np.array([0, -1], np.float32), 38.0)
    points = np.array(landmarks, np.float32)[:, :2]
    way = points[list(KNUCKLES)].mean(0) - points[WRIST]
    length = float(np.hypot(*way))
    up = way / length if length > 1 else np.array([0, -1], np.float32)
    # the palm looks short where it points at the camera: the hand is never wider than 1.2 palms, nor longer than 2.3
    palm = max(length, 1.2 * float(np.hypot(*(points[5] - points[17]))), float(np.ptp(points, axis=0).max()) / 2.3)
    return View(points[WRIST], np.asarray(up, np.float32), palm)


def target_of(state: str | None) -> FloatArray:
    """How likely each of `CLASSES` is, (4,), where a `HandPicture` has this state."""
    if state == CANNOT_TELL:
        return np.array([0.4, 0.4, 0.1, 0.1], np.float32)
    if state == NOTHING:
        return np.array([0.03, 0.03, 0.03, 0.91], np.float32)
    target = np.full(4, 0.02, np.float32)
    target[NAMES.index(str(state))] = 0.94
    return target


def read_photo_hands(folder: Path) -> list[HandPicture]:
    """The hands of `PHOTOS`, cut out of the pictures of the pose sets in a ``folder``; none of a set that is another.

    Raises
    ------
    LabelFileError
        If a picture is missing.
    """
    hands = []
    for source, labels in json.loads(PHOTOS.read_text(encoding="utf-8")).items():
        path = folder / source / "train.json"
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != labels.pop("sha256"):
            continue
        files = {image["id"]: image["file_name"] for image in json.loads(content)["images"]}
        for state, found in labels.items():
            for number, x, y, up_x, up_y, palm in found:
                view = View(np.array([x, y], np.float32), np.array([up_x, up_y], np.float32), palm)
                image, view = _around(read_picture(path.parent / files[number]), view)
                hands.append(HandPicture(number, image, view, state, None, None, source, image.shape[0], by_eye=True))
    return hands


def _around(image: ByteArray, view: View) -> tuple[ByteArray, View]:
    """The part of a picture that views of a hand may reach, and the view there."""
    low = np.maximum(view.centre - _AROUND * view.palm, 0).astype(int)
    high = (view.centre + _AROUND * view.palm).astype(int) + 1
    part = np.ascontiguousarray(image[low[1] : high[1], low[0] : high[0]])
    return part, View(view.wrist - low.astype(np.float32), view.up, view.palm)


def read_whole_pictures(folder: Path, only: Collection[str] = ()) -> list[WholePicture]:
    """The webcam pictures of a ``folder`` of the pose data, in which a hand makes a gesture that is one of the states.

    Parameters
    ----------
    folder : Path
        With ``train.json``, whose ``images`` have a ``label`` such as ``hand/palm``.
    only : collection of str
        People of `LABELS`; by default everyone.

    Raises
    ------
    LabelFileError
        If the file is no such list.
    """
    path = folder / "train.json"
    try:
        content = path.read_bytes()
        read: dict[str, Any] = json.loads(content)
        boxes = {record["image_id"]: record["bbox"] for record in read["annotations"]}
        images = [(image["id"], image["file_name"], str(image["label"])) for image in read["images"]]
    except OSError as error:
        raise LabelFileError(f"{path}: cannot be read ({error.strerror})") from error
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise LabelFileError(f"{path}: not a COCO file whose images have labels such as hand/palm") from error
    labels: dict[str, Any] = json.loads(LABELS.read_text(encoding="utf-8"))["pictures"]
    known = labels.pop("sha256") == hashlib.sha256(content).hexdigest()
    people = {number: who for who, numbers in labels.items() for number in numbers} if known else {}
    states = {f"hand/{gesture}": state for state, gestures in GESTURES.items() for gesture in gestures}
    return [
        WholePicture(folder / name, corners(boxes[number]), states[label], people.get(number))
        for number, name, label in images
        if label in states and number in boxes and (not only or people.get(number) in only)
    ]


def read_backgrounds(folder: Path, most: int = 300) -> list[ByteArray]:
    """Pictures of rooms and people, (height, width, 3), to show hands in front of; none where there is no folder."""
    paths = sorted(path for path in folder.glob("*") if path.suffix in {".webp", ".png", ".jpg"})
    return [read_picture(path) for path in paths[:: max(1, len(paths) // most)]]


def without(hands: Iterable[HandPicture], left_out: str | None = None) -> list[HandPicture]:
    """Those to train on: labelled, not of a person or room ``left_out``, and none of the hundred that are judged."""
    return [
        h
        for h in hands
        if h.state is not None and not h.judged and (left_out is None or left_out not in (h.person, h.room))
    ]
