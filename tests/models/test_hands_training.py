"""The hand network's recipe: its crops, and that it learns, goes on where it stopped, and survives int8."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

import torch

from models.body import ByteArray
from models.hand_files import NAMES, HandPicture, read_hands, target_of, without
from models.hands import SIZE, HandClassifier
from models.training.hands_augment import cut_out, empty_crop, training_crop
from models.training.hands_export import export
from models.training.hands_network import HandNetwork
from models.training.hands_recipe import HandOptions, landmark_loss, train, weights

FINGERS = {"open": 4, "closed": 0, "lasso": 2}


def drawn_hand(state: str, rng: np.random.Generator) -> tuple[ByteArray, list[list[float]]]:
    """A picture (112, 112, 3) of a palm with as many fingers as the state has, and its landmarks."""
    shade = rng.integers(20, 90)
    picture = np.full((112, 112, 3), shade, np.uint8)
    skin = (int(rng.integers(120, 160)), int(rng.integers(150, 190)), int(rng.integers(190, 240)))
    marks = [[56.0, 92.0, 0.0]] + [[40.0, 75.0, 0.0]] * 4
    cv2.rectangle(picture, (38, 60), (74, 92), skin, -1)
    for finger in range(4):
        x = 42 + 9 * finger
        tip = 28 if finger < FINGERS[state] else 62
        cv2.line(picture, (x, 64), (x, tip), skin, 7)
        marks += [[float(x), y, 0.0] for y in np.linspace(62, tip, 4)]
    return picture, marks


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder like the real one, with sixty drawn hands and two backgrounds."""
    rng = np.random.default_rng(0)
    (tmp_path / "hands").mkdir()
    (tmp_path / "detection" / "frames" / "images").mkdir(parents=True)
    for number in range(2):
        noise = rng.integers(0, 256, (60, 80, 3), np.uint8)
        cv2.imwrite(str(tmp_path / "detection" / "frames" / "images" / f"{number}.png"), noise)
    records = []
    for number in range(60):
        state = NAMES[number % 3]
        picture, marks = drawn_hand(state, rng)
        cv2.imwrite(str(tmp_path / "hands" / f"{number}.png"), picture)
        records.append(
            {
                "id": number,
                "file_name": f"{number}.png",
                "source": "webcam" if number % 2 else "street",
                "state": state,
                "landmarks": marks,
                "source_px": 100.0,
            }
        )
    (tmp_path / "hands" / "train.json").write_text(json.dumps(records))
    return tmp_path


def hands_of(data: Path) -> list[HandPicture]:
    return read_hands(data / "hands" / "train.json")


def test_a_training_crop_is_new_each_time_and_repeats_with_its_seed(data: Path) -> None:
    hand = hands_of(data)[1]
    crops = [training_crop(hand, [hand.image], np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert crops[0].shape == (SIZE, SIZE, 3)
    assert (crops[0] == crops[1]).all()
    assert (crops[0] != crops[2]).any()
    assert empty_crop(hand, np.random.default_rng(0)).shape == (SIZE, SIZE, 3)


def test_a_hand_is_cut_out_along_its_edge(data: Path) -> None:
    hand = hands_of(data)[3]  # open
    mask, skin = cut_out(hand) > 127, hand.image[..., 2] > 150
    assert (mask & skin).sum() / (mask | skin).sum() > 0.8


def test_the_three_states_are_shown_alike_and_what_nobody_can_tell_stays_open(data: Path) -> None:
    hands = without(hands_of(data))
    chance = weights(hands)
    shown = [sum(c for h, c in zip(hands, chance, strict=True) if h.state == name) for name in NAMES]
    np.testing.assert_allclose(shown, 1 / 3)
    with_nothing = [*hands, *(replace(h, state="nothing") for h in hands if h.source == "street")]
    chance = weights(with_nothing)
    empty = sum(c for h, c in zip(with_nothing, chance, strict=True) if h.state == "nothing")
    street = sum(c for h, c in zip(with_nothing, chance, strict=True) if h.source == "street")
    assert 0.05 < empty / street < 0.6, "what is no hand is shown, but seldom"
    assert target_of(hands[1].state)[1] == pytest.approx(0.94)
    assert all(target_of(h.state).sum() == pytest.approx(1.0) for h in hands)


def test_training_learns_goes_on_where_it_stopped_and_its_int8_form_agrees(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = HandOptions(data, out, epochs=3, pictures=32 * 16, batch=32, renderings=24, rate=3e-3, threads=1)
    state = torch.load(train(first), weights_only=True)
    assert [row["epoch"] for row in state["history"]] == [1, 2, 3]
    assert (out / "loss.png").stat().st_size > 1000
    checkpoint = train(replace(first, epochs=4, resume=True))
    losses = [row["loss"] for row in torch.load(checkpoint, weights_only=True)["history"]]
    assert len(losses) == 4
    assert losses[3] < 0.95 * losses[0]

    fp32, int8 = export(checkpoint, data, out, calibration=20)
    network = HandNetwork()
    network.start_from(out / "hands.pt")
    hands = hands_of(data)[:12]
    full, small = HandClassifier(fp32), HandClassifier(int8)
    shares = np.array([(full(h.image, h.view), small(h.image, h.view)) for h in hands])
    assert np.abs(shares[:, 0] - shares[:, 1]).mean() < 0.1


def test_rendered_hands_alone_teach_what_a_hand_of_a_picture_does(data: Path, tmp_path: Path) -> None:
    options = HandOptions(data, tmp_path, epochs=2, pictures=32 * 8, batch=32, rendered=1.0, renderings=30, threads=1)
    start = [row["loss"] for row in torch.load(train(options), weights_only=True)["history"]]
    assert start[1] < start[0]
    network = HandNetwork()
    assert network.start_from(tmp_path / "last.pt") == len(network.state_dict()), "what goes on from it fits"


def test_what_is_not_known_of_landmarks_is_not_learnt() -> None:
    found, known = torch.zeros(2, 21, 2), torch.full((2, 21, 2), torch.nan)
    assert landmark_loss(found, known) == 0
    known[0] = 0.5
    known[0, :3] = 4.0  # far outside
    assert landmark_loss(found, known) == pytest.approx(0.45)


def test_weights_that_do_not_fit_are_refused_by_name(data: Path, tmp_path: Path) -> None:
    torch.save({"model": {"other": torch.zeros(1)}}, tmp_path / "other.pt")
    options = HandOptions(data, tmp_path / "out", epochs=1, pictures=32, renderings=4, init=tmp_path / "other.pt")
    with pytest.raises(ValueError, match=r"other\.pt: none of its weights fit"):
        train(options)
