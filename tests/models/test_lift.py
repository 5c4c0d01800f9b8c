"""Keypoints become a body that is about right, and never claims more than was seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.actor import Actor
from models.body import FloatArray
from models.camera import PinholeCamera
from models.joints import JOINT_PARENT, FrameEdges, Joint, Keypoint, TrackingState
from models.lift import Lifted, lift_body, tracking_states
from models.proportions import BONE_LENGTH, FOOT_FRACTION, HANGING, INDEX_FRACTION

CLIPS = Path(__file__).parents[3] / "shared" / "data" / "kinect" / "keraal"
SIZE = (640, 480)
CAMERA = PinholeCamera.from_fov(*SIZE)
LIMBS = ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE")
TRACKED, INFERRED, NOT_TRACKED = TrackingState.TRACKED, TrackingState.INFERRED, TrackingState.NOT_TRACKED


def standing(distance: float = 3.0, turn: float = 0.0) -> FloatArray:
    """Someone (25, 3) who stands at ease and faces the camera, or turns to their right by ``turn`` radians."""
    facing = np.array([[1, 0, 0], [0, 1, 0], [0, 0, -1]], np.float32)  # right, up and forwards in camera space
    c, s = np.cos(turn), np.sin(turn)
    turning = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]], np.float32).T
    positions = np.zeros((len(Joint), 3), np.float32)
    for joint, parent in JOINT_PARENT.items():
        positions[joint] = positions[parent] + HANGING[joint] @ facing @ turning
    return positions + np.array([0, 0, distance], np.float32)


def keypoints_of(positions: FloatArray, camera: PinholeCamera = CAMERA) -> FloatArray:
    """Keypoints (23, 3) that a perfect network would find of Kinect joints (25, 3)."""
    right = positions[Joint.SHOULDER_RIGHT] - positions[Joint.SHOULDER_LEFT]
    up = positions[Joint.SPINE_SHOULDER] - positions[Joint.SPINE_BASE]
    right, up = right / np.linalg.norm(right), up / np.linalg.norm(up)
    head = positions[Joint.HEAD]
    points = np.zeros((len(Keypoint), 3), np.float32)
    points[Keypoint.NOSE] = head + 0.1 * np.cross(up, right)
    points[Keypoint.LEFT_EAR], points[Keypoint.RIGHT_EAR] = head - 0.07 * right, head + 0.07 * right
    points[Keypoint.HEAD_TOP], points[Keypoint.NECK] = head + 0.12 * up, positions[Joint.NECK]
    for side in ("LEFT", "RIGHT"):
        joints = {part: positions[Joint[f"{part}_{side}"]] for part in (*LIMBS, "HAND_TIP", "THUMB", "FOOT")}
        for part in (*LIMBS, "THUMB"):
            points[Keypoint[f"{side}_{part}"]] = joints[part]
        hand, foot = joints["HAND_TIP"] - joints["WRIST"], joints["FOOT"] - joints["ANKLE"]
        points[Keypoint[f"{side}_INDEX"]] = joints["WRIST"] + INDEX_FRACTION * hand
        points[Keypoint[f"{side}_FOOT"]] = joints["ANKLE"] + foot / FOOT_FRACTION
    pixels = camera.project(points)
    return np.concatenate([pixels, np.ones((len(points), 1), np.float32)], axis=1)


def unseen(keypoints: FloatArray, *names: str) -> FloatArray:
    """``keypoints`` without those whose names contain one of ``names``."""
    result = keypoints.copy()
    for keypoint in Keypoint:
        if any(name in keypoint.name for name in names):
            result[keypoint] = 0.0
    return result


def error(lifted: Lifted, positions: FloatArray) -> float:
    """Mean error in millimetres, SpineBase aligned."""
    ours = lifted.positions - lifted.positions[Joint.SPINE_BASE]
    return 1000 * float(np.linalg.norm(ours - (positions - positions[Joint.SPINE_BASE]), axis=1).mean())


@pytest.mark.parametrize("distance", [1.5, 3.0, 6.0])
def test_someone_who_stands_is_found_where_they_stand(distance: float) -> None:
    positions = standing(distance)
    lifted = lift_body(keypoints_of(positions), CAMERA)
    assert error(lifted, positions) < 60
    assert lifted.positions[Joint.SPINE_BASE, 2] == pytest.approx(distance, rel=0.08)


def test_left_and_right_are_the_persons_own() -> None:
    positions = lift_body(keypoints_of(standing()), CAMERA).positions
    assert positions[Joint.HAND_RIGHT, 0] > positions[Joint.HAND_LEFT, 0]
    assert positions[Joint.HEAD, 1] > positions[Joint.SPINE_BASE, 1] > positions[Joint.FOOT_LEFT, 1]


@pytest.mark.parametrize("turn", [-0.9, 0.9])
def test_whoever_turns_has_one_shoulder_farther_away(turn: float) -> None:
    positions = standing(turn=turn)
    lifted = lift_body(keypoints_of(positions), CAMERA).positions
    truth = positions[Joint.SHOULDER_RIGHT, 2] - positions[Joint.SHOULDER_LEFT, 2]
    assert lifted[Joint.SHOULDER_RIGHT, 2] - lifted[Joint.SHOULDER_LEFT, 2] == pytest.approx(truth, abs=0.12)


def test_someone_seen_from_behind_bends_the_knees_away_from_the_camera() -> None:
    positions = standing(turn=np.pi)
    positions[[Joint.KNEE_LEFT, Joint.KNEE_RIGHT]] += np.array([0, 0.1, 0.3], np.float32)
    lifted = lift_body(keypoints_of(positions), CAMERA).positions
    assert lifted[Joint.HAND_RIGHT, 0] < lifted[Joint.HAND_LEFT, 0]
    assert lifted[Joint.KNEE_LEFT, 2] > lifted[Joint.HIP_LEFT, 2] + 0.05


def test_an_arm_towards_the_camera_comes_nearer() -> None:
    positions = standing()
    arm = [Joint.ELBOW_RIGHT, Joint.WRIST_RIGHT, Joint.HAND_RIGHT, Joint.HAND_TIP_RIGHT, Joint.THUMB_RIGHT]
    reach = np.cumsum([BONE_LENGTH[joint] for joint in arm[:4]])
    positions[arm] = positions[Joint.SHOULDER_RIGHT] - np.outer([*reach, reach[3]], (0, 0, 1))
    lifted = lift_body(keypoints_of(positions), CAMERA).positions
    assert lifted[Joint.SHOULDER_RIGHT, 2] - lifted[Joint.HAND_RIGHT, 2] == pytest.approx(reach[2], abs=0.15)


def test_size_follows_the_height() -> None:
    keypoints = keypoints_of(standing())
    small, tall = (lift_body(keypoints, CAMERA, height).positions for height in (0.9, 1.8))
    np.testing.assert_allclose(tall, 2 * small, atol=1e-3)


def test_every_joint_that_is_seen_stays_on_its_ray() -> None:
    keypoints = keypoints_of(standing())
    pixels = CAMERA.project(lift_body(keypoints, CAMERA).positions)
    for side in ("LEFT", "RIGHT"):
        for part in LIMBS:
            seen = keypoints[Keypoint[f"{side}_{part}"], :2]
            np.testing.assert_allclose(pixels[Joint[f"{part}_{side}"]], seen, atol=0.05)


def test_all_that_is_seen_is_tracked() -> None:
    lifted = lift_body(keypoints_of(standing()), CAMERA, size=SIZE)
    assert (lifted.tracking_states == TRACKED).all()
    assert lifted.clipped_edges == FrameEdges.NONE


def test_at_a_webcam_hips_are_inferred_and_legs_are_not_tracked() -> None:
    at_desk = standing(1.0) - np.array([0, 0.6, 0], np.float32)
    keypoints = unseen(keypoints_of(at_desk), "HIP", "KNEE", "ANKLE", "FOOT")
    lifted = lift_body(keypoints, CAMERA, size=SIZE)
    states = {joint: lifted.tracking_states[joint] for joint in Joint}
    assert states[Joint.SHOULDER_LEFT] == states[Joint.SPINE_SHOULDER] == states[Joint.HEAD] == TRACKED
    assert states[Joint.SPINE_MID] == states[Joint.SPINE_BASE] == states[Joint.HIP_LEFT] == INFERRED
    assert states[Joint.KNEE_LEFT] == states[Joint.ANKLE_RIGHT] == states[Joint.FOOT_RIGHT] == NOT_TRACKED
    assert lifted.clipped_edges & FrameEdges.BOTTOM
    spine = lifted.positions[Joint.SPINE_SHOULDER] - lifted.positions[Joint.SPINE_BASE]
    assert spine[1] == pytest.approx(0.47, abs=0.08)


def test_what_lies_outside_the_picture_is_never_tracked() -> None:
    keypoints = keypoints_of(standing())
    keypoints[Keypoint.LEFT_WRIST, 0] = SIZE[0] + 5
    assert tracking_states(keypoints)[Joint.WRIST_LEFT] == TRACKED
    states = tracking_states(keypoints, SIZE)
    assert states[Joint.WRIST_LEFT] == states[Joint.HAND_LEFT] == INFERRED


def test_what_is_unsure_is_inferred() -> None:
    keypoints = keypoints_of(standing())
    keypoints[:, 2] = 0.4
    assert (tracking_states(keypoints) == INFERRED).all()


def test_one_look_at_the_head_is_enough() -> None:
    keypoints = unseen(keypoints_of(standing()), "EAR", "HEAD_TOP")
    assert tracking_states(keypoints)[Joint.HEAD] == TRACKED


def test_a_limb_that_is_hidden_keeps_its_pose() -> None:
    positions = standing()
    arm = [Joint.ELBOW_LEFT, Joint.WRIST_LEFT, Joint.HAND_LEFT, Joint.HAND_TIP_LEFT, Joint.THUMB_LEFT]
    positions[arm] = positions[Joint.SHOULDER_LEFT] + np.outer([0.26, 0.48, 0.54, 0.61, 0.56], (-1, 0, 0))
    before = lift_body(keypoints_of(positions), CAMERA)
    now = unseen(keypoints_of(positions), "LEFT_ELBOW", "LEFT_WRIST", "LEFT_INDEX", "LEFT_THUMB")
    lifted = lift_body(now, CAMERA, previous=before)
    np.testing.assert_allclose(lifted.positions[arm], before.positions[arm], atol=0.03)
    assert (lifted.tracking_states[arm] != TRACKED).all()


@pytest.mark.parametrize("keypoint", Keypoint, ids=lambda keypoint: keypoint.name.lower())
def test_every_joint_has_a_place_when_only_one_keypoint_was_seen(keypoint: Keypoint) -> None:
    keypoints = np.full((len(Keypoint), 3), np.nan, np.float32)
    keypoints[keypoint] = (320, 240, 0.9)
    lifted = lift_body(keypoints, CAMERA, size=SIZE)
    assert np.isfinite(lifted.positions).all()
    assert (lifted.positions[:, 2] > 0).all()
    assert (lifted.tracking_states == TRACKED).sum() <= 2


def test_nothing_seen_gives_numbers_and_no_claims() -> None:
    lifted = lift_body(np.zeros((len(Keypoint), 3), np.float32), CAMERA, size=SIZE)
    assert np.isfinite(lifted.positions).all()
    assert (lifted.tracking_states == NOT_TRACKED).all()


def test_the_input_is_left_alone() -> None:
    keypoints = keypoints_of(standing())
    before = keypoints.copy()
    lift_body(keypoints, CAMERA, size=SIZE)
    np.testing.assert_array_equal(keypoints, before)


def test_the_actor_is_recovered() -> None:
    actor, previous, errors = Actor(seed=0), None, []
    for time in np.arange(0.0, 12.0, 0.4):
        (person,) = actor.render(float(time)).people
        keypoints = person.keypoints.copy()
        keypoints[:, 2] = keypoints[:, 2] > 0
        previous = lift_body(keypoints, CAMERA, size=SIZE, previous=previous)
        errors.append(error(previous, person.positions))
    assert np.mean(errors) < 120


@pytest.mark.skipif(not CLIPS.is_dir(), reason=f"{CLIPS} is missing")
def test_a_kinects_skeletons_are_recovered_from_noisy_projections() -> None:
    rng, camera = np.random.default_rng(0), PinholeCamera(540.7, 480, 270)
    with np.load(CLIPS / "cacheTete_Correct0.npz") as clip:
        frames = clip["position"][::4]
    previous, errors = None, []
    for positions in frames:
        keypoints = keypoints_of(positions, camera)
        keypoints[:, :2] += rng.normal(0, 2, (len(keypoints), 2))
        previous = lift_body(keypoints, camera, previous=previous)
        errors.append(error(previous, positions))
    assert np.mean(errors) < 100
