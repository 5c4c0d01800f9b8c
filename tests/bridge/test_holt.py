"""The Kinect v1's smoothing: its five parameters do what its documentation says, at any frame rate."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.holt import Holt, HoltSmoother
from models.body import FloatArray

KINECT = Holt()


def along_x(x: FloatArray | list[float]) -> FloatArray:
    """One point (times, 1, 3) that moves along x."""
    values = np.asarray(x, np.float32)
    return np.stack([values, np.zeros_like(values), np.full_like(values, 2.0)], axis=-1)[:, None]


def smoothed(x: FloatArray | list[float], settings: Holt = KINECT, rate: float = 30.0) -> FloatArray:
    smoother = HoltSmoother(settings)
    return np.array([smoother(i / rate, point)[0, 0] for i, point in enumerate(along_x(x))])


def by_the_sample(x: list[float], settings: Holt) -> list[float]:
    """Microsoft's sample for one coordinate, step by step, at its 30 frames a second."""
    results, filtered, trend, before = [], 0.0, 0.0, 0.0
    for frame, raw in enumerate(x):
        previous = filtered
        if frame == 0:
            filtered = raw
        elif frame == 1:
            filtered = (raw + before) / 2
        else:
            size = abs(raw - previous)
            share = min(size / settings.jitter_radius, 1.0) if settings.jitter_radius else 1.0
            calm = raw * share + previous * (1 - share)
            filtered = calm * (1 - settings.smoothing) + (previous + trend) * settings.smoothing
        if frame:
            trend = (filtered - previous) * settings.correction + trend * (1 - settings.correction)
        ahead = filtered + trend * settings.prediction
        away = abs(ahead - raw)
        if away > settings.max_deviation_radius:
            ahead = raw + (ahead - raw) * settings.max_deviation_radius / away
        results.append(ahead)
        before = raw
    return results


@pytest.mark.parametrize("settings", [Holt(), Holt(0.5, 0.1, 0.5, 0.1, 0.1), Holt(0.7, 0.3, 1.0, 1.0, 1.0)])
def test_at_thirty_frames_a_second_it_is_microsofts(settings: Holt) -> None:
    rng = np.random.default_rng(0)
    walk = np.cumsum(rng.normal(0, 0.02, 90)).tolist()
    np.testing.assert_allclose(smoothed(walk, settings), by_the_sample(walk, settings), atol=1e-5)


def test_the_defaults_are_those_of_the_sdk() -> None:
    assert Holt() == Holt(0.5, 0.5, 0.5, 0.05, 0.04)


def test_no_smoothing_gives_the_raw_data() -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, 50)
    np.testing.assert_allclose(smoothed(noise, Holt(smoothing=0.0)), noise, atol=1e-6)


def test_the_result_is_never_further_from_the_data_than_allowed() -> None:
    jumps = np.repeat([0.0, 1.0, -0.5, 0.3], 15)
    assert np.abs(smoothed(jumps, Holt(0.9, 0.1, 0.0, 0.0, 0.04)) - jumps).max() < 0.0401


def test_more_smoothing_is_calmer_and_later() -> None:
    rng = np.random.default_rng(2)
    noise, ramp = rng.normal(0, 0.01, 200), np.arange(60) / 30
    loose = {"jitter_radius": 0.0, "max_deviation_radius": 9.0, "prediction": 0.0, "correction": 0.1}
    little, much = Holt(0.3, **loose), Holt(0.8, **loose)
    assert smoothed(noise, much)[20:].std() < smoothed(noise, little)[20:].std() < noise[20:].std()
    assert (ramp - smoothed(ramp, much))[20] > (ramp - smoothed(ramp, little))[20] > 0


@pytest.mark.parametrize("rate", [15.0, 60.0, 120.0])
@pytest.mark.parametrize("settings", [Holt(), Holt(0.7, 0.3, 1.0, 1.0, 1.0)])
def test_other_frame_rates_give_the_same_curve(rate: float, settings: Holt) -> None:
    def gesture(times: FloatArray) -> FloatArray:
        return np.asarray(0.4 * np.sin(2 * np.pi * 0.5 * times), np.float32)

    seconds = np.arange(4 * 30) / 30
    usual = smoothed(gesture(seconds), settings)
    times = np.arange(round(4 * rate)) / rate
    other = np.interp(seconds, times, smoothed(gesture(times), settings, rate))
    assert np.abs(usual - other)[30:-3].max() < 0.025
    assert np.abs(usual - other)[30:-3].mean() < 0.015


def test_unsure_joints_have_twice_the_radii() -> None:
    moves = along_x([0.0, 0.0, 0.06, 0.06])
    results = []
    for unsure in (False, True):
        smoother = HoltSmoother(Holt(jitter_radius=0.05, max_deviation_radius=9.0))
        results.append([smoother(i / 30, p, np.array([unsure]))[0, 0] for i, p in enumerate(moves)][2])
    assert results[1] < results[0]


def test_after_a_gap_it_starts_anew() -> None:
    smoother = HoltSmoother()
    smoother(0.0, along_x([0.0])[0])
    np.testing.assert_array_equal(smoother(2.0, along_x([1.0])[0]), along_x([1.0])[0])


@pytest.mark.parametrize(
    "wrong", [{"smoothing": 1.5}, {"correction": -0.1}, {"jitter_radius": -1.0}, {"prediction": np.inf}]
)
def test_impossible_parameters_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Holt(**wrong)
