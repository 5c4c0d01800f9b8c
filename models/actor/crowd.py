"""Several people who walk about by a script: crossing, hiding behind each other, leaving and coming back.

Made to see whether a tracker tells them apart. Everything is a function of the script, its number of people, the seed
and the time.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from models.actor.figure import Figure
from models.actor.looks import random_looks
from models.actor.paint import Light
from models.actor.performance import Performance
from models.actor.room import View, random_room
from models.actor.scene import CAMERA_HEIGHT, MOST_PEOPLE, Pose, Scene, compose, curls_of
from models.actor.script import SCRIPT
from models.actor.shadow import cast_shadows
from models.actor.skeleton import stand
from models.actor.walks import Stop, Walk
from models.camera import PinholeCamera

_TANGENT = 0.577  # half the width of what the camera sees, by distance
_NEAREST, _GAP = 2.7, 0.62  # metres to whoever walks in front, and between one who passes and the next


class Crowd:
    """A script, played.

    Parameters
    ----------
    script : str
        One of `SCRIPTS`.
    people : int
        2 to 6.
    size : (int, int)
        Width and height of the picture.
    seed : int
        Decides the people, the room, who goes where and when.

    Attributes
    ----------
    duration : float
        Seconds after which nothing happens any more.
    """

    def __init__(self, script: str, people: int = 2, size: tuple[int, int] = (640, 480), seed: int = 0) -> None:
        if script not in SCRIPTS:
            raise ValueError(f"{script!r} is not a script of the crowd; there are {', '.join(SCRIPTS)}")
        if not 2 <= people <= MOST_PEOPLE:
            raise ValueError(f"a crowd has 2 to {MOST_PEOPLE} people, got {people}")
        rng = np.random.default_rng((seed, people, list(SCRIPTS).index(script)))
        self.camera = PinholeCamera.from_fov(*size)
        self._view = View(np.eye(3, dtype=np.float32), np.array((0, -CAMERA_HEIGHT, 0), np.float32))
        self.background = random_room(rng, 6.8).picture(self.camera, self._view, size)
        towards = np.array((rng.choice((-0.6, 0.6)), 0.65, -0.6), np.float32)
        self._light = Light(towards / np.linalg.norm(towards))
        self._looks = [random_looks(rng, child=0.1) for _ in range(people)]
        self._figures = [Figure(looks) for looks in self._looks]
        ways = SCRIPTS[script](people, rng)
        self.duration = max(way[-1][0] for way in ways)
        self._walks = [
            Walk(way, Performance(np.random.default_rng((seed, i)), int(rng.integers(len(SCRIPT))), room=0.2))
            for i, way in enumerate(ways)
        ]

    def render(self, time: float) -> Scene:
        """The picture at ``time`` seconds; whoever is not in it has no keypoint inside."""
        poses = [self._pose(i, time) for i in range(len(self._walks))]
        image = self.background.copy()
        cast_shadows(image, [pose.body for pose in poses], self.camera, self._view, self._light.towards)
        return compose(image, list(zip(self._looks, self._figures, poses, strict=True)), self.camera, self._light)

    def _pose(self, i: int, time: float) -> Pose:
        pose, name = self._walks[i].pose(time)
        body = stand(pose, self._looks[i].size).seen_from(self._view.turn, self._view.shift)
        return Pose(body, curls_of(pose), 0.0, name)


def _edge(z: float, share: float = 0.72) -> float:
    """How far to the side of the middle someone at distance ``z`` is, at ``share`` of the way to the picture's edge."""
    return share * _TANGENT * z


def _outside(z: float) -> float:
    return _TANGENT * z + 0.8


def _lanes(people: int, rng: np.random.Generator) -> list[float]:
    """How far from the camera each one keeps, in any order."""
    return [float(z) for z in rng.permutation(_NEAREST + _GAP * np.arange(people))]


def _crossing(people: int, rng: np.random.Generator) -> list[list[Stop]]:
    """From side to side and back, past each other, three times."""
    ways = []
    for i, z in enumerate(_lanes(people, rng)):
        side = 1 if i % 2 else -1
        time, x = float(rng.uniform(0.4, 1.4)), side * _edge(z) * float(rng.uniform(0.6, 1.0))
        way = [(time, x, z)]
        for _ in range(3):
            side = -side
            x, before = side * _edge(z) * float(rng.uniform(0.6, 1.0)), x
            time += abs(x - before) / float(rng.uniform(0.7, 1.3))
            way.append((time, x, z))
            time += float(rng.uniform(0.2, 0.9))
            way.append((time, x, z))
        ways.append(way)
    return ways


