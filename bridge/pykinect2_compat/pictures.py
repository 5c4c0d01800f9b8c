"""The frames of a Kinect v2, made of a picture and the bodies in it: colour, infrared, depth and body index.

A camera measures no depth. What is behind a pixel is known only where a body is: bodies are painted as the limbs that
their joints span, and all else has depth 0, which is the Kinect's way to say unknown.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from bridge.pykinect2_compat.views import COLOUR_SIZE, DEPTH_SIZE, DEPTH_VIEW, View, fit
from models.body import Body, BodyFrame, ByteArray, FloatArray
from models.joints import JOINT_PARENT, Joint, TrackingState

NOBODY = 255
"""Body index of pixels that show nobody."""

SHADE = (46, 36, 32, 255)
"""Blue, green, red and alpha where there is no picture."""

BLACK = int.from_bytes(bytes((0, 0, 0, 255)), sys.byteorder)
"""The same, of the margins of one, as one number."""

_STEPS = 6  # pieces of a limb, each with a depth of its own
_THICK = 0.04  # metres, radius of what is not in the table
_RADII = {
    Joint.HEAD: 0.10,
    Joint.NECK: 0.06,
    Joint.SPINE_SHOULDER: 0.14,
    Joint.SPINE_MID: 0.15,
    Joint.SHOULDER_LEFT: 0.065,
    Joint.SHOULDER_RIGHT: 0.065,
    Joint.ELBOW_LEFT: 0.055,
    Joint.ELBOW_RIGHT: 0.055,
    Joint.HIP_LEFT: 0.12,
    Joint.HIP_RIGHT: 0.12,
    Joint.KNEE_LEFT: 0.075,
    Joint.KNEE_RIGHT: 0.075,
    Joint.ANKLE_LEFT: 0.06,
    Joint.ANKLE_RIGHT: 0.06,
}


@dataclass(frozen=True, slots=True)
class Stroke:
    """A piece of a limb: a thick line of one depth.

    Attributes
    ----------
    start, end : (float, float)
        Pixels.
    thickness : int
        In pixels.
    depth : int
        Of what faces the camera, in millimetres.
    slot : int
    """

    start: tuple[int, int]
    end: tuple[int, int]
    thickness: int
    depth: int
    slot: int


def paint_colour(image: ByteArray | None, canvas: ByteArray) -> None:
    """Paint a picture as the Kinect's colour frame onto ``canvas`` (1080, 1920, 4): fitted in, mirrored, with alpha."""
    if image is None:
        canvas[:] = SHADE
        return
    width, height = COLOUR_SIZE
    placed = fit(image.shape[1], image.shape[0])
    size = round(image.shape[1] * placed.scale), round(image.shape[0] * placed.scale)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    rows, columns = slice(top, top + size[1]), slice(left, left + size[0])
    whole = canvas.view(np.uint32)  # numbers of four bytes are faster to fill
    whole[:top], whole[rows.stop :], whole[:, :left], whole[:, columns.stop :] = (BLACK,) * 4
    mirrored = cv2.cvtColor(cv2.flip(image, 1), cv2.COLOR_BGR2BGRA)
    cv2.resize(mirrored, size, dst=canvas[rows, columns], interpolation=cv2.INTER_LINEAR)


def paint_infrared(image: ByteArray | None, view: View, canvas: npt.NDArray[np.uint16]) -> None:
    """Paint the brightness of a picture, up to 65535, where the depth camera sees it onto ``canvas`` (424, 512).

    Parameters
    ----------
    view : View
        The colour camera that shows ``image``.
    """
    if image is None:
        canvas[:] = 0
        return
    placed = fit(image.shape[1], image.shape[0])
    ratio = DEPTH_VIEW.focal / view.focal  # from the colour frame to the depth frame
    scale = placed.scale * ratio
    to_u = DEPTH_VIEW.centre_u - ratio * (view.centre_u - placed.left - (placed.scale - 1) / 2)
    to_v = DEPTH_VIEW.centre_v - ratio * (view.centre_v - placed.top - (placed.scale - 1) / 2)
    grey = cv2.flip(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), 1)
    matrix = np.array([[scale, 0, to_u], [0, scale, to_v]], np.float32)
    np.multiply(cv2.warpAffine(grey, matrix, DEPTH_SIZE), 257, out=canvas, dtype=np.uint16)


def paint_depth(frame: BodyFrame, canvas: npt.NDArray[np.uint16]) -> None:
    """Paint the millimetres to the bodies, 0 elsewhere, onto ``canvas`` (424, 512)."""
    canvas[:] = 0
    for stroke in strokes(frame):
        cv2.line(canvas, stroke.start, stroke.end, stroke.depth, stroke.thickness)


def paint_body_index(frame: BodyFrame, canvas: ByteArray) -> None:
    """Paint the slot of the body at each pixel of the depth frame, or `NOBODY`, onto ``canvas`` (424, 512)."""
    canvas[:] = NOBODY
    for stroke in strokes(frame):
        cv2.line(canvas, stroke.start, stroke.end, stroke.slot, stroke.thickness)


def strokes(frame: BodyFrame) -> list[Stroke]:
    """The limbs of everyone as the depth camera sees them, the farthest first."""
    found = [stroke for body in frame.bodies for stroke in _strokes(body)]
    return sorted(found, key=lambda stroke: -stroke.depth)


def _strokes(body: Body) -> Iterator[Stroke]:
    known = np.isfinite(body.positions).all(axis=1) & (body.positions[:, 2] > 0.2)
    known &= body.tracking_states != TrackingState.NOT_TRACKED
    for end, start in JOINT_PARENT.items():
        if known[start] and known[end]:
            yield from _limb(body.positions[[start, end]], _RADII.get(end, _THICK), body.slot)


def _limb(ends: FloatArray, radius: float, slot: int) -> Iterator[Stroke]:
    """The pieces of a limb between two joints (2, 3)."""
    share = np.linspace(0, 1, _STEPS + 1, dtype=np.float32)[:, None]
    points = ends[0] + share * (ends[1] - ends[0])
    pixels = np.clip(np.rint(DEPTH_VIEW.pixels(points)), -2000, 2000).astype(int)
    for number in range(_STEPS):
        z = float(points[number : number + 2, 2].mean())
        thickness = min(max(round(2 * radius * DEPTH_VIEW.focal / z), 1), 255)
        surface = min(max(round((z - radius) * 1000), 1), 65535)
        (x1, y1), (x2, y2) = pixels[number : number + 2].tolist()
        yield Stroke((x1, y1), (x2, y2), thickness, surface, slot)
