"""Which of a Kinect's joints stand for our keypoints, and those joints as labels in a picture.

Limbs map by name; a hand tip is the index, and the neck the neck. A Kinect's Head is the middle of the head, so nose,
ears and head top stay unlabelled, and its spine has no keypoint. A Kinect's hips and shoulders lie elsewhere than
those that people label: whoever trains on its labels gets a network that answers as a Kinect does.
"""

from __future__ import annotations

import numpy as np

from models.body import ByteArray, FloatArray
from models.joints import Joint, Keypoint, TrackingState

_PARTS = {
    "SHOULDER": "SHOULDER",
    "ELBOW": "ELBOW",
    "WRIST": "WRIST",
    "INDEX": "HAND_TIP",
    "THUMB": "THUMB",
    "HIP": "HIP",
    "KNEE": "KNEE",
    "ANKLE": "ANKLE",
    "FOOT": "FOOT",
}

KEYPOINT_JOINT: dict[Keypoint, Joint] = {Keypoint.NECK: Joint.NECK} | {
    Keypoint[f"{side}_{ours}"]: Joint[f"{theirs}_{side}"]
    for ours, theirs in _PARTS.items()
    for side in ("LEFT", "RIGHT")
}
"""For each keypoint that a Kinect can label, the joint that does."""

STATE_CONFIDENCE = np.array([0.0, 0.5, 1.0], np.float32)
"""The confidence of a label by the `TrackingState` of its joint."""


def kinect_labels(pixels: FloatArray, states: ByteArray, image_size: tuple[int, int]) -> FloatArray:
    """Keypoints (..., 23, 3) as `Body` has them, from a Kinect's joints in a picture.

    Parameters
    ----------
    pixels : (..., 25, 2) float32 array
        Where the camera sees each joint; NaN or infinite where it does not.
    states : (..., 25) uint8 array
        `TrackingState` of each joint.
    image_size : (int, int)
        Width and height of the picture in pixels.

    Returns
    -------
    (..., 23, 3) float32 array
        x, y in pixels, and confidence: 1 for tracked joints, 0.5 for inferred ones, and 0 for what is not tracked, not
        in the picture or not a Kinect's. Joints beyond the picture keep their pixels.
    """
    keypoints = np.zeros((*states.shape[:-1], len(Keypoint), 3), np.float32)
    ours, joints = list(KEYPOINT_JOINT), list(KEYPOINT_JOINT.values())
    places = pixels[..., joints, :]
    known = np.isfinite(places).all(-1) & (states[..., joints] != TrackingState.NOT_TRACKED)
    inside = known & ((places >= 0) & (places < np.array(image_size))).all(-1)
    keypoints[..., ours, :2] = np.where(known[..., None], places, 0)
    keypoints[..., ours, 2] = np.where(inside, STATE_CONFIDENCE[states[..., joints]], 0)
    return keypoints
