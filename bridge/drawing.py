"""Draw bodies over a picture: smooth lines, each side of a person in its own colour, a label over the head.

Colours are blue, green, red. Left and right are the person's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from models.body import Body, BodyFrame, ByteArray, FloatArray
from models.camera import PinholeCamera
from models.joints import (
    JOINT_PARENT,
    KEYPOINT_BONES,
    HandState,
    Joint,
    Keypoint,
    TrackingConfidence,
    TrackingState,
)

Colour = tuple[int, int, int]

LEFT: Colour = (60, 150, 255)
RIGHT: Colour = (235, 190, 60)
CENTRE: Colour = (240, 240, 240)
BACKDROP: Colour = (46, 36, 32)
HAND_COLOURS: dict[HandState, Colour] = {
    HandState.OPEN: (80, 220, 80),
    HandState.CLOSED: (70, 70, 240),
    HandState.LASSO: (240, 90, 200),
}
"""Rings around hands: open green, closed red, lasso violet."""
SURE = 0.3
"""Keypoints with less confidence are not drawn."""
MIRROR = np.array([-1, 1], np.float32)
SHIFT = 4
"""Fractional bits of the coordinates that OpenCV draws at."""


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A body as lines in a picture.

    Attributes
    ----------
    points : (n, 2) float32 array
        Pixels.
    sure : (n,) bool array
        Which points may be drawn.
    names : sequence of str
        Upper-case names; those with LEFT and RIGHT in them are coloured.
    bones : sequence of (int, int)
        Indices of points.
    """

    points: FloatArray
    sure: npt.NDArray[np.bool_]
    names: Sequence[str]
    bones: Sequence[tuple[int, int]]


def drawn(image: ByteArray, frame: BodyFrame, *, mirror: bool = False, fov: float | None = None) -> ByteArray:
    """A copy of ``image`` with everyone in ``frame`` drawn over it.

    Parameters
    ----------
    image : (height, width, 3) uint8 array
    frame : BodyFrame
        The bodies seen in ``image``.
    mirror : bool
        Turn the view, picture and bodies, as a mirror does. Labels stay readable, and colours stay with the person's
        own left and right.
    fov : float, optional
        Horizontal field of view in degrees, for bodies without keypoints; by default that of a common webcam.
    """
    height, width = image.shape[:2]
    canvas = np.array(image[:, ::-1] if mirror else image, order="C")
    scale = max(0.75, min(width, height) / 480)
    for body in frame.bodies:
        shape = figure(body, (width, height), frame.image_size, fov)
        if mirror:
            shape = replace(shape, points=np.array([width - 1, 0], np.float32) + shape.points * MIRROR)
        _draw_figure(canvas, shape, scale)
        _draw_hands(canvas, body, shape, scale)
        _draw_label(canvas, shape, f"{body.slot + 1}", scale)
    return canvas


def backdrop(frame: BodyFrame) -> ByteArray:
    """An empty (height, width, 3) picture for bodies that came without one, such as those of a recording."""
    width, height = frame.image_size if min(frame.image_size) > 0 else (640, 480)
    return np.full((height, width, 3), BACKDROP, np.uint8)


def figure(body: Body, size: tuple[int, int], seen_at: tuple[int, int], fov: float | None = None) -> Figure:
    """The lines to draw for ``body``: its keypoints where it has any, otherwise its joints as a camera would see them.

    Parameters
    ----------
    body : Body
    size : (int, int)
        Width and height of the picture to draw on, in pixels.
    seen_at : (int, int)
        Width and height of the picture in which the keypoints were found; (0, 0) for the same.
    fov : float, optional
        Horizontal field of view in degrees, for the joints; by default that of a common webcam.
    """
    confidence = body.keypoints[:, 2]
    if confidence.max() > 0:
        ratio = np.divide(size, seen_at) if min(seen_at) > 0 else np.ones(2)
        points = (body.keypoints[:, :2] * ratio).astype(np.float32)
        return Figure(points, confidence >= SURE, [k.name for k in Keypoint], KEYPOINT_BONES)
    depth = body.positions[:, 2]
    ahead = np.isfinite(body.positions).all(axis=1) & (depth > 0.1)
    safe = np.where(ahead[:, None], body.positions, np.array([0, 0, 1], np.float32))
    points = PinholeCamera.from_fov(*size, fov).project(np.asarray(safe, np.float32))
    sure = ahead & (body.tracking_states != TrackingState.NOT_TRACKED)
    return Figure(points, sure, [j.name for j in Joint], [*JOINT_PARENT.items()])


