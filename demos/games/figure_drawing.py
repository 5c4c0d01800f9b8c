"""Draws a player: a dark suit with lines of light in the player's colour."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import pygame

from demos.games.paint import Bytes, Colour, add_light, glow, ink, mixed, pixels
from demos.games.players import Figure
from models.joints import Joint

Ink = tuple[int, int, int, int]
_SHIFT = 4  # OpenCV's fixed point: sixteenths of a pixel

# from, to, width at the start and at the end, in parts of the height
_LEGS = tuple(
    limb
    for side in ("LEFT", "RIGHT")
    for limb in (
        (Joint[f"HIP_{side}"], Joint[f"KNEE_{side}"], 0.092, 0.066),
        (Joint[f"KNEE_{side}"], Joint[f"ANKLE_{side}"], 0.066, 0.044),
        (Joint[f"ANKLE_{side}"], Joint[f"FOOT_{side}"], 0.05, 0.036),
    )
)
_ARMS = tuple(
    limb
    for side in ("LEFT", "RIGHT")
    for limb in (
        (Joint[f"SHOULDER_{side}"], Joint[f"ELBOW_{side}"], 0.066, 0.05),
        (Joint[f"ELBOW_{side}"], Joint[f"WRIST_{side}"], 0.05, 0.036),
    )
)
_HANDS = (Joint.HAND_LEFT, Joint.HAND_RIGHT)
_TRUNK = (Joint.SHOULDER_LEFT, Joint.SHOULDER_RIGHT, Joint.HIP_RIGHT, Joint.HIP_LEFT)
_SUIT: Colour = (30, 34, 58)


def draw_figure(surface: pygame.Surface, figure: Figure, colour: Colour, opacity: float = 1.0) -> None:
    """Draw ``figure`` in its ``colour``; what is behind shows through if ``opacity`` is below 1."""
    _draw_body(surface, figure, colour, opacity)
    light = glow(max(8, round(0.085 * figure.height)), mixed((0, 0, 0), colour, 0.55))
    for hand in _HANDS:
        add_light(surface, light, *figure.at(hand))


def _draw_body(surface: pygame.Surface, figure: Figure, colour: Colour, opacity: float) -> None:
    with pixels(surface) as whole:
        part = _around(figure, surface.get_size())
        image = whole[part].copy() if opacity < 1 else whole
        if opacity < 1:
            figure = replace(figure, points=figure.points - np.array((part[1].start, part[0].start), np.float32))
        edge, suit = ink(surface, mixed(colour, (10, 12, 24), 0.35)), ink(surface, _SUIT)
        bright, sheen = ink(surface, colour), ink(surface, mixed(_SUIT, colour, 0.3))
        _shape(image, figure, edge, 0.016)
        _limbs(image, figure, _LEGS, suit, 0.0)
        _limbs(image, figure, _LEGS, sheen, -0.03, shift=-0.009)
        _trunk(image, figure, suit, 0.0)
        _chest(image, figure, sheen, bright)
        _limbs(image, figure, _ARMS, edge, 0.012)
        _limbs(image, figure, _ARMS, suit, 0.0)
        _limbs(image, figure, _ARMS, sheen, -0.026, shift=-0.007)
        _lines(image, figure, bright)
        _head(image, figure, suit, sheen, bright)
        for hand in _HANDS:
            _disc(image, figure.at(hand), 0.034 * figure.height, bright)
            _disc(image, figure.at(hand), 0.022 * figure.height, ink(surface, mixed(colour, (255, 255, 255), 0.6)))
        if opacity < 1 and image.size:
            whole[part] = cv2.addWeighted(image, opacity, whole[part], 1 - opacity, 0)


def _around(figure: Figure, size: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of the stage that a figure touches."""
    margin = 0.1 * figure.height
    low, high = figure.points.min(axis=0) - margin, figure.points.max(axis=0) + margin
    left, right = np.clip((low[0], high[0]), 0, size[0]).astype(int).tolist()
    top, bottom = np.clip((low[1], high[1]), 0, size[1]).astype(int).tolist()
    return slice(top, bottom), slice(left, right)


