"""Labels are cleaned, crops keep places and sides, and a small run learns, resumes and exports."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

import torch

from models.crop import cut
from models.inference import Network
from models.joints import LIMB_KEYPOINTS, Keypoint
from models.pose import PoseEstimator
from models.training.network import Normalised, PoseNetwork
from models.training.pose_augment import training_crop
from models.training.pose_data import Example, sides_repaired, sides_swapped, teacher_targets, with_teacher
from models.training.pose_export import export_pose
from models.training.pose_loss import gaussian_targets, pose_loss

RNG = np.random.default_rng(3)


def a_body() -> np.ndarray:
    """Targets of someone who stands and waves, all seen."""
    target = np.zeros((23, 4), np.float32)
    target[:, 0] = RNG.uniform(40, 160, 23)
    target[:, 1] = np.linspace(20, 230, 23)
    target[:, 2:] = 1
    return target


def human(target: np.ndarray) -> np.ndarray:
    """Only the limb joints labelled."""
    others = [k for k in Keypoint if k not in LIMB_KEYPOINTS]
    result = target.copy()
    result[others] = 0, 0, 0, -1
    return result


def test_exchanged_sides_are_repaired_where_the_teacher_sees_them() -> None:
    truth = a_body()
    repaired = with_teacher(human(sides_swapped(truth)), truth)
    assert repaired[list(LIMB_KEYPOINTS), :2] == pytest.approx(truth[list(LIMB_KEYPOINTS), :2])


def test_a_teacher_who_saw_someone_else_is_not_believed() -> None:
    truth = a_body()
    other = truth.copy()
    other[:, :2] += 90
    assert with_teacher(human(truth), other)[Keypoint.NOSE, 3] == -1


def test_a_teacher_who_agrees_fills_what_is_missing_except_beside_a_wrong_joint() -> None:
    truth = a_body()
    teacher = truth.copy()
    teacher[Keypoint.LEFT_WRIST, 0] += 120
    filled = with_teacher(human(truth), teacher)
    assert filled[Keypoint.NOSE, 3] == 1
    assert filled[Keypoint.RIGHT_INDEX, 3] == 1
    assert filled[Keypoint.LEFT_INDEX, 3] == -1


def test_sides_are_exchanged_only_where_the_network_contradicts_them() -> None:
    example = Example(np.zeros((200, 100, 3), np.uint8), human(a_body()), np.zeros(4, np.float32))
    found = example.target[:, :2].copy()
    assert sides_repaired(example, found) is example
    crossed = sides_swapped(example.target)[:, :2].copy()
    assert np.array_equal(sides_repaired(example, crossed).target, sides_swapped(example.target))
    elsewhere = found + 60
    assert sides_repaired(example, elsewhere) is example


def test_a_teachers_keypoint_beyond_the_picture_is_known_to_be_outside() -> None:
    keypoints = np.full((23, 2), 50, np.float32)
    keypoints[Keypoint.LEFT_ANKLE] = 50, 130
    target = teacher_targets(keypoints, np.full(23, 0.9, np.float32), (100, 100))
    assert target[Keypoint.LEFT_ANKLE, 2:].tolist() == [0, 0]
    assert target[Keypoint.RIGHT_ANKLE, 3] == 1


def two_marked_hands() -> Example:
    """A person seen from the front: a red left wrist, a blue right one, a nose above them."""
    image = np.zeros((240, 200, 3), np.uint8)
    target = np.zeros((23, 4), np.float32)
    target[:, 3] = -1
    target[Keypoint.LEFT_WRIST] = 130, 130, 1, 1
    target[Keypoint.RIGHT_WRIST] = 70, 130, 1, 1
    target[Keypoint.NOSE] = 100, 90, 1, 1
    cv2.circle(image, (130, 130), 7, (0, 0, 255), -1)
    cv2.circle(image, (70, 130), 7, (255, 0, 0), -1)
    return Example(image, target, np.array([40, 40, 160, 200], np.float32))


def test_crops_keep_keypoints_on_their_pixels_and_people_seen_from_the_front() -> None:
    colours = set()
    for seed in range(80):
        picture, moved = training_crop(two_marked_hands(), [], (192, 256), np.random.default_rng(seed))
        left, right, nose = (moved[k] for k in (Keypoint.LEFT_WRIST, Keypoint.RIGHT_WRIST, Keypoint.NOSE))
        if not (left[2] and right[2] and nose[2]):
            continue
        across, up = left[:2] - right[:2], nose[:2] - right[:2]
        assert across[0] * up[1] - across[1] * up[0] < 0, "left and right must change places with the flip"
        at_left, at_right = (picture[int(p[1]), int(p[0])].astype(int) for p in (left, right))
        if max(at_left) - min(at_left) > 40 and max(at_right) - min(at_right) > 40:
            assert at_left.argmax() != at_right.argmax()
            colours.add(int(at_left.argmax()))
    assert colours == {0, 2}, "some crops are flipped and some are not"


def test_targets_sum_to_one_around_their_place() -> None:
    (target,) = gaussian_targets(torch.tensor([[[43.5, 83.5]]]), 32, 24, 8)
    assert float(target.sum()) == pytest.approx(1)
    assert divmod(int(target.argmax()), 24) == (10, 5)


def test_unknown_keypoints_cost_nothing() -> None:
    maps, seen = torch.randn(2, 23, 16, 12), torch.randn(2, 23)
    unknown = torch.tensor([10.0, 10.0, 0.0, -1.0]).expand(2, 23, 4)
    assert float(pose_loss(maps, seen, unknown, 8)) == 0


def test_a_network_that_is_told_nothing_yet_answers_as_one_that_cannot_be_told() -> None:
    torch.manual_seed(1)
    plain, told = PoseNetwork(width=0.5).eval(), PoseNetwork(width=0.5, cued=True).eval()
    told.load_state_dict(told.state_dict() | plain.state_dict())
    x, some = torch.randn(2, 3, 64, 64), torch.rand(2, 4, 8, 8)
    for answers in (told(x), told(x, some)):
        for found, wanted in zip(answers, plain(x), strict=True):
            torch.testing.assert_close(found, wanted)
    assert PoseNetwork.from_state(plain.state_dict()).cue is None
    assert PoseNetwork.from_state(told.state_dict()).cue is not None


@pytest.mark.parametrize("cued", [False, True])
def test_the_exported_network_agrees_with_the_trained_one(cued: bool, tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = PoseNetwork(width=0.5, cued=cued).eval()
    if network.cue is not None:
        torch.nn.init.normal_(network.cue.layers[-1].bias)
    torch.save(network.state_dict(), tmp_path / "trained.pt")
    image = RNG.integers(0, 255, (128, 96, 3), np.uint8)
    example = Example(image, a_body(), np.array([10, 10, 86, 118], np.float32))
    people = [replace(example, image=RNG.integers(0, 255, (128, 96, 3), np.uint8)) for _ in range(4)]
    fp32, int8 = export_pose(tmp_path / "trained.pt", tmp_path / "out", people, (96, 128))
    exact, quantised = (PoseEstimator(path)(image, example.box[None]) for path in (fp32, int8))
    assert exact.shape == quantised.shape == (1, 23, 3)
    assert int8.stat().st_size < 0.7 * fp32.stat().st_size
    assert (tmp_path / "out" / "pose.pt").exists()
    given = [cut(image, example.box.tolist(), (96, 128))[0][None]]
    if cued:
        given.append(np.zeros((1, 4, 16, 12), np.uint8))
    with torch.no_grad():
        wanted = Normalised(network)(*map(torch.from_numpy, given))
    for found, answer in zip(Network(fp32)(*given), wanted, strict=True):
        np.testing.assert_allclose(found, answer.numpy(), atol=0.05)
