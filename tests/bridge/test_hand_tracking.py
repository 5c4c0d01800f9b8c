"""Hand states are steady in seconds, and are given only where they can be known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from bridge.hand_tracking import HandTracker, SteadyHand
from models.body import ByteArray, FloatArray, Hand
from models.hands import CLASSES, LEAST_PALM, View
from models.joints import HandState, Keypoint, TrackingConfidence

OPEN, CLOSED, LASSO, NOTHING = (np.eye(4, dtype=np.float32)[i] for i in range(4))
IMAGE = np.zeros((480, 640, 3), np.uint8)


def person(metre: float = 300.0, hidden: tuple[Keypoint, ...] = ()) -> FloatArray:
    """Keypoints (23, 3) of someone whose arms hang, ``metre`` pixels for a metre, facing the camera."""
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
    return keypoints


def look(hands: HandTracker, time: float, people: dict[int, FloatArray]) -> dict[int, tuple[Hand, Hand]]:
    """The hands of ``people``, by tracking id."""
    found = hands(IMAGE, list(people), np.stack(list(people.values())), time)()
    return dict(zip(people, found, strict=True))


class Says:
    """A classifier that says the same of every hand, and remembers where it looked."""

    def __init__(self, shares: FloatArray) -> None:
        self.shares = shares
        self.views: list[View] = []

    def __call__(self, image: ByteArray, view: View) -> FloatArray:
        self.views.append(view)
        return self.shares

    def start(self, image: ByteArray, view: View) -> Callable[[], FloatArray]:
        shares = self(image, view)
        return lambda: shares


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
    keypoints = person()
    hands = HandTracker(says)
    for i in range(11):
        left, right = look(hands, i / 30, {7: keypoints})[7]
    assert left.state == right.state == HandState.OPEN
    wrists = keypoints[[Keypoint.LEFT_WRIST, Keypoint.RIGHT_WRIST], :2]
    for view, wrist in zip(says.views[-2:], wrists, strict=True):
        np.testing.assert_allclose(view.wrist, wrist)
        np.testing.assert_allclose(view.up, (0, 1), atol=1e-6)  # it hangs


def test_every_other_look_at_a_hand_is_one_in_a_mirror() -> None:
    says = Says(OPEN)
    hands = HandTracker(says)
    for i in range(8):
        look(hands, i / 10, {1: person(), 2: person(hidden=(Keypoint.LEFT_WRIST,))})
    for one in {tuple(view.wrist.tolist()) for view in says.views}:
        mirrored = [view.mirrored for view in says.views if tuple(view.wrist.tolist()) == one]
        assert len(mirrored) >= 8
        assert sum(mirrored) == len(mirrored) / 2


def test_what_is_seen_on_one_side_only_averages_out() -> None:
    class OneSided(Says):
        """Takes a hand for open, and its mirror image rather for closed."""

        def __call__(self, image: ByteArray, view: View) -> FloatArray:
            return 0.7 * CLOSED + 0.3 * OPEN if view.mirrored else OPEN

    hands = HandTracker(OneSided(OPEN))
    states = [look(hands, i / 30, {1: person()})[1][0].state for i in range(60)]
    assert set(states[15:]) == {HandState.OPEN}


def test_a_hand_too_small_to_tell_is_unknown_and_costs_nothing() -> None:
    says = Says(OPEN)
    left, right = look(HandTracker(says), 0.0, {7: person(metre=LEAST_PALM / 0.12)})[7]
    assert left.state == right.state == HandState.UNKNOWN
    assert not says.views


def test_a_hand_out_of_sight_is_kept_for_a_moment_and_then_not_tracked() -> None:
    hands = HandTracker(Says(OPEN))
    for i in range(30):
        look(hands, i / 30, {7: person()})
    gone = {7: person(hidden=(Keypoint.LEFT_WRIST,))}
    assert look(hands, 1.1, gone)[7][0] == Hand(HandState.OPEN, TrackingConfidence.LOW)
    left, right = look(hands, 2.0, gone)[7]
    assert left.state == HandState.NOT_TRACKED
    assert right.state == HandState.OPEN


def test_people_do_not_share_their_hands() -> None:
    says = Says(OPEN)
    hands = HandTracker(says)
    for i in range(30):
        look(hands, i / 30, {1: person()})
    says.shares = NOTHING
    found = look(hands, 1.0, {1: person(), 2: person()})
    assert found[2][0].state == HandState.UNKNOWN
    assert found[1][0].state == HandState.OPEN


def test_who_is_gone_is_forgotten() -> None:
    says = Says(OPEN)
    hands = HandTracker(says)
    for i in range(30):
        look(hands, i / 30, {1: person()})
    look(hands, 1.0, {2: person()})
    says.shares = NOTHING
    assert look(hands, 1.03, {1: person()})[1][0].state == HandState.UNKNOWN


@pytest.mark.parametrize("people", [1, 3])
def test_at_thirty_pictures_a_second_both_hands_take_turns(people: int) -> None:
    says = Says(OPEN)
    hands = HandTracker(says)
    for i in range(30):
        found = look(hands, i / 30, {name: person() for name in range(people)})
    assert set(found.values()) == {(Hand(HandState.OPEN, TrackingConfidence.HIGH),) * 2}
    assert people * 30 <= len(says.views) <= people * 31, "one hand a person and picture, both in the first"


def test_of_six_people_three_hands_are_looked_at_in_a_picture_and_all_are_told_within_a_third_of_a_second() -> None:
    says = Says(OPEN)
    hands = HandTracker(says)
    everyone = {name: person() for name in range(6)}
    for i in range(30):
        found = look(hands, i / 30, everyone)
    assert {hand.state for pair in found.values() for hand in pair} == {HandState.OPEN}
    assert len(says.views) == 90
    says.shares = CLOSED
    for i in range(30, 40):
        found = look(hands, i / 30, everyone)
    assert {hand.state for pair in found.values() for hand in pair} == {HandState.CLOSED}


def test_where_pictures_are_few_both_hands_are_looked_at_in_each() -> None:
    says = Says(OPEN)
    hands = HandTracker(says)
    for i in range(15):
        look(hands, i / 15, {7: person()})
    assert len(says.views) == 30


@pytest.mark.parametrize("rate", [15.0, 30.0, 60.0])
def test_a_hand_that_closes_is_told_within_a_fifth_of_a_second(rate: float) -> None:
    says = Says(OPEN)
    hands = HandTracker(says)
    for i in range(60):
        look(hands, i / rate, {7: person()})
    says.shares, closed = CLOSED, [False, False]
    for i in range(60, 60 + round(0.2 * rate) + 1):
        closed = [hand.state == HandState.CLOSED for hand in look(hands, i / rate, {7: person()})[7]]
    assert closed == [True, True]


@pytest.mark.parametrize("state", CLASSES[:3])
def test_every_state_is_reported(state: HandState) -> None:
    hands = HandTracker(Says(np.eye(4, dtype=np.float32)[CLASSES.index(state)]))
    for i in range(30):
        left, _ = look(hands, i / 30, {7: person()})[7]
    assert left == Hand(state, TrackingConfidence.HIGH)
