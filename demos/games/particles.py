"""Sparks, drops and words that fly off and fade."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pygame

from demos.games.paint import Colour, ball, centred, glow, text

MOST = 260


@dataclass(slots=True)
class _Note:
    words: pygame.Surface
    x: float
    y: float
    age: float = 0.0


class Particles:
    """Everything that is only there to be seen.

    Parameters
    ----------
    seed : int
    """

    def __init__(self, seed: int = 0) -> None:
        self._rng = np.random.default_rng(seed)
        self._state = np.zeros((0, 7), np.float32)  # x, y, vx, vy, gravity, age, life
        self._looks: list[tuple[pygame.Surface, ...]] = []
        self._notes: list[_Note] = []

    def burst(
        self,
        x: float,
        y: float,
        colour: Colour,
        number: int = 24,
        speed: float = 420.0,
        gravity: float = 700.0,
        size: int = 12,
        life: float = 0.8,
        light: bool = True,
    ) -> None:
        """Throw particles off in all directions; ``light`` ones glow, others are drops or crumbs."""
        number = min(number, MOST - len(self._state))
        if number <= 0:
            return
        rng = self._rng
        angle, fast = rng.uniform(0, 2 * math.pi, number), speed * rng.uniform(0.15, 1.0, number)
        fresh = np.zeros((number, 7), np.float32)
        fresh[:, 0], fresh[:, 1] = x, y
        fresh[:, 2], fresh[:, 3] = np.cos(angle) * fast, np.sin(angle) * fast
        fresh[:, 4], fresh[:, 6] = gravity, life * rng.uniform(0.5, 1.0, number)
        self._state = np.concatenate([self._state, fresh])
        for scale in rng.uniform(0.5, 1.2, number):
            radius = max(2, round(size * scale / 3) * 3)
            self._looks.append(_glowing(radius, colour) if light else _drops(radius, colour))

    def say(self, words: str, x: float, y: float, colour: Colour, size: int = 54) -> None:
        """Words that rise."""
        self._notes.append(_Note(text(words, size, colour), x, y))

    def step(self, dt: float) -> None:
        """Go on."""
        s = self._state
        s[:, 3] += s[:, 4] * dt
        s[:, :2] += s[:, 2:4] * np.float32(dt)
        s[:, 5] += dt
        alive = s[:, 5] < s[:, 6]
        if not alive.all():
            self._state = s[alive]
            self._looks = [look for look, lives in zip(self._looks, alive, strict=True) if lives]
        for note in self._notes:
            note.age += dt
            note.y -= 70 * dt
        self._notes = [note for note in self._notes if note.age < 1.1]

    def draw(self, surface: pygame.Surface) -> None:
        """Draw them all."""
        for (x, y, *_, age, life), look in zip(self._state.tolist(), self._looks, strict=True):
            picture = look[min(int(age / life * len(look)), len(look) - 1)]
            flags = 0 if picture.get_flags() & pygame.SRCALPHA else pygame.BLEND_RGB_ADD
            where = round(x) - picture.get_width() // 2, round(y) - picture.get_height() // 2
            surface.blit(picture, where, special_flags=flags)
        for note in self._notes:
            centred(surface, note.words, note.x, note.y)


_CACHE: dict[tuple[int, Colour, bool], tuple[pygame.Surface, ...]] = {}


def _glowing(radius: int, colour: Colour) -> tuple[pygame.Surface, ...]:
    """A light that dies away, in five steps."""
    key = (radius, colour, True)
    if key not in _CACHE:
        shares = (1.0, 0.85, 0.65, 0.4, 0.2)
        _CACHE[key] = tuple(glow(radius, _scaled(colour, share), 1.4) for share in shares)
    return _CACHE[key]


def _drops(radius: int, colour: Colour) -> tuple[pygame.Surface, ...]:
    """A drop that shrinks, in four steps."""
    key = (radius, colour, False)
    if key not in _CACHE:
        _CACHE[key] = tuple(ball(max(1.5, radius * share), colour, 0.8) for share in (0.8, 0.65, 0.5, 0.3))
    return _CACHE[key]


def _scaled(colour: Colour, share: float) -> Colour:
    return round(colour[0] * share), round(colour[1] * share), round(colour[2] * share)
