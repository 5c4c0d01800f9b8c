"""Facts about which of a Kinect's labels are trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from models.body import ByteArray, FloatArray
from models.camera import PinholeCamera
from models.joints import JOINT_PARENT, Joint, Keypoint, TrackingState
from models.kinect_keypoints import KEYPOINT_JOINT, kinect_labels
from models.label_checks import (
    BONE,
    INFERRED,
    INFERRED_WEIGHT,
    JUMP,
    NO_JOINT,
    NOT_TRACKED,
    OFF_BODY,
    OUTSIDE,
    LabelCheck,
    check_labels,
    merged,
)
from models.proportions import HANGING

SIZE = (960, 540)
CAMERA = PinholeCamera(540.7, 480.0, 270.0)
FRAMES = 90
BoolArray = npt.NDArray[np.bool_]
Corruption = Callable[[FloatArray, np.random.Generator], tuple[FloatArray, BoolArray]]
KERAAL = Path(__file__).parents[3] / "shared" / "data" / "kinect" / "keraal"


def test_someone_who_moves_as_people_do_keeps_every_label() -> None:
    positions, states, keypoints, times = somebody()
    check = check_labels(positions, states, keypoints, times, SIZE)
    assert sum(check.report.dropped.values()) == 0
    assert (check.weights[:, list(KEYPOINT_JOINT)] == 1).all()
    assert check.weights.shape == (FRAMES, len(Keypoint))
    assert check.weights.dtype == np.float32


def test_a_keypoint_without_a_joint_has_no_weight_and_is_no_label() -> None:
    check = check_labels(*somebody(), SIZE)
    assert (check.weights[:, [Keypoint.NOSE, Keypoint.LEFT_EAR, Keypoint.HEAD_TOP]] == 0).all()
    assert check.report.labels == FRAMES * len(KEYPOINT_JOINT)
    assert "nose" not in check.report.per_keypoint


def test_inferred_joints_count_less_and_untracked_ones_not_at_all() -> None:
    positions, states, keypoints, times = somebody()
    states[10:20, Joint.ELBOW_LEFT] = TrackingState.INFERRED
    states[30:35, Joint.KNEE_RIGHT] = TrackingState.NOT_TRACKED
    check = check_labels(positions, states, keypoints, times, SIZE)
    assert (check.weights[10:20, Keypoint.LEFT_ELBOW] == np.float32(INFERRED_WEIGHT)).all()
    assert (check.weights[30:35, Keypoint.RIGHT_KNEE] == 0).all()
    assert check.report.doubted == {INFERRED: 10}
    assert {reason: n for reason, n in check.report.dropped.items() if n} == {NOT_TRACKED: 5}


def test_a_joint_that_is_elsewhere_for_one_frame_has_jumped() -> None:
    positions, states, _, times = somebody()
    positions[40, Joint.WRIST_RIGHT] += np.array([0.0, 0.0, 0.14], np.float32)
    check = check_labels(positions, states, seen(positions, states), times, SIZE)
    assert check.report.dropped[JUMP] == 1
    assert check.weights[40, Keypoint.RIGHT_WRIST] == 0
    assert (np.delete(check.weights[:, Keypoint.RIGHT_WRIST], 40) == 1).all()


def test_a_body_that_is_elsewhere_for_a_while_is_dropped_for_that_while() -> None:
    positions, states, _, times = somebody()
    positions[40:50] += np.array([1.0, 0.0, 0.5], np.float32)
    check = check_labels(positions, states, seen(positions, states), times, SIZE)
    assert (check.weights[40:50] == 0).all()
    assert (check.weights[:39, list(KEYPOINT_JOINT)] == 1).all()
    assert (check.weights[51:, list(KEYPOINT_JOINT)] == 1).all()


def test_someone_who_comes_back_elsewhere_has_not_jumped() -> None:
    positions, states, _, times = somebody()
    positions[45:] += np.array([0.8, 0.0, 0.0], np.float32)
    times[45:] += 3.0
    check = check_labels(positions, states, seen(positions, states), times, SIZE)
    assert check.report.dropped[JUMP] == 0


def test_a_fast_punch_is_no_jump() -> None:
    positions, states, _, times = somebody()
    reach = 0.35 * np.sin(np.linspace(0.0, np.pi, 8)).astype(np.float32)  # 0.27 s out and back: 4.7 m/s
    for joint, share in ((Joint.WRIST_RIGHT, 0.8), (Joint.HAND_RIGHT, 1.0), (Joint.HAND_TIP_RIGHT, 1.0)):
        positions[40:48, joint, 2] -= share * reach
    check = check_labels(positions, states, seen(positions, states), times, SIZE)
    assert check.report.dropped[JUMP] == 0


def test_a_bone_too_long_costs_the_joint_at_its_end_only() -> None:
    positions, states, _, times = somebody()
    positions[20:60, Joint.ELBOW_LEFT] += np.array([-0.2, -0.08, 0.0], np.float32)  # too slow for a jump
    check = check_labels(positions, states, seen(positions, states), times, SIZE)
    assert check.weights[22:58, Keypoint.LEFT_ELBOW].max() == 0
    assert check.weights[22:58, Keypoint.LEFT_WRIST].min() == 1
    assert check.report.dropped[BONE] >= 36


def test_a_keypoint_beside_its_joint_is_off_the_body() -> None:
    positions, states, keypoints, times = somebody()
    keypoints[5:15, Keypoint.RIGHT_ANKLE, 0] += 60.0
    check = check_labels(positions, states, keypoints, times, SIZE)
    assert check.report.dropped[OFF_BODY] == 10
    assert (check.weights[5:15, Keypoint.RIGHT_ANKLE] == 0).all()


def test_a_camera_that_stands_beside_the_origin_is_no_fault() -> None:
    positions, states, _, times = somebody()
    beside = positions + np.array([0.052, 0.01, 0.0], np.float32)
    check = check_labels(positions, states, kinect_labels(CAMERA.project(beside), states, SIZE), times, SIZE)
    assert check.report.dropped[OFF_BODY] == 0


def test_what_lies_outside_the_picture_is_no_label() -> None:
    positions, states, keypoints, times = somebody()
    check = check_labels(positions, states, keypoints[..., :2], times, (480, 540))
    beyond = keypoints[:, list(KEYPOINT_JOINT), 0] >= 480
    assert check.report.dropped[OUTSIDE] + check.report.dropped[NO_JOINT] >= beyond.sum() > 0
    assert (check.weights[:, list(KEYPOINT_JOINT)][beyond] == 0).all()


def test_joints_that_are_not_numbers_are_dropped_without_a_warning() -> None:
    positions, states, keypoints, times = somebody()
    positions[:, Joint.HAND_TIP_LEFT] = np.nan
    positions[7] = np.inf
    check = check_labels(positions, states, keypoints, times, SIZE)
    assert (check.weights[:, Keypoint.LEFT_INDEX] == 0).all()
    assert (check.weights[7] == 0).all()
    assert check.report.dropped[NO_JOINT] == FRAMES + len(KEYPOINT_JOINT) - 1


@pytest.mark.parametrize("frames", [0, 1, 4])
def test_a_clip_of_a_few_frames_can_be_checked(frames: int) -> None:
    positions, states, keypoints, times = somebody()
    check = check_labels(positions[:frames], states[:frames], keypoints[:frames], times[:frames], SIZE)
    assert check.weights.shape == (frames, len(Keypoint))
    assert sum(check.report.dropped.values()) == 0


def test_a_wrong_shape_is_named() -> None:
    positions, states, keypoints, times = somebody()
    with pytest.raises(ValueError, match=r"states must have shape \(90, 25\), got \(90, 20\)"):
        check_labels(positions, states[:, :20], keypoints, times, SIZE)


def test_the_report_says_how_many_and_why() -> None:
    positions, states, _, times = somebody()
    positions[40, Joint.WRIST_RIGHT, 2] += 0.14
    states[10:20, Joint.ELBOW_LEFT] = TrackingState.INFERRED
    text = check_labels(positions, states, seen(positions, states), times, SIZE).report.as_text()
    assert text.splitlines() == [
        "1710 labels in 90 frames: 1699 taken as they are",
        "  dropped 1 (0.1%): 1 jump",
        "  down-weighted 10 (0.6%): 10 inferred",
        "  most often dropped: right_wrist 1.1%",
    ]


def test_reports_add_up() -> None:
    positions, states, keypoints, times = somebody()
    good = check_labels(positions, states, keypoints, times, SIZE).report
    states[:, Joint.FOOT_LEFT] = TrackingState.NOT_TRACKED
    bad = check_labels(positions, states, keypoints, times, SIZE).report
    both = merged([good, bad])
    assert (both.frames, both.labels) == (2 * FRAMES, good.labels + bad.labels)
    assert both.dropped[NOT_TRACKED] == FRAMES
    assert both.per_keypoint["left_foot"] == pytest.approx(0.5)


@pytest.mark.skipif(not KERAAL.is_dir(), reason="needs ../shared/data/kinect/keraal")
class TestOnARealKinect:
    def test_few_labels_are_dropped(self) -> None:
        checks = [check(positions) for positions in clips()]
        report = merged(each.report for each in checks)
        assert sum(report.dropped.values()) <= 0.01 * report.labels

    def test_joints_thrown_elsewhere_are_caught(self) -> None:
        caught = [caught_share(positions, thrown) for positions in clips()]
        assert np.mean(caught) > 0.97

    def test_joints_swapped_between_the_sides_are_caught_at_the_arms(self) -> None:
        caught = [caught_share(positions, swapped_wrists) for positions in clips()]
        assert np.mean(caught) > 0.9

    def test_labels_that_lie_beside_their_joint_are_caught(self) -> None:
        positions = next(clips())
        states = np.full(positions.shape[:2], TrackingState.TRACKED, np.uint8)
        keypoints = seen(positions, states)
        shifted = keypoints.copy()
        shifted[:, Keypoint.LEFT_WRIST, 0] += 40.0  # one joint's labels are all beside it, by a quarter of the torso
        check = check_labels(positions, states, shifted, np.arange(len(positions)) / 30, SIZE)
        assert (check.weights[:, Keypoint.LEFT_WRIST] == 0).mean() > 0.95
        assert (check.weights[:, Keypoint.RIGHT_WRIST] == 0).mean() < 0.02


def somebody() -> tuple[FloatArray, ByteArray, FloatArray, npt.NDArray[np.float64]]:
    """Three seconds of someone who stands, sways and waves: positions, states, keypoints, times."""
    pose = np.zeros((len(Joint), 3), np.float32)
    for joint in sorted(JOINT_PARENT, key=depth):
        pose[joint] = pose[JOINT_PARENT[joint]] + HANGING[joint]
    times = np.arange(FRAMES) / 30
    positions = np.repeat(pose[None], FRAMES, axis=0) + np.array([0.0, 0.0, 2.8], np.float32)
    positions[..., 0] += 0.15 * np.sin(2 * np.pi * 0.5 * times)[:, None].astype(np.float32)
    states = np.full((FRAMES, len(Joint)), TrackingState.TRACKED, np.uint8)
    return positions, states, seen(positions, states), times


def depth(joint: Joint) -> int:
    return 1 + depth(JOINT_PARENT[joint]) if joint in JOINT_PARENT else 0


def seen(positions: FloatArray, states: ByteArray) -> FloatArray:
    return kinect_labels(CAMERA.project(positions), states, SIZE)


def clips() -> Iterator[FloatArray]:
    for path in sorted(KERAAL.glob("*.npz"))[:6]:
        with np.load(path, allow_pickle=False) as file:
            yield np.asarray(file["position"], np.float32)


def check(positions: FloatArray) -> LabelCheck:
    states = np.full(positions.shape[:2], TrackingState.TRACKED, np.uint8)
    return check_labels(positions, states, seen(positions, states), np.arange(len(positions)) / 30, SIZE)


def caught_share(positions: FloatArray, corrupt: Corruption) -> float:
    """Of the labels that ``corrupt`` spoils, how many are dropped."""
    spoiled, where = corrupt(positions.copy(), np.random.default_rng(1))
    return float((check(spoiled).weights[where] == 0).mean())


def thrown(positions: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, BoolArray]:
    """Each joint, in 2 % of the frames, 15 to 60 cm elsewhere."""
    where = np.zeros((len(positions), len(Keypoint)), bool)
    for keypoint, joint in KEYPOINT_JOINT.items():
        frames = rng.random(len(positions)) < 0.02
        way = rng.normal(size=(frames.sum(), 3))
        way *= rng.uniform(0.15, 0.6, (len(way), 1)) / np.linalg.norm(way, axis=1, keepdims=True)
        positions[frames, joint] += way.astype(np.float32)
        where[frames, keypoint] = True
    return positions, where


def swapped_wrists(positions: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, BoolArray]:
    """The wrists change places now and then."""
    frames = rng.random(len(positions)) < 0.05
    both = [Joint.WRIST_LEFT, Joint.WRIST_RIGHT]
    positions[np.ix_(frames, both)] = positions[np.ix_(frames, both[::-1])]
    where = np.zeros((len(positions), len(Keypoint)), bool)
    where[np.ix_(frames, [Keypoint.LEFT_WRIST, Keypoint.RIGHT_WRIST])] = True
    return positions, where
