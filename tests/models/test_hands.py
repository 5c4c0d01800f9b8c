"""Hands are looked at upright, whichever way they point, and the shipped network tells what they do."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from models import hand_files
from models.body import ByteArray, FloatArray
from models.hand_files import NAMES, read_hands, read_photo_hands, target_of, view_of
from models.hands import CLASSES, DEFAULT_WEIGHTS, PALM, HandClassifier, View, hand_crop, hand_views
from models.hands_evaluation import evaluate_hands, evaluate_whole_pictures
from models.inference import WeightsError
from models.joints import HandState, Keypoint
from models.keypoint_files import LabelFileError
from models.pose import PoseEstimator

DATA = Path(__file__).parents[3] / "shared" / "data" / "hands" / "train.json"
PHOTOGRAPHS = DATA.parents[1] / "pose"
needs_data = pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is missing: the data is not part of the project")


def arm(degrees: float, metre: float = 300.0) -> FloatArray:
    """Keypoints of someone upright whose right forearm points ``degrees`` clockwise from upwards in the picture."""
    keypoints = np.zeros((len(Keypoint), 3), np.float32)
    up = np.array([math.sin(math.radians(degrees)), -math.cos(math.radians(degrees))])
    places = {
        Keypoint.LEFT_SHOULDER: (400, 200),
        Keypoint.RIGHT_SHOULDER: (400 - 0.36 * metre, 200),
        Keypoint.RIGHT_ELBOW: (250, 300),
        Keypoint.RIGHT_WRIST: np.array([250, 300]) + 0.25 * metre * up,
        Keypoint.RIGHT_INDEX: np.array([250, 300]) + 0.33 * metre * up,
    }
    for keypoint, place in places.items():
        keypoints[keypoint] = (*place, 0.9)
    return keypoints


def pointer(degrees: float) -> ByteArray:
    """A picture of a bar that starts at (200, 200) and ends in a white spot, ``degrees`` clockwise from upwards."""
    picture = np.full((400, 400, 3), 40, np.uint8)
    up = np.array([math.sin(math.radians(degrees)), -math.cos(math.radians(degrees))])
    tip = (200 + 60 * up).round().astype(int)
    cv2.line(picture, (200, 200), tip.tolist(), (120, 120, 120), 14)
    cv2.circle(picture, tip.tolist(), 9, (255, 255, 255), -1)
    return picture


def test_a_view_in_a_mirror_shows_the_crop_mirrored() -> None:
    view = View(np.array([190, 210], np.float32), np.array([0.6, -0.8], np.float32), 40.0)
    crop, mirrored = (hand_crop(pointer(40.0), v.transform()).astype(int) for v in (view, view.in_mirror()))
    assert np.abs(mirrored[:, 1:] - crop[:, :0:-1]).max() <= 2, "around the middle, like the hand itself"
    assert np.abs(mirrored - crop).max() > 50
    assert not view.in_mirror().in_mirror().mirrored


@pytest.mark.parametrize("degrees", [0, 70, 180, 250])
def test_a_hand_is_turned_upright_whichever_way_it_points(degrees: float) -> None:
    up = np.array([math.sin(math.radians(degrees)), -math.cos(math.radians(degrees))], np.float32)
    crop = hand_crop(pointer(degrees), View(np.array([200, 200], np.float32), up, 40.0).transform())
    bright = np.argwhere(crop.min(axis=2) > 200)
    assert len(bright)
    assert abs(bright[:, 1].mean() - 31.5) < 2, "the finger tip is in the middle"
    assert bright[:, 0].mean() < 25, "and above"


@pytest.mark.parametrize("degrees", [0, 45, 180, 300])
def test_a_view_follows_forearm_and_index(degrees: float) -> None:
    left, right = hand_views(arm(degrees))
    assert left is None
    assert right is not None
    np.testing.assert_allclose(right.up, (math.sin(math.radians(degrees)), -math.cos(math.radians(degrees))), atol=0.02)
    assert right.palm == pytest.approx(PALM * 300, rel=0.2)


def test_a_hand_nearer_than_the_shoulders_is_larger() -> None:
    _, far = hand_views(arm(0))
    near = arm(0)
    near[Keypoint.RIGHT_WRIST, 1] -= 30
    near[Keypoint.RIGHT_INDEX, 1] -= 40
    _, close = hand_views(near)
    assert far is not None
    assert close is not None
    assert 1.2 < close.palm / far.palm < 2


def test_without_wrist_or_direction_there_is_no_view() -> None:
    for hidden in ((Keypoint.RIGHT_WRIST,), (Keypoint.RIGHT_ELBOW, Keypoint.RIGHT_INDEX)):
        keypoints = arm(0)
        keypoints[list(hidden), 2] = 0.1
        assert hand_views(keypoints) == (None, None)


def test_another_kind_of_network_is_refused_by_name() -> None:
    wrong = DEFAULT_WEIGHTS.with_name("pose_int8.onnx")
    with pytest.raises(WeightsError, match=r"pose_int8\.onnx: not a hand network"):
        HandClassifier(wrong)


def test_a_plain_wall_is_no_hand() -> None:
    classifier = HandClassifier()
    view = View(np.array([160, 160], np.float32), np.array([0, -1], np.float32), 30.0)
    for shade in (60, 120, 200):
        shares = classifier(np.full((240, 320, 3), shade, np.uint8), view)
        assert shares.sum() == pytest.approx(1.0, abs=1e-5)
        assert CLASSES[int(shares.argmax())] == HandState.UNKNOWN


def test_landmarks_give_the_view_of_a_hand() -> None:
    marks = [[50.0, 90.0, 0.0]] * 21
    for knuckle, x in zip((5, 9, 13, 17), (38, 46, 54, 62), strict=True):
        marks[knuckle] = [float(x), 50.0, 0.0]
    view = view_of(marks)
    np.testing.assert_allclose(view.up, (0, -1), atol=1e-6)
    assert view.palm == pytest.approx(40, rel=0.01)


def write(folder: Path, **changes: object) -> Path:
    cv2.imwrite(str(folder / "hand.png"), np.full((112, 112, 3), 90, np.uint8))
    hand = {"id": 1, "file_name": "hand.png", "source": "webcam", "state": "open", "source_px": 80.0, "landmarks": None}
    (folder / "train.json").write_text(json.dumps([hand | changes]))
    return folder / "train.json"


def test_a_hand_is_judged_by_both_looks_at_it(tmp_path: Path) -> None:
    def one_sided(image: ByteArray, view: View) -> FloatArray:
        return np.array([0.1, 0.8, 0.1, 0] if view.mirrored else [0.9, 0, 0.1, 0], np.float32)

    quality = evaluate_hands(one_sided, write(tmp_path))
    assert (quality.right, quality.known) == (1.0, 0.0), "open by 0.5, closed by 0.4"


def test_a_file_of_hands_is_measured_with_any_classifier(tmp_path: Path) -> None:
    quality = evaluate_hands(lambda image, view: np.array([0.5, 0.3, 0.1, 0.1], np.float32), write(tmp_path))
    assert (quality.right, quality.known, quality.hands) == (1.0, 0.0, 1)
    assert quality.per_state == {"open": 1.0}
    assert quality.by_eye is None
    assert quality.read_once is None
    wrong = evaluate_hands(lambda image, view: np.array([0, 0, 0.9, 0.1], np.float32), write(tmp_path))
    assert (wrong.right, wrong.known) == (0.0, 1.0)


def test_whole_pictures_are_judged_by_the_higher_hand_where_one_is_found(tmp_path: Path) -> None:
    images, annotations = [], []
    for number, label in enumerate(("hand/palm", "hand/closer", "body/palm", "hand/no_class", "hand/up"), 1):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((480, 640, 3), 50 * number, np.uint8))
        images.append({"id": number, "file_name": f"{number}.png", "label": label})
        annotations.append({"image_id": number, "bbox": [100, 50, 400, 400]})
    (tmp_path / "train.json").write_text(json.dumps({"images": images, "annotations": annotations}))
    looked_at = []

    def pose(image: ByteArray, boxes: FloatArray) -> FloatArray:
        np.testing.assert_array_equal(boxes, [[100, 50, 500, 450]])
        keypoints = arm(0)
        keypoints[[Keypoint.LEFT_ELBOW, Keypoint.LEFT_WRIST]] = (500, 400, 0.9), (500, 460, 0.9)  # hangs
        return np.where(image[0, 0, 0] == 250, 0, keypoints)[None]  # nobody in the last picture

    def classifier(image: ByteArray, view: View) -> FloatArray:
        looked_at.append(float(view.wrist[1]))
        return np.array([0.7, 0.2, 0.1, 0.0], np.float32)

    quality = evaluate_whole_pictures(classifier, pose, tmp_path)
    assert (quality.right, quality.known, quality.hands) == (0.5, 1.0, 2)
    assert looked_at == [225.0] * 4, "the raised one, twice"
    with pytest.raises(LabelFileError, match=r"no picture of a gesture of a$"):
        evaluate_whole_pictures(classifier, pose, tmp_path, ["a"])
    (tmp_path / "train.json").write_text("[]")
    with pytest.raises(LabelFileError, match=r"train\.json: not a COCO file whose images have labels"):
        evaluate_whole_pictures(classifier, pose, tmp_path)


def test_a_file_that_is_no_list_of_hands_is_refused_by_name(tmp_path: Path) -> None:
    broken = tmp_path / "train.json"
    for content in ("nonsense", '{"images": []}', "[1]", '[{"id": 1}]'):
        broken.write_text(content)
        with pytest.raises(LabelFileError, match=r"train\.json: not a file of hands"):
            read_hands(broken)
    with pytest.raises(LabelFileError, match=r"away\.png: missing"):
        read_hands(write(tmp_path, file_name="away.png"))
    with pytest.raises(LabelFileError, match="no hand with a state"):
        evaluate_hands(lambda image, view: np.zeros(4, np.float32), write(tmp_path, state=None))


def test_hands_of_photographs_are_cut_out_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture, view = pointer(30.0), View(np.array([200, 200], np.float32), np.array([0.5, -0.87], np.float32), 30.0)
    folder = tmp_path / "pose" / "street"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "one.png"), picture)
    content = json.dumps({"images": [{"id": 7, "file_name": "one.png"}]}).encode()
    (folder / "train.json").write_bytes(content)
    labels = {"sha256": hashlib.sha256(content).hexdigest(), "open": [[7, 200, 200, 0.5, -0.87, 30.0]]}
    monkeypatch.setattr(hand_files, "PHOTOS", tmp_path / "photos.json")
    hand_files.PHOTOS.write_text(json.dumps({"street": labels | {"nothing": [[7, 30, 370, 0, 1, 20]]}, "flic": labels}))
    hand, nothing = read_photo_hands(tmp_path / "pose")
    assert (hand.state, nothing.state, hand.source) == ("open", "nothing", "street")
    np.testing.assert_array_equal(hand_crop(hand.image, hand.view.transform()), hand_crop(picture, view.transform()))
    assert hand.image.shape < picture.shape
    assert CLASSES[int(target_of(nothing.state).argmax())] == HandState.UNKNOWN
    (folder / "train.json").write_bytes(content + b" ")
    assert read_photo_hands(tmp_path / "pose") == [], "labels are of one file only"


@pytest.mark.skipif(not PHOTOGRAPHS.is_dir(), reason=f"{PHOTOGRAPHS} is missing: the data is not part of the project")
def test_the_hands_of_the_photographs_are_in_their_pictures() -> None:
    hands = read_photo_hands(PHOTOGRAPHS)
    assert {h.source for h in hands} == {"street", "flic", "professions"}
    assert {h.state for h in hands} == {*NAMES, "nothing"}
    for hand in hands:
        assert (hand.view.wrist >= 0).all()
        assert (hand.view.wrist < hand.image.shape[1::-1]).all()


@needs_data
def test_the_shipped_network_is_right_on_the_webcam_and_mostly_on_hands_labelled_by_eye() -> None:
    quality = evaluate_hands(HandClassifier(), DATA)
    assert quality.right is not None
    assert quality.right > 0.97
    assert min(quality.per_state.values()) > 0.95
    assert quality.by_eye is not None
    assert quality.by_eye > 0.85
    assert quality.read_once is not None
    assert quality.read_once > 0.7


@needs_data
def test_the_shipped_network_is_right_where_the_pose_network_finds_the_hand() -> None:
    quality = evaluate_whole_pictures(HandClassifier(), PoseEstimator(), PHOTOGRAPHS / "webcam")
    assert quality.hands > 140
    assert quality.right is not None
    assert quality.right > 0.95


@needs_data
def test_every_webcam_hand_has_a_person_and_a_room_and_neither_hundred_is_trained_on() -> None:
    from models.hand_files import without

    hands = read_hands(DATA)
    assert {h.person for h in hands if h.source == "webcam"} == {"a", "b", "c"}
    assert {h.room for h in hands if h.source == "webcam"} == {"one", "two"}
    judged = {h.name for h in hands if h.judged}
    assert len(judged) == 200
    assert not judged & {h.name for h in without(hands)}
    agreed = [h for h in hands if h.agreed]
    assert len(agreed) == 100
    assert {h.state for h in agreed} <= set(NAMES)
    assert not [h for h in without(hands, "a") if h.person == "a"]
    assert {h.state for h in hands if h.judged} <= {*NAMES, "cannot_tell"}
