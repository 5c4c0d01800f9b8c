"""What the goalkeeper looks and sounds like: a stadium at night, seen from the goal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import pygame

from demos.games.figure_drawing import draw_figure, draw_shadow
from demos.games.keeper_rules import VANISHING, KeeperRound
from demos.games.paint import (
    PLAYER_COLOURS,
    WHITE,
    Array,
    Colour,
    add_light,
    ball,
    centred,
    glow,
    gradient,
    ink,
    noise,
    pixels,
    surface_of,
    vignette,
)
from demos.games.particles import Particles
from demos.games.players import Figure, Layout
from demos.games.round import STAGE, Happening
from demos.games.sound import Sounds

GROUND = 690
_HORIZON = 262
_TURNS = 12


@dataclass(slots=True)
class _Loose:
    """A ball that was stopped or has gone in."""

    x: float
    y: float
    vx: float
    vy: float
    radius: float
    shrinking: float
    age: float = 0.0


class KeeperView:
    """Draws a `KeeperRound`.

    Parameters
    ----------
    particles : Particles
    sounds : Sounds
    """

    def __init__(self, particles: Particles, sounds: Sounds) -> None:
        self._particles, self._sounds = particles, sounds
        self._stadium = _stadium()
        self._goals: dict[int, pygame.Surface] = {}
        self._loose: list[_Loose] = []
        self._time = 0.0

    def step(self, dt: float, rules: KeeperRound) -> None:
        """Move what is only seen."""
        self._time += dt
        for loose in self._loose:
            loose.age += dt
            loose.vy += 900 * dt
            loose.x, loose.y = loose.x + loose.vx * dt, loose.y + loose.vy * dt
            loose.radius *= math.exp(-loose.shrinking * dt)
        self._loose = [loose for loose in self._loose if loose.age < 1.4 and loose.radius > 3]

    def happened(self, event: Happening) -> None:
        """Show and sound what happened."""
        self._sounds.play(event.kind)
        aside = math.copysign(1.0, event.x - 640)
        if event.kind == "save":
            self._particles.burst(event.x, event.y, PLAYER_COLOURS[event.lane], 40, 560, 250, 16, 0.8)
            self._particles.say(f"Saved! +{event.points}", event.x, event.y - 60, (130, 255, 150), 70)
            self._loose.append(_Loose(event.x, event.y, aside * 260, -520, 44, 1.6))
        elif event.kind == "block":
            self._particles.burst(event.x, event.y, WHITE, 16, 320, 300, 10, 0.5)
            self._particles.say(f"Blocked +{event.points}", event.x, event.y - 60, (255, 226, 120), 60)
            self._loose.append(_Loose(event.x, event.y, aside * 120, -260, 44, 1.6))
        elif event.kind == "goal":
            self._particles.say("Goal", event.x, event.y - 50, (255, 110, 100), 64)
            self._loose.append(_Loose(event.x, event.y, 0, -60, 44, 0.5))

    def draw(self, surface: pygame.Surface, rules: KeeperRound, figures: Sequence[Figure]) -> None:
        """Draw it all."""
        surface.blit(self._stadium, (0, 0))
        for lane in range(rules.layout.lanes):
            _draw_shooter(surface, rules, lane)
        for shot in rules.shots:
            x, y, radius = shot.at(min(max(rules.share, 0.0), 1.0))
            centred(surface, _spot(max(4, round(radius / 4) * 4)), x, _floor_of(rules.share))
            if rules.share < 0.62:
                _draw_ball(surface, x, y, radius, self._time)
        for figure in figures:
            draw_shadow(surface, figure, GROUND)
            draw_figure(surface, figure, PLAYER_COLOURS[figure.lane])
        for shot in rules.shots:
            if rules.share >= 0.62:
                _draw_ball(surface, *shot.at(min(rules.share, 1.0)), self._time)
        for loose in self._loose:
            _draw_ball(surface, loose.x, loose.y, loose.radius, self._time)
        surface.blit(self._goal(rules.layout), (0, 0))

    def _goal(self, layout: Layout) -> pygame.Surface:
        if layout.lanes not in self._goals:
            self._goals[layout.lanes] = _goal(layout.lanes)
        return self._goals[layout.lanes]


def keeper_icon() -> pygame.Surface:
    """A picture for the menu, 240 x 200."""
    icon = pygame.Surface((240, 200), pygame.SRCALPHA)
    for x in range(20, 221, 20):
        pygame.draw.aaline(icon, (150, 160, 190), (x, 30), (x, 180))
    for y in range(30, 181, 20):
        pygame.draw.aaline(icon, (150, 160, 190), (20, y), (220, y))
    pygame.draw.rect(icon, WHITE, (12, 22, 216, 170), width=9, border_radius=6)
    centred(icon, _football(60, 2), 132, 112)
    return icon


def _floor_of(share: float) -> float:
    """How high on the stage the grass under a ball is seen."""
    scale = 1 / (1 + 8.5 * max(0.0, 1 - max(share, 0.0)))
    return VANISHING[1] + (GROUND - VANISHING[1]) * scale


def _draw_ball(surface: pygame.Surface, x: float, y: float, radius: float, time: float) -> None:
    centred(surface, _football(max(4, round(radius / 2) * 2), int(time * 16) % _TURNS), x, y)


@cache
def _spot(radius: int) -> pygame.Surface:
    """The shadow of a ball on the grass."""
    picture = pygame.Surface((2 * radius, max(3, radius // 2)), pygame.SRCALPHA)
    pygame.draw.ellipse(picture, (0, 14, 0, 110), picture.get_rect())
    return picture.convert_alpha()


def _pentagons() -> Array:
    """Where a football's twelve dark patches are: the corners of an icosahedron (12, 3)."""
    phi = (1 + math.sqrt(5)) / 2
    corners: list[tuple[float, float, float]] = [(0, a, b * phi) for a in (-1, 1) for b in (-1, 1)]
    corners += [(a, b * phi, 0) for a in (-1, 1) for b in (-1, 1)] + [(b * phi, 0, a) for a in (-1, 1) for b in (-1, 1)]
    return np.array(corners, np.float32) / np.float32(math.hypot(1, phi))


