"""What looks say of who is who, where places alone would be wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bridge.appearance import PARTS, Look
from bridge.association import busy, by_looks
from bridge.memory import OTHER, tolerated, unlikeness
from bridge.track import Track, newcomer
from models.body import FloatArray
from models.joints import Keypoint


def look(colour: float) -> Look:
    """Somebody all of whom has one colour, 20 of CIE Lab a step."""
    colours = np.zeros((len(PARTS), 5, 3), np.float32)
    colours[..., 1] = 20 * colour
    return Look(colours, np.ones(len(PARTS), np.float32))


def person(*looks: Look) -> Track:
    """Somebody who was seen at time 0 and looks so."""
    track = newcomer(np.ones((len(Keypoint), 3), np.float32), 0.0)
    return replace(track, tracking_id=1, slot=0, looks=looks)


def added(similarity: list[list[float]], tracks: list[Track], *looks: Look, apart: float = 200) -> FloatArray:
    """What is added where poses are 100 pixels wide and so far ``apart`` from the left edge of one to the next."""
    boxes = np.array([(i * apart, 0, i * apart + 100, 200) for i in range(len(looks))], np.float32)
    usual = np.array([tolerated(track, OTHER) for track in tracks], np.float32)
    return by_looks(np.array(similarity, np.float32), unlikeness(tracks, looks), boxes, usual)


def test_somebody_is_not_a_pose_that_looks_otherwise_while_another_one_looks_like_them() -> None:
    (row,) = added([[0.7, 0.4]], [person(look(0))], look(1), look(0))
    assert row.tolist() == [-1.0, 0.5]


def test_without_such_a_pose_looks_are_a_hint_only() -> None:
    (row,) = added([[0.7]], [person(look(0))], look(0.6))
    assert -0.5 <= row[0] < 0


@pytest.mark.parametrize(("apart", "colour", "vetoed"), [(200, 0.7, True), (60, 0.7, False), (60, 0.9, True)])
def test_looks_of_whoever_stands_beside_others_must_differ_by_more(apart: float, colour: float, vetoed: bool) -> None:
    (row,) = added([[0.7, 0.0]], [person(look(0))], look(colour), look(3), apart=apart)
    assert (row[0] == -1.0) == vetoed


@pytest.mark.parametrize(("before", "vetoed"), [(0.0, True), (15.0, True), (16.0, False)])
def test_whoever_looked_nearly_as_unlike_their_views_before_may_do_so(before: float, vetoed: bool) -> None:
    (row,) = added([[0.7]], [replace(person(look(0)), unlike=before)], look(0.9))
    assert (row[0] == -1.0) == vetoed


@pytest.mark.parametrize(("elsewhere", "vetoed"), [(0.3, True), (0.9, False)])
def test_a_pose_that_fits_somebody_else_better_is_no_rival(elsewhere: float, vetoed: bool) -> None:
    people = [person(look(0)), person()]
    rows = added([[0.7, 0.4], [0.0, elsewhere]], people, look(0.6), look(0))
    assert (rows[0, 0] == -1.0) == vetoed


@pytest.mark.parametrize(("similarity", "rivals"), [([0.7, 0.4], True), ([0.7, 0.1], False)])
def test_who_is_alone_may_be_one_of_two_poses(similarity: list[float], rivals: bool) -> None:
    near = np.zeros((1, 2), np.float32)
    assert busy([person()], 0.05, near, np.array([similarity], np.float32)).tolist() == [rivals]
