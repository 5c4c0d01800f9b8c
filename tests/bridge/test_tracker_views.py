"""Where the tracker has people looked at, and how often it asks the detector."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.track import LEAST_VIEW
from bridge.tracker import Tracker
from models.joints import Keypoint
from tests.bridge.test_tracker import DT, boxes_of, follow, person, together, update


def test_the_detector_is_asked_seldom_while_all_are_in_view() -> None:
    tracker = Tracker()
    asked = []
    for i in range(100):
        asked.append(tracker.detector_due(i * DT))
        update(tracker, i * DT, person(300))
    assert asked[0]
    assert sum(asked) == 10


def test_the_detector_is_asked_more_often_while_two_are_in_view() -> None:
    tracker = Tracker()
    asked = []
    for i in range(30):
        asked.append(tracker.detector_due(i * DT))
        update(tracker, i * DT, person(200), person(400))
    assert sum(asked) == 10


def test_the_detector_is_asked_more_often_while_whoever_left_may_come_back() -> None:
    tracker = Tracker()
    picture = np.full((480, 640, 3), (40, 40, 200), np.uint8)
    asked = []
    for i in range(150):
        asked.append(tracker.detector_due(i * DT))
        poses = together(person(200), person(450))[: 2 if i < 10 else 1]
        tracker.update(i * DT, poses, boxes_of(poses), picture)
    assert sum(asked[-30:]) == 10


def test_the_detector_is_asked_about_each_picture_while_someone_is_missing() -> None:
    tracker = Tracker()
    follow(tracker, [[person(200), person(400)]] * 3)
    asked = []
    for i in range(3, 15):
        asked.append(tracker.detector_due(i * DT))
        update(tracker, i * DT, person(200))
    assert all(asked[1:])


@pytest.mark.parametrize(("third", "often"), [(500, 10), (360, 29)])
def test_the_detector_is_asked_more_often_where_people_may_hide_others(third: int, often: int) -> None:
    tracker = Tracker()
    asked = []
    for i in range(30):
        asked.append(tracker.detector_due(i * DT))
        update(tracker, i * DT, person(100), person(300), person(third, height=330))
    assert sum(asked) == often


def test_the_detector_rests_when_six_people_are_in_view() -> None:
    tracker = Tracker()
    six = together(*(person(60 + 100 * i, height=200) for i in range(6)))
    tracker.update(0.0, six, boxes_of(six))
    assert not any(tracker.detector_due(i * DT) for i in range(1, 14))


def test_crops_follow_the_motion() -> None:
    tracker = Tracker()
    follow(tracker, [[person(100 + 10 * i)] for i in range(10)])
    (box,) = tracker.views(10 * DT).boxes
    assert (box[0] + box[2]) / 2 == pytest.approx(200, abs=6)


def test_beside_others_a_box_keeps_up_with_who_turns_round() -> None:
    tracker = Tracker()
    for i, apart in enumerate([*range(160, 50, -20), *range(60, 260, 20)]):
        walker = person(300 + apart, height=290)
        tracks = update(tracker, i * DT, person(300, height=330), walker)
        (box,) = (track.box for track in tracks if track.slot == 1)
        assert (box[0] + box[2]) / 2 == pytest.approx(walker[Keypoint.NECK, 0], abs=8)


def test_a_limb_that_is_hidden_for_a_moment_stays_inside_the_crop() -> None:
    tracker = Tracker()
    update(tracker, 0.0, person(300))
    kneeless = person(300)
    kneeless[Keypoint.LEFT_KNEE :, 2] = 0.0
    update(tracker, DT, kneeless)
    (box,) = tracker.views(2 * DT).boxes
    assert box[3] > person(300)[Keypoint.LEFT_KNEE, 1]


def test_a_crop_never_shows_so_little_that_an_arm_looks_like_a_body() -> None:
    tracker = Tracker()
    for i in range(60):
        handful = person(300)
        handful[Keypoint.LEFT_ELBOW :, 2] = 0.0 if i else 0.9
        (track,) = update(tracker, i * DT, handful)
    (box,) = tracker.views(60 * DT).boxes
    assert (box[2:] - box[:2]).min() >= 0.99 * LEAST_VIEW * track.scale > 100
