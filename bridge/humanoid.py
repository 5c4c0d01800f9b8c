"""A Kinect body as Unity's humanoid: for each bone where it begins and how it is turned from the T-pose.

Unity's space is left-handed: metres, X to the right, Y up, Z forwards; that is camera space with Z the other way, for
somebody who faces the camera faces Unity's +Z. In the T-pose (standing, facing +Z, arms out, palms down) every
rotation is the identity. Kinect orientations have Y along the bone that ends in the joint, so a bone's rotation is
that of its end joint against what the same joint has in the T-pose; the head and the feet, for which the Kinect has
none, are turned from the bone before by the shortest way to their direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bridge.quaternions import between, conjugate, factors, multiply, rotate
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


def _starts() -> FloatArray:
    """(bones, 25): from joint positions to where the bones begin."""
    weights = np.zeros((len(BONES), len(Joint)), np.float32)
    for row, bone in zip(weights, _SKELETON.values(), strict=True):
        row[bone.start] += 1 - bone.share
        row[bone.towards] += bone.share
    return weights


T_POSE = _t_pose()
_STARTS = _starts()
_JOINTS = np.array([bone.joint for bone in _SKELETON.values()])
_REST = orientations_of(T_POSE) * _TURN_TO_UNITY
_FROM_REST = _TURN_TO_UNITY[:, None] * factors(conjugate(_REST[_JOINTS]))  # a matrix (4, 4) for each bone
_ENDS = np.array([Joint.HEAD, Joint.FOOT_LEFT, Joint.FOOT_RIGHT])
_BEFORE_ENDS = np.array([Joint.NECK, Joint.ANKLE_LEFT, Joint.ANKLE_RIGHT])
_END_BONES = np.array([BONES.index(name) for name in ("Head", "LeftFoot", "RightFoot")])
_END_PARENTS = PARENTS[_END_BONES]
_PARENT_LIST: list[int] = PARENTS.tolist()
_LOWEST = [Joint.SPINE_BASE, Joint.FOOT_LEFT, Joint.FOOT_RIGHT, Joint.ANKLE_LEFT, Joint.ANKLE_RIGHT]
_TOES, _FEET = ([BONES.index(f"{side}{part}") for side in ("Left", "Right")] for part in ("Toes", "Foot"))
_END_REST = unit((T_POSE[_ENDS] - T_POSE[_BEFORE_ENDS]) * _TO_UNITY)


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
    turns = orientations if orientations.any() else orientations_of(positions)
    rotations = (turns.take(_JOINTS, axis=0)[:, None] @ _FROM_REST)[:, 0]
    rotations = _inherited(rotations, np.logical_and(rotations.any(axis=1), states.take(_JOINTS)).tolist())
    directions = unit((positions.take(_ENDS, axis=0) - positions.take(_BEFORE_ENDS, axis=0)) * _TO_UNITY)
    before = rotations.take(_END_PARENTS, axis=0)
    turned = multiply(between(rotate(before, _END_REST), directions), before)
    seen = states.take(_ENDS)  # 0 is NotTracked
    rotations[_END_BONES] = turned if seen.all() else np.where(seen[:, None], turned, before)
    rotations[_TOES] = rotations[_FEET]
    return Humanoid((_STARTS @ positions) * _TO_UNITY, rotations, _floor_height(positions, floor))


def local(body: Humanoid) -> tuple[FloatArray, FloatArray]:
    """Positions (bones, 3) and rotations (bones, 4) of all bones against their parents; the hips' are as they were."""
    parents = conjugate(body.rotations.take(PARENTS, axis=0))
    rotations = multiply(parents, body.rotations)
    positions = rotate(parents, body.starts - body.starts.take(PARENTS, axis=0))
    rotations[0], positions[0] = body.rotations[0], body.starts[0]
    return positions, rotations


def _inherited(rotations: FloatArray, known: list[bool]) -> FloatArray:
    """Bones of which nothing is known turn with their parents."""
    if all(known):
        return rotations
    if not known[0]:
        rotations[0] = 0, 0, 0, 1
    told_by: list[int] = []
    for bone, parent in enumerate(_PARENT_LIST):
        told_by.append(bone if known[bone] or parent < 0 else told_by[parent])
    return rotations[told_by]


def _floor_height(positions: FloatArray, floor: FloatArray) -> float:
    a, b, c, d = floor.tolist()
    if b > 0.5:
        x, _, z = positions[Joint.SPINE_BASE].tolist()
        return float(-(a * x + c * z + d) / b)
    heights = positions[:, 1].tolist()
    return float(min([heights[joint] for joint in _LOWEST]))
