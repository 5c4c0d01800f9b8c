"""Fine-tuning the lift: what is made up of recordings is true, and a run that was interrupted goes on."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from models.actor import Actor  # noqa: E402
from models.body import FloatArray  # noqa: E402
from models.inference import WeightsError  # noqa: E402
from models.joints import JOINT_PARENT, Joint, Keypoint  # noqa: E402
from models.lift import BodyLift  # noqa: E402
from models.lift_features import FEATURES  # noqa: E402
from models.orientation import facing  # noqa: E402
from models.skeleton_sets import Convention, Motion, height_of  # noqa: E402
from models.synthetic_views import Offsets, seen_by_camera  # noqa: E402
from models.training import finetune_lift, lift_recorded  # noqa: E402
from models.training.acted_motions import acted_motions  # noqa: E402
from models.training.finetune_lift import LiftTuneOptions, LiftTuning, fine_tune_lift  # noqa: E402
from models.training.lift_data import Pair  # noqa: E402
from models.training.lift_recorded import RecordedBatches, about_there, measured_offsets  # noqa: E402

HIP_OUTWARDS = 0.03


@pytest.fixture(autouse=True)
def few_actors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetune_lift, "ACTED", (4, 2.0))


@cache
def pair() -> Pair:
    """The actor, found by a network whose hips lie farther out than a Kinect's."""
    actor = Actor(seed=1)
    positions = np.stack([actor.poses(i / 10)[0].body.positions for i in range(60)])
    motion = Motion(positions, 10.0, height_of(positions), Convention.KINECT_V2, "recorded", "me", "me")
    places = np.zeros((1, len(Keypoint), 3), np.float32)
    places[:, Keypoint.LEFT_HIP, 0], places[:, Keypoint.RIGHT_HIP, 0] = -HIP_OUTWARDS, HIP_OUTWARDS
    head = np.broadcast_to(np.eye(3, dtype=np.float32), (1, len(positions), 3, 3))
    one = [np.array([value], np.float32) for value in (motion.height, 0.1, 0.2)]
    rng = np.random.default_rng(0)
    wide = np.full((1, 2), 2.0, np.float32)
    found = seen_by_camera(positions[None], one[0], wide, one[1], rng, one[2], Offsets(places, head))
    return Pair(motion, found.rays[0], found.confidence[0])


@cache
def others() -> list[Motion]:
    return acted_motions(4, 2.0, seed=0)


def unchanged(features: FloatArray) -> FloatArray:
    """What a lift that says the same of everybody thinks."""
    return np.full((*features.shape[:2], 77), 0.1, np.float32)


def test_it_is_measured_where_the_network_puts_hips() -> None:
    places = measured_offsets([pair()])
    assert places[Keypoint.LEFT_HIP, 0] == pytest.approx(-HIP_OUTWARDS, abs=0.008)
    assert places[Keypoint.RIGHT_HIP, 0] == pytest.approx(HIP_OUTWARDS, abs=0.008)
    assert np.abs(places[[Keypoint.LEFT_KNEE, Keypoint.RIGHT_WRIST]]).max() < 0.015


def test_batches_depend_on_their_number_and_hold_what_their_answers_say() -> None:
    batches = RecordedBatches([pair()], others(), unchanged, 24, 12, 0, True)
    one, again, other = batches(3), RecordedBatches([pair()], others(), unchanged, 24, 12, 0, True)(3), batches(4)
    np.testing.assert_array_equal(one.features, again.features)
    assert not np.array_equal(one.features, other.features)
    assert one.features.shape == (24, 12, FEATURES)
    assert np.isfinite(one.features).all()
    assert np.isfinite(one.answer).all()
    depth = np.exp(one.answer[..., 2]) / (one.scale * 1.7) * one.height[:, None]
    assert (depth > 0.3).all()


