"""The crowd's scripts do what their names say, the same way each time."""

from __future__ import annotations

import numpy as np
import pytest

from models.actor.crowd import SCRIPTS, Crowd
from models.body import FloatArray
from models.joints import Keypoint

SMALL = (96, 72)


def middles(crowd: Crowd, step: float = 0.5) -> FloatArray:
    """Where everyone's neck is, and whether it can be seen: (moments, people, 3)."""
    times = np.arange(0.0, crowd.duration, step)
    return np.stack([[p.keypoints[Keypoint.NECK] for p in crowd.render(float(t)).people] for t in times])


def test_the_same_seed_gives_the_same_picture() -> None:
    first, second = (Crowd("crossing", 3, SMALL, seed=5).render(2.0) for _ in range(2))
    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.people[2].keypoints, second.people[2].keypoints)


def test_another_seed_gives_other_ways() -> None:
    first, second = (Crowd("crossing", 2, SMALL, seed=seed).render(2.0) for seed in (1, 2))
    assert not np.allclose(first.people[0].keypoints, second.people[0].keypoints)


def test_people_who_cross_pass_each_other_more_than_once() -> None:
    necks = middles(Crowd("crossing", 2, SMALL, seed=3), 0.25)
    left = necks[:, 0, 0] < necks[:, 1, 0]
    assert (left[1:] != left[:-1]).sum() >= 2


def test_who_hides_can_hardly_be_seen_for_a_while() -> None:
    crowd = Crowd("hiding", 2, SMALL, seed=1)
    times = np.arange(0.0, crowd.duration, 0.25)
    shares = [(crowd.render(float(t)).people[1].keypoints[:, 2] == 2).mean() for t in times]
    assert shares[0] > 0.9
    assert min(shares) < 0.3
    assert shares[-1] > 0.6


def test_who_leaves_is_out_of_the_picture_and_comes_back() -> None:
    necks = middles(Crowd("returning", 2, SMALL, seed=0))
    there = necks[:, 1, 2] > 0
    assert there[0]
    assert there[-1]
    assert 4.0 <= (~there).sum() * 0.5 <= 30.0
    assert (necks[:, 0, 2] > 0).all()


def test_nobody_walks_through_anybody() -> None:
    for script in SCRIPTS:
        crowd = Crowd(script, 4, SMALL, seed=2)
        for time in np.arange(0.0, min(crowd.duration, 12.0), 2.0):
            roots = np.stack([person.positions[0] for person in crowd.render(float(time)).people])
            gaps = np.linalg.norm(roots[:, None] - roots[None], axis=2)[~np.eye(4, dtype=bool)]
            assert gaps.min() > 0.3, (script, time)


@pytest.mark.parametrize(("script", "people"), [("dancing", 2), ("crossing", 1), ("crossing", 7)])
def test_what_cannot_be_played_is_refused(script: str, people: int) -> None:
    with pytest.raises(ValueError, match="crowd"):
        Crowd(script, people)
