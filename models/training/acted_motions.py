"""Motions of the built-in actor: a lift that is fine-tuned on few people remembers by them how others move."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.actor.film import RATE, wandering
from models.actor.looks import random_looks
from models.actor.performance import Performance
from models.actor.poses import random_pose
from models.actor.skeleton import stand
from models.body import FloatArray
from models.skeleton_sets import Convention, Motion, height_of
from models.training.lift_data import ACTED

SCRIPTED = 0.33
"""The share of motions that are gestures of the script; in the others any pose turns into any other."""


def acted_motions(count: int, seconds: float, seed: int) -> list[Motion]:
    """So many motions of different people, facing the camera or not, standing, sitting and crouching."""
    rng = np.random.default_rng((seed, 11))
    times = np.arange(0, seconds, 1 / RATE)
    motions = []
    for number in range(count):
        size = random_looks(rng).size
        scripted = rng.random() < SCRIPTED
        poses = _scripted(times, rng) if scripted else wandering(times, rng, lambda: random_pose(rng))
        positions = np.stack([stand(pose, size).positions for pose in poses])
        height = height_of(positions)
        motions.append(Motion(positions, RATE, height, Convention.KINECT_V2, ACTED, str(number), ACTED))
    return motions


def _scripted(times: npt.NDArray[np.float64], rng: np.random.Generator) -> list[FloatArray]:
    performance, start = Performance(rng, first=int(rng.integers(100))), rng.uniform(0, 60)
    return [performance.at(float(start + time))[0] for time in times]
