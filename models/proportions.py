"""How long the bones of a Kinect v2 body are, and how a body hangs when nothing else is known.

Lengths are metres for a person 1.7 m tall. They are medians over recordings of a Kinect v2 (GTU Action3D, KERAAL), so
they are the distances between the points that the Kinect reports, which are not those of an anatomist: its hips lie
close together, and its shoulders sit inside the joint.
"""

from __future__ import annotations

import numpy as np

from models.body import FloatArray
from models.joints import JOINT_PARENT, Joint, mirrored

DEFAULT_HEIGHT = 1.7
"""The height, in metres, that the lengths below belong to."""

SHOULDER_WIDTH = 0.33
SPINE = 0.495
"""From SpineBase to SpineShoulder."""

DIAGONAL = 0.507
"""From a shoulder to the opposite hip."""

SPINE_MID_FRACTION = 0.575
"""Where SpineMid lies on the way from SpineBase to SpineShoulder."""

NECK_FRACTION = 0.32
"""Where Neck lies on the way from SpineShoulder to Head."""

INDEX_FRACTION = 0.65
"""Where the index knuckle, a keypoint, lies on the way from the wrist to HandTip."""

FOOT_FRACTION = 0.75
"""Where Foot lies on the way from the ankle to the toes, a keypoint."""

HEAD_HALF_HEIGHT = 0.12
"""From Head, the middle of the head, to its top."""


_LEFT_LENGTHS = {
    Joint.SHOULDER_LEFT: 0.168,
    Joint.ELBOW_LEFT: 0.257,
    Joint.WRIST_LEFT: 0.228,
    Joint.HAND_LEFT: 0.061,
    Joint.HAND_TIP_LEFT: 0.077,
    Joint.THUMB_LEFT: 0.049,
    Joint.HIP_LEFT: 0.083,
    Joint.KNEE_LEFT: 0.36,
    Joint.ANKLE_LEFT: 0.375,
    Joint.FOOT_LEFT: 0.105,
}

BONE_LENGTH: dict[Joint, float] = {
    Joint.SPINE_MID: SPINE * SPINE_MID_FRACTION,
    Joint.SPINE_SHOULDER: SPINE * (1 - SPINE_MID_FRACTION),
    Joint.NECK: 0.07,
    Joint.HEAD: 0.146,
    **_LEFT_LENGTHS,
    **{Joint[mirrored(joint.name)]: length for joint, length in _LEFT_LENGTHS.items()},
}
"""Length of the bone that ends in each joint."""


def _hanging() -> FloatArray:
    """Offsets of each joint from its parent in someone who stands at ease."""
    down = (0.0, -1.0, 0.0)
    outwards = {"LEFT": -1.0, "RIGHT": 1.0}
    offsets = np.zeros((len(Joint), 3), np.float32)
    for joint in JOINT_PARENT:
        part, _, side = joint.name.rpartition("_")
        out = outwards.get(side, 0.0)
        direction = {
            "SPINE": (0.0, 1.0, 0.05),
            "": (0.0, 1.0, 0.0),
            "SHOULDER": (out, -0.15, 0.0),
            "HIP": (out, 0.0, 0.0),
            "ELBOW": (0.15 * out, -1.0, 0.0),
            "WRIST": (0.1 * out, -1.0, 0.2),
            "THUMB": (-0.2 * out, -0.5, 0.8),
            "FOOT": (0.2 * out, -0.5, 0.85),
        }.get(part, down)
        offsets[joint] = np.array(direction) / np.linalg.norm(direction) * BONE_LENGTH[joint]
    return offsets


HANGING = _hanging()
"""(25, 3) metres: from each joint's parent to the joint in someone who stands at ease, towards the body's own right, up
and forwards."""
