"""Clothes: how wide a limb is with its cloth on, and the colour of every face of its skin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.actor.looks import Colour, Looks
from models.actor.rotations import Array


@dataclass(frozen=True, slots=True, eq=False)
class Dressed:
    """A tube with cloth on it.

    Attributes
    ----------
    shape : (rings, columns) array
        The table of its rings with the cloth's widths.
    rows : (rings - 1, 3) array
        Colour of each band of faces.
    creases : (rings - 1,) array
        How strongly the folds show.
    pattern : (rings - 1, sides or 1) array or None
        Where the trim's colour shows, 0 to 1.
    """

    shape: Array
    rows: Array
    creases: Array
    pattern: Array | None = None
    trim: Colour = (0.0, 0.0, 0.0)

    def colours(self, sides: int, rng: np.random.Generator) -> Array:
        """The (rings - 1, sides, 4) colours of its faces."""
        base = np.repeat(self.rows[:, None], sides, axis=1)
        if self.pattern is not None:
            base = base + (np.array(self.trim) - base) * self.pattern[..., None]
        tone = 1 + self.creases[:, None] * rng.normal(0, 1, base.shape[:2])
        return np.dstack([base, tone]).astype(np.float32)


def plain(rings: int, sides: int, colour: Colour) -> Array:
    """One colour for all faces of a tube."""
    return np.broadcast_to(np.array((*colour, 1.0), np.float32), (rings - 1, sides, 4))


def folds(colours: Array, rng: np.random.Generator, depth: float) -> Array:
    """The same colours, taking a little more and less light from face to face."""
    tone = colours[..., 3] * (1 + depth * rng.normal(0, 1, colours.shape[:2]))
    return np.dstack([colours[..., :3], tone]).astype(np.float32)


def dress_torso(shape: Array, looks: Looks) -> Dressed:
    """Shirt above the waist, trousers or skirt below it."""
    dressed = shape.copy()
    belly = 1 + (looks.girth - 1) * np.interp(shape[:, 0], (-0.05, 0.08, 0.2, 0.28), (0.8, 1.5, 0.8, 0.3))
    dressed[:, 1] *= belly * (0.94 + 0.06 * looks.size.shoulder / 0.098) * _girdle(shape[:, 0], looks)
    dressed[:, 2] *= belly
    bust = looks.bust * np.exp(-(((shape[:, 0] - 0.205) / 0.03) ** 2))
    dressed[:, 2] += bust / 2
    dressed[:, 3] += bust / 2 + np.maximum(0, belly - 1) * 0.02
    loose = 1 + (looks.looseness - 1) * 0.35 * (shape[:, 0] < 0.25)
    dressed[:, 1:3] *= loose[:, None]
    middle = (shape[1:, 0] + shape[:-1, 0]) / 2
    shirt = (middle > (-0.03 if looks.looseness > 1.12 else 0.025)) | (looks.bottom == "dress")
    rows = np.where(shirt[:, None], looks.top, looks.bottom_colour)
    rows[middle > (0.296 if looks.sleeve > 0.3 else 0.284)] = looks.skin
    return Dressed(
        dressed, rows, np.where(rows[:, 0] == looks.skin[0], 0.0, 0.035), _motif(middle, shirt, looks), looks.trim
    )


def _girdle(height: Array, looks: Looks) -> Array:
    """Wider hips or shoulders widen the trunk there."""
    return np.interp(height, (0.0, 0.08, 0.24), (looks.size.hip / 0.05, 1.0, looks.size.shoulder / 0.098))


def _motif(height: Array, shirt: Array, looks: Looks) -> Array:
    """Where the trim's colour shows: (rings - 1, 16), the first side at the person's right, the fifth in front."""
    band, side = np.meshgrid(np.arange(len(height)), np.arange(16), indexing="ij")
    front = np.minimum(np.abs(side + 0.5 - 4), 16 - np.abs(side + 0.5 - 4))
    motifs = {
        "plain": np.zeros_like(front),
        "stripes": band % 2,
        "checks": ((band % 2) + (side % 2)) / 2,
        "print": (front < 1.6) & (np.abs(height[:, None] - 0.18) < 0.032),
        "yoke": np.repeat(height[:, None] > 0.2, 16, 1),
        "open": front < 1.1,
    }
    return np.asarray(motifs[looks.pattern] * shirt[:, None] * (height[:, None] < 0.29), np.float32)


def dress_arm(shape: Array, looks: Looks) -> Dressed:
    """A sleeve."""
    dressed, rows, cloth = _sleeve(shape, looks, 1 + looks.sleeve, looks.top, 0.7)
    pattern = None
    band = np.arange(len(rows))
    if looks.pattern in ("stripes", "checks"):
        pattern = (band % 2 * cloth * (1.0 if looks.pattern == "stripes" else 0.5))[:, None]
    elif looks.pattern == "yoke":
        pattern = (cloth * (band < 4))[:, None]
    return Dressed(dressed, rows, 0.05 * cloth, pattern, looks.trim)


def dress_leg(shape: Array, looks: Looks) -> Dressed:
    """A trouser leg, or a bare one below a skirt."""
    skirt = looks.bottom in ("skirt", "dress")
    end = looks.leg - 0.2 if skirt else looks.leg
    colour = looks.top if looks.bottom == "dress" else looks.bottom_colour
    dressed, rows, cloth = _sleeve(shape, looks, end, colour, 0.0 if skirt else 1.0)
    if looks.bottom == "trousers":
        dressed[:, 1:] = np.maximum(dressed[:, 1:], 0.019 + 0.03 * (looks.looseness - 1))
        dressed[:2, 1:] = shape[:2, 1:]
    return Dressed(dressed, rows, 0.045 * cloth)


def _sleeve(shape: Array, looks: Looks, end: float, colour: Colour, stretch: float) -> tuple[Array, Array, Array]:
    dressed = shape.copy()
    ends = np.linspace(0, 1, len(shape))[:, None]
    dressed[:, 1:] *= 1 + (looks.girth - 1) * np.interp(ends, (0.6, 1.0), (0.8, 0.2))
    covered = shape[:, 0] <= end
    dressed[covered, 1:] *= 1 + (looks.looseness - 1) * stretch
    cloth = (shape[1:, 0] <= end).astype(np.float32)
    return dressed, np.where(cloth[:, None] > 0, colour, looks.skin), cloth


def dress_skirt(looks: Looks) -> Dressed | None:
    """A skirt's rings: station along the legs, half width beyond the legs' middle, half depth."""
    if looks.bottom not in ("skirt", "dress"):
        return None
    stations = np.linspace(-0.1, looks.leg, 9, dtype=np.float32)
    flare = (looks.looseness - 0.95) * 0.25 * np.clip(stations, 0, 2)
    girth = 1 + (looks.girth - 1) * 0.8
    shape = np.stack([stations, 0.053 * girth + flare, 0.064 * girth + flare], -1).astype(np.float32)
    colour = looks.top if looks.bottom == "dress" else looks.bottom_colour
    return Dressed(shape, np.repeat(np.array([colour]), 8, 0), np.full(8, 0.05))