def _side(name: str) -> Colour:
    return LEFT if "LEFT" in name else RIGHT if "RIGHT" in name else CENTRE


def _fixed(point: FloatArray) -> tuple[int, int]:
    """Fixed-point pixels, kept within what OpenCV's 32-bit coordinates can hold."""
    x, y = np.clip(point, -10_000, 10_000)
    return round(float(x) * 2**SHIFT), round(float(y) * 2**SHIFT)


def _draw_figure(canvas: ByteArray, shape: Figure, scale: float) -> None:
    lines = [(a, b) for a, b in shape.bones if shape.sure[a] and shape.sure[b]]
    for extra, shade in ((3.0, True), (0.0, False)):
        thickness = max(1, round((3 + extra) * scale))
        for a, b in lines:
            names = {_side(shape.names[a]), _side(shape.names[b])}
            colour = (30, 24, 20) if shade else names.pop() if len(names) == 1 else _between(names)
            ends = _fixed(shape.points[a]), _fixed(shape.points[b])
            cv2.line(canvas, *ends, colour, thickness, cv2.LINE_AA, SHIFT)
    for index in np.flatnonzero(shape.sure).tolist():
        centre = _fixed(shape.points[index])
        for radius, colour in ((4.2, (30, 24, 20)), (2.8, _side(shape.names[index]))):
            cv2.circle(canvas, centre, round(radius * scale * 2**SHIFT), colour, -1, cv2.LINE_AA, SHIFT)


def _draw_hands(canvas: ByteArray, body: Body, shape: Figure, scale: float) -> None:
    """A ring around each hand whose state is known, thin where that is not sure."""
    for side, hand in (("LEFT", body.hand_left), ("RIGHT", body.hand_right)):
        colour = HAND_COLOURS.get(hand.state)
        ends = [shape.names.index(name) for name in (f"{side}_INDEX", f"HAND_{side}") if name in shape.names]
        if colour is None or not shape.sure[ends].all():
            continue
        centre, radius = _fixed(shape.points[ends[0]]), round(13 * scale * 2**SHIFT)
        thickness = 3 if hand.confidence == TrackingConfidence.HIGH else 1
        for extra, shade in ((2, (30, 24, 20)), (0, colour)):
            cv2.circle(canvas, centre, radius, shade, round(thickness * scale) + extra, cv2.LINE_AA, SHIFT)


def _between(names: set[Colour]) -> Colour:
    """The colour of a bone that joins two sides, or a side and the middle."""
    return CENTRE if names == {LEFT, RIGHT} else next(iter(names - {CENTRE}))


def _draw_label(canvas: ByteArray, shape: Figure, text: str, scale: float) -> None:
    if not shape.sure.any():
        return
    seen = shape.points[shape.sure]
    top = seen[np.argmin(seen[:, 1])]
    font, size = cv2.FONT_HERSHEY_SIMPLEX, 0.55 * scale
    (width, height), _ = cv2.getTextSize(text, font, size, 1)
    x = int(np.clip(top[0] - width / 2, 4, max(4, canvas.shape[1] - width - 4)))
    y = int(np.clip(top[1] - 16 * scale, height + 4, max(height + 4, canvas.shape[0] - 4)))
    cv2.circle(canvas, (x + width // 2, y - height // 2), round(11 * scale), (30, 24, 20), -1, cv2.LINE_AA)
    cv2.putText(canvas, text, (x, y), font, size, CENTRE, max(1, round(1.4 * scale)), cv2.LINE_AA)


def write_text(canvas: ByteArray, text: str) -> None:
    """Write one line into the top left corner of ``canvas``, in place."""
    for colour, thickness in (((30, 24, 20), 4), (CENTRE, 1)):
        cv2.putText(canvas, text, (10, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, thickness, cv2.LINE_AA)
