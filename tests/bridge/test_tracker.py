"""The tracker keeps people apart and together, whatever comes between them and the camera."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bridge.matching import extents
from bridge.track import Track
from bridge.tracker import Tracker
from bridge.tracking import Tracking
from models.body import FloatArray
from models.joints import Keypoint

DT = 1 / 30
# x and y of each keypoint of someone who stands, in parts of their height, from the middle of the hips
FIGURE = np.array([
    (0, -0.42), (0.04, -0.43), (-0.04, -0.43), (0, -0.5), (0, -0.34), (0.1, -0.3), (-0.1, -0.3), (0.14, -0.15),
    (-0.14, -0.15), (0.15, 0), (-0.15, 0), (0.15, 0.05), (-0.15, 0.05), (0.13, 0.04), (-0.13, 0.04), (0.05, 0),
    (-0.05, 0), (0.06, 0.22), (-0.06, 0.22), (0.06, 0.45), (-0.06, 0.45), (0.07, 0.48), (-0.07, 0.48),
], np.float32)  # fmt: skip


def person(x: float, y: float = 240.0, height: float = 300.0, confidence: float = 0.9) -> FloatArray:
    """Keypoints (23, 3) of someone whose hips are at (x, y) pixels."""
    pose = np.full((len(Keypoint), 3), confidence, np.float32)
    pose[:, :2] = FIGURE * height + np.array([x, y], np.float32)
    return pose


def together(*poses: FloatArray) -> FloatArray:
    return np.stack(poses) if poses else np.zeros((0, len(Keypoint), 3), np.float32)


def boxes_of(poses: FloatArray) -> FloatArray:
    """What a perfect detector says."""
    return np.concatenate([extents(poses), np.full((len(poses), 1), 0.9, np.float32)], axis=1)


def update(tracker: Tracker, time: float, *poses: FloatArray) -> tuple[Track, ...]:
    """What the tracker says of one moment, in which the detector sees everybody."""
    return tracker.update(time, together(*poses), boxes_of(together(*poses)))


def follow(tracker: Tracker, moments: Sequence[Sequence[FloatArray]], start: float = 0.0) -> list[tuple[Track, ...]]:
    """What the tracker says of each moment, 1/30 s apart."""
    return [update(tracker, start + i * DT, *poses) for i, poses in enumerate(moments)]


def shaken(pose: FloatArray, rng: np.random.Generator, pixels: float = 3.0) -> FloatArray:
    noise = np.zeros_like(pose)
    noise[:, :2] = rng.normal(0.0, pixels, (len(pose), 2))
    return pose + noise


def test_someone_who_is_surely_there_is_reported_at_once() -> None:
    (track,) = update(Tracker(), 0.0, person(300))
    assert track.slot == 0


def test_furniture_that_detector_and_pose_network_are_both_unsure_of_is_nobody() -> None:
    """A tripod scores 0.4 and up to 0.8; a person is told by either."""
    for certainty, confidence, people in ((0.4, 0.8, 0), (0.4, 0.95, 1), (0.7, 0.65, 1)):
        tracker, poses = Tracker(), together(person(300, confidence=confidence))
        boxes = boxes_of(poses)
        boxes[:, 4] = certainty
        for moment in range(5):
            found = tracker.update(moment * DT, poses, boxes)
        assert len(found) == people, f"detector {certainty}, pose {confidence}"


def test_what_the_detector_hardly_sees_is_looked_at_while_nobody_is_there() -> None:
    faint = boxes_of(together(person(300), person(900)))
    faint[:, 4] = 0.2
    tracker = Tracker()
    assert len(tracker.views(0.0, faint).boxes) == 2
    assert len(tracker.update(0.0, together(person(300)), faint[:1])) == 1, "a sure pose is somebody"
    assert len(tracker.views(DT, faint).boxes) == 1, "beside somebody who is there it takes more"
    assert len(tracker.update(DT, together(person(300), person(900)), faint)) == 1


def test_someone_unsure_is_reported_when_seen_twice() -> None:
    tracker = Tracker()
    unsure = together(person(300, confidence=0.55))
    assert tracker.update(0.0, unsure, boxes_of(unsure)) == ()
    assert len(tracker.update(DT, unsure)) == 1


def test_what_was_seen_once_and_unsurely_is_forgotten() -> None:
    tracker = Tracker()
    unsure = person(300, confidence=0.45)
    assert follow(tracker, [[unsure], [], [unsure]]) == [(), (), ()]


def test_nobody_joins_without_the_detector() -> None:
    assert Tracker().update(0.0, together(person(300))) == ()


def test_someone_joins_of_whom_only_the_face_and_shoulders_are_sure() -> None:
    pose = person(300)
    whole = boxes_of(together(pose))
    pose[Keypoint.LEFT_ELBOW :, 2] = 0.1
    assert len(Tracker().update(0.0, together(pose), whole)) == 1


def test_a_walking_person_keeps_id_and_slot() -> None:
    rng = np.random.default_rng(0)
    seen = follow(Tracker(), [[shaken(person(100 + 6 * i), rng)] for i in range(80)])
    assert {(track.tracking_id, track.slot) for tracks in seen for track in tracks} == {(1, 0)}
    assert all(len(tracks) == 1 for tracks in seen)


@pytest.mark.parametrize("hidden", [0, 4, 10])
def test_people_who_cross_keep_their_ids(hidden: int) -> None:
    """One walks to the right in front, one to the left behind, who is not found while hidden."""
    rng = np.random.default_rng(1)
    moments = []
    for i in range(90):
        front, back = person(80 + 6 * i, height=320), person(600 - 6 * i, height=290)
        behind = abs((80 + 6 * i) - (600 - 6 * i)) <= 6 * hidden
        moments.append([shaken(front, rng)] if behind else [shaken(front, rng), shaken(back, rng)])
    seen = follow(Tracker(), moments)
    first = {track.tracking_id: track.keypoints[Keypoint.NECK, 0] for track in seen[0]}
    last = {track.tracking_id: track.keypoints[Keypoint.NECK, 0] for track in seen[-1]}
    assert first.keys() == last.keys() == {1, 2}
    assert (first[1] < first[2]) != (last[1] < last[2])


@pytest.mark.parametrize("x", [310, 320, 330])
def test_a_pose_is_whose_neck_and_size_it_has_where_two_stand_in_one_place(x: float) -> None:
    """One comes up behind another, who is larger in the picture; then only the one behind is found."""
    tracker = Tracker()
    walk = [[person(300, height=340), person(330 + 8 * max(20 - i, 0), height=270)] for i in range(26)]
    follow(tracker, walk)
    tracks = update(tracker, 26 * DT, person(x, height=270))
    assert [track.tracking_id for track in tracks if track.seen == 26 * DT] == [2]


def test_whoever_goes_before_somebody_and_is_not_detected_there_keeps_the_id() -> None:
    tracker = Tracker()
    large = person(300, height=400)
    follow(tracker, [[large, person(480, height=200)]] * 20)
    together_boxes = boxes_of(together(large))
    for i in range(20, 56):
        small = person(480 - 12 * min(i - 19, 14), height=200)
        tracker.update(i * DT, together(large, small), together_boxes if i % 5 == 0 else None)
    apart = [[large, person(312 + 12 * i, height=200)] for i in range(1, 12)]
    assert [track.tracking_id for track in follow(tracker, apart, start=56 * DT)[-1]] == [1, 2]


def test_of_somebody_who_vanishes_no_limb_stays_where_nobody_was() -> None:
    """The last pose before somebody is hidden has an arm of whoever comes before them."""
    tracker = Tracker()
    for i in range(10):
        update(tracker, i * DT, person(300), person(340 + 10 * (9 - i), height=330))
    torn = person(300)
    torn[[Keypoint.LEFT_WRIST, Keypoint.LEFT_INDEX, Keypoint.LEFT_THUMB], 0] = 460
    update(tracker, 10 * DT, torn, person(340, height=330))
    (hidden,) = (t for t in update(tracker, 11 * DT, person(330, height=330)) if t.tracking_id == 1)
    assert hidden.keypoints[:, 0].max() < 400


def test_both_crops_on_the_person_in_front_make_no_second_body() -> None:
    rng = np.random.default_rng(2)
    tracker = Tracker()
    follow(tracker, [[person(200), person(400)]] * 5)
    moments = [[shaken(person(200), rng), shaken(person(200), rng)] for _ in range(40)]
    seen = follow(tracker, moments, start=5 * DT)
    assert [track.tracking_id for track in seen[-1]] == [1]


def test_whoever_comes_after_someone_left_is_somebody_new_in_the_same_slot() -> None:
    tracker = Tracker()
    follow(tracker, [[person(100)]] * 10)
    assert follow(tracker, [()] * 60, start=10 * DT)[-1] == ()
    (track,) = update(tracker, 75 * DT, person(500))
    assert (track.tracking_id, track.slot) == (2, 0)


def test_whoever_comes_back_within_a_second_is_the_same() -> None:
    tracker = Tracker()
    follow(tracker, [[person(300)]] * 10)
    assert follow(tracker, [()] * 30, start=10 * DT)[-1] == ()
    (track,) = update(tracker, 40 * DT, person(330))
    assert (track.tracking_id, track.slot) == (1, 0)


def test_whoever_appears_elsewhere_within_a_second_is_somebody_new() -> None:
    tracker = Tracker()
    follow(tracker, [[person(100)]] * 10)
    follow(tracker, [()] * 30, start=10 * DT)
    (track,) = update(tracker, 40 * DT, person(560))
    assert (track.tracking_id, track.slot) == (2, 1)


@pytest.mark.parametrize("rate", [10.0, 30.0, 120.0])
def test_lost_is_counted_in_seconds(rate: float) -> None:
    tracker = Tracker()
    update(tracker, 0.0, person(300))
    times = np.arange(1, round(rate)) / rate
    missing = [time for time in times if not update(tracker, float(time))]
    assert missing[0] == pytest.approx(0.5, abs=1.01 / rate)


def test_six_people_have_six_slots_and_a_seventh_waits_for_one() -> None:
    tracker = Tracker()
    six = [person(60 + 100 * i, height=200) for i in range(6)]
    seventh = person(760, height=200, confidence=0.7)
    seen = follow(tracker, [[*six, seventh]] * 5)
    assert [sorted(track.slot for track in tracks) for tracks in seen] == [list(range(6))] * 5
    later = follow(tracker, [[*six[1:], seventh]] * 30, start=5 * DT)[-1]
    assert {track.tracking_id: track.slot for track in later}.keys() == {2, 3, 4, 5, 6, 7}
    assert sorted(track.slot for track in later) == list(range(6))


def test_ids_are_never_used_twice() -> None:
    tracker, ids = Tracker(), []
    for visit in range(20):
        tracks = update(tracker, visit * 2.0, person(100 + 20 * visit))
        ids += [track.tracking_id for track in tracks]
    assert ids == list(range(1, 21))


def test_who_is_hidden_is_reported_for_a_moment_and_looked_for_a_second() -> None:
    tracker = Tracker()
    follow(tracker, [[person(300), person(300 + 8 * (20 - i), height=330)] for i in range(20)])  # comes up to them
    looked, reported = [], []
    for i in range(20, 65):
        looked.append(len(tracker.views(i * DT).boxes))
        reported.append(len(update(tracker, i * DT, person(300, height=330))))
    assert reported == [2] * 2 + [1] * 43  # a frame or two that are missed are bridged
    assert looked[:15] == [2] * 15  # by then nobody knows where to
    assert looked[-10:] == [1] * 10


def test_past_people_leave_nothing_behind() -> None:
    tracker = Tracker()
    for visit in range(50):
        update(tracker, visit * 2.0, person(100 + 10 * visit))
    assert len(tracker.views(98.0).boxes) == 1
    assert len(tracker._tracks) == 1


def test_two_streams_count_their_ids_apart() -> None:
    first, second = (update(Tracker(), 0.0, person(300)) for _ in range(2))
    assert first[0].tracking_id == second[0].tracking_id == 1


def test_a_pose_of_another_size_is_somebody_else() -> None:
    tracker = Tracker()
    follow(tracker, [[person(300, height=300)]] * 5)
    tracks = update(tracker, 5 * DT, person(400, height=100))
    assert [(track.tracking_id, track.seen) for track in tracks] == [(1, 4 * DT), (2, 5 * DT)]


def test_a_body_found_in_somebodys_arm_is_not_believed() -> None:
    tracker = Tracker()
    box = np.array([(225, 90, 375, 390, 0.9)], np.float32)
    arm = person(340, y=180, height=60)
    for i in range(60):
        tracks = tracker.update(i * DT, together(person(300), arm), box if i % 10 == 0 else None)
    assert [track.tracking_id for track in tracks] == [1]


def test_a_child_in_front_of_an_adult_is_believed_if_the_detector_sees_both() -> None:
    tracker = Tracker()
    boxes = np.array([(225, 90, 375, 390, 0.9), (315, 130, 375, 250, 0.8)], np.float32)
    child = person(345, y=190, height=100)
    for i in range(60):
        tracks = tracker.update(i * DT, together(person(300), child), boxes if i % 10 == 0 else None)
    assert [track.tracking_id for track in tracks] == [1, 2]


def test_a_source_that_begins_anew_brings_new_people() -> None:
    tracker = Tracker()
    update(tracker, 10.0, person(300))
    (track,) = update(tracker, 0.0, person(300))
    assert track.tracking_id == 2


def test_fewer_people_may_be_asked_for() -> None:
    tracker = Tracker(Tracking(people=1))
    assert len(update(tracker, 0.0, person(200), person(400))) == 1


def test_keypoints_that_are_not_numbers_harm_nobody() -> None:
    tracker = Tracker()
    update(tracker, 0.0, person(300))
    broken = person(301)
    broken[Keypoint.LEFT_WRIST] = np.nan
    (track,) = update(tracker, DT, broken)
    assert (track.tracking_id, track.seen) == (1, DT)
    assert np.isfinite(tracker.views(2 * DT).boxes).all()


def test_somebody_behind_others_must_be_seen_surely() -> None:
    settings = Tracking()
    for sure, expected in ((settings.hidden_score + 0.05, True), (settings.hidden_score - 0.05, False)):
        tracker = Tracker(settings)
        near, far = person(300, height=330), person(340, height=250)
        follow(tracker, [[near, far]] * 20)
        views = tracker.views(20 * DT)
        behind = far.copy()
        behind[:, 2] = sure
        tracks = tracker.update(20 * DT, together(near, behind), views=views)
        seen = {track.slot for track in tracks if track.seen == 20 * DT}
        assert (len(seen) == 2) is expected
