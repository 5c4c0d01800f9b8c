"""What may be said of each joint: Tracked, Inferred or NotTracked, and which edges of the picture cut a body off.

Keypoints are (23, 3) x, y in pixels and confidence 0 to 1, indexed by `Keypoint`.
"""

from __future__ import annotations

import numpy as np

from models.body import ByteArray, FloatArray
from models.joints import JOINT_PARENT, FrameEdges, Joint, Keypoint, TrackingState
from models.lift_features import SEEN

TRACKED = 0.5
"""A joint whose keypoints are at least this sure, and inside the picture, is Tracked."""

_SIDES = ("LEFT", "RIGHT")

_MEMBERS = {
    Joint.SPINE_BASE: ("LEFT_HIP", "RIGHT_HIP"),
    Joint.SPINE_MID: ("LEFT_SHOULDER", "RIGHT_SHOULDER", "LEFT_HIP", "RIGHT_HIP"),
    Joint.SPINE_SHOULDER: ("LEFT_SHOULDER", "RIGHT_SHOULDER"),
    Joint.NECK: ("LEFT_SHOULDER", "RIGHT_SHOULDER"),
    Joint.HEAD: (),
    **{Joint[f"HAND_{side}"]: (f"{side}_WRIST", f"{side}_INDEX") for side in _SIDES},
    **{Joint[f"HAND_TIP_{side}"]: (f"{side}_INDEX",) for side in _SIDES},
}


def _members(joint: Joint) -> list[int]:
    """Four keypoints that decide a joint's tracking state, some of them repeated."""
    part, _, side = joint.name.rpartition("_")
    names = _MEMBERS.get(joint, (f"{side}_{part}",)) or ("NOSE",)
    return [Keypoint[names[i % len(names)]] for i in range(4)]


_STATE_KEYPOINTS = np.array([_members(joint) for joint in Joint])
_HEAD_KEYPOINTS = np.array([Keypoint.NOSE, Keypoint.LEFT_EAR, Keypoint.RIGHT_EAR, Keypoint.HEAD_TOP])
_TRUNK = {Joint.SPINE_BASE, Joint.SPINE_MID, Joint.NECK, Joint.HEAD, Joint.HIP_LEFT, Joint.HIP_RIGHT}
_NEIGHBOUR = np.array(
    [
        Joint.SPINE_SHOULDER
        if joint in _TRUNK
        else Joint.SPINE_BASE
        if joint is Joint.SPINE_SHOULDER
        else JOINT_PARENT[joint]
        for joint in Joint
    ]
)


def tracking_states(keypoints: FloatArray, size: tuple[int, int] | None = None) -> ByteArray:
    """A `TrackingState` for each joint, (..., 25), from keypoints (..., 23, 3).

    Tracked: all its keypoints are sure and inside the picture. Inferred: some are, or they are unsure, or at least the
    joint's neighbour on the body was seen. NotTracked: nothing near it was seen.
    """
    confidence, points = keypoints[..., 2], keypoints[..., :2]
    sure = confidence >= TRACKED
    if size is not None:
        sure &= ((points >= 0) & (points <= np.array(size, np.float32))).all(axis=-1)
    levels = (confidence >= SEEN).astype(np.uint8)
    levels += sure
    groups = levels.take(_STATE_KEYPOINTS, axis=-1)
    groups[..., Joint.HEAD, :] = levels.take(_HEAD_KEYPOINTS, axis=-1).max(axis=-1, keepdims=True)  # one look is enough
    joints = np.where(groups.min(axis=-1) == 2, np.uint8(2), np.minimum(groups.max(axis=-1), np.uint8(1)))
    near = np.minimum(joints.take(_NEIGHBOUR, axis=-1), np.uint8(TrackingState.INFERRED))
    return np.asarray(np.maximum(joints, near), np.uint8)


def edges_beyond(pixels: FloatArray, size: tuple[int, int]) -> list[FrameEdges]:
    """For each of n people the edges of a picture (width, height) that their points (n, k, 2) lie beyond."""
    lows, highs = pixels.min(axis=1).tolist(), pixels.max(axis=1).tolist()
    return [
        FrameEdges((right > size[0]) + 2 * (left < 0) + 4 * (top < 0) + 8 * (bottom > size[1]))
        for (left, top), (right, bottom) in zip(lows, highs, strict=True)
    ]
