"""Where the tracker has people looked at, and how often it asks the detector."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bridge.track import LEAST_VIEW
from bridge.tracker import Tracker
from models.body import ByteArray, FloatArray
from models.joints import Keypoint
from tests.bridge.test_tracker import DT, boxes_of, follow, person, together, update


def asked(
    tracker: Tracker, moments: Sequence[Sequence[FloatArray]], first: int = 0, image: ByteArray | None = None
) -> list[bool]:
    """About which of the moments, 1/30 s apart, the detector is asked; it sees everybody."""
    due = []
    for i, poses in enumerate(moments, first):
        due.append(tracker.detector_due(i * DT))
        tracker.update(i * DT, together(*poses), boxes_of(together(*poses)), image)
    return due


def test_the_detector_is_asked_seldom_while_all_are_in_view() -> None:
    due = asked(Tracker(), [[person(300)]] * 100)
    assert due[0]
    assert sum(due) == 10


def test_the_detector_is_asked_more_often_while_two_are_in_view() -> None:
    assert sum(asked(Tracker(), [[person(200), person(400)]] * 30)) == 10


def test_the_detector_is_asked_more_often_while_whoever_left_may_come_back() -> None:
    picture = np.full((480, 640, 3), (40, 40, 200), np.uint8)
    due = asked(Tracker(), [[person(200), person(450)]] * 10 + [[person(200)]] * 140, image=picture)
    assert sum(due[-30:]) == 10


def test_the_detector_is_asked_about_each_picture_while_someone_is_missing() -> None:
    tracker = Tracker()
    follow(tracker, [[person(200), person(400)]] * 3)
    assert all(asked(tracker, [[person(200)]] * 12, first=3)[1:])


@pytest.mark.parametrize(("third", "often"), [(500, 10), (360, 29)])
def test_the_detector_is_asked_more_often_where_people_may_hide_others(third: int, often: int) -> None:
    assert sum(asked(Tracker(), [[person(100), person(300), person(third, height=330)]] * 30)) == often


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
