"""Whoever makes a gesture, wherever and facing whichever way, it looks the same."""

from __future__ import annotations

import numpy as np
import pytest

from gestures.segments import series
from gestures.skeleton import HEAD, LEFT, RIGHT, flipped, pick, retargeted
from gestures.stream import RATE, WIDTH, looks_at
from models.joints import Joint
from tests.gestures.conftest import Actor, seen_from


@pytest.mark.parametrize(
    ("turn", "size", "place"), [(0.0, 1.3, (0, 0, 4)), (2.0, 1.0, (1, 0.5, 2)), (-0.7, 0.7, (-1, 0, 3))]
)
def test_place_size_and_facing_do_not_matter(actor: Actor, turn: float, size: float, place: tuple[float, ...]) -> None:
    waving = actor.waving(2.0)
    other = seen_from(waving, turn, size, place)
    np.testing.assert_allclose(series(other, 30), series(waving, 30), atol=1e-4)
    np.testing.assert_allclose(looks_at(other, 30), looks_at(waving, 30), atol=1e-4)


def test_right_is_the_persons_own_and_ahead_is_where_they_look(actor: Actor) -> None:
    looks = looks_at(np.repeat(actor.arm("right", (0.3, 0.4, -0.2), (0.4, 0.4, -0.5))[None], 5, axis=0), 30)
    joints = looks[-1].reshape(-1, 3)
    right_wrist, left_wrist = joints[7], joints[2]
    assert right_wrist[0] > left_wrist[0]
    assert right_wrist[2] > 0.5 > left_wrist[2]


def test_a_mirrored_wave_is_made_with_the_other_hand(actor: Actor) -> None:
    np.testing.assert_allclose(
        looks_at(flipped(actor.waving(1.0)), 30), looks_at(actor.waving(1.0, side="left"), 30), atol=1e-4
    )


def test_joints_that_a_sensor_lacks_are_filled_in(actor: Actor) -> None:
    waving = actor.waving(1.0)
    waving[:, [Joint.HAND_LEFT, Joint.FOOT_RIGHT]] = np.nan
    waving[5:8, Joint.WRIST_RIGHT] = np.nan
    points = pick(waving)
    assert np.isfinite(points).all()
    assert points[6, RIGHT["wrist"], 0] == pytest.approx((waving[4, 10, 0] + waving[8, 10, 0]) / 2, abs=0.02)


def test_hands_that_a_sensor_lacks_move_with_the_forearms_in_a_stream(actor: Actor) -> None:
    waving = actor.waving(1.0)
    without = waving.copy()
    without[:, [Joint.HAND_LEFT, Joint.HAND_RIGHT]] = np.nan
    np.testing.assert_allclose(looks_at(without, 30), looks_at(waving, 30), atol=0.02)


def test_all_bodies_have_the_same_bones(actor: Actor) -> None:
    body = retargeted(pick(actor.waving(0.5) * (1.0, 1.2, 1.0)))
    forearm = np.linalg.norm(body[:, RIGHT["wrist"]] - body[:, RIGHT["elbow"]], axis=1)
    np.testing.assert_allclose(forearm, 0.55)
    assert body[0, HEAD, 1] > body[0, LEFT["shoulder"], 1] > 0


def test_looks_come_at_their_own_rate_whatever_the_source_does(actor: Actor) -> None:
    fast, slow = looks_at(actor.waving(2.0, 60), 60), looks_at(actor.waving(2.0, 20), 20)
    assert fast.shape[1] == WIDTH
    assert abs(len(fast) - 2 * RATE) <= 1
    shared = min(len(fast), len(slow))
    assert np.abs(fast[:shared] - slow[:shared]).max() < 0.15
