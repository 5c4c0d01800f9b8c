"""The lift's recipe: what it learns from is true, it goes on where it stopped, and what is shipped answers alike."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import openvino
import pytest

torch = pytest.importorskip("torch")

from models.actor import Actor  # noqa: E402
from models.body import FloatArray  # noqa: E402
from models.inference import OPTIONS  # noqa: E402
from models.joints import JOINT_FLIP, Joint, Keypoint  # noqa: E402
from models.lift import BodyLift  # noqa: E402
from models.lift_features import FEATURES, from_network, look_at, to_network  # noqa: E402
from models.lift_network import LiftNetwork  # noqa: E402
from models.orientation import facing  # noqa: E402
from models.skeleton_sets import Convention, Motion, height_of  # noqa: E402
from models.training import lift_batches, lift_recipe  # noqa: E402
from models.training.lift_augment import ARMS, about, turned_in_waist, with_limbs_of, with_waving_arms  # noqa: E402
from models.training.lift_batches import LiftBatches  # noqa: E402
from models.training.lift_data import ACTED, Pair, read_pairs, towards_camera  # noqa: E402
from models.training.lift_export import export_lift  # noqa: E402
from models.training.lift_loss import lift_loss  # noqa: E402
from models.training.lift_network import LiftNetwork as Trained  # noqa: E402
from models.training.lift_recipe import LiftOptions, train  # noqa: E402


@cache
def acted_positions() -> FloatArray:
    actor = Actor(seed=1)
    return np.stack([actor.render(i / 10).people[0].positions for i in range(40)])


def motion(source: str = "gtu_action3d", frames: int = 40, convention: Convention = Convention.KINECT_V2) -> Motion:
    """The actor's joints for some seconds."""
    positions = acted_positions()[:frames].copy()
    return Motion(positions, 15.0, height_of(positions), convention, source, "somebody", "something")


@pytest.fixture(scope="module")
def acted() -> Motion:
    return motion()


def pair(acted: Motion) -> Pair:
    rays = np.zeros((len(acted.positions), len(Keypoint), 2), np.float32)
    rays[:] = (acted.positions[:, [Joint.SPINE_MID], :2]) / acted.positions[:, [Joint.SPINE_MID], 2:]
    rays += np.random.default_rng(0).normal(0, 0.1, rays.shape)
    return Pair(acted, rays, np.full(rays.shape[:2], 0.8, np.float32))


def film(acted: Motion) -> Pair:
    return pair(replace(acted, source=ACTED))


def test_what_the_network_should_answer_is_the_body(acted: Motion) -> None:
    rng = np.random.default_rng(0)
    rays = rng.normal(0, 0.06, (len(acted.positions), len(Keypoint), 2)).astype(np.float32)
    _, gaze = look_at(rays, np.ones(rays.shape[:2], np.float32), 0.03)
    height = np.full(len(rays), 1.6, np.float32)
    again = from_network(to_network(acted.positions, gaze, height), gaze, height)
    np.testing.assert_allclose(again, acted.positions, atol=1e-4)


def test_wherever_somebody_stands_in_the_picture_the_network_is_told_the_same() -> None:
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(0, 0.4, (len(Keypoint), 2)), np.full((len(Keypoint), 1), 3.0)], axis=1)
    points[[Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER], 1] = 0.0
    turn = about(1, np.array(0.4, np.float32))
    features = []
    for seen in (points, points @ turn):
        rays = (seen[:, :2] / seen[:, 2:]).astype(np.float32)
        features.append(look_at(rays, np.ones(len(Keypoint), np.float32), 0.03)[0])
    np.testing.assert_allclose(features[0][:46], features[1][:46], atol=0.03)


