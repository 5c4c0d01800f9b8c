"""Cut-outs keep labels on their pixels; doubted labels count less; what a Kinect cannot label is not forgotten."""

import cv2
import numpy as np
import pytest

from models.body import ByteArray, FloatArray
from models.joints import LIMB_KEYPOINTS, Keypoint
from models.training.finetune_evaluation import errors_in_torsos, judge
from models.training.finetune_frames import cut_out, person_box, targets, with_opinion
from models.training.finetune_views import Material, Views, empty_view, view

SIZE = (96, 128)


def somebody() -> FloatArray:
    """The limbs and neck of somebody in a picture of 400x300, (23, 3)."""
    keypoints = np.zeros((23, 3), np.float32)
    for keypoint in (*LIMB_KEYPOINTS, Keypoint.NECK):
        side = 30 if "LEFT" in keypoint.name else -30 if "RIGHT" in keypoint.name else 0
        height = ("NECK", "SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE").index(keypoint.name.split("_")[-1])
        keypoints[keypoint] = 200 + side, 80 + 25 * height, 1
    return keypoints


def weights_of(keypoints: FloatArray) -> FloatArray:
    return (keypoints[:, 2] > 0).astype(np.float32)


def marked(keypoint: Keypoint) -> ByteArray:
    """A dark picture of 400x300 with a white spot at one keypoint."""
    image = np.full((300, 400, 3), 30, np.uint8)
    x, y = somebody()[keypoint, :2]
    cv2.circle(image, (int(x), int(y)), 6, (255, 255, 255), -1)
    return image


def brightest(image: ByteArray) -> tuple[float, float]:
    rows, columns = np.nonzero(image[..., 1] > 180)
    return float(columns.mean()), float(rows.mean())


@pytest.mark.parametrize("detail", [0.6, 5.0])
def test_labels_stay_on_their_pixels(detail: float) -> None:
    keypoints = somebody()
    frame = cut_out(marked(Keypoint.LEFT_WRIST), keypoints, weights_of(keypoints), SIZE, detail=detail)
    assert frame is not None
    assert frame.target[Keypoint.LEFT_WRIST, :2] == pytest.approx(brightest(frame.picture()), abs=1.0)
    length = np.linalg.norm(keypoints[Keypoint.LEFT_SHOULDER, :2] - keypoints[Keypoint.RIGHT_HIP, :2])
    shown = np.linalg.norm(frame.target[Keypoint.LEFT_SHOULDER, :2] - frame.target[Keypoint.RIGHT_HIP, :2])
    assert frame.torso == pytest.approx(shown, rel=1e-3)
    assert frame.torso <= length + 1e-3


def test_views_keep_labels_on_their_pixels_and_sides() -> None:
    keypoints = somebody()
    frame = cut_out(marked(Keypoint.LEFT_WRIST), keypoints, weights_of(keypoints), SIZE)
    dark = cut_out(np.zeros_like(marked(Keypoint.NECK)), keypoints, weights_of(keypoints), SIZE)
    assert frame is not None
    assert dark is not None
    sides = set()
    for seed in range(40):
        image, target = view(frame, dark, SIZE, np.random.default_rng(seed))
        shown = [k for k in (Keypoint.LEFT_WRIST, Keypoint.RIGHT_WRIST) if target[k, 2] == 1]
        if len(shown) < 2 or image.max() < 200:
            continue
        x, y = np.unravel_index(int(image[..., 1].argmax()), image.shape[:2])[::-1]
        apart = {k: float(np.hypot(*(target[k, :2] - (x, y)))) for k in shown}
        nearest = min(apart, key=lambda k: apart[k])
        assert apart[nearest] < 8
        sides.add(nearest)
    assert len(sides) == 2, "some views are flipped and some are not"


def test_without_flips_a_side_stays_a_side() -> None:
    keypoints = somebody()
    frame = cut_out(marked(Keypoint.NECK), keypoints, weights_of(keypoints), SIZE)
    assert frame is not None
    for seed in range(20):
        _, target = view(frame, frame, SIZE, np.random.default_rng(seed), flips=False)
        assert target[Keypoint.LEFT_HIP, 0] > target[Keypoint.RIGHT_HIP, 0]


def test_a_view_beside_the_person_shows_nothing_of_the_person() -> None:
    keypoints = somebody()
    image = np.zeros((480, 640, 3), np.uint8)
    x1, y1 = keypoints[keypoints[:, 0] > 0, :2].min(0).astype(int)
    x2, y2 = keypoints[:, :2].max(0).astype(int)
    image[y1 : y2 + 1, x1 : x2 + 1] = 255
    frame = cut_out(image, keypoints, weights_of(keypoints), (96, 128))
    assert frame is not None
    views = [empty_view(frame, (96, 128), np.random.default_rng(seed)) for seed in range(40)]
    found = [view for view in views if view is not None]
    assert found
    for picture, target in found:
        assert picture.mean() < 128
        assert not target[:, 2:].any()


