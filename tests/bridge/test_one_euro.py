"""One-Euro calms what rests, follows what moves, and counts in seconds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from bridge.one_euro import OneEuro, PointSmoother, blend
from models.body import FloatArray

Times = npt.NDArray[np.float64]


def smoothed(times: Times, signal: FloatArray) -> FloatArray:
    smoother = PointSmoother()
    return np.stack([smoother(float(time), points) for time, points in zip(times, signal, strict=True)])


def regular(seconds: float, rate: float = 30.0) -> Times:
    return np.arange(round(seconds * rate)) / rate


def along_x(x: Times) -> FloatArray:
    """One point (times, 1, 3) two metres away."""
    return np.stack([x, np.zeros_like(x), np.full_like(x, 2.0)], axis=-1)[:, None].astype(np.float32)


def test_a_resting_point_is_calmer() -> None:
    rng = np.random.default_rng(0)
    times = regular(10)
    noisy = (along_x(np.zeros(len(times))) + rng.normal(0, 0.01, (len(times), 1, 3))).astype(np.float32)
    calm = smoothed(times, noisy)
    assert calm[30:].std(axis=0).max() < 0.55 * noisy[30:].std(axis=0).min()
    assert np.abs(np.diff(calm[30:], axis=0)).mean() < 0.3 * np.abs(np.diff(noisy[30:], axis=0)).mean()


@pytest.mark.parametrize(("speed", "most"), [(0.5, 0.06), (1.0, 0.04), (3.0, 0.02)])
def test_a_moving_point_lags_little(speed: float, most: float) -> None:
    times = regular(2)
    signal = along_x(speed * times)
    behind = (signal - smoothed(times, signal))[-1, 0, 0] / speed
    assert 0.0 <= behind < most


def test_irregular_steps_give_the_same_result() -> None:
    rng = np.random.default_rng(1)
    even = regular(4)
    uneven = np.sort(np.concatenate([[0.0], rng.uniform(0, 4, 160)]))
    a = smoothed(even, along_x(0.3 * np.sin(2 * np.pi * 0.7 * even)))[:, 0, 0]
    b = smoothed(uneven, along_x(0.3 * np.sin(2 * np.pi * 0.7 * uneven)))[:, 0, 0]
    late = even > 0.5
    assert np.abs(a - np.interp(even, uneven, b))[late].max() < 0.02


def test_the_first_points_pass_unchanged() -> None:
    points = along_x(np.array([0.3]))[0]
    np.testing.assert_array_equal(PointSmoother()(5.0, points), points)


def test_a_point_that_is_no_number_keeps_its_place_and_comes_back() -> None:
    smoother = PointSmoother()
    points = along_x(np.array([0.3]))[0]
    smoother(0.0, points)
    np.testing.assert_allclose(smoother(0.1, np.full_like(points, np.nan)), points)
    np.testing.assert_allclose(smoother(0.2, points), points)


def test_a_point_that_began_as_no_number_starts_when_it_comes() -> None:
    smoother = PointSmoother()
    points = along_x(np.array([0.3]))[0]
    smoother(0.0, np.full_like(points, np.nan))
    np.testing.assert_allclose(smoother(0.1, points), points)


def test_after_a_gap_it_starts_anew() -> None:
    smoother = PointSmoother(OneEuro(gap=0.5))
    smoother(0.0, along_x(np.array([0.0]))[0])
    far = along_x(np.array([1.0]))[0]
    np.testing.assert_array_equal(smoother(0.6, far), far)


def test_two_frames_of_one_moment_change_nothing() -> None:
    smoother = PointSmoother()
    first = smoother(0.0, along_x(np.array([0.0]))[0])
    np.testing.assert_array_equal(smoother(0.0, along_x(np.array([1.0]))[0]), first)


def test_the_input_is_left_alone() -> None:
    smoother = PointSmoother()
    for time in (0.0, 0.1):
        points = along_x(np.array([time]))[0]
        before = points.copy()
        result = smoother(time, points)
        np.testing.assert_array_equal(points, before)
        assert result is not points
        assert result.dtype == np.float32


def test_two_half_steps_blend_as_one_whole() -> None:
    whole, half = (float(blend(dt, 1.5)) for dt in (0.1, 0.05))
    assert 1 - (1 - half) ** 2 == pytest.approx(whole, rel=1e-5)


def test_pixels_are_smoothed_as_the_metres_that_they_stand_for() -> None:
    times = regular(2)
    metres = along_x(0.7 * times)
    smoother = PointSmoother()
    pixels = [smoother(float(t), p * 400.0, metres=1 / 400.0) for t, p in zip(times, metres, strict=True)]
    np.testing.assert_allclose(np.stack(pixels) / 400.0, smoothed(times, metres), atol=1e-4)


def test_a_point_that_was_lost_for_long_starts_where_it_is_found() -> None:
    smoother = PointSmoother(OneEuro(gap=0.5))
    smoother(0.0, along_x(np.array([0.0]))[0])
    for frame in range(1, 31):
        smoother(frame / 30, np.full((1, 3), np.nan, np.float32))
    found = along_x(np.array([2.0]))[0]
    np.testing.assert_allclose(smoother(31 / 30, found), found)
