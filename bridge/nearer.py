"""Who of several people stands nearer to the camera: who stands lower in the picture, or else looks larger.

On a level floor, whoever is nearer stands lower in the picture of a camera that is higher than feet. A child beside a
grown-up looks smaller, and is no farther away.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bridge.matching import CONFIDENT
from models.body import FloatArray
from models.joints import Keypoint

_FEET = [Keypoint.LEFT_ANKLE, Keypoint.RIGHT_ANKLE]
_LOWER = 0.05
"""Metres; in 18 scenes of six people of the actor, 995 of 1,000 who stand so much lower are nearer."""
_LARGER = 1.1
"""In the same scenes, 973 of 1,000 who look so much larger are nearer, and of one pair in ten neither does."""


def nearer(poses: FloatArray, sizes: FloatArray) -> npt.NDArray[np.int8]:
    """Who of the second stands before the first, (n, n): 1 for nearer, -1 for farther, 0 where it cannot be told.

    Parameters
    ----------
    poses : (n, 23, 3) float32 array
    sizes : (n,) float32 array
        Pixels a metre; 0 where it cannot be told.
    """
    if len(poses) < 2:
        return np.zeros((len(poses), len(poses)), np.int8)
    ankles, known = poses[:, _FEET], sizes > 0
    feet = ankles[..., 1].max(axis=1, where=ankles[..., 2] >= CONFIDENT, initial=-np.inf)
    stands = known & np.isfinite(feet)
    feet = np.where(stands, feet, 0.0)
    lower = feet - feet[:, None]
    by_feet = np.where(np.abs(lower) > _LOWER * np.maximum(sizes, sizes[:, None]), np.sign(lower), 0)
    larger = sizes > _LARGER * sizes[:, None]
    by_size = (larger.astype(np.int8) - larger.T) * (known & known[:, None])
    return np.where(stands & stands[:, None], by_feet, by_size).astype(np.int8)
