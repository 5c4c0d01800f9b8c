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

BOTH = 2
"""Up to so many people, both hands are looked at in every picture; of more people, one hand each, by turns."""


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


@dataclass(slots=True)
class _Pair:
    """The hands of one person, and how often they were looked at."""

    left: SteadyHand
    right: SteadyHand
    turn: int = 0


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
        self._hands: dict[int, _Pair] = {}

    def __call__(self, image: ByteArray, body: Body, time: float) -> tuple[Hand, Hand]:
        """Left and right hand of ``body``, whose keypoints were found in ``image`` (height, width, 3) at ``time``."""
        if body.tracking_id not in self._hands:
            self._hands[body.tracking_id] = _Pair(SteadyHand(self._settings), SteadyHand(self._settings))
        pair = self._hands[body.tracking_id]
        pair.turn += 1
        views = hand_views(body.keypoints)
        if len(self._hands) <= BOTH:
            return self._hand(image, body, views, pair, 0, time), self._hand(image, body, views, pair, 1, time)
        self._hand(image, body, views, pair, pair.turn % 2, time)
        return pair.left.now, pair.right.now

    def forget(self, present: set[int]) -> None:
        """Remember only the people whose tracking ids are ``present``."""
        self._hands = {name: hands for name, hands in self._hands.items() if name in present}

    def _hand(
        self, image: ByteArray, body: Body, views: tuple[View | None, View | None], pair: _Pair, side: int, time: float
    ) -> Hand:
        hand, view = (pair.left, pair.right)[side], views[side]
        joint = (Joint.HAND_LEFT, Joint.HAND_RIGHT)[side]
        if view is None or body.state(joint) == TrackingState.NOT_TRACKED or not _inside(view, image):
            return hand.unseen(time, HandState.NOT_TRACKED)
        if view.palm < self._least_palm:
            return hand.unseen(time, HandState.UNKNOWN)
        return hand.seen(time, self._classifier(image, view))


def _inside(view: View, image: ByteArray) -> bool:
    """Whether the hand, as far as where its fingers begin to end, lies in the picture."""
    height, width = image.shape[:2]
    points = view.wrist + np.outer([0.0, 1.4], view.palm * view.up)
    return bool((points >= 0).all() and (points < (width, height)).all())
