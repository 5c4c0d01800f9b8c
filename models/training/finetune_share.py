"""How far to go from the generic weights to the fine-tuned ones, so that what the recordings do not show is not lost.

Where one network was trained on from another, the networks between the two are nearly as good on what was learned and
far better on everything else (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np

from models.body import ByteArray, FloatArray
from models.joints import LIMB_KEYPOINTS
from models.training.finetune_choice import evenly
from models.training.finetune_evaluation import judge, share_right
from models.training.finetune_frames import LabelledFrame
from models.training.network import PoseNetwork
from models.training.pose_recipe import find_keypoints
from models.training.recipes import follow

SHARES = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)

EXACT = 0.1
"""Torsos within which a joint has to be: what is only about right at 0.2 was not learned yet."""

TOLERANCE = 0.05
"""How many of the joints that are so exact may be given up on what was learned."""

LOOKED_AT = 120


def between(generic: PoseNetwork, tuned: PoseNetwork, share: float) -> PoseNetwork:
    """The network that lies ``share``, 0 to 1, of the way from ``generic`` to ``tuned``."""
    network = copy.deepcopy(generic)
    follow(network, tuned, 1 - share)
    return network


def least_share(
    generic: PoseNetwork, tuned: PoseNetwork, frames: Sequence[LabelledFrame], size: tuple[int, int]
) -> float:
    """The first of `SHARES` at which the joints of ``frames`` are found nearly as exactly as at the best of them.

    The frames are those that were learned from; it is 1 where nothing can be measured.
    """
    chosen = [frames[i] for i in evenly(len(frames), LOOKED_AT)]
    exact = [_exact(between(generic, tuned, share), chosen, size) for share in SHARES]
    enough = np.nanmax([*exact, 0.0]) - TOLERANCE
    return next((share for share, right in zip(SHARES, exact, strict=True) if right >= enough), 1.0)


def _exact(network: PoseNetwork, frames: Sequence[LabelledFrame], size: tuple[int, int]) -> float:
    def look(image: ByteArray, boxes: FloatArray) -> FloatArray:
        places = find_keypoints(network, [image], boxes, size)
        return np.concatenate([places, np.ones_like(places[..., :1])], -1)

    return share_right(judge(look, frames, "comparing").errors[:, LIMB_KEYPOINTS], EXACT)
