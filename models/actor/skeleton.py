"""A human skeleton: proportions, a pose as a vector of angles, and forward kinematics.

World space: metres, the floor at Y = 0, Y up. With yaw 0 a person faces -Z and has the right hand at +X, so that
a level camera at height h sees world (x, y, z) at camera space (x, y - h, z). Angles are radians.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, auto

import numpy as np

from models.actor.rotations import Array, about, bone_frames, quaternions, rotation
from models.body import FloatArray
from models.joints import JOINT_PARENT, Joint, Keypoint


class Dof(IntEnum):
    """The entries of a pose vector. Spreading and turning mean outward and inward on both sides."""

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[int]) -> int:
        return count

    PLACE_X = auto()
    PLACE_Z = auto()
    HOP = auto()  # metres above the floor
    YAW = auto()  # to the person's own right
    PITCH = auto()  # forwards
    ROLL = auto()  # to the right
    SPINE_BEND = auto()
    SPINE_SIDE = auto()
    SPINE_TWIST = auto()
    NECK_BEND = auto()
    NECK_SIDE = auto()
    NECK_TWIST = auto()
    SUPPORT = auto()  # -1 stands on the left foot, 1 on the right, 0 on both
    LEFT_RAISE = auto()  # the upper arm, forwards
    LEFT_SPREAD = auto()
    LEFT_TURN = auto()
    LEFT_ELBOW = auto()
    LEFT_PALM = auto()  # pronation
    LEFT_WRIST = auto()
    LEFT_INDEX = auto()  # how far the first two fingers are closed, 0 to 1
    LEFT_FINGERS = auto()  # the same of the other two and the thumb
    RIGHT_RAISE = auto()
    RIGHT_SPREAD = auto()
    RIGHT_TURN = auto()
    RIGHT_ELBOW = auto()
    RIGHT_PALM = auto()
    RIGHT_WRIST = auto()
    RIGHT_INDEX = auto()
    RIGHT_FINGERS = auto()
    LEFT_HIP = auto()  # the thigh, forwards
    LEFT_HIP_SPREAD = auto()
    LEFT_HIP_TURN = auto()
    LEFT_KNEE = auto()
    LEFT_ANKLE = auto()  # toes up
    RIGHT_HIP = auto()
    RIGHT_HIP_SPREAD = auto()
    RIGHT_HIP_TURN = auto()
    RIGHT_KNEE = auto()
    RIGHT_ANKLE = auto()


ARM_DOFS, LEG_DOFS = 8, 5
SIDES = (("LEFT", -1.0), ("RIGHT", 1.0))


@dataclass(frozen=True, slots=True)
class Proportions:
    """Bone lengths in parts of the height (after Drillis and Contini, 1966), and the height in metres."""

    height: float = 1.75
    shoulder: float = 0.098  # half the distance between the joints
    hip: float = 0.05
    thigh: float = 0.245
    shin: float = 0.246
    ankle: float = 0.039
    lower_spine: float = 0.145
    upper_spine: float = 0.135
    neck: float = 0.036
    head: float = 0.069  # from the neck to the middle of the head
    skull: float = 0.065  # half the height of the head
    upper_arm: float = 0.17
    forearm: float = 0.15
    hand: float = 0.105


@dataclass(frozen=True, slots=True, eq=False)
class Skeleton:
    """Where the joints and the bones of one person are, in world or in camera space.

    Attributes
    ----------
    positions : (25, 3) float32 array
        Metres, indexed by `Joint`.
    keypoints : (23, 3) float32 array
        Metres, indexed by `Keypoint`.
    frames : dict of (3, 3) float32 array
        Axes of pelvis, middle, chest, neck, head and of left and right upper_arm, forearm, hand, thigh, shin, foot: X
        to the person's right, Y up, Z backwards when standing upright with the arms down.
    """

    positions: FloatArray
    keypoints: FloatArray
    frames: dict[str, FloatArray]

    def seen_from(self, turn: FloatArray, shift: FloatArray) -> Skeleton:
        """The same in another space: turned by a matrix (3, 3), then shifted by (3,)."""
        return Skeleton(
            (self.positions @ turn.T + shift).astype(np.float32),
            (self.keypoints @ turn.T + shift).astype(np.float32),
            {name: turn @ frame for name, frame in self.frames.items()},
        )

    def orientations(self) -> FloatArray:
        """Quaternions (25, 4) in the Kinect's convention: x y z w, bone along +Y, zero on end joints.

        As the sensor does it, Z points forwards on the trunk, the shoulders and the hips, and outwards on the limbs.
        """
        joints = [j for j in Joint if j not in _END_JOINTS]
        along = np.stack(
            [self.positions[j] - self.positions[JOINT_PARENT[j]] if j else self.frames["pelvis"][:, 1] for j in joints]
        )
        facing = np.stack([self._facing(j) for j in joints])
        result = np.zeros((len(Joint), 4), np.float32)
        result[joints] = quaternions(bone_frames(along, facing))
        return result

    def _facing(self, joint: Joint) -> FloatArray:
        part = _JOINT_FRAME[joint]
        if "_" not in part or joint in _GIRDLE:
            return -self.frames[part][:, 2]
        return self.frames[part][:, 0] * (1 if part.startswith("right") else -1)


_END_JOINTS = frozenset(
    [Joint.HEAD, *(Joint[f"{part}_{side}"] for part in ("HAND_TIP", "THUMB", "FOOT") for side, _ in SIDES)]
)
_GIRDLE = frozenset(Joint[f"{part}_{side}"] for part in ("SHOULDER", "HIP") for side, _ in SIDES)
_JOINT_FRAME: dict[Joint, str] = {
    Joint.SPINE_BASE: "pelvis",
    Joint.SPINE_MID: "pelvis",
    Joint.SPINE_SHOULDER: "chest",
    Joint.NECK: "chest",
    **{Joint[f"SHOULDER_{side}"]: "chest" for side, _ in SIDES},
    **{Joint[f"HIP_{side}"]: "pelvis" for side, _ in SIDES},
    **{Joint[f"ELBOW_{side}"]: f"{side.lower()}_upper_arm" for side, _ in SIDES},
    **{Joint[f"WRIST_{side}"]: f"{side.lower()}_forearm" for side, _ in SIDES},
    **{Joint[f"HAND_{side}"]: f"{side.lower()}_hand" for side, _ in SIDES},
    **{Joint[f"KNEE_{side}"]: f"{side.lower()}_thigh" for side, _ in SIDES},
    **{Joint[f"ANKLE_{side}"]: f"{side.lower()}_shin" for side, _ in SIDES},
}


def stand(pose: FloatArray, size: Proportions) -> Skeleton:
    """The skeleton of a pose (39,): the supporting foot at its place, the lowest sole on the floor.

    The place is between the feet, or under the foot that `Dof.SUPPORT` names.
    """
    body = _assemble(pose, size)
    soles = np.stack([p for side, _ in SIDES for p in sole(body, side, size)])
    ankles = body.positions[[Joint.ANKLE_LEFT, Joint.ANKLE_RIGHT]]
    weight = (1 + pose[Dof.SUPPORT]) / 2
    shift = -(ankles[0] * (1 - weight) + ankles[1] * weight)
    shift[1] = pose[Dof.HOP] - soles[:, 1].min()
    shift[[0, 2]] += pose[[Dof.PLACE_X, Dof.PLACE_Z]]
    return body.seen_from(np.eye(3, dtype=np.float32), shift)


def sole(body: Skeleton, side: str, size: Proportions) -> tuple[FloatArray, FloatArray]:
    """The heel and the ball of a foot, on the ground when standing."""
    frame = body.frames[f"{side.lower()}_foot"]
    under = body.positions[Joint[f"ANKLE_{side}"]] - frame[:, 1] * size.ankle * size.height
    return under + frame[:, 2] * 0.03 * size.height, under - frame[:, 2] * 0.09 * size.height


def _assemble(pose: FloatArray, size: Proportions) -> Skeleton:
    """The skeleton with its hips at the origin."""
    p = np.zeros((len(Joint), 3), np.float32)
    k = np.zeros((len(Keypoint), 3), np.float32)
    frames = _trunk_frames(pose)
    _place_trunk(p, k, frames, size)
    for side, sign in SIDES:
        _place_arm(p, k, frames, pose, size, side, sign)
        _place_leg(p, k, frames, pose, size, side, sign)
    return Skeleton(p, k, frames)


def _bend(forwards: float, right: float, twist: float) -> FloatArray:
    return about(1, -twist) @ rotation(np.array([-forwards, 0, -right], np.float32))


def _trunk_frames(pose: FloatArray) -> dict[str, Array]:
    bend, side, twist = pose[Dof.SPINE_BEND] / 2, pose[Dof.SPINE_SIDE] / 2, pose[Dof.SPINE_TWIST] / 2
    pelvis = _bend(pose[Dof.PITCH], pose[Dof.ROLL], pose[Dof.YAW])
    middle = pelvis @ _bend(bend, side, twist)
    chest = middle @ _bend(bend, side, twist)
    nod = (pose[Dof.NECK_BEND] / 2, pose[Dof.NECK_SIDE] / 2, pose[Dof.NECK_TWIST] / 2)
    neck = chest @ _bend(*nod)
    return {"pelvis": pelvis, "middle": middle, "chest": chest, "neck": neck, "head": neck @ _bend(*nod)}


def _place_trunk(p: FloatArray, k: FloatArray, frames: dict[str, Array], size: Proportions) -> None:
    h = size.height
    head = frames["head"]
    p[Joint.SPINE_MID] = frames["pelvis"][:, 1] * size.lower_spine * h
    p[Joint.SPINE_SHOULDER] = p[Joint.SPINE_MID] + frames["middle"][:, 1] * size.upper_spine * h
    p[Joint.NECK] = p[Joint.SPINE_SHOULDER] + frames["chest"][:, 1] * size.neck * h
    p[Joint.HEAD] = p[Joint.NECK] + (frames["neck"] @ (0.0, 1.0, -0.12)).astype(np.float32) * size.head * h
    skull = head * size.skull * h / 0.065
    k[Keypoint.NECK] = p[Joint.NECK] - frames["chest"][:, 1] * 0.012 * h
    k[Keypoint.NOSE] = p[Joint.HEAD] + skull @ (0, -0.009, -0.066)
    k[Keypoint.HEAD_TOP] = p[Joint.HEAD] + skull @ (0, 0.066, 0.004)
    for side, sign in SIDES:
        k[Keypoint[f"{side}_EAR"]] = p[Joint.HEAD] + skull @ (sign * 0.045, -0.003, 0.006)


def _place_arm(
    p: FloatArray,
    k: FloatArray,
    frames: dict[str, Array],
    pose: FloatArray,
    size: Proportions,
    side: str,
    sign: float,
) -> None:
    h = size.height
    raising, spread, turn, elbow, palm, wrist = pose[Dof[f"{side}_RAISE"] :][:6]
    lift = max(0.0, float(np.hypot(raising, spread)) - 1.2) * 0.02  # the shoulder blade follows a high arm
    chest = frames["chest"]
    upper = chest @ rotation(np.array([raising, 0, sign * spread], np.float32)) @ about(1, sign * turn)
    fore = upper @ about(0, elbow)
    hand = fore @ about(1, sign * palm) @ about(2, -sign * wrist)
    names = ("upper_arm", "forearm", "hand")
    frames |= {f"{side.lower()}_{name}": frame for name, frame in zip(names, (upper, fore, hand), strict=True)}
    shoulder = p[Joint.SPINE_SHOULDER] + chest @ (sign * size.shoulder * h, (lift - 0.012) * h, 0.0)
    points: dict[str, Array] = {
        "SHOULDER": shoulder,
        "ELBOW": shoulder - upper[:, 1] * size.upper_arm * h,
    }
    points["WRIST"] = points["ELBOW"] - fore[:, 1] * size.forearm * h
    length = size.hand * h
    points["HAND"] = points["WRIST"] - hand[:, 1] * 0.48 * length
    points["HAND_TIP"] = points["WRIST"] - hand[:, 1] * 0.95 * length
    points["THUMB"] = points["WRIST"] + hand @ (-sign * 0.12 * length, -0.5 * length, -0.38 * length)
    for part, point in points.items():
        p[Joint[f"{part}_{side}"]] = point
    for name in ("SHOULDER", "ELBOW", "WRIST"):
        k[Keypoint[f"{side}_{name}"]] = points[name]
    k[Keypoint[f"{side}_INDEX"]] = points["WRIST"] + hand @ (0.0, -0.56 * length, -0.18 * length)
    folded = float(np.clip(pose[Dof[f"{side}_FINGERS"]], 0, 1))
    knuckle = np.array((-sign * (0.1 + 0.1 * folded), -0.4 + 0.03 * folded, -0.32 + 0.16 * folded))
    k[Keypoint[f"{side}_THUMB"]] = points["WRIST"] + hand @ knuckle * length


def _place_leg(
    p: FloatArray,
    k: FloatArray,
    frames: dict[str, Array],
    pose: FloatArray,
    size: Proportions,
    side: str,
    sign: float,
) -> None:
    h = size.height
    raising, spread, turn, bend, toes = pose[Dof[f"{side}_HIP"] :][:LEG_DOFS]
    pelvis = frames["pelvis"]
    thigh = pelvis @ rotation(np.array([raising, 0, sign * spread], np.float32)) @ about(1, sign * turn)
    shin = thigh @ about(0, -bend)
    foot = shin @ about(0, toes) @ about(1, -sign * 0.15)
    names = ("thigh", "shin", "foot")
    frames |= {f"{side.lower()}_{name}": frame for name, frame in zip(names, (thigh, shin, foot), strict=True)}
    hip = pelvis @ (sign * size.hip * h, -0.02 * h, 0.0)
    points: dict[str, Array] = {"HIP": hip, "KNEE": hip - thigh[:, 1] * size.thigh * h}
    points["ANKLE"] = points["KNEE"] - shin[:, 1] * size.shin * h
    points["FOOT"] = points["ANKLE"] + foot @ (0.0, -0.6 * size.ankle * h, -0.085 * h)
    for name, point in points.items():
        p[Joint[f"{name}_{side}"]] = point
        k[Keypoint[f"{side}_{name}"]] = point
