"""Rules of the hole in the wall: whoever has the shape of the hole when the wall arrives goes through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from demos.games.players import Figure, Layout
from demos.games.round import Happening
from models.actor.script import REST, pose_of
from models.actor.skeleton import Proportions, stand
from models.body import FloatArray
from models.joints import Joint

WALLS = 10
SLOWEST, FASTEST = 5.2, 3.2
"""Seconds that the first and the last wall take to come."""
PAUSE = 1.4
SIZE = Proportions()

TOLERANCE: dict[Joint, float] = {
    **{Joint[f"HAND_{side}"]: 0.17 for side in ("LEFT", "RIGHT")},
    **{Joint[f"ELBOW_{side}"]: 0.13 for side in ("LEFT", "RIGHT")},
    **{Joint[f"KNEE_{side}"]: 0.13 for side in ("LEFT", "RIGHT")},
    **{Joint[f"ANKLE_{side}"]: 0.16 for side in ("LEFT", "RIGHT")},
    Joint.HEAD: 0.13,
}
"""How far joints may be from where the hole has them, in parts of the height."""
LEGS = frozenset(Joint[f"{part}_{side}"] for part in ("KNEE", "ANKLE") for side in ("LEFT", "RIGHT"))
_ASIDE = 0.1  # how far a player may stand beside the hole, in parts of the height

_STAND = {"both_spread": 8.0, "both_elbow": 8.0, "both_hip_spread": 4.0}
_OUT = {"both_spread": 90.0, "both_elbow": 3.0}
_ELBOWS = {"both_spread": 88.0, "both_turn": -92.0, "both_elbow": 92.0}


@dataclass(frozen=True, slots=True)
class Shape:
    """A pose to take.

    Attributes
    ----------
    name : str
    angles : tuple of (str, float)
        For `models.actor.script.pose_of`.
    legs : bool
        Whether the legs matter; such shapes come only when they are seen.
    """

    name: str
    angles: tuple[tuple[str, float], ...]
    legs: bool = False

    @property
    def pose(self) -> FloatArray:
        """The pose vector."""
        return np.asarray(pose_of(**dict(self.angles)), np.float32)

    @property
    def points(self) -> FloatArray:
        """The joints (25, 2) as a `Player` has them."""
        return _points(self)


def _shape(name: str, angles: dict[str, float], legs: bool = False) -> Shape:
    return Shape(name, tuple({**_STAND, **angles}.items()), legs)


SHAPES: tuple[Shape, ...] = (
    _shape("plane", _OUT),
    _shape("tree", {"both_spread": 164.0, "both_raise": 8.0}),
    _shape("victory", {"both_spread": 132.0}),
    _shape("cactus", _ELBOWS),
    _shape("right up", {"right_spread": 165.0, "right_raise": 8.0}),
    _shape("left up", {"left_spread": 165.0, "left_raise": 8.0}),
    _shape("three o'clock", {"left_spread": 165.0, "right_spread": 90.0}),
    _shape("nine o'clock", {"right_spread": 165.0, "left_spread": 90.0}),
    _shape("glider", {"spine_side": 24.0, "neck_side": 6.0, "roll": 6.0, **_OUT}),
    _shape("star", {"both_spread": 125.0, "both_hip_spread": 24.0}, legs=True),
    _shape(
        "sumo", {"both_hip": 74.0, "both_knee": 86.0, "both_ankle": 12.0, "both_hip_spread": 38.0, **_ELBOWS}, legs=True
    ),
    _shape(
        "crane", {"support": -1.0, "right_hip": 88.0, "right_knee": 88.0, "right_hip_spread": 26.0, **_OUT}, legs=True
    ),
)


@cache
def _points(shape: Shape) -> FloatArray:
    body = stand(shape.pose, SIZE).positions[:, :2]
    hips = stand(REST, SIZE).positions[Joint.SPINE_BASE, :2]
    middle = np.array((body[Joint.SPINE_BASE, 0], hips[1]), np.float32)
    return np.asarray((body - middle) / np.float32(SIZE.height), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """How well a figure has a shape.

    Attributes
    ----------
    errors : dict of Joint to float
        Distance over tolerance, for every joint that counts.
    """

    errors: dict[Joint, float]

    @property
    def passes(self) -> bool:
        """Whether every joint is inside the hole."""
        return max(self.errors.values()) <= 1.0

    @property
    def quality(self) -> float:
        """1 for an exact match, 0 at the edge of the hole."""
        return max(0.0, 1.0 - sum(self.errors.values()) / len(self.errors))


def fit(figure: Figure, shape: Shape, layout: Layout) -> Fit:
    """Compare a figure with the hole in its lane."""
    points = (
        (figure.points - np.array(layout.home(figure.lane), np.float32)) * np.array((1, -1), np.float32) / figure.height
    )
    target = shape.points
    aside = float(np.clip(points[Joint.SPINE_BASE, 0] - target[Joint.SPINE_BASE, 0], -_ASIDE, _ASIDE))
    points = points - np.array((aside, 0), np.float32)
    counting = [joint for joint in TOLERANCE if joint not in LEGS or figure.tracked[joint]]
    far = np.linalg.norm(points - target, axis=1)
    return Fit({joint: float(far[joint]) / TOLERANCE[joint] for joint in counting})


class WallRound:
    """Ten walls.

    Parameters
    ----------
    lanes : int
    seed : int

    Attributes
    ----------
    shape : Shape
        The hole in the wall that comes.
    distance : float
        Of that wall: 1 at the start, 0 when it arrives.
    fits : dict of int to Fit
        How well each lane's player has it now.
    """

    def __init__(self, lanes: int, seed: int = 0) -> None:
        self.layout = Layout.standing(lanes, tallest=455.0, ground=690.0)
        self.scores = [0] * lanes
        self.fits: dict[int, Fit] = {}
        self.number = 0
        self._rng = np.random.default_rng(seed)
        self._streaks = [0] * lanes
        self._past: list[Shape] = []
        self.shape = self._choose(legs=False)
        self._time = -PAUSE  # since the wall started

    @property
    def over(self) -> bool:
        """Whether all walls have come."""
        return self.number >= WALLS

    @property
    def left(self) -> str:
        """Which wall comes."""
        return f"{min(self.number + 1, WALLS)}/{WALLS}"

    @property
    def approach(self) -> float:
        """Seconds that this wall takes."""
        return SLOWEST + (FASTEST - SLOWEST) * self.number / (WALLS - 1)

    @property
    def distance(self) -> float:
        """See above; more than 1 while no wall is seen."""
        return 1.0 - self._time / self.approach

    def step(self, figures: Sequence[Figure], dt: float) -> list[Happening]:
        """See `round.Rules`."""
        before, self._time = self._time, self._time + dt
        self.fits = {figure.lane: fit(figure, self.shape, self.layout) for figure in figures}
        happened = [Happening("near", 0, 640, 300)] if before < self.approach - 0.9 <= self._time else []
        if self._time < self.approach:
            return happened
        happened += [self._judge(lane) for lane in range(self.layout.lanes)]
        self.number += 1
        self._time = -PAUSE
        self._past = [*self._past, self.shape][-6:]
        self.shape = self._choose(all(figure.tracked[list(LEGS)].all() for figure in figures))
        return happened

    def _judge(self, lane: int) -> Happening:
        x, y = self.layout.home(lane)
        found = self.fits.get(lane)
        if found is None or not found.passes:
            self._streaks[lane] = 0
            return Happening("crash", lane, x, y, 0, self.shape.name)
        self._streaks[lane] += 1
        points = 10 + round(10 * found.quality) + 5 * min(self._streaks[lane] - 1, 4)
        self.scores[lane] += points
        return Happening("pass", lane, x, y, points, self.shape.name)

    def _choose(self, legs: bool) -> Shape:
        shapes = [shape for shape in SHAPES if shape not in self._past and (legs or not shape.legs)]
        return shapes[int(self._rng.integers(len(shapes)))]
