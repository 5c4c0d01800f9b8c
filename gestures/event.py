"""What a recogniser says of one person at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Phase = Literal["started", "held", "ended", "detected", "progress"]
"""``progress`` is continuous, the others are discrete: see `GestureEvent`."""


@dataclass(frozen=True, slots=True)
class GestureEvent:
    """One gesture of one person.

    Attributes
    ----------
    name : str
        For example ``raise_right_hand``.
    tracking_id : int
        Whose gesture it is: `models.body.Body.tracking_id`.
    time : float
        Capture time of the picture that decided it, in seconds.
    phase : {"started", "held", "ended", "detected", "progress"}
        Poses start, hold and end; movements are detected once. In between, ``progress`` tells in every frame how far a
        movement or a pose that is under way has come, while that changes; the last one is 0 where it goes back.
    progress : float
        0 to 1, how far the movement has come.
    confidence : float
        0 to 1.
    """

    name: str
    tracking_id: int
    time: float
    phase: Phase
    progress: float = 1.0
    confidence: float = 1.0
