"""Arms are cut out of recorded pictures and put back elsewhere, their labels with them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

from models.joints import Keypoint
from models.training.finetune_arms import behind, with_turned_arms

ARM, HAND, SHIRT = (40, 200, 250), (250, 60, 200), (30, 30, 120)
RIGHT_ARM = [Keypoint.RIGHT_ELBOW, Keypoint.RIGHT_WRIST, Keypoint.RIGHT_INDEX, Keypoint.RIGHT_THUMB]


def room(shift: int = 0) -> np.ndarray:
    x, y = np.meshgrid(np.arange(320) + shift, np.arange(240))
    checks = (x // 20 + y // 20) % 2 * 50
    return np.stack([60 + x // 4 + checks, 160 - y // 3, 60 + checks], axis=2).astype(np.uint8)


def somebody(lifted: float, shift: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A picture of somebody whose left arm is lifted by so many degrees, and the keypoints (23, 3)."""
    image, keypoints = room(shift), np.zeros((23, 3), np.float32)
    cv2.rectangle(image, (130, 70), (190, 150), SHIRT, -1)
    places = {"NECK": (160, 62), "LEFT_HIP": (180, 150), "RIGHT_HIP": (140, 150)}
    for side, sign, turn in (("LEFT", 1, np.radians(lifted)), ("RIGHT", -1, np.radians(25))):
        way = np.array([sign * np.sin(turn), np.cos(turn)])
        shoulder = np.array([160 + sign * 30, 75])
        joints = [shoulder + length * way for length in (0, 35, 65, 78)]
        places |= dict(zip([f"{side}_{part}" for part in ("SHOULDER", "ELBOW", "WRIST", "INDEX")], joints, strict=True))
        places[f"{side}_THUMB"] = joints[3]
        corners = [tuple(int(v) for v in joint.round()) for joint in joints]
        cv2.line(image, corners[0], corners[2], ARM, 9)
        cv2.line(image, corners[2], corners[3], HAND, 9)
    for name, place in places.items():
        keypoints[Keypoint[name]] = *place, 1
    return image, keypoints


def target_of(keypoints: np.ndarray) -> np.ndarray:
    return np.column_stack([keypoints, keypoints[:, 2]]).astype(np.float32)


@pytest.fixture(scope="module")
def plate() -> np.ndarray:
    seen = [somebody(lifted) for lifted in (20, 40, 80, 120, 150)]
    found = behind([image for image, _ in seen], [keypoints[None] for _, keypoints in seen])
    assert found is not None
    return found


def test_what_lies_behind_a_moving_arm_is_seen_in_other_pictures(plate: np.ndarray) -> None:
    left = np.s_[30:170, 200:300]
    assert np.abs(plate[left].astype(int) - room()[left]).max() <= 2


def test_a_camera_that_moved_shows_nothing_behind() -> None:
    seen = [somebody(lifted, shift) for lifted, shift in ((20, 0), (60, 17), (100, 33), (140, 58), (90, 71))]
    assert behind([image for image, _ in seen], [keypoints[None] for _, keypoints in seen]) is None


def test_labels_go_with_the_arm_and_the_room_comes_to_light(plate: np.ndarray) -> None:
    image, keypoints = somebody(45)
    turned = 0
    for seed in range(30):
        picture, target = with_turned_arms(image, plate, target_of(keypoints), 85.0, np.random.default_rng(seed))
        before, after = keypoints[Keypoint.LEFT_WRIST, :2], target[Keypoint.LEFT_WRIST, :2]
        inside = (after > 15).all() and after[0] < 305 and after[1] < 225
        if np.linalg.norm(after - before) < 40 or not inside:
            continue
        turned += 1
        x, y = before.round().astype(int)
        assert np.abs(picture[y, x].astype(int) - room()[y, x]).max() <= 12, "the arm is gone from where it was"
        middle = (target[Keypoint.LEFT_ELBOW, :2] + after) / 2
        x, y = middle.round().astype(int)
        near = picture[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3].reshape(-1, 3).astype(int)
        assert np.abs(near - ARM).max(axis=1).min() <= 30, "and is where its labels are"
    assert turned >= 5


def test_upper_arms_stay_at_the_shoulder_and_other_labels_where_they_were(plate: np.ndarray) -> None:
    image, keypoints = somebody(45)
    others = [k for k in Keypoint if not k.name.startswith(("LEFT", "RIGHT")) or k.name.endswith(("SHOULDER", "HIP"))]
    for seed in range(10):
        _, target = with_turned_arms(image, plate, target_of(keypoints), 85.0, np.random.default_rng(seed))
        np.testing.assert_array_equal(target[others, :2], target_of(keypoints)[others, :2])
        length = np.linalg.norm(target[Keypoint.LEFT_ELBOW, :2] - target[Keypoint.LEFT_SHOULDER, :2])
        assert 0.39 * 35 <= length <= 1.11 * 35


def test_an_arm_that_cannot_be_told_from_what_lies_behind_stays(plate: np.ndarray) -> None:
    image, keypoints = somebody(45)
    for seed in range(10):
        picture, target = with_turned_arms(image, image, target_of(keypoints), 85.0, np.random.default_rng(seed))
        assert picture is image
        np.testing.assert_array_equal(target, target_of(keypoints))


def test_an_arm_before_the_trunk_stays(plate: np.ndarray) -> None:
    image, keypoints = somebody(45)
    keypoints[RIGHT_ARM, :2] = (160, 110)
    for seed in range(10):
        _, target = with_turned_arms(image, plate, target_of(keypoints), 85.0, np.random.default_rng(seed))
        np.testing.assert_array_equal(target[RIGHT_ARM, :2], keypoints[RIGHT_ARM, :2])
