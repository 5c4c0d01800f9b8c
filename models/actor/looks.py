"""How a person looks: build, skin, hair and clothes, drawn at random.

Colours are blue, green, red.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from models.actor.skeleton import Proportions

T = TypeVar("T")
Colour = tuple[float, float, float]
Hair = Literal["bald", "short", "long", "bun", "cap"]
Pattern = Literal["plain", "stripes", "checks", "print", "yoke", "open"]
Bottom = Literal["trousers", "shorts", "skirt", "dress"]

_SKINS: tuple[Colour, ...] = (
    (180, 205, 240), (160, 190, 235), (140, 175, 225), (125, 160, 212), (105, 145, 200),
    (85, 120, 175), (65, 98, 150), (50, 76, 122), (40, 60, 98), (32, 46, 76),
)  # fmt: skip
_HAIRS: tuple[Colour, ...] = (
    (25, 25, 28), (30, 38, 50), (32, 50, 80), (40, 70, 115), (90, 150, 200), (60, 90, 160),
    (150, 155, 160), (205, 208, 212),
)  # fmt: skip
_CLOTHS: tuple[Colour, ...] = (
    (235, 235, 235), (40, 40, 44), (120, 70, 40), (170, 110, 50), (60, 60, 180), (50, 50, 130),
    (70, 140, 70), (60, 90, 50),
    (60, 170, 210), (70, 200, 225), (150, 120, 190), (130, 130, 130), (190, 180, 120), (90, 110, 150), (140, 80, 120),
    (80, 130, 225),
)  # fmt: skip
_TROUSERS: tuple[Colour, ...] = (
    (110, 75, 45), (85, 55, 35), (45, 42, 40), (70, 70, 72), (110, 130, 150), (140, 160, 175),
    (60, 75, 60), (150, 115, 80),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Looks:
    """One person's appearance.

    Attributes
    ----------
    size : Proportions
    girth : float
        1 for an average build.
    bust : float
        Extra depth of the chest, in parts of the height.
    sleeve, leg : float
        Where the cloth ends: 0 at the shoulder or hip, 1 at the elbow or knee, 2 at the wrist or ankle.
    looseness : float
        How much wider than the limb its cloth is.
    seed : int
        For the folds of the cloth.
    """

    size: Proportions
    girth: float
    bust: float
    skin: Colour
    hair: Colour
    hair_style: Hair
    beard: bool
    glasses: bool
    top: Colour
    trim: Colour
    pattern: Pattern
    sleeve: float
    bottom: Bottom
    bottom_colour: Colour
    leg: float
    looseness: float
    shoes: Colour
    seed: int


def random_looks(rng: np.random.Generator, child: float = 0.15) -> Looks:
    """Anyone: children with probability ``child``, women and men, slight and heavy."""
    woman = rng.random() < 0.5
    young = rng.random() < child
    height = rng.uniform(1.1, 1.5) if young else rng.normal(1.66 if woman else 1.78, 0.07)
    bottom: Bottom = _one_of(rng, ("trousers", "shorts", "skirt", "dress"), (5, 2, 2 * woman, 2 * woman))
    return Looks(
        size=_proportions(rng, float(np.clip(height, 1.1, 2.0)), woman, young),
        girth=float(np.clip(rng.normal(1.0, 0.12), 0.82, 1.4)),
        bust=float(rng.uniform(0.006, 0.016)) if woman and not young else 0.0,
        skin=_tinted(rng, _SKINS, 6),
        hair=_tinted(rng, _HAIRS, 8),
        hair_style=_one_of(
            rng, ("bald", "short", "long", "bun", "cap"), (0.7 * (not woman), 3, 4 * woman, 1.5 * woman, 0.8)
        ),
        beard=not woman and not young and rng.random() < 0.3,
        glasses=rng.random() < 0.2,
        top=_tinted(rng, _CLOTHS, 22),
        trim=_tinted(rng, _CLOTHS, 22),
        pattern=_one_of(rng, ("plain", "stripes", "checks", "print", "yoke", "open"), (4, 2, 1, 2, 1, 2)),
        sleeve=_one_of(rng, (0.12, 0.5, 0.8, 1.3, 1.95), (1, 4, 2, 1, 5)),
        bottom=bottom,
        bottom_colour=_tinted(rng, _TROUSERS if rng.random() < 0.75 else _CLOTHS, 18),
        leg={"trousers": 1.93, "shorts": float(rng.uniform(0.45, 1.0))}.get(bottom, float(rng.uniform(0.6, 1.35))),
        looseness=float(rng.uniform(1.03, 1.25)),
        shoes=_tinted(rng, _CLOTHS if rng.random() < 0.4 else ((35, 35, 38), (230, 230, 232), (40, 60, 95)), 12),
        seed=int(rng.integers(1 << 31)),
    )


def _proportions(rng: np.random.Generator, height: float, woman: bool, young: bool) -> Proportions:
    legs = float(rng.normal(1.0, 0.025)) * (0.94 if young else 1.0)
    arms = float(rng.normal(1.0, 0.025))
    base = Proportions()
    return Proportions(
        height=height,
        shoulder=base.shoulder * float(rng.normal(0.94 if woman else 1.03, 0.03)),
        hip=base.hip * float(rng.normal(1.05 if woman else 0.97, 0.03)),
        thigh=base.thigh * legs,
        shin=base.shin * legs,
        lower_spine=base.lower_spine * (2 - legs),
        upper_spine=base.upper_spine * (2 - legs),
        head=base.head * (1.15 if young else 1.0),
        skull=base.skull * float(rng.normal(1.28 if young else 1.02, 0.03)),
        upper_arm=base.upper_arm * arms,
        forearm=base.forearm * arms,
    )


def _tinted(rng: np.random.Generator, palette: tuple[Colour, ...], spread: float) -> Colour:
    blue, green, red = np.clip(palette[rng.integers(len(palette))] + rng.normal(0, spread, 3), 12, 250)
    return (float(blue), float(green), float(red))


def _one_of(rng: np.random.Generator, values: tuple[T, ...], weights: tuple[float, ...]) -> T:
    return values[rng.choice(len(values), p=np.array(weights, float) / sum(weights))]
