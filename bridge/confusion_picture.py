"""A confusion matrix as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.body import ByteArray

CELL, MARGIN = 26, 12
_FONT, _SIZE = cv2.FONT_HERSHEY_SIMPLEX, 0.42
_DARK = (60, 42, 20)


def draw_confusion(names: Sequence[str], confusion: npt.NDArray[np.intp], title: str) -> ByteArray:
    """A picture (height, width, 3): a row for each gesture, the darker the more often it was taken for the column's."""
    widest = max(cv2.getTextSize(name, _FONT, _SIZE, 1)[0][0] for name in names)
    side, left, top = CELL * len(names), widest + 2 * MARGIN, widest + 4 * MARGIN
    picture = np.full((top + side + 2 * MARGIN, max(left + side + 2 * MARGIN, 420), 3), 255, np.uint8)
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    cv2.putText(picture, title, (MARGIN, 2 * MARGIN), _FONT, 0.5, _DARK, 1, cv2.LINE_AA)
    for row, name in enumerate(names):
        y = top + row * CELL
        (width, _), _ = cv2.getTextSize(name, _FONT, _SIZE, 1)
        cv2.putText(picture, name, (left - MARGIN - width, y + 17), _FONT, _SIZE, _DARK, 1, cv2.LINE_AA)
        label = np.full((CELL, widest + MARGIN, 3), 255, np.uint8)
        cv2.putText(label, name, (0, 17), _FONT, _SIZE, _DARK, 1, cv2.LINE_AA)
        x = left + row * CELL
        picture[top - label.shape[1] : top, x : x + CELL] = cv2.rotate(label, cv2.ROTATE_90_COUNTERCLOCKWISE)
        for column, share in enumerate(shares[row]):
            _draw_cell(picture, left + column * CELL, y, float(share), int(confusion[row, column]), row == column)
    return picture


def save_confusion(path: Path, picture: ByteArray) -> None:
    """Write it as PNG; an OSError names the file."""
    encoded, data = cv2.imencode(".png", picture)
    assert encoded
    path.write_bytes(data.tobytes())


def _draw_cell(picture: ByteArray, x: int, y: int, share: float, count: int, right: bool) -> None:
    full = np.array((150, 84, 30) if right else (40, 60, 200))
    colour = tuple(int(v) for v in 255 + (full - 255) * share**0.6)
    cv2.rectangle(picture, (x, y), (x + CELL - 2, y + CELL - 2), colour, -1)
    if count:
        ink = (255, 255, 255) if share > 0.5 else _DARK
        text = str(count)
        (width, _), _ = cv2.getTextSize(text, _FONT, 0.36, 1)
        cv2.putText(picture, text, (x + (CELL - 2 - width) // 2, y + 17), _FONT, 0.36, ink, 1, cv2.LINE_AA)
