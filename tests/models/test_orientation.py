"""Orientations follow the Kinect v2's convention."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.body import FloatArray
from models.joints import JOINT_PARENT, Joint
from models.orientation import cross, facing, orientations
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


@pytest.mark.skipif(not CLIPS.is_dir(), reason=f"{CLIPS} is missing")
def test_a_kinect_says_the_same_of_its_own_joints() -> None:
    with np.load(CLIPS / "cacheTete_Correct3.npz") as clip:
        positions, recorded = clip["position"], clip["orientation_xyzw"]
    recorded = np.roll(recorded, -1, axis=-1)  # whatever its name says, w comes first in the file
    ours = np.stack([orientations(frame) for frame in positions])
    angle = np.degrees(2 * np.arccos(np.abs((ours * recorded).sum(axis=2)).clip(0, 1)))
    bones = [joint for joint in Joint if joint not in ENDS]
    assert np.median(angle[:, bones]) < 4.0
    assert np.median(angle[:, bones], axis=0).max() < 30.0
