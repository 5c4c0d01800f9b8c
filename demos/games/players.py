"""Who plays: bodies at 30 a second become figures at any moment, each in a lane of its own.

A player's points are in parts of the player's height, X to the right of a mirror, Y up, with the origin where the hips
usually are. So children and adults reach equally far, wherever they stand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.body import Body, BodyFrame, FloatArray
from models.joints import Joint, TrackingState

Flags = npt.NDArray[np.bool_]
MOST_PLAYERS = 4
HIP_HEIGHT = 0.53
"""Of the body's height, standing (Drillis and Contini, 1966)."""

_SPINE = 0.316  # from the hips to the neck, of the height
_GONE = 0.7  # seconds without a body after which a player has left
_AHEAD = 0.08  # seconds that a movement is continued at most
_SETTLING, _DRIFT = 0.4, 8.0  # seconds in which a newcomer's home is found, and follows afterwards
_CATCHING = 0.022  # seconds in which a drawn figure reaches the predicted one


@dataclass(frozen=True, slots=True, eq=False)
class Player:
    """Somebody at one moment.

    Attributes
    ----------
    lane : int
        From 0, left to right.
    points : (25, 2) float32 array
        Indexed by `Joint`, see above.
    tracked : (25,) bool array
        What the sensor is sure of.
    present : bool
        False once the player has been out of view for a while.
    """

    lane: int
    points: FloatArray
    tracked: Flags
    present: bool


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A player on the stage, in pixels.

    Attributes
    ----------
    lane : int
    points : (25, 2) float32 array
    tracked : (25,) bool array
    height : float
        Of the whole body.
    """

    lane: int
    points: FloatArray
    tracked: Flags
    height: float

    def at(self, joint: Joint) -> tuple[float, float]:
        """Where a joint is."""
        return float(self.points[joint, 0]), float(self.points[joint, 1])


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the players of a game stand on the stage.

    Attributes
    ----------
    lanes : int
    height : float
        Of a figure, in pixels.
    hips : float
        Where the hips of a standing figure are, from the top.
    width : float
        Of the stage.
    """

    lanes: int
    height: float
    hips: float
    width: float = 1280.0

    @classmethod
    def standing(cls, lanes: int, tallest: float = 560.0, ground: float = 684.0) -> Layout:
        """Whole figures on a floor."""
        height = min(tallest, 0.94 * 1280.0 / lanes)
        return cls(lanes, height, ground - HIP_HEIGHT * height)

    @classmethod
    def close(cls, lanes: int) -> Layout:
        """Figures whose arms reach most of the stage."""
        height = min(1000.0, 1.25 * 1280.0 / lanes)
        return cls(lanes, height, 400.0 + 0.28 * height)

    def home(self, lane: int) -> tuple[float, float]:
        """Where the hips of a lane's player usually are."""
        return (lane + 0.5) * self.width / self.lanes, self.hips

    def figure(self, player: Player) -> Figure:
        """A player, on the stage."""
        points = np.array(self.home(player.lane), np.float32) + player.points * np.array((self.height, -self.height))
        return Figure(player.lane, points.astype(np.float32), player.tracked, self.height)

    def figures(self, players: Sequence[Player]) -> list[Figure]:
        """Those who are there and have a lane."""
        return [self.figure(player) for player in players if player.present and player.lane < self.lanes]


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A body as last seen, and as last drawn."""

    lane: int
    tracking_id: int
    positions: FloatArray  # (25, 3)
    velocity: FloatArray  # (25, 3), metres a second
    tracked: Flags
    source_time: float
    arrived: float
    joined: float
    home: FloatArray  # (2,)
    height: float
    drawn: FloatArray  # (25, 3)
    drawn_at: float


class Players:
    """Keeps the people of a stream apart and moves them on between its frames.

    Parameters
    ----------
    most : int
        How many play; others are not looked at.
    """

    def __init__(self, most: int = MOST_PLAYERS) -> None:
        self._most = most
        self._seen: dict[int, _Seen] = {}

    def update(self, frame: BodyFrame, now: float) -> None:
        """Take a body frame that arrived at ``now``."""
        bodies = {body.tracking_id: body for body in frame.bodies if np.isfinite(body.positions).all()}
        for lane, seen in self._seen.items():
            body = bodies.pop(seen.tracking_id, None)
            if body is not None:
                self._seen[lane] = _followed(seen, body, frame.time, now)
        # The nearest come first, and of those who come at once the left one gets the left lane.
        free = [lane for lane in range(self._most) if not self._here(lane, now)]
        nearest = sorted(bodies.values(), key=lambda body: float(body.positions[Joint.SPINE_BASE, 2]))[: len(free)]
        nearest.sort(key=lambda body: float(body.positions[Joint.SPINE_BASE, 0]))
        for lane, body in zip(free, nearest, strict=False):
            self._seen[lane] = _newcomer(lane, body, frame.time, now)

    def at(self, now: float) -> tuple[Player, ...]:
        """Everyone at ``now``, by lane."""
        self._seen = {lane: _drawn(seen, now) for lane, seen in sorted(self._seen.items())}
        return tuple(_player(seen, self._here(lane, now)) for lane, seen in self._seen.items())

    def arrange(self, now: float) -> int:
        """Give lanes anew, from left to right, to those who are there; how many they are."""
        here = sorted((s for lane, s in self._seen.items() if self._here(lane, now)), key=lambda s: float(s.home[0]))
        self._seen = {lane: replace(seen, lane=lane) for lane, seen in enumerate(here)}
        return len(here)

    def _here(self, lane: int, now: float) -> bool:
        return lane in self._seen and now - self._seen[lane].arrived < _GONE


def _height(body: Body) -> float:
    spine = [Joint.SPINE_BASE, Joint.SPINE_MID, Joint.SPINE_SHOULDER, Joint.NECK]
    length = np.linalg.norm(np.diff(body.positions[spine], axis=0), axis=1).sum()
    return float(np.clip(length / _SPINE, 0.7, 2.4))


def _tracked(body: Body) -> Flags:
    return np.asarray(body.tracking_states == TrackingState.TRACKED, np.bool_)


def _newcomer(lane: int, body: Body, time: float, now: float) -> _Seen:
    p = body.positions
    home = p[Joint.SPINE_BASE, :2].copy()
    return _Seen(
        lane, body.tracking_id, p, np.zeros_like(p), _tracked(body), time, now, now, home, _height(body), p.copy(), now
    )


def _followed(seen: _Seen, body: Body, time: float, now: float) -> _Seen:
    dt = time - seen.source_time
    if dt <= 0:  # the clip began again, or the frame came twice
        return replace(seen, positions=body.positions, source_time=time, arrived=now)
    speed = (body.positions - seen.positions) / np.float32(dt)
    share = 0.6 if dt < 0.2 else 0.0
    velocity = seen.velocity + np.float32(share) * (speed - seen.velocity)
    tau = _SETTLING if now - seen.joined < 1.0 else _DRIFT
    follow = np.float32(1.0 - math.exp(-dt / tau))
    return replace(
        seen,
        positions=body.positions,
        velocity=velocity.astype(np.float32),
        tracked=_tracked(body),
        source_time=time,
        arrived=now,
        home=seen.home + follow * (body.positions[Joint.SPINE_BASE, :2] - seen.home),
        height=seen.height + float(follow) * (_height(body) - seen.height),
    )


def _drawn(seen: _Seen, now: float) -> _Seen:
    ahead = np.float32(min(max(now - seen.arrived, 0.0), _AHEAD))
    predicted = seen.positions + seen.velocity * ahead
    share = np.float32(1.0 - math.exp(-max(now - seen.drawn_at, 0.0) / _CATCHING))
    return replace(seen, drawn=seen.drawn + share * (predicted - seen.drawn), drawn_at=now)


def _player(seen: _Seen, present: bool) -> Player:
    points = (seen.drawn[:, :2] - seen.home) / np.float32(seen.height)
    return Player(seen.lane, points, seen.tracked, present)
