"""People are painted out of pictures, and whoever stands behind them is found."""

from __future__ import annotations

import numpy as np
import pytest

from models.actor.crowd import Crowd
from models.actor.scene import Scene
from models.body import FloatArray
from models.crop import GREY
from models.joints import Joint, Keypoint
from models.painting import Figure, paint_out
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


def _one_behind_another(scene: Scene) -> tuple[int, int] | None:
    """Whoever is about half hidden, and who stands before them."""
    distances = [person.positions[Joint.SPINE_MID, 2] for person in scene.people]
    near, far = np.argsort(distances).tolist()
    seen = (scene.people[far].keypoints[:, 2] == 2).mean()
    shared = abs(np.diff([person.keypoints[Keypoint.NECK, 0] for person in scene.people]))[0]
    return (far, near) if 0.4 < seen < 0.75 and shared < 60 else None


def test_whoever_stands_behind_somebody_is_found_once_that_one_is_painted_out() -> None:
    """Without it, the network finds the one in front in some of these pictures."""
    pose, errors = PoseEstimator(), {False: [], True: []}
    pose.settle()
    for seed in range(40, 46):
        crowd = Crowd("crossing", 2, (640, 480), seed)
        for time in np.arange(0.5, crowd.duration, 0.1):
            scene = crowd.render(float(time))
            if (pair := _one_behind_another(scene)) is None:
                continue
            behind, front = (scene.people[i] for i in pair)
            seen = behind.keypoints[:, 2] == 2
            for painted in errors:
                before = [[_figure(front.keypoints)]] if painted else ()
                found = pose(scene.image, behind.box[None].astype(np.float32), before)[0]
                away = np.hypot(*(found[seen, :2] - behind.keypoints[seen, :2]).T)
                errors[painted].append(float(np.median(away) / _figure(behind.keypoints).metre))
    assert len(errors[True]) > 8
    right = {painted: float((np.array(some) < 0.1).mean()) for painted, some in errors.items()}
    assert right[True] > 0.9
    assert right[True] > right[False]


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
    painted = pose(scene.image, boxes, [[_figure(scene.people[0].keypoints)], *[[]] * (count - 1)])
    assert np.abs(painted[0] - plain[0]).max() > 0.5
    np.testing.assert_allclose(painted[1:], plain[1:])
