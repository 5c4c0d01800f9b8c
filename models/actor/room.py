"""A room for actors to stand in: walls with window, pictures and skirting, a floor in perspective, and furniture.

World space as in `models.actor.skeleton`, with the camera over the origin. The room is a box; each pixel's ray
meets one of its six sides, whose paint is an ordinary flat picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from models.actor.rotations import Array
from models.body import ByteArray
from models.camera import PinholeCamera

_DENSITY = 72  # pixels of wall paint in a metre


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Where a camera is in the world.

    Attributes
    ----------
    turn : (3, 3) float32 array
        From world axes to camera axes.
    shift : (3,) float32 array
        The world's origin in camera space, in metres.
    """

    turn: Array
    shift: Array


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """A painted box.

    Attributes
    ----------
    low, high : (3,) float array
        Opposite corners in the world, in metres.
    sides : tuple of ByteArray
        Paint of the sides x low, x high, y low (floor), y high (ceiling), z low, z high (behind the actors).
    """

    low: Array
    high: Array
    sides: tuple[ByteArray, ...]

    def around(self, point: Array) -> Room:
        """The same room, widened if need be so that ``point`` (3,) in the world is inside."""
        gap = np.minimum(0, point - 0.3 - self.low) + np.maximum(0, point + 0.3 - self.high)
        low, high = self.low + np.minimum(0, gap), self.high + np.maximum(0, gap)
        low[1] = min(0.0, float(point[1]) - 0.1)
        return Room(low, high, self.sides)

    def picture(self, camera: PinholeCamera, view: View, size: tuple[int, int]) -> ByteArray:
        """The empty room as the camera sees it, (height, width, 3)."""
        origin = -view.turn.T @ view.shift
        right = (camera.centre_u - np.arange(size[0], dtype=np.float32) - 0.5) / camera.focal
        up = (camera.centre_v - np.arange(size[1], dtype=np.float32)[:, None] - 0.5) / camera.focal
        rays = [right * view.turn[0, i] + up * view.turn[1, i] + (view.turn[2, i] + 1e-7) for i in range(3)]
        # Where each ray leaves the slab between a side and its opposite; the nearest of the three is where it ends.
        reach = [np.where(r > 0, self.high[i] - origin[i], self.low[i] - origin[i]) / r for i, r in enumerate(rays)]
        nearest = np.minimum(np.minimum(reach[0], reach[1]), reach[2])
        image = np.zeros((size[1], size[0], 3), np.uint8)
        for side, paint in enumerate(self.sides):
            axis = side // 2
            here = (reach[axis] == nearest) & ((rays[axis] > 0) == side % 2)
            if here.any():
                across, along = ((2, 1), (0, 2), (0, 1))[axis]
                x = (origin[across] + rays[across] * nearest - self.low[across]) * _DENSITY
                y = (self.high[along] - origin[along] - rays[along] * nearest) * _DENSITY
                painted = cv2.remap(
                    paint, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
                )
                cv2.copyTo(painted, here.view(np.uint8), image)
        return image


def random_room(rng: np.random.Generator, depth: float | None = None) -> Room:
    """A room whose size, colours and things are drawn at random."""
    high = np.array([rng.uniform(2.2, 3.6), rng.uniform(2.4, 2.9), depth or rng.uniform(3.9, 5.2)])
    low = np.array([-rng.uniform(2.2, 3.6), 0.0, -1.2])
    tone = rng.uniform(120, 225)
    colour = np.clip(tone + rng.normal(0, 12, 3), 60, 240).astype(np.float32)
    extent = high - low
    walls = [_wall(rng, extent[2], extent[1], np.float32(shade) * colour) for shade in (0.86, 0.93)]
    back = _wall(rng, extent[0], extent[1], colour, furnished=True)
    ceiling = _plain(extent[0], extent[2], np.full(3, 232.0))
    return Room(low, high, (walls[0], walls[1], _floor(rng, extent[0], extent[2]), ceiling, walls[0], back))


def _plain(width: float, height: float, colour: Array) -> ByteArray:
    shape = (int(height * _DENSITY) + 1, int(width * _DENSITY) + 1, 3)
    return np.broadcast_to(np.clip(colour, 0, 255).astype(np.uint8), shape).copy()


