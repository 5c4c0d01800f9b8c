"""Calibrate a camera by a person of known height who walks about in front of it.

Feet and head of somebody upright tell how the camera stands (`models.standing`), and so does its focal length, if it
looks up or down. What is left open then, above all for a level camera, follows from the walk: people do not walk faster
towards a camera than past it.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from bridge.calibration import Calibration, CalibrationError, key
from models.body import BodyFrame, FloatArray
from models.camera import PinholeCamera
from models.standing import Feet, Fit, PoleBook, Poles, fit, upright

NEEDED = 20.0
"""Seconds of somebody upright in view."""

FEWEST = 5.0
"""Seconds that will do if there is no more."""

FROM_FAR = 1.4
"""How much larger the person must appear at the nearest than at the farthest place."""

ACROSS = 0.35
"""Share of the picture's width that the person must cross."""

PACE_ERROR = 0.15
"""How evenly people walk: standard deviation of the logarithm of their speed."""

_STRIDE_TIME = 0.9  # seconds of walking that a speed is measured over
_AVERAGE_TIME = 0.4
_WALKS = 0.35  # metres per second
_STRAIGHT = 0.15  # of the way that somebody who walks straight may be beside its middle

DoubleArray = npt.NDArray[np.float64]


class Walk:
    """Watches a person walk.

    Parameters
    ----------
    height : float
        The person's, in metres.
    """

    def __init__(self, height: float) -> None:
        self._height = height
        self._book, self._feet = PoleBook(), Feet()
        self._seconds, self._before = 0.0, -math.inf
        self._track: list[tuple[float, DoubleArray]] = []
        self._size = (0, 0)

    def look(self, frame: BodyFrame) -> bool:
        """Take in a frame; whether somebody stands or walks upright in it, whole."""
        if not frame.bodies:
            return False
        if self._size not in ((0, 0), frame.image_size):
            raise CalibrationError(f"pictures of several sizes: {self._size} and {frame.image_size}")
        self._size = frame.image_size
        keypoints = max((body.keypoints for body in frame.bodies), key=_extent)
        levels = upright(keypoints) if _inside(keypoints, self._size) else None
        if levels is None:
            return False
        if self._feet.rest(frame.time, keypoints):
            self._book.add(frame.time, levels, self._height)
        self._track.append((frame.time, levels))
        self._seconds += min(frame.time - self._before, 0.1)
        self._before = frame.time
        return True

    def missing(self) -> list[str]:
        """What is still needed, in words; nothing once there is enough."""
        if self._seconds < 1.0:
            return ["somebody upright, alone, seen from head to foot"]
        levels = np.array([levels for _, levels in self._track])
        sizes = np.linalg.norm(levels[:, -1] - levels[:, 0], axis=1)
        near, far = np.percentile(sizes, [97, 3])
        left, right = np.percentile(levels[:, 0, 0], [3, 97])
        wanted = []
        if near < FROM_FAR * far:
            wanted.append("walk towards the camera and away from it")
        if right - left < ACROSS * self._size[0]:
            wanted.append("walk from side to side")
        if not wanted and self._seconds < NEEDED:
            wanted.append(f"go on for {NEEDED - self._seconds:.0f} s")
        return wanted

    def calibration(self, source: str) -> Calibration:
        """The camera that saw the walk.

        Raises
        ------
        CalibrationError
            If too little was seen.
        """
        poles = self._book.poles()
        if self._seconds < FEWEST or not len(poles.levels):
            raise CalibrationError(
                f"{source}: somebody upright, from head to foot, was seen for {self._seconds:.0f} s; {FEWEST:.0f} are "
                "needed: step back until your feet are in the picture"
            )
        start = PinholeCamera.from_fov(*self._size)
        result = fit_walk(poles, self._track, start, self._height)
        stance = result.stance
        return Calibration(
            key(source),
            self._size,
            start.focal * math.exp(stance.focal),
            (start.centre_u, start.centre_v),
            (),
            result.error.focal,
            "person",
            datetime.date.today().isoformat(),
            replace(stance, focal=0.0),
        )


