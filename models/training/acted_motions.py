"""Motions of the built-in actor: a lift that is fine-tuned on few people remembers by them how others move."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.actor.looks import random_looks
from models.actor.performance import Performance
from models.actor.poses import random_pose
from models.actor.skeleton import stand
from models.body import FloatArray
from models.skeleton_sets import Convention, Motion, height_of

RATE = 15.0
SCRIPTED = 0.33
"""The share of motions that are gestures of the script; in the others any pose turns into any other."""

PACE = (0.6, 2.0)
"""Seconds from one pose to the next."""


def acted_motions(count: int, seconds: float, seed: int) -> list[Motion]:
    """So many motions of different people, facing the camera or not, standing, sitting and crouching."""
    rng = np.random.default_rng((seed, 11))
    times = np.arange(0, seconds, 1 / RATE)
    motions = []
    for number in range(count):
        size = random_looks(rng).size
        poses = _scripted(times, rng) if rng.random() < SCRIPTED else _wandering(times, rng)
        positions = np.stack([stand(pose, size).positions for pose in poses])
        height = height_of(positions)
        motions.append(Motion(positions, RATE, height, Convention.KINECT_V2, "actor", str(number), "acted"))
    return motions


def _scripted(times: npt.NDArray[np.float64], rng: np.random.Generator) -> list[FloatArray]:
    performance, start = Performance(rng, first=int(rng.integers(100))), rng.uniform(0, 60)
    return [performance.at(float(start + time))[0] for time in times]


def _wandering(times: npt.NDArray[np.float64], rng: np.random.Generator) -> list[FloatArray]:
    """Pose vectors that go from one random pose to another, slowly at both ends."""
    moments, poses = [0.0], [random_pose(rng)]
    while moments[-1] <= times[-1]:
        moments.append(moments[-1] + rng.uniform(*PACE))
        poses.append(random_pose(rng))
    before = np.searchsorted(moments, times, side="right") - 1
    starts, ends = np.array(moments)[before], np.array(moments)[before + 1]
    share = ((times - starts) / (ends - starts))[:, None]
    share = share * share * (3 - 2 * share)
    every = np.array(poses)
    return list((every[before] * (1 - share) + every[before + 1] * share).astype(np.float32))
