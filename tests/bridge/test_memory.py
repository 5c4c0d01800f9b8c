"""Whoever comes back within half a minute is the same person, in the same slot; whoever else comes is not."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import cv2
import numpy as np
import pytest

from bridge.credibility import credible
from bridge.matching import extents
from bridge.memory import identified, only_within_reach
from bridge.slots import returned
from bridge.track import Track, newcomer
from bridge.tracker import Tracker
from models.body import ByteArray, FloatArray
from models.camera import PinholeCamera
from models.joints import Keypoint
from tests.bridge.test_association import look

RED, BLUE, GREEN, CRIMSON = (40, 40, 200), (200, 60, 30), (60, 200, 60), (55, 42, 180)
DT = 0.1


def standing(x: float, size: float = 1.0) -> FloatArray:
    """Keypoints (23, 3) of someone 300 pixels tall, times ``size``, whose hips are at x."""
    half = {"SHOULDER": 36, "ELBOW": 44, "WRIST": 46, "INDEX": 48, "THUMB": 44, "HIP": 22, "KNEE": 24, "ANKLE": 24}
    heights = {"NOSE": -125, "EAR": -130, "TOP": -150, "NECK": -102, "SHOULDER": -92, "ELBOW": -45, "WRIST": 0}
    heights |= {"INDEX": 15, "THUMB": 12, "HIP": 0, "KNEE": 68, "ANKLE": 135, "FOOT": 145}
    pose = np.full((len(Keypoint), 3), 0.9, np.float32)
    for keypoint in Keypoint:
        side, _, part = keypoint.name.rpartition("_")
        sign = {"LEFT": 1, "RIGHT": -1}.get(side, 0)
        pose[keypoint, :2] = x + sign * size * half.get(part, 20), 240 + size * heights[part]
    return pose


def painted(people: dict[float, tuple[int, int, int]]) -> ByteArray:
    """A picture of people in one colour each, at the given places, wide enough for them."""
    image = np.full((480, max(640, int(max(people, default=0)) + 80), 3), 128, np.uint8)
    for x, colour in people.items():
        cv2.rectangle(image, (int(x) - 55, 85), (int(x) + 55, 395), colour, -1)
    return image


def shown(
    tracker: Tracker, start: float, seconds: float, people: dict[float, tuple[int, int, int]], size: float = 1.0
) -> list[Track]:
    """Whom the tracker reports in the end, after the ``people`` stood there from ``start`` on."""
    tracks: tuple[Track, ...] = ()
    for time in np.arange(start, start + seconds, DT):
        poses = np.array([standing(x, size) for x in people], np.float32).reshape(-1, len(Keypoint), 3)
        boxes = np.concatenate([extents(poses), np.full((len(poses), 1), 0.9, np.float32)], axis=1)
        tracks = tracker.update(float(time), poses, boxes, painted(people))
    return list(tracks)


def who(tracks: list[Track]) -> list[tuple[int, int]]:
    return [(track.tracking_id, track.slot) for track in tracks]


@pytest.mark.parametrize("away", [3.0, 28.0])
def test_whoever_comes_back_elsewhere_is_the_same_in_the_same_slot(away: float) -> None:
    tracker = Tracker()
    assert who(shown(tracker, 0.0, 2.0, {150.0: RED})) == [(1, 0)]
    assert shown(tracker, 2.0, away, {}) == []
    assert who(shown(tracker, 2.0 + away, 2.0, {500.0: RED})) == [(1, 0)]


def test_somebody_else_gets_another_id_and_slot_and_takes_nothing_from_who_comes_back() -> None:
    tracker = Tracker()
    shown(tracker, 0.0, 2.0, {150.0: RED})
    shown(tracker, 2.0, 4.0, {})
    assert who(shown(tracker, 6.0, 2.0, {150.0: BLUE})) == [(2, 1)]
    assert sorted(who(shown(tracker, 8.0, 2.0, {150.0: BLUE, 500.0: RED}))) == [(1, 0), (2, 1)]


def test_after_half_a_minute_a_person_is_forgotten() -> None:
    tracker = Tracker()
    shown(tracker, 0.0, 2.0, {150.0: RED})
    shown(tracker, 2.0, 32.0, {})
    assert who(shown(tracker, 34.0, 2.0, {150.0: RED})) == [(2, 0)]


def test_a_newcomer_is_not_announced_before_it_is_clear_who_it_is() -> None:
    tracker = Tracker()
    shown(tracker, 0.0, 2.0, {150.0: RED})
    shown(tracker, 2.0, 4.0, {})
    assert shown(tracker, 6.0, DT / 2, {500.0: RED}) == []


def test_beside_others_whoever_is_the_only_one_who_can_be_there_is_known_though_colours_of_others_cover_them() -> None:
    tracker = Tracker()
    shown(tracker, 0.0, 2.0, {300.0: RED, 410.0: BLUE})
    shown(tracker, 2.0, 2.0, {410.0: BLUE})
    assert sorted(who(shown(tracker, 4.0, 0.5, {360.0: CRIMSON, 410.0: BLUE}))) == [(1, 0), (2, 1)]


def test_beside_others_whoever_looks_quite_otherwise_is_a_stranger_at_once() -> None:
    tracker = Tracker()
    shown(tracker, 0.0, 2.0, {300.0: RED, 410.0: BLUE})
    shown(tracker, 2.0, 2.0, {410.0: BLUE})
    assert sorted(who(shown(tracker, 4.0, 0.5, {360.0: GREEN, 410.0: BLUE}))) == [(2, 1), (3, 2)]


def test_who_came_to_look_otherwise_beside_others_little_by_little_is_known_again() -> None:
    tracker = Tracker()
    for share in np.linspace(0, 1, 21):  # the only view of one who is never alone is the first
        colour = cv2.addWeighted(np.array(GREEN, np.float64), 1 - share, np.array(RED, np.float64), share, 0)
        people = {360.0: tuple(colour.ravel().astype(int).tolist()), 410.0: BLUE}
        assert who(shown(tracker, 2 * share, DT / 2, people)) == [(1, 0), (2, 1)]
    shown(tracker, 2.1, 2.0, {410.0: BLUE})
    assert sorted(who(shown(tracker, 4.1, 0.5, {360.0: RED, 410.0: BLUE}))) == [(1, 0), (2, 1)]


def test_of_two_who_can_be_there_nobody_is_guessed() -> None:
    tracker = Tracker()
    shown(tracker, 0.0, 2.0, {190.0: RED, 300.0: RED, 410.0: BLUE})
    shown(tracker, 2.0, 2.0, {410.0: BLUE})
    assert len(shown(tracker, 4.0, 0.5, {360.0: CRIMSON, 410.0: BLUE})) == 1


@pytest.mark.parametrize(("fov", "known"), [(60.0, True), (2.0, False)])
def test_how_far_somebody_has_come_depends_on_the_camera(fov: float, known: bool) -> None:
    """Seven hundredths smaller is 0.2 m for a webcam, and 8 m for a telescope."""
    tracker = Tracker(camera=partial(PinholeCamera.from_fov, fov=fov))
    shown(tracker, 0.0, 2.0, {300.0: RED, 410.0: BLUE})
    shown(tracker, 2.0, 2.0, {410.0: BLUE})
    assert ((1, 0) in who(shown(tracker, 4.0, 0.5, {360.0: CRIMSON, 410.0: BLUE}, size=0.93))) is known


@pytest.mark.parametrize(
    ("x", "size", "seconds", "can"),
    [
        (300, 1.0, 0.5, True),
        (420, 1.0, 0.5, True),
        (480, 1.0, 0.5, False),
        (480, 1.0, 2.0, True),
        (300, 1.2, 0.5, True),
        (300, 1.5, 0.5, False),
        (300, 1.5, 2.0, True),
        (300, 0.0, 0.5, False),
    ],
)
def test_nobody_walks_faster_than_people_do(x: float, size: float, seconds: float, can: bool) -> None:
    """176 pixels a metre, 3.2 m away: 1.5 times as large is a metre nearer."""
    lost, found = newcomer(standing(300.0), 1.0), newcomer(standing(x), 1.0 + seconds)
    found = replace(found, scale=size * lost.scale)
    assert only_within_reach(found, [lost], 1.0 + seconds, 557) is (lost if can else None)


@pytest.mark.parametrize(("steps", "before", "known"), [(0.55, 0.0, True), (0.7, 0.0, False), (0.7, 13.0, True)])
def test_whoever_is_found_where_somebody_was_lost_is_that_one_if_looks_allow(
    steps: float, before: float, known: bool
) -> None:
    """Their views differ by 11 and 14, and by 13 did so before."""
    lost = replace(newcomer(standing(300.0), 1.0), tracking_id=1, looks=(look(0.0),), unlike=before)
    found = replace(newcomer(standing(330.0), 1.4), looks=(look(steps),), sightings=3)
    assert identified(found, [lost], 1.5, 0.7, 557) == (True, lost if known else None)


def test_whoever_came_back_is_as_well_known_as_before() -> None:
    before = replace(newcomer(standing(300.0), 1.0), tracking_id=1, slot=0, sightings=40)
    again = returned(replace(newcomer(standing(330.0), 3.0), sightings=3), before, [], 6)
    inside = replace(newcomer(standing(330.0, size=2.0), 3.1), tracking_id=2, slot=1, confirmed=3.1, sightings=50)
    doubted = replace(again, seen=3.1, confirmed=2.0)
    assert {track.tracking_id for track in credible([doubted, inside], 3.1, doubt=1.0)} == {1, 2}


def test_whoever_turned_back_while_hidden_is_within_reach_of_where_they_were_lost() -> None:
    lost, found = newcomer(standing(300.0), 1.0), newcomer(standing(300.0), 1.5)
    went_on = replace(lost, box=lost.box + np.array([250, 0, 250, 0], np.float32))
    assert only_within_reach(found, [went_on], 1.5, 557) is went_on
    assert only_within_reach(found, [replace(went_on, left=went_on.box)], 1.5, 557) is None


def test_two_who_were_taken_for_each_other_get_their_ids_back() -> None:
    tracker = Tracker()
    shown(tracker, 0.0, 2.0, {150.0: RED, 500.0: BLUE})
    assert who(shown(tracker, 2.0, 0.2, {150.0: BLUE, 500.0: RED})) == [(1, 0), (2, 1)]
    tracks = shown(tracker, 2.2, 0.5, {150.0: BLUE, 500.0: RED})
    assert {track.tracking_id: round(track.box[0]) for track in tracks} == {1: 452, 2: 102}
    assert {track.tracking_id: track.slot for track in tracks} == {1: 0, 2: 1}


def test_whoever_looks_like_somebody_lost_is_that_one_and_the_other_is_known_again() -> None:
    tracker = Tracker()
    assert who(shown(tracker, 0.0, 2.0, {250.0: RED, 500.0: BLUE})) == [(1, 0), (2, 1)]
    shown(tracker, 2.0, 3.0, {250.0: RED})
    assert who(shown(tracker, 5.0, 0.5, {250.0: BLUE})) == [(2, 1)]
    assert who(shown(tracker, 5.5, 1.0, {250.0: BLUE, 500.0: RED})) == [(2, 1), (1, 0)]


def test_whoever_got_a_new_id_while_somebody_else_was_followed_as_them_gets_their_own_back() -> None:
    tracker = Tracker()
    assert who(shown(tracker, 0.0, 2.0, {440.0: RED, 500.0: BLUE})) == [(1, 0), (2, 1)]
    assert who(shown(tracker, 2.0, 1.0, {440.0: RED, 500.0: GREEN, 660.0: BLUE})) == [(1, 0), (2, 1), (3, 2)]
    tracks = shown(tracker, 3.0, 2.0, {440.0: RED, 660.0: BLUE})
    assert who(tracks) == [(1, 0), (2, 1)]
    assert round(float(tracks[1].box[[0, 2]].mean())) == 660
    shown(tracker, 5.0, 2.0, {440.0: RED})
    assert who(shown(tracker, 7.0, 0.5, {440.0: RED, 660.0: BLUE})) == [(1, 0), (2, 1)], "the other id is forgotten"


def test_two_who_are_dressed_alike_are_two() -> None:
    tracker = Tracker()
    shown(tracker, 0.0, 2.0, {440.0: RED, 500.0: BLUE})
    shown(tracker, 2.0, 1.0, {440.0: RED, 500.0: BLUE, 660.0: BLUE})
    assert who(shown(tracker, 3.0, 2.0, {440.0: RED, 660.0: BLUE})) == [(1, 0), (3, 2)]


def test_nobody_is_somebody_lost_who_cannot_have_got_there() -> None:
    tracker = Tracker()
    shown(tracker, 0.0, 2.0, {150.0: RED, 900.0: BLUE})
    shown(tracker, 2.0, 1.5, {150.0: RED})
    assert who(shown(tracker, 3.5, 0.3, {150.0: BLUE})) == [(1, 0)]


def test_whoever_walks_fast_and_clearly_looks_like_somebody_lost_is_that_one() -> None:
    tracker = Tracker()
    shown(tracker, 0.0, 2.0, {150.0: RED, 540.0: BLUE})
    shown(tracker, 2.0, 1.5, {150.0: RED})
    assert who(shown(tracker, 3.5, 0.3, {150.0: BLUE})) == [(2, 1)]


def test_the_sixth_is_known_again_elsewhere_before_they_count_as_lost() -> None:
    tracker = Tracker()
    five = {55.0: RED, 175.0: BLUE, 295.0: GREEN, 415.0: (30, 30, 30), 535.0: (230, 230, 230)}
    shown(tracker, 0.0, 2.0, five | {655.0: (30, 200, 200)})
    again = shown(tracker, 2.0, 0.4, five | {1155.0: (30, 200, 200)})
    assert (6, 5, 1155) in [(t.tracking_id, t.slot, round(float(t.box[[0, 2]].mean()))) for t in again]