def test_what_the_kinect_did_not_see_is_not_taught() -> None:
    known = np.ones(pair().motion.positions.shape[:2], bool)
    known[:, Joint.FOOT_LEFT] = False
    batch = RecordedBatches([replace(pair(), known=known)], others(), unchanged, 24, 12, 0, False)(0)
    assert np.isfinite(batch.features).all()
    assert np.isnan(batch.answer[..., 3 * Joint.FOOT_LEFT]).any()
    assert np.isfinite(batch.answer[..., 3 * Joint.FOOT_RIGHT]).all()


def test_of_strangers_the_lift_learns_what_it_thought_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lift_recorded, "SHARES", dict.fromkeys(lift_recorded.SHARES, 0.0) | {"others": 1.0})
    batch = RecordedBatches([pair()], others(), unchanged, 8, 12, 0, False)(0)
    assert (batch.answer == np.float32(0.1)).all()
    assert not batch.tells.any()


def test_who_is_moved_about_keeps_their_bones_and_stays_near() -> None:
    before = pair().motion.positions[None, :20]
    after = about_there(before, np.random.default_rng(0))
    ends, starts = list(JOINT_PARENT), list(JOINT_PARENT.values())
    lengths = [np.linalg.norm(p[:, :, ends] - p[:, :, starts], axis=-1) for p in (before, after)]
    np.testing.assert_allclose(*lengths, atol=1e-4)
    assert 0 < np.abs(after - before).max() < 1.5


def test_the_actors_move_steadily_and_mostly_face_the_camera() -> None:
    motions = acted_motions(12, 4.0, seed=0)
    assert len({round(m.height, 3) for m in motions}) == 12
    assert np.mean([facing(p)[2] for m in motions for p in m.positions[::10]]) < -0.3
    for motion in motions:
        assert (
            np.linalg.norm(np.diff(motion.positions, axis=0), axis=2).max() < 0.6
        )  # metres in a fifteenth of a second


def options(folder: Path, **others: object) -> LiftTuneOptions:
    return replace(LiftTuneOptions(folder, steps=6, people=6, frames=8, threads=1), **others)


def test_the_lift_comes_nearer_to_what_was_recorded(tmp_path: Path) -> None:
    run = LiftTuning(options(tmp_path, steps=25, people=16), [pair()], lambda: 0.0)
    losses = []
    learn = run._learn
    batch = run._batches(10_000)

    def error() -> float:
        with torch.no_grad():
            answer = run.learner.network(torch.from_numpy(batch.features), torch.from_numpy(batch.convention)).numpy()
        return float(np.abs(answer[..., 3:75] - batch.answer[..., 3:]).mean())

    losses.append(error())
    for _ in range(25):
        learn()
    losses.append(error())
    assert losses[1] < 0.95 * losses[0]


def test_a_run_that_was_interrupted_goes_on_to_the_same_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        folder.mkdir()
    onnx, steps = fine_tune_lift(options(whole), [pair()])
    assert steps == 6
    assert BodyLift(onnx) is not None
    assert {path.name for path in whole.iterdir()} == {"lift.onnx", "lift.pt"}
    learn = LiftTuning._learn

    def impatient(run: LiftTuning) -> None:
        if run.learner.step == 3:
            raise KeyboardInterrupt
        learn(run)

    with monkeypatch.context() as patched:
        patched.setattr(LiftTuning, "_learn", impatient)
        with pytest.raises(KeyboardInterrupt):
            fine_tune_lift(options(broken), [pair()])
    with pytest.raises(WeightsError, match="other recordings"):
        fine_tune_lift(options(broken, resume=True, seed=1), [pair()])
    fine_tune_lift(options(broken, resume=True), [pair()])
    states = [torch.load(folder / "lift.pt", weights_only=True) for folder in (whole, broken)]
    for name, value in states[0].items():
        torch.testing.assert_close(value, states[1][name])


def test_without_anybody_there_is_nothing_to_learn(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nobody"):
        fine_tune_lift(options(tmp_path), [])
