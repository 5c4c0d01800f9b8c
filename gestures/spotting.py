"""When a movement has been made: from the network's scores, look after look, to events."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from gestures.movements import MovementMemory
from gestures.skeleton import Array
from gestures.strokes import HandStrokes

MOVEMENTS = ("wave", "swipe_left", "swipe_right", "push", "punch", "kick", "clap")
"""Movements that the network tells."""

FOOTWORK = ("jump", "step")
"""Movements that `gestures.footwork` tells."""

THRESHOLDS = {
    "wave": 0.55,
    "swipe_left": 0.6,
    "swipe_right": 0.6,
    "push": 0.55,
    "punch": 0.35,
    "kick": 0.4,
    "clap": 0.4,
}
"""Score above which each movement has been made. They belong to the weights, and were chosen on people who train: that
of waves and swipes on those whom a network did not know, the others between what is best on those and on those it
knew."""

WAVED, ENOUGH_TURNS = 0.2, 7
"""The threshold of waves once a forearm that points upwards has turned back so often, whatever the swing."""

SWIPED, ENOUGH_WAY = 0.25, 0.8
"""The threshold of swipes once a raised hand has gone so many torsos that way, and further than the other way."""

SMOOTHING = 0.5
"""Share of the newest score in the average that counts."""

REARM = 0.5
"""Share of its threshold below which the average must have been before the same movement can be made again."""

PAUSE = 0.6
"""Seconds from one movement to the next at least; of several at once the surest counts."""


class Spotter:
    """The movements of one person.

    Parameters
    ----------
    memory : MovementMemory
    names : sequence of str
        Of the network's answers.
    wanted : iterable of str
        Those that are told.
    """

    def __init__(self, memory: MovementMemory, names: Sequence[str], wanted: Iterable[str]) -> None:
        self._memory, self._strokes = memory, HandStrokes()
        chosen = set(wanted)
        self._wanted = [(i, name) for i, name in enumerate(names) if name in chosen]
        self._average = dict.fromkeys(names, 0.0)
        self._armed = set(names)
        self._last = -math.inf

    def update(self, look: Array, time: float) -> tuple[dict[str, float], dict[str, float]]:
        """How far each movement has come, 0 to 1, and the confidence of the one that was just made, if any."""
        scores = self._memory.scores(look)
        self._strokes.update(look)
        levels: dict[str, float] = {}
        best, best_margin = None, 0.0
        for i, name in self._wanted:
            average = self._average[name] = self._average[name] + SMOOTHING * (float(scores[i]) - self._average[name])
            threshold = self._threshold(name)
            levels[name] = min(average / threshold, 1.0)
            if average < REARM * threshold:
                self._armed.add(name)
            margin = average - threshold
            if name in self._armed and margin >= 0 and (best is None or margin > best_margin):
                best, best_margin = name, margin
        if best is None or time - self._last < PAUSE:
            return levels, {}
        self._last = time
        self._armed.discard(best)
        return levels, {best: self._average[best]}

    def _threshold(self, name: str) -> float:
        if name == "wave" and self._memory.turns >= ENOUGH_TURNS:
            return WAVED
        right, left = self._strokes.right, self._strokes.left
        way = {"swipe_right": right, "swipe_left": left}.get(name, 0.0)
        return SWIPED if way >= max(ENOUGH_WAY, right, left) else THRESHOLDS[name]
