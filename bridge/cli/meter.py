"""Counts what a run did: frames, those with somebody in them, and how long ago their pictures were taken."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from models.body import BodyFrame

RECENT = 120
"""Frames over which the status line shows the median latency."""


class Meter:
    """Counts the frames of one run, which starts now.

    Parameters
    ----------
    now : callable
        The clock.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.frames = 0
        self.with_body = 0
        self._now = now
        self._start = self._told = now()
        self._told_frames = 0
        self._bodies = 0
        self._ages: deque[float] = deque(maxlen=RECENT)

    def count(self, frame: BodyFrame, age: float | None) -> None:
        """Take note of a frame whose picture was ``age`` seconds old when it had been published."""
        self.frames += 1
        self.with_body += bool(frame.bodies)
        self._bodies = len(frame.bodies)
        if age is not None:
            self._ages.append(age)

    def status(self) -> str | None:
        """One line about the last second, once a second; otherwise None."""
        now = self._now()
        if now - self._told < 1.0:
            return None
        rate = (self.frames - self._told_frames) / (now - self._told)
        self._told, self._told_frames = now, self.frames
        parts = [f"{rate:.0f} frames/s", f"{self._bodies} {'body' if self._bodies == 1 else 'bodies'}"]
        if self._ages:
            parts.append(f"{np.median(self._ages) * 1000:.1f} ms latency")
        return ", ".join(parts)

    def total(self) -> str:
        """One line about the whole run."""
        return f"{self.frames} frames in {self._now() - self._start:.1f} s, {self.with_body} of them with a body"

    def summary(self) -> dict[str, Any]:
        """The same for programs."""
        seconds = self._now() - self._start
        return {
            "frames": self.frames,
            "frames_with_body": self.with_body,
            "seconds": round(seconds, 3),
            "fps": round(self.frames / seconds, 2) if seconds > 0 else 0.0,
        }


def write_stats(path: Path, summary: Mapping[str, Any]) -> None:
    """Write ``summary`` as a JSON object."""
    path.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
