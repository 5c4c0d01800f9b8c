"""What a hand does: the hand's part of a picture to the probabilities of open, closed and lasso.

A view of a hand turns it upright: fingers up, wrist below. Pixels have their origin at the top left.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.inference import Network, Outputs, WeightsError
from models.joints import HandState, Joint, Keypoint
from models.proportions import BONE_LENGTH
from models.scale import apparent_scale

DEFAULT_WEIGHTS = Path(__file__).parent / "weights" / "hands_int8.onnx"
SIZE = 64
"""Width and height of the network's picture."""

CLASSES = (HandState.OPEN, HandState.CLOSED, HandState.LASSO, HandState.UNKNOWN)
"""What the network tells apart; Unknown where it sees no hand."""

REACH = 3.2
"""Side of a view in palms: from the wrist to the knuckle of the middle finger is one."""

CENTRE = 0.85
"""The middle of a view lies so many palms beyond the wrist."""

PALM = 0.095
"""Metres, of someone 1.7 m tall."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Where a hand is in a picture.

    Attributes
    ----------
    wrist : (2,) float32 array
        Pixels.
    up : (2,) float32 array
        Unit vector from the wrist towards the fingers.
    palm : float
        Pixels.
    mirrored : bool
        Whether the hand is looked at in a mirror, where a left hand is a right one.
    """

    wrist: FloatArray
    up: FloatArray
    palm: float
    mirrored: bool = False

    @property
    def centre(self) -> FloatArray:
        """The middle of the view, (2,) pixels."""
        return np.asarray(self.wrist + CENTRE * self.palm * self.up, np.float32)

    def transform(self, size: int = SIZE) -> npt.NDArray[np.float64]:
        """From picture to crop, (2, 3)."""
        transform = upright(self.centre, self.up, REACH * self.palm, size)
        if self.mirrored:
            transform[0] = [0, 0, size] - transform[0]  # around the middle of the view, as training flips
        return transform

    def in_mirror(self) -> View:
        """The same view, seen in a mirror."""
        return replace(self, mirrored=not self.mirrored)


def upright(centre: FloatArray, up: FloatArray, side: float, size: int = SIZE) -> npt.NDArray[np.float64]:
    """The (2, 3) transform that maps a square around ``centre`` onto a crop, with ``up`` pointing upwards."""
    (x, y), (up_x, up_y), scale = centre.tolist(), up.tolist(), size / max(side, 1.0)
    a, b = -up_y * scale, up_x * scale
    return np.array([[a, b, size / 2 - a * x - b * y], [-b, a, size / 2 + b * x - a * y]])


def hand_crop(image: ByteArray, transform: npt.NDArray[np.float64], size: int = SIZE) -> ByteArray:
    """The upright hand (size, size, 3), its edge repeated beyond the picture."""
    warped = cv2.warpAffine(image, transform, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.uint8)


LEAST_PALM = 7.0
"""Pixels: fingers of a smaller hand cannot be told apart."""

SURE = 0.3
"""Keypoints with less confidence are not used."""

_SIDES = tuple(
    np.array([Keypoint[f"{side}_{part}"] for part in ("ELBOW", "WRIST", "INDEX")]) for side in ("LEFT", "RIGHT")
)
_FOREARM = BONE_LENGTH[Joint.WRIST_LEFT]
_INDEX = 0.9  # palms from the wrist to the keypoint of the index finger


def hand_views(keypoints: FloatArray) -> tuple[View | None, View | None]:
    """Where the left and the right hand of a person are; None where a wrist, or where it points, is not seen.

    Parameters
    ----------
    keypoints : (23, 3) float32 array
        x and y in pixels and confidence, indexed by `Keypoint`.
    """
    (metre,) = metres_of(keypoints[None])
    return hand_view(keypoints, 0, metre), hand_view(keypoints, 1, metre)


def metres_of(keypoints: FloatArray) -> list[float]:
    """How many pixels a metre of each person is long, from keypoints (n, 23, 3)."""
    return [float(metre) for metre in apparent_scale(keypoints[..., :2], keypoints[..., 2] >= SURE)]


def hand_view(keypoints: FloatArray, side: int, metre: float) -> View | None:
    """Where one hand of a person is, the left for 0 and the right for 1; see `hand_views`.

    Parameters
    ----------
    keypoints : (23, 3) float32 array
    side : int
    metre : float
        How many pixels a metre of the person is long.
    """
    (elbow_x, elbow_y, elbow), (x, y, wrist), (index_x, index_y, index) = keypoints.take(_SIDES[side], axis=0).tolist()
    if wrist < SURE or (elbow < SURE and index < SURE):
        return None
    forearm = (x - elbow_x, y - elbow_y) if elbow >= SURE else (0.0, 0.0)
    hand = (index_x - x, index_y - y) if index >= SURE else (0.0, 0.0)
    # what is nearer than the shoulders looks larger than them, but an index far from its wrist is rather a mistake
    palm = max(PALM * metre, PALM / _FOREARM * math.hypot(*forearm))
    palm = max(palm, min(math.hypot(*hand) / _INDEX, 1.7 * palm or math.inf))
    along = 0.7 * PALM / _FOREARM
    way_x, way_y = ((there + along * before) / max(palm, 1e-6) for there, before in zip(hand, forearm, strict=True))
    length = math.hypot(way_x, way_y)
    up = (way_x / length, way_y / length) if length >= 0.1 else (0.0, -1.0)  # else it points at the camera
    return View(np.array([x, y], np.float32), np.array(up, np.float32), palm)


class HandClassifier:
    """Tells open, closed and lasso apart.

    Parameters
    ----------
    path : Path
        An ONNX network as `models.training.hands_export` writes it: input uint8 (1, h, w, 3) in the order blue, green,
        red; output (1, 4) logits of `CLASSES`.

    Raises
    ------
    WeightsError
        If the file is missing or is another kind of network.
    """

    def __init__(self, path: Path = DEFAULT_WEIGHTS) -> None:
        self._network = Network(path)
        (shape, *others), outputs = self._network.input_shapes, self._network.output_shapes
        if others or len(shape) != 4 or shape[0] != 1 or shape[3] != 3 or shape[1] != shape[2]:
            found = f"its input is {[shape, *others]}, expected (1, size, size, 3)"
            raise WeightsError(f"{path}: not a hand network: {found}")
        if outputs != ((1, len(CLASSES)),):
            raise WeightsError(f"{path}: not a hand network: its outputs are {outputs}, expected (1, {len(CLASSES)})")
        self._size = shape[1]

    def __call__(self, image: ByteArray, view: View) -> FloatArray:
        """How likely each of `CLASSES` is, (4,), for the hand of ``view`` in ``image`` (height, width, 3)."""
        return _shares(self._network(self._crop(image, view)))

    def start(self, image: ByteArray, view: View) -> Callable[[], FloatArray]:
        """Begin to look at a hand, on another thread; what comes back waits for the answer, to be called once."""
        running = self._network.start(self._crop(image, view))
        return lambda: _shares(running())

    def _crop(self, image: ByteArray, view: View) -> ByteArray:
        return hand_crop(image, view.transform(self._size), self._size)[None]


def _shares(outputs: Outputs) -> FloatArray:
    (logits,) = outputs
    shares = np.exp(logits[0] - logits[0].max())
    return np.asarray(shares / shares.sum(), np.float32)
