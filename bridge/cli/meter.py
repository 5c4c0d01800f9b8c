"""Counts what a run did: frames, bodies, and the time from a picture to the last byte published."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from models.body import BodyFrame

RECENT = 120
"""Latencies of which the status line shows the median."""


class Meter:
    """Counts the frames of one run.

    Parameters
    ----------
    start : float
        When the run started, in seconds.
    """

    def __init__(self, start: float) -> None:
        self.frames = 0
        self.with_body = 0
        self._start = start
        self._latest = start
        self._bodies = 0
        self._recent: deque[float] = deque(maxlen=RECENT)
        self._shown = start
        self._shown_frames = 0

    def count(self, frame: BodyFrame, now: float, latency: float | None) -> None:
        """Take note of a frame that was published at ``now``, ``latency`` seconds after its picture was taken."""
        self.frames += 1
        self.with_body += bool(frame.bodies)
        self._bodies = len(frame.bodies)
        self._latest = now
        if latency is not None:
            self._recent.append(latency)

    def status(self, now: float) -> str | None:
        """One line about the last second, once a second; otherwise None."""
        if now - self._shown < 1.0:
            return None
        rate = (self.frames - self._shown_frames) / (now - self._shown)
        self._shown, self._shown_frames = now, self.frames
        parts = [f"{rate:.0f} frames/s", f"{self._bodies} {'body' if self._bodies == 1 else 'bodies'}"]
        if self._recent:
            parts.append(f"{np.median(self._recent) * 1000:.1f} ms")
        return "  ".join(parts)

    def total(self) -> str:
        """One line about the whole run."""
        seconds = self._latest - self._start
        return f"{self.frames} frames in {seconds:.1f} s, {self.with_body} of them with a body"

    def summary(self) -> dict[str, Any]:
        """The same for programs."""
        seconds = self._latest - self._start
        return {
            "frames": self.frames,
            "frames_with_body": self.with_body,
            "seconds": round(seconds, 3),
            "fps": round(self.frames / seconds, 2) if seconds > 0 else 0.0,
        }


def write_stats(path: Path, summary: Mapping[str, Any]) -> None:
    """Write ``summary`` as a JSON object."""
    path.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
