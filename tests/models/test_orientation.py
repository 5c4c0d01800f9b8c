"""Orientations follow the Kinect v2's convention."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.body import FloatArray
from models.joints import JOINT_PARENT, Joint
from models.orientation import Orienter, cross, facing, lean, orientations
from models.orientation_evaluation import angles_between, evaluate_orientations
from models.proportions import HANGING

CLIPS = Path(__file__).parents[3] / "shared" / "data" / "kinect" / "keraal"
ENDS = {Joint.HEAD, *(Joint[f"{part}_{side}"] for part in ("HAND_TIP", "THUMB", "FOOT") for side in ("LEFT", "RIGHT"))}


def hanging() -> FloatArray:
    """Someone (25, 3) who stands at ease two metres away and faces the camera."""
    positions = np.zeros((25, 3), np.float32)
    positions[Joint.SPINE_BASE] = (0.0, 0.0, 2.0)
    for joint, parent in JOINT_PARENT.items():
        positions[joint] = positions[parent] + HANGING[joint] * (1, 1, -1)
    return positions


def turned(quaternions: FloatArray, axis: tuple[float, float, float]) -> FloatArray:
    """``axis`` turned by each of the quaternions (n, 4) x y z w."""
    vector, w = quaternions[:, :3], quaternions[:, 3:]
    along = np.broadcast_to(np.array(axis, np.float32), vector.shape)
    twice = 2 * cross(vector, along)
    return np.asarray(along + w * twice + cross(vector, twice))


def test_y_runs_along_the_bone() -> None:
    positions = hanging()
    y = turned(orientations(positions), (0, 1, 0))
    for joint, parent in JOINT_PARENT.items():
        if joint not in ENDS:
            bone = positions[joint] - positions[parent]
            np.testing.assert_allclose(y[joint], bone / np.linalg.norm(bone), atol=1e-5)


def test_quaternions_have_length_one_and_end_joints_none() -> None:
    length = np.linalg.norm(orientations(hanging()), axis=1)
    np.testing.assert_allclose(length, [0.0 if joint in ENDS else 1.0 for joint in Joint], atol=1e-5)


def test_the_spine_looks_where_the_chest_faces() -> None:
    positions = hanging()
    assert facing(positions)[2] < -0.9
    np.testing.assert_allclose(turned(orientations(positions), (0, 0, 1))[Joint.NECK], facing(positions), atol=0.1)


def test_a_body_without_extent_gives_numbers() -> None:
    assert np.isfinite(orientations(np.zeros((25, 3), np.float32))).all()


def straight_arm(swing: float, bend: float) -> FloatArray:
    """Someone whose right arm points forwards, is raised by ``swing`` and bends upwards by ``bend`` radians."""
    positions = hanging()
    shoulder = positions[Joint.SHOULDER_RIGHT]
    directions = [np.array([0, np.sin(a), -np.cos(a)], np.float32) for a in (swing, swing + bend)]
    positions[Joint.ELBOW_RIGHT] = shoulder + 0.26 * directions[0]
    for joint, reach in ((Joint.WRIST_RIGHT, 0.23), (Joint.HAND_RIGHT, 0.29), (Joint.HAND_TIP_RIGHT, 0.36)):
        positions[joint] = positions[Joint.ELBOW_RIGHT] + reach * directions[1]
    positions[Joint.THUMB_RIGHT] = positions[Joint.HAND_RIGHT] + np.array([-0.05, 0, 0], np.float32)
    return positions


def test_quaternions_keep_their_sign_while_a_body_turns_around_twice() -> None:
    orienter, before = Orienter(), None
    for step in range(240):
        angle = step / 240 * 4 * np.pi
        c, s = np.cos(angle), np.sin(angle)
        spin = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]], np.float32)
        now = orienter(step / 30, hanging() @ spin)
        if before is not None:
            assert ((now * before).sum(axis=1) > -1e-6).all()
            moving = np.abs(now).max(axis=1) > 0
            assert np.degrees(angles_between(now, before))[moving].max() < 10
        before = now


def test_a_straight_arm_whose_bend_shakes_does_not_twist() -> None:
    rng, orienter, alone = np.random.default_rng(0), Orienter(), []
    before = None
    for step in range(200):
        positions = straight_arm(1.2 * np.sin(step / 30), rng.normal(0, 0.15))
        now = orienter(step / 30, positions)
        alone.append(orientations(positions)[Joint.ELBOW_RIGHT])
        if before is not None:
            assert np.degrees(angles_between(now, before))[Joint.ELBOW_RIGHT] < 30
        before = now
    shaky = np.degrees(angles_between(np.array(alone[1:]), np.array(alone[:-1])))
    assert shaky.max() > 90  # what it would be without memory


def test_an_arm_that_bends_the_other_way_has_its_new_roll_within_half_a_second() -> None:
    orienter = Orienter()
    for step in range(10):
        orienter(step / 30, straight_arm(0.0, 1.0))
    for step in range(10, 25):
        late = orienter(step / 30, straight_arm(0.0, -1.0))
    exact = orientations(straight_arm(0.0, -1.0))
    assert np.degrees(angles_between(late, exact))[Joint.ELBOW_RIGHT] < 5


def test_after_a_pause_orientations_begin_anew() -> None:
    orienter = Orienter()
    orienter(0.0, straight_arm(0.0, 1.0))
    np.testing.assert_allclose(orienter(5.0, straight_arm(0.0, -1.0)), orientations(straight_arm(0.0, -1.0)), atol=1e-6)


@pytest.mark.parametrize(
    ("degrees", "axis", "expected"),
    [(0, 2, (0, 0)), (22.5, 2, (0.5, 0)), (-22.5, 2, (-0.5, 0)), (22.5, 0, (0, 0.5)), (80, 0, (0, 1))],
)
def test_lean_is_to_the_right_and_forwards_and_1_at_45_degrees(degrees: float, axis: int, expected: object) -> None:
    upright, positions = hanging(), hanging()
    legs = [joint for joint in Joint if "KNEE" in joint.name or "ANKLE" in joint.name or "HIP" in joint.name]
    right, forwards = np.sin(np.radians(degrees)) * (axis == 2), np.sin(np.radians(degrees)) * (axis == 0)
    spine = np.array([right, np.cos(np.radians(degrees)), -forwards], np.float32)
    positions[Joint.SPINE_SHOULDER] = positions[Joint.SPINE_BASE] + 0.5 * spine
    positions[legs] = upright[legs]
    np.testing.assert_allclose(lean(positions), expected, atol=0.01)


def test_lean_is_told_from_the_floor_where_it_is_known() -> None:
    tilt = np.radians(22.5)  # a camera that looks down sees an upright person lean towards it
    up = np.array([0, np.cos(tilt), -np.sin(tilt)], np.float32)
    positions = hanging()
    positions[Joint.SPINE_SHOULDER] = positions[Joint.SPINE_BASE] + 0.5 * up
    assert lean(positions)[1] == pytest.approx(0.5, abs=0.01)
    np.testing.assert_allclose(lean(positions, up), 0, atol=0.01)


@pytest.mark.skipif(not CLIPS.is_dir(), reason=f"{CLIPS} is missing")
def test_a_kinect_says_the_same_of_its_own_joints_and_jumps_more_often() -> None:
    result = evaluate_orientations([CLIPS / "cacheTete_Correct3.npz", CLIPS / "rotationTronc_Error1Bodypart3_0.npz"])
    assert result.median_deg < 4.0
    assert max(result.per_joint_deg.values()) < 35.0
    assert set(result.per_joint_deg) == {joint.name.lower() for joint in Joint if joint not in ENDS}
    assert result.jumps < result.kinect_jumps


def test_people_who_share_an_orienter_do_not_disturb_each_other() -> None:
    rng, together = np.random.default_rng(4), Orienter()
    alone: dict[int, Orienter] = {}
    before: list[int] = []
    for frame, here in enumerate([[1], [1, 2], [2, 1], [2, 1], [3, 1], [1, 3, 2]]):
        alone = {one: alone.get(one) or Orienter() for one in here}
        together.keep(np.array([before.index(one) if one in before else -1 for one in here], np.intp))
        positions = np.array([hanging() + rng.normal(0, 0.1, (25, 3)) for _ in here], np.float32)
        for row, quaternions in enumerate(together(frame / 30, positions)):
            np.testing.assert_allclose(quaternions, alone[here[row]](frame / 30, positions[row]), atol=1e-5)
        np.testing.assert_allclose(lean(positions), [lean(one) for one in positions], atol=1e-5)
        before = here
