"""People are painted out of pictures, or named to the network, and whoever stands behind them is found."""

from __future__ import annotations

import numpy as np
import pytest

from models.actor.crowd import Crowd
from models.actor.scene import ActedPerson
from models.body import ByteArray, FloatArray
from models.crop import GREY
from models.joints import Joint, Keypoint
from models.painting import NOBODY, Expected, Figure, Layer, cue, paint_out
from models.pose import PoseEstimator
from models.scale import apparent_scale

WHITE = 255


def standing(x: float, y: float, height: float, sure: float = 0.9) -> Figure:
    """A figure so many pixels high, with the hips at (x, y)."""
    keypoints = np.zeros((len(Keypoint), 3), np.float32)
    places = {"HEAD_TOP": (0, -0.5), "NECK": (0, -0.35)}
    for side, sign in (("LEFT", 1), ("RIGHT", -1)):
        places |= {f"{side}_SHOULDER": (0.1 * sign, -0.3), f"{side}_ELBOW": (0.14 * sign, -0.15)}
        places |= {f"{side}_WRIST": (0.15 * sign, 0.0), f"{side}_HIP": (0.06 * sign, 0.0)}
        places |= {f"{side}_KNEE": (0.06 * sign, 0.25), f"{side}_ANKLE": (0.06 * sign, 0.48)}
    for name, (across, down) in places.items():
        keypoints[Keypoint[name]] = x + across * height, y + down * height, sure
    return Figure(keypoints, height / 1.7)


def test_a_figure_is_covered_and_what_is_beside_it_is_not() -> None:
    picture = np.full((400, 300, 3), WHITE, np.uint8)
    figure = standing(150, 200, 300)
    paint_out(picture, [figure])
    for x, y, sure in figure.keypoints:
        if sure:
            assert (picture[int(y), int(x)] == GREY).all()
    assert (picture[140, 150] == GREY).all(), "the middle of the trunk"
    assert (picture[:, :60] == WHITE).all()
    assert 0.05 < (picture == GREY).mean() < 0.3


def test_limbs_that_are_not_surely_seen_are_left() -> None:
    picture = np.full((400, 300, 3), WHITE, np.uint8)
    paint_out(picture, [standing(150, 200, 300, sure=0.2)])
    assert (picture == WHITE).all()


def test_a_view_is_painted_where_the_picture_would_be() -> None:
    transform = np.array([[0.5, 0.0, -20.0], [0.0, 0.5, 10.0]])
    picture, view = np.full((400, 300, 3), WHITE, np.uint8), np.full((220, 120, 3), WHITE, np.uint8)
    paint_out(picture, [standing(150, 200, 300)])
    paint_out(view, [standing(150, 200, 300)], transform)
    rows, columns = np.mgrid[10:210, 0:120]
    expected = picture[(rows - 10) * 2, (columns + 20) * 2]
    assert (view[10:210] == expected).mean() > 0.97


def test_what_lies_far_outside_or_nowhere_does_no_harm() -> None:
    picture = np.full((100, 100, 3), WHITE, np.uint8)
    paint_out(picture, [standing(1e9, -1e9, 300), standing(-500, 50, 80)])
    assert (picture == WHITE).all()


VIEW = (300, 400)
"""Width and height."""


def test_a_cue_has_the_parts_of_the_one_to_be_found_apart_and_all_of_others() -> None:
    own, other = standing(80, 200, 300), standing(220, 200, 300)
    told = cue(VIEW, Expected(own, (), [other]))
    assert (told.shape, told.dtype) == ((4, 50, 37), np.uint8)
    for layer, part in ((Layer.TRUNK, "NECK"), (Layer.ARMS, "LEFT_ELBOW"), (Layer.LEGS, "RIGHT_KNEE")):
        x, y = (own.keypoints[Keypoint[part], :2] / 8).astype(int)
        assert told[layer, y, x] > 100
        assert (told[:, y, x] > 100).sum() == 1, "nowhere else"
        x, y = (other.keypoints[Keypoint[part], :2] / 8).astype(int)
        assert (told[:, y, x] > 100).tolist() == [False, False, False, True]
    white = np.full((400, 300, 3), WHITE, np.uint8)
    paint_out(white, [other])
    assert told[Layer.OTHERS].mean() / 255 == pytest.approx((white == GREY).mean(), abs=0.01), "as much as is painted"


