"""The same movement by somebody else: what keeps the movement network from knowing its people by heart.

Looks are (T, WIDTH), see `gestures.stream`; lengths are in torsos and angles in radians.
"""

from __future__ import annotations

import numpy as np

from gestures.skeleton import FLIP, LEFT, MOVING, RIGHT, Array, resampled
from gestures.training.labels import MOVEMENTS
from gestures.training.movement_data import Clip
from gestures.variation import turned

LONGEST = 75
"""Looks of a clip without a movement, of which a longer one gives a part."""

PACE, SWAY = (0.75, 1.35), (0.7, 1.3)
"""How many times as long it takes, and how much longer or shorter each fifth of it."""

SIZE = (0.75, 1.25)
"""How far from its middle pose the body goes, against how far it went."""

TURN, JOINT_TURN = (0.12, 0.2, 0.08), 0.13
"""Standard deviations by which the body (nod, turn, tilt), and shoulders and elbows, are turned throughout."""

WANDER, MISPLACED, NOISE = 0.09, 0.05, 0.03
"""At most how far joints wander slowly; how far each is off throughout; and at most how they tremble."""

BORROWED, FROZEN = 0.4, 0.1
"""Shares of the clips of which limbs are somebody else's, and in which the body stands still for a moment."""

_JOINTS = len(MOVING) + 1  # the last one is the way of the hips
_MIRROR = [MOVEMENTS.index({"swipe_left": "swipe_right", "swipe_right": "swipe_left"}.get(m, m)) for m in MOVEMENTS]
_JOINT_MIRROR = [*(MOVING.index(FLIP[joint]) for joint in MOVING), _JOINTS - 1]
_ARMS = [[MOVING.index(side[part]) for part in ("elbow", "wrist", "hand")] for side in (LEFT, RIGHT)]
_BELOW = [0, *(MOVING.index(side[part]) for side in (LEFT, RIGHT) for part in ("knee", "ankle")), _JOINTS - 1]
_SHOULDERS = np.array([[-0.375, 1.0, 0.0], [0.375, 1.0, 0.0]])
_OF_THE_LEGS = [MOVEMENTS.index("kick"), MOVEMENTS.index("jump")]


def changed(clip: Clip, other: Clip, rng: np.random.Generator) -> Clip:
    """``clip`` by somebody else, with limbs of ``other``, which shows no movement, at times."""
    joints = _paced(clip, rng)
    target = clip.target
    if rng.random() < BORROWED:
        joints = _with_limbs(joints, clip, other, rng)
    if rng.random() < 0.5:
        joints = joints[:, _JOINT_MIRROR] * (-1.0, 1.0, 1.0)
        target = target[_MIRROR]
    middle = np.median(joints, axis=0)
    joints = _limbs_turned(middle + rng.uniform(*SIZE) * (joints - middle), rng)
    joints = joints @ turned(rng.normal(0, TURN)) * rng.normal(1.0, 0.05, (1, _JOINTS, 1))
    joints = _disturbed(joints, rng)
    if rng.random() < FROZEN:
        start = int(rng.integers(len(joints)))
        joints[start : start + int(rng.integers(2, 6))] = joints[start]
    return Clip(joints.reshape(len(joints), -1), target, clip.file, clip.walks)


def _paced(clip: Clip, rng: np.random.Generator) -> Array:
    """Joints (T, joints, 3) at another pace."""
    looks = clip.looks
    if not clip.movements and len(looks) > LONGEST:
        start = int(rng.integers(len(looks) - LONGEST + 1))
        looks = looks[start : start + LONGEST]
    count = max(8, round(len(looks) * rng.uniform(*PACE)))
    fifths = np.concatenate([[0.0], np.cumsum(rng.uniform(*SWAY, 5))])
    times = np.interp(np.linspace(0, 5, count), np.arange(6), fifths / fifths[-1] * (len(looks) - 1))
    before = np.minimum(times.astype(int), max(len(looks) - 2, 0))
    share = (times - before)[:, None]
    after = np.minimum(before + 1, len(looks) - 1)
    return np.asarray(looks[before] * (1 - share) + looks[after] * share).reshape(count, _JOINTS, 3)


def _with_limbs(joints: Array, clip: Clip, other: Clip, rng: np.random.Generator) -> Array:
    """The arms of ``other`` for a movement of the legs, its head and legs for any other unless somebody walks."""
    start = int(rng.integers(max(1, len(other.looks) - len(joints))))
    times = np.minimum(start + np.arange(len(joints)), len(other.looks) - 1)
    theirs = other.looks[times].reshape(len(joints), _JOINTS, 3)
    of_the_legs = bool((clip.target[_OF_THE_LEGS] == 1).any())
    if clip.walks and not of_the_legs:
        return joints
    limbs = [*_ARMS[0], *_ARMS[1]] if of_the_legs else _BELOW
    mixed = joints.copy()
    mixed[:, limbs] = theirs[:, limbs]
    return mixed


def _limbs_turned(joints: Array, rng: np.random.Generator) -> Array:
    joints = joints.copy()
    for arm, shoulder in zip(_ARMS, _SHOULDERS, strict=True):
        joints[:, arm] = (joints[:, arm] - shoulder) @ turned(rng.normal(0, JOINT_TURN, 3)) + shoulder
        elbow = joints[:, arm[:1]]
        joints[:, arm[1:]] = (joints[:, arm[1:]] - elbow) @ turned(rng.normal(0, JOINT_TURN, 3)) + elbow
    return joints


def _disturbed(joints: Array, rng: np.random.Generator) -> Array:
    count, amount = len(joints), rng.uniform(0.0, WANDER)
    knots = rng.normal(0, 1, (max(3, count // 4), _JOINTS, 3)) * (1.0, 1.0, 1.6)
    joints = joints + amount * resampled(knots, count) + rng.normal(0, MISPLACED, (1, _JOINTS, 3))
    joints[:, -1] -= amount * rng.normal(0, 1, 3)
    return np.asarray(joints + rng.normal(0, rng.uniform(0.0, NOISE), joints.shape))
