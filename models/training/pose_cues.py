"""Cues to learn from: where a person would be thought to be a picture later, and where others would."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.body import ByteArray
from models.joints import Keypoint
from models.painting import NOBODY, Expected, Figure, cue
from models.scale import apparent_scale
from models.training.pose_data import Example

_UNTOLD, _ONLY_OTHERS = 0.1, 0.1  # how often nothing is known, and how often nothing of the one to be found
_ALONE = 0.6  # how often nothing is said of whoever is alone: a run never says anything of them
_UNKNOWN = 0.08  # how often somebody else has not been found
_LOST = 0.05  # how often a keypoint has not
_OFF = ((0.6, (0.025, 0.015), 0.03), (0.25, (0.1, 0.03), 0.06), (0.15, (0.2, 0.04), 0.08))
"""How often, and by how many metres, a figure is off across and down, and each of its keypoints besides."""


def expected_in(example: Example) -> Expected:
    """Whom the picture of an example is known to show; the one to be found by the labels if by nothing else."""
    known = example.expected
    if known.own or known.others:
        return known
    keypoints = np.concatenate([example.target[:, :2], example.target[:, 2:3] > 0], axis=1).astype(np.float32)
    metre = float(apparent_scale(keypoints[None, :, :2], keypoints[None, :, 2] > 0)[0])
    return Expected(Figure(keypoints, metre)) if metre else NOBODY


def training_cue(
    example: Example, transform: npt.NDArray[np.float64], size: tuple[int, int], rng: np.random.Generator
) -> ByteArray:
    """A cue (4, h/8, w/8) for a view of ``size``, to which ``transform`` (2, 3) leads: it is never quite right."""
    known, draw = expected_in(example), rng.random()
    untold = _UNTOLD if example.expected.own or example.expected.others else _ALONE
    if draw < untold:
        return cue(size, NOBODY)
    own = _unsure(known.own, transform, rng) if known.own and draw > untold + _ONLY_OTHERS else None
    others = [_unsure(other, transform, rng) for other in known.others if rng.random() > _UNKNOWN]
    return cue(size, Expected(own, (), others))


def _unsure(figure: Figure, transform: npt.NDArray[np.float64], rng: np.random.Generator) -> Figure:
    """A figure in a view, about where it would be thought to be."""
    _, together, apart = _OFF[rng.choice(len(_OFF), p=[often for often, _, _ in _OFF])]
    off = rng.normal(0, together) + rng.normal(0, apart, (len(Keypoint), 2))
    sure = figure.keypoints[:, 2] * (rng.random(len(Keypoint)) > _LOST)
    thought = np.column_stack([figure.keypoints[:, :2] + off * figure.metre, sure])
    return Figure(thought, figure.metre).moved(transform)
