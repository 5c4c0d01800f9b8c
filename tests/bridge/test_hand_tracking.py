"""Hand states are steady in seconds, and are given only where they can be known."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.hand_tracking import HandTracker, SteadyHand
from models.body import Body, ByteArray, FloatArray, Hand
from models.hands import CLASSES, LEAST_PALM, View
from models.joints import HandState, Joint, Keypoint, TrackingConfidence, TrackingState

OPEN, CLOSED, LASSO, NOTHING = (np.eye(4, dtype=np.float32)[i] for i in range(4))
IMAGE = np.zeros((480, 640, 3), np.uint8)


def person(metre: float = 300.0, tracking_id: int = 7, hidden: tuple[Keypoint, ...] = ()) -> Body:
    """Someone whose arms hang, ``metre`` pixels for a metre, facing the camera."""
    keypoints = np.zeros((len(Keypoint), 3), np.float32)
    keypoints[:, 2] = 0.9
    for side, x in (("LEFT", 0.18), ("RIGHT", -0.18)):
        for part, y in (
            ("SHOULDER", 0.0),
            ("ELBOW", 0.28),
            ("WRIST", 0.53),
            ("INDEX", 0.62),
            ("THUMB", 0.6),
            ("HIP", 0.5),
        ):
            keypoints[Keypoint[f"{side}_{part}"], :2] = 320 + metre * x, 100 + metre * y
    for part in ("KNEE", "ANKLE", "FOOT", "EAR"):
        keypoints[[Keypoint[f"LEFT_{part}"], Keypoint[f"RIGHT_{part}"]], 2] = 0
    keypoints[list(hidden), 2] = 0
    states = np.full(len(Joint), TrackingState.TRACKED, np.uint8)
    return Body(
        tracking_id, 0, np.zeros((25, 3), np.float32), np.zeros((25, 4), np.float32), states, keypoints=keypoints
    )


class Says:
    """A classifier that says the same of every hand, and remembers where it looked."""

    def __init__(self, shares: FloatArray) -> None:
        self.shares = shares
        self.views: list[View] = []

    def __call__(self, image: ByteArray, view: View) -> FloatArray:
        self.views.append(view)
        return self.shares


def shown(hand: SteadyHand, shares: list[FloatArray], rate: float = 30.0, start: float = 0.0) -> list[Hand]:
    return [hand.seen(start + i / rate, s) for i, s in enumerate(shares)]


def test_a_hand_that_closes_is_closed_within_a_seventh_of_a_second_whatever_the_frame_rate() -> None:
    for rate in (15.0, 30.0, 60.0):
        hand = SteadyHand()
        shown(hand, [OPEN] * 60, rate)
        after = shown(hand, [CLOSED] * 60, rate, start=60 / rate)
        first = next(i for i, h in enumerate(after) if h.state == HandState.CLOSED)
        assert first / rate <= 1 / 7
        assert after[-1] == Hand(HandState.CLOSED, TrackingConfidence.HIGH)


def test_a_single_wrong_frame_changes_nothing() -> None:
    hand = SteadyHand()
    shown(hand, [LASSO] * 30)
    assert {h.state for h in shown(hand, [CLOSED, LASSO, LASSO, LASSO], start=1.0)} == {HandState.LASSO}


def test_a_hand_between_two_states_keeps_the_last_one_with_low_confidence() -> None:
    hand = SteadyHand()
    shown(hand, [OPEN] * 30)
    unsure = shown(hand, [0.5 * OPEN + 0.5 * CLOSED] * 30, start=1.0)
    assert {h.state for h in unsure} == {HandState.OPEN}
    assert unsure[-1].confidence == TrackingConfidence.LOW


def test_what_is_unsure_from_the_start_or_no_hand_at_all_is_unknown() -> None:
    assert shown(SteadyHand(), [0.5 * OPEN + 0.5 * CLOSED] * 30)[-1].state == HandState.UNKNOWN
    hand = SteadyHand()
    shown(hand, [OPEN] * 30)
    assert shown(hand, [NOTHING] * 30, start=1.0)[-1].state == HandState.UNKNOWN


def test_the_left_hand_is_read_at_the_left_wrist_and_the_right_one_at_the_right() -> None:
    says = Says(OPEN)
    body = person()
    hands = HandTracker(says)
    for i in range(10):
        left, right = hands(IMAGE, body, i / 30)
    assert left.state == right.state == HandState.OPEN
    wrists = body.keypoints[[Keypoint.LEFT_WRIST, Keypoint.RIGHT_WRIST], :2]
    for view, wrist in zip(says.views[-2:], wrists, strict=True):
        np.testing.assert_allclose(view.wrist, wrist)
        np.testing.assert_allclose(view.up, (0, 1), atol=1e-6)  # it hangs


def test_a_hand_too_small_to_tell_is_unknown_and_costs_nothing() -> None:
    says = Says(OPEN)
    left, right = HandTracker(says)(IMAGE, person(metre=LEAST_PALM / 0.12), 0.0)
    assert left.state == right.state == HandState.UNKNOWN
    assert not says.views


def test_a_hand_out_of_sight_is_kept_for_a_moment_and_then_not_tracked() -> None:
    hands = HandTracker(Says(OPEN))
    for i in range(30):
        hands(IMAGE, person(), i / 30)
    gone = person(hidden=(Keypoint.LEFT_WRIST,))
    assert hands(IMAGE, gone, 1.0)[0] == Hand(HandState.OPEN, TrackingConfidence.LOW)
    left, right = hands(IMAGE, gone, 2.0)
    assert left.state == HandState.NOT_TRACKED
    assert right.state == HandState.OPEN


def test_people_do_not_share_their_hands() -> None:
    says = Says(OPEN)
    hands = HandTracker(says)
    for i in range(30):
        hands(IMAGE, person(tracking_id=1), i / 30)
    says.shares = NOTHING
    assert hands(IMAGE, person(tracking_id=2), 1.0)[0].state == HandState.UNKNOWN
    assert hands(IMAGE, person(tracking_id=1), 1.0)[0].state == HandState.OPEN
    hands.forget({2})
    assert hands(IMAGE, person(tracking_id=1), 1.03)[0].state == HandState.UNKNOWN


def test_the_hands_of_many_people_are_looked_at_by_turns() -> None:
    says = Says(OPEN)
    hands = HandTracker(says)
    for i in range(30):
        for name in range(1, 7):
            left, right = hands(IMAGE, person(tracking_id=name), i / 30)
    assert left == right == Hand(HandState.OPEN, TrackingConfidence.HIGH)
    assert len(says.views) <= 30 * 6 + 4, "one hand a person and picture"


@pytest.mark.parametrize("state", CLASSES[:3])
def test_every_state_is_reported(state: HandState) -> None:
    hands = HandTracker(Says(np.eye(4, dtype=np.float32)[CLASSES.index(state)]))
    for i in range(15):
        left, _ = hands(IMAGE, person(), i / 30)
    assert left == Hand(state, TrackingConfidence.HIGH)
