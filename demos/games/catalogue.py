"""The games that there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pygame

from demos.games.fruit_rules import FruitRound
from demos.games.fruit_view import FruitView, fruit_icon
from demos.games.keeper_rules import KeeperRound
from demos.games.keeper_view import KeeperView, keeper_icon
from demos.games.paint import Colour
from demos.games.particles import Particles
from demos.games.players import Figure
from demos.games.round import Happening, Rules
from demos.games.sound import Sounds
from demos.games.wall_rules import WallRound
from demos.games.wall_view import WallView, wall_icon


class View(Protocol):
    """Draws the rounds of one game."""

    def step(self, dt: float, rules: Any) -> None:
        """Move what is only seen."""

    def happened(self, event: Happening) -> None:
        """Show and sound what happened."""

    def draw(self, surface: pygame.Surface, rules: Any, figures: Sequence[Figure]) -> None:
        """Draw it all."""


@dataclass(frozen=True, slots=True)
class Game:
    """One game.

    Attributes
    ----------
    name : str
    title : str
    advice : str
        What to do, in a line.
    colour : Colour
    rules : callable
        A round for a number of lanes and a seed.
    view : callable
    icon : callable
    """

    name: str
    title: str
    advice: str
    colour: Colour
    rules: Callable[[int, int], Rules]
    view: Callable[[Particles, Sounds], View]
    icon: Callable[[], pygame.Surface]


GAMES: tuple[Game, ...] = (
    Game(
        "fruit",
        "Fruit slicer",
        "Cut the fruit with both hands, not the bombs",
        (255, 120, 70),
        FruitRound,
        FruitView,
        fruit_icon,
    ),
    Game(
        "wall",
        "Hole in the wall",
        "Take the shape of the hole before the wall is there",
        (186, 120, 255),
        WallRound,
        WallView,
        wall_icon,
    ),
    Game(
        "keeper",
        "Goalkeeper",
        "Hands in the way of the ball",
        (96, 220, 120),
        KeeperRound,
        KeeperView,
        keeper_icon,
    ),
)
