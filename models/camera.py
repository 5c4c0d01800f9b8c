"""A pinhole camera: from the Kinect's camera space to pixels and back, and what a lens adds to it.

The picture is not mirrored: X, which points to the camera's left, grows towards the left edge of the picture, and
Y, which points up, towards its top edge.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from models.body import FloatArray

WEBCAM_FOV = 43.3
"""Field of view of a common webcam across the shorter side of its picture, in degrees.

Most webcams tell 78 degrees over the diagonal of 16:9 (Logitech C920, C922, C615 and StreamCam, and the many that copy
them; laptops' are between 70 and 80), which is 70.4 across and 43.3 from bottom to top. For a picture of 4:3 they cut
the sides off and keep the height, so what stays the same is the shorter side: 55.8 degrees across 640x480, 70.4 across
1280x720. Phones that film 16:9, upright or not, have 36 to 43 degrees across the shorter side (a lens of 26 to 28 mm).
"""


@dataclass(frozen=True, slots=True)
class PinholeCamera:
    """Focal length and centre in pixels, and the distortion of the lens.

    Attributes
    ----------
    focal : float
        The same for both axes, in pixels.
    centre_u, centre_v : float
        Where the optical axis meets the picture, in pixels.
    distortion : tuple of float
        OpenCV's k1, k2, p1, p2, k3; empty for none. Only `undistorted` looks at it: all else is about pixels that the
        distortion was taken off.
    """

    focal: float
    centre_u: float
    centre_v: float
    distortion: tuple[float, ...] = ()

    @classmethod
    def from_fov(cls, width: int, height: int, fov: float | None = None) -> PinholeCamera:
        """A camera whose picture of ``width`` by ``height`` pixels spans ``fov`` degrees horizontally.

        Without ``fov``, a common webcam: `WEBCAM_FOV` degrees across the shorter side.

        >>> round(PinholeCamera.from_fov(640, 480, 60.0).focal, 1)
        554.3
        >>> round(PinholeCamera.from_fov(1280, 720).fov(1280), 1)
        70.4
        """
        fov, side = (WEBCAM_FOV, min(width, height)) if fov is None else (fov, width)
        if not 1.0 < fov < 179.0:
            raise ValueError(f"the field of view must be between 1 and 179 degrees, got {fov}")
        return cls(side / 2 / math.tan(math.radians(fov) / 2), width / 2, height / 2)

    def fov(self, side: float) -> float:
        """The degrees that ``side`` pixels span, half of them on each side of the optical axis."""
        return math.degrees(2 * math.atan(side / 2 / self.focal))

    def project(self, points: FloatArray) -> FloatArray:
        """Pixels (..., 2) of ``points`` (..., 3) in camera space; Z must be positive."""
        scale = self.focal / points[..., 2:]
        centre = np.array([self.centre_u, self.centre_v], np.float32)
        return np.asarray(centre - points[..., :2] * scale, np.float32)

    def unproject(self, pixels: FloatArray, depth: FloatArray) -> FloatArray:
        """Points (..., 3) in camera space that lie ``depth`` (...) metres in front of ``pixels`` (..., 2)."""
        centre = np.array([self.centre_u, self.centre_v], np.float32)
        xy = (centre - pixels) * (depth / self.focal)[..., None]
        return np.concatenate([xy, depth[..., None]], axis=-1).astype(np.float32)

    def undistorted(self, pixels: FloatArray) -> FloatArray:
        """Where ``pixels`` (n, 2) of the picture would be if the lens did not bend light."""
        if not self.distortion or not len(pixels):
            return pixels
        matrix = np.array([[self.focal, 0, self.centre_u], [0, self.focal, self.centre_v], [0, 0, 1]])
        straight = cv2.undistortPoints(pixels[:, None].astype(np.float64), matrix, np.array(self.distortion), P=matrix)
        return np.asarray(straight[:, 0], np.float32)


CameraOfSize = Callable[[int, int], PinholeCamera]
"""Tells the camera that pictures of a width and height in pixels come from."""


def always(camera: PinholeCamera) -> CameraOfSize:
    """``camera``, whatever the size of its pictures."""
    return lambda width, height: camera
