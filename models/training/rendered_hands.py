"""Render hands whose state is known: any person's, from any side, with a sleeve, and at times around something.

Directions are the camera's: x to the right, y down, z away from it. Metres, and colours in blue, green, red.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.actor.rotations import Array, about, rotation
from models.body import ByteArray, FloatArray
from models.hand_files import CANNOT_TELL
from models.hands import PALM
from models.orientation import unit
from models.training.hand_poses import random_pose
from models.training.hand_rig import LANDMARKS, PALM_SIDE, HandRig

SIDE = 112
"""Pixels of a picture, which is 4.2 palms wide and high."""

_SCALE = 2  # a picture is drawn so many times as large
_SHIFT = 4
_KNUCKLES, _MIDDLES = (6, 11, 16, 21), (7, 12, 17, 22)
_PIECES = 6  # of an arm or a rod
_FOREARM = np.array([0.0, 0.25, 0.0])


@dataclass(frozen=True, slots=True, eq=False)
class RenderedHand:
    """A hand, cut out.

    Attributes
    ----------
    image : (height, width, 4) uint8 array
        Blue, green, red, and how much of a pixel is covered.
    landmarks : (21, 2) float32 array
        Pixels, in the order of MediaPipe Hands.
    state : str
        One of `models.hand_files.NAMES`, or ``CANNOT_TELL``.
    """

    image: ByteArray
    landmarks: FloatArray
    state: str


@dataclass(frozen=True, slots=True, eq=False)
class _Solid:
    """Vertices (n, 3), triangles (m, 3) whose corners run counterclockwise seen from outside, and a colour (3,)."""

    vertices: Array
    triangles: npt.NDArray[np.intp]
    colour: Array


def rendered_hands(states: list[str], seed: int) -> Iterator[RenderedHand]:
    """A hand in each of the ``states``."""
    rng, rig = np.random.default_rng(seed), HandRig()
    for state in states:
        yield rendered_hand(rig, state, rng)


def rendered_hand(rig: HandRig, state: str, rng: np.random.Generator) -> RenderedHand:
    """One hand in some pose of a ``state``, upright but for what the wrist is bent."""
    vertices, joints = rig.posed(random_pose(state, rng))
    skin = _skin(rng)
    turn = _seen_from(joints, rng)
    there = np.array([0, 0, rng.uniform(0.6, 3.0)]) - turn @ (joints[0] + joints[_KNUCKLES[1]]) / 2
    focal = SIDE / (4.2 * PALM) * there[2]
    solids = [_Solid(vertices, rig.triangles, skin), *_arm(joints[0], skin, rng), *_held(joints, state, rng)]
    seen = [_Solid(s.vertices @ turn.T + there, s.triangles, s.colour) for s in solids]
    landmarks = _pixels(joints[list(LANDMARKS)] @ turn.T + there, focal)
    return RenderedHand(_drawn(seen, focal, rng), np.asarray(landmarks, np.float32), state)


def _pixels(points: Array, focal: float) -> Array:
    """Where points (n, 3) of the camera's space are seen, (n, 2)."""
    return np.asarray(points[:, :2] / points[:, 2:] * focal + np.array([0.5, 0.56]) * SIDE)


def _seen_from(joints: Array, rng: np.random.Generator) -> Array:
    """A rotation (3, 3) from the rig to the camera; most hands do not point straight at it or away."""
    while True:
        turn = _any_turn(rng)
        x, y, z = turn @ (joints[list(_KNUCKLES)].mean(0) - joints[0])
        if abs(z) < rng.uniform(0.35, 0.9) * math.sqrt(x * x + y * y + z * z):
            return np.asarray(about(2, -math.atan2(x, -y)) @ turn)


