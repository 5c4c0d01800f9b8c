"""Somebody who knows the games: the built-in actor's skeleton, led by what the rules say comes next.

It plays where there is no camera (``bodycast play --demo``), for pictures and for tests. What it does reaches the game
as body frames only, like anybody's movements.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from demos.games.fruit_rules import BOMB, Flying, FruitRound
from demos.games.keeper_rules import KeeperRound
from demos.games.players import Layout
from demos.games.round import Rules
from demos.games.wall_rules import WallRound
from models.actor.script import REST
from models.actor.skeleton import Dof, Proportions, Skeleton, stand
from models.body import Body, BodyFrame, FloatArray
from models.joints import Joint, TrackingState

SIZE = Proportions()
CAMERA_HEIGHT, DISTANCE, APART = 1.0, 3.0, 1.1
RATE = 30.0
Place = tuple[float, float]


class Rehearsal:
    """Plays in every lane.

    Parameters
    ----------
    rules : callable
        The round that is played now, if any.
    now : callable
        The clock.
    people : int
    """

    def __init__(self, rules: Callable[[], Rules | None], now: Callable[[], float], people: int = 1) -> None:
        self._rules, self._now, self._people = rules, now, people
        self._sequence = 0
        self._due = -math.inf
        self._acts = [Act(lane) for lane in range(people)]

    def poll(self) -> BodyFrame | None:
        """The next frame, thirty times a second."""
        now = self._now()
        if now < self._due:
            return None
        self._due = now + 1 / RATE - 0.004
        rules = self._rules()
        bodies = tuple(act.body(rules, now, self._people) for act in self._acts)
        self._sequence += 1
        return BodyFrame(now, self._sequence - 1, bodies)

    def close(self) -> None:
        """Nothing is kept open."""


class Act:
    """What one person does.

    Parameters
    ----------
    lane : int
    """

    def __init__(self, lane: int) -> None:
        self._lane = lane
        self._pose = REST.copy()
        self._hands: list[Place | None] = [None, None]
        self._before: float | None = None

    def body(self, rules: Rules | None, now: float, people: int) -> Body:
        """The person at ``now``."""
        dt = 0.0 if self._before is None else now - self._before
        self._before = now
        layout = rules.layout if rules is not None else Layout.close(people)
        goals: list[Place | None] = [None, None]
        pose = _idle(now + self._lane)
        if isinstance(rules, FruitRound):
            goals = [_fruit_goal(rules, self._lane, side, self._hands[side]) for side in (0, 1)]
        elif isinstance(rules, WallRound) and rules.distance < 0.8:
            pose = rules.shape.pose
        elif isinstance(rules, KeeperRound):
            goals, pose = _keeper_goals(rules, self._lane, pose)
        self._pose = self._pose + (pose - self._pose) * min(1.0, dt / 0.12)
        person = stand(self._pose.astype(np.float32), SIZE)
        hands = [self._moved(side, goals[side], person, layout, dt) for side in (0, 1)]
        return to_body(reaching(person, hands), self._lane, self._lane * APART - (people - 1) * APART / 2)

    def _moved(self, side: int, goal: Place | None, person: Skeleton, layout: Layout, dt: float) -> FloatArray | None:
        """Where a hand is by now on its way to ``goal``, (2,) in metres; None while the arm rests."""
        joint = Joint.HAND_LEFT if side == 0 else Joint.HAND_RIGHT
        rest = to_stage(person.positions[joint, :2], layout, self._lane)
        at = self._hands[side] or rest
        if goal is None and math.dist(at, rest) < 8:
            self._hands[side] = None
            return None
        goal = goal or rest
        far, most = math.dist(at, goal), 2.6 * layout.height * dt
        share = 1.0 if far <= most else most / far
        moved = at[0] + (goal[0] - at[0]) * share, at[1] + (goal[1] - at[1]) * share
        self._hands[side] = moved
        return from_stage(moved, layout, self._lane)


def _idle(time: float) -> FloatArray:
    pose = REST.copy()
    pose[[Dof.ROLL, Dof.SPINE_SIDE]] = 0.015 * math.sin(1.3 * time), 0.02 * math.sin(0.9 * time)
    pose[[Dof.LEFT_SPREAD, Dof.RIGHT_SPREAD]] += 0.12
    pose[[Dof.LEFT_ELBOW, Dof.RIGHT_ELBOW]] += 0.5
    return pose


def _fruit_goal(rules: FruitRound, lane: int, side: int, hand: Place | None) -> Place | None:
    """Through the nearest fruit on the hand's own side, and a little beyond; clear of bombs."""
    middle, _ = rules.layout.home(lane)
    reach = 0.5 * rules.layout.height

    def mine(flying: Flying) -> bool:
        near = 60 < flying.y < 560 and abs(flying.x - middle) < reach and (flying.x > middle) == bool(side)
        clear = all(math.dist((flying.x, flying.y), (b.x, b.y)) > 190 for b in rules.flying if b.kind == BOMB)
        return near and flying.kind != BOMB and clear

    fruit = [flying.moved(0.07) for flying in rules.flying if mine(flying)]
    if not fruit:
        return None
    start = hand or (middle, rules.layout.hips)
    goal = min(fruit, key=lambda flying: math.dist(start, (flying.x, flying.y)))
    far = max(math.dist(start, (goal.x, goal.y)), 1.0)
    beyond = 1 + 90 / far
    return start[0] + (goal.x - start[0]) * beyond, start[1] + (goal.y - start[1]) * beyond


