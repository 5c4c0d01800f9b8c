"""Skeleton sets are read as Kinect joints, and the lift is judged by them on people whom it has not seen."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bridge.cli import main
from models.body import FloatArray
from models.joints import JOINT_PARENT, Joint, Keypoint
from models.keypoint_synthesis import keypoint_places, with_errors
from models.lift_evaluation import joint_errors, seen_motion, summary
from models.proportions import HANGING
from models.skeleton_sets import Convention, SkeletonError, height_of, motions_of, read_clip, read_motions

V1 = (
    "SPINE_BASE SPINE_MID SPINE_SHOULDER HEAD SHOULDER_LEFT ELBOW_LEFT WRIST_LEFT HAND_LEFT SHOULDER_RIGHT "
    "ELBOW_RIGHT WRIST_RIGHT HAND_RIGHT HIP_LEFT KNEE_LEFT "
    "ANKLE_LEFT FOOT_LEFT HIP_RIGHT KNEE_RIGHT ANKLE_RIGHT FOOT_RIGHT"
)


def standing(distance: float = 3.0) -> FloatArray:
    positions = np.zeros((25, 3), np.float32)
    for joint, parent in JOINT_PARENT.items():
        positions[joint] = positions[parent] + HANGING[joint] * (1, 1, -1)
    return positions + np.array([0, 0, distance], np.float32)


@pytest.fixture
def gator(tmp_path: Path) -> Path:
    """Two sequences of 12 frames: an adult for training, and a held-out child half as tall; one frame is empty."""
    order = [Joint[name] for name in V1.split()]
    body = standing()
    child = (body - body[Joint.SPINE_BASE]) / 2 + body[Joint.SPINE_BASE]
    frames = np.concatenate([np.repeat(body[None, order], 12, 0), np.repeat(child[None, order], 12, 0)])
    frames[3] = 0
    path = tmp_path / "kinder_gator_15fps.npz"
    np.savez(
        path,
        position_mm=np.round(frames * 1000).astype(np.int16),
        offset=np.array([0, 12, 24]),
        subject=np.array([565, 595]),
        action=np.array(["wave", "jump"]),
    )
    return path


def test_a_kinect_v1_file_becomes_joints_in_metres(gator: Path) -> None:
    adult, child = read_motions(gator)
    assert (adult.subject, child.subject, adult.name) == ("565", "595", "wave")
    assert adult.convention is Convention.KINECT_V1
    assert len(adult.positions) == 11  # without the empty frame
    np.testing.assert_allclose(adult.positions[0, Joint.ANKLE_LEFT], standing()[Joint.ANKLE_LEFT], atol=0.001)
    assert np.isnan(adult.positions[:, [Joint.NECK, Joint.THUMB_LEFT, Joint.HAND_TIP_RIGHT]]).all()
    assert adult.height == pytest.approx(1.7, abs=0.02)
    assert child.height == pytest.approx(0.85, abs=0.01)


def test_by_default_only_held_out_people_are_judged(gator: Path) -> None:
    assert [m.subject for m in motions_of(gator)] == ["595"]
    assert [m.subject for m in motions_of(gator, ("565",))] == ["565"]
    assert len(motions_of(gator, ("all",))) == 2
    with pytest.raises(SkeletonError, match="no sequence of subject 12"):
        motions_of(gator, ("12",))


def test_bad_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(SkeletonError, match=r"skeletons\.npz: not a skeleton set; names start with one of"):
        read_motions(tmp_path / "skeletons.npz")
    broken = tmp_path / "utd_mhad_skeletons.npz"
    with pytest.raises(SkeletonError, match=r"utd_mhad_skeletons\.npz: not the skeletons of utd_mhad"):
        read_motions(broken)
    broken.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(SkeletonError, match="not the skeletons"):
        read_motions(broken)
    np.savez(broken, position_mm=np.zeros((3, 4), np.int16))
    with pytest.raises(SkeletonError, match="not the skeletons"):
        read_motions(broken)
    np.savez(tmp_path / "clip.npz", position=np.zeros((3, 20, 3)))
    with pytest.raises(SkeletonError, match=r"'position' must have shape \(frames, 25, 3\), got \(3, 20, 3\)"):
        read_clip(tmp_path / "clip.npz")


def test_height_comes_from_the_bones_however_a_body_is_bent() -> None:
    bent = standing()
    bent[Joint.KNEE_LEFT] = bent[Joint.HIP_LEFT] + [0, 0, -0.36]
    bent[Joint.ANKLE_LEFT] = bent[Joint.KNEE_LEFT] + [0, -0.375, 0]
    assert height_of(bent[None]) == pytest.approx(1.7, abs=0.02)


def test_keypoints_lie_where_a_kinect_puts_its_joints() -> None:
    body = standing()
    places = keypoint_places(body, np.float32(1.7))
    np.testing.assert_array_equal(places[Keypoint.LEFT_KNEE], body[Joint.KNEE_LEFT])
    assert places[Keypoint.NOSE, 2] < body[Joint.HEAD, 2]  # in front of the head
    assert places[Keypoint.HEAD_TOP, 1] > body[Joint.HEAD, 1] > places[Keypoint.NECK, 1]
    assert places[Keypoint.RIGHT_EAR, 0] > places[Keypoint.LEFT_EAR, 0]
    assert np.isfinite(places).all()


def test_errors_are_like_a_networks_and_confidence_tells_of_them() -> None:
    rng, n = np.random.default_rng(0), 40
    exact = np.repeat(rng.normal(0, 0.2, (n, 1, len(Keypoint), 2)), 60, axis=1).astype(np.float32)
    torso, step, level = np.full((n, 60), 0.15, np.float32), np.full(n, 1 / 30, np.float32), np.ones(n, np.float32)
    found = with_errors(exact, torso, step, rng, level)
    off = np.linalg.norm(found.rays - exact, axis=-1) / 0.15
    right = (off < 0.2).mean(axis=(0, 1))
    assert right[Keypoint.LEFT_SHOULDER] > 0.95
    assert 0.7 < right[Keypoint.LEFT_WRIST] < 0.95
    assert found.confidence[off > 0.4].mean() < found.confidence[off < 0.1].mean() - 0.2
    change = np.abs(np.diff(found.rays, axis=1)).mean()
    assert change < 0.7 * np.abs(found.rays - exact).mean()  # most of an error stays for a while
    still = with_errors(exact, torso, step, rng, np.full(n, 1e-6, np.float32))
    assert np.abs(still.rays - exact).max() < 0.2


def test_the_truth_has_no_error_and_a_shift_does_not_count(gator: Path) -> None:
    (motion,) = motions_of(gator)
    result = summary([motion], [motion.positions + np.float32(0.5)])
    assert result.mpjpe_mm == pytest.approx(0, abs=1e-3)
    assert "neck" not in result.per_joint_mm
    assert result.depth == pytest.approx(0.5 / 3, rel=0.01)
    twice = summary([motion], [2 * motion.positions])
    assert twice.mpjpe_mm == pytest.approx(float(np.nanmean(joint_errors(0 * motion.positions, motion.positions))))
    assert twice.by_subject_mm == {"595": pytest.approx(twice.mpjpe_mm)}


def test_the_same_noise_falls_on_the_same_motion(gator: Path) -> None:
    (motion,) = motions_of(gator)
    np.testing.assert_array_equal(seen_motion(motion, 3).rays, seen_motion(motion, 3).rays)
    assert (seen_motion(motion, 3).rays != seen_motion(motion, 4).rays).any()


def test_evaluate_lift_prints_its_numbers(gator: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "lift", str(gator), "--names", "565", "--json"]) == 0
    *table, last = capsys.readouterr().out.strip().splitlines()
    result = json.loads(last)
    assert result["sequences"] == 1
    assert 0 < result["mpjpe_mm"] < 200
    assert result["depth"] < 0.2
    assert any(line.startswith("mpjpe_learnt_height_mm") for line in table)


def test_evaluate_lift_names_a_file_it_cannot_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "lift", str(tmp_path / "none.npz")]) == 1
    assert "none.npz: not the joints of a Kinect clip" in capsys.readouterr().err
