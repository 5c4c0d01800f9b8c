"""The loop of the games: bodies in, sixty pictures a second out."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pygame

from bridge.preview import PreviewError
from demos.games.feed import Feed
from demos.games.players import Players
from demos.games.round import STAGE, Rules
from demos.games.scenes import MenuScene, Scene, Theatre

RATE = 60
_LONGEST = 0.05  # seconds that a step takes at most, however long a picture took


class WallClock:
    """The real time."""

    def __init__(self) -> None:
        self._clock = pygame.time.Clock()

    def now(self) -> float:
        """Seconds."""
        return time.monotonic()

    def tick(self) -> None:
        """Wait until the next picture is due."""
        self._clock.tick(RATE)


class SteppedClock:
    """Time that goes on by a sixtieth of a second with each picture, so that a show is always the same."""

    def __init__(self) -> None:
        self._pictures = 0

    def now(self) -> float:
        """Seconds."""
        return self._pictures / RATE

    def tick(self) -> None:
        """Go on at once."""
        self._pictures += 1


Clock = WallClock | SteppedClock


@dataclass(slots=True, eq=False)
class Show:
    """A window in which the games are played.

    Attributes
    ----------
    theatre : Theatre
    clock : Clock
    scene : Scene
    times : list of float
        Seconds of processor time that each picture took.
    """

    theatre: Theatre
    clock: Clock
    scene: Scene
    surface: pygame.Surface
    times: list[float] = field(default_factory=list)

    def rules(self) -> Rules | None:
        """The round that goes on, if any."""
        return self.scene.rules

    def run(self, feed: Feed, frames: int | None = None) -> None:
        """Play until the user ends it, or for a number of pictures."""
        players = Players()
        before = self.clock.now()
        while frames is None or len(self.times) < frames:
            start = time.thread_time()
            now = self.clock.now()
            body_frame = feed.poll()
            if body_frame is not None:
                players.update(body_frame, now)
            if not self._events():
                return
            self._go(self.scene.step(players, now, min(now - before, _LONGEST)))
            before = now
            self.scene.draw(self.surface)
            pygame.display.flip()
            self.times.append(time.thread_time() - start)
            self.clock.tick()

    def save(self, path: Path) -> None:
        """Keep the last picture."""
        pygame.image.save(self.surface, str(path))

    def summary(self) -> str:
        """What the pictures cost."""
        if not self.times:
            return "no pictures"
        spent = sorted(self.times)
        slow = spent[min(int(len(spent) * 0.99), len(spent) - 1)]
        middle = f"{median(spent) * 1000:.1f} ms of processor time each"
        return f"{len(spent)} pictures, {middle}, 1 in 100 over {slow * 1000:.1f}"

    def _events(self) -> bool:
        """Keys and the mouse; False once the user has asked to end."""
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                return False
            if event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE:
                if isinstance(self.scene, MenuScene):
                    return False
                self._go(MenuScene(self.theatre))
            if event.type == pygame.KEYDOWN and event.key in (pygame.K_F11, pygame.K_f):
                pygame.display.toggle_fullscreen()
            if event.type == pygame.MOUSEBUTTONDOWN:
                self._go(self.scene.press(event.pos))
        return True

    def _go(self, scene: Scene | None) -> None:
        if scene is not None:
            self.scene = scene


def open_window(fullscreen: bool) -> pygame.Surface:
    """The stage, as large as the window; SDL scales it.

    Raises
    ------
    PreviewError
        If this machine has no display.
    """
    if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"} & set(os.environ):
        raise PreviewError("no window can be opened: this machine has no display (SDL_VIDEODRIVER=dummy draws anyway)")
    hidden = os.environ.get("SDL_VIDEODRIVER") == "dummy"
    flags = 0 if hidden else pygame.SCALED | (pygame.FULLSCREEN if fullscreen else pygame.RESIZABLE)
    try:
        pygame.display.init()
        pygame.font.init()
        window = pygame.display.set_mode(STAGE, flags, 32)
    except pygame.error as error:
        raise PreviewError(f"no window can be opened: {error}") from None
    pygame.display.set_caption("Bodycast games")
    pygame.mouse.set_visible(not fullscreen)
    return window
