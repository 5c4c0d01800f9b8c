"""Which of many gestures a segment shows: MiniRocket's features of three views of the body, and a linear decision.

The first view has everybody's bones at the same lengths, the second as they were recorded: the first knows no sizes,
the second no errors of direction that a short bone brings. The third is the first without the rests before and after
the gesture. A trained classifier is a handful of arrays in an npz file.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gestures.minirocket import MiniRocket
from gestures.segments import channels, without_rests
from gestures.skeleton import Array, retargeted

FloatArray = npt.NDArray[np.float32]
Segment = tuple[Array, Array]
"""Joints (T, 17, 3) and the hips' way (T, 3), as `gestures.segments.body_centred` gives them."""


class GestureModelError(ValueError):
    """A file that holds no gesture model of ours."""


def same_bones(joints: Array, way: Array) -> FloatArray:
    """A segment as channels (C, LENGTH), with everybody's bones the same."""
    return channels(retargeted(joints), way)


def same_bones_moving(joints: Array, way: Array) -> FloatArray:
    """The same from where the body sets out to where it comes to rest."""
    return channels(*without_rests(retargeted(joints), way))


VIEWS: tuple[Callable[[Array, Array], FloatArray], ...] = (same_bones, channels, same_bones_moving)
"""What makes a series (C, LENGTH) of a segment."""


def views(segments: Sequence[Segment]) -> Iterator[FloatArray]:
    """Series (n, C, LENGTH) of the segments: of each of `VIEWS`, over and over."""
    return cycle(np.array([view(*segment) for segment in segments], np.float32) for view in VIEWS)


@dataclass(frozen=True, slots=True, eq=False)
class SegmentClassifier:
    """A classifier of segments.

    Attributes
    ----------
    names : tuple of str
        The gestures it tells apart.
    rockets : tuple of MiniRocket
        One or more for each of `VIEWS`, in turn.
    weights : (features, names) float32 array
    bias : (names,) float32 array
    """

    names: tuple[str, ...]
    rockets: tuple[MiniRocket, ...]
    weights: FloatArray
    bias: FloatArray

    def probabilities(self, segments: Sequence[Segment]) -> FloatArray:
        """(n, names) how likely each gesture is."""
        scores = self.features(segments) @ self.weights + self.bias
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(scores / scores.sum(axis=1, keepdims=True), np.float32)

    def features(self, segments: Sequence[Segment]) -> FloatArray:
        """(n, features) of segments."""
        return rocket_features(self.rockets, segments)

    def save(self, path: Path) -> None:
        """Write an npz file."""
        parts = {
            f"{name}{i}": array for i, rocket in enumerate(self.rockets) for name, array in rocket.arrays().items()
        }
        parts |= {"names": np.array(self.names), "weights": self.weights, "bias": self.bias}
        np.savez_compressed(path, allow_pickle=False, **parts)

    @classmethod
    def load(cls, path: Path) -> SegmentClassifier:
        """Read what `save` wrote; nothing in it is executed.

        Raises
        ------
        GestureModelError
            If it is anything else.
        """
        data = model_arrays(path)
        try:
            rockets: list[MiniRocket] = []
            while f"channels{len(rockets)}" in data:
                names = ("channels", "dilations", "thresholds")
                rockets.append(MiniRocket.from_arrays({name: data[f"{name}{len(rockets)}"] for name in names}))
            weights, bias = data["weights"].astype(np.float32), data["bias"].astype(np.float32)
            model = cls(tuple(str(name) for name in data["names"]), tuple(rockets), weights, bias)
            if weights.shape != (sum(rocket.features for rocket in rockets), len(model.names)):
                raise ValueError(f"weights {weights.shape} do not fit the rest")
        except (KeyError, ValueError) as error:
            raise GestureModelError(f"{path}: not a gesture classifier: {error}") from error
        return model


def rocket_features(rockets: Sequence[MiniRocket], segments: Sequence[Segment]) -> FloatArray:
    """(n, features) of segments, those of the first view first; with one rocket only those."""
    return np.concatenate([rocket(view) for rocket, view in zip(rockets, views(segments), strict=False)], axis=1)


def model_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """All arrays of an npz file without pickle.

    Raises
    ------
    GestureModelError
        If it is no such file.
    """
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (ValueError, EOFError, KeyError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise GestureModelError(f"{path}: not an npz file of arrays: {error}") from error
