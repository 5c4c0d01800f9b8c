"""How long each stage of a frame takes.

Stages are summed over one frame and kept as one number for it; times are in seconds, summaries in milliseconds.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

KEPT = 36_000
"""Frames that a stage remembers: twenty minutes at 30 Hz, so that a run of days does not fill the memory."""

PERCENTILES = (50, 95, 99)
CAPTURE_TO_WIRE = "capture_to_wire"
"""The stage from a frame's capture to the last byte of its bodies handed to the socket."""

GESTURES_TO_WIRE = "gestures_to_wire"
"""The same of its gestures, which are told after the bodies."""

Summary = dict[str, dict[str, float]]


class StageTimes:
    """Seconds that each stage took in each frame, the newest `KEPT` of them."""

    def __init__(self) -> None:
        self._seconds: dict[str, deque[float]] = {}

    def add(self, stage: str, seconds: float) -> None:
        """Remember that ``stage`` took ``seconds`` in one frame."""
        self._seconds.setdefault(stage, deque(maxlen=KEPT)).append(seconds)

    def summary(self) -> Summary:
        """For each stage ``p50``, ``p95``, ``p99`` in milliseconds and the ``count`` of frames that had it."""
        return {stage: _row(list(seconds)) for stage, seconds in self._seconds.items()}


def _row(seconds: list[float]) -> dict[str, float]:
    values = np.percentile(np.array(seconds) * 1000.0, PERCENTILES)
    row = {f"p{percent}": round(float(value), 3) for percent, value in zip(PERCENTILES, values, strict=True)}
    return {**row, "count": len(seconds)}


class Stopwatch:
    """Measures the stages of one frame after the other.

    Parameters
    ----------
    now : callable
        The clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self.clear()

    def clear(self) -> None:
        """Forget everything so far."""
        self.times = StageTimes()
        self._frame: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens inside towards stage ``name`` of the current frame."""
        start = self._now()
        try:
            yield
        finally:
            self._frame[name] = self._frame.get(name, 0.0) + self._now() - start

    def end_frame(self) -> None:
        """Close the current frame."""
        for name, seconds in self._frame.items():
            self.times.add(name, seconds)
        self._frame.clear()


def as_table(summary: Summary) -> str:
    """A summary as lines of text, a stage each."""
    lines = [f"{'stage':<16}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'frames':>9}"]
    for stage, row in summary.items():
        lines.append(f"{stage:<16}{row['p50']:>9.2f}{row['p95']:>9.2f}{row['p99']:>9.2f}{row['count']:>9.0f}")
    return "\n".join(lines)