def _arm(wrist: Array, skin: Array, rng: np.random.Generator) -> list[_Solid]:
    """A forearm, bent at the wrist, with a sleeve, a bracelet or nothing."""
    bend = np.array([rng.normal(0, 0.1), 0, rng.normal(0, 0.45)])
    along = np.asarray(rotation(bend), np.float64) @ _FOREARM
    draw = rng.random()
    sleeve = rng.uniform(-0.05, 0.4) if draw < 0.7 else 1.0
    bare = min(1.0, max(sleeve, 0.0) + 0.05)
    arm = [_tube(wrist - 0.05 * along, wrist + bare * along, 0.0255, 0.0255 + 0.0105 * bare, skin)]
    if draw < 0.7:
        wide = rng.uniform(1.15, 1.7)
        arm.append(_tube(wrist + sleeve * along, wrist + 1.1 * along, 0.027 * wide, 0.038 * wide, _cloth(rng)))
    elif draw < 0.8:
        at, wide = rng.uniform(0, 0.16), rng.uniform(0.02, 0.08)
        arm.append(_tube(wrist + at * along, wrist + (at + wide) * along, 0.029, 0.029, _cloth(rng)))
    return arm


def _held(joints: Array, state: str, rng: np.random.Generator) -> list[_Solid]:
    """What some closed hands hold: a rod, something flat, or two straps that meet in the fist."""
    if rng.random() > {"closed": 0.55, CANNOT_TELL: 0.2}.get(state, 0.0):
        return []
    knuckles, middles = joints[list(_KNUCKLES)], joints[list(_MIDDLES)]
    inside = (knuckles.mean(0) + middles.mean(0)) / 2 + 0.012 * PALM_SIDE + np.array([0, 0.012, 0])
    across = unit(knuckles[0] - knuckles[-1] + rng.normal(0, 0.01, 3))
    colour, draw = _cloth(rng), rng.random()
    if draw < 0.7:
        turned = about(0, rng.normal(0, 0.6)) @ across
        back, forth = (0.05 + rng.choice([0.0, 0.05, 0.2, 0.3], 2))[:, None] * turned
        if draw < 0.45:
            radius = rng.uniform(0.003, 0.022)
            return [_tube(inside - back, inside + forth, radius, radius * rng.uniform(0.6, 1.4), colour)]
        wide, thick = rng.uniform(0.02, 0.05), rng.uniform(0.003, 0.012)
        return [_tube(inside - back, inside + forth, wide, wide, colour, 4, thick / wide)]
    radius = rng.uniform(0.003, 0.006)
    away = np.array([rng.normal(0, 0.3), -1, rng.normal(0, 0.3)]) * 0.3
    apart = rng.uniform(0, 0.12, 2) * (-1, 1)
    starts = (inside + side * 0.03 * across for side in (-1, 1))
    return [
        _tube(start, inside + away + side * across, radius, radius, colour)
        for start, side in zip(starts, apart, strict=True)
    ]


def _tube(
    start: Array, end: Array, first: float, last: float, colour: Array, corners: int = 14, flat: float = 0.75
) -> _Solid:
    """A closed cone from radius ``first`` to ``last``, round with so many ``corners``, ``flat`` as an arm is."""
    along = unit(end - start)
    wide = unit(np.cross(along, PALM_SIDE + np.array([0, 0.01, 0.02])))
    thick = flat * np.cross(along, wide)
    angles = np.linspace(0, 2 * math.pi, corners, endpoint=False)[:, None]
    ring = np.cos(angles) * wide + np.sin(angles) * thick
    # short pieces: what is nearer is decided for each triangle as a whole
    way = np.linspace(0, 1, _PIECES + 1)[:, None, None]
    rings = start + way * (end - start) + (first + way * (last - first)) * ring
    here = np.arange(corners) + corners * np.arange(_PIECES)[:, None]
    after = (np.arange(corners) + 1) % corners + corners * np.arange(_PIECES)[:, None]
    tips = np.full(corners, rings.shape[0] * corners)
    triangles = [
        (here.ravel(), after.ravel(), here.ravel() + corners),
        (after.ravel(), after.ravel() + corners, here.ravel() + corners),
        (after[0], here[0], tips), (here[-1] + corners, after[-1] + corners, tips + 1),
    ]  # fmt: skip
    vertices = np.concatenate([rings.reshape(-1, 3), [start], [end]])
    return _Solid(vertices, np.concatenate([np.stack(t, 1) for t in triangles]), colour)


