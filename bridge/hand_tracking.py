"""What the hands of each person do, steady over time: probabilities smoothed in seconds, and states with hysteresis.

A hand that cannot be found is NotTracked; one that is too small, or that the network is unsure of, is Unknown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.body import Body, ByteArray, FloatArray, Hand
from models.hands import CLASSES, LEAST_PALM, View, hand_views
from models.joints import HandState, Joint, TrackingConfidence, TrackingState


class Classifier(Protocol):
    """Tells hand states apart: `models.hands.HandClassifier`."""

    def __call__(self, image: ByteArray, view: View, /) -> FloatArray:
        """How likely each of `models.hands.CLASSES` is, (4,)."""


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
    patience : float
        Seconds for which a hand that is out of sight keeps its state, with Low confidence.
    """

    smoothing: float = 0.1
    enter: float = 0.62
    leave: float = 0.3
    high: float = 0.75
    patience: float = 0.25


class SteadyHand:
    """The state of one hand, given what the network says of it from time to time.

    Parameters
    ----------
    settings : Steadiness
    """

    def __init__(self, settings: Steadiness = Steadiness()) -> None:
        self._settings = settings
        self._shares = np.zeros(len(CLASSES), np.float32)
        self._state = HandState.NOT_TRACKED
        self._time = -math.inf

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
            self._state = CLASSES[best]
        elif self._own() < settings.leave:
            self._state = HandState.UNKNOWN
        return Hand(self._state, TrackingConfidence.HIGH if self._own() >= settings.high else TrackingConfidence.LOW)

    def unseen(self, time: float, state: HandState) -> Hand:
        """The hand at ``time``, when the network cannot look at it: for a moment as it was, then ``state``."""
        if time - self._time > self._settings.patience:
            self._state = state
        return Hand(self._state)

    def _own(self) -> float:
        return float(self._shares[CLASSES.index(self._state)]) if self._state in CLASSES[:3] else 0.0


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
        self._hands: dict[int, tuple[SteadyHand, SteadyHand]] = {}

    def __call__(self, image: ByteArray, body: Body, time: float) -> tuple[Hand, Hand]:
        """Left and right hand of ``body``, whose keypoints were found in ``image`` (height, width, 3) at ``time``."""
        if body.tracking_id not in self._hands:
            self._hands[body.tracking_id] = SteadyHand(self._settings), SteadyHand(self._settings)
        steady = self._hands[body.tracking_id]
        joints = Joint.HAND_LEFT, Joint.HAND_RIGHT
        left, right = (
            self._hand(image, hand, view if body.state(joint) != TrackingState.NOT_TRACKED else None, time)
            for hand, view, joint in zip(steady, hand_views(body.keypoints), joints, strict=True)
        )
        return left, right

    def forget(self, present: set[int]) -> None:
        """Remember only the people whose tracking ids are ``present``."""
        self._hands = {name: hands for name, hands in self._hands.items() if name in present}

    def _hand(self, image: ByteArray, hand: SteadyHand, view: View | None, time: float) -> Hand:
        if view is None or not _inside(view, image):
            return hand.unseen(time, HandState.NOT_TRACKED)
        if view.palm < self._least_palm:
            return hand.unseen(time, HandState.UNKNOWN)
        return hand.seen(time, self._classifier(image, view))


def _inside(view: View, image: ByteArray) -> bool:
    """Whether the middle of the hand lies in the picture."""
    height, width = image.shape[:2]
    x, y = view.centre.tolist()
    return 0 <= x < width and 0 <= y < height
