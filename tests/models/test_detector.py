"""The person detector: its arithmetic, and what it finds with the shipped weights."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.actor import Actor
from models.average_precision import LOWEST_SCORE, evaluate
from models.detector import (
    DEFAULT_WEIGHTS,
    PADDING,
    PersonDetector,
    cell_centres,
    fitting,
    intersection_over_union,
    letterbox,
    people,
    scaled,
    suppressed,
)
from models.inference import WeightsError

DATA = Path(__file__).parents[3] / "shared" / "data"


def test_a_wide_picture_gets_grey_margins_above_and_below() -> None:
    image = np.full((180, 640, 3), 200, np.uint8)
    picture, scale, left, top = letterbox(image, (256, 320))
    assert (picture.shape, scale, left, top) == ((256, 320, 3), 0.5, 0, 83)
    assert (picture[:83] == PADDING).all()
    assert (picture[83:173] == 200).all()
    assert (picture[173:] == PADDING).all()


@pytest.mark.parametrize(
    ("shape", "size"),
    [((480, 640), (192, 256)), ((1080, 1920), (160, 288)), ((1280, 720), (288, 160)), ((500, 500), (224, 224))],
)
def test_a_picture_is_looked_at_in_the_shape_that_fits_it(shape: tuple[int, int], size: tuple[int, int]) -> None:
    assert fitting((192, 256), shape) == size
    usual, fit = (letterbox(np.full((*shape, 3), 200, np.uint8), one) for one in ((192, 256), size))
    assert fit[1] >= usual[1], "people are at least as large"
    assert np.prod(size) <= 1.03 * 192 * 256, "and it takes no longer"


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (1921, 1083), (200, 90), (40, 2000)])
def test_a_picture_that_is_scaled_keeps_its_colours_in_their_places(size: tuple[int, int]) -> None:
    x, y = np.meshgrid(*(np.linspace(0, 255, length) for length in size))
    image = np.stack([x, y, 255 - x], axis=2).astype(np.uint8)
    small = scaled(image, (128, 96)).astype(float)
    x, y = np.meshgrid(np.linspace(0, 255, 128), np.linspace(0, 255, 96))
    np.testing.assert_allclose(small, np.stack([x, y, 255 - x], axis=2), atol=4)


def test_cells_are_counted_fine_ones_first_row_by_row() -> None:
    centres, strides = cell_centres(64, 32)
    assert len(centres) == 8 * 4 + 4 * 2 + 2 * 1
    assert centres[[0, 1, 4, 32, 40]].tolist() == [[4, 4], [12, 4], [4, 12], [8, 8], [16, 16]]
    assert strides[[0, 32, 40], 0].tolist() == [8, 16, 32]


def test_a_sure_cell_becomes_a_box_around_its_centre() -> None:
    centres, strides = cell_centres(64, 32)
    rows = np.full((len(centres), 5), -9.0, np.float32)
    rows[33] = [0.0, *np.log([0.5, 0.25, 0.25, 1.0])]
    assert people(rows, centres, strides)[0].tolist() == pytest.approx([16, 4, 28, 24, 0.5])


def test_nothing_sure_is_nobody() -> None:
    centres, strides = cell_centres(64, 32)
    assert people(np.full((len(centres), 5), -9.0, np.float32), centres, strides).shape == (0, 5)


def test_of_two_boxes_on_one_person_the_better_stays() -> None:
    boxes = np.array([[0, 0, 10, 20], [1, 0, 11, 20], [30, 0, 40, 20]], np.float32)
    assert suppressed(boxes) == [0, 2]


def test_boxes_that_only_touch_share_nothing() -> None:
    a, b = np.array([[0, 0, 10, 10]], np.float32), np.array([[10, 0, 20, 10], [0, 5, 10, 15]], np.float32)
    assert intersection_over_union(a, b)[0].tolist() == pytest.approx([0.0, 1 / 3])


def test_another_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "not.onnx").write_text("nothing")
    for name in ("not.onnx", "missing.onnx"):
        with pytest.raises(WeightsError, match=name):
            PersonDetector(tmp_path / name)


def test_a_network_of_another_shape_is_refused(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    picture = onnx.helper.make_tensor_value_info("image", onnx.TensorProto.UINT8, [1, 64, 64, 3])
    other = onnx.helper.make_tensor_value_info("other", onnx.TensorProto.FLOAT, [1, 64, 64, 3])
    node = onnx.helper.make_node("Cast", ["image"], ["other"], to=onnx.TensorProto.FLOAT)
    graph = onnx.helper.make_graph([node], "cast", [picture], [other])
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)]), tmp_path / "cast.onnx")
    with pytest.raises(WeightsError, match=r"cast\.onnx: not a person detector: its output is"):
        PersonDetector(tmp_path / "cast.onnx")


@pytest.mark.skipif(not DEFAULT_WEIGHTS.is_file(), reason="the weights are not here")
class TestShippedWeights:
    """What a user meets."""

    def test_an_empty_picture_shows_nobody(self) -> None:
        for value in (0, PADDING, 255):
            assert len(PersonDetector()(np.full((480, 640, 3), value, np.uint8))) == 0

    def test_boxes_are_sorted_and_lie_in_the_picture(self) -> None:
        noise = np.random.default_rng(0).integers(0, 256, (300, 200, 3), dtype=np.uint8)
        found = PersonDetector(score=0.001)(noise)
        assert found.dtype == np.float32
        assert (np.diff(found[:, 4]) <= 0).all()
        assert (found[:, :4] >= 0).all()
        assert (found[:, :4] <= [200, 300, 200, 300]).all()

    @pytest.mark.parametrize(("above", "beside"), [(0, 0), (60, 0), (0, 200)])
    def test_the_actor_is_found_in_pictures_of_any_shape(self, above: int, beside: int) -> None:
        scene = Actor(seed=100).render(0.0)
        image = np.ascontiguousarray(scene.image[above:, beside : scene.image.shape[1] - beside])
        found = PersonDetector()(image)
        box = scene.people[0].box - np.array([beside, above, beside, above], np.float32)
        assert intersection_over_union(found[:1], box[None])[0, 0] > 0.6

    @pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is not here")
    def test_the_one_person_at_a_webcam_is_the_surest(self) -> None:
        detector = PersonDetector()
        for clip in sorted((DATA / "video").glob("*.mkv")):
            capture = cv2.VideoCapture(str(clip))
            _, image = capture.read()
            capture.release()
            found = detector(np.asarray(image, np.uint8))
            assert len(found) >= 1, clip.name
            assert (found[1:, 4] < found[0, 4] - 0.2).all(), f"{clip.name}: {found}"
            x1, y1, x2, y2, _ = found[0]
            assert (x2 - x1) * (y2 - y1) > 0.1 * 640 * 480

    @pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is not here")
    def test_pedestrians_are_found(self) -> None:
        quality = evaluate(PersonDetector(score=LOWEST_SCORE), DATA / "detection" / "penn_fudan" / "test.json")
        assert quality.ap50 >= 0.93
