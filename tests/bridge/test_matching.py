"""Which pose belongs to whom: by overlap, likeness and fit, and one pose for each person."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.association import distinct_fits
from bridge.matching import distinct, likeness, overlap, pairs, scores, unclaimed, widened
from bridge.track import newcomer
from models.joints import Keypoint
from tests.bridge.test_tracker import DT, person, together


def test_boxes_overlap_by_intersection_over_union() -> None:
    boxes = np.array([(0, 0, 10, 10), (5, 0, 15, 10), (20, 20, 30, 30)], np.float32)
    np.testing.assert_allclose(overlap(boxes[:1], boxes), [[1, 1 / 3, 0]], atol=1e-6)


def test_likeness_falls_with_distance_and_ignores_unsure_keypoints() -> None:
    pose, near, far = person(300), person(310), person(400)
    alike = likeness(together(pose), together(pose, near, far))[0]
    assert alike[0] == pytest.approx(1.0)
    assert 1.0 > alike[1] > 0.9 > 0.1 > alike[2]
    partly = person(300)
    partly[:4] = (1000, 1000, 0.1)
    assert likeness(together(pose), together(partly))[0, 0] == pytest.approx(1.0)


def test_of_two_poses_of_one_person_the_surer_one_stays() -> None:
    poses = together(person(300, confidence=0.6), person(303, confidence=0.8), person(500))
    assert distinct(poses, scores(poses)).tolist() == [1, 2]


def test_two_who_walk_in_step_are_two_if_one_was_looked_for_without_the_other() -> None:
    poses = together(person(300), person(325))
    apart = np.array([[False, False], [True, False]])
    assert distinct(poses, scores(poses)).tolist() == [0]
    assert distinct(poses, scores(poses), apart).tolist() == [0, 1]
    same = together(person(300), person(301))
    assert distinct(same, scores(same), apart).tolist() == [0], "a pose that is the same in both is of the same person"


def test_of_two_poses_of_one_person_the_one_that_fits_to_somebody_stays() -> None:
    own, mixed = person(300, confidence=0.7), person(300, confidence=0.9)
    mixed[: Keypoint.LEFT_ELBOW, :2] += (25, 25)  # head and shoulders of somebody else
    tracks = [newcomer(person(301), 0.0)]
    kept, fit, apart = distinct_fits(tracks, DT, together(mixed, own, person(500)), 0.5)
    np.testing.assert_array_equal(kept.poses, together(own, person(500)))
    assert fit.shape == apart.shape == (1, 2)
    assert fit[0, 0] > 0.9 > 0.1 > fit[0, 1]


def test_pairs_take_the_best_first_and_nothing_below_the_least() -> None:
    similarity = np.array([[0.9, 0.8, 0.0], [0.85, 0.1, 0.0]], np.float32)
    assert pairs(similarity, 0.3) == [(0, 0)]
    assert pairs(similarity, 0.05) == [(0, 0), (1, 1)]


def test_only_boxes_that_nobody_looks_at_are_new() -> None:
    crops = np.array([(100, 100, 200, 300)], np.float32)
    found = np.array([(95, 90, 205, 310, 0.9), (400, 100, 500, 300, 0.8)], np.float32)
    np.testing.assert_array_equal(unclaimed(found, crops), found[1:2, :4])


def test_a_crop_is_wide_enough_for_what_the_detector_sees_of_its_person() -> None:
    places = np.array([(100, 100, 160, 300), (400, 100, 460, 300)], np.float32)
    crops = places + np.array([-20, -20, 20, 20], np.float32)
    seen = np.array([(50, 110, 250, 290, 0.8), (600, 100, 660, 300, 0.9)], np.float32)
    np.testing.assert_array_equal(widened(crops, places, seen), [(50, 80, 250, 320), crops[1]])
    np.testing.assert_array_equal(crops, places + np.array([-20, -20, 20, 20], np.float32))
