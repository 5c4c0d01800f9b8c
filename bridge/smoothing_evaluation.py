"""What each smoothing costs and gives on real videos: lag of joints that move against jitter of joints at rest.

Every preset sees the same keypoints: the networks look once, and what they found is played to a pipeline for each.
What is at rest, and where a moving joint really is, is told by the raw joints averaged over time to both sides, which
delays nothing. Arrays: tracks (frames, 25, 3), metres.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from bridge.kinect_evaluation import COLOUR_FOV, ClipError
from bridge.pipeline import Detector, Pipeline, Pose
from bridge.smoothing import PRESETS, Smoothing
from bridge.sources import open_source
from models.body import FloatArray
from models.joints import TrackingState

REST_SPEED = 0.03
"""Metres per second across the view; a joint that is slower for `REST_TIME` is at rest."""

REST_TIME = 0.5
"""Seconds."""

MOVING_SPEED = 0.25
"""Metres per second; lag is measured where a joint is faster."""

AVERAGING_TIME = 0.2
"""Seconds around each frame that joints are averaged over before their velocities are compared."""

LONGEST_LAG = 0.6
"""Seconds."""

MIN_FRAMES = 30
SUFFIXES = frozenset({".mp4", ".mkv", ".avi", ".mov", ".webm"})

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """The person of a clip, frame by frame.

    Attributes
    ----------
    positions : (frames, 25, 3) float32 array
    tracked : (frames, 25) bool array
    period : float
        Seconds from frame to frame.
    """

    positions: FloatArray
    tracked: BoolArray
    period: float


@dataclass(frozen=True, slots=True)
class SmoothingResult:
    """What a smoothing costs and gives.

    Attributes
    ----------
    jitter_mm : float
        Median distance from frame to frame of joints at rest.
    lag_ms : float
        The delay at which moving joints agree best with where they really are (cross-correlation).
    resting, moving : int
        How many joints in how many frames that was measured on.
    """

    jitter_mm: float
    lag_ms: float
    resting: int
    moving: int


def evaluate_smoothing(
    paths: Sequence[Path], detector: Detector, pose: Pose, presets: dict[str, Smoothing] = PRESETS
) -> dict[str, SmoothingResult]:
    """Lag and jitter of ``presets`` on videos of one person each.

    Raises
    ------
    ClipError
        If nobody rests or nobody moves in them.
    """
    clips = [_played(path, detector, pose, presets) for path in tqdm(paths, disable=None)]
    return {name: _measured([clip["raw"] for clip in clips], [clip[name] for clip in clips]) for name in presets}


def videos_in(folder: Path) -> list[Path]:
    """The videos in a folder and the folders in it.

    Raises
    ------
    ClipError
        If there is none.
    """
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not found:
        raise ClipError(f"{folder}: no video there")
    return found


class _Taped:
    """Keeps what a network answers, to give the same answers again."""

    def __init__(self, network: Callable[..., FloatArray]) -> None:
        self._network = network
        self._answers: list[FloatArray] = []
        self._next: Iterator[FloatArray] | None = None

    def rewind(self) -> None:
        """From now on, the answers so far, from the first."""
        self._next = iter(self._answers)

    def __call__(self, *asked: Any) -> FloatArray:
        if self._next is not None:
            return next(self._next).copy()
        self._answers.append(self._network(*asked))
        return self._answers[-1].copy()


def _played(path: Path, detector: Detector, pose: Pose, presets: dict[str, Smoothing]) -> dict[str, Watched]:
    fov = COLOUR_FOV if path.with_suffix(".npz").exists() else None  # a Kinect's colour camera
    tapes = _Taped(detector), _Taped(pose)
    watched = {}
    for name, smoothing in {"raw": PRESETS["raw"], **presets}.items():
        with open_source(str(path), fast=True) as source:
            watched[name] = _watched(Pipeline(*tapes, fov=fov, smoothing=smoothing), source)
        for tape in tapes:
            tape.rewind()
    return watched


def _watched(pipeline: Pipeline, frames: Iterable[object]) -> Watched:
    positions, tracked, times = [], [], []
    for frame in pipeline.bodies(frames):  # type: ignore[arg-type]
        times.append(frame.time)
        body = min(frame.bodies, key=lambda body: body.tracking_id, default=None)
        positions.append(np.full((25, 3), np.nan, np.float32) if body is None else body.positions)
        tracked.append(np.zeros(25, bool) if body is None else body.tracking_states == TrackingState.TRACKED)
    period = float(np.median(np.diff(times))) if len(times) > 1 else 1.0
    return Watched(np.array(positions), np.array(tracked), period)


def _measured(raw: Sequence[Watched], smooth: Sequence[Watched]) -> SmoothingResult:
    steps, lags = [], np.arange(0.0, LONGEST_LAG, 0.002)
    agreement, moving = np.zeros(len(lags)), 0
    for before, after in zip(raw, smooth, strict=True):
        if len(before.positions) < MIN_FRAMES:
            continue
        steps.append(np.linalg.norm(np.diff(after.positions, axis=0), axis=2)[at_rest(before)[1:]])
        correlation, count = correlations(before, after, lags)
        agreement, moving = agreement + correlation, moving + count
    resting = np.concatenate(steps) if steps else np.zeros(0)
    if not resting.size or not moving:
        raise ClipError("these videos show nobody who rests, or nobody who moves")
    return SmoothingResult(
        jitter_mm=1000 * float(np.median(resting)),
        lag_ms=1000 * float(lags[np.argmax(agreement)]),
        resting=int(resting.size),
        moving=moving,
    )


def at_rest(raw: Watched) -> BoolArray:
    """Which joints (frames, 25) are tracked and at rest, from half `REST_TIME` before to half of it after."""
    depth = np.nanmedian(raw.positions[..., 2])
    across = raw.positions[..., :2] / raw.positions[..., 2:] * depth
    slow = np.linalg.norm(_velocity(_averaged(across, REST_TIME, raw.period), raw.period), axis=2) < REST_SPEED
    return _always(slow & raw.tracked, round(REST_TIME / raw.period / 2))


def correlations(raw: Watched, smooth: Watched, lags: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], int]:
    """How well the velocities of moving joints agree with those ``lags`` seconds before, summed over joints.

    The number is how many joints in how many frames move.
    """
    here, now = (
        _velocity(_averaged(watched.positions, AVERAGING_TIME, raw.period), raw.period) for watched in (raw, smooth)
    )
    moving = (np.linalg.norm(here, axis=2) > MOVING_SPEED) & raw.tracked
    times = np.arange(len(here)) * raw.period
    total, count = np.zeros(len(lags)), 0
    for joint in np.flatnonzero(moving.sum(axis=0) >= MIN_FRAMES):
        use = _sometimes(moving[:, joint], round(LONGEST_LAG / 2 / raw.period)) & (times >= LONGEST_LAG)
        use &= np.isfinite(now[:, joint, 0])
        known = np.isfinite(here[:, joint, 0])
        for axis in range(3):
            then = np.stack([np.interp(times[use] - lag, times[known], here[known, joint, axis]) for lag in lags])
            total += (then * now[use, joint, axis]).sum(axis=1) / np.sqrt((then**2).sum(axis=1) + 1e-9)
        count += int(use.sum())
    return total, count


def _averaged(tracks: FloatArray, seconds: float, period: float) -> FloatArray:
    """The mean over a window of ``seconds`` around each frame."""
    half = max(1, round(seconds / period / 2))
    padded = np.pad(tracks, [(half, half)] + [(0, 0)] * (tracks.ndim - 1), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1, axis=0)
    return np.asarray(windows.mean(axis=-1), np.float32)


def _velocity(tracks: FloatArray, period: float) -> FloatArray:
    return np.asarray(np.gradient(tracks, period, axis=0), np.float32)


def _always(flags: BoolArray, half: int) -> BoolArray:
    """Where ``flags`` hold from ``half`` frames before to ``half`` frames after."""
    padded = np.pad(flags, [(half, half)] + [(0, 0)] * (flags.ndim - 1), mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1, axis=0).all(axis=-1))


def _sometimes(flags: BoolArray, half: int) -> BoolArray:
    return ~_always(~flags, half)
