"""MiniRocket: what share of the time each of many small convolutions of a series lies above a threshold.

84 kernels of nine taps, two values each, at several dilations, each over channels drawn at random; thresholds are
quantiles of the answers to examples. No labels are needed, and everything is decided by the examples and a seed.

Source: Dempster, Schmidt and Webb, MiniRocket: A Very Fast (Almost) Deterministic Transform for Time Series
Classification, KDD 2021.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

TAPS = 9
KERNELS = np.array(list(combinations(range(TAPS), 3)))
"""(84, 3): the taps of each kernel that weigh 2; the others weigh -1."""

_GOLDEN = 0.6180339887  # a sequence of its multiples spreads quantiles evenly
_CHUNK = 64  # series at a time, for memory


class MiniRocket:
    """A transform that has seen its examples.

    Parameters
    ----------
    channels : (dilations, 84, C) bool array
        Which channels each kernel adds up.
    dilations : (dilations,) int array
    thresholds : (dilations, 84, k) float32 array

    Attributes
    ----------
    features : int
    """

    def __init__(
        self, channels: npt.NDArray[np.bool_], dilations: npt.NDArray[np.int_], thresholds: FloatArray
    ) -> None:
        self._channels = channels.astype(np.float32)
        self._dilations = dilations
        self._thresholds = np.asarray(thresholds, np.float32)
        self.features = int(thresholds.size)

    @classmethod
    def fitted(cls, series: FloatArray, features: int, seed: int = 0) -> MiniRocket:
        """The transform for series like the examples ``series`` (n, C, T), with about so many ``features``."""
        rng = np.random.default_rng(seed)
        count, width, length = series.shape
        dilations = np.unique(np.floor(2 ** np.linspace(0, np.log2((length - 1) / (TAPS - 1)), 8)).astype(int))
        per = max(1, features // (len(KERNELS) * len(dilations)))
        channels = np.zeros((len(dilations), len(KERNELS), width), bool)
        thresholds = np.empty((len(dilations), len(KERNELS), per), np.float32)
        levels = np.arange(1, per + 1) * _GOLDEN % 1
        for row, dilation in enumerate(dilations):
            for kernel in range(len(KERNELS)):
                chosen = rng.choice(width, int(2 ** rng.uniform(0, np.log2(min(width, TAPS) + 1))), replace=False)
                channels[row, kernel, chosen] = True
            example = series[rng.integers(count, size=len(KERNELS))]  # one for each kernel
            sums = np.einsum("kc,kct->kt", channels[row].astype(np.float32), example)
            thresholds[row] = np.quantile(_convolved(sums[None], int(dilation))[0], levels, axis=1).T
        return cls(channels, dilations, thresholds)

    def __call__(self, series: FloatArray) -> FloatArray:
        """Features (n, features) of ``series`` (n, C, T)."""
        parts = [self._features(np.asarray(series[i : i + _CHUNK], np.float32)) for i in range(0, len(series), _CHUNK)]
        return np.concatenate(parts) if parts else np.zeros((0, self.features), np.float32)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What a file keeps."""
        return {"channels": self._channels > 0, "dilations": self._dilations, "thresholds": self._thresholds}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> MiniRocket:
        """The transform that `arrays` gave.

        Raises
        ------
        ValueError, KeyError
            If they do not fit together.
        """
        channels, dilations, thresholds = (arrays[name] for name in ("channels", "dilations", "thresholds"))
        if channels.ndim != 3 or thresholds.ndim != 3 or channels.shape[:2] != thresholds.shape[:2]:
            raise ValueError(f"channels {channels.shape} and thresholds {thresholds.shape} do not fit together")
        if dilations.shape != channels.shape[:1] or channels.shape[1] != len(KERNELS):
            raise ValueError(f"dilations {dilations.shape} and channels {channels.shape} do not fit together")
        return cls(channels, dilations, thresholds)

    def _features(self, series: FloatArray) -> FloatArray:
        parts = []
        for channels, dilation, thresholds in zip(self._channels, self._dilations, self._thresholds, strict=True):
            answers = _convolved(channels @ series, int(dilation))
            above = answers[:, :, None] > thresholds[:, :, None]
            parts.append(above.mean(axis=3, dtype=np.float32).reshape(len(series), -1))
        return np.concatenate(parts, axis=1)


def _convolved(sums: FloatArray, dilation: int) -> FloatArray:
    """(n, 84, T): each of ``sums`` (n, 84, T) under its own kernel; beyond its ends a series goes on as it is there."""
    length = sums.shape[2]
    reach = TAPS // 2 * dilation
    padded = np.pad(sums, ((0, 0), (0, 0), (reach, reach)), mode="edge")
    shifted = np.stack([padded[:, :, tap * dilation : tap * dilation + length] for tap in range(TAPS)], axis=2)
    heavy = shifted[:, np.arange(len(KERNELS))[:, None], KERNELS].sum(axis=2)
    return np.asarray(3 * heavy - shifted.sum(axis=2), np.float32)