def test_views_depend_on_nothing_but_seed_and_number() -> None:
    keypoints = somebody()
    frame = cut_out(marked(Keypoint.NECK), keypoints, weights_of(keypoints), SIZE)
    assert frame is not None
    once, again, other = (Views(Material([frame]), [SIZE], seed, 4)[7] for seed in (0, 0, 1))
    np.testing.assert_array_equal(once[0], again[0])
    np.testing.assert_array_equal(once[1], again[1])
    assert not np.array_equal(once[0], other[0])


def test_batches_show_one_shape_after_the_other() -> None:
    keypoints = somebody()
    frame = cut_out(marked(Keypoint.NECK), keypoints, weights_of(keypoints), SIZE)
    assert frame is not None
    views = Views(Material([frame]), [(64, 96), (96, 96)], 0, 2)
    shapes = [views[number][0].shape[:2] for number in range(6)]
    assert shapes == [(96, 64), (96, 64), (96, 96), (96, 96), (96, 64), (96, 64)]


def test_a_frame_keeps_what_lies_behind_it() -> None:
    keypoints, image = somebody(), marked(Keypoint.NECK)
    room = np.full_like(image, 90)
    frame = cut_out(image, keypoints, weights_of(keypoints), SIZE, behind=room)
    assert frame is not None
    piece = frame.picture_behind()
    assert piece is not None
    assert piece.shape == frame.picture().shape
    assert np.abs(piece.astype(int) - 90).max() <= 2
    without = cut_out(image, keypoints, weights_of(keypoints), SIZE)
    assert without is not None
    assert without.picture_behind() is None


def test_guessed_labels_count_less_and_do_not_claim_to_be_seen() -> None:
    keypoints = somebody()
    weights = weights_of(keypoints)
    weights[Keypoint.LEFT_KNEE], weights[Keypoint.RIGHT_KNEE] = 0.25, 0
    keypoints[Keypoint.LEFT_ANKLE, :2] = 200, 310
    target = targets(keypoints, weights, (400, 300))
    assert target[Keypoint.LEFT_KNEE, 2:].tolist() == [0.25, -1]
    assert target[Keypoint.RIGHT_KNEE, 2:].tolist() == [0, -1]
    assert target[Keypoint.LEFT_ANKLE, 2:].tolist() == [0, 0]
    assert target[Keypoint.LEFT_HIP, 2:].tolist() == [1, 1]
    assert target[Keypoint.NOSE, 2:].tolist() == [0, -1]


def test_the_box_has_room_for_the_head_that_no_kinect_labels() -> None:
    keypoints = somebody()
    box = person_box(targets(keypoints, weights_of(keypoints), (400, 300)))
    assert box[1] < keypoints[Keypoint.NECK, 1] - 30
    assert box[3] == keypoints[Keypoint.LEFT_ANKLE, 1]


def test_somebody_with_hardly_a_label_is_left_out() -> None:
    keypoints = somebody()
    weights = np.zeros(23, np.float32)
    weights[[Keypoint.LEFT_WRIST, Keypoint.NECK]] = 1
    assert cut_out(marked(Keypoint.NECK), keypoints, weights, SIZE) is None


def test_the_nose_is_remembered_as_the_network_sees_it_if_it_agrees_otherwise() -> None:
    keypoints = somebody()
    frame = cut_out(marked(Keypoint.NECK), keypoints, weights_of(keypoints), SIZE)
    assert frame is not None

    def agreeing(image: ByteArray, boxes: FloatArray) -> FloatArray:
        found = np.column_stack([frame.target[:, :2], np.full(23, 0.9)])
        found[Keypoint.NOSE, :2] = 33, 22
        return found[None].astype(np.float32)

    def elsewhere(image: ByteArray, boxes: FloatArray) -> FloatArray:
        return agreeing(image, boxes) + np.array([90, 0, 0], np.float32)

    known = with_opinion(frame, agreeing).target
    assert known[Keypoint.NOSE, :2].tolist() == [33, 22]
    assert 0 < known[Keypoint.NOSE, 2] < 0.5
    np.testing.assert_array_equal(known[Keypoint.LEFT_WRIST], frame.target[Keypoint.LEFT_WRIST])
    assert with_opinion(frame, elsewhere).target[Keypoint.NOSE, 2] == 0


def test_errors_are_measured_in_torsos_and_only_where_there_are_labels() -> None:
    keypoints = somebody()
    frame = cut_out(marked(Keypoint.NECK), keypoints, weights_of(keypoints), SIZE)
    assert frame is not None

    def off(image: ByteArray, boxes: FloatArray) -> FloatArray:
        found = frame.target[None, :, :3].copy()
        found[0, Keypoint.LEFT_WRIST, 0] += 0.3 * frame.torso
        return found

    judged = judge(off, [frame])
    assert judged.errors[0, Keypoint.LEFT_WRIST] == pytest.approx(0.3, rel=1e-3)
    assert np.isnan(judged.errors[0, Keypoint.NOSE])
    assert judged.pck == pytest.approx(11 / 12)
    assert judged.per_joint["left_wrist"] == 0
    assert (np.diff(judged.curve) >= 0).all()
    assert judged.curve[-1] == 1
    assert errors_in_torsos(judged.predicted, [frame]).shape == (1, 23)
