"""The same gesture made a little differently: what a classifier learns from besides the examples themselves."""

from __future__ import annotations

import numpy as np

from gestures.skeleton import Array, resampled

TURN, NOD, TILT = 0.2, 0.08, 0.06
"""Standard deviations, in radians, about the upright, the sideways and the forward axis."""

CUT = 0.08
"""At most this share is missing from either end."""

PACE = (0.5, 1.5)
"""How fast, against the average, each fifth of the gesture is at least and at most."""

WANDER, MISPLACED = 0.08, 0.03
"""In torsos: at most, how far joints wander during the gesture; and how far off each one is throughout."""


def varied(joints: Array, way: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Joints (T, 17, 3) and the hips' way (T, 3), see `gestures.segments.body_centred`, of another performance."""
    turn = turned(rng.normal(0, (NOD, TURN, TILT)))
    joints, way = joints @ turn, way @ turn
    count = len(joints)
    start, end = (rng.uniform(0, CUT, 2) * count).astype(int)
    joints, way = joints[start : count - end], way[start : count - end] - way[start]
    steps = np.concatenate([[0.0], np.cumsum(rng.uniform(*PACE, 5))])
    last = len(joints) - 1
    times = np.interp(np.linspace(0, 5, count), np.arange(6), steps / steps[-1] * last)
    before = np.clip(times.astype(int), 0, max(last - 1, 0))
    after, share = np.minimum(before + 1, last), times - before
    joints = joints[before] * (1 - share[:, None, None]) + joints[after] * share[:, None, None]
    way = way[before] * (1 - share[:, None]) + way[after] * share[:, None]
    wander = resampled(rng.normal(0, 1, (7, *joints.shape[1:])), count) * rng.uniform(0, WANDER)
    return joints + wander + rng.normal(0, MISPLACED, (1, *joints.shape[1:])), way


def turned(angles: Array) -> Array:
    """(3, 3) that turns row vectors about x, then y, then z, by ``angles`` (3,) in radians."""
    (cx, cy, cz), (sx, sy, sz) = np.cos(angles), np.sin(angles)
    about_x = np.array([[1, 0, 0], [0, cx, sx], [0, -sx, cx]])
    about_y = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    about_z = np.array([[cz, sz, 0], [-sz, cz, 0], [0, 0, 1]])
    return np.asarray(about_x @ about_y @ about_z)