def _keeper_goals(rules: KeeperRound, lane: int, pose: FloatArray) -> tuple[list[Place | None], FloatArray]:
    """A hand where the ball will be, and a step towards it."""
    shot = next((shot for shot in rules.shots if shot.lane == lane), None)
    if shot is None or rules.share < 0.15:
        return [None, None], pose
    x, _ = rules.layout.home(lane)
    aside = (shot.x - x) / rules.layout.height * SIZE.height
    pose = pose.copy()
    pose[[Dof.PLACE_X, Dof.SPINE_SIDE]] += 0.4 * aside, 0.25 * aside
    side = int(shot.x > x)
    goals: list[Place | None] = [None, None]
    goals[side] = shot.x, shot.y
    return goals, pose


def to_stage(place: FloatArray, layout: Layout, lane: int) -> Place:
    """Where a place beside an actor (2,), metres from between the feet, is on the stage."""
    x, y = layout.home(lane)
    hips = float(stand(REST, SIZE).positions[Joint.SPINE_BASE, 1])
    scale = layout.height / SIZE.height
    return x + float(place[0]) * scale, y - (float(place[1]) - hips) * scale


def from_stage(place: Place, layout: Layout, lane: int) -> FloatArray:
    """The opposite of `to_stage`."""
    x, y = layout.home(lane)
    hips = float(stand(REST, SIZE).positions[Joint.SPINE_BASE, 1])
    scale = layout.height / SIZE.height
    return np.array(((place[0] - x) / scale, (y - place[1]) / scale + hips), np.float32)


def reaching(person: Skeleton, hands: list[FloatArray | None]) -> Skeleton:
    """The same person with hands (2,) at other places, as far as the arms reach, in the plane of the body."""
    positions = person.positions.copy()
    for side, hand in zip(("LEFT", "RIGHT"), hands, strict=True):
        if hand is not None:
            _reach(positions, side, hand)
    return Skeleton(positions, person.keypoints, person.frames)


def _reach(p: FloatArray, side: str, hand: FloatArray) -> None:
    shoulder = p[Joint[f"SHOULDER_{side}"]].copy()
    upper, fore = SIZE.upper_arm * SIZE.height, (SIZE.forearm + 0.48 * SIZE.hand) * SIZE.height
    along = np.array((*hand, shoulder[2]), np.float32) - shoulder
    far = float(np.clip(np.linalg.norm(along), abs(upper - fore) + 0.02, (upper + fore) * 0.995))
    along /= max(float(np.linalg.norm(along)), 1e-6)
    inner = (upper**2 + far**2 - fore**2) / (2 * far)
    sign = -1.0 if side == "LEFT" else 1.0
    aside = np.array((along[1], -along[0], 0.0), np.float32) * sign  # elbows point down and outwards
    elbow = shoulder + along * inner + aside * math.sqrt(max(upper**2 - inner**2, 0.0))
    end = shoulder + along * far
    forearm = (end - elbow) / max(float(np.linalg.norm(end - elbow)), 1e-6)
    p[Joint[f"ELBOW_{side}"]] = elbow
    p[Joint[f"HAND_{side}"]] = end
    p[Joint[f"WRIST_{side}"]] = end - forearm * 0.48 * SIZE.hand * SIZE.height
    for tip in ("HAND_TIP", "THUMB"):
        p[Joint[f"{tip}_{side}"]] = end + forearm * 0.47 * SIZE.hand * SIZE.height


def to_body(person: Skeleton, number: int, x: float = 0.0) -> Body:
    """A body of the stream, ``x`` metres beside the middle of the picture."""
    positions = person.positions + np.array((x, -CAMERA_HEIGHT, DISTANCE), np.float32)
    states = np.full(len(Joint), TrackingState.TRACKED, np.uint8)
    return Body(number + 1, number, positions.astype(np.float32), person.orientations(), states)
