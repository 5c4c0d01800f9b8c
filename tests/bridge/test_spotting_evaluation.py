"""What was told in streams is counted against what was shown."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.cli.evaluate import table
from bridge.spotting_evaluation import Tally, bodies_of
from models.joints import Joint


def test_f1_counts_what_was_told_missed_and_false() -> None:
    tally = Tally()
    tally.count("wave", (), ("wave", "push"))  # right, and a push that nobody made
    tally.count("wave", ("push",), ("push",))  # missed; some people's wave looks like a push
    tally.count(None, (), ("kick",))
    assert tally.f1() == pytest.approx(2 / (2 + 1 + 2))
    assert tally.by_gesture() == {"wave": pytest.approx(2 / 3)}


def test_a_stream_has_no_holes_where_the_file_has() -> None:
    positions = np.ones((3, len(Joint), 3), np.float32)
    positions[:, Joint.HAND_TIP_LEFT] = np.nan
    positions[:, Joint.HAND_LEFT] = 2.0
    frames = list(bodies_of(positions, 15.0, 4.0))
    assert [frame.time for frame in frames] == pytest.approx([4.0, 4.0 + 1 / 15, 4.0 + 2 / 15])
    np.testing.assert_array_equal(frames[0].bodies[0].positions[Joint.HAND_TIP_LEFT], [2.0, 2.0, 2.0])


def test_hands_that_a_file_lacks_lie_beyond_the_wrists() -> None:
    positions = np.zeros((1, len(Joint), 3), np.float32)
    positions[:, Joint.WRIST_LEFT, 1] = 0.2
    positions[:, Joint.HAND_LEFT] = np.nan
    (frame,) = bodies_of(positions, 15.0)
    np.testing.assert_allclose(frame.bodies[0].positions[Joint.HAND_LEFT], [0.0, 0.27, 0.0], atol=1e-6)


def test_shares_are_shown_in_percent_and_false_events_a_minute_as_they_are() -> None:
    shown = table({"f1": 0.5, "by_gesture": {"wave": 0.25}, "false_by_gesture_per_minute": {"push": 0.4}})
    words = " ".join(shown.split())
    assert words == "f1 50.0% by_gesture: wave 25.0% false_by_gesture_per_minute: push 0.4"
