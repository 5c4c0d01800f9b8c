"""How often a forearm that points upwards has lately turned back on its way from side to side: what makes a wave."""

from __future__ import annotations

import numpy as np

from gestures.skeleton import LEFT, MOVING, RIGHT, Array

SWINGS = (0.06, 0.15)
"""How far, in torsos, a hand has come back before that counts as a turn: of a small wave, and of a large one."""

TURNS = 2 * len(SWINGS)
"""Numbers that `ArmTurns.update` gives: of the left arm, then of the right."""

RAISED = 0.15
"""Torsos by which a hand is above the elbow at least."""

_PATIENCE = 12  # looks without a turn after which counting starts anew
_FULL, _MOST = 3.0, 2.0  # turns that give 1, and the largest number given
_FOREARMS = [(3 * MOVING.index(side["elbow"]), 3 * MOVING.index(side["hand"])) for side in (LEFT, RIGHT)]


class ArmTurns:
    """The arms of one body.

    Attributes
    ----------
    most : int
        Turns of that arm which has made more of them.
    """

    def __init__(self) -> None:
        self._counts = [TurnCount(swing) for _ in _FOREARMS for swing in SWINGS]
        self.most = 0

    def update(self, look: Array) -> Array:
        """(`TURNS`,) after the next look, see `gestures.stream`: 1 after three turns, at most 2."""
        numbers = []
        counts = iter(self._counts)
        for elbow, hand in _FOREARMS:
            sideways, up = float(look[hand] - look[elbow]), float(look[hand + 1] - look[elbow + 1])
            numbers += [next(counts).update(sideways, up) for _ in SWINGS]
        self.most = max(numbers)
        return np.minimum(np.array(numbers) / _FULL, _MOST)


class TurnCount:
    """The turns of one forearm, each of which takes a swing back by at least ``swing``."""

    def __init__(self, swing: float) -> None:
        self._swing = swing
        self._turns = self._quiet = self._way = 0  # way: 1 to the right, -1 to the left, 0 not known
        self._low = self._high = self._furthest = 0.0
        self._rest(None)

    def update(self, sideways: float, up: float) -> int:
        """How many there were, after the hand has gone to so far beside and above the elbow."""
        self._quiet += 1
        if up < RAISED:
            self._rest(sideways)
        elif self._way == 0:
            self._set_out(sideways)
        elif (sideways - self._furthest) * self._way > 0:
            self._furthest = sideways
        elif (self._furthest - sideways) * self._way > self._swing:
            self._turns += 1
            self._go(-self._way, sideways)
        if self._way and self._quiet > _PATIENCE:
            self._rest(sideways)
        return self._turns

    def _set_out(self, sideways: float) -> None:
        self._low, self._high = min(self._low, sideways), max(self._high, sideways)
        if sideways > self._low + self._swing:
            self._go(1, sideways)
        elif sideways < self._high - self._swing:
            self._go(-1, sideways)

    def _go(self, way: int, sideways: float) -> None:
        self._way, self._furthest, self._quiet = way, sideways, 0

    def _rest(self, sideways: float | None) -> None:
        self._turns = self._way = 0
        self._low, self._high = (np.inf, -np.inf) if sideways is None else (sideways, sideways)


def turns_of(looks: Array) -> Array:
    """(T, `TURNS`) for the looks (T, WIDTH) of one body."""
    arms = ArmTurns()
    return np.array([arms.update(look) for look in looks])
