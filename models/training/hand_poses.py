"""Random poses of a hand that is open, closed, shows one or two fingers, or is half curled, so that nobody can tell."""

from __future__ import annotations

import numpy as np

from models.actor.rotations import Array
from models.hand_files import CANNOT_TELL, NAMES
from models.training.hand_rig import HandPose

_FAN, _V = np.radians([-1.2, -0.2, 0.7, 1.6]), np.radians([-1.2, 0.6, 0, 0])
_FIST, _GRIP = ((60, 90), (85, 112), (45, 80)), ((40, 75), (75, 105), (40, 65))
_THUMBS = {  # mean and deviation of `HandPose.thumb`
    "out": ((0.0, 0.25, -0.05, -0.1), (0.15, 0.25, 0.1, 0.15)),
    "along": ((0.2, -0.15, 0.1, 0.1), (0.2, 0.15, 0.1, 0.15)),
    "in": ((0.75, -0.1, 0.5, 0.7), (0.2, 0.15, 0.15, 0.25)),
}
_HABITS = {  # how often the thumb is out, along the hand, and over the palm
    "open": (0.5, 0.35, 0.15),
    "closed": (0.2, 0.25, 0.55),
    "lasso": (0.2, 0.2, 0.6),
    CANNOT_TELL: (0.3, 0.5, 0.2),
}


def random_pose(state: str, rng: np.random.Generator) -> HandPose:
    """A pose of ``state``, one of `models.hand_files.NAMES` or ``CANNOT_TELL``."""
    straight, curled = _straight(rng), _curled(rng)
    if state == "open":
        shown, bends = 4, straight
    elif state in NAMES:
        shown = 0 if state == "closed" else int(rng.choice([1, 2], p=[0.35, 0.65]))
        bends = np.concatenate([straight[:shown], curled[shown:]])
    else:
        shown, curl = 2, rng.uniform(0.33, 0.57)
        bends = (1 - curl) * straight + curl * curled
    wide = rng.uniform(-2, 13) if rng.random() < 0.6 else rng.uniform(-3, 0)
    if state == "lasso" and rng.random() < 0.4:
        wide = rng.uniform(7, 15)
    spread = rng.normal(0, np.radians(2), 4)
    spread[:shown] += wide * (_V if state == "lasso" else _FAN)[:shown]
    mean, deviation = _THUMBS[str(rng.choice(list(_THUMBS), p=_HABITS[state]))]
    return HandPose(bends, spread, rng.normal(mean, deviation))


def _straight(rng: np.random.Generator) -> Array:
    """Bends (4, 3) of fingers that are straight, or a little relaxed."""
    relaxed = abs(rng.normal())
    means = np.array([5, 6, 4]) + np.array([9, 10, 6]) * relaxed
    return np.asarray(np.clip(np.radians(rng.normal(means, (8, 6, 4), (4, 3))), np.radians(-15), np.radians(50)))


def _curled(rng: np.random.Generator) -> Array:
    """Bends (4, 3) of fingers in a fist, or around something."""
    low, high = np.transpose(_FIST if rng.random() < 0.65 else _GRIP)
    return np.radians(rng.normal(rng.uniform(low, high), 5, (4, 3)))