@cache
def _football(radius: int, step: int) -> pygame.Surface:
    angle = 2 * math.pi * step / _TURNS
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array(((1, 0, 0), (0, cos, -sin), (0, sin, cos)), np.float32)
    patches = _pentagons() @ turn.T

    def paint(x: Array, y: Array) -> Array:
        z = np.sqrt(np.clip(1 - x * x - y * y, 0, 1))
        near = np.max(np.stack([x * px + y * py + z * pz for px, py, pz in patches]), axis=0)
        dark = np.clip((near - 0.925) * 60, 0, 1)
        return np.asarray(245 - dark[..., None] * np.array((215, 213, 205), np.float32), np.float32)

    return ball(float(radius), paint, gloss=0.25)


def _draw_shooter(surface: pygame.Surface, rules: KeeperRound, lane: int) -> None:
    """Who shoots: runs up to the ball, far away."""
    x, _ = rules.layout.home(lane)
    run = min(max(rules.share * rules.flight + 0.55, 0.0), 0.62) / 0.62
    scale = 1 / 9.5
    foot_x = VANISHING[0] + (x - VANISHING[0]) * 0.9 * scale - 22 + 16 * run
    foot_y = VANISHING[1] + (GROUND - VANISHING[1]) * scale * (0.86 + 0.12 * run)
    _draw_runner(surface, (foot_x, foot_y), 78.0, run * 9 if run < 1 else 1.2, (226, 60, 66))


def _draw_runner(
    surface: pygame.Surface, foot: tuple[float, float], height: float, phase: float, shirt: Colour
) -> None:
    x, y = foot
    swing = math.sin(phase)

    def at(dx: float, dy: float) -> tuple[int, int]:
        return round((x + dx * height) * 16), round((y - dy * height) * 16)

    with pixels(surface) as image:
        skin, shorts, kit = ink(surface, (226, 176, 136)), ink(surface, (240, 240, 246)), ink(surface, shirt)
        for sign in (-1, 1):
            knee, ankle = (
                at(0.13 * swing * sign + 0.02, 0.26),
                at(0.24 * swing * sign - 0.03, 0.04 + 0.07 * max(0, -swing * sign)),
            )
            cv2.line(image, at(0, 0.48), knee, shorts, 8, cv2.LINE_AA, 4)
            cv2.line(image, knee, ankle, kit, 6, cv2.LINE_AA, 4)
            elbow, hand = at(-0.14 * swing * sign + 0.05 * sign, 0.62), at(-0.2 * swing * sign + 0.08, 0.54)
            cv2.line(image, at(0.05 * sign, 0.78), elbow, kit, 6, cv2.LINE_AA, 4)
            cv2.line(image, elbow, hand, skin, 5, cv2.LINE_AA, 4)
        cv2.line(image, at(0, 0.52), at(0.01, 0.76), kit, 15, cv2.LINE_AA, 4)
        cv2.circle(image, at(0.02, 0.92), round(0.075 * height * 16), skin, -1, cv2.LINE_AA, 4)


