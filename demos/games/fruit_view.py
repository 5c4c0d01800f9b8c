"""What the fruit slicer looks and sounds like."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import pygame

from demos.games.figure_drawing import draw_figure
from demos.games.fruit_rules import BOMB, FRUIT, FruitRound
from demos.games.fruit_sprites import JUICE, bomb_picture, fruit_pictures
from demos.games.paint import (
    PLAYER_COLOURS,
    WHITE,
    Colour,
    add_light,
    centred,
    glow,
    gradient,
    ink,
    mixed,
    noise,
    pixels,
    surface_of,
    turn,
    vignette,
)
from demos.games.particles import Particles
from demos.games.players import Figure
from demos.games.round import STAGE, Happening
from demos.games.sound import Sounds

_TRAIL = 0.16  # seconds that a blade's trail stays
_MOST_STAINS = 10


@dataclass(slots=True)
class _Half:
    picture: pygame.Surface
    x: float
    y: float
    vx: float
    vy: float
    angle: float
    spin: float


@dataclass(slots=True)
class _Stain:
    pictures: Sequence[pygame.Surface]
    x: float
    y: float
    age: float = 0.0


class FruitView:
    """Draws a `FruitRound`.

    Parameters
    ----------
    particles : Particles
    sounds : Sounds
    """

    def __init__(self, particles: Particles, sounds: Sounds) -> None:
        self._particles, self._sounds = particles, sounds
        self._wall = _wooden_wall()
        self._fruit, self._bomb = fruit_pictures(), bomb_picture()
        self._splashes = {kind: _splash(colour, i) for i, (kind, colour) in enumerate(JUICE.items())}
        self._halves: list[_Half] = []
        self._stains: list[_Stain] = []
        self._trails: dict[tuple[int, int], list[tuple[float, float, float]]] = {}
        self._time = self._flash = 0.0

    def step(self, dt: float, rules: FruitRound) -> None:
        """Move what is only seen."""
        self._time += dt
        self._flash = max(0.0, self._flash - dt * 2.5)
        for half in self._halves:
            half.vy += 900 * dt
            half.x, half.y, half.angle = half.x + half.vx * dt, half.y + half.vy * dt, half.angle + half.spin * dt
        self._halves = [half for half in self._halves if half.y < 850]
        for stain in self._stains:
            stain.age += dt
        self._stains = [stain for stain in self._stains if stain.age < 4.0][-_MOST_STAINS:]
        for key, (x, y) in rules.blades.items():
            trail = [*self._trails.get(key, []), (x, y, self._time)]
            self._trails[key] = [point for point in trail if self._time - point[2] < _TRAIL]

    def happened(self, event: Happening) -> None:
        """Show and sound what happened."""
        if event.kind == "slice":
            self._slice(event)
        elif event.kind == "bomb":
            self._flash = 1.0
            self._sounds.play("bomb")
            self._particles.burst(event.x, event.y, (255, 170, 60), 60, 700, 200, 30, 0.9)
            self._particles.say(str(event.points), event.x, event.y, (255, 80, 70), 80)
        elif event.kind == "combo":
            self._sounds.play("combo")
            self._particles.say(f"{event.what}  +{event.points}", event.x, event.y, (255, 220, 80), 72)
        elif event.kind == "throw":
            self._sounds.play("throw")

    def draw(self, surface: pygame.Surface, rules: FruitRound, figures: Sequence[Figure]) -> None:
        """Draw it all."""
        surface.blit(self._wall, (0, 0))
        for stain in self._stains:
            stage = min(int(stain.age / 4.0 * len(stain.pictures)), len(stain.pictures) - 1)
            centred(surface, stain.pictures[stage], stain.x, stain.y)
        for figure in figures:
            draw_figure(surface, figure, PLAYER_COLOURS[figure.lane], 0.62)
        for half in self._halves:
            centred(surface, turn(half.picture, half.angle), half.x, half.y)
        for flying in rules.flying:
            if flying.kind == BOMB:
                centred(surface, self._bomb, flying.x, flying.y)
                size = 24 + 6 * math.sin(self._time * 40)
                add_light(surface, glow(round(size / 3) * 3, (255, 190, 90)), flying.x, flying.y - 50)
            else:
                centred(surface, turn(self._fruit[flying.kind].whole, flying.angle), flying.x, flying.y)
        for (lane, _), trail in self._trails.items():
            _draw_trail(surface, trail, PLAYER_COLOURS[lane])
        if self._flash > 0:
            shade = round(150 * self._flash)
            surface.fill((shade, shade, shade), special_flags=pygame.BLEND_RGB_ADD)

    def _slice(self, event: Happening) -> None:
        pictures = self._fruit[event.what]
        upright = event.direction - math.pi / 2  # pictures are cut from top to bottom
        for side, picture in zip((-1, 1), pictures.halves, strict=True):
            vx, vy = side * math.cos(upright) * 190, side * math.sin(upright) * 190
            self._halves.append(_Half(picture, event.x, event.y, vx, vy - 120, upright, side * 2.4))
        size = FRUIT[event.what] / 50
        self._stains.append(_Stain(self._splashes[event.what], event.x, event.y))
        self._particles.burst(event.x, event.y, JUICE[event.what], 16, 460 * size, 900, 11, 0.9, light=False)
        self._particles.burst(event.x, event.y, mixed(JUICE[event.what], WHITE, 0.3), 8, 300, 200, 15, 0.4)
        self._particles.say(f"+{event.points}", event.x, event.y - 30, PLAYER_COLOURS[event.lane])
        self._sounds.play("slice")


def _draw_trail(surface: pygame.Surface, trail: Sequence[tuple[float, float, float]], colour: Colour) -> None:
    """A blade of light, thin at its old end."""
    points = np.array([point[:2] for point in trail], np.float32)
    if len(points) < 3 or float(np.abs(np.diff(points, axis=0)).sum()) < 60:
        return
    along = np.gradient(points, axis=0)
    aside = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.hypot(*along.T), 1e-3)[:, None]
    wide = np.linspace(0, 1, len(points), dtype=np.float32)[:, None] ** 0.8
    with pixels(surface) as image:
        for width, paint in ((17, mixed(colour, (0, 0, 0), 0.2)), (10, mixed(colour, WHITE, 0.5)), (5, WHITE)):
            outline = np.concatenate([points + aside * wide * width, (points - aside * wide * width)[::-1]])
            cv2.fillPoly(image, [np.round(outline * 16).astype(np.int32)], ink(surface, paint), cv2.LINE_AA, 4)


def _wooden_wall() -> pygame.Surface:
    """Planks with grain, lit from the top left."""
    rng = np.random.default_rng(11)
    width, height = STAGE
    image = gradient(STAGE, [(0, (150, 98, 58)), (0.55, (112, 68, 40)), (1, (58, 34, 24))])
    long = (2 * width, height)
    grain = noise(rng, long, (260, 7)) * 16 + noise(rng, long, (500, 3)) * 9 + noise(rng, long, (190, 90)) * 12
    edges = np.linspace(0, height, 8).astype(int)
    for top, bottom in pairwise(edges.tolist()):
        image[top:bottom] *= rng.uniform(0.86, 1.08)
        shift = int(rng.integers(width))
        image[top:bottom] += grain[top:bottom, shift : shift + width, None] * np.array((1, 0.8, 0.6), np.float32)
        image[bottom - 4 : bottom] *= 0.42
        image[top : top + 2] *= 1.22
        joint = int(rng.integers(200, width - 200))
        image[top:bottom, joint : joint + 3] *= 0.5
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    for centre, wide in ((260, 120), (620, 70), (860, 150)):  # beams of light through a window
        beam = np.exp(-(((x - centre - (y * 0.55)) / wide) ** 2)) * np.clip(1 - y / 900, 0, 1)
        image += beam[..., None] * np.array((46, 36, 20), np.float32)
    return surface_of(vignette(image, 0.75))


def _splash(colour: Colour, seed: int) -> list[pygame.Surface]:
    """A stain of juice on the wall, in stages of fading."""
    rng = np.random.default_rng(seed)
    side = 240
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j].astype(np.float32)
    angle = np.arctan2(y, x)
    edge = 0.42 + sum(rng.uniform(0.02, 0.1) * np.sin(k * angle + rng.uniform(0, 6.3)) for k in range(2, 9))
    mask = np.clip((edge - np.hypot(x, y)) * 30, 0, 1)
    for _ in range(16):
        a, r, size = rng.uniform(0, 6.3), rng.uniform(0.45, 0.9), rng.uniform(0.015, 0.07)
        mask = np.maximum(mask, np.clip((size - np.hypot(x - r * np.cos(a), y - r * np.sin(a))) * 60, 0, 1))
    paint = np.broadcast_to(np.array(mixed(colour, (60, 20, 10), 0.25), np.float32), (side, side, 3))
    return [surface_of(np.dstack([paint, mask * alpha])) for alpha in (170, 140, 110, 80, 50, 24)]


def fruit_icon() -> pygame.Surface:
    """A picture for the menu, 240 x 200."""
    icon, fruit = pygame.Surface((240, 200), pygame.SRCALPHA), fruit_pictures()
    for side, picture in zip((-1, 1), fruit["melon"].halves, strict=True):
        centred(icon, turn(picture, 0.35), 120 + side * 22, 96 + side * 8)
    centred(icon, fruit["orange"].whole, 58, 146)
    centred(icon, fruit["plum"].whole, 188, 152)
    return icon
