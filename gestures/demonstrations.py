"""Cut demonstrations out of a stream of looks: movements between rests, or poses that are held."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from gestures.segments import smoothed
from gestures.skeleton import MOVING, Array
from gestures.stream import RATE

MOST = 5
"""Demonstrations that are kept."""

BRIEFEST, LONGEST = 0.4, 6.0
"""Seconds that a movement lasts."""

HELD = 0.5
"""Seconds for which a pose is held at least."""

_REST = 0.4  # seconds of stillness that end a movement
_FAST = 0.9  # torsos a second: a joint that moves
_APART = 0.45  # torsos: a joint that is elsewhere than at rest


def speeds(looks: Array) -> Array:
    """(T,) torsos a second of the fastest joint of looks (T, WIDTH), the hips' way included."""
    joints = smoothed(looks.reshape(len(looks), len(MOVING) + 1, 3), 1.0)
    moved = np.gradient(joints, axis=0) * RATE if len(joints) > 1 else np.zeros_like(joints)
    return np.asarray(np.linalg.norm(moved, axis=2).max(axis=1))


def movements(looks: Array) -> list[Array]:
    """The movements in looks (T, WIDTH), at most `MOST`: of more those that are most like each other."""
    moving = _bridged(speeds(looks) > _FAST, round(_REST * RATE))
    found = [looks[max(a - 2, 0) : b + 2] for a, b in _spells(moving) if BRIEFEST * RATE <= b - a <= LONGEST * RATE]
    return _most_alike(found)


def poses(looks: Array) -> list[Array]:
    """The poses that were held in looks (T, WIDTH), at most `MOST`; how somebody stood at first is none."""
    rest = np.median(looks[: round(HELD * RATE)], axis=0)
    apart = np.linalg.norm((looks - rest)[:, : 3 * len(MOVING)].reshape(len(looks), -1, 3), axis=2).max(axis=1)
    still = _bridged((speeds(looks) < _FAST) & (apart > _APART), 2)
    return _most_alike([looks[a:b] for a, b in _spells(still) if b - a >= HELD * RATE])


def _bridged(on: npt.NDArray[np.bool_], gap: int) -> npt.NDArray[np.bool_]:
    """``on`` with breaks of at most ``gap`` closed."""
    closed = on.copy()
    spells = _spells(on)
    for (_, end), (start, _) in pairwise(spells):
        if start - end <= gap:
            closed[end:start] = True
    return closed


def _spells(on: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where ``on`` begins and ends being true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _most_alike(found: list[Array]) -> list[Array]:
    if len(found) <= MOST:
        return found
    means = np.array([one.mean(axis=0) for one in found])
    apart = np.linalg.norm(means[:, None] - means[None], axis=2)
    centre = int(np.median(apart, axis=1).argmin())
    chosen = sorted(np.argsort(apart[centre])[:MOST].tolist())
    return [found[i] for i in chosen]
