"""Rules of the goalkeeper: a ball comes from the far spot; a hand in its way saves, the body only blocks.

Places are pixels of the stage in the plane of the goal, where the players stand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from demos.games.players import Figure, Layout
from demos.games.round import Happening
from models.joints import JOINT_PARENT, Joint

SHOTS = 14
AIM, REST_TIME = 1.3, 1.1
SLOWEST, FASTEST = 1.55, 0.8
"""Seconds that the first and the last ball fly."""
SAVE, BLOCK = 3, 1
"""Points."""
BALL = 0.078
"""Radius, in parts of a figure's height."""
HAND, LIMB = 0.075, 0.03
"""How far from a hand's middle, and from a bone, the edge of the ball is stopped; in the same parts."""
VANISHING = (640.0, 255.0)
_FAR = 8.5  # how many times smaller the ball is at the far spot
_WINDOW = 0.04  # part of the flight before and after arrival in which the ball can be stopped


@dataclass(frozen=True, slots=True)
class Shot:
    """A ball on its way to one lane's goal.

    Attributes
    ----------
    lane : int
    x, y : float
        Where it goes.
    start_x, start_y : float
        Where it lies, seen from the plane of the goal.
    curl, lift : float
        How far it flies aside and above the straight line, in pixels.
    radius : float
        When it arrives.
    """

    lane: int
    x: float
    y: float
    start_x: float
    start_y: float
    curl: float
    lift: float
    radius: float

    def at(self, share: float) -> tuple[float, float, float]:
        """Where it is seen, and its radius, after a ``share`` of its flight."""
        bow = math.sin(math.pi * min(share, 1.0))
        x = self.start_x + (self.x - self.start_x) * share + self.curl * bow
        y = self.start_y + (self.y - self.start_y) * share - self.lift * bow
        scale = 1 / (1 + _FAR * max(0.0, 1 - share))
        return VANISHING[0] + (x - VANISHING[0]) * scale, VANISHING[1] + (y - VANISHING[1]) * scale, self.radius * scale


class KeeperRound:
    """A shoot-out.

    Parameters
    ----------
    lanes : int
    seed : int

    Attributes
    ----------
    shots : list of Shot
        The balls of this attempt that have neither been stopped nor gone in, at most one for each lane.
    share : float
        Of their flight; below 0 while the shooter takes aim.
    """

    def __init__(self, lanes: int, seed: int = 0) -> None:
        self.layout = Layout.standing(lanes, tallest=480.0, ground=690.0)
        self.scores = [0] * lanes
        self.number = 0
        self._rng = np.random.default_rng(seed)
        self._time = 0.0  # since the shooter began to aim
        self.shots = [self._shot(lane) for lane in range(lanes)]

    @property
    def over(self) -> bool:
        """Whether all balls were shot."""
        return self.number >= SHOTS

    @property
    def left(self) -> str:
        """Which shot it is."""
        return f"{min(self.number + 1, SHOTS)}/{SHOTS}"

    @property
    def flight(self) -> float:
        """Seconds that the ball flies."""
        return SLOWEST + (FASTEST - SLOWEST) * self.number / (SHOTS - 1)

    @property
    def share(self) -> float:
        """See above."""
        return (self._time - AIM) / self.flight

    def step(self, figures: Sequence[Figure], dt: float) -> list[Happening]:
        """See `round.Rules`."""
        before, self._time = self.share, self._time + dt
        happened = [Happening("kick", shot.lane, *shot.at(0)[:2]) for shot in self.shots if before < 0 <= self.share]
        if self.share >= 1 - _WINDOW:
            happened += self._arrive({figure.lane: figure for figure in figures})
        if self._time > AIM + self.flight + REST_TIME:
            self.number, self._time = self.number + 1, 0.0
            self.shots = [self._shot(lane) for lane in range(self.layout.lanes)]
        return happened

    def _arrive(self, figures: dict[int, Figure]) -> list[Happening]:
        happened, flying = [], []
        for shot in self.shots:
            kind = _stopped(shot, figures.get(shot.lane))
            if kind == "" and self.share < 1 + _WINDOW:
                flying.append(shot)
                continue
            points = {"save": SAVE, "block": BLOCK}.get(kind, 0)
            self.scores[shot.lane] += points
            happened.append(Happening(kind or "goal", shot.lane, shot.x, shot.y, points))
        self.shots = flying
        return happened

    def _shot(self, lane: int) -> Shot:
        """To the sides and above, where nobody is who stands still."""
        rng, height = self._rng, self.layout.height
        x, hips = self.layout.home(lane)
        radius = BALL * height
        angle, far = math.radians(rng.uniform(-12, 192)), rng.uniform(0.38, 0.56) * height
        half = self.layout.width / self.layout.lanes / 2 - radius - 8
        aside = float(np.clip(math.cos(angle) * far, -half, half))
        goal = x + aside, max(hips - 0.26 * height - math.sin(angle) * far, 160.0)
        start = VANISHING[0] + (x - VANISHING[0]) * 0.9, 690.0
        return Shot(
            lane, *goal, *start, float(rng.uniform(-0.3, 0.3)) * height, float(rng.uniform(0.1, 0.7)) * height, radius
        )


def _stopped(shot: Shot, figure: Figure | None) -> str:
    """``save``, ``block`` or nothing."""
    if figure is None:
        return ""
    ball = np.array((shot.x, shot.y), np.float32)
    hands = figure.points[[Joint.HAND_LEFT, Joint.HAND_RIGHT]]
    if float(np.linalg.norm(hands - ball, axis=1).min()) < shot.radius + HAND * figure.height:
        return "save"
    starts = figure.points[list(JOINT_PARENT.values())]
    along = figure.points[list(JOINT_PARENT)] - starts
    share = np.clip(((ball - starts) * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-6), 0, 1)
    near = float(np.linalg.norm(ball - starts - share[:, None] * along, axis=1).min())
    return "block" if near < shot.radius + LIMB * figure.height else ""
