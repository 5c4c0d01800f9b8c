"""Paint faces into a picture: farthest first, shaded by a light, with smooth edges.

Faces go onto a sheet of twice the picture's size whose fourth channel holds the light that falls on them. Light is then
softened, so that flat faces look round, while colours stay sharp.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from models.actor.rotations import Array
from models.actor.solid import Faces
from models.body import ByteArray
from models.camera import PinholeCamera

_SHIFT = 3
_SCALE = 2
_FULL = 150.0  # a face's light of 1.0 on the sheet
NEAREST = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """Where the light comes from and how it falls.

    Attributes
    ----------
    towards : (3,) float32 array
        The direction to the lamp, in camera space.
    ambient, direct : float
        Light that falls everywhere, and what a face turned to the lamp gets on top.
    """

    towards: Array
    ambient: float = 0.55
    direct: float = 0.55


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """Faces on the picture.

    Attributes
    ----------
    pixels : (n, k, 2) float32 array
        Corners of the faces that look at the camera.
    depths : (n,) float32 array
        Metres.
    colours : (n, 4) uint8 array
        Blue, green, red, and the light on it.
    low, high : (n, 2) float32 array
        Opposite corners of the box of each face, in pixels.
    """

    pixels: Array
    depths: Array
    colours: ByteArray
    low: Array
    high: Array


def flatten(faces: Faces, camera: PinholeCamera, light: Light) -> Painted:
    """Keep what faces the camera, shade it and project it."""
    corners = faces.corners
    normals = _cross(corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0])
    # Sums over an axis of four are slow in numpy; opposite corners are enough.
    middle = (corners[:, 0] + corners[:, 1] + corners[:, 2] + corners[:, 3]) / 4
    seen = (_dot(normals, middle) < 0) & (middle[:, 2] > NEAREST) & (corners[:, 0, 2] > NEAREST)
    seen &= (corners[:, 1, 2] > NEAREST) & (corners[:, 2, 2] > NEAREST) & (corners[:, 3, 2] > NEAREST)
    corners, normals, middle = corners[seen], normals[seen], middle[seen]
    normals /= np.maximum(np.sqrt(_dot(normals, normals)), 1e-12)[:, None]
    facing = normals @ light.towards
    # A wrapped Lambert term, a little light from the floor, and edges a shade darker than what faces the camera.
    edge = np.abs(_dot(normals, middle)) / np.sqrt(_dot(middle, middle))
    shade = light.ambient * (0.8 + 0.2 * normals[:, 1]) + light.direct * np.maximum(0, 0.25 + 0.75 * facing)
    colours = faces.colours[seen]
    colours[:, 3] = np.clip(colours[:, 3] * shade * (0.8 + 0.2 * edge) * _FULL, 30, 255)
    pixels = camera.project(corners)
    low, high = pixels[:, 0], pixels[:, 0]
    for i in range(1, pixels.shape[1]):
        low, high = np.minimum(low, pixels[:, i]), np.maximum(high, pixels[:, i])
    return Painted(pixels, middle[:, 2] - faces.lift[seen], colours.astype(np.uint8), low, high)


def _dot(a: Array, b: Array) -> Array:
    return np.asarray(a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1] + a[:, 2] * b[:, 2], np.float32)


def _cross(a: Array, b: Array) -> Array:
    result = np.empty_like(a)
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        result[:, i] = a[:, j] * b[:, k] - a[:, k] * b[:, j]
    return result


def paint(image: ByteArray, layers: Sequence[Painted]) -> None:
    """Draw onto ``image`` in place, the farthest face first."""
    height, width = image.shape[:2]
    boxes = [(p.low.min(0), p.high.max(0)) for p in layers if len(p.low)]
    if not boxes:
        return
    low = np.clip(np.floor(np.min([b[0] for b in boxes], 0)) - 2, 0, (width, height)).astype(int)
    high = np.clip(np.ceil(np.max([b[1] for b in boxes], 0)) + 2, 0, (width, height)).astype(int)
    if (high <= low).any():
        return
    sheet = np.zeros((*((high - low) * _SCALE)[::-1], 4), np.uint8)
    _fill(sheet, layers, low)
    _blend(image[low[1] : high[1], low[0] : high[0]], sheet)


def _fill(sheet: ByteArray, layers: Sequence[Painted], low: Array) -> None:
    polygons: list[ByteArray] = []
    for layer in layers:
        # A pixel's centre is at a whole number for OpenCV and at a half for the camera.
        grid = ((layer.pixels - low) * _SCALE - 0.5) * (1 << _SHIFT)
        polygons.extend(np.clip(grid, -(1 << 18), 1 << 18).astype(np.int32))
    colours = np.concatenate([layer.colours for layer in layers]).tolist()
    order = np.argsort(-np.concatenate([layer.depths for layer in layers])).tolist()
    fill = cv2.fillConvexPoly
    for i in order:
        fill(sheet, polygons[i], colours[i], cv2.LINE_8, _SHIFT)


def _blend(image: ByteArray, sheet: ByteArray) -> None:
    size = (image.shape[1], image.shape[0])
    solid = cv2.threshold(sheet[..., 3], 0, 255, cv2.THRESH_BINARY)[1]
    cover = cv2.resize(solid, size, interpolation=cv2.INTER_AREA)
    small = cv2.resize(sheet, size, interpolation=cv2.INTER_AREA)
    reach = max(3, (size[1] // 50) | 1)
    soft = cv2.divide(cv2.blur(small[..., 3], (reach, reach)), cv2.blur(cover, (reach, reach)), scale=255.0)
    lit = cv2.multiply(small[..., :3], cv2.merge([soft, soft, soft]), scale=1 / _FULL)
    behind = cv2.bitwise_not(cover)
    image[:] = cv2.add(cv2.multiply(image, cv2.merge([behind, behind, behind]), scale=1 / 255), lit)
