"""Frames are played at the pace at which they were captured."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest

from bridge.pacing import paced
from models.body import BodyFrame


@dataclass
class Clock:
    """A clock that only sleeping, and working, moves."""

    time: float = 100.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.time += seconds


def played_at(times: list[float], work: float = 0.0) -> list[float]:
    clock, seen = Clock(), []
    frames = [BodyFrame(time, number) for number, time in enumerate(times)]
    for frame, original in zip(paced(frames, clock.now, clock.sleep), frames, strict=True):
        assert frame is original
        seen.append(clock.time - 100)
        clock.time += work
    return seen


def test_each_frame_comes_when_it_is_due() -> None:
    assert played_at([5.0, 5.5, 5.625, 7.0]) == [0, 0.5, 0.625, 2.0]


def test_slow_work_does_not_add_up() -> None:
    assert played_at([0.0, 1.0, 2.0], work=0.5) == [0, 1.0, 2.0]


def test_work_that_takes_too_long_catches_up() -> None:
    assert played_at([0.0, 0.25, 0.5, 4.0], work=0.5) == [0, 0.5, 1.0, 4.0]


def test_a_stall_is_made_up_for_without_a_burst() -> None:
    clock, seen = Clock(), []
    for frame in paced((BodyFrame(n / 4, n) for n in range(9)), clock.now, clock.sleep):
        seen.append(clock.time - 100)
        if frame.sequence == 0:
            clock.time += 1.0
    assert seen == [0, 1.0, 1.125, 1.25, 1.375, 1.5, 1.625, 1.75, 2.0]


def test_time_that_jumps_back_counts_from_there() -> None:
    assert played_at([8.0, 9.0, 2.0, 3.0]) == [0, 1.0, 1.0, 2.0]


def test_ten_minutes_do_not_drift() -> None:
    times = [number / 30 for number in range(18_000)]
    assert played_at(times, work=0.01) == pytest.approx(times, abs=1e-9)


def test_an_endless_source_is_not_read_ahead() -> None:
    clock = Clock()
    frames = paced((BodyFrame(n / 30, n) for n in itertools.count()), clock.now, clock.sleep)
    assert next(frames).sequence == 0
    assert clock.time == 100.0
