"""The shipped pose network, as it is shipped: on public labels where they are at hand, and on the actor everywhere."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.actor import Actor
from models.inference import WeightsError
from models.joints import KEYPOINT_FLIP, Keypoint
from models.keypoint_files import held_out_groups, read_people
from models.pck import PckResult, pck
from models.pose import DEFAULT_WEIGHTS, FEW, PoseEstimator, best_shape, higher_size, overlapping, shapes, smaller_size
from models.pose_evaluation import evaluate_pose

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "pose"
needs_data = pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is not here")


@pytest.fixture(scope="module")
def pose() -> PoseEstimator:
    return PoseEstimator()


@pytest.fixture(scope="module")
def sports(pose: PoseEstimator) -> float:
    """The PCK of the shipped network on LSPET."""
    return evaluate_pose(pose, DATA / "lspet" / "val.json").mean


@needs_data
def test_sports_people_of_lspet_are_found(sports: float) -> None:
    assert sports >= 0.70


@needs_data
def test_people_in_films_that_no_recipe_saw_are_found(pose: PoseEstimator) -> None:
    path = DATA / "flic" / "train.json"
    assert evaluate_pose(pose, path, held_out_groups(read_people(path))).mean >= 0.970


@needs_data
def test_eight_bits_cost_little(sports: float) -> None:
    exact = evaluate_pose(PoseEstimator(DEFAULT_WEIGHTS.with_name("pose.onnx")), DATA / "lspet" / "val.json").mean
    assert sports >= exact - 0.005


def acted(pose: PoseEstimator, seeds: range, times: np.ndarray, together: int = 1) -> PckResult:
    """The actor's joints; as if there were ``together`` people at once, apart from each other."""
    found, true = [], []
    for seed in seeds:
        actor = Actor(seed=seed)
        for time in times:
            scene = actor.render(float(time))
            (person,) = scene.people
            boxes = person.box + np.arange(together, dtype=np.float32)[:, None] * 1000
            found.append(pose(scene.image, boxes)[0])
            true.append(person.keypoints)
    return pck(np.stack(found), np.stack(true))


def test_the_actor_is_found(pose: PoseEstimator) -> None:
    assert acted(pose, range(100, 106), np.linspace(0, 76, 20)).mean >= 0.95


def test_each_of_many_people_is_looked_at_with_less_work_and_found_nearly_as_well(pose: PoseEstimator) -> None:
    seeds, times = range(100, 103), np.linspace(0, 76, 10)
    assert acted(pose, seeds, times, FEW + 1).mean >= acted(pose, seeds, times).mean - 0.02
    wide, high = smaller_size(pose.size)
    assert wide * high <= 0.85 * pose.size[0] * pose.size[1]


def test_whoever_overlaps_somebody_is_looked_at_in_more_detail(pose: PoseEstimator) -> None:
    scene = Actor(seed=100).render(0.0)
    person, apart = scene.people[0].box, np.array([1000, 0, 1000, 0], np.float32)
    beside = person + np.array([0.5, 0, 0.5, 0], np.float32) * (person[2] - person[0])
    assert overlapping(np.stack([person, person + apart, beside])).tolist() == [True, False, True]
    assert higher_size(pose.size)[1] > pose.size[1]

    alone, crowded = pose(scene.image, person[None])[0], pose(scene.image, np.stack([beside, person]))[1]
    assert not np.array_equal(alone, crowded)
    np.testing.assert_allclose(alone[Keypoint.NECK, :2], crowded[Keypoint.NECK, :2], atol=4)


def test_the_view_fits_the_person() -> None:
    tall, square = shapes((128, 192))
    assert (tall, square) == ((128, 192), (160, 160))
    boxes = np.array([[0, 0, 40, 100], [0, 0, 79, 100], [0, 0, 81, 100], [0, 0, 300, 100]], np.float32)
    assert best_shape(boxes, (tall, square)).tolist() == [0, 0, 1, 1]
    assert shapes((160, 160)) == ((160, 160),)


def test_who_is_as_wide_as_high_is_seen_as_well_as_who_is_not(pose: PoseEstimator) -> None:
    scene = Actor(seed=100).render(0.0)
    (person,) = scene.people
    image = cv2.resize(scene.image, None, fx=2.2, fy=1.0)
    stretch = np.array([2.2, 1.0], np.float32)
    (found,) = pose(np.asarray(image, np.uint8), (person.box.reshape(2, 2) * stretch).reshape(1, 4))
    seen = person.keypoints[:, 2] == 2
    apart = np.linalg.norm(found[:, :2] / stretch - person.keypoints[:, :2], axis=1)[seen]
    assert np.median(apart) < 0.04 * (person.box[3] - person.box[1])