def test_where_nobody_is_expected_a_cue_is_empty() -> None:
    assert not cue(VIEW, NOBODY).any()
    assert not cue(VIEW, Expected(standing(150, 200, 300, sure=0.2))).any(), "nor where nothing is sure"


def test_a_cue_is_where_the_view_shows_that_person() -> None:
    transform = np.array([[0.5, 0.0, -20.0], [0.0, 0.5, 10.0]])
    figure = standing(150, 200, 300)
    keypoints = figure.keypoints.copy()
    keypoints[:, :2] = keypoints[:, :2] * 0.5 + (-20.0, 10.0)
    moved = cue((128, 192), Expected(figure), transform)
    np.testing.assert_array_equal(moved, cue((128, 192), Expected(Figure(keypoints, figure.metre * 0.5))))
    assert moved.any()


Pair = tuple[ByteArray, ActedPerson, ActedPerson]
"""A picture, somebody about half hidden, and who stands before them."""


@pytest.fixture(scope="module")
def half_hidden() -> list[Pair]:
    pairs = []
    for seed in range(40, 46):
        crowd = Crowd("crossing", 2, (640, 480), seed)
        for time in np.arange(0.5, crowd.duration, 0.1):
            scene = crowd.render(float(time))
            front, behind = sorted(scene.people, key=lambda person: float(person.positions[Joint.SPINE_MID, 2]))
            apart = abs(behind.keypoints[Keypoint.NECK, 0] - front.keypoints[Keypoint.NECK, 0])
            if 0.4 < (behind.keypoints[:, 2] == 2).mean() < 0.75 and apart < 60:
                pairs.append((scene.image, behind, front))
    assert len(pairs) > 8
    return pairs


def is_right(found: FloatArray, person: ActedPerson) -> bool:
    """Whether most of the keypoints that can be seen of a person were found within 10 cm."""
    seen = person.keypoints[:, 2] == 2
    away = np.hypot(*(found[seen, :2] - person.keypoints[seen, :2]).T)
    return float(np.median(away)) < 0.1 * _figure(person.keypoints).metre


def test_of_two_in_one_view_the_network_finds_the_one_it_is_told_of(half_hidden: list[Pair]) -> None:
    """Told nothing, it finds whoever is in front, even in a view around both."""
    pose, right = PoseEstimator(), {"told": [], "not": []}
    pose.settle()
    for image, *both in half_hidden:
        boxes = np.stack([person.box for person in both]).astype(np.float32)
        around = np.array([[*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)]], np.float32)
        for person, other in (both, both[::-1]):
            told = Expected(_figure(person.keypoints), (), [_figure(other.keypoints)])
            for name, expected in (("told", [told]), ("not", ())):
                right[name].append(is_right(pose(image, around, expected)[0], person))
    assert np.mean(right["not"]) < 0.6
    assert np.mean(right["told"]) > np.mean(right["not"]) + 0.2


def test_whoever_stands_behind_somebody_is_found_once_that_one_is_painted_out(half_hidden: list[Pair]) -> None:
    """Without it, the network finds the one in front in some of these pictures."""
    pose, right = PoseEstimator(), {False: [], True: []}
    pose.settle()
    for image, behind, front in half_hidden:
        for painted in right:
            expected = [Expected(None, [_figure(front.keypoints)])] if painted else ()
            found = pose(image, behind.box[None].astype(np.float32), expected)[0]
            right[painted].append(is_right(found, behind))
    assert np.mean(right[True]) > 0.9
    assert np.mean(right[True]) > np.mean(right[False])


def _figure(keypoints: FloatArray) -> Figure:
    known = keypoints[:, 2] > 0
    metre = float(apparent_scale(keypoints[None, :, :2], known[None])[0])
    return Figure(np.column_stack([keypoints[:, :2], known]).astype(np.float32), metre)


@pytest.mark.parametrize("count", [1, 4])
def test_only_the_view_in_whose_way_somebody_stands_is_painted(count: int) -> None:
    scene = Crowd("walking", 4, (640, 480), 7).render(1.0)
    pose, boxes = PoseEstimator(), np.array([p.box for p in scene.people], np.float32)[:count]
    pose.settle()
    plain = pose(scene.image, boxes)
    covered = Expected(None, [_figure(scene.people[0].keypoints)])
    painted = pose(scene.image, boxes, [covered, *[NOBODY] * (count - 1)])
    assert np.abs(painted[0] - plain[0]).max() > 0.5
    np.testing.assert_allclose(painted[1:], plain[1:])
