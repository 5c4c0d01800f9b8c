"""Films of the actor: the truth lies over the picture, nothing leaps, and arms point towards the camera and away."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from models.actor.film import PACE, RATE, SIZE, Film, wandering
from models.actor.poses import at_ease, pointing
from models.actor.skeleton import Proportions, stand
from models.joints import Joint


@pytest.fixture(scope="module")
def film() -> Film:
    return Film(np.random.default_rng(1), 3.0)


def test_a_film_is_as_long_as_was_asked_and_the_same_every_time(film: Film) -> None:
    pictures = [[frame.image for frame in one.frames()] for one in (film, Film(np.random.default_rng(1), 3.0))]
    assert len(pictures[0]) == len(film.positions) == round(3 * RATE)
    assert pictures[0][0].shape == (*SIZE, 3)
    np.testing.assert_array_equal(*pictures)


def test_what_changes_in_the_picture_is_where_the_joints_are(film: Film) -> None:
    pictures = [frame.image for frame in film.frames()]
    places = film.camera.project(film.positions)
    reach = 0.12 * film.height * film.camera.focal / film.positions[..., 2].min()
    for first, second in ((0, 20), (15, 40)):
        changed = np.argwhere((pictures[first].astype(int) - pictures[second]).max(axis=2) > 60)[:, ::-1]
        assert len(changed) > 50
        both = np.concatenate([places[first], places[second]])
        near = np.linalg.norm(changed[:, None] - both, axis=2).min(axis=1) < reach
        assert near.mean() > 0.9


def test_nobody_leaps_from_pose_to_pose() -> None:
    rng = np.random.default_rng(0)
    start = at_ease(rng)
    poses = wandering(np.arange(0, 10, 1 / RATE), rng, lambda: pointing(rng, start))
    widest = np.pi * 1.5 / (PACE[0] * RATE)
    assert max(np.abs(after - before).max() for before, after in pairwise(poses)) < widest


def test_arms_point_towards_the_camera_as_well_as_away() -> None:
    rng = np.random.default_rng(0)
    bodies = [stand(pointing(rng, at_ease(rng)), Proportions()).positions for _ in range(200)]
    away = np.array([p[Joint.WRIST_LEFT, 2] - p[Joint.SHOULDER_LEFT, 2] for p in bodies])
    assert (away > 0.25).mean() > 0.05
    assert (away < -0.25).mean() > 0.1
