"""Whoever seems to have jumped is looked at once more, and the network is told whom to find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bridge.second_look import looked_again
from bridge.track import Track, newcomer
from bridge.tracking import Tracking
from bridge.views import Views, views_of
from models.body import FloatArray
from models.painting import Expected
from tests.bridge.test_tracker import person

NOW = 1.0


def found(x: float, identity: int) -> Track:
    return replace(newcomer(person(x), NOW - 1 / 30), tracking_id=identity)


def views(*tracks: Track) -> Views:
    boxes = np.array([track.box for track in tracks])
    return views_of(tracks, boxes, boxes, NOW)


class Network:
    """Finds ``pose`` and remembers of whom it was told."""

    def __init__(self, pose: FloatArray) -> None:
        self.pose, self.told = pose, list[Expected]()

    def __call__(self, boxes: FloatArray, expected: Sequence[Expected]) -> FloatArray:
        self.told += expected
        return np.repeat(self.pose[None], len(boxes), axis=0)


def again(network: Network, views: Views, poses: FloatArray) -> FloatArray:
    settings = Tracking()
    return looked_again(network, views, poses, settings.keep_score, settings.hidden_score)


ONE, OTHER = found(200, 1), found(600, 2)


def test_whoever_is_found_elsewhere_is_found_again_when_the_network_is_told_whom_to_find() -> None:
    network = Network(person(202))
    poses = again(network, views(ONE, OTHER), np.stack([person(240), person(600)]))
    np.testing.assert_array_equal(poses, np.stack([person(202), person(600)]))
    (told,) = network.told
    assert told.own is not None
    np.testing.assert_allclose(told.own.keypoints, ONE.keypoints)


def test_whoever_did_jump_is_there_both_times() -> None:
    found = np.stack([person(240), person(600)])
    np.testing.assert_array_equal(again(Network(person(240)), views(ONE, OTHER), found), found)


def test_what_is_found_unsurely_the_second_time_does_not_count() -> None:
    found = np.stack([person(240), person(600)])
    unsure = Network(person(202, confidence=0.5))
    np.testing.assert_array_equal(again(unsure, views(ONE, OTHER), found), found)


def test_nobody_is_looked_at_again_who_is_where_they_should_be_or_alone_in_the_picture() -> None:
    network = Network(person(202))
    again(network, views(ONE, OTHER), np.stack([person(203), person(600)]))
    again(network, views(ONE), person(240)[None])
    assert not network.told


def test_of_those_who_are_beside_others_the_network_was_told_at_once() -> None:
    network = Network(person(202))
    again(network, views(ONE, found(230, 2)), np.stack([person(240), person(230)]))
    assert not network.told
