"""The chart of docs/smoothing.md: what each smoothing costs against what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # without a display

import matplotlib.pyplot as plt

from bridge.smoothing_evaluation import SmoothingResult


def draw_chart(path: Path, results: Mapping[str, SmoothingResult]) -> None:
    """Write lag against jitter of each preset, as PNG, PDF or SVG."""
    figure, axes = plt.subplots(figsize=(7.5, 4.8), dpi=120)
    for name, result in results.items():
        axes.scatter(result.lag_ms, result.jitter_mm, s=70, zorder=3)
        axes.annotate(name, (result.lag_ms, result.jitter_mm), (9, 6), textcoords="offset points", fontsize=11)
    axes.axhline(3.0, color="0.6", linewidth=1, linestyle="--", zorder=1)
    axes.axvline(60.0, color="0.6", linewidth=1, linestyle="--", zorder=1)
    axes.set_xlim(-8, max(result.lag_ms for result in results.values()) * 1.25 + 10)
    axes.set_ylim(0, max(result.jitter_mm for result in results.values()) * 1.15)
    axes.set_xlabel("lag of moving joints, milliseconds")
    axes.set_ylabel("jitter of joints at rest, millimetres a frame (median)")
    axes.set_title("Smoothing: what it costs and what it gives, on real videos")
    axes.grid(alpha=0.25)
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)
