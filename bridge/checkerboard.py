"""Calibrate a camera with a checkerboard: which views are worth keeping, which are still missing, and the result.

How different views are is measured as ROS's camera_calibration does: by where the board is, how large it appears and
how much it is turned out of the picture's plane. The size of the squares does not matter for a camera's optics.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from bridge.calibration import Calibration, CalibrationError, key
from models.body import ByteArray, FloatArray

CORNERS = (9, 6)
"""Inner corners of the usual board, across and down."""

FEWEST = 8
ENOUGH = 12
MOST = 40
WORST = 1.5
"""Pixels of a picture 640 wide that corners may be off; beyond, the views contradict each other."""

_APART = 0.2
_GOALS = {
    "at the left and the right edge": 0.7,
    "at the top and the bottom": 0.7,
    "closer, until it fills half of the picture": 0.4,
    "tilted, this way and that": 0.4,
}

DoubleArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The board in one picture: corners (n, 2) in pixels, and how it appears (4,), each about 0 to 1."""

    corners: FloatArray
    appearance: DoubleArray


def find_board(image: ByteArray, corners: tuple[int, int] = CORNERS) -> View | None:
    """The board in a picture (height, width, 3), if all of it is there."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    found, points = cv2.findChessboardCornersSB(grey, corners, flags=cv2.CALIB_CB_NORMALIZE_IMAGE)
    if not found:
        return None
    points = np.asarray(points, np.float32).reshape(-1, 2)
    return View(points, _appearance(points, corners, (image.shape[1], image.shape[0])))


def _appearance(points: FloatArray, corners: tuple[int, int], size: tuple[int, int]) -> DoubleArray:
    grid = points.reshape(corners[1], corners[0], 2)
    outline = np.array([grid[0, 0], grid[0, -1], grid[-1, -1], grid[-1, 0]])
    area = float(cv2.contourArea(outline))
    middle, border = points.mean(axis=0), np.sqrt(area)
    place = np.clip((middle - border / 2) / np.maximum(np.array(size) - border, 1.0), 0, 1)
    a, b = outline[0] - outline[1], outline[2] - outline[1]
    angle = np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1))
    return np.array([*place, np.sqrt(area / (size[0] * size[1])), min(1.0, 2 * abs(np.pi / 2 - angle))])


class BoardViews:
    """The views that were kept.

    Parameters
    ----------
    corners : (int, int)
        Inner corners of the board, across and down.
    """

    def __init__(self, corners: tuple[int, int] = CORNERS) -> None:
        self.corners = corners
        self.size: tuple[int, int] | None = None
        self.views: list[View] = []

    def look(self, image: ByteArray) -> View | None:
        """The board in a picture, kept if it is unlike the views before.

        Raises
        ------
        CalibrationError
            If the pictures change their size.
        """
        size = (image.shape[1], image.shape[0])
        if self.size not in (None, size):
            raise CalibrationError(f"pictures of several sizes: {self.size} and {size}; calibrate one at a time")
        self.size = size
        view = find_board(image, self.corners)
        if view is not None and all(np.abs(view.appearance - v.appearance).sum() > _APART for v in self.views):
            self.views.append(view)
        return view

    def missing(self) -> list[str]:
        """What is still needed, in words; nothing once there is enough."""
        if len(self.views) >= MOST:
            return []
        seen = np.array([view.appearance for view in self.views]).reshape(-1, len(_GOALS))
        lowest = np.minimum(seen.min(axis=0), (1, 1, 0, 0)) if len(seen) else np.zeros(len(_GOALS))
        lowest[2:] = 0.0  # small and flat is easy
        reach = seen.max(axis=0) - lowest if len(seen) else lowest
        wanted = [name for (name, goal), got in zip(_GOALS.items(), reach, strict=True) if got < goal]
        return wanted or (["more views"] if len(self.views) < ENOUGH else [])

    def calibration(self, source: str) -> Calibration:
        """The camera that these views were taken with.

        Raises
        ------
        CalibrationError
            If there are too few, or they contradict each other.
        """
        if self.size is None or len(self.views) < FEWEST:
            board = f"{self.corners[0]}x{self.corners[1]}"
            raise CalibrationError(
                f"{source}: the board of {board} inner corners was seen in {len(self.views)} different views; "
                f"{FEWEST} are needed (--corners says how many corners yours has)"
            )
        return _calibrated(source, self.size, self.views, self.corners)


def _calibrated(source: str, size: tuple[int, int], views: list[View], corners: tuple[int, int]) -> Calibration:
    across, down = np.meshgrid(np.arange(corners[0]), np.arange(corners[1]))
    board = np.stack([across.ravel(), down.ravel(), np.zeros(across.size)], axis=1).astype(np.float32)
    start = np.array([[max(size), 0, size[0] / 2], [0, max(size), size[1] / 2], [0, 0, 1]], np.float64)
    flags = cv2.CALIB_USE_INTRINSIC_GUESS | cv2.CALIB_FIX_ASPECT_RATIO | cv2.CALIB_FIX_K3
    error, matrix, distortion, _, _, deviations, *_ = cv2.calibrateCameraExtended(
        [board] * len(views), [view.corners for view in views], size, start, np.zeros(5), flags=flags
    )
    if error > WORST * size[0] / 640:
        raise CalibrationError(
            f"{source}: the views contradict each other (corners are {error:.1f} pixels off): is the board flat, and "
            f"does it have {corners[0]}x{corners[1]} inner corners?"
        )
    focal = float(matrix[0, 0])
    return Calibration(
        key(source),
        size,
        focal,
        (float(matrix[0, 2]), float(matrix[1, 2])),
        tuple(float(part) for part in np.ravel(distortion)[:5]),
        float(np.ravel(deviations)[0]) / focal,
        "checkerboard",
        datetime.date.today().isoformat(),
    )


def draw_board(path: Path, corners: tuple[int, int] = CORNERS) -> None:
    """Write a board that fills a page of A4, to be printed: PDF, or an image of 300 dots an inch.

    Raises
    ------
    CalibrationError
        If the file's kind is unknown.
    """
    columns, rows = corners[0] + 1, corners[1] + 1
    square = min(267 / columns, 180 / rows)  # millimetres; 15 of margin
    left, top = (297 - columns * square) / 2, (210 - rows * square) / 2
    dark = [(left + i * square, top + j * square) for j in range(rows) for i in range(columns) if (i + j) % 2 == 0]
    if path.suffix.lower() == ".pdf":
        path.write_bytes(_pdf(dark, square))
        return
    scale = 300 / 25.4
    page = np.full((round(210 * scale), round(297 * scale)), 255, np.uint8)
    for x, y in dark:
        page[round(y * scale) : round((y + square) * scale), round(x * scale) : round((x + square) * scale)] = 0
    path.write_bytes(cv2.imencode(path.suffix, page)[1].tobytes())


def _pdf(squares: list[tuple[float, float]], side: float) -> bytes:
    """A page of A4 across with black squares at (x, y) from the top left, in millimetres: the smallest PDF there is."""
    point = 72 / 25.4
    rectangles = [
        f"{x * point:.3f} {(210 - y - side) * point:.3f} {side * point:.3f} {side * point:.3f} re f" for x, y in squares
    ]
    content = "\n".join(rectangles).encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {297 * point:.2f} {210 * point:.2f}] /Contents 4 0 R >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end
