"""Raised hands are reported once, held, and ended."""

from __future__ import annotations

import numpy as np
import pytest

from gestures.event import GestureEvent
from gestures.recogniser import RELEASE, GestureRecogniser
from models.body import Body, BodyFrame
from models.joints import JOINT_FLIP, Joint, TrackingState

HIP, HEAD = -0.3, 0.5


def standing(tracking_id: int = 1, left: float = 0.0, right: float = 0.0, **states: TrackingState) -> Body:
    """A body whose hands have come ``left`` and ``right`` of the way from the hips to the head."""
    positions = np.zeros((25, 3), np.float32)
    positions[:, 2] = 2.0
    positions[Joint.SPINE_BASE, 1] = HIP
    positions[Joint.SPINE_SHOULDER, 1] = HIP + 0.5
    positions[Joint.HEAD, 1] = HEAD
    positions[Joint.HAND_LEFT, 1] = HIP + left * (HEAD - HIP)
    positions[Joint.HAND_RIGHT, 1] = HIP + right * (HEAD - HIP)
    tracking_states = np.full(25, TrackingState.TRACKED, np.uint8)
    for name, state in states.items():
        tracking_states[Joint[name.upper()]] = state
    return Body(tracking_id, 0, positions, np.zeros((25, 4), np.float32), tracking_states)


class RaisedHands:
    """The discrete events of raised hands alone."""

    def __init__(self) -> None:
        self._recogniser = GestureRecogniser(["raise_left_hand", "raise_right_hand", "raise_both_hands"])

    def update(self, frame: BodyFrame) -> list[GestureEvent]:
        return [event for event in self._recogniser.update(frame) if event.phase != "progress"]


def phases(*frames: tuple[Body, ...]) -> list[list[tuple[str, int, str]]]:
    hands = RaisedHands()
    return [
        [(e.name, e.tracking_id, e.phase) for e in hands.update(BodyFrame(n / 30, n, bodies))]
        for n, bodies in enumerate(frames)
    ]


def test_a_raised_hand_is_reported_once_with_its_body() -> None:
    name = "raise_right_hand"
    up, down = standing(7, right=1.2), standing(7, right=0.1)
    expected = [[], [(name, 7, "started")], [(name, 7, "held")], [(name, 7, "held")], [(name, 7, "ended")], []]
    assert phases((down,), (up,), (up,), (up,), (down,), (down,)) == expected


def test_left_and_right_are_the_persons_own() -> None:
    body = standing(left=1.2)
    assert phases((body,)) == [[("raise_left_hand", 1, "started")]]
    flipped = Body(1, 0, body.positions[list(JOINT_FLIP)], body.orientations, body.tracking_states)
    assert phases((flipped,)) == [[("raise_right_hand", 1, "started")]]


def test_both_hands_are_a_pose_of_their_own() -> None:
    (events,) = phases((standing(left=1.2, right=1.1),))
    assert {name for name, _, phase in events if phase == "started"} == {
        "raise_left_hand",
        "raise_right_hand",
        "raise_both_hands",
    }


def test_a_hand_that_trembles_at_the_height_of_the_head_starts_once() -> None:
    trembling = [(standing(right=1.0 + 0.1 * (-1) ** n),) for n in range(20)]
    assert [p for frame in phases(*trembling) for *_, p in frame].count("started") == 1


def test_an_inferred_hand_starts_nothing_but_goes_on() -> None:
    guessed = standing(right=1.2, hand_right=TrackingState.INFERRED)
    assert phases((guessed,)) == [[]]
    assert phases((standing(right=1.2),), (guessed,))[1] == [("raise_right_hand", 1, "held")]


@pytest.mark.parametrize("joint", ["hand_right", "head"])
def test_a_joint_that_is_lost_ends_the_pose(joint: str) -> None:
    lost = standing(right=1.2, **{joint: TrackingState.NOT_TRACKED})
    assert phases((standing(right=1.2),), (lost,), (lost,))[1:] == [[("raise_right_hand", 1, "ended")], []]


def test_a_body_that_leaves_ends_its_poses_once() -> None:
    frames = phases((standing(3, right=1.2), standing(4)), (standing(4),), (standing(3, right=1.2), standing(4)))
    assert frames[1] == [("raise_right_hand", 3, "ended")]
    assert frames[2] == [("raise_right_hand", 3, "started")]


def test_people_do_not_disturb_each_other() -> None:
    frames = phases((standing(1, left=1.2), standing(2, right=1.2)), (standing(2, right=1.2), standing(1, left=1.2)))
    assert set(frames[0]) == {("raise_left_hand", 1, "started"), ("raise_right_hand", 2, "started")}
    assert set(frames[1]) == {("raise_left_hand", 1, "held"), ("raise_right_hand", 2, "held")}


def test_progress_grows_from_the_hips_to_the_head() -> None:
    hands = RaisedHands()
    hands.update(BodyFrame(0.0, 0, (standing(right=1.5),)))
    (held,) = hands.update(BodyFrame(0.1, 1, (standing(right=0.9),)))
    (ended,) = hands.update(BodyFrame(0.2, 2, (standing(right=0.25),)))
    assert (held.phase, ended.phase) == ("held", "ended")
    assert held.progress == pytest.approx(0.9, abs=1e-6)
    assert ended.progress == pytest.approx(0.25, abs=1e-6)
    assert (held.time, held.confidence) == (0.1, 1.0)
    assert RELEASE < 0.9


def test_hips_out_of_the_picture_do_not_matter() -> None:
    body = standing(right=1.2, spine_base=TrackingState.NOT_TRACKED)
    body.positions[Joint.SPINE_BASE] = 0
    assert phases((body,)) == [[("raise_right_hand", 1, "started")]]


@pytest.mark.parametrize("joint", [Joint.HEAD, Joint.HAND_RIGHT, Joint.SPINE_BASE, Joint.SPINE_SHOULDER])
def test_a_position_that_is_not_finite_starts_nothing_false(joint: Joint) -> None:
    body = standing(right=0.5)
    body.positions[joint] = np.nan
    assert phases((body,)) == [[]]


def test_a_person_upside_down_raises_nothing() -> None:
    body = standing(right=0.5)
    body.positions[:, 1] *= -1
    assert phases((body,)) == [[]]


def test_a_forearm_that_points_upwards_for_a_moment_raises_the_hand_below_the_head() -> None:
    shy = standing(right=0.85)
    shy.positions[[Joint.SHOULDER_LEFT, Joint.SHOULDER_RIGHT], 1] = HIP + 0.5
    shy.positions[Joint.ELBOW_RIGHT, 1] = HIP + 0.4
    shy.positions[Joint.WRIST_RIGHT, 1] = HIP + 0.6
    told = phases(*[(shy,)] * 12)
    assert told[:7] == [[]] * 7  # who scratches an ear is not taken at once
    assert [p for frame in told for *_, p in frame].count("started") == 1


def test_a_shy_hand_may_stay_a_little_below_the_shoulders() -> None:
    shy = standing(right=0.5)
    shy.positions[[Joint.SHOULDER_LEFT, Joint.SHOULDER_RIGHT], 1] = HIP + 0.5
    shy.positions[Joint.ELBOW_RIGHT, 1] = HIP + 0.25
    shy.positions[Joint.WRIST_RIGHT, 1] = HIP + 0.42
    starts = []
    for height in (0.35, 0.47):
        shy.positions[Joint.HAND_RIGHT, 1] = HIP + height
        starts.append([p for frame in phases(*[(shy,)] * 12) for *_, p in frame].count("started"))
    assert starts == [0, 1]
