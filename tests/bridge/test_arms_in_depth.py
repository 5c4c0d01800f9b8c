"""Arms that point at the camera or away from it: told from one picture after the other, by the networks as shipped."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from bridge.pipeline import Pipeline
from models.actor import film
from models.actor.film import Film
from models.body import FloatArray
from models.camera import always
from models.detector import PersonDetector
from models.joints import Joint
from models.pose import PoseEstimator

ARMS = [[Joint[f"{part}_{side}"] for part in ("SHOULDER", "ELBOW", "WRIST")] for side in ("LEFT", "RIGHT")]
BONES = np.array([bone for arm in ARMS for bone in pairwise(arm)])


@pytest.fixture(scope="module")
def bodies() -> tuple[FloatArray, FloatArray]:
    """True joints and those found, (frames, 25, 3), of people who stretch their arms out, turn and point."""
    true: list[FloatArray] = []
    found: list[FloatArray] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(film, "ANYHOW", 0.0)
        films = [Film(np.random.default_rng((1000, i)), 3.0) for i in range(5)]
    detector, pose = PersonDetector(), PoseEstimator()
    for one in films:
        pipeline = Pipeline(detector, pose, height=one.height, camera=always(one.camera))
        for frame, positions in zip(pipeline.bodies(one.frames()), one.positions, strict=True):
            if frame.bodies:
                true.append(positions)
                found.append(frame.bodies[0].positions)
    assert len(true) > 200
    return np.stack(true), np.stack(found)


def test_the_nearer_end_of_an_arm_is_the_nearer_one(bodies: tuple[FloatArray, FloatArray]) -> None:
    true, found = (p[:, BONES[:, 1]] - p[:, BONES[:, 0]] for p in bodies)
    steep = np.abs(true[..., 2]) > 0.4 * np.linalg.norm(true, axis=-1)
    right = np.sign(true[..., 2]) == np.sign(found[..., 2])
    assert steep.sum() > 300
    assert right[steep & (true[..., 2] < 0)].mean() > 0.95
    assert right[steep & (true[..., 2] > 0)].mean() > 0.83  # away: hidden behind the body now and then


def test_elbows_and_wrists_are_within_a_hands_length_of_the_truth(bodies: tuple[FloatArray, FloatArray]) -> None:
    ends = BONES[:, 1]
    true, found = (p[:, ends] - p[:, [Joint.SPINE_BASE]] for p in bodies)
    assert np.linalg.norm(true - found, axis=-1).mean() < 0.125
