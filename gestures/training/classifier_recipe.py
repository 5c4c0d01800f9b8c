"""Train classifiers of segments: linear discriminants of MiniRocket's features.

Few people show every gesture, so each example counts several times, varied; and there are far more features than
examples, so the covariance within the gestures is shrunk towards a sphere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from gestures.classifier import VIEWS, Segment, SegmentClassifier, rocket_features, views
from gestures.minirocket import MiniRocket
from gestures.skeleton import Array
from gestures.variation import varied

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Options:
    """What a classifier is made of; chosen by leaving out one training subject after the other, see EXPERIMENTS.md.

    Attributes
    ----------
    features : int
        Of each transform.
    rounds : int
        Transforms of each view, each with channels and thresholds of its own.
    copies : int
        How many variations of each example are added.
    shrinkage : float
        Of the covariance within the gestures.
    rank : int
        Principal components that are kept.
    seed : int
    """

    features: int = 5000
    rounds: int = 4
    copies: int = 2
    shrinkage: float = 0.05
    rank: int = 600
    seed: int = 0


def train_classifier(
    segments: Sequence[Segment], names: Sequence[str], options: Options | None = None
) -> SegmentClassifier:
    """The classifier of ``segments``, each of which shows the gesture in ``names``."""
    options = options or Options()
    known = tuple(sorted(set(names)))
    series = islice(views(segments), options.rounds * len(VIEWS))
    rockets = tuple(MiniRocket.fitted(view, options.features, options.seed + i) for i, view in enumerate(series))
    examples, labels = with_variations(segments, names, options)
    weights, bias = discriminant(rocket_features(rockets, examples), labels, options)
    return SegmentClassifier(known, rockets, weights, bias)


def with_variations(
    segments: Sequence[Segment], names: Sequence[str], options: Options
) -> tuple[list[Segment], npt.NDArray[np.str_]]:
    """The segments and ``copies`` of each, varied; and their names."""
    rng = np.random.default_rng(options.seed)
    more = [varied(*segment, rng) for _ in range(options.copies) for segment in segments]
    return [*segments, *more], np.tile(np.array(names), options.copies + 1)


def discriminant(features: FloatArray, labels: npt.NDArray[np.str_], options: Options) -> tuple[FloatArray, FloatArray]:
    """Weights (features, classes) and bias (classes,) of a linear discriminant, classes in the order of their names."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    mean, scale, axes = principal(features, options)
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=options.shrinkage)
    model.fit((features - mean) / scale @ axes, labels)
    weights = axes @ model.coef_.T / scale[:, None]
    bias = model.intercept_ - mean @ weights
    if weights.shape[1] == 1:  # of two classes only the difference is given
        weights, bias = np.hstack([-weights, weights]) / 2, np.hstack([-bias, bias]) / 2
    return weights.astype(np.float32), np.asarray(bias, np.float32)


def principal(features: FloatArray, options: Options) -> tuple[Array, Array, Array]:
    """Mean (F,), scale (F,) and principal axes (F, rank) of ``features`` (n, F)."""
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    scale = deviation + 1e-3 + 0.05 * deviation.mean()
    rank = min(options.rank, len(features) - 1, features.shape[1])
    points = (features - mean) / scale
    # There are fewer examples than features: the axes follow from how alike the examples are.
    variances, shares = np.linalg.eigh((points @ points.T).astype(np.float64))
    variances, shares = variances[: -rank - 1 : -1], shares[:, : -rank - 1 : -1]
    shares = shares / np.sqrt(np.maximum(variances, 1e-9 * variances[0]))
    return mean, scale, np.asarray(points.T @ shares.astype(np.float32), np.float64)
