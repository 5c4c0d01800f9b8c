"""Pictures made beforehand: gradients, shaded balls, glows and text, so that a frame only copies them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pygame

Array = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

PLAYER_COLOURS: tuple[Colour, ...] = ((64, 214, 255), (255, 158, 48), (255, 92, 168), (150, 232, 84))
WHITE: Colour = (255, 255, 255)
LIGHT = np.array((-0.45, -0.62, 0.64), np.float32)
"""Where light comes from: left, top, front."""


@contextmanager
def pixels(surface: pygame.Surface) -> Iterator[Bytes]:
    """The pixels (height, width, 4) of a 32-bit surface, to be drawn on in place.

    The surface is locked until the last name of the array has gone: draw in a function that does only that.
    """
    view: Any = surface.get_buffer()
    rows: Bytes = np.frombuffer(view, np.uint8).reshape(surface.get_height(), surface.get_pitch() // 4, 4)
    try:
        yield rows[:, : surface.get_width()]
    finally:
        del rows, view


def ink(surface: pygame.Surface, colour: Colour) -> tuple[int, int, int, int]:
    """``colour`` in the order of the surface's bytes."""
    order = [shift // 8 for shift in surface.get_shifts()[:3]]
    result = [255] * 4
    for value, place in zip(colour, order, strict=True):
        result[place] = value
    return result[0], result[1], result[2], result[3]


def surface_of(rgba: npt.NDArray[np.generic]) -> pygame.Surface:
    """A surface of (height, width, 3 or 4) red, green, blue and perhaps alpha, 0 to 255."""
    image = np.ascontiguousarray(np.clip(rgba, 0, 255).astype(np.uint8))
    height, width, channels = image.shape
    surface = pygame.image.frombuffer(image.tobytes(), (width, height), "RGBA" if channels == 4 else "RGB")
    return surface.convert_alpha() if channels == 4 else surface.convert()


def mixed(a: Colour, b: Colour, share: float) -> Colour:
    """``a``, with a ``share`` of ``b``."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def grid(width: int, height: int) -> tuple[Array, Array]:
    """x and y of every pixel, 0 to 1."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x / max(width - 1, 1), y / max(height - 1, 1)


def gradient(size: tuple[int, int], stops: list[tuple[float, Colour]]) -> Array:
    """Colours (height, width, 3) from top to bottom."""
    places, colours = [s for s, _ in stops], np.array([c for _, c in stops], np.float32)
    y = np.linspace(0, 1, size[1], dtype=np.float32)
    column = np.stack([np.interp(y, places, colours[:, i]) for i in range(3)], axis=1)
    return np.repeat(column[:, None].astype(np.float32), size[0], axis=1)


def noise(rng: np.random.Generator, size: tuple[int, int], cell: tuple[int, int]) -> Array:
    """Smooth noise (height, width), about -1 to 1, with blots of ``cell`` pixels."""
    small = rng.normal(0, 0.5, (size[1] // cell[1] + 2, size[0] // cell[0] + 2)).astype(np.float32)
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), np.float32)


def vignette(image: Array, strength: float = 0.55) -> Array:
    """``image``, darker towards its corners."""
    x, y = grid(image.shape[1], image.shape[0])
    dark = 1 - strength * np.clip(((x - 0.5) ** 2 + (y - 0.5) ** 2) * 2, 0, 1) ** 1.1
    return np.asarray(image * dark[..., None], np.float32)


Texture = Callable[[Array, Array], Array]


def ball(radius: float, colour: Colour | Texture, gloss: float = 0.6, squash: float = 1.0) -> pygame.Surface:
    """A shaded ball; a texture gives colours (..., 3) for x and y from -1 to 1. ``squash`` makes it wider than high."""
    half = int(radius * max(squash, 1.0)) + 2
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32) / np.float32(radius)
    x = x / np.float32(squash)
    r = np.hypot(x, y)
    z = np.sqrt(np.clip(1 - r * r, 0, 1))
    paint = colour(x, y) if callable(colour) else np.broadcast_to(np.array(colour, np.float32), (*x.shape, 3))
    diffuse = np.clip(x * LIGHT[0] + y * LIGHT[1] + z * LIGHT[2], 0, 1)
    shine = np.clip(x * -0.33 + y * -0.45 + z * 0.83, 0, 1) ** 38
    rim = np.clip(1 - z, 0, 1) ** 3 * 0.35
    shaded = paint * (0.32 + 0.82 * diffuse + rim * (y > 0) * 0.6)[..., None] + 255 * gloss * shine[..., None]
    alpha = np.clip((1 - r) * radius + 0.5, 0, 1) * 255
    return surface_of(np.dstack([shaded, alpha]))


@cache
def glow(radius: int, colour: Colour, power: float = 2.0) -> pygame.Surface:
    """A soft light to be added (``BLEND_RGB_ADD``)."""
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float32) / radius
    strength = np.clip(1 - np.hypot(x, y), 0, 1) ** power
    return surface_of(strength[..., None] * np.array(colour, np.float32))


def add_light(surface: pygame.Surface, light: pygame.Surface, x: float, y: float) -> None:
    """Add a glow with its middle at (x, y)."""
    where = round(x) - light.get_width() // 2, round(y) - light.get_height() // 2
    surface.blit(light, where, special_flags=pygame.BLEND_RGB_ADD)


def centred(surface: pygame.Surface, picture: pygame.Surface, x: float, y: float) -> None:
    """Draw a picture with its middle at (x, y)."""
    surface.blit(picture, (round(x) - picture.get_width() // 2, round(y) - picture.get_height() // 2))


@cache
def _font(size: int) -> pygame.font.Font:
    return pygame.font.Font(None, size)


@lru_cache(maxsize=400)
def text(words: str, size: int, colour: Colour = WHITE, shadow: bool = True) -> pygame.Surface:
    """Words with a soft dark edge, readable on anything."""
    font = _font(size)
    front = font.render(words, True, colour)
    if not shadow:
        return front
    edge = max(2, size // 22)
    back = font.render(words, True, (8, 10, 22))
    result = pygame.Surface((front.get_width() + 2 * edge, front.get_height() + 3 * edge), pygame.SRCALPHA)
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (1, -1), (-1, 1), (0, 2)):
        result.blit(back, (edge + dx * edge * 0.7, edge + dy * edge * 0.7))
    result.blit(front, (edge, edge))
    return result.convert_alpha()


@lru_cache(maxsize=64)
def panel(
    width: int, height: int, colour: Colour = (14, 18, 38), alpha: int = 190, edge: Colour | None = None
) -> pygame.Surface:
    """A dark pane with round corners."""
    result = pygame.Surface((width, height), pygame.SRCALPHA)
    corner = min(26, height // 2)
    pygame.draw.rect(result, (*colour, alpha), result.get_rect(), border_radius=corner)
    if edge is not None:
        pygame.draw.rect(result, (*edge, 230), result.get_rect(), width=3, border_radius=corner)
    return result.convert_alpha()


@cache
def turned(picture: pygame.Surface, degrees: int) -> pygame.Surface:
    """A picture turned by steps of ten degrees; each is made once."""
    return pygame.transform.rotozoom(picture, degrees, 1.0)


def turn(picture: pygame.Surface, radians: float) -> pygame.Surface:
    """`turned`, to the nearest step."""
    return turned(picture, round(-np.degrees(radians) / 10) * 10 % 360)
