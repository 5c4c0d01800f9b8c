"""Networks of RTMPose's form: their places, their channels, their keypoints, and what is wrong with a description."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("onnx", reason="the network of these tests is made with onnx")

import onnx
from onnx import TensorProto, helper, numpy_helper

from models.crop import GREY
from models.inference import WeightsError
from models.joints import Keypoint
from models.painting import NOBODY, Expected, Figure
from models.pose import open_pose
from models.simcc import COCO17, HALPE26, SimccEstimator, decode_simcc

SIZE = (48, 64)
RED, GREEN, BLUE = (0, 0, 255), (0, 255, 0), (255, 0, 0)
RGB = {"red": 0, "green": 1, "blue": 2}
FORM = {
    "keypoints": '"coco17"',
    "size": "[48, 64]",
    "mean": "[0, 0, 0]",
    "std": "[255.0, 255.0, 255.0]",
    "channels": '"rgb"',
    "split_ratio": "2.0",
}


def network(path: Path, names: tuple[str, ...], looks_for: dict[str, str], batch: int | str = 1) -> Path:
    """Write a network that finds each keypoint of ``looks_for`` where its colour, of red, green, blue, is brightest."""
    width, height = SIZE
    colours = np.zeros((len(names), 3), np.float32)
    for name, colour in looks_for.items():
        colours[names.index(name), RGB[colour]] = 1
    matrices = {"colours": colours}
    nodes, outputs = [], []
    for output, side, axis in (("simcc_x", width, 2), ("simcc_y", height, 3)):
        matrices[f"{output}_cells"] = np.repeat(np.eye(side, dtype=np.float32), 2, axis=1) * np.tile([1.0, 0.5], side)
        nodes += [
            helper.make_node("ReduceMax", ["input"], [f"{output}_max"], axes=[axis], keepdims=0),
            helper.make_node("MatMul", ["colours", f"{output}_max"], [f"{output}_k"]),
            helper.make_node("MatMul", [f"{output}_k", f"{output}_cells"], [output]),
        ]
        outputs.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, [batch, len(names), 2 * side]))
    inputs = [helper.make_tensor_value_info("input", TensorProto.FLOAT, [batch, 3, height, width])]
    weights = [numpy_helper.from_array(m.astype(np.float32), name) for name, m in matrices.items()]
    graph = helper.make_graph(nodes, "bright", inputs, outputs, weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def described(path: Path, **changes: str) -> Path:
    """``path``, with a TOML file beside it that differs from FORM in ``changes``; an empty one leaves the key out."""
    lines = [f"{key} = {value}" for key, value in (FORM | changes).items() if value]
    path.with_suffix(".toml").write_text("\n".join(lines), encoding="utf-8")
    return path


def dots(places: dict[tuple[int, int], tuple[int, int, int]]) -> np.ndarray:
    """A dark picture with a square of 5 pixels of a colour around each place."""
    image = np.zeros((300, 400, 3), np.uint8)
    for (x, y), colour in places.items():
        cv2.rectangle(image, (x - 2, y - 2), (x + 2, y + 2), colour, -1)
    return image


BOXES = np.array([[100, 80, 148, 144], [220, 60, 340, 220]], np.float32)
PLACES = {(120, 100): RED, (140, 120): GREEN, (108, 131): BLUE, (280, 90): RED, (250, 150): GREEN, (320, 190): BLUE}
LOOKS_FOR = {"NOSE": "red", "LEFT_WRIST": "green", "RIGHT_ANKLE": "blue"}


@pytest.mark.parametrize("batch", [1, "n"])
def test_keypoints_are_found_where_they_are_in_the_picture(tmp_path: Path, batch: int | str) -> None:
    pose = open_pose(described(network(tmp_path / "net.onnx", COCO17, LOOKS_FOR, batch)))
    assert isinstance(pose, SimccEstimator)
    keypoints = pose(dots(PLACES), BOXES)
    assert keypoints.shape == (2, 23, 3)
    assert keypoints.dtype == np.float32
    found = keypoints[:, [Keypoint.NOSE, Keypoint.LEFT_WRIST, Keypoint.RIGHT_ANKLE]]
    expected = np.array(list(PLACES), float).reshape(2, 3, 2)
    assert np.abs(found[..., :2] - expected).max() <= 3.5  # the first cell of a square whose middle is the place
    assert found[..., 2] == pytest.approx(1.0, abs=0.01)


def test_whoever_stands_before_somebody_is_painted_out(tmp_path: Path) -> None:
    pose = open_pose(described(network(tmp_path / "net.onnx", COCO17, LOOKS_FOR)))
    arm = np.zeros((len(Keypoint), 3), np.float32)
    arm[[Keypoint.LEFT_SHOULDER, Keypoint.LEFT_ELBOW]] = (110, 100, 1.0), (130, 100, 1.0)  # over the first red square
    before = pose(dots(PLACES), BOXES, [Expected(None, [Figure(arm, 100.0)]), NOBODY])[:, Keypoint.NOSE, 2]
    assert before == pytest.approx([GREY / 255, 1.0], abs=0.01)


def test_keypoints_that_the_network_does_not_know_have_no_confidence(tmp_path: Path) -> None:
    pose = open_pose(described(network(tmp_path / "net.onnx", COCO17, dict.fromkeys(COCO17, "red"))))
    keypoints = pose(dots(PLACES), BOXES[:1])[0]
    unknown = {k.name for k in Keypoint if keypoints[k, 2] == 0}
    hands_feet = {f"{side}_{part}" for side in ("LEFT", "RIGHT") for part in ("INDEX", "THUMB", "FOOT")}
    assert unknown == {"HEAD_TOP", "NECK"} | hands_feet


def test_halpe_adds_head_neck_and_feet(tmp_path: Path) -> None:
    looks_for = {"HEAD_TOP": "red", "NECK": "green", "RIGHT_FOOT": "blue"}
    pose = open_pose(described(network(tmp_path / "net.onnx", HALPE26, looks_for), keypoints='"halpe26"'))
    keypoints = pose(dots(PLACES), BOXES[:1])[0]
    for keypoint, place in zip((Keypoint.HEAD_TOP, Keypoint.NECK, Keypoint.RIGHT_FOOT), PLACES, strict=False):
        assert np.abs(keypoints[keypoint, :2] - place).max() <= 3.5
        assert keypoints[keypoint, 2] > 0.9


@pytest.mark.parametrize(("channels", "expected"), [("rgb", (0.5, 0.225, 0.06)), ("bgr", (0.1667, 0.225, 0.26))])
def test_mean_and_std_belong_to_the_channels_in_the_networks_order(
    tmp_path: Path, channels: str, expected: tuple[float, ...]
) -> None:
    """The keypoints look at the network's first, second and third channel."""
    path = network(tmp_path / "net.onnx", COCO17, LOOKS_FOR)
    pose = open_pose(described(path, mean="[50, 60, 70]", std="[300, 400, 500]", channels=f'"{channels}"'))
    image = np.full((300, 400, 3), (100, 150, 200), np.uint8)
    found = pose(image, BOXES[:1])[0, [Keypoint.NOSE, Keypoint.LEFT_WRIST, Keypoint.RIGHT_ANKLE], 2]
    assert found == pytest.approx(expected, abs=0.002)


