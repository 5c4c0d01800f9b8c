"""Find the keypoints that do not lie where the body is: those that the picture's own camera would not see there.

Which camera that was need not be known: it is found from the labels themselves, by a fit that a minority of wrong
ones cannot bend.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.body import FloatArray
from models.camera import PinholeCamera
from models.kinect_keypoints import KEYPOINT_JOINT
from models.proportions import DIAGONAL

TOLERANCE = 0.2
"""How far beside its joint a keypoint may lie, in torsos: the error at which PCK@0.2 calls a joint wrong."""

ROUNDS = 10
FEWEST = 24
"""Labels below which no camera can be found; then nothing is blamed."""

BoolArray = npt.NDArray[np.bool_]

_KEYPOINTS = np.array(list(KEYPOINT_JOINT))
_JOINTS = np.array(list(KEYPOINT_JOINT.values()))


def off_the_body(positions: FloatArray, keypoints: FloatArray) -> BoolArray:
    """Which keypoints (T, 23) lie beside the projection of their joint.

    Parameters
    ----------
    positions : (T, 25, 3) float array
        Metres, in the space of the camera or of one that looks the same way; NaN where a joint is not known.
    keypoints : (T, 23, 2) float array
        Pixels; NaN where there is no label.
    """
    joints, points = positions[:, _JOINTS], keypoints[:, _KEYPOINTS]
    usable = np.isfinite(joints).all(axis=2) & np.isfinite(points).all(axis=2)
    usable &= np.nan_to_num(joints[..., 2]) > 0.1
    found = np.zeros(keypoints.shape[:2], bool)
    if usable.sum() < FEWEST:
        return found
    depth = joints[usable][:, 2].astype(np.float64)
    rows = _rows(joints[usable].astype(np.float64))
    seen = points[usable].astype(np.float64)
    camera = _fitted(rows, seen, depth)
    # A torso spans DIAGONAL metres; how many pixels that is follows from the camera's focal length and the depth.
    torso = DIAGONAL * np.abs(camera[0, 0]) / depth
    wrong = np.zeros(usable.shape, bool)
    wrong[usable] = np.linalg.norm(rows @ camera - seen, axis=1) > TOLERANCE * torso
    found[:, _KEYPOINTS] = wrong
    return found


def pinhole_of(positions: FloatArray, keypoints: FloatArray, size: tuple[int, int]) -> tuple[PinholeCamera, FloatArray]:
    """The camera that sees joints (T, 25, 3) at labels (T, 23, 2), and what to add to them (3,) to be in its space.

    It looks the same way as the Kinect, from beside it, and its axis meets the middle of a picture of ``size``, width
    and height in pixels. Joints and labels that are not known are NaN.

    Raises
    ------
    ValueError
        If too few are known.
    """
    joints, points = positions[:, _JOINTS], keypoints[:, _KEYPOINTS]
    usable = np.isfinite(joints).all(axis=2) & np.isfinite(points).all(axis=2) & (np.nan_to_num(joints[..., 2]) > 0.1)
    if usable.sum() < FEWEST:
        raise ValueError(f"{usable.sum()} joints have labels; a camera is found by {FEWEST}")
    middle = np.array(size, np.float64) / 2
    rows = _rows(joints[usable].astype(np.float64))
    across, up = (rows[:, [axis, 2]] for axis in range(2))
    nothing = np.zeros(len(rows))
    # u = middle - focal * (x + beside) / z, and v alike: three unknowns
    unknowns = np.concatenate(
        [
            np.stack([across[:, 0], across[:, 1], nothing], axis=1),
            np.stack([up[:, 0], nothing, up[:, 1]], axis=1),
        ]
    )
    seen = (middle - points[usable].astype(np.float64)).T.reshape(-1, 1)
    focal, x, y = _fitted(unknowns, seen, np.tile(joints[usable][:, 2], 2).astype(np.float64))[:, 0]
    beside = np.array([x / focal, y / focal, 0.0], np.float32)
    return PinholeCamera(float(focal), float(middle[0]), float(middle[1])), beside


def _rows(joints: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(n, 4): what a pinhole camera that may stand beside the origin multiplies: x/z, y/z, 1/z and 1."""
    inverse = 1.0 / joints[:, 2]
    return np.stack([joints[:, 0] * inverse, joints[:, 1] * inverse, inverse, np.ones_like(inverse)], axis=1)


def _fitted(
    rows: npt.NDArray[np.float64], seen: npt.NDArray[np.float64], depth: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """``camera`` with ``rows @ camera`` near ``seen``: least squares, again and again without the farthest."""
    keep = np.ones(len(rows), bool)
    camera: npt.NDArray[np.float64] = np.zeros((rows.shape[1], seen.shape[1]))
    for _ in range(ROUNDS):
        camera = np.asarray(np.linalg.lstsq(rows[keep], seen[keep], rcond=None)[0], np.float64)
        error = (
            np.linalg.norm(rows @ camera - seen, axis=1) * depth
        )  # as far as it is in metres, up to the focal length
        again = error <= 3.0 * np.median(error) + 1e-6
        if (again == keep).all():
            break
        keep = again
    return camera
