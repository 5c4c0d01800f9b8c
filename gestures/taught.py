"""Gestures that a user has taught by showing them, and how a stream is searched for them.

A movement is followed by dynamic time warping, which tells how far it has come and where it may have ended; whether
it really was one is then decided by the `gestures.embedding` of what was made, against that of the demonstrations and
those of strangers. A pose is recognised by its distance from the demonstrated one. Nothing in the file is executed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gestures.classifier import GestureModelError, model_arrays
from gestures.embedding import Embedding, default_embedding, unit
from gestures.skeleton import FLIP, MOVING, Array
from gestures.stream import RATE, WIDTH
from gestures.warping import WarpedMatch

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
FEWEST_ALIKE = 0.35
"""Cosine to the demonstrations that is never enough."""

_FAR = 0.25  # torsos, least distance at which a movement counts as another one
_NEAR_POSE, _POSE_FADES = 0.3, 0.45  # torsos: how near every joint is to a pose, and how much farther it is gone
_MIRROR = [*(MOVING.index(FLIP[joint]) for joint in MOVING), len(MOVING)]
_KEEP = int(6 * RATE)  # looks that are remembered


@dataclass(frozen=True, slots=False, eq=False)
class Taught:
    """One taught gesture.

    Attributes
    ----------
    name : str
    is_pose : bool
    demonstrations : tuple of (T, WIDTH) array
        Looks, see `gestures.stream`.
    mirrored : bool
        Whether the mirror image counts as well.
    """

    name: str
    is_pose: bool
    demonstrations: tuple[Array, ...]
    mirrored: bool = False

    def save(self, folder: Path) -> Path:
        """Write it as NAME.npz into ``folder``; the file."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.npz"
        looks = np.concatenate(self.demonstrations).astype(np.float32)
        offset = np.cumsum([0, *(len(one) for one in self.demonstrations)])
        np.savez_compressed(path, looks=looks, offset=offset, is_pose=self.is_pose, mirrored=self.mirrored)
        return path

    @property
    def variants(self) -> list[Array]:
        """The demonstrations, and their mirror images if those count."""
        images = [mirror_image(one) for one in self.demonstrations] if self.mirrored else []
        return [*self.demonstrations, *images]

    @cached_property
    def weights(self) -> Array:
        """(WIDTH,) how much each number matters to a movement: what moves most, most."""
        looks = np.concatenate(self.variants).reshape(-1, WIDTH // 3, 3)
        amount = looks.std(axis=0).max(axis=1) + 0.12
        amount[-1] *= 0.5
        return np.repeat(amount / np.linalg.norm(amount), 3)

    @cached_property
    def tolerance(self) -> float:
        """Mean distance, in torsos, up to which a movement may be this one."""
        distances = [
            min(
                WarpedMatch([other], self.weights, math.inf).distance(one)
                for other in self.variants
                if other is not one
            )
            for one in self.variants
            if len(self.variants) > 1
        ]
        return max(2.0 * float(np.median(distances)), _FAR) if distances else 1.6 * _FAR


def mirror_image(looks: Array) -> Array:
    """Looks (T, WIDTH) of the mirror image of a body."""
    joints = looks.reshape(len(looks), -1, 3)[:, _MIRROR] * (-1.0, 1.0, 1.0)
    return joints.reshape(len(looks), -1)


def segment_of(looks: Array) -> tuple[Array, Array]:
    """What `gestures.embedding` reads, of looks (T, WIDTH): joints that looks lack follow from the others."""
    joints = np.zeros((len(looks), 17, 3))
    joints[:, MOVING] = looks[:, : 3 * len(MOVING)].reshape(len(looks), -1, 3)
    way = looks[:, -3:]
    return joints, way - way[0]


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """How alike segments must be to a taught movement.

    Attributes
    ----------
    vectors : (n, k) float32 array
        Of the demonstrations.
    threshold : float
        Least cosine.
    """

    vectors: npt.NDArray[np.float32]
    threshold: float

    @classmethod
    def of(cls, taught: Taught, embedding: Embedding) -> Decision:
        """From the demonstrations and from strangers, which must stay below."""
        variants = taught.variants
        vectors = embedding([segment_of(one) for one in variants])
        centre = unit(vectors.mean(axis=0)) if not taught.mirrored else None
        vectors = vectors if centre is None else np.vstack([vectors, centre])
        strange = (embedding.strangers @ vectors.T).max(axis=1)
        return cls(vectors, max(float(np.quantile(strange, 0.98)), FEWEST_ALIKE))

    def confidence(self, vector: npt.NDArray[np.float32]) -> float:
        """0 for a stranger, 0.5 at the threshold, 1 for a demonstration."""
        alike = float((self.vectors @ vector).max())
        if alike < self.threshold:
            return max(0.5 * alike / self.threshold, 0.0)
        return 0.5 + 0.5 * (alike - self.threshold) / max(1.0 - self.threshold, 1e-6)


class TaughtSpotter:
    """Follows one taught gesture of one person.

    Attributes
    ----------
    gesture : Taught
    level : float
        How far it has come.
    """

    def __init__(self, gesture: Taught, embedding: Embedding | None = None) -> None:
        self.gesture = gesture
        self.level = 0.0
        self._match = None if gesture.is_pose else WarpedMatch(gesture.variants, gesture.weights, gesture.tolerance)
        self._embedding = embedding
        self._decision: Decision | None = None
        self._past: list[Array] = []
        self._confidence = 0.0

    def update(self, look: Array, time: float) -> tuple[bool, float, float]:
        """Whether it was just made, how far it has come, and the confidence of the last candidate."""
        if self._match is None:
            self.level = pose_progress(self.gesture, look)
            return False, self.level, self.level
        self._past = [*self._past[-_KEEP + 1 :], look]
        length = self._match.update(look)
        self.level = self._match.progress
        if length is None:
            return False, self.level, self._confidence
        embedding = self._embedding or default_embedding()
        if self._decision is None:
            self._decision = Decision.of(self.gesture, embedding)
        (vector,) = embedding(
            [segment_of(np.array(self._past[-length - self._match.late : len(self._past) - self._match.late or None]))]
        )
        self._confidence = self._decision.confidence(vector)
        return self._confidence >= 0.5, self.level, self._confidence


def pose_progress(gesture: Taught, look: Array) -> float:
    """0 far from the pose, 1 where no joint is far from where it was in one of the demonstrations."""
    places = np.array([one.mean(axis=0) for one in gesture.variants])
    apart = (places - look)[:, : 3 * len(MOVING)].reshape(len(places), -1, 3)
    farthest = float(np.linalg.norm(apart, axis=2).max(axis=1).min())
    return min(max(1.0 - (farthest - _NEAR_POSE) / _POSE_FADES, 0.0), 1.0)


def load_taught(folder: Path, names: Sequence[str] | None = None) -> list[Taught]:
    """The gestures kept in ``folder``, in the order of their names.

    Raises
    ------
    GestureModelError
        If one of the files is not a taught gesture.
    """
    paths = sorted(folder.glob("*.npz")) if folder.is_dir() else []
    return [load_gesture(path) for path in paths if names is None or path.stem in names]


def load_gesture(path: Path) -> Taught:
    """Read what `Taught.save` wrote.

    Raises
    ------
    GestureModelError
        If it is anything else.
    """
    data = model_arrays(path)
    try:
        looks, offset = np.asarray(data["looks"], np.float64), np.asarray(data["offset"]).tolist()
        if looks.ndim != 2 or looks.shape[1] != WIDTH or not np.isfinite(looks).all() or not NAME.fullmatch(path.stem):
            raise ValueError(f"looks have the shape {looks.shape}")
        if offset[0] != 0 or offset[-1] != len(looks) or any(b - a < 1 for a, b in pairwise(offset)):
            raise ValueError("the demonstrations do not follow each other")
        parts = tuple(looks[a:b] for a, b in pairwise(offset))
        return Taught(path.stem, bool(data["is_pose"]), parts, bool(data["mirrored"]))
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise GestureModelError(f"{path}: not a taught gesture: {error}") from error
