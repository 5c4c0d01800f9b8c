"""Clips play at their own pace, and as fast as they go."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from bridge.sources.playback import Picture, Playback
from models.body import ByteArray


class Clock:
    """Time that passes only where a test lets it."""

    def __init__(self, time: float = 100.0) -> None:
        self.time = time

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


class Film:
    """A clip of one picture every ``period`` seconds, each filled with its number; some cannot be read."""

    name = "film"

    def __init__(self, length: int, period: float = 0.1, unreadable: tuple[int, ...] = ()) -> None:
        self.length, self.period, self.unreadable = length, period, unreadable
        self.decoded: list[int] = []
        self.closed = False

    def pictures(self) -> Iterator[Picture]:
        for number in range(self.length):
            yield Picture(number * self.period, lambda number=number: self._decode(number))

    def close(self) -> None:
        self.closed = True

    def _decode(self, number: int) -> ByteArray | None:
        self.decoded.append(number)
        return None if number in self.unreadable else np.full((2, 3, 3), number, np.uint8)


def test_a_film_plays_at_its_own_pace() -> None:
    clock = Clock()
    arrived = []
    for frame in Playback(Film(5), now=clock.now, sleep=clock.sleep):
        arrived.append((frame.number, round(clock.time, 6), round(frame.time, 6)))
    assert arrived == [(n, round(100 + n / 10, 6), round(100 + n / 10, 6)) for n in range(5)]


def test_a_slow_reader_gets_the_newest_picture_and_the_rest_is_not_even_decoded() -> None:
    clock, film = Clock(), Film(20)
    ages, numbers = [], []
    for frame in Playback(film, now=clock.now, sleep=clock.sleep):
        numbers.append(frame.number)
        ages.append(clock.time - frame.time)
        clock.time += 0.35
    assert numbers == film.decoded
    assert len(numbers) < 8
    assert max(ages) <= 0.1 + 1e-9


def test_a_fast_film_leaves_nothing_out_and_waits_for_nobody() -> None:
    clock = Clock()
    frames = []
    for frame in Playback(Film(20), fast=True, now=clock.now, sleep=pytest.fail):
        frames.append(frame)
        clock.time += 5
    assert [frame.number for frame in frames] == list(range(20))
    assert [frame.time for frame in frames] == pytest.approx([n / 10 for n in range(20)])


def test_a_decoder_slower_than_the_film_still_shows_something() -> None:
    clock = Clock()

    class Slow(Film):
        def pictures(self) -> Iterator[Picture]:
            for picture in super().pictures():
                clock.time += 0.3
                yield picture

    shown = list(Playback(Slow(20), now=clock.now, sleep=clock.sleep))
    assert len(shown) >= 10


def test_a_picture_is_decoded_before_it_is_due_and_shown_when_it_is() -> None:
    clock = Clock()

    class Costly(Film):
        def _decode(self, number: int) -> ByteArray | None:
            clock.time += 0.06
            return super()._decode(number)

    ages = [clock.time - frame.time for frame in Playback(Costly(10), now=clock.now, sleep=clock.sleep)]
    assert len(ages) == 10
    assert max(ages) == pytest.approx(0)


def test_a_picture_that_cannot_be_read_leaves_a_gap_in_the_numbers() -> None:
    frames = list(Playback(Film(4, unreadable=(1,)), fast=True))
    assert [frame.number for frame in frames] == [0, 2, 3]


def test_a_film_can_be_played_twice_and_is_closed_at_the_end() -> None:
    film = Film(3)
    with Playback(film, fast=True) as playback:
        assert len(list(playback)) == len(list(playback)) == 3
        assert not film.closed
    assert film.closed
