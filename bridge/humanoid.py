"""A Kinect body as Unity's humanoid: for each bone where it begins and how it is turned from the T-pose.

Unity's space is left-handed: metres, X to the right, Y up, Z forwards; that is camera space with Z the other way, for
somebody who faces the camera faces Unity's +Z. In the T-pose (standing, facing +Z, arms out, palms down) every
rotation is the identity. Kinect orientations have Y along the bone that ends in the joint, so a bone's rotation is
that of its end joint against what the same joint has in the T-pose; the head and the feet, for which the Kinect has
none, are turned from the bone before by the shortest way to their direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from bridge.quaternions import conjugate, factors, seen_from, swung
from models.body import ByteArray, FloatArray
from models.joints import Joint
from models.orientation import orientations as orientations_of
from models.orientation import unit

_TO_UNITY = np.array([1, 1, -1], np.float32)
_TURN_TO_UNITY = np.array([-1, -1, 1, 1], np.float32)


@dataclass(frozen=True, slots=True)
class _Bone:
    """Its parent, the joint that tells its rotation, and between which joints, and how far along, it begins."""

    parent: str
    joint: Joint
    start: Joint
    towards: Joint
    share: float = 0.0


def _side(side: str) -> dict[str, _Bone]:
    def joint(part: str) -> Joint:
        return Joint[f"{part}_{side.upper()}"]

    def at(parent: str, told_by: str, start: str) -> _Bone:
        return _Bone(parent, joint(told_by), joint(start), joint(start))

    return {
        f"{side}Shoulder": _Bone("UpperChest", Joint.SPINE_SHOULDER, Joint.SPINE_SHOULDER, joint("SHOULDER"), 0.25),
        f"{side}UpperArm": at(f"{side}Shoulder", "ELBOW", "SHOULDER"),
        f"{side}LowerArm": at(f"{side}UpperArm", "WRIST", "ELBOW"),
        f"{side}Hand": at(f"{side}LowerArm", "HAND", "WRIST"),
        f"{side}UpperLeg": at("Hips", "KNEE", "HIP"),
        f"{side}LowerLeg": at(f"{side}UpperLeg", "ANKLE", "KNEE"),
        f"{side}Foot": at(f"{side}LowerLeg", "FOOT", "ANKLE"),
        f"{side}Toes": at(f"{side}Foot", "FOOT", "FOOT"),
    }


_SKELETON = {
    "Hips": _Bone("", Joint.SPINE_BASE, Joint.SPINE_BASE, Joint.SPINE_BASE),
    "Spine": _Bone("Hips", Joint.SPINE_MID, Joint.SPINE_BASE, Joint.SPINE_MID, 0.4),
    "Chest": _Bone("Spine", Joint.SPINE_SHOULDER, Joint.SPINE_MID, Joint.SPINE_MID),
    "UpperChest": _Bone("Chest", Joint.SPINE_SHOULDER, Joint.SPINE_MID, Joint.SPINE_SHOULDER, 0.5),
    "Neck": _Bone("UpperChest", Joint.NECK, Joint.SPINE_SHOULDER, Joint.NECK, 0.5),
    "Head": _Bone("Neck", Joint.HEAD, Joint.NECK, Joint.HEAD, 0.4),
    **_side("Left"),
    **_side("Right"),
}

BONES = tuple(_SKELETON)
"""Names of Unity's ``HumanBodyBones``, parents first."""

PARENTS = np.array([BONES.index(bone.parent) if bone.parent else -1 for bone in _SKELETON.values()])
"""The place of each bone's parent in `BONES`; -1 for the hips."""


def _t_pose() -> FloatArray:
    """Joint positions (25, 3) of the T-pose in camera space, facing the camera; limbs lie along the axes."""
    pose = np.zeros((len(Joint), 3), np.float32)
    spine = ((Joint.SPINE_MID, 0.3), (Joint.SPINE_SHOULDER, 0.52), (Joint.NECK, 0.58), (Joint.HEAD, 0.72))
    for joint, height in spine:
        pose[joint] = (0, height, 0)
    arm = {"SHOULDER": 0.17, "ELBOW": 0.45, "WRIST": 0.7, "HAND": 0.78, "HAND_TIP": 0.86}
    leg = {"HIP": (-0.02, 0), "KNEE": (-0.44, 0), "ANKLE": (-0.84, 0), "FOOT": (-0.89, -0.12)}
    for side, sign in (("LEFT", -1), ("RIGHT", 1)):
        for part, out in arm.items():
            pose[Joint[f"{part}_{side}"]] = (sign * out, 0.5, 0)
        pose[Joint[f"THUMB_{side}"]] = (sign * 0.76, 0.5, -0.05)
        for part, (height, ahead) in leg.items():
            pose[Joint[f"{part}_{side}"]] = (sign * 0.08, height, ahead)
    return pose


_ENDS = (
    (("Head",), Joint.NECK, Joint.HEAD),
    (("LeftFoot", "LeftToes"), Joint.ANKLE_LEFT, Joint.FOOT_LEFT),
    (("RightFoot", "RightToes"), Joint.ANKLE_RIGHT, Joint.FOOT_RIGHT),
)
"""Bones whose joint has no orientation, the first with those that turn with it, and between which joints it lies."""


