"""How often the hand network is right, on hands of which somebody said what they do.

Each hand is looked at twice, once in a mirror, as `bridge.hand_tracking` does by turns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from models.body import ByteArray, FloatArray
from models.hand_files import NAMES, HandPicture, read_hands, read_whole_pictures
from models.hands import View, hand_views
from models.keypoint_files import LabelFileError, read_picture

SURE = 0.62
"""A probability from which on a state is given to a hand that is seen once; below it is Unknown."""


@dataclass(frozen=True, slots=True)
class GestureQuality:
    """How right the network is about hands that make a recorded gesture.

    Attributes
    ----------
    right : float or None
        Share of the hands whose likeliest of the three states is right; None without any.
    known : float or None
        Share of them for which the network is sure of one state.
    right_where_known : float or None
        Share right among those.
    per_state : dict of str to float
        Share right of each state.
    hands : int
    """

    right: float | None
    known: float | None
    right_where_known: float | None
    per_state: dict[str, float]
    hands: int


@dataclass(frozen=True, slots=True)
class HandQuality(GestureQuality):
    """The same, and how right it is about hands that were labelled by eye.

    Attributes
    ----------
    by_eye : float or None
        Share right of the hands by eye that nobody trained on and whose state two readings agree on.
    hands_by_eye : int
    read_once : float or None
        Share right of older ones, read once.
    hands_read_once : int
    """

    by_eye: float | None
    hands_by_eye: int
    read_once: float | None
    hands_read_once: int


def evaluate_hands(
    classifier: Callable[[ByteArray, View], FloatArray], path: Path, only: Collection[str] = ()
) -> HandQuality:
    """Look at every labelled hand of a file; see `models.hand_files`.

    Parameters
    ----------
    classifier : callable
        `models.hands.HandClassifier`.
    path : Path
    only : collection of str
        People or rooms; by default everyone.

    Raises
    ------
    LabelFileError
        If the file cannot be used, or has no labelled hand.
    """
    hands = [h for h in read_hands(path) if h.state in NAMES]
    recorded = [h for h in hands if not h.by_eye and (not only or {h.person, h.room} & set(only))]
    agreed = [h for h in hands if h.agreed]
    once = [h for h in hands if h.judged and not h.agreed]
    if not recorded and not agreed and not once:
        raise LabelFileError(f"{path}: no hand with a state in it" + (f" of {', '.join(only)}" if only else ""))

    def looked_at(some: list[HandPicture]) -> _Found:
        return [(h.state, both_ways(classifier, h.image, h.view)[: len(NAMES)]) for h in some]

    return HandQuality(
        **asdict(_quality(looked_at(recorded))),
        by_eye=_share_right(looked_at(agreed)),
        hands_by_eye=len(agreed),
        read_once=_share_right(looked_at(once)),
        hands_read_once=len(once),
    )


def evaluate_whole_pictures(
    classifier: Callable[[ByteArray, View], FloatArray],
    pose: Callable[[ByteArray, FloatArray], FloatArray],
    folder: Path,
    only: Collection[str] = (),
) -> GestureQuality:
    """Look at the higher hand in each webcam picture, where the pose network finds it; others do not count.

    Parameters
    ----------
    classifier : callable
        `models.hands.HandClassifier`.
    pose : callable
        `models.pose.PoseEstimator`.
    folder : Path
        For `models.hand_files.read_whole_pictures`.
    only : collection of str
        People; by default everyone.

    Raises
    ------
    LabelFileError
        If the folder cannot be used, or has no such picture.
    """
    pictures = read_whole_pictures(folder, only)
    if not pictures:
        raise LabelFileError(f"{folder}: no picture of a gesture" + (f" of {', '.join(only)}" if only else ""))
    found = []
    for picture in tqdm(pictures, desc="pictures", mininterval=1):
        image = read_picture(picture.path)
        (keypoints,) = pose(image, picture.box[None])
        views = [view for view in hand_views(keypoints) if view is not None]
        if views:
            highest = min(views, key=lambda view: float(view.wrist[1]))
            found.append((picture.state, both_ways(classifier, image, highest)[: len(NAMES)]))
    return _quality(found)


def both_ways(classifier: Callable[[ByteArray, View], FloatArray], image: ByteArray, view: View) -> FloatArray:
    """How likely each class is, (4,): the mean of a look at the hand as it is and of one in a mirror."""
    return np.asarray((classifier(image, view) + classifier(image, view.in_mirror())) / 2, np.float32)


_Found = list[tuple[str | None, FloatArray]]
"""Hands: what they do, and how likely each state is to the network, (3,)."""


def _quality(found: _Found) -> GestureQuality:
    sure = [(state, shares) for state, shares in found if shares.max() >= SURE]
    states = {name: [f for f in found if f[0] == name] for name in NAMES}
    return GestureQuality(
        right=_share_right(found),
        known=len(sure) / len(found) if found else None,
        right_where_known=_share_right(sure),
        per_state={name: share for name, of in states.items() if (share := _share_right(of)) is not None},
        hands=len(found),
    )


def _share_right(found: _Found) -> float | None:
    if not found:
        return None
    return sum(NAMES[int(shares.argmax())] == state for state, shares in found) / len(found)
