"""Find where a camera stands in a Kinect's space, and how their clocks differ, from one person whom both watch.

The person is the calibration target: the Kinect gives joints in metres, the camera keypoints in pixels. Poses and
points are in the convention of camera space: X to the left, Y up, Z outwards, metres. Times are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.camera import PinholeCamera
from models.joints import Keypoint, TrackingState
from models.kinect_keypoints import KEYPOINT_JOINT
from models.proportions import DIAGONAL

USED = tuple(
    keypoint
    for keypoint in KEYPOINT_JOINT
    if keypoint.name.partition("_")[2] in ("SHOULDER", "ELBOW", "WRIST", "KNEE", "ANKLE")
)
"""The keypoints that lie where the Kinect's joints do. Its hips are closer together, but their middle serves, too; its
neck lies elsewhere, and fingers and feet shake."""

SURE = 0.3
"""The confidence from which a keypoint is used; RANSAC leaves out those that are wrong nevertheless."""

FEWEST_JOINTS, FEWEST_KINDS = 4, 6
"""How many joints both must see in a frame, and how many in `FEWEST_FRAMES` frames: shoulders alone fix no camera."""

MOST_FRAMES = 600
FEWEST_FRAMES = 45
"""A second and a half of one person, seen by both."""

LARGEST_OFFSET = 1.0
COARSE, FINE = 0.1, 1 / 120
"""Seconds: the largest difference of the clocks, and the steps in which it is looked for."""

REFITS = 4
"""How often a pose is fitted to what the pose before found right."""

LONGEST_GAP = 0.12
"""Seconds between two bodies of the Kinect across which its joints are interpolated."""

TOLERANCE = 0.12
"""In torsos: keypoints nearer than this to their projected joint are thought to be right."""

WORST = 0.1
"""In torsos: the median error above which the camera has not been found."""

_KEYPOINTS = np.array(USED)
_JOINTS = np.array([KEYPOINT_JOINT[keypoint] for keypoint in USED])
_HIP_KEYPOINTS = np.array([Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP])
_HIP_JOINTS = np.array([KEYPOINT_JOINT[hip] for hip in (Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP)])
_TO_OPENCV = np.diag([-1.0, -1.0, 1.0])  # OpenCV's X points to the right and Y down: half a turn about Z

DoubleArray = npt.NDArray[np.float64]


class AlignmentError(Exception):
    """A camera that cannot be found from what both saw; the message is one line for the user."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraPose:
    """How to get from the Kinect's space to the camera's: ``rotation @ point + translation``.

    Attributes
    ----------
    rotation : (3, 3) float64 array
    translation : (3,) float64 array
        Metres.
    """

    rotation: DoubleArray
    translation: DoubleArray

    def transform(self, points: FloatArray) -> FloatArray:
        """Points (..., 3) of the Kinect's space, in the camera's."""
        return np.asarray(points @ self.rotation.T + self.translation, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """A camera that was found.

    Attributes
    ----------
    pose : CameraPose
    clock_offset : float
        Seconds to add to a camera's time to have the Kinect's.
    error : float
        Median distance between keypoints and projected joints, in pixels.
    torsos : float
        The same as a share of the torso in the picture.
    inliers : float
        The share of keypoints nearer than `TOLERANCE`.
    frames : int
        Frames that were compared.
    """

    pose: CameraPose
    clock_offset: float
    error: float
    torsos: float
    inliers: float
    frames: int


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """What one device saw of one person, ``n`` frames in the order of time.

    Attributes
    ----------
    times : (n,) float64 array
    points : (n, 25, 3) or (n, 23, 3) float32 array
        The Kinect's positions, NaN where a joint is not Tracked; or a camera's keypoints.
    """

    times: DoubleArray
    points: FloatArray


def tracked_only(positions: FloatArray, states: ByteArray) -> FloatArray:
    """Positions (n, 25, 3) with NaN where the Kinect guessed, by its tracking states (n, 25)."""
    return np.where((states == TrackingState.TRACKED)[..., None], positions, np.float32(np.nan))


def interpolated(kinect: Watched, times: DoubleArray) -> FloatArray:
    """The Kinect's positions (m, 25, 3) at ``times`` (m,); NaN where it saw nothing shortly before and after."""
    result = np.full((len(times), *kinect.points.shape[1:]), np.nan, np.float32)
    if len(kinect.times) < 2:
        return result
    after = np.clip(np.searchsorted(kinect.times, times), 1, len(kinect.times) - 1)
    start, end = kinect.times[after - 1], kinect.times[after]
    usable = (start <= times) & (times <= end) & (end - start <= LONGEST_GAP)
    share = ((times - start) / np.maximum(end - start, 1e-9))[usable, None, None]
    before = kinect.points[after - 1][usable]
    result[usable] = before + share.astype(np.float32) * (kinect.points[after][usable] - before)
    return result


def find_camera(camera: PinholeCamera, seen: Watched, kinect: Watched) -> Alignment:
    """Find the camera that saw ``seen`` while the Kinect saw ``kinect``: the same one person.

    Perspective-n-point over all joints of all frames, with RANSAC against those that either saw wrongly, and a search
    for the difference of the clocks with the least error.

    Parameters
    ----------
    camera : PinholeCamera
    seen : Watched
        Keypoints.
    kinect : Watched
        Positions.

    Raises
    ------
    AlignmentError
        If there are too few frames with a person in both, or no pose explains them.
    """
    chosen = np.unique(np.linspace(0, max(len(seen.times) - 1, 0), MOST_FRAMES).astype(int))
    seen = Watched(seen.times[chosen], seen.points[chosen]) if len(seen.times) else seen
    search = _Search(camera, seen, kinect)
    steps = np.arange(-LARGEST_OFFSET, LARGEST_OFFSET + COARSE / 2, COARSE)
    starts = [(pose, offset) for offset in steps if (pose := search.pose(offset)) is not None]
    if not starts:
        raise AlignmentError(
            f"fewer than {FEWEST_FRAMES} pictures show one person clearly, with arms or legs, while the Kinect saw one"
        )
    pose, offset = min(starts, key=lambda start: search.cost(*start))
    for reach in (2 * COARSE, COARSE, COARSE / 2):
        offset = search.best_offset(pose, offset, reach)
        pose = search.pose(offset) or pose
    return search.judged(pose, offset)


class _Search:
    """Compares what both saw, for any difference of their clocks."""

    def __init__(self, camera: PinholeCamera, seen: Watched, kinect: Watched) -> None:
        self._camera = camera
        self._matrix = np.array(
            [[camera.focal, 0, camera.centre_u], [0, camera.focal, camera.centre_v], [0, 0, 1]], np.float64
        )
        self._times = seen.times
        self._pixels = _with_hips(seen.points[..., :2], _KEYPOINTS, _HIP_KEYPOINTS).astype(np.float64)
        sure = np.where(seen.points[..., 2:] >= SURE, np.float32(0), np.float32(np.nan))
        self._sure = np.isfinite(_with_hips(sure, _KEYPOINTS, _HIP_KEYPOINTS)[..., 0])
        self._kinect = Watched(kinect.times, _with_hips(kinect.points, _JOINTS, _HIP_JOINTS))

    def pose(self, offset: float) -> CameraPose | None:
        """The best pose for a difference of the clocks; None where too little was seen by both, or no pose fits."""
        points, usable = self._joints(offset)
        if np.count_nonzero(usable.sum(axis=0) >= FEWEST_FRAMES) < FEWEST_KINDS:
            return None
        objects = points[usable].astype(np.float64) @ _TO_OPENCV
        pixels = self._pixels[usable]
        reach = TOLERANCE * DIAGONAL * self._camera.focal / max(float(np.median(np.abs(objects[:, 2]))), 0.5)
        cv2.setRNGSeed(0)
        found, turn, shift, inliers = cv2.solvePnPRansac(
            objects, pixels, self._matrix, None, iterationsCount=200, reprojectionError=reach, flags=cv2.SOLVEPNP_SQPNP
        )
        if not found or inliers is None or len(inliers) < 6:
            return None
        right = np.isin(np.arange(len(objects)), inliers)
        for _ in range(REFITS):
            turn, shift = cv2.solvePnPRefineLM(objects[right], pixels[right], self._matrix, None, turn, shift)
            projected = cv2.projectPoints(objects, turn, shift, self._matrix, None)[0].reshape(-1, 2)
            errors = np.linalg.norm(projected - pixels, axis=1)
            right = errors < min(max(3 * float(np.median(errors)), 1.0), 2 * reach)
        rotation = np.asarray(cv2.Rodrigues(turn)[0], np.float64)
        return CameraPose(_TO_OPENCV @ rotation @ _TO_OPENCV, _TO_OPENCV @ shift.ravel())

    def cost(self, pose: CameraPose, offset: float) -> float:
        """Mean error in torsos, where everything that is certainly wrong is equally wrong."""
        _, torsos = self._errors(pose, offset)
        return float(np.minimum(torsos, 3 * TOLERANCE).mean()) if len(torsos) else np.inf

    def best_offset(self, pose: CameraPose, around: float, reach: float) -> float:
        """The difference of the clocks with the least error for a pose, to a fraction of a step."""
        offsets = np.clip(np.arange(around - reach, around + reach + FINE / 2, FINE), -LARGEST_OFFSET, LARGEST_OFFSET)
        costs = np.array([self.cost(pose, float(offset)) for offset in offsets])
        best = int(costs.argmin())
        if not 0 < best < len(costs) - 1:
            return float(offsets[best])
        left, middle, right = costs[best - 1 : best + 2]
        bend = left - 2 * middle + right
        return float(offsets[best] + (FINE * 0.5 * (left - right) / bend if bend > 1e-12 else 0.0))

    def judged(self, pose: CameraPose, offset: float) -> Alignment:
        """The result, unless it is too bad to be one."""
        pixels, torsos = self._errors(pose, offset)
        error, share = float(np.median(pixels)), float(np.median(torsos))
        if share > WORST:
            raise AlignmentError(
                f"no place of the camera explains what both saw: keypoints and projected joints differ by {error:.0f} "
                f"pixels, {share:.0%} of a torso; was it the same person, and is the field of view right?"
            )
        frames = int(np.count_nonzero(self._joints(offset)[1].any(axis=1)))
        return Alignment(pose, offset, error, share, float((torsos < TOLERANCE).mean()), frames)

    def _joints(self, offset: float) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
        points = interpolated(self._kinect, self._times + offset)
        usable = np.isfinite(points).all(axis=2) & self._sure
        return points, usable & (usable.sum(axis=1, keepdims=True) >= FEWEST_JOINTS)

    def _errors(self, pose: CameraPose, offset: float) -> tuple[DoubleArray, DoubleArray]:
        """In pixels, and in torsos, of every keypoint that has a joint."""
        points, usable = self._joints(offset)
        inside = pose.transform(points[usable])
        depth = np.maximum(inside[:, 2], 0.1)
        projected = self._camera.project(np.column_stack([inside[:, :2], depth]).astype(np.float32))
        pixels = np.linalg.norm(projected - self._pixels[usable], axis=1)
        return pixels, pixels * depth / (DIAGONAL * self._camera.focal)


def _with_hips(points: FloatArray, which: npt.NDArray[np.intp], hips: npt.NDArray[np.intp]) -> FloatArray:
    """The points (n, 11, k) of ``which``, and the middle of the hips."""
    return np.concatenate([points[:, which], points[:, hips].mean(axis=1, keepdims=True)], axis=1)
