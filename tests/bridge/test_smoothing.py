"""Presets are ordered from quick to calm, and joints move as fast as they are trusted."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.holt import Holt
from bridge.one_euro import OneEuro
from bridge.smoothing import PRESETS, BodySmoother, Gate, Smoothing, parse_smoothing
from bridge.smoothing_evaluation import Watched, at_rest, correlations
from models.joints import Joint, TrackingState

TRACKED = np.full(len(Joint), TrackingState.TRACKED, np.uint8)


def body(x: float = 0.0) -> np.ndarray:
    """Joints (25, 3), all different, 2.5 m away and moved aside by ``x``."""
    positions = np.random.default_rng(0).normal((x, 0, 2.5), 0.3, (len(Joint), 3))
    return positions.astype(np.float32)


def states_with(joint: Joint, state: TrackingState) -> np.ndarray:
    states = TRACKED.copy()
    states[joint] = state
    return states


def test_trusted_joints_pass_the_gate_unchanged() -> None:
    gate = Gate()
    for frame in range(5):
        np.testing.assert_allclose(gate(frame / 30, body(0.1 * frame), TRACKED), body(0.1 * frame), atol=1e-6)


def test_a_lost_joint_goes_along_with_its_body_and_not_where_it_is_guessed() -> None:
    gate, hand = Gate(), Joint.HAND_RIGHT
    before = gate(0.0, body(), TRACKED)[hand]
    guessed = body(0.5)
    guessed[hand] += (0.0, 1.0, 0.0)
    shown = gate(1 / 30, guessed, states_with(hand, TrackingState.NOT_TRACKED))[hand]
    assert shown[0] == pytest.approx(before[0] + 0.5, abs=1e-5)
    assert shown[1] - before[1] < 0.15


def test_a_joint_that_is_found_again_glides_back_without_a_jump() -> None:
    gate, hand = Gate(), Joint.HAND_RIGHT
    gate(0.0, body(), TRACKED)
    for frame in range(1, 16):
        gate(frame / 30, body(), states_with(hand, TrackingState.NOT_TRACKED))
    found = body()
    found[hand] += (0.0, 0.9, 0.0)
    path = [gate(frame / 30, found, TRACKED)[hand, 1] - body()[hand, 1] for frame in range(16, 40)]
    steps = np.diff([0.0, *path])
    assert steps.max() < 0.35 * 0.9
    assert (steps > -1e-6).all()
    assert path[-1] == pytest.approx(0.9, abs=1e-3)


def test_unsure_joints_move_slower_and_by_seconds() -> None:
    hand, unsure = Joint.HAND_RIGHT, states_with(Joint.HAND_RIGHT, TrackingState.INFERRED)
    gone = []
    for rate in (30, 60):
        gate, aside = Gate(), body()
        aside[hand] += (0.3, 0, 0)
        gate(0.0, body(), unsure)
        for frame in range(1, rate // 10 + 1):
            shown = gate(frame / rate, aside, unsure)
        gone.append(shown[hand, 0] - body()[hand, 0])
    assert 0.1 < gone[0] < 0.29
    assert gone[1] == pytest.approx(gone[0], rel=0.02)


def test_raw_leaves_everything_as_it_is() -> None:
    smoother, points = BodySmoother(PRESETS["raw"]), np.random.default_rng(1).normal(size=(23, 2)).astype(np.float32)
    smoother.joints(0.0, body(), TRACKED)
    np.testing.assert_array_equal(smoother.keypoints(0.0, points, 0.01), points)
    lost = states_with(Joint.HAND_LEFT, TrackingState.NOT_TRACKED)
    np.testing.assert_array_equal(smoother.joints(0.1, body(1.0), lost), body(1.0))


def through(preset: str, tracks: np.ndarray) -> np.ndarray:
    """Joints (frames, 25, 3) through the filters of a preset, seen by a camera whose pixel is 4 mm there."""
    smoother, results = BodySmoother(PRESETS[preset]), []
    for frame, positions in enumerate(tracks.astype(np.float32)):
        flat = positions[:23, :2] / 0.004
        calm = positions.copy()
        calm[:23, :2] = smoother.keypoints(frame / 30, flat, 0.004) * 0.004
        results.append(smoother.joints(frame / 30, calm, TRACKED))
    return np.stack(results)


def test_presets_are_ordered_from_quick_to_calm() -> None:
    rng = np.random.default_rng(2)
    rest = body() + rng.normal(0, 0.006, (120, len(Joint), 3))
    ramp = np.repeat(body()[None], 60, axis=0)
    ramp[:, :, 0] += np.arange(60)[:, None] / 30 * 0.6
    order = ["raw", "responsive", "smooth", "cinematic"]
    jitter = [np.linalg.norm(np.diff(through(name, rest)[30:], axis=0), axis=2).mean() for name in order]
    lag = [float((ramp - through(name, ramp))[-1, :23, 0].mean()) / 0.6 for name in order]
    assert jitter == sorted(jitter, reverse=True)
    assert jitter[1] < 0.35 * jitter[0]
    assert lag == sorted(lag)
    assert lag[1] < 0.06


@pytest.mark.parametrize("preset", ["responsive", "holt"])
def test_people_who_share_a_smoother_do_not_disturb_each_other(preset: str) -> None:
    rng, together = np.random.default_rng(3), BodySmoother(PRESETS[preset])
    alone: dict[int, BodySmoother] = {}
    before: list[int] = []
    for frame, here in enumerate([[1], [1], [1, 2], [1, 2], [2, 1], [3, 2, 1], [3, 1], [3, 2, 1], [2], [2]]):
        time, alone = frame / 30, {one: alone.get(one) or BodySmoother(PRESETS[preset]) for one in here}
        together.keep(np.array([before.index(one) if one in before else -1 for one in here], np.intp))
        joints = np.array([body(one) + rng.normal(0, 0.03, (25, 3)) for one in here], np.float32)
        points = np.where(rng.random((len(here), 25, 1)) < 0.8, joints[..., :2] * 200, np.nan).astype(np.float32)
        states = rng.integers(0, 3, (len(here), 25)).astype(np.uint8)
        metres = np.array([0.003 * one for one in here], np.float32)[:, None, None]
        calm, found = together.keypoints(time, points, metres), together.joints(time, joints, states)
        for row, one in enumerate(here):
            expected = alone[one].keypoints(time, points[row], 0.003 * one)
            np.testing.assert_allclose(calm[row], expected, rtol=1e-5)
            np.testing.assert_allclose(found[row], alone[one].joints(time, joints[row], states[row]), atol=1e-5)
        before = here


@pytest.mark.parametrize("name", PRESETS)
def test_presets_have_names(name: str) -> None:
    assert parse_smoothing(name) is PRESETS[name]


def test_filters_can_be_given_by_their_numbers() -> None:
    assert parse_smoothing("holt:0.7,0.3,1,1,1") == Smoothing(None, None, Holt(0.7, 0.3, 1.0, 1.0, 1.0))
    assert parse_smoothing("one-euro:0.8,4").across == OneEuro(0.8, 4.0)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("calm", "raw, responsive"),
        ("holt:1,2", "5 numbers"),
        ("holt:2,0,0,0,0", "smoothing"),
        ("one-euro:0,1", "cutoff"),
    ],
)
def test_what_is_wrong_is_told(text: str, part: str) -> None:
    with pytest.raises(ValueError, match=part):
        parse_smoothing(text)


def wave(frames: int = 240, late: float = 0.0) -> Watched:
    """One hand that swings to and fro, ``late`` seconds after it should; everything else rests."""
    positions = np.repeat(body()[None], frames, axis=0)
    moments = np.arange(frames) / 30 - late
    positions[:, Joint.HAND_RIGHT, 0] += 0.3 * np.sin(2 * np.pi * 0.6 * moments + 2 * np.sin(moments))
    return Watched(positions.astype(np.float32), np.ones((frames, len(Joint)), bool), 1 / 30)


@pytest.mark.parametrize("late", [0.0, 0.05, 0.12])
def test_the_lag_that_is_measured_is_the_lag(late: float) -> None:
    lags = np.arange(0, 0.4, 0.002)
    agreement, count = correlations(wave(), wave(late=late), lags)
    assert count > 100
    assert lags[np.argmax(agreement)] == pytest.approx(late, abs=0.008)


def test_a_swinging_hand_is_not_at_rest_and_a_head_is() -> None:
    rest = at_rest(wave())
    assert rest[:, Joint.HEAD].all()
    assert rest[:, Joint.HAND_RIGHT].mean() < 0.05
