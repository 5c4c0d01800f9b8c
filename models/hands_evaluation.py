"""How often the hand network is right, on hands of which somebody said what they do."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from models.body import ByteArray, FloatArray
from models.hand_files import NAMES, HandPicture, read_hands
from models.hands import View
from models.keypoint_files import LabelFileError

SURE = 0.62
"""A probability from which on a state is given to a hand that is seen once; below it is Unknown."""


@dataclass(frozen=True, slots=True)
class HandQuality:
    """How right the network is.

    Attributes
    ----------
    right : float or None
        Share of the hands with a recorded gesture whose likeliest of the three states is right; None without any.
    known : float or None
        Share of them for which the network is sure of one state.
    right_where_known : float or None
        Share right among those.
    per_state : dict of str to float
        Share right of each state.
    hands : int
    by_eye : float or None
        Share right of the hands that nobody trained on and that were labelled by eye.
    hands_by_eye : int
    """

    right: float | None
    known: float | None
    right_where_known: float | None
    per_state: dict[str, float]
    hands: int
    by_eye: float | None
    hands_by_eye: int


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
    judged = [h for h in hands if h.judged]
    if not recorded and not judged:
        raise LabelFileError(f"{path}: no hand with a state in it" + (f" of {', '.join(only)}" if only else ""))
    found = [(h, classifier(h.image, h.view)[: len(NAMES)]) for h in recorded]
    sure = [(h, shares) for h, shares in found if shares.max() >= SURE]
    states = {name: [f for f in found if f[0].state == name] for name in NAMES}
    return HandQuality(
        right=_share_right(found),
        known=len(sure) / len(found) if found else None,
        right_where_known=_share_right(sure),
        per_state={name: share for name, of in states.items() if (share := _share_right(of)) is not None},
        hands=len(found),
        by_eye=_share_right([(h, classifier(h.image, h.view)[: len(NAMES)]) for h in judged]),
        hands_by_eye=len(judged),
    )


def _share_right(found: list[tuple[HandPicture, FloatArray]]) -> float | None:
    if not found:
        return None
    return sum(NAMES[int(shares.argmax())] == hand.state for hand, shares in found) / len(found)
