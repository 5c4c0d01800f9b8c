"""The stopwatch sums stages over a frame and tells percentiles."""

from __future__ import annotations

import pytest

from bridge.timing import KEPT, StageTimes, Stopwatch, as_table


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def test_a_stage_counts_once_a_frame_however_often_it_is_entered() -> None:
    clock = Clock()
    watch = Stopwatch(clock)
    for _ in range(2):
        for seconds in (0.001, 0.002):
            with watch.stage("track"):
                clock.time += seconds
        watch.end_frame()
    assert watch.times.summary() == {"track": {"p50": 3.0, "p95": 3.0, "p99": 3.0, "count": 2}}


def test_percentiles_are_in_milliseconds() -> None:
    times = StageTimes()
    for ms in range(101):
        times.add("pose", ms / 1000)
    assert times.summary()["pose"] == {"p50": 50.0, "p95": 95.0, "p99": 99.0, "count": 101}


def test_a_stage_that_fails_is_counted_too() -> None:
    clock = Clock()
    watch = Stopwatch(clock)

    def fail() -> None:
        with watch.stage("pose"):
            clock.time += 1.0
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    watch.end_frame()
    assert watch.times.summary()["pose"]["p50"] == 1000.0


def test_a_run_of_days_keeps_only_the_newest_frames() -> None:
    times = StageTimes()
    for _ in range(KEPT + 5):
        times.add("pose", 0.0)
    assert times.summary()["pose"]["count"] == KEPT


def test_clearing_forgets() -> None:
    watch = Stopwatch()
    with watch.stage("pose"):
        pass
    watch.end_frame()
    watch.clear()
    assert watch.times.summary() == {}


def test_the_table_has_a_line_for_each_stage() -> None:
    times = StageTimes()
    times.add("pose", 0.0015)
    head, row = as_table(times.summary()).splitlines()
    assert head.split()[0] == "stage"
    assert row.split() == ["pose", "1.50", "1.50", "1.50", "1"]
