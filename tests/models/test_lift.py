"""Keypoints become a body that is about right, and never claims more than was seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.actor import Actor
from models.body import FloatArray
from models.camera import PinholeCamera
from models.inference import WeightsError
from models.joints import JOINT_PARENT, FrameEdges, Joint, Keypoint, TrackingState
from models.lift import DEFAULT_WEIGHTS, BodyLift, Height, Lifted, LiftMemory, moved_onto_rays
from models.lift_features import rays_of
from models.proportions import BONE_LENGTH, FOOT_FRACTION, HANGING, INDEX_FRACTION
from models.tracking_states import tracking_states

CLIPS = Path(__file__).parents[3] / "shared" / "data" / "kinect" / "keraal"
SIZE = (640, 480)
CAMERA = PinholeCamera.from_fov(*SIZE)
LIMBS = ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE")
RATE = 30.0
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


@pytest.fixture(scope="module")
def lift() -> BodyLift:
    return BodyLift()


def lifted(
    lift: BodyLift, keypoints: FloatArray, memory: LiftMemory | None = None, frames: int = 15, height: float = 1.7
) -> Lifted:
    """What is made of someone who holds still for some frames."""
    memory = memory or LiftMemory(height)
    start = max(memory.time, 0.0)
    for number in range(frames):
        result = lift(keypoints, CAMERA, start + number / RATE, memory, SIZE)
    return result


def error(positions: FloatArray, truth: FloatArray) -> float:
    """Mean error in millimetres, SpineBase aligned."""
    ours = positions - positions[Joint.SPINE_BASE]
    return 1000 * float(np.linalg.norm(ours - (truth - truth[Joint.SPINE_BASE]), axis=1).mean())


@pytest.mark.parametrize("distance", [2.0, 3.0, 5.0])
def test_someone_who_stands_is_found_where_they_stand(lift: BodyLift, distance: float) -> None:
    truth = standing(distance)
    positions = lifted(lift, keypoints_of(truth)).positions
    assert error(positions, truth) < 70
    assert positions[Joint.SPINE_BASE, 2] == pytest.approx(distance, rel=0.08)


def test_left_and_right_are_the_persons_own(lift: BodyLift) -> None:
    positions = lifted(lift, keypoints_of(standing())).positions
    assert positions[Joint.HAND_RIGHT, 0] > positions[Joint.HAND_LEFT, 0]
    assert positions[Joint.HEAD, 1] > positions[Joint.SPINE_BASE, 1] > positions[Joint.FOOT_LEFT, 1]


@pytest.mark.parametrize("turn", [-0.8, 0.8])
def test_whoever_turns_has_one_shoulder_farther_away(lift: BodyLift, turn: float) -> None:
    truth = standing(turn=turn)
    positions = lifted(lift, keypoints_of(truth)).positions
    expected = truth[Joint.SHOULDER_RIGHT, 2] - truth[Joint.SHOULDER_LEFT, 2]
    assert positions[Joint.SHOULDER_RIGHT, 2] - positions[Joint.SHOULDER_LEFT, 2] == pytest.approx(expected, abs=0.12)


def test_an_arm_towards_the_camera_comes_nearer(lift: BodyLift) -> None:
    truth = standing()
    arm = [Joint.ELBOW_RIGHT, Joint.WRIST_RIGHT, Joint.HAND_RIGHT, Joint.HAND_TIP_RIGHT, Joint.THUMB_RIGHT]
    reach = np.cumsum([BONE_LENGTH[joint] for joint in arm[:4]])
    truth[arm] = truth[Joint.SHOULDER_RIGHT] - np.outer([*reach, reach[3]], (0, 0, 1))
    positions = lifted(lift, keypoints_of(truth)).positions
    assert positions[Joint.SHOULDER_RIGHT, 2] - positions[Joint.HAND_RIGHT, 2] > 0.25


def test_distances_follow_the_height_that_is_given(lift: BodyLift) -> None:
    keypoints = keypoints_of(standing())
    small, tall = (lifted(lift, keypoints, height=height).positions for height in (0.9, 1.8))
    np.testing.assert_allclose(tall[Joint.SPINE_BASE], 2 * small[Joint.SPINE_BASE], atol=1e-3)


def test_a_height_is_learnt_with_time_unless_it_is_given() -> None:
    learnt, given = Height(), Height(1.2)
    for _ in range(100):
        learnt.learn(np.log(1.9 / 1.7), -2.0, 0.1)
        given.learn(np.log(1.9 / 1.7), -2.0, 0.1)
    assert learnt.metres == pytest.approx(1.9)
    assert given.metres == 1.2
    before = learnt.metres
    learnt.learn(-1.0, -2.0, 0.033)  # one wrong picture after ten seconds
    assert abs(learnt.metres - before) < 0.02
    learnt.learn(-1.0, -4.0, 1e6)
    assert 0.9 <= learnt.metres <= 2.2


@pytest.mark.parametrize(("part", "metres"), [("ELBOW", 0.05), ("WRIST", 0.05), ("KNEE", 0.12), ("ANKLE", 0.05)])
def test_a_joint_that_is_surely_seen_stays_near_its_ray(lift: BodyLift, part: str, metres: float) -> None:
    keypoints = keypoints_of(standing())
    keypoints[[Keypoint[f"LEFT_{part}"], Keypoint[f"RIGHT_{part}"]], 0] += 40  # 20 cm
    positions = lifted(lift, keypoints).positions
    for side in ("LEFT", "RIGHT"):
        joint, seen = positions[Joint[f"{part}_{side}"]], keypoints[Keypoint[f"{side}_{part}"], :2]
        assert np.linalg.norm(CAMERA.project(joint) - seen) * joint[2] / CAMERA.focal < metres + 0.001


def test_limbs_lie_on_the_rays_of_keypoints_that_are_a_kinects_joints() -> None:
    keypoints = keypoints_of(standing())
    keypoints[:, :2] += (9, -6)  # what the lift makes of it lies a little beside all of it
    parts = [k for k in Keypoint if k.name.endswith(("ELBOW", "WRIST", "KNEE", "ANKLE"))]
    joints = [Joint["_".join(reversed(k.name.split("_")))] for k in parts]
    beside = {}
    for exactly in (False, True):
        positions = lifted(BodyLift(kinect_keypoints=exactly), keypoints).positions
        beside[exactly] = np.linalg.norm(CAMERA.project(positions)[joints] - keypoints[parts, :2], axis=1)
    assert beside[True].max() < 0.5
    assert beside[False].max() > 1


def test_whoever_is_found_beside_their_place_is_moved_as_a_whole() -> None:
    truth = standing()
    keypoints = keypoints_of(truth)
    rays = rays_of(keypoints, CAMERA)[None]
    away = truth + np.array([0.05, -0.03, 0], np.float32)
    (moved,) = moved_onto_rays(away[None].astype(np.float32), rays, keypoints[None, :, 2])
    way = (moved - away)[:, :2]
    np.testing.assert_allclose(way, np.broadcast_to(way[:1], way.shape), atol=1e-6)
    assert way[0] == pytest.approx([-0.05, 0.03], abs=0.02)


def test_all_that_is_seen_is_tracked(lift: BodyLift) -> None:
    result = lifted(lift, keypoints_of(standing()))
    assert (result.tracking_states == TRACKED).all()
    assert result.clipped_edges == FrameEdges.NONE


def test_at_a_webcam_hips_are_inferred_and_legs_are_not_tracked(lift: BodyLift) -> None:
    at_desk = standing(1.0) - np.array([0, 0.6, 0], np.float32)
    result = lifted(lift, unseen(keypoints_of(at_desk), "HIP", "KNEE", "ANKLE", "FOOT"))
    states = {joint: result.tracking_states[joint] for joint in Joint}
    assert states[Joint.SHOULDER_LEFT] == states[Joint.SPINE_SHOULDER] == states[Joint.HEAD] == TRACKED
    assert states[Joint.SPINE_MID] == states[Joint.SPINE_BASE] == states[Joint.HIP_LEFT] == INFERRED
    assert states[Joint.KNEE_LEFT] == states[Joint.ANKLE_RIGHT] == states[Joint.FOOT_RIGHT] == NOT_TRACKED
    assert result.clipped_edges & FrameEdges.BOTTOM
    spine = result.positions[Joint.SPINE_SHOULDER] - result.positions[Joint.SPINE_BASE]
    assert spine[1] == pytest.approx(0.47, abs=0.1)


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


def test_a_limb_that_is_hidden_stays_about_where_it_was(lift: BodyLift) -> None:
    truth = standing()
    arm = [Joint.ELBOW_LEFT, Joint.WRIST_LEFT]
    truth[arm] = truth[Joint.SHOULDER_LEFT] + np.outer([0.26, 0.48], (-1, 0, 0))
    truth[[Joint.HAND_LEFT, Joint.HAND_TIP_LEFT, Joint.THUMB_LEFT]] = truth[Joint.WRIST_LEFT] - (0.1, 0, 0)
    memory = LiftMemory(1.7)
    before = lifted(lift, keypoints_of(truth), memory, frames=30)
    now = unseen(keypoints_of(truth), "LEFT_WRIST", "LEFT_INDEX", "LEFT_THUMB")
    after = lifted(lift, now, memory, frames=6)
    np.testing.assert_allclose(after.positions[arm], before.positions[arm], atol=0.32)
    assert (after.tracking_states[[Joint.WRIST_LEFT, Joint.HAND_LEFT]] != TRACKED).all()


def test_a_body_that_vanishes_stands_still(lift: BodyLift) -> None:
    memory = LiftMemory(1.7)
    before = lifted(lift, keypoints_of(standing()), memory)
    after = lifted(lift, np.full((len(Keypoint), 3), np.nan, np.float32), memory, frames=5)
    np.testing.assert_array_equal(after.positions, before.positions)
    assert (after.tracking_states == NOT_TRACKED).all()


@pytest.mark.parametrize("keypoint", Keypoint, ids=lambda keypoint: keypoint.name.lower())
def test_every_joint_has_a_place_when_only_one_keypoint_was_seen(lift: BodyLift, keypoint: Keypoint) -> None:
    keypoints = np.full((len(Keypoint), 3), np.nan, np.float32)
    keypoints[keypoint] = (320, 240, 0.9)
    result = lifted(lift, keypoints, frames=2)
    assert np.isfinite(result.positions).all()
    assert (result.positions[:, 2] > 0).all()
    assert (result.tracking_states == TRACKED).sum() <= 2


def test_wild_keypoints_give_finite_joints_in_front_of_the_camera(lift: BodyLift) -> None:
    rng, memory = np.random.default_rng(0), LiftMemory()
    for number in range(200):
        keypoints = (rng.normal(size=(23, 3)) * [2000, 2000, 1]).astype(np.float32)
        positions = lift(keypoints, CAMERA, number / RATE, memory, SIZE).positions
        assert np.isfinite(positions).all()
        assert (positions[:, 2] > 0).all()


def test_the_input_is_left_alone(lift: BodyLift) -> None:
    keypoints = keypoints_of(standing())
    before = keypoints.copy()
    lifted(lift, keypoints)
    np.testing.assert_array_equal(keypoints, before)


def test_two_people_do_not_disturb_each_other(lift: BodyLift) -> None:
    one, other = keypoints_of(standing(2.0)), keypoints_of(standing(4.0, turn=0.5))
    alone = lifted(lift, one).positions
    memory, second = LiftMemory(1.7), LiftMemory(1.7)
    for number in range(15):
        together = lift(one, CAMERA, number / RATE, memory, SIZE).positions
        lift(other, CAMERA, number / RATE, second, SIZE)
    np.testing.assert_array_equal(together, alone)


def test_everyone_at_once_is_lifted_as_each_one_alone(lift: BodyLift) -> None:
    everyone = np.array([keypoints_of(standing(1.5 + 0.5 * n, turn=0.2 * n)) for n in range(6)])
    everyone[2, :, 2] = 0.0  # somebody who is not seen at all
    everyone[3, 7] = np.nan
    together, alone = [LiftMemory() for _ in everyone], [LiftMemory() for _ in everyone]
    for number in range(10):
        time = number / RATE
        positions, states, edges = lift.everyone(everyone, CAMERA, time, together, SIZE)
        for row, memory in enumerate(alone):
            one = lift(everyone[row], CAMERA, time, memory, SIZE)
            np.testing.assert_allclose(positions[row], one.positions, atol=1e-4)
            np.testing.assert_array_equal(states[row], one.tracking_states)
            assert edges[row] == one.clipped_edges


def test_a_file_that_is_no_lift_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no such network file"):
        BodyLift(tmp_path / "none.onnx")
    with pytest.raises(WeightsError, match="not a lift network"):
        BodyLift(DEFAULT_WEIGHTS.with_name("pose_int8.onnx"))


def test_the_actor_is_recovered(lift: BodyLift) -> None:
    actor, memory, errors = Actor(seed=0), LiftMemory(), []
    for time in np.arange(0.0, 12.0, 0.1):
        (person,) = actor.render(float(time)).people
        keypoints = person.keypoints.copy()
        keypoints[:, 2] = keypoints[:, 2] > 0
        errors.append(error(lift(keypoints, CAMERA, float(time), memory, SIZE).positions, person.positions))
    assert np.mean(errors) < 110


@pytest.mark.skipif(not CLIPS.is_dir(), reason=f"{CLIPS} is missing")
def test_a_kinects_skeletons_are_recovered_from_noisy_projections(lift: BodyLift) -> None:
    rng, camera, memory = np.random.default_rng(0), PinholeCamera(540.7, 480, 270), LiftMemory()
    with np.load(CLIPS / "cacheTete_Correct3.npz") as clip:
        frames = clip["position"]
    errors = []
    for number, truth in enumerate(frames):
        keypoints = keypoints_of(truth, camera)
        keypoints[:, :2] += rng.normal(0, 2, (len(keypoints), 2))
        errors.append(error(lift(keypoints, camera, number / 20, memory).positions, truth))
    assert np.mean(errors) < 80
