"""The cameras of a Kinect v2 as its programs see them: pinholes whose pictures show the world as a mirror does.

X, which points to the camera's left, grows towards the right of such a picture. Whole numbers are centres of pixels.
Where a real Kinect has two lenses beside each other, both cameras here look from the same place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from models.body import Body, BodyFrame, FloatArray
from models.camera import PinholeCamera
from models.joints import Joint, Keypoint, TrackingState

COLOUR_SIZE = (1920, 1080)
DEPTH_SIZE = (512, 424)

_SEEN = 0.3  # confidence of a keypoint that says where a joint is
_MEMORY = 0.95  # of the evidence, from one frame to the next
_LITTLE = 1e-6  # evidence
_PAIRS = tuple(
    (Keypoint[f"{side}_{part}"], Joint[f"{part}_{side}"])
    for side in ("LEFT", "RIGHT")
    for part in ("ELBOW", "WRIST", "KNEE", "ANKLE")
)
_KEYPOINTS, _JOINTS = (list(map(int, numbers)) for numbers in zip(*_PAIRS, strict=True))


@dataclass(frozen=True, slots=True)
class View:
    """A pinhole camera that mirrors.

    Attributes
    ----------
    focal : float
        In pixels.
    centre_u, centre_v : float
        Where the optical axis meets the picture, in pixels.
    width, height : int
        Of the picture, in pixels.
    """

    focal: float
    centre_u: float
    centre_v: float
    width: int
    height: int

    def pixels(self, points: FloatArray) -> FloatArray:
        """Pixels (..., 2) of ``points`` (..., 3) in camera space; minus infinity for what is not in front."""
        z = points[..., 2:]
        ahead = np.isfinite(points).all(axis=-1, keepdims=True) & (z > 0)
        rays = points[..., :2] / np.where(ahead, z, np.float32(1)) * np.array([self.focal, -self.focal], np.float32)
        centre = np.array([self.centre_u, self.centre_v], np.float32)
        return np.where(ahead, centre + rays, np.float32(-np.inf)).astype(np.float32)

    def rays(self, pixels: FloatArray) -> FloatArray:
        """What is seen at ``pixels`` (..., 2) at a depth of one metre: X and Y (..., 2)."""
        centre = np.array([self.centre_u, self.centre_v], np.float32)
        return ((pixels - centre) / np.array([self.focal, -self.focal], np.float32)).astype(np.float32)

    def points(self, pixels: FloatArray, depth: FloatArray) -> FloatArray:
        """Points (..., 3) in camera space, ``depth`` (...) metres away; minus infinity where that is not above 0."""
        xy = self.rays(pixels) * depth[..., None]
        known = (depth > 0)[..., None]
        return np.where(known, np.concatenate([xy, depth[..., None]], -1), np.float32(-np.inf)).astype(np.float32)

    def grid(self) -> FloatArray:
        """The centres of all pixels (height, width, 2)."""
        u, v = np.meshgrid(np.arange(self.width, dtype=np.float32), np.arange(self.height, dtype=np.float32))
        return np.stack([u, v], -1)


DEPTH_VIEW = View(365.5, DEPTH_SIZE[0] / 2 - 0.5, DEPTH_SIZE[1] / 2 - 0.5, *DEPTH_SIZE)
"""About what the depth camera of a Kinect v2 has."""

KINECT_COLOUR_VIEW = View(1081.4, COLOUR_SIZE[0] / 2 - 0.5, COLOUR_SIZE[1] / 2 - 0.5, *COLOUR_SIZE)
"""About what the colour camera of a Kinect v2 has."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How a picture lies in the colour frame: as large as it can be, in the middle.

    Attributes
    ----------
    scale : float
    left, top : float
        Margins in pixels of the colour frame.
    """

    scale: float
    left: float
    top: float


def fit(width: int, height: int) -> Fit:
    """How a picture of this size lies in the colour frame.

    >>> fit(640, 480)
    Fit(scale=2.25, left=240.0, top=0.0)
    """
    scale = min(COLOUR_SIZE[0] / width, COLOUR_SIZE[1] / height)
    return Fit(scale, (COLOUR_SIZE[0] - scale * width) / 2, (COLOUR_SIZE[1] - scale * height) / 2)


def colour_view(camera: PinholeCamera, size: tuple[int, int]) -> View:
    """The colour camera for pictures of ``size`` from ``camera``: mirrored, and fitted in."""
    placed = fit(*size)
    u, v = size[0] - 1 - camera.centre_u, camera.centre_v
    return View(
        placed.scale * camera.focal,
        placed.left + placed.scale * (u + 0.5) - 0.5,
        placed.top + placed.scale * (v + 0.5) - 0.5,
        *COLOUR_SIZE,
    )


class SeenCamera:
    """Finds a camera's focal length from where it sees joints whose places are known.

    Bodies tell both: their joints in metres, and the keypoints that these were found from. So it is known to a percent
    for recordings and streams of others, too.
    """

    def __init__(self) -> None:
        self._size = (0, 0)
        self._above = self._below = 0.0

    def update(self, frame: BodyFrame) -> PinholeCamera:
        """The camera that ``frame`` comes from, whose ``image_size`` must be known; a common webcam at first."""
        if frame.image_size != self._size:
            self._size, self._above, self._below = frame.image_size, 0.0, 0.0
        usual = PinholeCamera.from_fov(*frame.image_size)
        self._above, self._below = self._above * _MEMORY, self._below * _MEMORY
        for body in frame.bodies:
            self._learn(body, usual)
        if self._below < _LITTLE:
            return usual
        focal = min(max(self._above / self._below, usual.focal / 4), usual.focal * 4)
        return replace(usual, focal=focal)

    def _learn(self, body: Body, usual: PinholeCamera) -> None:
        points, spots = body.positions[_JOINTS], body.keypoints[_KEYPOINTS]
        sure = (spots[:, 2] >= _SEEN) & (body.tracking_states[_JOINTS] == TrackingState.TRACKED)
        sure &= np.isfinite(points).all(axis=1) & np.isfinite(spots).all(axis=1) & (points[:, 2] > 0.1)
        rays = points[sure, :2] / points[sure, 2:]
        seen = np.array([usual.centre_u, usual.centre_v], np.float32) - spots[sure, :2]
        self._above += float((seen * rays).sum())
        self._below += float((rays * rays).sum())