def _hiding(people: int, rng: np.random.Generator) -> list[list[Stop]]:
    """One stands in front; the others, one after the other, go behind, stay there and come out on either side."""
    lanes = [_NEAREST + _GAP * i for i in range(people)]
    place = float(rng.uniform(-0.4, 0.4))
    ways: list[list[Stop]] = [[(0.0, place, lanes[0])]]
    time = 1.0
    for i, z in enumerate(lanes[1:]):
        side = float(rng.choice((-1, 1))) if people == 2 else (1 if i % 2 else -1)
        start, behind = side * _edge(z, 0.8 - 0.15 * (i // 2)), place * z / lanes[0]
        out = start * float(rng.choice((-0.5, 0.8)))
        arrived = time + abs(start - behind) / float(rng.uniform(0.7, 1.2))
        leaving = arrived + float(rng.uniform(0.5, 3.5))
        end = leaving + abs(out - behind) / float(rng.uniform(0.7, 1.2))
        ways.append([(time, start, z), (arrived, behind, z), (leaving, behind, z), (end, out, z)])
        time = float(rng.uniform(arrived, end))
    last = max(way[-1][0] for way in ways) + 1.0
    return [[*way, (last, way[-1][1], way[-1][2])] for way in ways]


def _returning(people: int, rng: np.random.Generator) -> list[list[Stop]]:
    """One stays; the second leaves for 4 to 28 seconds and comes back on either side; others look in meanwhile."""
    lanes = _lanes(people, rng)
    stays, leaves = lanes[0], lanes[1]
    x, side = float(rng.choice((-1, 1))) * _edge(leaves, 0.45), float(rng.choice((-1, 1)))
    speed = float(rng.uniform(0.8, 1.3))
    gone = 2.5 + (_outside(leaves) - side * x) / speed
    back = gone + float(rng.uniform(4.0, 28.0))
    again = side * float(rng.choice((-1, 1)))
    inside = again * _edge(leaves, 0.4)
    there = back + abs(again * _outside(leaves) - inside) / speed
    ways: list[list[Stop]] = [
        [(0.0, -0.4 * x, stays), (there + 2.0, -0.4 * x, stays)],
        [(2.5, x, leaves), (gone, side * _outside(leaves), leaves), (gone + 0.1, again * _outside(leaves), leaves),
         (back, again * _outside(leaves), leaves), (there, inside, leaves)],
    ]  # fmt: skip
    for i, z in enumerate(lanes[2:]):
        entry, start = float(rng.choice((-1, 1))), gone + float(rng.uniform(0.3, 2.0)) + 2.5 * i
        stay = start + (_outside(z) - _edge(z, 0.6)) / speed
        inside, out = entry * _edge(z, 0.6), entry * _outside(z)
        ways.append([(start, out, z), (stay, inside, z), (stay + 1.5, inside, z), (2 * stay + 1.5 - start, out, z)])
    return ways


def _walking(people: int, rng: np.random.Generator) -> list[list[Stop]]:
    """Everyone goes to and fro for twelve seconds, with a rest now and then."""
    ways = []
    for z in _lanes(people, rng):
        time, x = 0.5, _edge(z) * float(rng.uniform(-1, 1))
        way = [(time, x, z)]
        while time < 12.0:
            x, before = _edge(z) * float(rng.uniform(-1, 1)), x
            time += max(abs(x - before) / float(rng.uniform(0.6, 1.2)), 0.3)
            way.append((time, x, z))
            if rng.random() < 0.5:
                time += float(rng.uniform(0.3, 1.5))
                way.append((time, x, z))
        ways.append(way)
    return ways


SCRIPTS: dict[str, Callable[[int, np.random.Generator], list[list[Stop]]]] = {
    "crossing": _crossing,
    "hiding": _hiding,
    "returning": _returning,
    "walking": _walking,
}
"""From a script's name to what gives each person's stops."""
