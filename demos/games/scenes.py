"""What is on the stage: the menu, a round with its pauses, and the result.

Each scene is a small class with `step`, which says what comes next, and `draw`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pygame

from demos.games.catalogue import GAMES, Game, View
from demos.games.figure_drawing import draw_figure
from demos.games.menu import Button, Menu, draw_hands, hands_of
from demos.games.paint import (
    PLAYER_COLOURS,
    WHITE,
    add_light,
    centred,
    glow,
    gradient,
    mixed,
    panel,
    surface_of,
    text,
    vignette,
)
from demos.games.particles import Particles
from demos.games.players import Figure, Layout, Player, Players
from demos.games.round import STAGE, Rules
from demos.games.scores import HighScores
from demos.games.sound import Sounds

READY, RETURNING = 3.0, 2.0
"""Seconds that are counted down before a round, and after a pause."""
PATIENCE = 20.0
"""Seconds after which a round whose player has left is given up."""
GOLD = (255, 214, 90)


@dataclass(slots=True, eq=False)
class Theatre:
    """What all scenes share.

    Attributes
    ----------
    lanes : int, optional
        How many play; without it, those who are there.
    seed : int
    """

    particles: Particles
    sounds: Sounds
    scores: HighScores
    lanes: int | None = None
    seed: int = 0
    rounds: int = 0
    views: dict[str, View] = field(default_factory=dict)

    def view(self, game: Game) -> View:
        """The view of a game, made when it is first played."""
        if game.name not in self.views:
            self.views[game.name] = game.view(self.particles, self.sounds)
        return self.views[game.name]

    def next_seed(self) -> int:
        """Another one for each round."""
        self.rounds += 1
        return self.seed + self.rounds - 1


class Scene(Protocol):
    """One of them."""

    @property
    def rules(self) -> Rules | None:
        """The round that goes on, if any."""

    def step(self, players: Players, now: float, dt: float) -> Scene | None:
        """Go on; the scene that follows, or None to stay."""

    def press(self, place: tuple[float, float]) -> Scene | None:
        """A click of the mouse."""

    def draw(self, surface: pygame.Surface) -> None:
        """Draw it all."""


class MenuScene:
    """Which game?"""

    rules = None

    def __init__(self, theatre: Theatre) -> None:
        self._theatre = theatre
        self._backdrop, self._figures = _backdrop(), list[Figure]()
        self._icons = [game.icon() for game in GAMES]
        step = STAGE[0] / len(GAMES)
        self._menu = Menu(
            [Button(g.name, g.title, step * (i + 0.5), 370, 330, 360, g.colour) for i, g in enumerate(GAMES)]
        )

    def step(self, players: Players, now: float, dt: float) -> Scene | None:
        """See `Scene`."""
        here = [player for player in players.at(now) if player.present]
        self._figures = Layout.close(max(1, len(here))).figures(_close_up(here))
        return self._chosen(self._menu.step(hands_of(self._figures), dt))

    def press(self, place: tuple[float, float]) -> Scene | None:
        """See `Scene`."""
        return self._chosen(self._menu.under(place))

    def draw(self, surface: pygame.Surface) -> None:
        """See `Scene`."""
        surface.blit(self._backdrop, (0, 0))
        for figure in self._figures:
            draw_figure(surface, figure, PLAYER_COLOURS[figure.lane])
        centred(surface, text("Bodycast games", 88), STAGE[0] / 2, 80)
        for game, button, icon in zip(GAMES, self._menu.buttons, self._icons, strict=True):
            _card(surface, button, icon, self._menu.held[button.name], self._theatre.scores.best(game.name))
        words = "Hold a hand over a game" if self._figures else "Step in front of the camera"
        centred(surface, text(words, 44, (206, 216, 255)), STAGE[0] / 2, 630)
        draw_hands(surface, self._figures, self._menu)

    def _chosen(self, name: str | None) -> Scene | None:
        for game in GAMES:
            if game.name == name:
                self._theatre.sounds.play("choose")
                return RoundScene(self._theatre, game)
        return None


class RoundScene:
    """A game, from getting ready to the end.

    Parameters
    ----------
    theatre : Theatre
    game : Game
    """

    def __init__(self, theatre: Theatre, game: Game) -> None:
        self._theatre, self._game, self._view = theatre, game, theatre.view(game)
        self.rules: Rules | None = None
        self._shown: Rules = game.rules(theatre.lanes or 1, theatre.seed)
        self._figures: list[Figure] = []
        self._count, self._waited = READY, 0.0
        self._missing: list[int] = [0]
        self._paused = True
        self._menu = Menu([Button("menu", "Menu", 640, 560, 260, 86)])

    def step(self, players: Players, now: float, dt: float) -> Scene | None:
        """See `Scene`."""
        people = players.at(now)
        lanes = (self.rules or self._shown).layout.lanes
        here = {player.lane for player in people if player.present}
        self._missing = [lane for lane in range(lanes) if lane not in here]
        if self.rules is None and not self._missing and self._count <= 0:
            self._begin(players, now)
            people = players.at(now)
        rules = self.rules or self._shown
        self._figures = rules.layout.figures(people)
        self._theatre.particles.step(dt)
        if self._missing and self.rules is not None and not self._paused:
            self._paused, self._count = True, RETURNING
        if self._paused:
            return self._wait(dt)
        self._play(rules, dt)
        if rules.over:
            return ResultScene(self._theatre, self._game, rules.scores)
        return None

    def press(self, place: tuple[float, float]) -> Scene | None:
        """See `Scene`."""
        return MenuScene(self._theatre) if self._paused and self._menu.under(place) else None

    def draw(self, surface: pygame.Surface) -> None:
        """See `Scene`."""
        self._picture(surface)
        if self._paused:
            self._draw_pause(surface)

    def _picture(self, surface: pygame.Surface) -> None:
        rules = self.rules or self._shown
        self._view.draw(surface, rules, self._figures)
        self._theatre.particles.draw(surface)
        best = self._theatre.scores.best(self._game.name)
        draw_scores(surface, rules.scores, rules.left, best)

    def _begin(self, players: Players, now: float) -> None:
        lanes = self._theatre.lanes or max(1, players.arrange(now))
        players.arrange(now)
        self.rules = self._game.rules(lanes, self._theatre.next_seed())
        self._paused = False
        self._theatre.sounds.play("go")

    def _play(self, rules: Rules, dt: float) -> None:
        for event in rules.step(self._figures, dt):
            self._view.happened(event)
        self._view.step(dt, rules)

    def _wait(self, dt: float) -> Scene | None:
        """Count down while everyone is there; a player who stays away ends the round."""
        before = math.ceil(self._count)
        if self._missing:
            self._count = READY if self.rules is None else RETURNING
            self._waited += dt
        else:
            self._count, self._waited = self._count - dt, 0.0
        if math.ceil(self._count) != before and self._count > 0 and not self._missing:
            self._theatre.sounds.play("tick")
        if self.rules is not None and not self._missing and self._count <= 0:
            self._paused = False
        left = self.rules is not None and self._waited > PATIENCE
        pressed = self._menu.step(hands_of(self._figures), dt) if self._missing else None
        return MenuScene(self._theatre) if left or pressed else None

    def _draw_pause(self, surface: pygame.Surface) -> None:
        centred(surface, panel(760, 250, edge=self._game.colour), 640, 330)
        if self._missing:
            who = "" if (self.rules or self._shown).layout.lanes == 1 else f"player {self._missing[0] + 1}, "
            words = f"{who}come back" if self.rules is not None else f"{who}step in front of the camera"
            centred(surface, text("Paused" if self.rules is not None else self._game.title, 76), 640, 280)
            centred(surface, text(words[0].upper() + words[1:], 44, (206, 216, 255)), 640, 380)
            self._menu.draw(surface)
            draw_hands(surface, self._figures, self._menu)
        else:
            centred(surface, text(str(max(1, math.ceil(self._count))), 150, GOLD), 640, 305)
            centred(surface, text(self._game.advice, 38, (206, 216, 255)), 640, 412)


class ResultScene:
    """Who won?

    Parameters
    ----------
    theatre : Theatre
    game : Game
    scores : list of int
        By lane.
    """

    rules = None

    def __init__(self, theatre: Theatre, game: Game, scores: Sequence[int]) -> None:
        self._theatre, self._game, self._scores = theatre, game, list(scores)
        self._best = theatre.scores.enter(game.name, max(scores))
        self._backdrop, self._figures = _backdrop(), list[Figure]()
        self._menu = Menu(
            [Button("again", "Again", 330, 300, 300, 120, game.colour), Button("menu", "Menu", 950, 300, 300, 120)]
        )
        theatre.sounds.play("best" if self._best else "end")
        self._rain = 0.0

    def step(self, players: Players, now: float, dt: float) -> Scene | None:
        """See `Scene`."""
        here = [player for player in players.at(now) if player.present]
        self._figures = Layout.close(max(1, len(here))).figures(_close_up(here))
        self._celebrate(dt)
        return self._chosen(self._menu.step(hands_of(self._figures), dt))

    def press(self, place: tuple[float, float]) -> Scene | None:
        """See `Scene`."""
        return self._chosen(self._menu.under(place))

    def draw(self, surface: pygame.Surface) -> None:
        """See `Scene`."""
        surface.blit(self._backdrop, (0, 0))
        for figure in self._figures:
            draw_figure(surface, figure, PLAYER_COLOURS[figure.lane])
        self._theatre.particles.draw(surface)
        centred(surface, text("New best!" if self._best else "Well played", 84, GOLD if self._best else WHITE), 640, 80)
        width = 1280 / len(self._scores)
        for lane, score in enumerate(self._scores):
            won = score == max(self._scores) and len(self._scores) > 1
            x = width * (lane + 0.5)
            centred(surface, panel(220, 120, edge=GOLD if won else PLAYER_COLOURS[lane]), x, 585)
            centred(surface, text(str(score), 96, PLAYER_COLOURS[lane]), x, 590)
        best = self._theatre.scores.best(self._game.name)
        centred(surface, text(f"best {best}", 40, (206, 216, 255)), 640, 160)
        self._menu.draw(surface)
        draw_hands(surface, self._figures, self._menu)

    def _celebrate(self, dt: float) -> None:
        self._theatre.particles.step(dt)
        self._rain += dt
        if self._best and self._rain > 0.35:
            self._rain = 0.0
            i = self._theatre.rounds + len(self._theatre.views) + int(self._menu.held["again"] * 10)
            x = 200 + (i * 377 + pygame.time.get_ticks()) % 880
            self._theatre.particles.burst(x, 160, PLAYER_COLOURS[x % 4], 24, 380, 350, 14, 1.1)

    def _chosen(self, name: str | None) -> Scene | None:
        if name is None:
            return None
        self._theatre.sounds.play("choose")
        return RoundScene(self._theatre, self._game) if name == "again" else MenuScene(self._theatre)


def draw_scores(surface: pygame.Surface, scores: Sequence[int], left: str, best: int) -> None:
    """Scores over their lanes, what is left in the middle, and the best."""
    width = STAGE[0] / len(scores)
    for lane, score in enumerate(scores):
        x = width * lane + (130 if len(scores) == 1 else 100)
        if abs(x - 640) < 175:  # clear of the middle
            x = 640 + math.copysign(175, x - 640)
        centred(surface, panel(170, 84, edge=mixed(PLAYER_COLOURS[lane], (0, 0, 0), 0.25)), x, 62)
        centred(surface, text(str(score), 66, PLAYER_COLOURS[lane]), x, 64)
    centred(surface, panel(150, 84), 640, 62)
    centred(surface, text(left, 62), 640, 64)
    if best and len(scores) == 1:
        centred(surface, text(f"best {best}", 36, GOLD), 1180, 50)


def _close_up(here: Sequence[Player]) -> list[Player]:
    """Those who are there, side by side without gaps."""
    return [Player(i, player.points, player.tracked, True) for i, player in enumerate(here)]


def _card(surface: pygame.Surface, button: Button, icon: pygame.Surface, held: float, best: int) -> None:
    from demos.games.menu import HOLD

    share = min(held / HOLD, 1.0)
    edge = mixed(button.colour, WHITE, 0.6 * (share > 0))
    centred(surface, panel(round(button.width), round(button.height), (18, 24, 52), 215, edge), button.x, button.y)
    add_light(surface, glow(150, mixed((0, 0, 0), button.colour, 0.35 + 0.3 * (share > 0))), button.x, button.y - 40)
    centred(surface, icon, button.x, button.y - 50)
    centred(surface, text(button.words, 48), button.x, button.y + 98)
    if best:
        centred(surface, text(f"best {best}", 34, GOLD), button.x, button.y + 142)
    if share > 0:
        bar = (button.x - button.width / 2 + 20, button.y + button.height / 2 - 16, (button.width - 40) * share, 8)
        pygame.draw.rect(surface, button.colour, bar, border_radius=4)


def _backdrop() -> pygame.Surface:
    """A dark stage with coloured lights from above."""
    import numpy as np

    width, height = STAGE
    image = gradient(
        STAGE, [(0, (26, 22, 60)), (0.6, (40, 26, 84)), (0.78, (74, 40, 110)), (0.785, (34, 22, 62)), (1, (12, 10, 28))]
    )
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    for i, colour in enumerate(PLAYER_COLOURS):
        centre = 160 + 320 * i
        beam = np.exp(-(((x - centre - (640 - centre) * y / 900) / (26 + y * 0.16)) ** 2)) * np.clip(1 - y / 760, 0, 1)
        image += beam[..., None] * np.array(colour, np.float32) * 0.22
    return surface_of(vignette(image, 0.7))