def test_batches_hold_what_their_answers_say(acted: Motion) -> None:
    other = motion("kinder_gator", convention=Convention.KINECT_V1)
    other.positions[:, [Joint.HAND_TIP_LEFT, Joint.THUMB_LEFT]] = np.nan
    batch = LiftBatches([acted, other], [pair(acted)], [film(acted)], people=40, frames=12, seed=0)()
    assert batch.features.shape == (40, 12, FEATURES)
    assert np.isfinite(batch.features).all()
    assert np.isfinite(batch.answer[..., 3 * Joint.ELBOW_LEFT]).all()
    assert set(batch.convention.tolist()) == {Convention.KINECT_V1, Convention.KINECT_V2}
    assert np.isnan(batch.answer[batch.convention == Convention.KINECT_V1][..., 3 * Joint.HAND_TIP_LEFT]).any()
    depth = np.exp(batch.answer[..., 2]) / (batch.scale * 1.7) * batch.height[:, None]
    assert (depth > 0.3).all()
    assert (depth < 12).all()


def test_a_flipped_body_keeps_its_sides(acted: Motion) -> None:
    positions = acted.positions[None].copy()
    lift_batches.flip(positions, np.array([True]))
    np.testing.assert_array_equal(positions[0, :, Joint.HAND_LEFT, 0], -acted.positions[:, Joint.HAND_RIGHT, 0])
    np.testing.assert_array_equal(positions[0, :, :, 1], acted.positions[:, list(JOINT_FLIP), 1])


def test_borrowed_arms_keep_their_length_and_hang_on_their_new_shoulders(acted: Motion) -> None:
    one, other = acted.positions[None, :10], acted.positions[None, 20:30] @ about(1, np.array(1.0, np.float32))
    height = np.array([1.7], np.float32)
    mixed = with_limbs_of(one, height, other, 2 * height, ARMS)
    unchanged = [j for j in Joint if j not in {joint for arm in ARMS.values() for joint in arm}]
    np.testing.assert_array_equal(mixed[:, :, unchanged], one[:, :, unchanged])

    def upper_arm(positions: FloatArray) -> FloatArray:
        return np.linalg.norm(positions[:, :, Joint.ELBOW_LEFT] - positions[:, :, Joint.SHOULDER_LEFT], axis=-1)

    np.testing.assert_allclose(upper_arm(mixed), upper_arm(other) / 2, rtol=1e-4)


def test_waving_arms_keep_their_length_and_all_else_stays(acted: Motion) -> None:
    waved = with_waving_arms(acted.positions[None], np.random.default_rng(0))[0]
    unchanged = [j for j in Joint if j not in {joint for arm in ARMS.values() for joint in arm}]
    np.testing.assert_array_equal(waved[:, unchanged], acted.positions[:, unchanged])
    for start, end in ((Joint.SHOULDER_LEFT, Joint.ELBOW_LEFT), (Joint.ELBOW_RIGHT, Joint.WRIST_RIGHT)):
        lengths = [np.linalg.norm(p[:, end] - p[:, start], axis=1) for p in (waved, acted.positions)]
        np.testing.assert_allclose(*lengths, rtol=1e-3)
    speed = np.linalg.norm(np.diff(waved[:, Joint.WRIST_LEFT] - waved[:, Joint.SHOULDER_LEFT], axis=0), axis=1)
    assert 0 < speed.max() < 0.3  # metres from frame to frame


def test_a_turn_in_the_waist_keeps_bones_and_legs(acted: Motion) -> None:
    turned = turned_in_waist(acted.positions[None], np.full((1, len(acted.positions)), 0.8, np.float32))[0]
    np.testing.assert_array_equal(turned[:, Joint.KNEE_LEFT], acted.positions[:, Joint.KNEE_LEFT])
    for a, b in ((Joint.SHOULDER_LEFT, Joint.ELBOW_LEFT), (Joint.SPINE_BASE, Joint.HEAD)):
        lengths = [np.linalg.norm(p[:, a] - p[:, b], axis=1) for p in (turned, acted.positions)]
        np.testing.assert_allclose(*lengths, rtol=1e-4)


def test_motion_capture_is_turned_towards_the_camera(acted: Motion) -> None:
    away = replace(acted, positions=acted.positions @ about(1, np.array(2.0, np.float32)))
    assert np.mean([facing(p) for p in towards_camera(away).positions], axis=0)[2] < -0.7


