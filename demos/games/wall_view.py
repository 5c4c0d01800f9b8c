"""What the hole in the wall looks and sounds like."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
import pygame

from demos.games.figure_drawing import draw_figure, draw_shadow
from demos.games.paint import (
    PLAYER_COLOURS,
    Array,
    Bytes,
    Colour,
    add_light,
    centred,
    glow,
    gradient,
    ink,
    mixed,
    noise,
    panel,
    pixels,
    surface_of,
    text,
    vignette,
)
from demos.games.particles import Particles
from demos.games.players import Figure, Layout
from demos.games.round import STAGE, Happening
from demos.games.sound import Sounds
from demos.games.wall_rules import SHAPES, Shape, WallRound
from models.body import FloatArray
from models.joints import Joint

VANISHING = (640.0, 300.0)
TOP, GROUND = 46, 702
_FAR = 7.0
_COLOURS: tuple[Colour, ...] = ((236, 88, 96), (250, 164, 52), (88, 190, 120), (76, 140, 236), (170, 104, 226))
GREEN, RED = (110, 240, 130), (255, 90, 80)

# from, to, half width of the hole in parts of the height
_HOLE = (
    *((Joint[f"SHOULDER_{s}"], Joint[f"ELBOW_{s}"], 0.075) for s in ("LEFT", "RIGHT")),
    *((Joint[f"ELBOW_{s}"], Joint[f"HAND_TIP_{s}"], 0.068) for s in ("LEFT", "RIGHT")),
    *((Joint[f"HIP_{s}"], Joint[f"KNEE_{s}"], 0.085) for s in ("LEFT", "RIGHT")),
    *((Joint[f"KNEE_{s}"], Joint[f"ANKLE_{s}"], 0.072) for s in ("LEFT", "RIGHT")),
    *((Joint[f"ANKLE_{s}"], Joint[f"FOOT_{s}"], 0.06) for s in ("LEFT", "RIGHT")),
    (Joint.SHOULDER_LEFT, Joint.SHOULDER_RIGHT, 0.075),
    (Joint.SPINE_SHOULDER, Joint.SPINE_BASE, 0.13),
    (Joint.NECK, Joint.HEAD, 0.07),
    (Joint.HEAD, Joint.HEAD, 0.105),
)


class WallView:
    """Draws a `WallRound`.

    Parameters
    ----------
    particles : Particles
    sounds : Sounds
    """

    def __init__(self, particles: Particles, sounds: Sounds) -> None:
        self._particles, self._sounds = particles, sounds
        self._hall = _hall()
        self._walls: dict[tuple[str, int], tuple[Bytes, Bytes]] = {}
        self._outlines: dict[tuple[str, int], tuple[pygame.Surface, pygame.Rect]] = {}
        self._time = self._flash = 0.0

    def step(self, dt: float, rules: WallRound) -> None:
        """Move what is only seen."""
        self._time += dt
        self._flash = max(0.0, self._flash - 3 * dt)

    def happened(self, event: Happening) -> None:
        """Show and sound what happened."""
        self._sounds.play(event.kind)
        if event.kind == "near":
            return
        self._flash = 1.0
        if event.kind == "pass":
            self._particles.burst(event.x, event.y - 60, GREEN, 50, 620, 150, 16, 0.9)
            self._particles.say(f"+{event.points}", event.x, event.y - 170, GREEN, 96)
        else:
            self._particles.burst(event.x, event.y - 60, (200, 120, 90), 46, 640, 900, 20, 1.1, light=False)
            self._particles.say("Ouch!", event.x, event.y - 170, RED, 90)

    def draw(self, surface: pygame.Surface, rules: WallRound, figures: Sequence[Figure]) -> None:
        """Draw it all."""
        surface.blit(self._hall, (0, 0))
        _draw_rungs(surface, self._time)
        if rules.distance <= 1.0:
            self._draw_wall(surface, rules)
        for figure in figures:
            draw_shadow(surface, figure, GROUND - 16)
            draw_figure(surface, figure, PLAYER_COLOURS[figure.lane], 0.8)
        if rules.distance < 1.0:
            surface.blit(*self._outline(rules))
        if rules.distance < 0.75:
            _draw_fits(surface, rules, figures)
        self._draw_next(surface, rules)
        if self._flash > 0.02:
            shade = round(110 * self._flash)
            surface.fill((shade, shade, shade), special_flags=pygame.BLEND_RGB_ADD)

    def _draw_wall(self, surface: pygame.Surface, rules: WallRound) -> None:
        key = rules.shape.name, rules.layout.lanes
        if key not in self._walls:
            if len(self._walls) > 3:
                self._walls.pop(next(iter(self._walls)))
            colour = _COLOURS[SHAPES.index(rules.shape) % len(_COLOURS)]
            self._walls[key] = _wall(surface, rules.shape, rules.layout, colour)
        scale = 1 / (1 + _FAR * max(rules.distance, 0.0))
        left, top = (VANISHING[0] * (1 - scale), VANISHING[1] + (TOP - VANISHING[1]) * scale)
        size = max(2, round(STAGE[0] * scale)), max(2, round((GROUND - TOP) * scale))
        _paste(surface, *self._walls[key], (round(left), round(top)), size)

    def _outline(self, rules: WallRound) -> tuple[pygame.Surface, pygame.Rect]:
        """The shape to take, where the players stand."""
        key = rules.shape.name, rules.layout.lanes
        if key not in self._outlines:
            self._outlines[key] = _outline(rules.shape, rules.layout)
        return self._outlines[key]

    def _draw_next(self, surface: pygame.Surface, rules: WallRound) -> None:
        if rules.distance > 0.55:
            centred(surface, panel(330, 66, alpha=150), 640, 140)
            centred(surface, text(rules.shape.name, 46), 640, 141)


def wall_icon() -> pygame.Surface:
    """A picture for the menu, 240 x 200."""
    icon = pygame.Surface((240, 200), pygame.SRCALPHA)
    with_hole = np.zeros((200, 240, 4), np.float32)
    with_hole[..., :3], with_hole[..., 3] = _foam((240, 200), (250, 164, 52)), 255
    layout = Layout(1, 165.0, 112.0, 240.0)
    depth = _depth((240, 200), SHAPES[3].points, layout, 0.0)
    with_hole[depth > 0] = (24, 16, 44, 255)
    with_hole[(depth > 0) & (depth < 4)] = (255, 240, 200, 255)
    icon.blit(surface_of(with_hole), (0, 0))
    return icon


def _paste(surface: pygame.Surface, wall: Bytes, mask: Bytes, corner: tuple[int, int], size: tuple[int, int]) -> None:
    """Put the wall on the stage, smaller, and let its hole be."""
    method = cv2.INTER_AREA if size[0] < STAGE[0] // 3 else cv2.INTER_LINEAR
    small, solid = cv2.resize(wall, size, interpolation=method), cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST)
    with pixels(surface) as image:
        part = image[corner[1] : corner[1] + size[1], corner[0] : corner[0] + size[0]]
        height, width = part.shape[:2]
        cv2.copyTo(small[:height, :width], solid[:height, :width], part)


def _wall(surface: pygame.Surface, shape: Shape, layout: Layout, colour: Colour) -> tuple[Bytes, Bytes]:
    """A wall's pixels in the order of the surface's bytes, and where it is solid."""
    size = STAGE[0], GROUND - TOP
    image = _foam(size, colour)
    depth = np.maximum.reduce([_depth(size, shape.points, layout, TOP, lane) for lane in range(layout.lanes)])
    edge = np.clip(1 + depth / 9.0, 0, 1)[..., None]  # the rim shines
    image = image * (1 - edge) + np.array((255, 250, 225), np.float32) * edge
    shade = np.exp(depth / 46.0)[..., None] * (depth < -9)[..., None] * 0.5
    image = image * (1 - shade)
    rgba = surface_of(image)
    with pixels(rgba.convert(surface)) as pixel:
        wall = pixel.copy()
    return wall, np.where(depth > 0, 0, 255).astype(np.uint8)


def _outline(shape: Shape, layout: Layout) -> tuple[pygame.Surface, pygame.Rect]:
    """A bright line around the hole in every lane, and its place on the stage."""
    size = STAGE[0], GROUND - TOP
    depth = np.maximum.reduce([_depth(size, shape.points, layout, TOP, lane) for lane in range(layout.lanes)])
    line = np.clip(2.6 - np.abs(depth), 0, 1) * 210 + np.exp(-np.abs(depth) / 5) * 60
    image = np.empty((size[1], size[0], 4), np.float32)
    image[:] = (255, 244, 200, 0)
    image[..., 3] = np.where(line < 8, 0, line)
    whole = surface_of(image)
    place = whole.get_bounding_rect()
    return whole.subsurface(place).copy(), place.move(0, TOP)


def _foam(size: tuple[int, int], colour: Colour) -> Array:
    """Tiles of foam with soft edges."""
    rng = np.random.default_rng(sum(colour))
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    tile = 82.0 if size[0] > 400 else 40.0
    u, v = (x + tile / 2 * ((y // tile) % 2)) % tile / tile, y % tile / tile
    bevel = np.clip((np.minimum(u, v)) * 9, 0, 1) * 0.24 - np.clip((np.minimum(1 - u, 1 - v)) * 9, 0, 1) * 0.24
    light = 1.04 - 0.32 * y / size[1] - bevel * 0.9 + 0.03 * noise(rng, size, (5, 5))
    return np.asarray(np.array(colour, np.float32) * light[..., None], np.float32)


def _depth(size: tuple[int, int], points: FloatArray, layout: Layout, top: float, lane: int = 0) -> Array:
    """How deep inside the hole each pixel (height, width) is, in pixels; negative outside."""
    hole = np.zeros((size[1], size[0]), np.uint8)
    home = np.array(layout.home(lane)) - (0, top)
    at = (home + points * (layout.height, -layout.height)).astype(np.float32)
    for start, end, half in _HOLE:
        ends: npt.NDArray[np.int32] = np.round(at[[start, end]]).astype(np.int32)
        cv2.line(hole, ends[0].tolist(), ends[1].tolist(), 255, max(2, round(2 * half * layout.height)))
    inside = cv2.distanceTransform(hole, cv2.DIST_L2, 3)
    return np.asarray(inside - cv2.distanceTransform(255 - hole, cv2.DIST_L2, 3), np.float32)


def _draw_fits(surface: pygame.Surface, rules: WallRound, figures: Sequence[Figure]) -> None:
    """A green or red light at each joint that counts."""
    for figure in figures:
        fit = rules.fits.get(figure.lane)
        for joint, error in fit.errors.items() if fit is not None else ():
            light = glow(round(0.05 * figure.height / 3) * 3, mixed((0, 0, 0), GREEN if error <= 1 else RED, 0.8), 1.2)
            add_light(surface, light, *figure.at(joint))


def _draw_rungs(surface: pygame.Surface, time: float) -> None:
    """Lines across the floor that come nearer."""
    with pixels(surface) as image:
        for i in range(10):
            z = 1 - ((i + time * 1.6) % 10) / 10
            scale = 1 / (1 + _FAR * z)
            y = VANISHING[1] + (GROUND - VANISHING[1]) * scale
            shade = mixed((34, 26, 74), (128, 92, 226), scale)
            half = 640 * scale
            ends = [(round((640 + sign * half) * 16), round(y * 16)) for sign in (-1, 1)]
            cv2.line(image, ends[0], ends[1], ink(surface, shade), max(1, round(3 * scale)), cv2.LINE_AA, 4)


def _hall() -> pygame.Surface:
    """A hall of light that ends far away."""
    width, height = STAGE
    image = gradient(STAGE, [(0, (20, 12, 48)), (0.415, (66, 34, 120)), (0.42, (26, 18, 58)), (1, (46, 30, 98))])
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    far = np.hypot((x - VANISHING[0]) / 1.6, y - VANISHING[1])
    image += np.exp(-far / 150)[..., None] * np.array((190, 120, 230), np.float32)
    canvas = np.clip(image, 0, 255).astype(np.uint8)
    for i in range(-8, 9):  # along the floor and the ceiling
        for edge, colour in ((GROUND + 60, (104, 76, 190)), (-40, (74, 50, 140))):
            end = round(640 + i * 160), edge
            cv2.line(canvas, (640, 300), end, colour, 1, cv2.LINE_AA)
    for sign in (-1, 1):  # lamps along the sides
        for i in range(9):
            scale = 1 / (1 + _FAR * i / 9)
            x0 = 640 + sign * 640 * scale
            top, bottom = 300 - 250 * scale, 300 + 130 * scale
            cv2.line(
                canvas,
                (round(x0), round(top)),
                (round(x0), round(bottom)),
                (236, 150, 255),
                max(1, round(7 * scale)),
                cv2.LINE_AA,
            )
    blurred = cv2.GaussianBlur(canvas, (0, 0), 9)
    image = np.maximum(canvas.astype(np.float32), 0) * 0.75 + blurred.astype(np.float32) * 0.6
    core = np.clip(1 - far / 46, 0, 1)[..., None]
    return surface_of(vignette(image * (1 - core * 0.2) + core * 90, 0.6))