def _drawn(solids: list[_Solid], focal: float, rng: np.random.Generator) -> ByteArray:
    """The ``solids`` (camera space) in some light, (height, width, 4): the farthest triangle first."""
    light, gloss = _light(rng), rng.uniform(0, 0.25)
    ambient, direct = rng.uniform(0.35, 0.75), rng.uniform(0.3, 0.8)
    half = unit(light + np.array([0, 0, -1]))
    corners, values = [], []
    for solid in solids:
        points, triangles = solid.vertices, solid.triangles
        faces = points[triangles]
        across = np.cross(faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0])
        seen = np.einsum("fa,fa->f", across, faces[:, 0]) < 0
        normals = _normals(across, triangles, len(points))
        bright = ambient + direct * np.clip(normals @ light, 0, 1)
        lit = solid.colour * bright[:, None] + 255 * gloss * np.clip(normals @ half, 0, 1)[:, None] ** 18
        corners.append(_pixels(points, focal)[triangles[seen]])
        values.append(np.column_stack([lit[triangles[seen]].mean(1), faces[seen, :, 2].mean(1)]))
    sheet = np.zeros((_SCALE * SIDE, _SCALE * SIDE, 4), np.float32)
    polygons = np.round((np.concatenate(corners) * _SCALE - 0.5) * (1 << _SHIFT)).astype(np.int32)
    colours = np.concatenate(values)
    rows = colours.tolist()
    for i in np.argsort(-colours[:, 3]).tolist():
        cv2.fillConvexPoly(sheet, polygons[i], rows[i], cv2.LINE_8, _SHIFT)
    return _cut_out(sheet, rng.uniform(0.3, 0.7))


def _normals(across: Array, triangles: npt.NDArray[np.intp], count: int) -> Array:
    """Unit normals (count, 3) of vertices, as their triangles' are on average."""
    normals = np.zeros((count, 3))
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], across)
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12))


def _cut_out(sheet: FloatArray, dark: float) -> ByteArray:
    """A ``sheet`` of colours and depths, with folds that are ``dark``, and how much of each pixel is covered."""
    depth = sheet[..., 3]
    covered = (depth > 0).astype(np.float32)
    filled = np.where(depth > 0, depth, depth.max() + 0.03)
    folds = np.zeros_like(depth)
    for reach, weight in ((3, 1.0), (8, 0.7)):  # what lies deeper than what is beside it gets less light
        folds += weight * np.clip((filled - cv2.GaussianBlur(filled, (0, 0), reach)) / 0.02, 0, 1)
    lit = np.clip(sheet[..., :3] * (1 - np.clip(dark * folds, 0, 0.75))[..., None], 0, 255)
    small = cv2.resize(np.dstack([lit * covered[..., None], covered]), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    colours = small[..., :3] / np.maximum(small[..., 3:], 1e-3)
    return np.dstack([colours, 255 * small[..., 3:]]).astype(np.uint8)


def _light(rng: np.random.Generator) -> Array:
    """Where light comes from: mostly from above, and from where the camera is."""
    return unit(np.asarray(rng.normal((0, -0.8, -0.6), 1)))


def _any_turn(rng: np.random.Generator) -> Array:
    """A rotation (3, 3), each as likely as any other: a random quaternion's (Shoemake, 1992)."""
    *axis, real = rng.normal(size=4)
    length = float(np.linalg.norm(axis))
    angle = 2 * math.atan2(length, abs(real))
    return np.asarray(rotation(np.array(axis, np.float32) * np.float32(angle / length)), np.float64)


def _skin(rng: np.random.Generator) -> Array:
    """Any skin's colour, or now and then a glove's."""
    if rng.random() < 0.04:
        return _cloth(rng)
    return _colour(rng.uniform(2, 16), rng.uniform(45, 165), rng.uniform(90, 245))


def _cloth(rng: np.random.Generator) -> Array:
    return _colour(rng.uniform(0, 180), 255 * rng.random() * rng.random(), rng.uniform(10, 250))


def _colour(hue: float, saturation: float, value: float) -> Array:
    """Blue, green, red (3,) of OpenCV's hue, saturation and value."""
    pixel = np.array([[[hue, saturation, value]]], np.uint8)
    return np.asarray(cv2.cvtColor(pixel, cv2.COLOR_HSV2BGR)[0, 0], np.float64)
