"""The values that flow through Bodycast: a picture, a tracked person, and everyone in one picture.

Camera space is the Kinect v2's: metres, origin at the camera, X to the camera's left, Y up, Z outwards.
Pixels have their origin at the top left. Times are seconds on the source's monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from models.joints import FrameEdges, HandState, Joint, Keypoint, TrackingConfidence, TrackingState

FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture from a source.

    Attributes
    ----------
    image : (height, width, 3) uint8 array
        Blue, green, red.
    time : float
        When it was captured, in seconds.
    number : int
        Its place in the source, from 0; gaps are frames that were dropped.
    """

    image: ByteArray
    time: float
    number: int


@dataclass(frozen=True, slots=True)
class Hand:
    """What one hand does, and how sure that is."""

    state: HandState = HandState.UNKNOWN
    confidence: TrackingConfidence = TrackingConfidence.LOW


def _no_keypoints() -> FloatArray:
    return np.zeros((len(Keypoint), 3), np.float32)


def _no_lean() -> FloatArray:
    return np.zeros(2, np.float32)


def _no_floor() -> FloatArray:
    return np.zeros(4, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """One tracked person at one instant, in the camera space of the Kinect v2.

    Attributes
    ----------
    tracking_id : int
        Stable while the person stays in view; never reused within a stream.
    slot : int
        0 to 5, stable while the person stays in view; reused afterwards.
    positions : (25, 3) float32 array
        Joint positions in metres, indexed by `Joint`.
    orientations : (25, 4) float32 array
        Absolute unit quaternions x y z w, the bone along +Y; zero on end joints.
    tracking_states : (25,) uint8 array
        A `TrackingState` for each joint.
    hand_left, hand_right : Hand
    keypoints : (23, 3) float32 array
        x and y in pixels, and confidence 0 to 1, indexed by `Keypoint`; zeros where there was no picture.
    clipped_edges : FrameEdges
        The edges of the picture that cut the body off.
    lean : (2,) float32 array
        The Kinect v2's lean, to the person's right and forwards, -1 to 1; 1 is about 45 degrees. Zeros where unknown.
    """

    tracking_id: int
    slot: int
    positions: FloatArray
    orientations: FloatArray
    tracking_states: ByteArray
    hand_left: Hand = Hand()
    hand_right: Hand = Hand()
    keypoints: FloatArray = field(default_factory=_no_keypoints)
    clipped_edges: FrameEdges = FrameEdges.NONE
    lean: FloatArray = field(default_factory=_no_lean)

    def __post_init__(self) -> None:
        _check(self, "positions", (len(Joint), 3), np.float32)
        _check(self, "orientations", (len(Joint), 4), np.float32)
        _check(self, "tracking_states", (len(Joint),), np.uint8)
        _check(self, "keypoints", (len(Keypoint), 3), np.float32)
        _check(self, "lean", (2,), np.float32)

    def state(self, joint: Joint) -> TrackingState:
        """The tracking state of one joint."""
        return TrackingState(int(self.tracking_states[joint]))


def _check(value: Body | BodyFrame, name: str, shape: tuple[int, ...], dtype: npt.DTypeLike) -> None:
    array: Any = getattr(value, name)
    if not isinstance(array, np.ndarray) or array.shape != shape or array.dtype != dtype:
        actual = f"{getattr(array, 'dtype', type(array).__name__)} {getattr(array, 'shape', '')}"
        raise ValueError(f"{type(value).__name__}.{name} must be {np.dtype(dtype)} {shape}, got {actual}")


@dataclass(frozen=True, slots=True, eq=False)
class BodyFrame:
    """Everyone who was seen in one picture.

    Attributes
    ----------
    time : float
        When the picture was captured, in seconds.
    sequence : int
        Its place in the stream, from 0.
    bodies : tuple of Body
        At most six.
    image_size : (int, int)
        Width and height of the picture in pixels; (0, 0) where there was none.
    floor : (4,) float32 array
        The floor clip plane: a, b, c, d of ``a x + b y + c z + d = 0`` in camera space; (a, b, c) is the unit normal,
        upwards, and d the camera's height over the floor in metres. Zeros where unknown.
    """

    time: float
    sequence: int
    bodies: tuple[Body, ...] = ()
    image_size: tuple[int, int] = (0, 0)
    floor: FloatArray = field(default_factory=_no_floor)

    def __post_init__(self) -> None:
        _check(self, "floor", (4,), np.float32)
