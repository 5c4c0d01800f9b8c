"""Streams to learn movements from: clips of recorded people, to be changed at random and strung together.

Arrays: looks (T, `gestures.stream.WIDTH`), see there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from gestures.datasets import read_motions
from gestures.skeleton import Array
from gestures.stream import looks_at
from gestures.training.labels import MOVEMENTS, SETS, held_out, label, third

BLEND = 8
"""Looks from the end of a clip to the start of the next one."""

EVERY = {"mocap/bandai_namco_15fps.npz": 2, "mocap/cmu_walks_15fps.npz": 4}
"""Of the clips of these files that show no movement one in so many is enough."""

STRANGERS = "kinect/gtu_action3d_v2.npz"
"""A file whose actions are none of the movements; it does not say who made them."""


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One recorded sequence.

    Attributes
    ----------
    looks : (T, WIDTH) array
    target : (movements,) array
        1 for the movement that it shows, 0 for those that it does not, NaN where that is unknown.
    file : str
        Where it comes from.
    walks : bool
        Whether people walk there, so that arms and legs belong together.
    """

    looks: Array
    target: Array
    file: str
    walks: bool = False

    @property
    def movements(self) -> list[int]:
        """Numbers of the movements that it shows."""
        return np.flatnonzero(self.target == 1).tolist()


def read_clips(data: Path, without: int | None = None) -> list[Clip]:
    """The clips to train on, but for those of the people and styles of one `third`."""
    clips = []
    for file in SETS:
        motions = [m for m in read_motions(data / file) if not held_out(file, m) and third(file, m) != without]
        for i, motion in enumerate(tqdm(motions, desc=Path(file).stem, disable=None)):
            shown = label(file, motion)
            if shown.movement or i % EVERY.get(file, 1) == 0:
                target = np.array([float(m == shown.movement) if m not in shown.maybe else np.nan for m in MOVEMENTS])
                clips.append(Clip(looks_at(motion.positions, motion.rate), target, file, "mocap" in file))
    nothing = np.zeros(len(MOVEMENTS))
    strangers = tqdm(read_motions(data / STRANGERS), desc=Path(STRANGERS).stem, disable=None)
    return clips + [Clip(looks_at(m.positions, m.rate), nothing, STRANGERS) for m in strangers]


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