def draw_shadow(surface: pygame.Surface, figure: Figure, ground: float) -> None:
    """A soft shadow under the feet."""
    x = float(figure.points[[Joint.ANKLE_LEFT, Joint.ANKLE_RIGHT], 0].mean())
    width, height = round(0.42 * figure.height), round(0.075 * figure.height)
    picture = _shadow(width, height)
    surface.blit(picture, (round(x) - width // 2, round(ground) - height // 2))


_SHADOWS: dict[tuple[int, int], pygame.Surface] = {}


def _shadow(width: int, height: int) -> pygame.Surface:
    if (width, height) not in _SHADOWS:
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        alpha = np.clip(1 - np.hypot(x, y), 0, 1) ** 0.9 * 150
        picture = pygame.Surface((width, height), pygame.SRCALPHA)
        pygame.surfarray.pixels_alpha(picture)[:] = alpha.T.astype(np.uint8)
        _SHADOWS[width, height] = picture
    return _SHADOWS[width, height]


def _fixed(points: npt.NDArray[np.floating]) -> npt.NDArray[np.int32]:
    return np.asarray(np.round(np.clip(points, -4000, 5000) * (1 << _SHIFT)), np.int32)


def _sixteenths(x: float, y: float) -> tuple[int, int]:
    return round(min(max(x, -4000.0), 5000.0) * (1 << _SHIFT)), round(min(max(y, -4000.0), 5000.0) * (1 << _SHIFT))


def _disc(image: Bytes, at: tuple[float, float], radius: float, colour: Ink) -> None:
    cv2.circle(image, _sixteenths(*at), round(max(radius, 1.0) * (1 << _SHIFT)), colour, -1, cv2.LINE_AA, _SHIFT)


def _taper(
    image: Bytes, a: tuple[float, float], b: tuple[float, float], wide: float, narrow: float, colour: Ink
) -> None:
    """A limb with round ends, thinner towards ``b``; widths in pixels."""
    length = max(math.dist(a, b), 1e-3)
    x, y = (a[1] - b[1]) / length / 2, (b[0] - a[0]) / length / 2  # half a pixel aside
    corners = [
        _sixteenths(a[0] + x * wide, a[1] + y * wide),
        _sixteenths(b[0] + x * narrow, b[1] + y * narrow),
        _sixteenths(b[0] - x * narrow, b[1] - y * narrow),
        _sixteenths(a[0] - x * wide, a[1] - y * wide),
    ]
    cv2.fillConvexPoly(image, np.array(corners, np.int32), colour, cv2.LINE_AA, _SHIFT)
    _disc(image, a, wide / 2, colour)
    _disc(image, b, narrow / 2, colour)


def _limbs(
    image: Bytes,
    figure: Figure,
    limbs: tuple[tuple[Joint, Joint, float, float], ...],
    colour: Ink,
    wider: float,
    shift: float = 0.0,
) -> None:
    h, points = figure.height, (figure.points + np.float32(shift * figure.height)).tolist()
    for start, end, wide, narrow in limbs:
        a, b = points[start], points[end]
        _taper(image, a, b, max(wide + wider, 0.008) * h, max(narrow + wider, 0.008) * h, colour)


def _trunk(image: Bytes, figure: Figure, colour: Ink, wider: float) -> None:
    h = figure.height
    corners = figure.points[list(_TRUNK)]
    waist = figure.points[Joint.SPINE_MID]
    left, right = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
    middle = [waist + (left - waist) * 0.86, waist + (right - waist) * 0.86]
    outline = np.stack([corners[0], corners[1], middle[1], corners[2], corners[3], middle[0]])
    cv2.fillPoly(image, [_fixed(outline)], colour, cv2.LINE_AA, _SHIFT)
    for a, b in zip(outline.tolist(), np.roll(outline, -1, axis=0).tolist(), strict=True):
        _taper(image, a, b, (0.066 + wider) * h, (0.066 + wider) * h, colour)
    neck, head = figure.at(Joint.SPINE_SHOULDER), figure.at(Joint.HEAD)
    _taper(image, neck, head, (0.06 + wider) * h, (0.05 + wider) * h, colour)


def _shape(image: Bytes, figure: Figure, colour: Ink, wider: float) -> None:
    """The whole outline."""
    _limbs(image, figure, _LEGS, colour, wider)
    _trunk(image, figure, colour, wider)
    _limbs(image, figure, _ARMS, colour, wider)
    _disc(image, figure.at(Joint.HEAD), (0.068 + wider / 2) * figure.height, colour)


def _chest(image: Bytes, figure: Figure, sheen: Ink, bright: Ink) -> None:
    h = figure.height
    p = figure.points
    top, middle = p[Joint.SPINE_SHOULDER], p[Joint.SPINE_MID]
    for side in (Joint.SHOULDER_LEFT, Joint.SHOULDER_RIGHT):
        pad = np.stack([top * 0.72 + p[side] * 0.28, top * 0.2 + p[side] * 0.8, middle * 0.6 + p[side] * 0.4])
        cv2.fillPoly(image, [_fixed(pad)], sheen, cv2.LINE_AA, _SHIFT)
    heart = top * 0.62 + middle * 0.38
    _disc(image, (float(heart[0]), float(heart[1])), 0.019 * h, bright)


def _lines(image: Bytes, figure: Figure, bright: Ink) -> None:
    """Light along the limbs, and a ring at each joint."""
    h = figure.height
    width = max(1, round(0.0075 * h))
    points = figure.points.tolist()
    for start, end, *_ in (*_LEGS, *_ARMS):
        (x0, y0), (x1, y1) = points[start], points[end]
        ends = [_sixteenths(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share) for share in (0.2, 0.8)]
        cv2.line(image, ends[0], ends[1], bright, width, cv2.LINE_AA, _SHIFT)
        _disc(image, (x0, y0), 0.011 * h, bright)


def _head(image: Bytes, figure: Figure, suit: Ink, sheen: Ink, bright: Ink) -> None:
    """A helmet with a visor."""
    h = figure.height
    x, y = figure.at(Joint.HEAD)
    _disc(image, (x, y), 0.066 * h, suit)
    _disc(image, (x - 0.008 * h, y - 0.012 * h), 0.05 * h, sheen)
    _disc(image, (x, y + 0.006 * h), 0.049 * h, suit)
    visor = _fixed(np.array([(x - 0.046 * h, y - 0.006 * h), (x + 0.046 * h, y - 0.006 * h)]))
    cv2.line(image, visor[0].tolist(), visor[1].tolist(), (20, 16, 14, 255), round(0.042 * h), cv2.LINE_AA, _SHIFT)
    cv2.line(image, visor[0].tolist(), visor[1].tolist(), bright, max(1, round(0.02 * h)), cv2.LINE_AA, _SHIFT)
