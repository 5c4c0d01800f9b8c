"""What the hands of each person do, steady over time: probabilities smoothed in seconds, and states with hysteresis.

Every other look at a hand is one in a mirror: what the network sees on one side only averages out.

A hand that cannot be found is NotTracked; one that is too small, or that the network is unsure of, is Unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from models.body import ByteArray, FloatArray, Hand
from models.hands import CLASSES, LEAST_PALM, View, hand_view, metres_of
from models.joints import HandState, TrackingConfidence

OVERDUE = 0.06
"""Seconds after which a hand is due; in pictures that come faster, a person's hands take turns."""

MOST = 3
"""So many hands are looked at in one picture, of six people each about eight times a second; the others wait."""


class Classifier(Protocol):
    """Tells hand states apart: `models.hands.HandClassifier`."""

    def __call__(self, image: ByteArray, view: View, /) -> FloatArray:
        """How likely each of `models.hands.CLASSES` is, (4,)."""

    def start(self, image: ByteArray, view: View, /) -> Callable[[], FloatArray]:
        """Begin to look, on another thread; what comes back waits for the answer."""


@dataclass(frozen=True, slots=True)
class Steadiness:
    """When a hand's state changes.

    Attributes
    ----------
    smoothing : float
        Seconds over which probabilities are averaged, as the time constant of a first-order low-pass.
    enter, leave : float
        A state is entered when its smoothed probability is at least ``enter``, and given up for Unknown below
        ``leave``.
    high : float
        From this smoothed probability on the confidence is High.
    hold : float
        Seconds for which a state lasts at least: nobody opens and closes a hand much faster.
    patience : float
        Seconds for which a hand that is out of sight keeps its state, with Low confidence.
    """

    smoothing: float = 0.12
    enter: float = 0.65
    leave: float = 0.3
    high: float = 0.8
    hold: float = 0.3
    patience: float = 0.3


class SteadyHand:
    """The state of one hand, given what the network says of it from time to time.

    Parameters
    ----------
    settings : Steadiness

    Attributes
    ----------
    now : Hand
        As it was last.
    """

    def __init__(self, settings: Steadiness = Steadiness()) -> None:
        self.now = Hand(HandState.NOT_TRACKED)
        self._settings = settings
        self._shares = np.zeros(len(CLASSES), np.float32)
        self._state = HandState.NOT_TRACKED
        self._time = self._since = -math.inf

    def seen(self, time: float, shares: FloatArray) -> Hand:
        """The hand at ``time``, when the network gives its classes the probabilities ``shares`` (4,)."""
        settings, elapsed = self._settings, time - self._time
        if elapsed > settings.patience:  # nothing is known of it any more
            self._shares, elapsed = np.array([0, 0, 0, 1], np.float32), settings.smoothing
        share = np.float32(1.0 - math.exp(-max(elapsed, 0.0) / settings.smoothing))
        self._shares = self._shares + share * (shares - self._shares)
        self._time = time
        best = int(self._shares.argmax())
        if self._shares[best] >= settings.enter:
            self._change(time, CLASSES[best])
        elif self._own() < settings.leave:
            self._change(time, HandState.UNKNOWN)
        sure = self._own() >= settings.high
        self.now = Hand(self._state, TrackingConfidence.HIGH if sure else TrackingConfidence.LOW)
        return self.now

    def unseen(self, time: float, state: HandState) -> Hand:
        """The hand at ``time``, when the network cannot look at it: for a moment as it was, then ``state``."""
        if time - self._time > self._settings.patience:
            self._change(time, state)
        self.now = Hand(self._state)
        return self.now

    def _change(self, time: float, state: HandState) -> None:
        """Go over to ``state``, unless the present one is too new."""
        if state != self._state and time - self._since >= self._settings.hold:
            self._state, self._since = state, time

    def _own(self) -> float:
        return float(self._shares[CLASSES.index(self._state)]) if self._state in CLASSES[:3] else 0.0


class _Pair:
    """The hands of one person, when each of them had its last turn, and how many looks it had."""

    def __init__(self, settings: Steadiness) -> None:
        self.hands = SteadyHand(settings), SteadyHand(settings)
        self.turns, self.looks = [-math.inf, -math.inf], [0, 0]

    def due(self, time: float) -> list[int]:
        """Whose turn it is at ``time``: 0 for the left hand, 1 for the right one."""
        waited = [time - turn for turn in self.turns]
        return [side for side in (0, 1) if waited[side] >= OVERDUE] or [0 if waited[0] >= waited[1] else 1]

    def look(self, side: int, view: View) -> View:
        """How to look at the hand in ``view``: in a mirror every other time."""
        self.looks[side] += 1
        return view if self.looks[side] % 2 else view.in_mirror()


class HandTracker:
    """The states of both hands of everyone.

    Parameters
    ----------
    classifier : Classifier
    settings : Steadiness
    least_palm : float
        Pixels from wrist to knuckles below which nobody can tell what a hand does.
    """

    def __init__(
        self, classifier: Classifier, settings: Steadiness = Steadiness(), least_palm: float = LEAST_PALM
    ) -> None:
        self._classifier, self._settings, self._least_palm = classifier, settings, least_palm
        self._people: dict[int, _Pair] = {}

    def __call__(
        self, image: ByteArray, ids: Sequence[int], keypoints: FloatArray, time: float
    ) -> Callable[[], list[tuple[Hand, Hand]]]:
        """Begin to look at the hands of everyone in a picture; whoever is not there is forgotten.

        What comes back waits for the left and the right hand of each, and is to be called once before the next picture.

        Parameters
        ----------
        image : (height, width, 3) uint8 array
        ids : sequence of int
            The tracking ids of n people.
        keypoints : (n, 23, 3) float32 array
            Where they were found in ``image``.
        time : float
            Seconds.
        """
        self._people = {one: self._people.get(one) or _Pair(self._settings) for one in ids}
        pairs, metres = list(self._people.values()), metres_of(keypoints)
        due = [(pair.turns[side], row, side) for row, pair in enumerate(pairs) for side in pair.due(time)]
        looks: list[tuple[SteadyHand, View]] = []
        for _, row, side in sorted(due)[:MOST]:
            pairs[row].turns[side] = time
            hand, view = pairs[row].hands[side], hand_view(keypoints[row], side, metres[row])
            if view is None or not _inside(view, image):
                hand.unseen(time, HandState.NOT_TRACKED)
            elif view.palm < self._least_palm:
                hand.unseen(time, HandState.UNKNOWN)
            else:
                looks.append((hand, pairs[row].look(side, view)))
        if len(looks) > 1:
            begun = [(hand, self._classifier.start(image, view)) for hand, view in looks]
        else:  # to hand one over to another thread takes as long as to look at it
            begun = [(hand, partial(self._classifier, image, view)) for hand, view in looks]
        return partial(_told, pairs, begun, time)


def _told(
    pairs: Sequence[_Pair], looks: Sequence[tuple[SteadyHand, Callable[[], FloatArray]]], time: float
) -> list[tuple[Hand, Hand]]:
    """The hands of ``pairs``, once all ``looks`` are done."""
    for hand, shares in looks:
        hand.seen(time, shares())
    return [(pair.hands[0].now, pair.hands[1].now) for pair in pairs]


def _inside(view: View, image: ByteArray) -> bool:
    """Whether the hand, as far as where its fingers begin to end, lies in the picture."""
    height, width = image.shape[:2]
    (x, y), (up_x, up_y), reach = view.wrist.tolist(), view.up.tolist(), 1.4 * view.palm
    return all(0 <= x + r * up_x < width and 0 <= y + r * up_y < height for r in (0.0, reach))
