"""Facts about finding a camera beside a Kinect, with the actor as the one whom both watch."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from models.actor import Actor
from models.body import FloatArray
from models.camera import PinholeCamera
from models.extrinsics import AlignmentError, CameraPose, Watched, find_camera, interpolated, tracked_only
from models.joints import Joint, Keypoint, TrackingState
from models.kinect_keypoints import KEYPOINT_JOINT

Times = npt.NDArray[np.float64]
CAMERA = PinholeCamera.from_fov(640, 480)
KERAAL = Path(__file__).parents[3] / "shared" / "data" / "kinect" / "keraal"
TURN = np.array([0.12, -0.45, 0.06])
"""Axis and angle: the Kinect stands to the side, a little higher, and looks across."""

SHIFT = np.array([0.8, 0.25, -0.3])


@pytest.mark.parametrize(("offset", "seed"), [(0.137, 0), (-0.31, 1), (0.0, 2)])
def test_the_camera_and_the_clocks_are_found(offset: float, seed: int) -> None:
    truth = camera_pose()
    seen, kinect = both(offset, seed)
    found = find_camera(CAMERA, seen, kinect)
    assert found.clock_offset == pytest.approx(offset, abs=0.015)
    assert angle_between(found.pose.rotation, truth.rotation) < 1.5
    assert np.linalg.norm(found.pose.translation - truth.translation) < 0.08
    assert found.inliers > 0.8
    assert found.torsos < 0.08


def test_labels_then_lie_where_the_joints_are() -> None:
    truth = camera_pose()
    seen, kinect = both(0.1, seed=3)
    found = find_camera(CAMERA, seen, kinect)
    labels = CAMERA.project(found.pose.transform(kinect.points))
    right = CAMERA.project(truth.transform(kinect.points))
    assert np.nanmedian(np.linalg.norm(labels - right, axis=-1)) < 3.0


def test_the_reprojection_error_grows_with_the_noise() -> None:
    calm, shaky = (find_camera(CAMERA, *both(0.1, seed=4, noise=noise)) for noise in (1.0, 6.0))
    assert calm.error < shaky.error
    assert shaky.error == pytest.approx(6.0 * 1.18, rel=0.6)  # the median length of a 2-D normal error


def test_two_different_people_are_no_match() -> None:
    seen, _ = both(0.0, seed=5)
    _, kinect = both(0.0, seed=6)
    rng = np.random.default_rng(0)
    elsewhere = np.cumsum(rng.normal(0, 0.1, (len(kinect.times), 1, 3)), axis=0).astype(np.float32)
    with pytest.raises(AlignmentError, match="explains what both saw"):
        find_camera(CAMERA, seen, Watched(kinect.times, kinect.points + elsewhere))


@pytest.mark.parametrize("frames", [0, 1, 30])
def test_a_moment_is_not_enough(frames: int) -> None:
    seen, kinect = both(0.0, seed=0)
    short = Watched(seen.times[:frames], seen.points[:frames])
    with pytest.raises(AlignmentError, match="fewer than 45 pictures"):
        find_camera(CAMERA, short, kinect)
    with pytest.raises(AlignmentError, match="fewer than 45 pictures"):
        find_camera(CAMERA, seen, Watched(kinect.times[:frames], kinect.points[:frames]))


def test_shoulders_alone_fix_no_camera() -> None:
    seen, kinect = both(0.0, seed=0)
    keypoints = seen.points.copy()
    keypoints[:, [k for k in Keypoint if not k.name.endswith("SHOULDER")], 2] = 0.1
    with pytest.raises(AlignmentError, match="arms or legs"):
        find_camera(CAMERA, Watched(seen.times, keypoints), kinect)


@pytest.mark.skipif(not KERAAL.is_dir(), reason="needs ../shared/data/kinect/keraal")
def test_someone_who_sits_before_a_real_kinect_is_enough() -> None:
    with np.load(sorted(KERAAL.glob("*.npz"))[0], allow_pickle=False) as file:
        positions = np.asarray(file["position"], np.float32)
    kinect = Watched(np.arange(len(positions)) / 30, positions)
    colour = PinholeCamera(540.7, 480.0, 270.0)
    seen_at = kinect.times[3:-3] - 0.07
    joints = interpolated(kinect, seen_at + 0.07) + np.array([0.052, 0.0, 0.0], np.float32)
    keypoints = np.zeros((len(seen_at), len(Keypoint), 3), np.float32)
    ours = list(KEYPOINT_JOINT)
    keypoints[:, ours, :2] = colour.project(joints[:, list(KEYPOINT_JOINT.values())])
    keypoints[:, ours, :2] += np.random.default_rng(0).normal(0, 4, (len(seen_at), len(ours), 2))
    keypoints[:, ours, 2] = 0.9
    found = find_camera(colour, Watched(seen_at, keypoints), kinect)
    assert found.clock_offset == pytest.approx(0.07, abs=0.01)
    assert angle_between(found.pose.rotation, np.eye(3)) < 1.0
    assert np.linalg.norm(found.pose.translation - (0.052, 0, 0)) < 0.06


def test_between_two_bodies_joints_are_interpolated_but_not_across_a_gap() -> None:
    points = np.zeros((3, len(Joint), 3), np.float32)
    points[1], points[2] = 1.0, 9.0
    kinect = Watched(np.array([0.0, 0.1, 1.0]), points)
    found = interpolated(kinect, np.array([-0.1, 0.05, 0.1, 0.5, 2.0]))
    np.testing.assert_allclose(found[:, 0, 0], [np.nan, 0.5, 1.0, np.nan, np.nan], rtol=1e-6)


def test_guessed_joints_are_left_out() -> None:
    positions = np.ones((1, len(Joint), 3), np.float32)
    states = np.full((1, len(Joint)), TrackingState.TRACKED, np.uint8)
    states[0, Joint.WRIST_LEFT] = TrackingState.INFERRED
    assert np.isnan(tracked_only(positions, states)).all(axis=2).tolist() == [[j is Joint.WRIST_LEFT for j in Joint]]


def camera_pose() -> CameraPose:
    return CameraPose(np.asarray(cv2.Rodrigues(TURN)[0]), SHIFT)


def both(offset: float, seed: int, noise: float = 3.0) -> tuple[Watched, Watched]:
    """Twelve seconds of the actor: keypoints in the camera, joints from a Kinect elsewhere with another clock."""
    rng, pose = np.random.default_rng(seed), camera_pose()
    seen_at, kinect_at, points, positions = performance(seed)
    keypoints = np.full((len(seen_at), len(Keypoint), 3), 0.9, np.float32)
    keypoints[..., :2] = CAMERA.project(points) + rng.normal(0, noise, (*points.shape[:2], 2))
    wrong = rng.random(keypoints.shape[:2]) < 0.05
    keypoints[wrong, :2] = rng.uniform(0, 480, (wrong.sum(), 2))
    in_kinect = (positions - pose.translation) @ pose.rotation  # the inverse of transform
    in_kinect += rng.normal(0, 0.01, in_kinect.shape)
    return Watched(seen_at, keypoints), Watched(kinect_at + offset, in_kinect.astype(np.float32))


@cache
def performance(seed: int) -> tuple[Times, Times, FloatArray, FloatArray]:
    """When the camera and the Kinect looked, where the keypoints were then, and where the joints."""
    actor = Actor(seed=seed)
    seen_at = np.arange(0.0, 12.0, 1 / 30) + np.random.default_rng(seed).uniform(0, 0.005, 360)
    kinect_at = np.arange(0.011, 12.5, 1 / 30)
    points = np.stack([actor.poses(moment)[0].body.keypoints for moment in seen_at])
    return seen_at, kinect_at, points, np.stack([actor.poses(moment)[0].body.positions for moment in kinect_at])


def angle_between(one: FloatArray | npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Degrees."""
    return float(np.degrees(np.linalg.norm(cv2.Rodrigues(one @ other.T)[0])))