def _lit(paint: ByteArray, rng: np.random.Generator, strength: float = 0.25) -> ByteArray:
    """Uneven light, as from one lamp, and a little grain."""
    h, w = paint.shape[:2]
    x, y = np.meshgrid(np.linspace(-1, 1, w, dtype=np.float32), np.linspace(-1, 1, h, dtype=np.float32))
    cx, cy = rng.uniform(-1, 1), rng.uniform(-1, 0.2)
    light = 1.08 - strength * ((x - cx) ** 2 * 0.5 + (y - cy) ** 2 * 0.6)
    grain = cv2.resize(rng.normal(0, 0.02, (h // 3 + 1, w // 3 + 1)).astype(np.float32), (w, h))
    return np.clip(paint * (light + grain)[..., None], 0, 255).astype(np.uint8)


def _floor(rng: np.random.Generator, width: float, depth: float) -> ByteArray:
    """Boards, tiles or carpet."""
    base = np.array(
        [(70, 105, 150), (95, 130, 170), (60, 80, 105), (130, 135, 140), (110, 100, 95)][rng.integers(5)], float
    )
    paint = _plain(width, depth, base)
    h, w = paint.shape[:2]
    kind = rng.integers(3)
    if kind == 0:
        board = _DENSITY // 7
        for row in range(0, w, board):
            start = int(rng.integers(-60, 0))
            while start < h:
                length = int(rng.integers(70, 130))
                shade = base * rng.normal(1, 0.07)
                cv2.rectangle(paint, (row, start), (row + board, start + length), shade.tolist(), -1)
                cv2.rectangle(paint, (row, start), (row + board, start + length), (base * 0.72).tolist(), 1)
                start += length
    elif kind == 1:
        tile = _DENSITY // 2
        for i, y in enumerate(range(0, h, tile)):
            for j, x in enumerate(range(0, w, tile)):
                shade = base * (1.0 if (i + j) % 2 else 0.88) * rng.normal(1, 0.02)
                cv2.rectangle(paint, (x, y), (x + tile - 2, y + tile - 2), np.clip(shade, 0, 255).tolist(), -1)
    else:
        paint = np.clip(paint + rng.normal(0, 7, (h, w, 1)), 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        _rug(paint, rng)
    return _lit(paint, rng, 0.3)


def _rug(paint: ByteArray, rng: np.random.Generator) -> None:
    h, w = paint.shape[:2]
    centre = (int(w * rng.uniform(0.4, 0.6)), int(h * rng.uniform(0.25, 0.5)))
    axes = (int(_DENSITY * rng.uniform(0.8, 1.5)), int(_DENSITY * rng.uniform(0.6, 1.0)))
    colours = rng.uniform(60, 200, (3, 3))
    for scale, colour in zip((1.0, 0.88, 0.6), colours, strict=True):
        size = (int(axes[0] * scale), int(axes[1] * scale))
        cv2.ellipse(paint, centre, size, 0, 0, 360, colour.tolist(), -1, cv2.LINE_AA)


def _wall(rng: np.random.Generator, width: float, height: float, colour: Array, furnished: bool = False) -> ByteArray:
    paint = _plain(width, height, colour)
    h, w = paint.shape[:2]
    if rng.random() < 0.35:
        step = int(rng.integers(10, 30))
        for x in range(0, w, 2 * step):
            cv2.rectangle(paint, (x, 0), (x + step, h), np.clip(colour * 0.95, 0, 255).tolist(), -1)
    things = [_window, _painting, _shelf, _door, _painting, _clock]
    x = int(rng.uniform(0.1, 0.5) * _DENSITY)
    while x < w - _DENSITY:
        thing = things[rng.integers(len(things))]
        x += thing(paint, x, rng) + int(rng.uniform(0.15, 0.8) * _DENSITY)
    cv2.rectangle(paint, (0, h - _DENSITY // 9), (w, h), np.clip(colour * 1.12, 0, 250).tolist(), -1)
    cv2.line(paint, (0, h - _DENSITY // 9), (w, h - _DENSITY // 9), (colour * 0.75).tolist(), 1)
    if furnished and rng.random() < 0.7:
        _sofa(paint, rng)
    return _lit(paint, rng)


def _window(paint: ByteArray, x: int, rng: np.random.Generator) -> int:
    h = paint.shape[0]
    width, top, bottom = int(rng.uniform(0.9, 1.5) * _DENSITY), int(h * 0.16), int(h * 0.62)
    sky = np.linspace((250, 225, 190), (215, 235, 235), bottom - top)[:, None].astype(np.uint8)
    pane = np.ascontiguousarray(np.broadcast_to(sky, (bottom - top, width, 3)))
    for _ in range(6):
        centre = (int(rng.integers(width)), int((bottom - top) * rng.uniform(0.8, 1.0)))
        green = (60, int(rng.integers(100, 160)), 80)
        cv2.circle(pane, centre, int(rng.integers(10, 26)), green, -1, cv2.LINE_AA)
    pane = pane[:, : max(0, paint.shape[1] - x)]
    paint[top:bottom, x : x + width] = pane
    frame = (240, 243, 245)
    cv2.rectangle(paint, (x, top), (x + width, bottom), frame, 5)
    cv2.line(paint, (x + width // 2, top), (x + width // 2, bottom), frame, 4)
    cv2.line(paint, (x, (top + bottom) // 2), (x + width, (top + bottom) // 2), frame, 3)
    curtain = rng.uniform(90, 210, 3)
    for edge in (x - 12, x + width - 6):
        for fold in range(3):
            shade = (curtain * (0.85 + 0.1 * fold)).tolist()
            cv2.rectangle(paint, (edge + 6 * fold, top - 8), (edge + 6 * fold + 6, bottom + 20), shade, -1)
    return width


def _painting(paint: ByteArray, x: int, rng: np.random.Generator) -> int:
    h = paint.shape[0]
    width, tall = (int(v * _DENSITY) for v in rng.uniform(0.35, 0.8, 2))
    top = int(h * rng.uniform(0.2, 0.35))
    cv2.rectangle(paint, (x - 3, top - 3), (x + width + 3, top + tall + 3), rng.uniform(20, 110, 3).tolist(), -1)
    cv2.rectangle(paint, (x, top), (x + width, top + tall), rng.uniform(60, 240, 3).tolist(), -1)
    for _ in range(4):
        corners = np.stack([x + rng.integers(0, width, 3), top + rng.integers(0, tall, 3)], -1).astype(np.int32)
        cv2.fillConvexPoly(paint, corners, rng.uniform(30, 250, 3).tolist(), cv2.LINE_AA)
    return width


def _shelf(paint: ByteArray, x: int, rng: np.random.Generator) -> int:
    h = paint.shape[0]
    width, top = int(rng.uniform(0.7, 1.2) * _DENSITY), int(h * rng.uniform(0.2, 0.45))
    wood = np.array((70, 110, 160)) * rng.uniform(0.4, 1.2)
    cv2.rectangle(paint, (x, top), (x + width, h), wood.tolist(), -1)
    rows = max(2, (h - top) // 26)
    for row in range(rows):
        y1, y2 = top + 3 + (h - top) * row // rows, top + (h - top) * (row + 1) // rows - 2
        cv2.rectangle(paint, (x + 3, y1), (x + width - 3, y2), (wood * 0.45).tolist(), -1)
        book = x + 4
        while book < x + width - 9:
            thick, tall = int(rng.integers(3, 8)), int((y2 - y1) * rng.uniform(0.6, 0.95))
            cv2.rectangle(paint, (book, y2 - tall), (book + thick, y2), rng.uniform(30, 220, 3).tolist(), -1)
            book += thick + 1 + int(rng.random() < 0.1) * 8
    return width


def _door(paint: ByteArray, x: int, rng: np.random.Generator) -> int:
    h = paint.shape[0]
    width, top = int(0.85 * _DENSITY), h - int(2.05 * _DENSITY)
    colour = np.array((215, 222, 228)) * rng.uniform(0.5, 1.05)
    cv2.rectangle(paint, (x, top), (x + width, h), np.clip(colour, 0, 250).tolist(), -1)
    cv2.rectangle(paint, (x, top), (x + width, h), (colour * 0.7).tolist(), 3)
    for y1, y2 in ((0.08, 0.45), (0.52, 0.92)):
        corner = (x + width - 12, int(top + (h - top) * y2))
        cv2.rectangle(paint, (x + 12, int(top + (h - top) * y1)), corner, (colour * 0.86).tolist(), 2)
    cv2.circle(paint, (x + width - 8, (top + h) // 2), 3, (60, 140, 170), -1, cv2.LINE_AA)
    return width


def _clock(paint: ByteArray, x: int, rng: np.random.Generator) -> int:
    centre, radius = (x + 14, int(paint.shape[0] * 0.25)), 13
    cv2.circle(paint, centre, radius, rng.uniform(20, 120, 3).tolist(), -1, cv2.LINE_AA)
    cv2.circle(paint, centre, radius - 2, (240, 240, 240), -1, cv2.LINE_AA)
    for angle, length in ((rng.uniform(0, 6.28), 6), (rng.uniform(0, 6.28), 9)):
        tip = (int(centre[0] + length * np.cos(angle)), int(centre[1] + length * np.sin(angle)))
        cv2.line(paint, centre, tip, (20, 20, 20), 1, cv2.LINE_AA)
    return 2 * radius


def _sofa(paint: ByteArray, rng: np.random.Generator) -> None:
    """A sofa against the wall, seen from the front."""
    h, w = paint.shape[:2]
    width, x = int(rng.uniform(1.4, 2.1) * _DENSITY), int(rng.uniform(0.1, 0.6) * w)
    colour = rng.uniform(50, 190, 3)
    back, seat = h - int(0.8 * _DENSITY), h - int(0.42 * _DENSITY)
    cv2.rectangle(paint, (x, back), (x + width, h - 6), (colour * 0.85).tolist(), -1)
    for i in range(3):
        left, right = x + 14 + (width - 28) * i // 3, x + 14 + (width - 28) * (i + 1) // 3 - 2
        cv2.rectangle(paint, (left, back + 5), (right, seat), colour.tolist(), -1)
        cv2.rectangle(paint, (left, seat + 2), (right, seat + 14), np.clip(colour * 1.12, 0, 255).tolist(), -1)
    for left in (x, x + width - 14):
        cv2.rectangle(paint, (left, back + 16), (left + 14, h - 4), (colour * 0.95).tolist(), -1)