def test_no_people_give_no_keypoints(tmp_path: Path) -> None:
    pose = open_pose(described(network(tmp_path / "net.onnx", COCO17, LOOKS_FOR)))
    assert pose(dots({}), np.zeros((0, 4), np.float32)).shape == (0, 23, 3)


def test_the_surer_axis_does_not_hide_the_other() -> None:
    columns, rows = np.zeros((1, 1, 96), np.float32), np.zeros((1, 1, 128), np.float32)
    columns[0, 0, 31], rows[0, 0, 64] = 2.5, 0.3
    assert decode_simcc(columns, rows, 2.0)[0, 0].tolist() == pytest.approx([15.5, 32.0, 0.3])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"keypoints": '"coco"'}, 'net.toml: keypoints is \'coco\', expected "coco17" or "halpe26"'),
        ({"keypoints": "17"}, "keypoints is 17, expected"),
        ({"size": "[192]"}, "size is [192], expected two whole numbers"),
        ({"size": "[48.5, 64]"}, "size is [48.5, 64], expected two whole numbers"),
        ({"mean": "[1, 2]"}, "mean is [1, 2], expected three numbers"),
        ({"mean": '["a", 2, 3]'}, "expected three numbers"),
        ({"std": "[1, 0, 1]"}, "std is [1, 0, 1], expected three numbers above 0"),
        ({"std": "[1, nan, 1]"}, "expected three numbers above 0"),
        ({"channels": '"gbr"'}, 'expected "rgb" or "bgr"'),
        ({"split_ratio": "true"}, "split_ratio is True, expected a number above 0"),
        ({"split_ratio": ""}, "net.toml: split_ratio is missing, expected a number above 0"),
        ({"padding": "1.25"}, "unknown key 'padding', expected keypoints, size"),
        ({"size": "= 3"}, "net.toml: not a TOML file (Invalid value (at line 2, column 8))"),
        ({"size": "[192, 256]"}, "the shape of its input is (1, 3, 64, 48), but net.toml asks for (1, 3, 256, 192)"),
        ({"keypoints": '"halpe26"'}, "the shape of its columns is (1, 17, 96), but net.toml asks for (1, 26, 96)"),
        ({"split_ratio": "3"}, "the shape of its columns is (1, 17, 96), but net.toml asks for (1, 17, 144)"),
    ],
)
def test_a_wrong_description_is_told_with_what_was_expected(tmp_path: Path, changes: dict[str, str], told: str) -> None:
    path = described(network(tmp_path / "net.onnx", COCO17, LOOKS_FOR), **changes)
    with pytest.raises(WeightsError) as caught:
        open_pose(path)
    assert told in str(caught.value)


def test_a_description_without_its_network_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"net\.onnx: no such network file"):
        open_pose(described(tmp_path / "net.onnx"))


def test_a_network_without_its_description_is_told_that_it_needs_one(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="a TOML file beside it"):
        open_pose(network(tmp_path / "net.onnx", COCO17, LOOKS_FOR))
