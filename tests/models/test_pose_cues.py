"""What a pose network is told in training of where people are."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

from models.painting import NOBODY, Expected, Figure, Layer, cue
from models.training.pose_augment import told_crop
from models.training.pose_cues import expected_in, training_cue
from models.training.pose_data import Example
from tests.models.test_painting import standing

VIEW = (128, 192)
SAME = np.eye(2, 3)


def example(expected: Expected = NOBODY) -> Example:
    """Somebody who is labelled."""
    keypoints = standing(64, 96, 150).keypoints
    known = keypoints[:, 2:] > 0
    target = np.concatenate([keypoints[:, :2], known, np.where(known, 1, -1)], axis=1).astype(np.float32)
    return Example(np.zeros((192, 128, 3), np.uint8), target, np.array([40, 15, 88, 175], np.float32), expected)


def shared(first: np.ndarray, second: np.ndarray) -> float:
    """How much of two layers lies in both."""
    return float(np.minimum(first, second).sum() / np.maximum(first, second).sum())


def test_a_labelled_person_is_expected_where_the_labels_are() -> None:
    own = expected_in(example()).own
    assert own is not None
    figure = standing(64, 96, 150)
    np.testing.assert_allclose(own.keypoints[:, :2], figure.keypoints[:, :2])
    assert own.metre == pytest.approx(figure.metre, rel=0.35)


def test_of_whom_nothing_is_labelled_nothing_is_expected() -> None:
    nobody = example()
    nobody.target[:, 2] = 0
    assert expected_in(nobody) is NOBODY
    assert not training_cue(nobody, SAME, VIEW, np.random.default_rng(0)).any()


def test_a_cue_is_about_where_the_person_is_and_now_and_then_missing() -> None:
    beside = standing(100, 96, 150)
    known = example(Expected(standing(64, 96, 150), (), [beside]))
    exact = cue(VIEW, known.expected)
    cues = [training_cue(known, SAME, VIEW, np.random.default_rng(seed)) for seed in range(300)]
    told = np.array([[one[Layer.TRUNK].any(), one[Layer.OTHERS].any()] for one in cues])
    assert told.mean(axis=0) == pytest.approx([0.8, 0.83], abs=0.07)
    alike = [shared(one[Layer.TRUNK], exact[Layer.TRUNK]) for one in cues if one[Layer.TRUNK].any()]
    assert 0.55 < np.median(alike) < 0.95
    assert np.std(alike) > 0.1, "sometimes it is nearly right, sometimes far off"


def test_of_whoever_is_alone_mostly_nothing_is_said_as_in_a_run() -> None:
    cues = [training_cue(example(), SAME, VIEW, np.random.default_rng(seed)) for seed in range(300)]
    assert np.mean([one.any() for one in cues]) == pytest.approx(0.3, abs=0.07)


def test_a_cue_turns_and_shrinks_with_the_view() -> None:
    quarter = np.array([[0.0, -0.5, 96.0], [0.5, 0.0, 40.0]])
    known = example(Expected(standing(64, 96, 150)))
    turned = known.expected.own
    assert turned is not None
    places = turned.keypoints.copy()
    places[:, :2] = places[:, :2] @ quarter[:, :2].T + quarter[:, 2]
    exact = cue(VIEW, Expected(Figure(places, turned.metre / 2)))
    cues = [training_cue(known, quarter, VIEW, np.random.default_rng(seed)) for seed in range(40)]
    alike = [shared(one[Layer.TRUNK], exact[Layer.TRUNK]) for one in cues if one[Layer.TRUNK].any()]
    assert np.median(alike) > 0.5


def test_a_crop_comes_with_a_cue_for_its_size() -> None:
    image, target, told = told_crop(example(), [], (160, 160), np.random.default_rng(1))
    assert (image.shape, target.shape, told.shape) == ((160, 160, 3), (23, 4), (4, 20, 20))
