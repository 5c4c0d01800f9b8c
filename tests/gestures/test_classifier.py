"""Segments are told apart, whoever made them, and models come back from their files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gestures.classifier import GestureModelError, SegmentClassifier
from gestures.datasets import ORDERS, SkeletonFileError, joint_order, read_motions
from gestures.minirocket import MiniRocket
from gestures.segments import body_centred, without_rests
from models.joints import Joint
from tests.gestures.conftest import Actor, seen_from

SHOWN = {"circle": Actor.circling, "wave": Actor.waving}


def segments(actor: Actor, rng: np.random.Generator, count: int) -> tuple[list, list[str]]:
    """Both gestures at many paces, made by many people."""
    found, names = [], []
    for name, make in SHOWN.items():
        for _ in range(count):
            positions = make(actor, 1.5, pace=rng.uniform(0.8, 1.4))
            place = (rng.normal(), rng.normal(), 3.0 + rng.random())
            found.append(body_centred(seen_from(positions, rng.normal(), rng.uniform(0.7, 1.3), place), 30.0))
            names.append(name)
    return found, names


@pytest.fixture
def trained(actor: Actor) -> SegmentClassifier:
    pytest.importorskip("sklearn", reason="training needs scikit-learn (pip install bodycast[train])")
    from gestures.training.classifier_recipe import Options, train_classifier

    return train_classifier(
        *segments(actor, np.random.default_rng(0), 8), Options(features=700, rounds=1, copies=1, rank=20)
    )


def test_gestures_of_other_people_are_told_apart(actor: Actor, trained: SegmentClassifier) -> None:
    tests, names = segments(actor, np.random.default_rng(1), 6)
    likely = trained.probabilities(tests)
    assert [trained.names[i] for i in likely.argmax(axis=1)] == names
    np.testing.assert_allclose(likely.sum(axis=1), 1.0, rtol=1e-5)


def test_a_classifier_comes_back_from_its_file(actor: Actor, trained: SegmentClassifier, tmp_path: Path) -> None:
    trained.save(tmp_path / "both.npz")
    again = SegmentClassifier.load(tmp_path / "both.npz")
    tests, _ = segments(actor, np.random.default_rng(2), 2)
    np.testing.assert_allclose(again.probabilities(tests), trained.probabilities(tests), rtol=1e-5)
    np.savez(tmp_path / "other.npz", names=np.array(["a"]))
    with pytest.raises(GestureModelError, match=r"other\.npz: not a gesture classifier"):
        SegmentClassifier.load(tmp_path / "other.npz")


def test_rests_before_and_after_a_gesture_are_cut_off(actor: Actor) -> None:
    circle = actor.circling(1.5)
    rests = [np.repeat(circle[end : end + 1], 30, axis=0) for end in (0, len(circle) - 1)]
    joints, way = body_centred(np.concatenate([rests[0], circle, rests[1]]), 30.0)
    cut, cut_way = without_rests(joints, way)
    assert len(cut) == len(cut_way)
    assert len(circle) - 4 <= len(cut) <= len(circle) + 12
    still, _ = without_rests(joints[:1].repeat(20, axis=0), way[:1].repeat(20, axis=0))
    assert len(still) == 20


def test_minirocket_is_the_published_convolution() -> None:
    rng = np.random.default_rng(0)
    series = rng.normal(size=(3, 1, 64)).astype(np.float32)
    rocket = MiniRocket.fitted(series, 84 * 6)
    arrays = rocket.arrays()
    row = int(np.flatnonzero(arrays["dilations"] == 2)[0])
    kernel = -np.ones(9)
    kernel[[0, 1, 2]] = 2  # the first of the 84
    padded = np.pad(series[0, 0], 8, mode="edge")
    answers = np.array([sum(kernel[k] * padded[t + 2 * k] for k in range(9)) for t in range(64)])
    per = arrays["thresholds"].shape[2]
    expected = (answers > arrays["thresholds"][row, 0, 0]).mean()
    assert rocket(series)[0, row * 84 * per] == pytest.approx(expected, abs=1 / 64)


@pytest.mark.parametrize("order", ORDERS, ids=["v1", "utd", "msr", "v2"])
def test_the_order_of_the_joints_shows_in_the_bones(actor: Actor, tmp_path: Path, order: list[str]) -> None:
    from gestures.datasets import JOINTS_BY_NAME

    moving = np.concatenate([actor.waving(2.0), actor.circling(2.0)]) * 1000
    positions = moving[:, [JOINTS_BY_NAME[name] for name in order]]
    assert joint_order(positions.astype(np.float64)) == order
    np.savez(tmp_path / "set.npz", position_mm=positions.astype(np.int16), offset=[0, 60, 120], action=[1, 2])
    first, second = read_motions(tmp_path / "set.npz")
    assert (first.action, second.action, first.subject) == ("1", "2", -1)
    np.testing.assert_allclose(first.positions[0, Joint.WRIST_RIGHT], moving[0, Joint.WRIST_RIGHT] / 1000, atol=0.001)


def test_a_file_that_is_no_set_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"no")
    np.savez(tmp_path / "b.npz", offset=[0, 1])
    for name, words in (("a.npz", "not an npz"), ("b.npz", "position_mm")):
        with pytest.raises(SkeletonFileError, match=words) as told:
            read_motions(tmp_path / name)
        assert name in str(told.value)
