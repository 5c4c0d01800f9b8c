"""A pinhole camera: from the Kinect's camera space to pixels and back.

The picture is not mirrored: X, which points to the camera's left, grows towards the left edge of the picture, and
Y, which points up, towards its top edge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.body import FloatArray

DEFAULT_FOV = 60.0
"""Horizontal field of view of a common webcam, in degrees."""


@dataclass(frozen=True, slots=True)
class PinholeCamera:
    """Focal length and centre in pixels.

    Attributes
    ----------
    focal : float
        The same for both axes, in pixels.
    centre_u, centre_v : float
        Where the optical axis meets the picture, in pixels.
    """

    focal: float
    centre_u: float
    centre_v: float

    @classmethod
    def from_fov(cls, width: int, height: int, fov: float = DEFAULT_FOV) -> PinholeCamera:
        """A camera whose picture of ``width`` by ``height`` pixels spans ``fov`` degrees horizontally.

        >>> round(PinholeCamera.from_fov(640, 480, 60.0).focal, 1)
        554.3
        """
        if not 1.0 < fov < 179.0:
            raise ValueError(f"the field of view must be between 1 and 179 degrees, got {fov}")
        return cls(width / 2 / math.tan(math.radians(fov) / 2), width / 2, height / 2)

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