def fit_walk(poles: Poles, track: list[tuple[float, DoubleArray]], camera: PinholeCamera, height: float) -> Fit:
    """How a camera stands and what its focal length is, from standing people and from how somebody walks.

    Parameters
    ----------
    poles : Poles
    track : list of (float, (5, 2) array)
        Time and levels of the one who walks.
    camera : PinholeCamera
        To start from.
    height : float
        Metres.
    """
    first = fit(poles, camera)
    times, levels = _averaged(track)
    walk = Poles(levels, np.zeros(len(levels)), np.full(len(levels), height))  # they say where, and nothing else
    both = Poles(*(np.concatenate(pair) for pair in zip(_parts(poles), _parts(walk), strict=True)))
    places = fit(both, camera, begin=first.stance, iterations=1).places[len(poles.looks) :]
    strides = _strides(times, places)
    if len(strides) < 4:
        return first
    return fit(both, camera, more=_even_pace(len(poles.looks), strides, times), begin=first.stance)


def _parts(poles: Poles) -> tuple[DoubleArray, DoubleArray, DoubleArray]:
    return poles.levels, poles.looks, poles.heights


def _averaged(track: list[tuple[float, DoubleArray]]) -> tuple[DoubleArray, DoubleArray]:
    """Times (n,) and levels (n, 5, 2), each the mean of `_AVERAGE_TIME`."""
    all_times, all_levels = np.array([time for time, _ in track]), np.array([levels for _, levels in track])
    bins = np.floor((all_times - all_times[0]) / _AVERAGE_TIME).astype(int)
    kept = [bins == number for number in np.unique(bins) if (bins == number).sum() >= 3]
    times = np.array([all_times[use].mean() for use in kept])
    return times, np.array([all_levels[use].mean(axis=0) for use in kept]).reshape(-1, *all_levels.shape[1:])


def _strides(times: DoubleArray, places: DoubleArray) -> list[tuple[int, int]]:
    """From where to where somebody walks straight on for `_STRIDE_TIME`."""
    found = []
    for start in range(len(times)):
        end = int(np.searchsorted(times, times[start] + _STRIDE_TIME - 1e-6))
        if end >= len(times) or times[end] - times[start] > 1.5 * _STRIDE_TIME:
            continue
        way = places[end] - places[start]
        length = float(np.hypot(*way))
        between = np.linspace(places[start], places[end], end - start + 1) - places[start : end + 1]
        if length > _WALKS * (times[end] - times[start]) and np.abs(between).max() < _STRAIGHT * length:
            found.append((start, end))
    return found


def _even_pace(
    skipped: int, strides: list[tuple[int, int]], times: DoubleArray
) -> Callable[[DoubleArray], DoubleArray]:
    """Residuals of how evenly somebody walks: places (n, 2), of which the first are not of the walk."""
    starts, ends = (np.array(part) for part in zip(*strides, strict=True))
    seconds = times[ends] - times[starts]
    overlap = 2.0 * _STRIDE_TIME / _AVERAGE_TIME / 2  # strides that share a part of the walk are not independent

    def residuals(places: DoubleArray) -> DoubleArray:
        walk = places[skipped:]
        speed = np.log(np.linalg.norm(walk[ends] - walk[starts], axis=1) / seconds)
        return np.asarray((speed - np.median(speed)) / PACE_ERROR / math.sqrt(overlap))

    return residuals


def _inside(keypoints: FloatArray, size: tuple[int, int]) -> bool:
    points = keypoints[keypoints[:, 2] > 0.3, :2]
    return bool((points > 1).all() and (points < np.array(size) - 2).all())


def _extent(keypoints: FloatArray) -> float:
    """How large somebody appears."""
    points = keypoints[keypoints[:, 2] > 0.3, :2]
    return float(np.ptp(points, axis=0).sum()) if len(points) else 0.0
