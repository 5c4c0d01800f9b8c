"""From the structures that pykinect2 hands out to bodies and pictures.

A Kinect shows the world as a mirror does. Ours do not: pictures are turned round, and the joints in them too.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from models.body import Body, ByteArray, FloatArray, Hand
from models.joints import FrameEdges, HandState, Joint, TrackingConfidence
from models.kinect_keypoints import kinect_labels

COLOUR_SIZE = (1920, 1080)
"""Width and height of the colour camera's picture."""

HALF_WIDTH = COLOUR_SIZE[0] // 2
"""Width of its picture at half the size."""

_SPREAD = 0.02  # of x/z among a body's joints: less does not tell left from right


def colour_image(data: ByteArray, half: bool, mirrored: bool) -> ByteArray:
    """The picture (height, width, 3), blue, green, red, as somebody beside the Kinect sees it.

    Parameters
    ----------
    data : (1080 * 1920 * 4,) uint8 array
        Blue, green, red and alpha.
    half : bool
        Give 960 x 540.
    mirrored : bool
        Whether ``data`` shows the world as a mirror does.
    """
    width, height = COLOUR_SIZE
    image = np.asarray(data, np.uint8).reshape(height, width, 4)
    image = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGRA2BGR), np.uint8)
    if half:
        image = np.asarray(cv2.resize(image, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8)
    return np.ascontiguousarray(image[:, ::-1]) if mirrored else image


def in_picture(pixels: FloatArray, half: bool, mirrored: bool) -> FloatArray:
    """Where ``pixels`` (n, 2) of the colour camera lie in the picture of `colour_image`; whole numbers are centres."""
    result = pixels.copy()
    if mirrored:
        result[:, 0] = COLOUR_SIZE[0] - 1 - result[:, 0]
    return (result - np.float32(0.5)) / np.float32(2) if half else result


def shows_mirrored(positions: FloatArray, pixels: FloatArray) -> bool | None:
    """Whether pixels (25, 2) grow with X, as in a mirror; None where the joints (25, 3) are too close to tell."""
    known = np.isfinite(pixels).all(axis=1) & (positions[:, 2] > 0.1)
    if known.sum() < 2:
        return None
    across = positions[known, 0] / positions[known, 2]
    across = across - across.mean()
    if float(across.std()) < _SPREAD:
        return None
    return float(across @ pixels[known, 0]) > 0


def joint_arrays(body: Any) -> tuple[FloatArray, FloatArray, ByteArray]:
    """Positions (25, 3), orientations (25, 4) x y z w, and tracking states (25,) of a ``KinectBody``, unchanged."""
    positions = np.empty((len(Joint), 3), np.float32)
    orientations = np.empty((len(Joint), 4), np.float32)
    states = np.empty(len(Joint), np.uint8)
    for joint in Joint:
        point, turn = body.joints[joint].Position, body.joint_orientations[joint].Orientation
        positions[joint] = point.x, point.y, point.z
        orientations[joint] = turn.x, turn.y, turn.z, turn.w
        states[joint] = body.joints[joint].TrackingState
    return positions, orientations, states


def joint_pixels(runtime: Any, body: Any) -> FloatArray:
    """Where the sensor's own mapper sees a ``KinectBody`` in the colour camera: (25, 2), some not finite."""
    points = runtime.body_joints_to_color_space(body.joints)
    return np.array([(points[joint].x, points[joint].y) for joint in Joint], np.float32)


def kinect_body(
    body: Any, slot: int, joints: tuple[FloatArray, FloatArray, ByteArray], pixels: FloatArray, size: tuple[int, int]
) -> Body:
    """A ``KinectBody`` that is tracked, with its joints as `joint_arrays` gave them, as ours.

    Parameters
    ----------
    pixels : (25, 2) float32 array
        Joints in a picture of ``size``, width and height.
    """
    positions, orientations, states = joints
    return Body(
        tracking_id=int(body.tracking_id) % 2**64,
        slot=slot,
        positions=positions,
        orientations=orientations,
        tracking_states=states,
        hand_left=_hand(body.hand_left_state, body.hand_left_confidence),
        hand_right=_hand(body.hand_right_state, body.hand_right_confidence),
        keypoints=kinect_labels(pixels, states, size),
        clipped_edges=FrameEdges(int(body.clipped_edges) % 16),
    )


def _hand(state: int, confidence: int) -> Hand:
    return Hand(HandState(int(state)), TrackingConfidence(int(confidence)))
