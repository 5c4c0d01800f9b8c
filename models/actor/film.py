"""Films for training: somebody who turns, sits and points anywhere before a camera that stands still, and the truth.

Rooms and people are those of `models.actor.variety`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from models.actor.figure import Figure
from models.actor.looks import random_looks
from models.actor.poses import at_ease, pointing, random_pose
from models.actor.room import View
from models.actor.rotations import Array, about
from models.actor.scene import Pose, compose, curls_of
from models.actor.shadow import cast_shadows
from models.actor.skeleton import Dof, stand
from models.actor.variety import developed, random_light, setting
from models.body import Frame
from models.camera import PinholeCamera
from models.joints import Joint

RATE = 15.0
"""Pictures a second."""

SIZE = (384, 384)
"""Width and height of a picture."""

ANYHOW = 0.3
"""The share of films in which any pose turns into any other; in the rest somebody turns and points."""

PACE = (0.6, 2.0)
"""Seconds from one pose to the next."""

HELD = 0.4
"""How often a pose is held for a while."""


class Film:
    """Somebody who moves for some seconds.

    Parameters
    ----------
    rng : numpy.random.Generator
        Decides everything.
    seconds : float

    Attributes
    ----------
    positions : (frames, 25, 3) float32 array
        The person's joints, metres in camera space.
    height : float
        The person's, in metres.
    camera : PinholeCamera
    """

    def __init__(self, rng: np.random.Generator, seconds: float) -> None:
        self._looks = random_looks(rng)
        self.height = self._looks.size.height
        self._poses = wandering(np.arange(0, seconds, 1 / RATE), rng, _keys(rng))
        standing = [stand(pose, self._looks.size) for pose in self._poses]
        distance = rng.uniform(1.9, 3.6)
        focal = rng.uniform(0.75, 1.15) * SIZE[1] * distance / (1.75 * self.height)
        self.camera = PinholeCamera(float(focal), SIZE[0] / 2, SIZE[1] / 2)
        turn = about(2, rng.normal(0, 0.03)) @ about(0, rng.normal(0.1, 0.15)) @ about(1, rng.normal(0, 0.1))
        middle = np.mean([body.positions[Joint.SPINE_MID] for body in standing], axis=0)
        self._view = View(turn.astype(np.float32), (np.array((0, 0, distance)) - turn @ middle).astype(np.float32))
        self._bodies = [body.seen_from(self._view.turn, self._view.shift) for body in standing]
        self.positions = np.stack([body.positions for body in self._bodies])
        self._light = random_light(rng, self._view)
        self._room = setting(rng, self.camera, self._view, SIZE)
        self._grain = int(rng.integers(1 << 30))

    def frames(self) -> Iterator[Frame]:
        """One picture after the other, (384, 384, 3)."""
        figure = Figure(self._looks)
        for number, (pose, body) in enumerate(zip(self._poses, self._bodies, strict=True)):
            image = self._room.copy()
            cast_shadows(image, [body], self.camera, self._view, self._light.towards)
            person = (self._looks, figure, Pose(body, curls_of(pose), 0.0, "random"))
            scene = compose(image, [person], self.camera, self._light)
            yield Frame(developed(scene.image, np.random.default_rng(self._grain)), number / RATE, number)


def _keys(rng: np.random.Generator) -> Callable[[], Array]:
    """What somebody's next pose is."""
    if rng.random() < ANYHOW:
        return lambda: random_pose(rng)
    start = at_ease(rng)
    start[Dof.YAW] += rng.normal(0, 0.25)
    return lambda: pointing(rng, start)


def wandering(times: npt.NDArray[np.float64], rng: np.random.Generator, pose: Callable[[], Array]) -> list[Array]:
    """Pose vectors (39,) at ``times`` that go from one ``pose`` to another, slowly at both ends; some are held."""
    moments, poses = [0.0], [pose()]
    while moments[-1] <= times[-1]:
        moments.append(moments[-1] + rng.uniform(*PACE))
        poses.append(pose())
        if rng.random() < HELD:
            moments.append(moments[-1] + rng.uniform(0.3, 1.5))
            poses.append(poses[-1] + rng.normal(0, 0.02, len(poses[-1])))
    before = np.searchsorted(moments, times, side="right") - 1
    starts, ends = np.array(moments)[before], np.array(moments)[before + 1]
    share = ((times - starts) / (ends - starts))[:, None]
    share = share * share * (3 - 2 * share)
    every = np.array(poses)
    return list((every[before] * (1 - share) + every[before + 1] * share).astype(np.float32))


__all__ = ["RATE", "Film", "wandering"]
