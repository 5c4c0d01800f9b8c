"""A head: skull, hair, ears, and a face with eyes, brows, nose and mouth, in parts of the head's half height."""

from __future__ import annotations

import numpy as np

from models.actor.looks import Looks
from models.actor.rotations import Array
from models.actor.skeleton import Skeleton
from models.actor.solid import Faces, Rings
from models.actor.wardrobe import folds, plain
from models.joints import Joint

# Height above the middle, half width, half depth, how far forwards.
_SKULL = np.array([
    (-1.00, 0.01, 0.01, 0.40), (-0.99, 0.14, 0.12, 0.44), (-0.95, 0.32, 0.34, 0.34), (-0.78, 0.46, 0.56, 0.20),
    (-0.55, 0.56, 0.68, 0.10),
    (-0.30, 0.62, 0.76, 0.03), (0.00, 0.655, 0.82, 0.0), (0.28, 0.67, 0.85, -0.02), (0.52, 0.645, 0.82, -0.02),
    (0.74, 0.55, 0.70, -0.03), (0.90, 0.38, 0.48, -0.04), (0.98, 0.19, 0.24, -0.04), (1.00, 0.03, 0.03, -0.04),
], np.float32)  # fmt: skip
_EAR = np.array(
    [(-0.24, 0.02, 0.03), (-0.16, 0.06, 0.10), (0.02, 0.08, 0.14), (0.16, 0.07, 0.13), (0.24, 0.02, 0.04)], np.float32
)
_LOCKS = np.array([
    (0.55, 0.60, 0.30, -0.50), (0.2, 0.76, 0.42, -0.44), (-0.3, 0.82, 0.46, -0.42),
    (-0.9, 0.84, 0.42, -0.44), (-1.5, 0.80, 0.36, -0.48), (-2.0, 0.66, 0.28, -0.50), (-2.15, 0.3, 0.1, -0.5),
], np.float32)  # fmt: skip
_BUN = np.array(
    [
        (0.15, 0.05, 0.05, -0.95),
        (0.25, 0.3, 0.3, -0.98),
        (0.5, 0.4, 0.4, -1.0),
        (0.75, 0.3, 0.3, -0.98),
        (0.85, 0.05, 0.05, -0.95),
    ],
    np.float32,
)
_CORNERS = 8


class HeadShape:
    """The head of one person."""

    def __init__(self, looks: Looks, sides: int) -> None:
        rng = np.random.default_rng(looks.seed + 1)
        self._radius = looks.size.skull * looks.size.height
        self._extra = {"long": _LOCKS, "bun": _BUN}.get(looks.hair_style)
        head = _bearded(looks, sides)
        if looks.hair_style != "bald":
            height, front = _directions(sides)
            head[(height > 0.75) | ((front < -0.4) & (height > 0.2))] = np.nan  # under the hair
        self.colours = [head, plain(len(_EAR), sides, looks.skin), plain(len(_EAR), sides, looks.skin)]
        self._haired = looks.hair_style != "bald"
        if self._haired:
            self.colours.append(_hairdo(looks, sides, rng))
        if self._extra is not None:
            self.colours.append(folds(plain(len(self._extra), sides, looks.hair), rng, 0.10))
        self._features = _features(looks, rng)

    def rings(self, body: Skeleton) -> list[Rings]:
        """Skull, ears and hair, in the order of `colours`."""
        parts = [self._place(body, _SKULL)]
        for sign in (-1, 1):
            shape = np.concatenate([_EAR, np.full((len(_EAR), 1), -0.1, np.float32)], 1)
            parts.append(self._place(body, shape, sign * 0.66))
        if self._haired:
            shape = _SKULL.copy()
            shape[:, 1] = shape[:, 1] * 1.02 + 0.015 + 0.03 * (_SKULL[:, 0] > 0.4)
            shape[:, 2] = shape[:, 2] * 1.05 + 0.03
            shape[:, 3] -= 0.03
            shape[:, 0] = shape[:, 0] * 1.07 + 0.01
            parts.append(self._place(body, shape))
        if self._extra is not None:
            parts.append(self._place(body, self._extra))
        return parts

    def _place(self, body: Skeleton, shape: Array, aside: float = 0.0) -> Rings:
        frame = body.frames["head"] * self._radius
        right, up, front = frame[:, 0], frame[:, 1], -frame[:, 2]
        centres = body.positions[Joint.HEAD] + shape[:, :1] * up + shape[:, 3:] * front + aside * right
        return Rings(centres, shape[:, 1:2] * right, shape[:, 2:3] * front)

    def features(self, body: Skeleton) -> Faces:
        """Eyes, brows, nose, mouth and glasses."""
        corners, colours, lift = self._features
        frame = body.frames["head"] * self._radius
        return Faces((corners @ frame.T + body.positions[Joint.HEAD]).astype(np.float32), colours, lift)


def _directions(sides: int) -> tuple[Array, Array]:
    """For each face of the skull its height (rings - 1, 1) and how far it looks forwards (1, sides), -1 to 1."""
    height = (_SKULL[1:, 0] + _SKULL[:-1, 0])[:, None] / 2
    front = np.sin((np.arange(sides) + 0.5) * 2 * np.pi / sides)[None]
    return height, front