def _places() -> FloatArray:
    """(bones + ends, 25): from joint positions to where the bones begin, then to where the ends point."""
    weights = np.zeros((len(BONES) + len(_ENDS), len(Joint)), np.float32)
    for row, bone in zip(weights, _SKELETON.values(), strict=False):
        row[bone.start] += 1 - bone.share
        row[bone.towards] += bone.share
    for row, (_, start, end) in zip(weights[len(BONES) :], _ENDS, strict=True):
        row[[start, end]] = -1, 1
    return weights


T_POSE = _t_pose()
_PLACES = _places()
_JOINTS = np.array([bone.joint for bone in _SKELETON.values()])
_REST = orientations_of(T_POSE) * _TURN_TO_UNITY
_FROM_REST = _TURN_TO_UNITY[:, None] * factors(conjugate(_REST[_JOINTS]))  # a matrix (4, 4) for each bone
_END_BONES = [slice(BONES.index(bones[0]), BONES.index(bones[-1]) + 1) for bones, _, _ in _ENDS]
_END_PARENTS = PARENTS[[bones.start for bones in _END_BONES]]
_LOWEST = [Joint.SPINE_BASE, Joint.FOOT_LEFT, Joint.FOOT_RIGHT, Joint.ANKLE_LEFT, Joint.ANKLE_RIGHT]
_NO_TURN = np.array([0, 0, 0, 1], np.float32)
_END_RESTS = [tuple(rest) for rest in unit((_PLACES[len(BONES) :] @ T_POSE) * _TO_UNITY).tolist()]


@dataclass(frozen=True, slots=True, eq=False)
class Humanoid:
    """One body in Unity's space.

    Attributes
    ----------
    starts : (bones, 3) float32 array
        Where each bone begins, in the order of `BONES`.
    rotations : (bones, 4) float32 array
        How each is turned from the T-pose, x y z w.
    floor : float
        Height of the floor below the hips: that of the floor plane where it is known, else of the lowest ankle or foot.
    """

    starts: FloatArray
    rotations: FloatArray
    floor: float


def humanoid(positions: FloatArray, orientations: FloatArray, states: ByteArray, floor: FloatArray) -> Humanoid:
    """Unity's bones of one body.

    Parameters
    ----------
    positions, orientations, states : (25, 3), (25, 4) and (25,) arrays
        In camera space. Where no joint has an orientation, they are worked out from the positions.
    floor : (4,) float32 array
        The floor clip plane in camera space; zeros where it is not known.
    """
    told = _told(orientations.astype(np.bool_).tobytes(), states.astype(np.bool_).tobytes())
    turns = orientations_of(positions) if told.by_positions else orientations
    own = (turns.take(_JOINTS, axis=0)[:, None] @ _FROM_REST)[:, 0]
    if not told.hips:
        own[0] = _NO_TURN
    rotations = own.take(told.by, axis=0)
    places = (_PLACES @ positions) * _TO_UNITY
    if told.ends:
        before, directions = rotations.take(_END_PARENTS, axis=0).tolist(), places[len(BONES) :].tolist()
        for end, bones in told.ends:
            rotations[bones] = swung(before[end], _END_RESTS[end], directions[end])
    return Humanoid(places[: len(BONES)], rotations, _floor_height(positions, floor))


def local(body: Humanoid) -> tuple[FloatArray, FloatArray]:
    """Positions (bones, 3) and rotations (bones, 4) of all bones against their parents; the hips' are as they were."""
    offsets = body.starts - body.starts.take(PARENTS, axis=0)
    rotations, positions = seen_from(body.rotations.take(PARENTS, axis=0), body.rotations, offsets)
    rotations[0], positions[0] = body.rotations[0], body.starts[0]
    return positions, rotations


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """What tells how the bones are turned.

    Attributes
    ----------
    by_positions : bool
        Whether no joint has an orientation.
    hips : bool
        Whether anything is known of the hips.
    by : (bones,) int array
        For each bone the one whose rotation it takes.
    ends : list of (int, slice)
        The ends that are seen, each with its bones.
    """

    by_positions: bool
    hips: bool
    by: npt.NDArray[np.intp]
    ends: list[tuple[int, slice]]


@lru_cache(maxsize=256)
def _told(orientations: bytes, states: bytes) -> _Told:
    """What tells the bones where ``orientations`` and ``states`` are not 0; others turn with their parents."""
    turns = np.frombuffer(orientations, np.bool_).reshape(-1, 4).any(axis=1)
    by_positions = not turns.any()
    if by_positions:
        turns = orientations_of(T_POSE).any(axis=1)
    known = (turns & np.frombuffer(states, np.bool_))[_JOINTS]
    by: list[int] = []
    for bone, parent in enumerate(PARENTS):
        by.append(bone if known[bone] or parent < 0 else by[parent])
    ends = [(end, _END_BONES[end]) for end, (_, _, joint) in enumerate(_ENDS) if states[joint]]
    return _Told(by_positions, bool(known[0]), np.array(by), ends)


def _floor_height(positions: FloatArray, floor: FloatArray) -> float:
    a, b, c, d = floor.tolist()
    if b > 0.5:
        x, _, z = positions[Joint.SPINE_BASE].tolist()
        return float(-(a * x + c * z + d) / b)
    heights = positions[:, 1].tolist()
    return float(min([heights[joint] for joint in _LOWEST]))
