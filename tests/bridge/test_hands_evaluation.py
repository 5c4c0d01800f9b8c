"""Flicker is what comes and goes faster than a hand moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.hands_evaluation import States, evaluate_hand_videos, flickering, steadiness
from bridge.sources import SourceError
from models.joints import HandState

OPEN, CLOSED, UNKNOWN = HandState.OPEN, HandState.CLOSED, HandState.UNKNOWN


def at_30_hz(*runs: tuple[HandState, int]) -> States:
    states = [state for state, count in runs for _ in range(count)]
    return [(i / 30, state) for i, state in enumerate(states)]


def test_a_hand_that_closes_and_opens_slowly_does_not_flicker() -> None:
    hand = at_30_hz((OPEN, 30), (CLOSED, 10), (OPEN, 30))
    assert flickering(hand) == 0
    assert steadiness([hand]).changes == pytest.approx(2 / 70)


def test_every_frame_of_a_short_state_is_flicker() -> None:
    assert flickering(at_30_hz((OPEN, 30), (CLOSED, 3), (OPEN, 30))) == 3
    assert flickering(at_30_hz((OPEN, 30), (CLOSED, 2), (UNKNOWN, 2), (OPEN, 30))) == 4


def test_a_hand_that_comes_or_goes_does_not_flicker() -> None:
    assert flickering(at_30_hz((CLOSED, 2), (OPEN, 30))) == 0
    assert flickering(at_30_hz((OPEN, 30), (CLOSED, 2))) == 0
    assert flickering([]) == 0


def test_shares_are_counted_over_all_hands() -> None:
    result = steadiness([at_30_hz((OPEN, 30)), at_30_hz((OPEN, 10), (UNKNOWN, 3), (OPEN, 17))], clips=2)
    assert result.frames == 60
    assert result.flicker == pytest.approx(3 / 60)
    assert result.known == pytest.approx(57 / 60)
    assert result.states["Unknown"] == pytest.approx(3 / 60)


def test_a_folder_without_videos_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no video in it"):
        evaluate_hand_videos(tmp_path, lambda: pytest.fail("nothing to look at"))
