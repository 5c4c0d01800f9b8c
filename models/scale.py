"""How large a person appears: the length of a metre of their body in a picture.

Lengths that stay the same however the body moves serve as rulers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.body import FloatArray
from models.joints import Joint, Keypoint
from models.proportions import BONE_LENGTH, DIAGONAL, HEAD_HALF_HEIGHT, SHOULDER_WIDTH

_SIDES = ("LEFT", "RIGHT")


def _limb_ruler(start: str, end: str) -> tuple[tuple[Keypoint, Keypoint, float, float], ...]:
    length = BONE_LENGTH[Joint[f"{end}_LEFT"]]
    return tuple((Keypoint[f"{side}_{start}"], Keypoint[f"{side}_{end}"], length, 0.3) for side in _SIDES)


_RULERS = (
    (Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER, SHOULDER_WIDTH, 1.0),
    (Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_HIP, DIAGONAL, 1.0),
    (Keypoint.RIGHT_SHOULDER, Keypoint.LEFT_HIP, DIAGONAL, 1.0),
    (Keypoint.NECK, Keypoint.HEAD_TOP, BONE_LENGTH[Joint.HEAD] + HEAD_HALF_HEIGHT, 0.3),
    *_limb_ruler("SHOULDER", "ELBOW"),
    *_limb_ruler("ELBOW", "WRIST"),
    *_limb_ruler("HIP", "KNEE"),
    *_limb_ruler("KNEE", "ANKLE"),
)
_ENDS = np.array([[ruler[end] for ruler in _RULERS] for end in (0, 1)]).ravel()
_COUNT = len(_RULERS)
_LENGTHS = np.array([length for _, _, length, _ in _RULERS], np.float32)
_TRUST = np.array([trust for _, _, _, trust in _RULERS], np.float32)
_SURE = int((_TRUST > 0.5).sum())  # they are the first ones


def apparent_scale(points: FloatArray, seen: npt.NDArray[np.bool_]) -> FloatArray:
    """How long a metre of each person's body looks, (n,), in the units of ``points``; 0 where no bone was seen.

    A bone can look shorter than it is, never longer, so those that look longest for their length count most.

    Parameters
    ----------
    points : (n, 23, k) float32 array
        Keypoints in pixels or as rays.
    seen : (n, 23) bool array
    """
    ends, known = points.take(_ENDS, axis=1), seen.take(_ENDS, axis=1)
    across, both = ends[:, :_COUNT] - ends[:, _COUNT:], known[:, :_COUNT] & known[:, _COUNT:]
    looks = both * np.sqrt(np.einsum("nrk,nrk->nr", across, across)) / _LENGTHS
    longest = looks[:, :_SURE].max(axis=1, keepdims=True)
    if not longest.all():
        longest = np.where(longest > 0, longest, looks.max(axis=1, keepdims=True))
    share = np.minimum(looks / np.maximum(longest, 1e-9), 1.0)
    share *= share  # to the eighth, by squaring
    share *= share
    weight = _TRUST * share * share
    total = np.maximum(weight.sum(axis=1), 1e-9)
    return np.asarray(np.einsum("nr,nr->n", weight, looks) / total, np.float32)
