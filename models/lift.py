"""From keypoints in a picture to a Kinect v2 body in metres, by a pinhole camera and the proportions of a body.

Every joint that was seen keeps the ray of its keypoint; what is looked for is how far along the ray it lies. The
torso's distance follows from how long its bones appear. A limb then reaches from joint to joint: a bone that appears
shorter than it is points towards the camera or away from it, and the body's habits say which (knees bend forwards,
hands are in front). Arrays: keypoints (23, 3) x, y in pixels and confidence; points (n, 3) in camera space, metres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.camera import PinholeCamera
from models.joints import JOINT_PARENT, FrameEdges, Joint, Keypoint, TrackingState
from models.proportions import (
    BONE_LENGTH,
    DEFAULT_HEIGHT,
    FOOT_FRACTION,
    HAND_FRACTION,
    HANGING,
    INDEX_FRACTION,
    NECK_FRACTION,
    SPINE_MID_FRACTION,
)
from models.torso import DEPTH_POWER, NEAREST, Torso, View, place_torso

TRACKED = 0.5
"""A joint whose keypoints are at least this sure, and inside the picture, is Tracked."""

SEEN = 0.2
"""A keypoint that is less sure than this is not used."""

_SIDES = ("LEFT", "RIGHT")
_THUMB = 0.085  # metres from the wrist to the thumb


@dataclass(frozen=True, slots=True, eq=False)
class Lifted:
    """What a picture says of where a body is: attributes of `models.body.Body`; see there for the shapes.

    `models.orientation.orientations` follows from the positions, best once those are smooth.
    """

    positions: FloatArray
    tracking_states: ByteArray
    clipped_edges: FrameEdges


@dataclass(frozen=True, slots=True, eq=False)
class _Bones:
    """Bones that are solved together; arrays of n.

    Attributes
    ----------
    ends, starts : joints
    keypoints : where each bone leads
    lengths : metres from the start to the keypoint
    stretch : a bone that looks longer than this share of its length lies across the view
    share : the joint lies this far on the way from the start to the keypoint; above 1, beyond it
    towards : (n, 3), the way a bone turns, towards the body's own right, up and forwards
    """

    ends: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]
    keypoints: npt.NDArray[np.intp]
    lengths: FloatArray
    stretch: FloatArray
    share: FloatArray
    towards: FloatArray


def _both_sides(*rows: tuple[str, str, str, float, float, float, float, float]) -> _Bones:
    """Left and right of ``(end, start, keypoint, length, stretch, share, outwards, forwards)``."""
    both = [(side, *row) for row in rows for side in _SIDES]
    ends, starts, names, lengths, stretch, share, outwards, forwards = list(zip(*both, strict=True))[1:]
    sides = [row[0] for row in both]
    out = [amount if side == "RIGHT" else -amount for side, amount in zip(sides, outwards, strict=True)]
    return _Bones(
        ends=np.array([Joint[f"{name}_{side}"] for name, side in zip(ends, sides, strict=True)]),
        starts=np.array([Joint[f"{name}_{side}"] for name, side in zip(starts, sides, strict=True)]),
        keypoints=np.array([Keypoint[f"{side}_{name}"] for name, side in zip(names, sides, strict=True)]),
        lengths=np.array(lengths, np.float32),
        stretch=np.array(stretch, np.float32),
        share=np.array(share, np.float32)[:, None],
        towards=np.array([out, np.zeros(len(out)), forwards], np.float32).T,
    )


def _length(part: str) -> float:
    return BONE_LENGTH[Joint[f"{part}_LEFT"]]


_INDEX = (_length("HAND") + _length("HAND_TIP")) * INDEX_FRACTION
_LIMBS = (
    _both_sides(
        ("ELBOW", "SHOULDER", "ELBOW", _length("ELBOW"), 0.88, 1.0, 0.3, 1.0),
        ("KNEE", "HIP", "KNEE", _length("KNEE"), 0.83, 1.0, 0.0, 1.0),
    ),
    _both_sides(
        ("WRIST", "ELBOW", "WRIST", _length("WRIST"), 0.98, 1.0, 0.0, 1.0),
        ("ANKLE", "KNEE", "ANKLE", _length("ANKLE"), 0.98, 1.0, 0.0, -1.0),
    ),
    _both_sides(
        ("HAND_TIP", "WRIST", "INDEX", _INDEX, 0.8, 1 / INDEX_FRACTION, 0.0, 1.0),
        ("THUMB", "WRIST", "THUMB", _THUMB, 0.8, 1.0, 0.0, 1.0),
        ("FOOT", "ANKLE", "FOOT", _length("FOOT") / FOOT_FRACTION, 1.0, FOOT_FRACTION, 0.0, 1.0),
    ),
)


def _joints(part: str) -> npt.NDArray[np.intp]:
    return np.array([Joint[f"{part}_{side}"] for side in _SIDES])


_SHOULDERS, _HIPS, _WRISTS = _joints("SHOULDER"), _joints("HIP"), _joints("WRIST")
_HANDS, _HAND_TIPS, _THUMBS = _joints("HAND"), _joints("HAND_TIP"), _joints("THUMB")


def lift_body(
    keypoints: FloatArray,
    camera: PinholeCamera,
    height: float = DEFAULT_HEIGHT,
    size: tuple[int, int] | None = None,
    previous: Lifted | None = None,
) -> Lifted:
    """Place one person's 25 joints in camera space.

    Parameters
    ----------
    keypoints : (23, 3) float32 array
        x and y in pixels, and confidence 0 to 1, indexed by `Keypoint`. NaN counts as not seen.
    camera : PinholeCamera
    height : float
        The person's height in metres; all distances scale with it.
    size : (int, int), optional
        Width and height of the picture in pixels: a joint outside it is never Tracked.
    previous : Lifted, optional
        The same person a moment ago: what is not seen now keeps its place relative to its neighbour.
    """
    keypoints = np.where(np.isfinite(keypoints.sum(axis=1, keepdims=True)), keypoints, np.float32(0.0))
    scale = height / DEFAULT_HEIGHT
    before = None if previous is None else previous.positions
    view = View(_rays(keypoints, camera), keypoints[:, 2] >= SEEN, scale, before)
    torso = place_torso(view)
    positions = _spine(torso)
    hanging = HANGING @ torso.basis * np.float32(scale)
    for bones in _LIMBS:
        positions[bones.ends] = _ends(bones, positions[bones.starts], view, torso.basis, hanging)
    positions[_HANDS] = positions[_WRISTS] + HAND_FRACTION * (positions[_HAND_TIPS] - positions[_WRISTS])
    positions[:, 2] = np.maximum(positions[:, 2], NEAREST / 3)
    edges = FrameEdges.NONE if size is None else edges_beyond(camera.project(positions), size)
    return Lifted(positions, tracking_states(keypoints, size), edges)


def _rays(keypoints: FloatArray, camera: PinholeCamera) -> FloatArray:
    rays = np.ones((len(keypoints), 3), np.float32)
    rays[:, 0] = (camera.centre_u - keypoints[:, 0]) / camera.focal
    rays[:, 1] = (camera.centre_v - keypoints[:, 1]) / camera.focal
    return rays


def _spine(torso: Torso) -> FloatArray:
    """Joints (25, 3) with torso and head in place."""
    positions = np.zeros((len(Joint), 3), np.float32)
    base, top, head = torso.spine_base, torso.spine_shoulder, torso.head
    positions[Joint.SPINE_BASE] = base
    positions[Joint.SPINE_MID] = base + SPINE_MID_FRACTION * (top - base)
    positions[Joint.SPINE_SHOULDER] = top
    positions[Joint.NECK] = top + NECK_FRACTION * (head - top)
    positions[Joint.HEAD] = head
    positions[_SHOULDERS] = torso.shoulders
    positions[_HIPS] = torso.hips
    return positions


def _ends(bones: _Bones, starts: FloatArray, view: View, basis: FloatArray, hanging: FloatArray) -> FloatArray:
    """Where ``bones`` end, (n, 3): on their rays where seen, else as they were, else as they hang."""
    rays, lengths = view.rays[bones.keypoints], bones.lengths * np.float32(view.scale)
    squares = (rays * rays).sum(axis=1)
    nearest = (rays * starts).sum(axis=1) / squares  # the depth where the ray passes the start most closely
    gaps = starts - rays * nearest[:, None]
    looks = (gaps * gaps).sum(axis=1) / (lengths * bones.stretch) ** 2
    deep = lengths * np.maximum(1.0 - looks, 0.0) ** DEPTH_POWER / np.sqrt(squares)
    depths = np.maximum(nearest + deep * np.tanh(5.0 * (bones.towards @ basis)[:, 2]), NEAREST / 3)
    on_rays = starts + bones.share * (rays * depths[:, None] - starts)
    before = view.before
    offsets = hanging[bones.ends] if before is None else before[bones.ends] - before[bones.starts]
    return np.where(view.seen[bones.keypoints, None], on_rays, starts + offsets)


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
    """A `TrackingState` for each joint, (25,), from keypoints (23, 3).

    Tracked: all its keypoints are sure and inside the picture. Inferred: some are, or they are unsure, or at least the
    joint's neighbour on the body was seen. NotTracked: nothing near it was seen.
    """
    confidence = keypoints[:, 2]
    sure = confidence >= TRACKED
    if size is not None:
        sure &= ((keypoints[:, :2] >= 0) & (keypoints[:, :2] <= np.array(size))).all(axis=1)
    levels = (confidence >= SEEN).astype(np.uint8) + (sure & (confidence >= SEEN))
    groups = levels[_STATE_KEYPOINTS]
    groups[Joint.HEAD] = levels[_HEAD_KEYPOINTS].max()  # one look at the head is enough
    joints = np.where(groups.min(axis=1) == 2, 2, np.minimum(groups.max(axis=1), 1))
    near = np.minimum(joints[_NEIGHBOUR], TrackingState.INFERRED)
    return np.asarray(np.maximum(joints, near), np.uint8)


def edges_beyond(pixels: FloatArray, size: tuple[int, int]) -> FrameEdges:
    """The edges of a picture (width, height) that points (n, 2) lie beyond."""
    (left, top), (right, bottom) = pixels.min(axis=0).tolist(), pixels.max(axis=0).tolist()
    return (
        (FrameEdges.LEFT if left < 0 else FrameEdges.NONE)
        | (FrameEdges.TOP if top < 0 else FrameEdges.NONE)
        | (FrameEdges.RIGHT if right > size[0] else FrameEdges.NONE)
        | (FrameEdges.BOTTOM if bottom > size[1] else FrameEdges.NONE)
    )
