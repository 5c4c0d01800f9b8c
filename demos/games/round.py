"""What every game's rules have in common: what happened, and how a round is asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from demos.games.players import Figure, Layout

STAGE = (1280, 720)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that is seen and heard.

    Attributes
    ----------
    kind : str
        What, in the words of the game.
    lane : int
        Whose it is.
    x, y : float
        Where on the stage.
    points : int
        What it scored.
    what : str
        More about it, for example the kind of fruit.
    direction : float
        Radians, of a movement.
    """

    kind: str
    lane: int
    x: float
    y: float
    points: int = 0
    what: str = ""
    direction: float = 0.0


class Rules(Protocol):
    """A round of a game.

    Attributes
    ----------
    layout : Layout
    scores : list of int
        By lane.
    over : bool
    """

    layout: Layout
    scores: list[int]

    @property
    def over(self) -> bool: ...

    @property
    def left(self) -> str:
        """What is left of the round, to be shown."""

    def step(self, figures: Sequence[Figure], dt: float) -> list[Happening]:
        """Go on by ``dt`` seconds, with the players as they are now."""
