"""Random scenes vary, repeat for a seed, and tell the truth about what hides what."""

from __future__ import annotations

import numpy as np
import pytest

from models.actor import Scene, random_scene
from models.actor.paint import Painted
from models.actor.rotations import bone_frames, quaternions, rotation
from models.actor.truth import HIDDEN, OUTSIDE, SEEN, keypoints
from models.camera import PinholeCamera
from models.joints import Joint, Keypoint


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    rng = np.random.default_rng(11)
    return [random_scene(rng, (96, 96)) for _ in range(60)]


def test_a_seed_repeats_a_scene() -> None:
    first, second = (random_scene(np.random.default_rng(5), (96, 128)) for _ in range(2))
    assert first.image.shape == (128, 96, 3)
    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.people[0].keypoints, second.people[0].keypoints)


def test_keypoints_agree_with_the_scene_camera(scenes: list[Scene]) -> None:
    for scene in scenes:
        person = scene.people[0]
        if person.positions[:, 2].min() > 0.1:
            pixels = scene.camera.project(person.positions)
            assert np.allclose(person.keypoints[Keypoint.LEFT_KNEE, :2], pixels[Joint.KNEE_LEFT], atol=0.05)


def test_seen_hidden_and_outside_all_occur_and_outside_means_outside(scenes: list[Scene]) -> None:
    states = np.concatenate([person.keypoints for scene in scenes for person in scene.people])
    assert {OUTSIDE, HIDDEN, SEEN} == set(np.unique(states[:, 2]))
    within = ((states[:, :2] >= 0) & (states[:, :2] < 96)).all(1)
    assert within[states[:, 2] > 0].all()
    assert (states[:, 2] == SEEN).mean() > 0.4


def test_people_come_in_close_ups_and_from_afar(scenes: list[Scene]) -> None:
    ankles = [scene.people[0].keypoints[Keypoint.LEFT_ANKLE, 2] > 0 for scene in scenes]
    assert 0.25 < np.mean(ankles) < 0.9
    assert np.mean([len(scene.people) > 1 for scene in scenes]) > 0.1


def test_backs_are_seen_too(scenes: list[Scene]) -> None:
    facing = [
        s.people[0].positions[Joint.SHOULDER_RIGHT, 0] > s.people[0].positions[Joint.SHOULDER_LEFT, 0] for s in scenes
    ]
    assert 0.5 < np.mean(facing) < 0.97


def test_a_given_background_is_behind_the_people() -> None:
    green = np.full((200, 300, 3), (0, 200, 0), np.uint8)
    scene = random_scene(np.random.default_rng(2), (128, 128), green)
    greenish = (scene.image[..., 1] > 110) & (scene.image[..., 0] < 60) & (scene.image[..., 2] < 60)
    assert 0.1 < greenish.mean() < 0.99


def test_a_keypoint_behind_a_nearer_face_is_hidden(scenes: list[Scene]) -> None:
    from models.actor.skeleton import Proportions, Skeleton

    camera = PinholeCamera.from_fov(100, 100)
    points = np.zeros((len(Keypoint), 3), np.float32)
    points[:, 2] = 3.0
    body = Skeleton(np.zeros((25, 3), np.float32), points, {})
    corners = np.array([[[40, 40], [40, 60], [60, 60], [60, 40]]], np.float32)

    def state(depth: float) -> float:
        wall = Painted(
            corners, np.array([depth], np.float32), np.zeros((1, 4), np.uint8), corners.min(1), corners.max(1)
        )
        return float(keypoints(body, Proportions().height, camera, (100, 100), [wall])[Keypoint.NOSE, 2])

    assert state(2.0) == HIDDEN
    assert state(2.98) == SEEN
    assert state(4.0) == SEEN


def test_quaternions_turn_y_onto_the_bone() -> None:
    vectors = np.random.default_rng(0).normal(0, 2, (50, 3)).astype(np.float32)
    matrices = rotation(vectors)
    x, y, z, w = quaternions(matrices).T
    along = np.stack([2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)], -1)
    assert np.allclose(along, matrices[:, :, 1], atol=1e-5)
    frames = bone_frames(matrices[:, :, 0], matrices[:, :, 2])
    assert np.allclose(frames[:, :, 2], matrices[:, :, 2], atol=1e-5)
    assert np.allclose(np.linalg.det(frames), 1, atol=1e-5)
