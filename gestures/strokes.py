"""How far a raised hand has lately gone to the right and to the left in one stroke: what makes a swipe."""

from __future__ import annotations

from collections import deque

import numpy as np

from gestures.skeleton import LEFT, MOVING, RIGHT, Array

LONGEST = 8
"""Looks that a stroke takes at most, half a second."""

LATELY = 11
"""Looks for which a stroke counts after its end."""

STRAIGHT = 0.75
"""The share of its way that a stroke goes sideways at least."""

RAISED = 0.4
"""Torsos above the hips where it begins and ends at least."""

_HANDS = [MOVING.index(side["hand"]) for side in (LEFT, RIGHT)]


class HandStrokes:
    """The hands of one body.

    Attributes
    ----------
    right, left : float
        The longest stroke that a hand has lately made to the body's own right and left, in torsos.
    """

    def __init__(self) -> None:
        self.right = self.left = 0.0
        self._hands: deque[Array] = deque(maxlen=LONGEST + 1)  # (2, 3)
        self._paths: deque[Array] = deque(maxlen=LONGEST + 1)  # how far each hand had gone by then, (2,)
        self._strokes: deque[tuple[float, float]] = deque(maxlen=LATELY)

    def update(self, look: Array) -> None:
        """Go on to the next look, see `gestures.stream`."""
        hands = look.reshape(-1, 3)[_HANDS]
        step = np.hypot.reduce(hands - self._hands[-1], axis=1) if self._hands else np.zeros(len(hands))
        self._hands.append(hands)
        self._paths.append(self._paths[-1] + step if self._paths else step)
        self._strokes.append(self._longest())
        self.right, self.left = (max(lengths) for lengths in zip(*self._strokes, strict=True))

    def _longest(self) -> tuple[float, float]:
        """The longest strokes to the right and to the left that end now."""
        hands, paths = np.array(self._hands), np.array(self._paths)
        sideways, way = hands[-1, :, 0] - hands[:, :, 0], paths[-1] - paths
        up = np.minimum(hands[-1, :, 1], hands[:, :, 1]) > RAISED
        strokes = np.where(up & (np.abs(sideways) > STRAIGHT * way), sideways, 0.0)
        return max(float(strokes.max()), 0.0), max(float(-strokes.min()), 0.0)
