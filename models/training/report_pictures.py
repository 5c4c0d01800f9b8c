"""The pictures of a fine-tuning report, each as the bytes of a PNG: bars, curves, and a contact sheet of frames."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.crop import crop, crop_transforms
from models.joints import KEYPOINT_BONES, Keypoint
from models.training.finetune_evaluation import PCK_THRESHOLD, THRESHOLDS, Judgement
from models.training.finetune_frames import LabelledFrame

BEFORE, AFTER = "#b9bec7", "#2463c4"
TILE = (240, 300)
"""Width and height of a picture on the contact sheet, in pixels."""
CAPTION = 36
"""Height of the strip below it."""
COLUMNS = 4
SURE = 0.2
"""Predicted keypoints with less confidence are not drawn."""


def bars(before: Mapping[str, float], after: Mapping[str, float]) -> bytes:
    """PCK of each joint, before and after."""
    figure, axes = _axes(8.5, 2.0 + 0.25 * len(after))
    rows = np.arange(len(after))
    for shares, place, colour, label in ((before, -0.2, BEFORE, "before"), (after, 0.2, AFTER, "after")):
        widths = [100 * shares.get(name, float("nan")) for name in after]
        drawn = axes.barh(rows + place, widths, 0.38, color=colour, label=label)
        axes.bar_label(drawn, fmt="%.1f", padding=2, fontsize=7)
    axes.set(xlabel=f"PCK@{PCK_THRESHOLD}, percent", xlim=(0, 108), yticks=rows)
    axes.set_yticklabels([name.replace("_", " ") for name in after])
    axes.invert_yaxis()
    figure.legend(loc="outside upper center", ncols=2, fontsize=8)
    return _png(figure)


def curves(before: Judgement, after: Judgement) -> bytes:
    """PCK over the thresholds, before and after."""
    figure, axes = _axes(6.5, 3.8)
    for judged, colour, label in ((before, BEFORE, "before"), (after, AFTER, "after")):
        axes.plot(THRESHOLDS, 100 * judged.curve, color=colour, label=f"{label}: {judged.pck:.1%} at {PCK_THRESHOLD}")
    axes.axvline(PCK_THRESHOLD, color="#888888", linewidth=0.8, linestyle=":")
    axes.set(xlabel="threshold, torsos", ylabel="limb joints right, percent", xlim=(0, THRESHOLDS[-1]), ylim=(0, 101))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", fontsize=8)
    return _png(figure)


def loss_curve(losses: Sequence[float]) -> bytes:
    """The loss over the steps, averaged a little."""
    figure, axes = _axes(6.5, 2.6)
    width = max(1, len(losses) // 60)
    smooth = np.convolve(losses, np.full(width, 1 / width), "valid") if len(losses) else np.zeros(0)
    axes.plot(np.arange(len(smooth)) + width, smooth, color=AFTER)
    axes.set(xlabel="step", ylabel="loss")
    axes.grid(alpha=0.3)
    return _png(figure)


def contact_sheet(frames: Sequence[LabelledFrame], judged: Judgement, chosen: Sequence[int]) -> bytes:
    """The ``chosen`` frames: labels in white, predictions coloured by side, the mean error below."""
    tiles = [_tile(frames[i], judged.predicted[i], judged.errors[i]) for i in chosen]
    blank = np.full((TILE[1] + CAPTION, TILE[0], 3), 255, np.uint8)
    tiles += [blank] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[i : i + COLUMNS]) for i in range(0, len(tiles), COLUMNS)]
    _, png = cv2.imencode(".png", np.vstack(rows or [blank]))
    return bytes(png.tobytes())


def _tile(frame: LabelledFrame, predicted: FloatArray, errors: npt.NDArray[np.float64]) -> ByteArray:
    matrix = crop_transforms(frame.box[None], TILE, 1.5)[0]
    canvas = crop(frame.picture(), matrix, TILE)
    for points, known, colours in (
        (frame.target[:, :2], frame.target[:, 2] > 0, ((255, 255, 255),) * 3),
        (predicted[:, :2], predicted[:, 2] > SURE, ((60, 150, 255), (240, 240, 240), (235, 190, 60))),
    ):
        _draw(canvas, points @ matrix[:, :2].T + matrix[:, 2], known, colours)
    known_errors = errors[np.isfinite(errors)]
    text = f"{frame.clip[-22:]} {frame.time:.1f}s"
    error = f"{known_errors.mean():.2f} torsos" if len(known_errors) else "not measured"
    strip = np.full((CAPTION, TILE[0], 3), 255, np.uint8)
    for line, y in ((text, 14), (error, 30)):
        cv2.putText(strip, line, (4, y), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (40, 40, 40), 1, cv2.LINE_AA)
    return np.vstack([canvas, strip])


def _draw(
    canvas: ByteArray,
    points: npt.NDArray[np.float64],
    known: npt.NDArray[np.bool_],
    colours: tuple[tuple[int, int, int], ...],
) -> None:
    """Draw a skeleton; colours of the left side, the middle and the right side."""
    width = 2 if len(set(colours)) > 1 else 1
    places = np.clip(points, -9999, 9999).round().astype(int).tolist()
    for a, b in KEYPOINT_BONES:
        if known[a] and known[b]:
            cv2.line(canvas, places[a], places[b], _colour(b, colours), width, cv2.LINE_AA)
    for keypoint in Keypoint:
        if known[keypoint]:
            cv2.circle(canvas, places[keypoint], width + 1, _colour(keypoint, colours), -1, cv2.LINE_AA)


def _colour(keypoint: Keypoint, colours: tuple[tuple[int, int, int], ...]) -> tuple[int, int, int]:
    return colours[0 if "LEFT" in keypoint.name else 2 if "RIGHT" in keypoint.name else 1]


def _axes(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()
