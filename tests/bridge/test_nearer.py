"""Who stands nearer to the camera."""

from __future__ import annotations

import numpy as np

from bridge.matching import scales
from bridge.nearer import nearer
from models.body import FloatArray
from models.joints import Keypoint
from tests.bridge.test_tracker import person


def order(*poses: FloatArray) -> list[list[int]]:
    """For each of ``poses``: 1 where another one is nearer, -1 where it is farther."""
    together = np.stack(poses)
    return np.asarray(nearer(together, scales(together))).tolist()


def without_feet(pose: FloatArray) -> FloatArray:
    """Somebody whose feet the picture cuts off."""
    pose = pose.copy()
    pose[[Keypoint.LEFT_ANKLE, Keypoint.RIGHT_ANKLE], 2] = 0
    return pose


def test_a_child_who_stands_lower_in_the_picture_than_a_grown_up_is_nearer() -> None:
    grown_up, child = person(300, 240, height=300), person(310, 310, height=180)
    assert order(grown_up, child) == [[0, 1], [-1, 0]]


def test_whoever_looks_larger_is_nearer_where_feet_are_not_seen() -> None:
    large, small = without_feet(person(300, height=400)), person(310, height=300)
    assert order(large, small) == [[0, -1], [1, 0]]


def test_of_two_who_stand_beside_each_other_neither_is_nearer() -> None:
    assert order(person(300, height=300), person(400, height=302)) == [[0, 0], [0, 0]]


def test_of_somebody_who_is_hardly_seen_nothing_is_said() -> None:
    assert order(person(300, height=300), person(310, confidence=0.0)) == [[0, 0], [0, 0]]


def test_nobody_is_before_nobody() -> None:
    assert nearer(np.zeros((0, len(Keypoint), 3), np.float32), np.zeros(0, np.float32)).shape == (0, 0)