def test_several_people_at_once_are_found_as_one_by_one() -> None:
    pose, scene = PoseEstimator(), Actor(seed=100).render(0.0)
    boxes = scene.people[0].box + np.arange(6, dtype=np.float32)[:, None] * np.array([700, 3, 701, 4], np.float32)
    first = pose(scene.image, boxes)
    pose.settle()
    for count in (6, 5, 4, 3):
        np.testing.assert_array_equal(pose(scene.image, boxes[:count]), first[:count])


def test_a_picture_without_anybody_gives_no_confident_keypoint(pose: PoseEstimator) -> None:
    room = Actor(seed=5).background
    keypoints = pose(room, np.array([[250, 100, 400, 420]], np.float32))
    assert np.median(keypoints[0, :, 2]) < 0.3


def test_joints_outside_the_picture_have_low_confidence(pose: PoseEstimator) -> None:
    scene = Actor(seed=101).render(0.0)
    keypoints = scene.people[0].keypoints
    waist = int(keypoints[[Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP], 1].mean()) - 5
    cut = np.ascontiguousarray(scene.image[:waist])
    x1, y1, x2, _ = scene.people[0].box
    found = pose(cut, np.array([[x1, y1, x2, waist]], np.float32))[0]
    legs = [k for k in Keypoint if k.name.endswith(("KNEE", "ANKLE", "FOOT"))]
    assert found[legs, 2].max() < 0.4
    assert found[[Keypoint.NOSE, Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER], 2].min() > 0.5


def test_left_and_right_are_the_persons_own(pose: PoseEstimator) -> None:
    scene = Actor(seed=102).render(0.0)
    person = scene.people[0]
    found = pose(scene.image, person.box[None])[0]
    assert found[Keypoint.RIGHT_WRIST, 0] < found[Keypoint.LEFT_WRIST, 0], "who faces us has the right hand on our left"
    x1, y1, x2, y2 = person.box
    width = scene.image.shape[1]
    flipped = pose(np.ascontiguousarray(scene.image[:, ::-1]), np.array([[width - x2, y1, width - x1, y2]], np.float32))
    there = flipped[0][list(KEYPOINT_FLIP)]
    there[:, 0] = width - 1 - there[:, 0]
    assert np.median(np.linalg.norm(there[:, :2] - found[:, :2], axis=1)) < 0.03 * (y2 - y1)


def test_nobody_asked_for_is_nobody_found(pose: PoseEstimator) -> None:
    assert pose(np.zeros((48, 64, 3), np.uint8), np.zeros((0, 4), np.float32)).shape == (0, len(Keypoint), 3)


def test_the_detector_is_not_taken_for_a_pose_network() -> None:
    with pytest.raises(WeightsError, match="not a pose network"):
        PoseEstimator(DEFAULT_WEIGHTS.with_name("detector_int8.onnx"))


def test_a_network_that_wants_something_unknown_besides_pictures_is_refused(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="the network of this test is made with onnx")
    given = {"pictures": [1, 192, 128, 3], "depth": [1, 192, 128]}
    said = {"heatmaps": [1, 23, 24, 16], "confidences": [1, 23]}
    tensor, float32 = onnx.helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    wants, says = ([tensor(name, float32, shape) for name, shape in some.items()] for some in (given, said))
    nodes = [
        onnx.helper.make_node("ReduceMax", [name], [f"{name}_most"], axes=axes, keepdims=0)
        for name, axes in (("pictures", [0, 1, 2, 3]), ("depth", [0, 1, 2]))
    ]
    nodes.append(onnx.helper.make_node("Add", ["pictures_most", "depth_most"], ["most"]))
    for name, shape in said.items():
        zeros = onnx.helper.make_tensor(f"{name}_zeros", float32, shape, np.zeros(shape).ravel())
        nodes += [
            onnx.helper.make_node("Constant", [], [f"{name}_none"], value=zeros),
            onnx.helper.make_node("Add", [f"{name}_none", "most"], [name]),
        ]
    graph = onnx.helper.make_graph(nodes, "odd", wants, says)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, tmp_path / "odd.onnx")
    with pytest.raises(WeightsError, match=r"not a pose network: besides pictures it wants \[\(1, 192, 128\)\]"):
        PoseEstimator(tmp_path / "odd.onnx")


def test_no_file_is_over_ten_megabytes() -> None:
    assert all(path.stat().st_size < 10e6 for path in DEFAULT_WEIGHTS.parent.iterdir())
