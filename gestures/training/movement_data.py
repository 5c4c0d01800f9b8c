"""Streams to learn movements from: clips of recorded people, changed at random and strung together.

Arrays: looks (T, `gestures.stream.WIDTH`), see there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from gestures.datasets import read_motions
from gestures.skeleton import FLIP, MOVING, Array, resampled
from gestures.stream import WIDTH, looks_at
from gestures.training.labels import MOVEMENTS, SETS, held_out, label
from gestures.variation import turned

BLEND = 8
"""Looks from the end of a clip to the start of the next one."""

_MIRROR = [MOVEMENTS.index({"swipe_left": "swipe_right", "swipe_right": "swipe_left"}.get(m, m)) for m in MOVEMENTS]
_JOINT_MIRROR = [*(MOVING.index(FLIP[joint]) for joint in MOVING), len(MOVING)]


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One recorded sequence.

    Attributes
    ----------
    looks : (T, WIDTH) array
    target : (movements,) array
        1 for the movement that it shows, 0 for those that it does not, NaN where that is unknown.
    """

    looks: Array
    target: Array


def read_clips(data: Path, every: dict[str, int], test: bool = False) -> list[Clip]:
    """The clips to train on, or those held out; of some files only one in ``every``."""
    clips = []
    for file in SETS:
        motions = [m for m in read_motions(data / file) if held_out(file, m) == test]
        labels = [label(file, motion) for motion in motions]
        chosen = [
            (motion, one)
            for i, (motion, one) in enumerate(zip(motions, labels, strict=True))
            if i % every.get(file, 1) == 0 or (one.movement and file not in every)
        ]
        for motion, one in tqdm(chosen, desc=Path(file).stem, disable=None):
            target = np.array([float(m == one.movement) if m not in one.maybe else np.nan for m in MOVEMENTS])
            clips.append(Clip(looks_at(motion.positions, motion.rate), target))
    return clips


def changed(clip: Clip, rng: np.random.Generator) -> Clip:
    """The same movement by somebody else: faster or slower, turned, leaning, trembling, at times mirrored."""
    count = max(8, round(len(clip.looks) * rng.uniform(0.8, 1.3)))
    joints = resampled(clip.looks, count).reshape(count, -1, 3)
    target = clip.target
    if rng.random() < 0.5:
        joints = joints[:, _JOINT_MIRROR] * (-1.0, 1.0, 1.0)
        target = target[_MIRROR]
    joints = joints @ turned(rng.normal(0, (0.12, 0.15, 0.08)))
    joints = joints * rng.normal(1.0, 0.05, (1, joints.shape[1], 1))
    knots = rng.normal(0, 1, (max(3, count // 4), joints.shape[1], 3)) * (1.0, 1.0, 1.6)
    amount = rng.uniform(0.0, 0.1)
    joints = joints + amount * resampled(knots, count) + rng.normal(0, 0.05, (1, joints.shape[1], 3))
    joints[:, -1] -= amount * rng.normal(0, 1, 3)
    return Clip(joints.reshape(count, WIDTH), target)


def strung(clips: list[Clip], rng: np.random.Generator) -> tuple[Array, list[tuple[int, int]], Array]:
    """Looks (T, WIDTH) of ``clips`` one after the other, where each is, and targets (clips, movements)."""
    parts: list[Array] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for clip in clips:
        if parts:
            rest = int(rng.integers(0, BLEND))
            blend = np.linspace(parts[-1][-1], clip.looks[0], BLEND)
            parts += [blend, np.repeat(clip.looks[:1], rest, axis=0)]
            at += BLEND + rest
        parts.append(clip.looks)
        spans.append((at, at + len(clip.looks)))
        at += len(clip.looks)
    return np.concatenate(parts), spans, np.array([clip.target for clip in clips])
