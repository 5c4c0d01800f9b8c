"""The detector's recipe: what it learns from, and that it learns."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

import torch

from models.detector import PersonDetector, cell_centres
from models.training.detector_data import Example, acted, load
from models.training.detector_export import export
from models.training.detector_loss import Targets, assign, detector_loss
from models.training.detector_network import DetectorNetwork, boxes_of, centres_and_strides
from models.training.detector_recipe import DetectorOptions, train
from models.training.detector_scenes import cut, scenes

SIZE = (128, 160)


def example(people: int = 1) -> Example:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 60, (120, 160, 3), dtype=np.uint8)
    boxes = np.array([[20 + 60 * i, 30, 50 + 60 * i, 110] for i in range(people)], np.float32).reshape(-1, 4)
    for x1, y1, x2, y2 in boxes.astype(int):
        image[y1:y2, x1:x2] = 220
    return Example(image, boxes, np.zeros((0, 4), np.float32))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder like the real one, with twenty pictures a set."""
    for folder, teacher in [
        ("detection/penn_fudan", None),
        ("detection/frames", None),
        *((f"pose/{name}", "train_people.json") for name in ("flic", "lspet", "street", "professions", "webcam")),
    ]:
        here = tmp_path / folder
        (here / "images").mkdir(parents=True)
        images, boxes = [], []
        for i in range(20):
            cv2.imwrite(str(here / f"images/{i}.png"), example().image)
            images.append({"id": i, "file_name": f"images/{i}.png"} | ({"movie": f"{i}"} if "flic" in folder else {}))
            boxes.append({"image_id": i, "bbox": [20, 30, 30, 80], "score": 0.9})
        annotations = boxes if teacher is None else [{"image_id": 3, "bbox": [100, 30, 30, 80]}]
        (here / "train.json").write_text(json.dumps({"images": images, "annotations": annotations}))
        if teacher is not None:
            doubtful = [{"image_id": 2, "bbox": [90, 0, 40, 40], "score": 0.31}]
            (here / teacher).write_text(json.dumps(boxes + doubtful))
    return tmp_path


def test_a_tenth_of_each_set_is_held_out_and_flic_by_film(data: Path) -> None:
    for held_out, count in ((False, 18), (True, 2)):
        assert {name: len(examples) for name, examples in load(data, held_out).items()} == dict.fromkeys(
            ("penn_fudan", "frames", "flic", "lspet", "street", "professions", "webcam"), count
        )


def test_doubtful_and_missed_people_are_regions_where_nobody_knows(data: Path) -> None:
    street = load(data)["street"]  # without pictures 0 and 10
    assert street[1].unknown.tolist() == [[90, 0, 130, 40]]
    assert street[2].unknown.tolist() == [[95.5, 18, 134.5, 122]]
    assert all(e.people.tolist() == [[20, 30, 50, 110]] for e in street)


def test_a_person_cut_at_the_chest_counts_and_a_pair_of_shoes_does_not() -> None:
    people, unknown = cut(np.array([[0, 90, 40, 290], [0, -190, 40, 10]], np.float32), (128, 160))
    assert people.tolist() == [[0, 90, 40, 128]]
    assert unknown.tolist() == [[0, 0, 40, 10]]


def test_scenes_keep_boxes_on_the_people() -> None:
    sets = {"bright": [example(2)]}
    for _, scene in zip(range(40), scenes(sets, {"bright": 1.0}, SIZE, seed=0), strict=False):
        assert scene.image.shape == (*SIZE, 3)
        grey = scene.image.mean(2)
        for x1, y1, x2, y2 in scene.people.round().astype(int):
            if (y2 - y1) * (x2 - x1) > 400:
                inside = np.median(grey[y1 + 2 : y2 - 2, x1 + 2 : x2 - 2])
                assert abs(inside - grey[(y1 + y2) // 2, (x1 + x2) // 2]) < 60
        assert (scene.people >= 0).all()
        assert (scene.people <= [160, 128, 160, 128]).all()


def test_rendered_people_come_with_their_boxes() -> None:
    (one,) = acted(1, seed=1)
    assert one.image.shape == (256, 320, 3)
    assert 1 <= len(one.people) + len(one.unknown) <= 3
    assert (one.people[:, 2:] > one.people[:, :2]).all()


def test_the_same_seed_makes_the_same_scenes() -> None:
    sets = {"bright": [example()]}
    one, two = (next(scenes(sets, {"bright": 1.0}, SIZE, seed=3)) for _ in range(2))
    assert np.array_equal(one.image, two.image)


def test_cells_inside_a_person_answer_for_them_and_no_others() -> None:
    centres, strides = centres_and_strides(*SIZE)
    targets = Targets(torch.tensor([[[16.0, 16.0, 80.0, 112.0]]]), torch.tensor([[1]]))
    reach = torch.full((1, len(centres), 4), 1.0)
    quality, boxes = assign(
        torch.full((1, len(centres)), 0.5), boxes_of(reach, centres, strides), targets, centres, strides
    )
    chosen = quality[0] > 0
    assert 1 <= int(chosen.sum()) <= 9
    assert (centres[chosen] > 16).all()
    assert (centres[chosen] < torch.tensor([80.0, 112.0])).all()
    assert boxes[0][chosen].tolist() == [[16.0, 16.0, 80.0, 112.0]] * int(chosen.sum())


def test_regions_where_nobody_knows_cost_nothing() -> None:
    output = torch.zeros(1, len(cell_centres(*SIZE)[0]), 5)
    everywhere = Targets(torch.tensor([[[-1.0, -1.0, 161.0, 129.0]]]), torch.tensor([[-1]]))
    nothing = Targets(torch.zeros(1, 1, 4), torch.zeros(1, 1, dtype=torch.int64))
    assert float(detector_loss(output, everywhere, SIZE)[0]) == 0.0
    assert float(detector_loss(output, nothing, SIZE)[0]) > 100.0


def test_the_network_gives_one_row_a_cell() -> None:
    (rows,) = DetectorNetwork(0.25).eval()(torch.zeros(2, 3, *SIZE))
    assert rows.shape == (2, len(cell_centres(*SIZE)[0]), 5)


def test_training_resumes_learns_and_exports(data: Path, tmp_path: Path) -> None:
    tiny = {"pictures": 8, "batch": 4, "acted": 1, "stages": ((1.0, SIZE),)}
    train(DetectorOptions(data, tmp_path / "run", epochs=1, **tiny))  # type: ignore[arg-type]
    checkpoint = train(DetectorOptions(data, tmp_path / "run", epochs=2, resume=True, **tiny))  # type: ignore[arg-type]
    state = torch.load(checkpoint, weights_only=True)
    assert [row["epoch"] for row in state["history"]] == [1, 2]
    assert (tmp_path / "run" / "loss.png").is_file()
    for path in export(checkpoint, data, tmp_path / "weights", calibration=4):
        assert PersonDetector(path)(example().image).shape[1] == 5
    half = tmp_path / "weights" / "detector.pt"
    train(DetectorOptions(data, tmp_path / "more", epochs=1, init=half, **tiny))  # type: ignore[arg-type]
