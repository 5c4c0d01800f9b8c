"""From the Kinect's camera space to the axes and the unit of a receiver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bridge.options import Option, numbers
from models.body import FloatArray

NAMES = "xyz"


def axis_order(text: str) -> str:
    """The three axes in another order, as in ``xzy``."""
    if sorted(text.lower()) != list(NAMES):
        raise ValueError("x, y and z in some order, such as xzy")
    return text.lower()


def axis_names(text: str) -> str:
    """Some of the axes, as in ``xz``."""
    if not text or set(text.lower()) - set(NAMES) or len(set(text.lower())) != len(text):
        raise ValueError("one or more of x, y and z, such as xz")
    return text.lower()


AXIS_OPTIONS = {
    "axes": Option(axis_order, "xyz", "which camera axis comes first, second and third, such as xzy"),
    "flip": Option(axis_names, "", "axes that point the other way, after axes, such as x or xz"),
    "scale": Option(numbers(1, 1e-6, 1e6), 1.0, "units in a metre, such as 100 for centimetres"),
    "move": Option(numbers(3), (0.0, 0.0, 0.0), "added to every position at last, in the receiver's units: x,y,z"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """A change of axes, unit and origin.

    Attributes
    ----------
    turn : (3, 3) float32 array
        A permutation with signs: a row for each axis of the receiver.
    scale : float
    move : (3,) float32 array
    """

    turn: FloatArray
    scale: float
    move: FloatArray

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Axes | None:
        """The change that `AXIS_OPTIONS` ask for; None where nothing changes."""
        turn = np.eye(3, dtype=np.float32)[[NAMES.index(axis) for axis in options["axes"]]]
        turn[[NAMES.index(axis) for axis in options["flip"]]] *= -1
        move = np.array(options["move"], np.float32)
        if np.array_equal(turn, np.eye(3)) and options["scale"] == 1.0 and not move.any():
            return None
        return cls(turn, float(options["scale"]), move)

    def positions(self, positions: FloatArray) -> FloatArray:
        """Positions (..., 3) in the receiver's axes and unit."""
        return np.asarray(positions @ (self.turn.T * np.float32(self.scale)) + self.move)

    def quaternions(self, quaternions: FloatArray) -> FloatArray:
        """Quaternions (..., 4) x y z w of the same rotations, seen in the receiver's axes.

        An odd change (a mirror) turns the sense of every rotation.
        """
        sign = np.float32(np.linalg.det(self.turn))
        return np.concatenate([quaternions[..., :3] @ (self.turn.T * sign), quaternions[..., 3:]], axis=-1)
