"""Who came and who left is told from the ids alone."""

from __future__ import annotations

import dataclasses

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.presence import ABSENCE, NOTHING, Presence, PresenceTracker, changes
from bridge.rate import MOST_EVENTS, RateLimit, WaitingEvents
from gestures.event import GestureEvent

QUICK = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
"""So many examples, the same in every run, however busy the machine."""

people = st.dictionaries(st.integers(0, 2**64 - 1), st.integers(0, 5), max_size=6)


@QUICK
@given(people, people)
def test_changes_lead_from_one_frame_to_the_next(before: dict[int, int], after: dict[int, int]) -> None:
    change = changes(before, after)
    now = dict(before)
    for _, who in change.left:
        del now[who]
    now.update({who: slot for slot, who in change.entered})
    assert now == after
    assert (change == NOTHING) == (before == after)


def test_everyone_enters_once_and_leaves_once(random_frame) -> None:
    tracker, frame = PresenceTracker(), random_frame(people=2)
    both = tuple((body.slot, body.tracking_id) for body in frame.bodies)
    assert tracker.update(frame) == Presence(entered=both)
    assert tracker.update(frame) is NOTHING
    later = frame.time + ABSENCE
    alone = dataclasses.replace(frame, bodies=frame.bodies[1:], time=later)
    assert tracker.update(alone) == Presence(left=both[:1])
    assert tracker.update(dataclasses.replace(frame, bodies=(), time=later + ABSENCE)) == Presence(left=both[1:])


def test_who_is_away_for_a_moment_has_not_left(random_frame) -> None:
    tracker, frame = PresenceTracker(), random_frame(people=2)
    both = tuple((body.slot, body.tracking_id) for body in frame.bodies)
    tracker.update(frame)
    for moment in (0.1, 0.4):
        alone = dataclasses.replace(frame, bodies=frame.bodies[1:], time=frame.time + moment)
        assert tracker.update(alone) == Presence(away=both[:1])
    assert tracker.update(dataclasses.replace(frame, time=frame.time + 0.45)) is NOTHING
    assert tracker.update(dataclasses.replace(frame, bodies=(), time=frame.time + 0.9)) == Presence(away=both)
    again = dataclasses.replace(frame, bodies=(), time=0.0)  # a clip that starts again
    assert tracker.update(again) == Presence(left=both)


def test_a_slot_that_changes_hands_is_left_and_entered(random_frame) -> None:
    tracker = PresenceTracker()
    tracker.update(random_frame(seed=1, people=1))
    change = tracker.update(random_frame(seed=2, people=1))
    assert [slot for slot, _ in change.left] == [slot for slot, _ in change.entered] == [0]


@QUICK
@given(st.floats(1, 60), st.lists(st.floats(0.001, 0.2), min_size=50, max_size=200))
def test_a_rate_is_never_exceeded_and_is_reached_where_it_can_be(rate: float, steps: list[float]) -> None:
    limit, time, sent = RateLimit(rate), 100.0, []
    for step in steps:
        time += step
        if limit.admits(time):
            sent.append(time)
    span = time - (100.0 + steps[0])
    assert len(sent) <= span * rate + 2
    slowest = max(steps)
    assert len(sent) >= span / (1 / rate + slowest) - 1


def test_a_camera_at_the_very_rate_loses_nothing_to_its_jitter() -> None:
    limit = RateLimit(30.0)
    times = [n / 30 + (-1) ** n * 0.001 for n in range(300)]
    assert sum(limit.admits(time) for time in times) == len(times)


def test_a_clip_that_starts_again_is_sent_again() -> None:
    limit = RateLimit(10.0)
    assert limit.admits(50.0)
    assert limit.admits(0.0)
    assert not limit.admits(0.05)
    assert limit.admits(0.1)


def test_events_that_wait_are_bounded_and_of_progress_only_the_newest_waits() -> None:
    waiting = WaitingEvents()
    for number in range(10):
        waiting.add([GestureEvent("clap", 1, number, "progress", number / 10), GestureEvent("clap", 2, 0.0, "started")])
    events = waiting.take()
    assert len([event for event in events if event.phase == "progress"]) == 1
    assert len([event for event in events if event.phase == "started"]) == 10
    assert waiting.take() == []
    for number in range(2 * MOST_EVENTS):
        waiting.add([GestureEvent("clap", 1, number, "detected")])
    assert [event.time for event in waiting.take()] == list(range(MOST_EVENTS, 2 * MOST_EVENTS))