def _goal(lanes: int) -> pygame.Surface:
    """Posts and a bar for each lane, with their shadows; the rest is clear."""
    goal = pygame.Surface(STAGE, pygame.SRCALPHA)
    width = STAGE[0] / lanes
    posts = [round(width * i) for i in range(lanes + 1)]
    for x in posts:
        for i in range(-11, 12):
            shade = round(255 * (1 - 0.55 * ((i + 4) / 15) ** 2))
            pygame.draw.line(
                goal,
                (shade, shade, min(255, shade + 6)),
                (min(max(x, 6), 1273) + i, 120),
                (min(max(x, 6), 1273) + i, 706),
            )
    for i in range(-11, 12):
        shade = round(255 * (1 - 0.55 * ((i + 4) / 15) ** 2))
        pygame.draw.line(goal, (shade, shade, min(255, shade + 6)), (0, 128 + i), (1280, 128 + i))
    return goal.convert_alpha()


def _stadium() -> pygame.Surface:
    """Sky, lamps, a crowd and the striped pitch."""
    rng = np.random.default_rng(5)
    image = gradient(
        STAGE,
        [(0, (8, 12, 34)), (0.3, (30, 44, 92)), (0.364, (40, 60, 110)), (0.365, (30, 92, 40)), (1, (48, 150, 62))],
    )
    _seat_crowd(image, rng)
    _mow(image, rng)
    canvas = np.clip(image, 0, 255).astype(np.uint8)
    _mark(canvas)
    soft = cv2.GaussianBlur(canvas, (0, 0), 0.8).astype(np.float32)
    picture = surface_of(vignette(soft, 0.45))
    for x in (90, 400, 880, 1190):
        for dx in (-26, 0, 26):
            add_light(picture, glow(120, (96, 104, 124), 3.0), x + dx, 58)
            add_light(picture, glow(15, (255, 255, 240), 1.0), x + dx, 58)
    return picture


def _seat_crowd(image: Array, rng: np.random.Generator) -> None:
    top, bottom = 120, _HORIZON - 28
    image[top:bottom] = np.array((34, 34, 54), np.float32)
    for y in range(top, bottom, 7):
        for x in range(int(rng.integers(0, 6)), STAGE[0], 7):
            shirt = rng.uniform(50, 200, 3) * (0.45 + 0.5 * (y - top) / (bottom - top))
            at = y + int(rng.integers(-1, 2)), x + int(rng.integers(-2, 2))
            image[at[0] + 2 : at[0] + 6, max(at[1], 0) : at[1] + 5] = shirt
            image[at[0] : at[0] + 2, max(at[1] + 1, 0) : at[1] + 4] = (190, 150, 120)
    image[bottom:_HORIZON] = (22, 30, 70)
    for i, colour in enumerate(((230, 70, 70), (250, 190, 60), (70, 190, 240), (120, 220, 110), (220, 110, 220)) * 3):
        left = 10 + i * 86
        image[bottom + 5 : _HORIZON - 5, left : left + 74] = np.array(colour, np.float32) * 0.8
    image[top - 8 : top] = (70, 76, 100)


def _mow(image: Array, rng: np.random.Generator) -> None:
    """Stripes across the pitch, narrower far away."""
    y = np.arange(_HORIZON + 1, STAGE[1], dtype=np.float32)
    depth = (STAGE[1] - VANISHING[1]) / (y - VANISHING[1])
    stripes = np.where(np.floor(depth * 1.15) % 2 == 0, 1.0, 0.84).astype(np.float32)
    grass = 1 + 0.06 * noise(rng, (STAGE[0], len(y)), (3, 2)) + 0.05 * noise(rng, (STAGE[0], len(y)), (60, 14))
    image[_HORIZON + 1 :] *= (stripes[:, None] * grass)[..., None]


def _mark(canvas: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
    """The lines of the penalty area."""
    white = (226, 240, 226)
    far, near = 316, 640
    cv2.line(canvas, (0, 702), (1280, 702), white, 7, cv2.LINE_AA)
    for sign in (-1, 1):
        cv2.line(canvas, (640 + sign * 250, far), (640 + sign * 900, near + 60), white, 3, cv2.LINE_AA)
    cv2.line(canvas, (390, far), (890, far), white, 2, cv2.LINE_AA)
    cv2.ellipse(canvas, (640, far), (90, 15), 0, 180, 360, white, 2, cv2.LINE_AA)
    cv2.line(canvas, (0, 275), (1280, 275), white, 1, cv2.LINE_AA)
