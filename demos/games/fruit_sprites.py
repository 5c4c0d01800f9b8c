"""Pictures of fruit, whole and cut, and of a bomb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pygame

from demos.games.fruit_rules import BOMB_RADIUS, FRUIT
from demos.games.paint import Array, Colour, ball, surface_of

JUICE: dict[str, Colour] = {
    "melon": (236, 58, 72),
    "apple": (250, 232, 170),
    "orange": (255, 150, 30),
    "lemon": (255, 226, 70),
    "kiwi": (140, 205, 60),
    "plum": (190, 60, 150),
}


@dataclass(frozen=True, slots=True, eq=False)
class FruitPictures:
    """A fruit whole, and its halves left and right of an upright cut."""

    whole: pygame.Surface
    halves: tuple[pygame.Surface, pygame.Surface]


def _blend(a: Colour | Array, b: Colour | Array, share: npt.NDArray[np.floating]) -> Array:
    return np.asarray(np.array(a, np.float32) + (np.array(b, np.float32) - np.array(a, np.float32)) * share[..., None])


def _melon(x: Array, y: Array) -> Array:
    stripes = np.sin(x / np.sqrt(np.clip(1.15 - y * y, 0.1, 2)) * 13 + 0.7 * np.sin(y * 9)) > 0.15
    return _blend((104, 178, 62), (28, 96, 40), stripes.astype(np.float32) * 0.95)


def _apple(x: Array, y: Array) -> Array:
    return _blend((214, 30, 38), (250, 190, 70), np.clip(0.75 - np.hypot(x + 0.25, y + 0.75), 0, 1))


def _dimpled(colour: Colour, dark: Colour) -> Callable[[Array, Array], Array]:
    def paint(x: Array, y: Array) -> Array:
        dimples = np.clip(np.sin(x * 34) * np.sin(y * 34 + np.sin(x * 21)) * 1.6 - 0.7, 0, 1)
        return _blend(colour, dark, dimples * 0.5)

    return paint


def _kiwi(x: Array, y: Array) -> Array:
    fuzz = np.random.default_rng(3).uniform(0, 1, x.shape).astype(np.float32)
    return _blend((126, 88, 44), (168, 128, 72), fuzz)


def _plum(x: Array, y: Array) -> Array:
    bloom = np.clip(1 - np.hypot(x + 0.2, y + 0.3), 0, 1) * 0.4
    return _blend((92, 24, 92), (170, 110, 190), bloom)


SKINS: dict[str, Callable[[Array, Array], Array]] = {
    "melon": _melon,
    "apple": _apple,
    "orange": _dimpled((255, 140, 20), (214, 96, 4)),
    "lemon": _dimpled((255, 224, 50), (226, 180, 20)),
    "kiwi": _kiwi,
    "plum": _plum,
}


def _flesh(kind: str, r: Array, angle: Array) -> Array:
    """The cut face, by distance from the middle (1 at the skin) and direction."""
    if kind == "melon":
        flesh = _blend((240, 62, 76), (250, 110, 110), np.clip(r * 1.4 - 0.6, 0, 1))
        seeds = (np.abs(r - 0.56) < 0.075) & (np.abs((angle * 10 / (2 * np.pi)) % 1 - 0.5) < 0.13)
        flesh[seeds] = (40, 20, 20)
        flesh[r > 0.86] = (230, 240, 190)
        return flesh
    if kind in ("orange", "lemon"):
        inner, line = ((255, 168, 50), (255, 222, 160)) if kind == "orange" else ((255, 236, 110), (255, 250, 214))
        flesh = _blend(inner, line, np.clip(1.2 - np.abs(np.sin(angle * 5)) * r * 5, 0, 1))
        flesh[(r > 0.88) | (r < 0.1)] = (255, 244, 214)
        return flesh
    if kind == "kiwi":
        flesh = _blend((236, 244, 200), (124, 190, 44), np.clip(r * 3 - 0.6, 0, 1))
        seeds = (np.abs(r - 0.42) < 0.07) & (np.abs((angle * 14 / (2 * np.pi)) % 1 - 0.5) < 0.16)
        flesh[seeds] = (26, 30, 16)
        return flesh
    pit, flesh_colour, rim = (
        ((120, 70, 30), (255, 246, 214), (236, 222, 150))
        if kind == "apple"
        else ((110, 60, 40), (246, 176, 70), (210, 90, 90))
    )
    flesh = _blend(flesh_colour, rim, np.clip(r * 2 - 1.1, 0, 1))
    flesh[r < (0.16 if kind == "apple" else 0.3)] = pit
    return flesh


def _half(kind: str, radius: float, side: int) -> pygame.Surface:
    half = int(radius) + 3
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32) / np.float32(radius)
    r = np.hypot(x, y)
    skin = SKINS[kind](x, y) * (0.55 + 0.4 * np.clip(-0.45 * x - 0.62 * y + 0.6, 0, 1))[..., None]
    # The cut is seen a little from the side: an ellipse beside the skin.
    inside_x = x - side * 0.12
    inner = np.hypot(inside_x, y) / 0.93
    face = _flesh(kind, np.clip(inner, 0, 1), np.arctan2(y, inside_x)) * (0.92 + 0.12 * -y)[..., None]
    image = np.where((inner < 1)[..., None], face, skin)
    alpha = np.clip((1 - r) * radius + 0.5, 0, 1) * np.clip(side * x * radius + 0.5 + 0.04 * radius, 0, 1) * 255
    return surface_of(np.dstack([image, alpha]))


def fruit_pictures() -> dict[str, FruitPictures]:
    """All of them."""
    result = {}
    for kind, radius in FRUIT.items():
        whole = ball(
            radius, SKINS[kind], gloss=0.15 if kind == "kiwi" else 0.6, squash=1.22 if kind == "lemon" else 1.0
        )
        if kind in ("apple", "plum", "orange"):
            _stalk(whole, radius, leaf=kind != "plum")
        result[kind] = FruitPictures(whole, (_half(kind, radius, -1), _half(kind, radius, 1)))
    return result


def _stalk(picture: pygame.Surface, radius: float, leaf: bool) -> None:
    x, y = picture.get_width() // 2, round(picture.get_height() / 2 - radius * 0.82)
    pygame.draw.line(picture, (84, 56, 30), (x, y + 8), (x + 4, y - 4), 5)
    if leaf:
        points = [(x + 3, y + 2), (x + 16, y - 6), (x + 30, y), (x + 18, y + 8)]
        pygame.draw.polygon(picture, (70, 160, 50), points)
        pygame.draw.aaline(picture, (40, 110, 34), (x + 3, y + 2), (x + 30, y))


def bomb_picture() -> pygame.Surface:
    """A bomb that cannot be taken for fruit."""
    picture = ball(BOMB_RADIUS, (44, 46, 58), gloss=0.9)
    middle = picture.get_width() // 2
    pygame.draw.circle(picture, (226, 40, 40), (middle, middle + 4), 21, 5)
    for sign in (-1, 1):
        ends = (middle - 13 * sign, middle - 9), (middle + 13 * sign, middle + 17)
        pygame.draw.line(picture, (226, 40, 40), *ends, 6)
    pygame.draw.rect(picture, (96, 98, 112), (middle - 10, 1, 20, 12), border_radius=3)
    return picture
