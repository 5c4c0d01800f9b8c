"""Which way somebody swiped, as their joints say: told to go left, some people go right."""

from __future__ import annotations

import numpy as np

from gestures.skeleton import LEFT, MOVING, RIGHT
from gestures.stream import looks_at
from models.body import FloatArray

STROKE = 5
"""Looks, a third of a second, over which the way of a hand is taken."""

LOWEST = -0.1
"""Torsos above the hips, below which a hand that goes back or comes down counts for nothing."""

CLEAR = 1.0
"""How far a hand has to go more one way than the other, in strokes of torsos, weighted by its height."""


def swiped(positions: FloatArray, rate: float) -> str | None:
    """``swipe_left`` or ``swipe_right``, the person's own; None where the hand that moved more went both ways.

    A stroke is made with the hand up, and it winds up and comes back lower; so ways count by the height of the hand.

    Parameters
    ----------
    positions : (T, 25, 3) float32 array
        Metres.
    rate : float
        Frames a second.
    """
    joints = looks_at(positions, rate).reshape(-1, len(MOVING) + 1, 3)
    hands = joints[:, [MOVING.index(side["hand"]) for side in (LEFT, RIGHT)]]
    hand = hands[:, int(np.abs(np.diff(hands, axis=0)).sum(axis=(0, 2)).argmax())]
    before, after = hand[:-STROKE], hand[STROKE:]
    height = np.maximum((before[:, 1] + after[:, 1]) / 2 - LOWEST, 0.0)
    way = float(((after[:, 0] - before[:, 0]) * height).sum())
    if abs(way) < CLEAR:
        return None
    return "swipe_right" if way > 0 else "swipe_left"