def test_the_loss_is_nothing_for_the_truth_and_grows_with_the_error(acted: Motion) -> None:
    batch = LiftBatches([acted], [], [], people=8, frames=6, seed=0)()
    truth = np.concatenate([np.nan_to_num(batch.answer), np.zeros((8, 6, 2), np.float32)], axis=2)
    _, none = lift_loss(torch.from_numpy(truth), batch)
    assert none["place_mm"] < 1
    truth[..., 3 * Joint.HEAD] += 0.1
    _, some = lift_loss(torch.from_numpy(truth), batch)
    assert some["place_mm"] == pytest.approx(1000 * 0.1 * batch.height.mean() / 22.6, rel=0.1)


@pytest.fixture
def few_motions(acted: Motion, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = ("gtu_action3d", "kinder_gator", "utd_mhad")
    monkeypatch.setattr(lift_recipe, "training_motions", lambda data, limit: [motion(s, 24) for s in sources])
    monkeypatch.setattr(lift_recipe, "choice_motions", lambda data, limit: [motion(s, 24) for s in sources[1:] * 4])
    monkeypatch.setattr(lift_recipe, "read_acted", lambda path: [film(motion())] * 3)


def options(tmp_path: Path, **others: object) -> LiftOptions:
    small = LiftOptions(
        tmp_path, tmp_path / "pairs", tmp_path / "acted.npz", tmp_path / "out", 2, steps=3, people=6, frames=8, width=24
    )
    return replace(small, **others)


@pytest.mark.usefixtures("few_motions")
def test_a_run_that_was_interrupted_goes_on_and_what_is_shipped_answers_alike(tmp_path: Path) -> None:
    train(options(tmp_path, epochs=1))
    weights = train(options(tmp_path, resume=True))
    history = json.loads((tmp_path / "out" / "history.json").read_text(encoding="utf-8"))
    assert [h["epoch"] for h in history] == [0, 1]
    assert all(np.isfinite(list(h.values())).all() for h in history)
    assert (tmp_path / "out" / "curve.png").stat().st_size > 1000
    onnx, small = export_lift(weights, tmp_path / "shipped")
    again = train(options(tmp_path, out=tmp_path / "again", init=small, epochs=1, steps=1, rate=1e-9))
    before, after = (torch.load(path, weights_only=True) for path in (weights, again))
    torch.testing.assert_close(before["mix.weight"], after["mix.weight"], atol=1e-3, rtol=0.01)
    assert BodyLift(onnx) is not None


@pytest.mark.parametrize("convention", [Convention.KINECT_V2, Convention.KINECT_V1])
def test_numpy_torch_and_onnx_say_the_same(tmp_path: Path, convention: Convention) -> None:
    torch.manual_seed(0)
    network = Trained(32)
    torch.nn.init.normal_(network.convention.weight)
    weights = tmp_path / "lift.pt"
    torch.save(network.state_dict(), weights)
    onnx, _ = export_lift(weights, tmp_path)
    features = np.random.default_rng(0).normal(size=(10, FEATURES)).astype(np.float32)
    with torch.no_grad():
        expected = network(torch.from_numpy(features)[None], torch.tensor([int(convention)]))[0].numpy()
    ours, engine = LiftNetwork(onnx, convention), openvino.Core().compile_model(str(onnx), "CPU", OPTIONS)
    memory, state = np.zeros((1, 32), np.float32), np.zeros((1, 32), np.float32)
    for row, truth in zip(features, expected, strict=True):
        answer, memory = ours(row[None], memory)
        np.testing.assert_allclose(answer[0], truth, atol=1e-4)
        outputs = engine([row[None], state, np.array([int(convention)])])
        np.testing.assert_allclose(outputs[0][0], truth, atol=1e-3)
        state = outputs[1].copy()


def test_pairs_are_read_as_they_were_written(tmp_path: Path, acted: Motion) -> None:
    one = pair(acted)
    np.savez(tmp_path / "clip.npz", position=acted.positions, rays=one.rays, confidence=one.confidence)
    (again,) = read_pairs(tmp_path)
    assert again.motion.name == "clip"
    np.testing.assert_array_equal(again.rays, one.rays)
