"""Train the embedding: a projection that brings the same action of different people together.

It sees Kinder-Gator, GTU Action3D and the odd subjects of MSR Action3D, and nothing of UTD-MHAD, on which teaching by a
few demonstrations is measured.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tqdm import tqdm

from gestures.classifier import Segment, rocket_features, views
from gestures.datasets import read_motions
from gestures.embedding import Embedding, unit
from gestures.minirocket import MiniRocket
from gestures.segments import body_centred
from gestures.skeleton import flipped
from gestures.training.classifier_recipe import Options, principal

SETS = ("kinder_gator_15fps.npz", "gtu_action3d_v2.npz", "msr_action3d.npz")
DIMENSIONS = 80
STRANGERS = 600
_ALIKE = frozenset(
    ["Bow", "Touch-your-toes", "Jump", "Jump-as-high-as-you-can", "Swim", "Fly-like-a-bird", "Do-two-jumping-jacks"]
)
_SEEN_IN_MIRROR = 0.5  # share of the examples whose mirror image is added, as an action of its own


def examples(data: Path, seed: int = 0) -> tuple[list[Segment], list[str]]:
    """Segments and what they show; the mirror image of an action is another action, where it looks different."""
    rng = np.random.default_rng(seed)
    segments, names = [], []
    for file in SETS:
        motions = [m for m in read_motions(data / "kinect" / file) if "msr" not in file or m.subject % 2 == 1]
        for motion in tqdm(motions, desc=Path(file).stem, disable=None):
            segments.append(body_centred(motion.positions, motion.rate))
            names.append(f"{file}/{motion.action}")
            if rng.random() < _SEEN_IN_MIRROR:
                segments.append(body_centred(flipped(motion.positions), motion.rate))
                names.append(names[-1] + ("" if motion.action in _ALIKE else "/mirrored"))
    return segments, names


def train_embedding(segments: list[Segment], names: list[str], options: Options | None = None) -> Embedding:
    """Whitening within the actions, then the directions in which actions differ most."""
    options = options or Options(shrinkage=0.1)
    rocket = MiniRocket.fitted(next(views(segments)), options.features, options.seed)
    features = rocket_features((rocket,), segments)
    mean, scale, axes = principal(features, options)
    points = (features - mean) / scale @ axes
    actions, action = np.unique(names, return_inverse=True)
    centres = np.array([points[action == i].mean(axis=0) for i in range(len(actions))])
    apart = points - centres[action]
    within = apart.T @ apart / len(points)
    shrunk = (1 - options.shrinkage) * within + options.shrinkage * np.trace(within) / len(within) * np.eye(len(within))
    whiten = np.linalg.cholesky(np.linalg.inv(shrunk))
    _, directions = np.linalg.eigh(np.cov((centres @ whiten).T))
    projection = axes @ whiten @ directions[:, ::-1][:, :DIMENSIONS] / scale[:, None]
    bias = -mean @ projection
    vectors = unit((features @ projection + bias).astype(np.float32))
    chosen = np.random.default_rng(options.seed).choice(len(vectors), min(STRANGERS, len(vectors)), replace=False)
    return Embedding(rocket, projection.astype(np.float32), bias.astype(np.float32), vectors[chosen])
