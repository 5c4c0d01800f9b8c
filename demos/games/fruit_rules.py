"""Rules of the fruit slicer: fruit flies up and falls; a hand that goes through it fast enough cuts it.

Places are pixels of the stage, speeds pixels a second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from demos.games.players import Figure, Layout
from demos.games.round import Happening
from models.joints import Joint

FRUIT = {"melon": 74.0, "apple": 52.0, "orange": 52.0, "lemon": 46.0, "kiwi": 46.0, "plum": 42.0}
"""Radius of each kind."""
BOMB, BOMB_RADIUS = "bomb", 48.0
DURATION = 60.0
GRAVITY = 620.0
BLADE = 0.85
"""A hand cuts from this speed on, in body heights a second."""
COMBO_TIME, COMBO = 0.45, 3
BOMB_COST = 5

HANDS = ((Joint.HAND_LEFT, Joint.HAND_TIP_LEFT), (Joint.HAND_RIGHT, Joint.HAND_TIP_RIGHT))


@dataclass(frozen=True, slots=True)
class Flying:
    """A fruit or a bomb in the air."""

    kind: str
    x: float
    y: float
    vx: float
    vy: float
    angle: float
    spin: float

    @property
    def radius(self) -> float:
        """In pixels."""
        return FRUIT.get(self.kind, BOMB_RADIUS)

    def moved(self, dt: float) -> Flying:
        """The same, ``dt`` seconds later."""
        vy = self.vy + GRAVITY * dt
        y = self.y + (self.vy + vy) / 2 * dt
        return replace(self, x=self.x + self.vx * dt, y=y, vy=vy, angle=self.angle + self.spin * dt)


@dataclass(frozen=True, slots=True)
class Cut:
    """One stroke of one hand between two moments."""

    lane: int
    start: tuple[float, float]
    end: tuple[float, float]

    @property
    def direction(self) -> float:
        """Radians."""
        return math.atan2(self.end[1] - self.start[1], self.end[0] - self.start[0])

    def goes_through(self, flying: Flying) -> bool:
        """Whether the stroke comes nearer to the middle than the radius."""
        start, end = np.array(self.start), np.array(self.end)
        along, to = end - start, np.array((flying.x, flying.y)) - start
        share = float(np.clip(to @ along / max(float(along @ along), 1e-9), 0.0, 1.0))
        return bool(np.hypot(*(to - share * along)) < flying.radius)


class FruitRound:
    """One minute of fruit.

    Parameters
    ----------
    lanes : int
    seed : int

    Attributes
    ----------
    flying : list of Flying
    blades : dict of (lane, hand) to (x, y)
        Where the hands are.
    """

    def __init__(self, lanes: int, seed: int = 0) -> None:
        self.layout = Layout.close(lanes)
        self.scores = [0] * lanes
        self.flying: list[Flying] = []
        self.blades: dict[tuple[int, int], tuple[float, float]] = {}
        self._rng = np.random.default_rng(seed)
        self._time, self._next = 0.0, 0.8
        self._streaks: list[tuple[int, float]] = [(0, -1.0)] * lanes  # fruits in a row, when the last was cut

    @property
    def over(self) -> bool:
        """Whether the minute has passed."""
        return self._time >= DURATION

    @property
    def left(self) -> str:
        """Seconds."""
        return f"{max(0, math.ceil(DURATION - self._time))}"

    def step(self, figures: Sequence[Figure], dt: float) -> list[Happening]:
        """See `round.Rules`."""
        self._time += dt
        self.flying = [f.moved(dt) for f in self.flying]
        happened = self._thrown()
        happened += [h for cut in self._cuts(figures, dt) for h in self._apply(cut)]
        happened += self._combos()
        self.flying = [f for f in self.flying if f.y < 900 or f.vy < 0]
        return happened

    def _thrown(self) -> list[Happening]:
        if self._time < self._next or self._time > DURATION - 1.5:
            return []
        pace = self._time / DURATION
        self._next = self._time + float(self._rng.uniform(0.9, 1.5)) * (1.25 - 0.6 * pace)
        number = int(self._rng.integers(1, 3 + round(2 * pace) + (self.layout.lanes > 2)))
        fresh = [self._throw() for _ in range(number)]
        self.flying += fresh
        return [Happening("throw", 0, f.x, f.y, what=f.kind) for f in fresh]

    def _throw(self) -> Flying:
        rng = self._rng
        bomb = self._time > 8 and rng.random() < 0.13
        kind = BOMB if bomb else list(FRUIT)[int(rng.integers(len(FRUIT)))]
        lane = int(rng.integers(self.layout.lanes))
        middle, _ = self.layout.home(lane)
        reach = 0.42 * self.layout.height
        goal, top = middle + rng.uniform(-reach, reach), rng.uniform(120, 340)
        rise = math.sqrt(2 * GRAVITY * (790 - top))
        start = goal + rng.uniform(-0.4, 0.4) * reach
        return Flying(kind, start, 790.0, (goal - start) / (rise / GRAVITY), -rise, 0.0, rng.uniform(-3, 3))

    def _cuts(self, figures: Sequence[Figure], dt: float) -> list[Cut]:
        cuts, blades = [], {}
        for figure in figures:
            for side, joints in enumerate(HANDS):
                x, y = figure.points[list(joints)].mean(axis=0).tolist()
                key, end = (figure.lane, side), (x, y)
                start = self.blades.get(key, end)
                if math.dist(start, end) > BLADE * figure.height * dt:
                    cuts.append(Cut(figure.lane, start, end))
                blades[key] = end
        self.blades = blades
        return cuts

    def _apply(self, cut: Cut) -> list[Happening]:
        happened = []
        for flying in [f for f in self.flying if cut.goes_through(f)]:
            self.flying.remove(flying)
            bomb = flying.kind == BOMB
            points = -BOMB_COST if bomb else 1
            self.scores[cut.lane] = max(0, self.scores[cut.lane] + points)
            count, last = self._streaks[cut.lane]
            fresh = self._time - last > COMBO_TIME
            self._streaks[cut.lane] = (0 if bomb else 1 if fresh else count + 1, self._time)
            kind = "bomb" if bomb else "slice"
            happened.append(Happening(kind, cut.lane, flying.x, flying.y, points, flying.kind, cut.direction))
        return happened

    def _combos(self) -> list[Happening]:
        happened = []
        for lane, (count, last) in enumerate(self._streaks):
            if count >= COMBO and self._time - last > COMBO_TIME:
                self.scores[lane] += count
                self._streaks[lane] = (0, -1.0)
                x, _ = self.layout.home(lane)
                happened.append(Happening("combo", lane, x, 250.0, count, f"{count} in a row"))
        return happened
