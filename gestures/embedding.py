"""Gestures as unit vectors that lie close together when people would call them the same: for a few demonstrations.

The vectors are MiniRocket's features under a linear projection that brings together what different people did when
asked for the same action, learnt on public recordings of other gestures. What a vector has in common with those
anyway (`strangers`) tells how alike two gestures must be to be the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gestures.classifier import GestureModelError, Segment, model_arrays, rocket_features
from gestures.minirocket import MiniRocket

FloatArray = npt.NDArray[np.float32]

DEFAULT_WEIGHTS = Path(__file__).parent / "weights" / "embedding.npz"


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """A projection of MiniRocket's features.

    Attributes
    ----------
    rocket : MiniRocket
    weights : (features, n) float32 array
    bias : (n,) float32 array
    strangers : (k, n) float32 array
        Vectors of all kinds of movements.
    """

    rocket: MiniRocket
    weights: FloatArray
    bias: FloatArray
    strangers: FloatArray

    def __call__(self, segments: Sequence[Segment]) -> FloatArray:
        """(k, n) unit vectors of segments."""
        if not segments:
            return np.zeros((0, len(self.bias)), np.float32)
        return unit(rocket_features((self.rocket,), segments) @ self.weights + self.bias)

    def save(self, path: Path) -> None:
        """Write an npz file."""
        arrays = {**self.rocket.arrays(), "weights": self.weights.astype(np.float16), "bias": self.bias}
        arrays["strangers"] = self.strangers.astype(np.float16)
        np.savez_compressed(path, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: Path = DEFAULT_WEIGHTS) -> Embedding:
        """Read what `save` wrote; nothing in it is executed.

        Raises
        ------
        GestureModelError
            If it is anything else.
        """
        data = model_arrays(path)
        try:
            rocket = MiniRocket.from_arrays(data)
            weights, bias, strangers = (data[name].astype(np.float32) for name in ("weights", "bias", "strangers"))
            if weights.shape != (rocket.features, len(bias)) or strangers.shape[1:] != bias.shape:
                raise ValueError(f"weights {weights.shape} do not fit the rest")
        except (KeyError, ValueError) as error:
            raise GestureModelError(f"{path}: not a gesture embedding: {error}") from error
        return cls(rocket, weights, bias, strangers)


def unit(vectors: FloatArray) -> FloatArray:
    """Vectors (..., n) of length 1."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9), np.float32)


def prototypes(vectors: FloatArray, names: npt.NDArray[np.str_]) -> tuple[tuple[str, ...], FloatArray]:
    """The names that there are, and the mean direction (names, n) of the vectors (k, n) of each."""
    known = sorted(set(names.tolist()))
    return tuple(known), unit(np.array([vectors[names == name].mean(axis=0) for name in known]))


@cache
def default_embedding() -> Embedding:
    """The shipped embedding, loaded once."""
    return Embedding.load()