def _bearded(looks: Looks, sides: int) -> Array:
    colours: Array = plain(len(_SKULL), sides, looks.skin)
    height, front = _directions(sides)
    cheek = np.exp(-(((height + 0.25) / 0.2) ** 2)) * np.exp(-(((front - 0.75) / 0.25) ** 2))
    colours = colours * (1 + cheek[..., None] * (-0.05, -0.05, 0.04, 0))
    if looks.beard:
        colours[(height < -0.35) & (front > -0.3), :3] = 0.5 * np.array(looks.hair) + 0.3 * np.array(looks.skin)
    return np.asarray(np.clip(colours, 0, 255))


def _hairdo(looks: Looks, sides: int, rng: np.random.Generator) -> Array:
    height, front = _directions(sides)
    fringe = 0.52 if looks.seed % 3 else 0.36
    low = -0.6 if looks.hair_style in ("long", "bun") else -0.35
    covered = (height > fringe) | ((front < 0.45) & (height > 0.1)) | ((front < 0.1) & (height > low))
    colours = folds(np.array(plain(len(_SKULL), sides, looks.hair)), rng, 0.08)
    if looks.hair_style == "cap":
        colours[(height > 0.3).repeat(sides, 1), :3] = looks.trim
    colours[~covered] = np.nan
    return colours


def _surface(points: Array, lift: float) -> Array:
    """Points (n, 3) in the head's frame that lie on the front of the skull at x, y (n, 2)."""
    width, depth, forward = (np.interp(points[:, 1], _SKULL[:, 0], _SKULL[:, i]) for i in (1, 2, 3))
    reach = forward + depth * np.sqrt(np.maximum(0.0, 1 - (points[:, 0] / width) ** 2)) + lift
    return np.column_stack([points, -reach]).astype(np.float32)


def _patch(x: float, y: float, width: float, height: float, tilt: float = 0.0, lift: float = 0.01) -> Array:
    """An ellipse painted upon the face, anticlockwise seen from the front, where the person's right is at the left."""
    angle = -np.arange(_CORNERS) * 2 * np.pi / _CORNERS
    flat = np.stack([x + width * np.cos(angle), y + height * np.sin(angle) + tilt * np.cos(angle)], -1)
    return _surface(flat, lift)


def _features(looks: Looks, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    skin, hair = np.array(looks.skin), np.array(looks.hair) * 0.7
    iris = np.array([(60, 40, 30), (120, 90, 50), (70, 90, 60), (35, 50, 80)][rng.integers(4)], float)
    patches: list[tuple[Array, Array, float]] = []
    for sign in (-1.0, 1.0):
        x = sign * 0.27
        patches.append((_patch(x, 0.08, 0.14, 0.10), skin * 0.82, 0.030))
        patches.append((_patch(x, 0.08, 0.115, 0.062), np.array((225.0, 228, 230)), 0.034))
        patches.append((_patch(x, 0.08, 0.056, 0.058), iris, 0.036))
        patches.append((_patch(x, 0.08, 0.028, 0.030), np.array((15.0, 15, 15)), 0.038))
        patches.append((_patch(x, 0.255, 0.15, 0.028, sign * 0.012), hair, 0.036))
        if looks.glasses:
            patches.append((_patch(x, 0.07, 0.2, 0.16, lift=0.05), np.array((30.0, 30, 32)), 0.020))
            patches.append((_patch(x, 0.07, 0.17, 0.13, lift=0.05), skin * 0.95 + 8, 0.021))
    smile = float(rng.uniform(0.0, 0.04))
    patches.append((_patch(0.0, -0.50, 0.20, 0.050 + smile / 3), skin * (0.62, 0.62, 0.88), 0.034))
    patches.append((_patch(0.0, -0.50, 0.18, 0.010), skin * 0.42, 0.036))
    patches.extend(_nose(skin))
    corners, colours, lifts = zip(*patches, strict=True)
    paints = np.column_stack([np.clip(np.stack(colours), 0, 255), np.ones(len(colours))]).astype(np.float32)
    return np.stack(corners), paints, np.array(lifts, np.float32)


def _nose(skin: Array) -> list[tuple[Array, Array, float]]:
    """Two sides and an underside that meet in the tip."""
    bridge, tip = np.array((0.0, 0.10, -0.84)), np.array((0.0, -0.20, -1.02))
    under = np.array((0.0, -0.28, -0.84))
    faces = []
    for sign in (-1.0, 1.0):
        wing = np.array((sign * 0.13, -0.24, -0.80))
        side = (bridge, wing, tip) if sign > 0 else (bridge, tip, wing)
        below = (tip, wing, under) if sign > 0 else (tip, under, wing)
        faces.append((_padded(side), skin * 0.98, 0.04))
        faces.append((_padded(below), skin * 0.84, 0.04))
    return faces


def _padded(points: tuple[Array, ...]) -> Array:
    """A triangle as eight corners of which the first, second and fourth differ."""
    a, b, c = points
    return np.array([a, b, b, c, c, c, c, c], np.float32)
