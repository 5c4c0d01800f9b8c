"""What an actor can do: gestures as rows of key poses, eased from one to the next.

Angles in the tables are degrees. ``both_`` stands for the left and the right side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.actor.rotations import Array
from models.actor.skeleton import Dof

Key = tuple[float, dict[str, float]]
_NOT_ANGLES = (
    Dof.PLACE_X, Dof.PLACE_Z, Dof.HOP, Dof.SUPPORT, Dof.LEFT_INDEX,
    Dof.LEFT_FINGERS, Dof.RIGHT_INDEX, Dof.RIGHT_FINGERS,
)  # fmt: skip


def pose_of(**angles: float) -> Array:
    """A pose vector (39,) from names of `Dof` in lower case; degrees, metres for places, 0 to 1 for fingers.

    >>> float(pose_of(both_elbow=90)[Dof.RIGHT_ELBOW]).__round__(3)
    1.571
    """
    pose = np.zeros(len(Dof), np.float32)
    for name, value in angles.items():
        names = [name.replace("both", side) for side in ("left", "right")] if name.startswith("both_") else [name]
        pose[[Dof[n.upper()] for n in names]] = value
    angular = np.ones(len(Dof), bool)
    angular[list(_NOT_ANGLES)] = False
    return np.where(angular, np.radians(pose), pose).astype(np.float32)


_REST = {
    "both_spread": 8.0,
    "both_raise": -2.0,
    "both_elbow": 14.0,
    "both_palm": 25.0,
    "both_hip_spread": 3.5,
    "both_index": 0.15,
    "both_fingers": 0.2,
}
REST = pose_of(**_REST)
"""Standing at ease."""
_OPEN = {"both_index": 0.0, "both_fingers": 0.0}
_FIST = {"both_index": 1.0, "both_fingers": 1.0}


@dataclass(frozen=True, slots=True, eq=False)
class Gesture:
    """One thing that an actor does; it starts and ends at rest.

    Attributes
    ----------
    name : str
    times : (n,) array
        When each key pose is reached, in seconds from the start.
    poses : (n, 39) array
    """

    name: str
    times: Array
    poses: Array

    @property
    def duration(self) -> float:
        """Seconds from rest to rest."""
        return float(self.times[-1])

    def pose(self, time: float) -> Array:
        """The pose (39,) at ``time`` seconds from the start, eased from key to key with a minimum of jerk."""
        i = int(np.clip(np.searchsorted(self.times, time, side="right") - 1, 0, len(self.times) - 2))
        t = float(np.clip((time - self.times[i]) / (self.times[i + 1] - self.times[i]), 0, 1))
        eased = t**3 * (10 - 15 * t + 6 * t * t)
        return np.asarray(self.poses[i] + (self.poses[i + 1] - self.poses[i]) * eased, np.float32)


def _gesture(name: str, *keys: Key) -> Gesture:
    """Each key names what differs from rest; what the last key says is where rest begins again after 0.6 seconds."""
    rows = [(0.0, REST), *((time, pose_of(**{**_REST, **angles})) for time, angles in keys)]
    rows.append((rows[-1][0] + 0.6, REST))
    return Gesture(name, np.array([t for t, _ in rows], np.float32), np.stack([p for _, p in rows]))


def _one_arm(side: str, **angles: float) -> dict[str, float]:
    return {f"{side}_{name}": value for name, value in angles.items()}


def _wave() -> Gesture:
    up = _one_arm("right", spread=75, raise_=0, turn=-92, elbow=105, palm=0, index=0, fingers=0)
    up["right_raise"] = up.pop("right_raise_")
    keys = [(0.7 + 0.3 * i, {**up, "right_elbow": 80.0 if i % 2 else 122.0, "neck_side": 4.0}) for i in range(7)]
    return _gesture("wave", *keys)


def _raise(name: str, side: str) -> Gesture:
    up = {
        f"{side}_raise": 12.0,
        f"{side}_spread": 166.0,
        f"{side}_turn": 0.0,
        f"{side}_elbow": 8.0,
        f"{side}_palm": 80.0,
    }
    up |= {f"{side}_index": 0.0, f"{side}_fingers": 0.0}
    return _gesture(name, (0.8, up), (1.7, up))


def _swipe(name: str, side: str, sign: float) -> Gesture:
    """The hand crosses in front of the chest towards the actor's ``sign`` (1 = own right)."""
    across = {
        f"{side}_raise": 82.0,
        f"{side}_index": 0.0,
        f"{side}_fingers": 0.0,
        f"{side}_palm": 80.0,
        f"{side}_elbow": 22.0,
    }
    out = {**across, f"{side}_spread": 35.0, f"{side}_turn": 0.0, "spine_twist": -8.0 * sign}
    home = {**across, f"{side}_spread": -48.0, f"{side}_turn": 12.0, "spine_twist": 12.0 * sign}
    return _gesture(name, (0.7, out), (0.9, out), (1.3, home), (1.6, home))


def _step(name: str, sign: float) -> Gesture:
    lead, trail = ("right", "left") if sign > 0 else ("left", "right")
    reach = {f"{lead}_hip_spread": 16.0, f"{lead}_knee": 14.0, f"{lead}_hip": 8.0}
    follow = {f"{lead}_hip_spread": 10.0, f"{trail}_hip_spread": 12.0, f"{trail}_knee": 16.0, f"{trail}_hip": 9.0}
    there = {"place_x": 0.38 * sign}
    back = {f"{trail}_hip_spread": 16.0, f"{trail}_knee": 14.0, f"{trail}_hip": 8.0, "place_x": 0.22 * sign}
    return _gesture(
        name,
        (0.35, {**reach, "place_x": 0.12 * sign}),
        (0.7, {**follow, "place_x": 0.30 * sign}),
        (1.0, there),
        (1.7, there),
        (2.1, back),
        (2.5, {}),
    )


def _walk() -> Gesture:
    """Six steps in a round and back to the place, turning towards where it goes."""
    keys: list[Key] = []
    path = ((0.3, 0.05, 75), (0.55, 0.2, 60), (0.35, 0.35, -60), (0.0, 0.4, -85), (-0.3, 0.25, -50), (-0.15, 0.1, 40))
    for i, (x, z, yaw) in enumerate(path):
        ahead, behind = ("left", "right") if i % 2 else ("right", "left")
        stride = {
            f"{ahead}_hip": 24.0,
            f"{ahead}_knee": 10.0,
            f"{behind}_hip": -16.0,
            f"{behind}_knee": 24.0,
            f"{behind}_ankle": -12.0,
        }
        swing = {f"{ahead}_raise": -18.0, f"{behind}_raise": 20.0, f"{behind}_elbow": 28.0}
        keys.append((0.6 * (i + 1), {**stride, **swing, "place_x": x, "place_z": z, "yaw": yaw}))
    return _gesture("walk", *keys)


def _clap() -> Gesture:
    ready = {"both_raise": 52.0, "both_spread": 4.0, "both_turn": 12.0, "both_elbow": 72.0, "both_palm": 0.0, **_OPEN}
    keys: list[Key] = []
    for i in range(4):
        keys.append((0.6 + 0.4 * i, {**ready, "both_turn": 6.0}))
        keys.append((0.8 + 0.4 * i, {**ready, "both_turn": 31.0}))
    return _gesture("clap", *keys)


def _lean(name: str, sign: float) -> Gesture:
    low, high = ("right", "left") if sign > 0 else ("left", "right")
    lean = {
        "spine_side": 26.0 * sign,
        "neck_side": 6.0 * sign,
        "roll": 4.0 * sign,
        f"{low}_spread": 38.0,
        f"{high}_spread": -6.0,
    }
    lean |= {"left_hip_spread": 3.5 + 4 * sign, "right_hip_spread": 3.5 - 4 * sign}
    return _gesture(name, (0.8, lean), (1.6, lean))


_CROUCH = {"both_hip": 42.0, "both_knee": 70.0, "both_ankle": 28.0, "spine_bend": 16.0, "both_raise": -28.0}
_PUSH_BACK = {
    "both_raise": 10.0,
    "both_spread": 14.0,
    "both_elbow": 118.0,
    "both_wrist": 0.0,
    "both_palm": 60.0,
    **_OPEN,
}
_PUSH = {
    "both_raise": 84.0,
    "both_spread": 2.0,
    "both_elbow": 6.0,
    "both_palm": 80.0,
    "both_wrist": -70.0,
    "spine_bend": 6.0,
    **_OPEN,
}
_GUARD = {"both_raise": 32.0, "both_spread": 12.0, "both_elbow": 125.0, "both_palm": 10.0, **_FIST}
_PUNCH = {
    **_GUARD,
    "right_raise": 86.0,
    "right_spread": 16.0,
    "right_elbow": 4.0,
    "right_palm": 75.0,
    "spine_twist": -22.0,
}
_SQUAT = {
    "both_hip": 92.0,
    "both_knee": 112.0,
    "both_ankle": 30.0,
    "both_hip_spread": 14.0,
    "spine_bend": 18.0,
    "pitch": 10.0,
}
_SQUAT |= {"both_raise": 80.0, "both_elbow": 5.0, "neck_bend": -14.0}
_T_POSE = {"both_spread": 90.0, "both_elbow": 2.0, "both_palm": 90.0, **_OPEN}
_POINT = {
    "right_raise": 62.0,
    "right_spread": 16.0,
    "right_elbow": 32.0,
    "right_palm": 60.0,
    "right_index": 0.0,
    "right_fingers": 1.0,
}
_REACH = {"right_raise": 62.0, "right_spread": 14.0, "right_elbow": 62.0, "right_palm": 10.0}
_BOW = {"pitch": 45.0, "both_hip": 45.0, "spine_bend": 26.0, "neck_bend": 12.0, "both_raise": 40.0}
_STAND = {"support": -1.0}
_CHAMBER = {"support": -1.0, "right_hip": 70.0, "right_knee": 95.0, "both_elbow": 60.0, "both_spread": 18.0, **_FIST}
_KICK = {**_CHAMBER, "right_hip": 88.0, "right_knee": 8.0, "pitch": -10.0, "left_hip": -10.0, "spine_bend": 8.0}

SCRIPT: tuple[Gesture, ...] = (
    _wave(),
    _raise("raise_right_hand", "right"),
    _raise("raise_left_hand", "left"),
    _raise("raise_both_hands", "both"),
    _swipe("swipe_left", "right", -1),
    _swipe("swipe_right", "left", 1),
    _gesture("push", (0.6, _PUSH_BACK), (1.05, _PUSH), (1.5, _PUSH)),
    _gesture("t_pose", (0.8, _T_POSE), (1.7, _T_POSE)),
    _gesture("punch", (0.5, _GUARD), (0.7, _GUARD), (0.95, _PUNCH), (1.1, _PUNCH), (1.45, _GUARD), (1.6, _GUARD)),
    _gesture("kick", (0.5, _STAND), (0.9, _CHAMBER), (1.2, _KICK), (1.3, _KICK), (1.65, _CHAMBER), (2.1, _STAND)),
    _clap(),
    _gesture(
        "grab",
        (0.7, {**_REACH, "right_index": 0.0, "right_fingers": 0.0}),
        (1.0, {**_REACH, "right_index": 1.0, "right_fingers": 1.0}),
        (1.7, {**_REACH, "right_index": 1.0, "right_fingers": 1.0}),
        (2.0, {**_REACH, "right_index": 0.0, "right_fingers": 0.0}),
    ),
    _gesture(
        "jump",
        (0.5, _CROUCH),
        (0.8, {"hop": 0.22, "both_raise": 30.0, "both_elbow": 40.0, "both_ankle": -28.0}),
        (1.08, {**_CROUCH, "both_hip": 28.0, "both_knee": 48.0, "both_ankle": 20.0}),
    ),
    _gesture("squat", (0.9, _SQUAT), (1.4, _SQUAT)),
    _gesture("bow", (0.9, _BOW), (1.5, _BOW)),
    _gesture("point", (0.7, _POINT), (1.8, _POINT)),
    _lean("lean_left", -1),
    _lean("lean_right", 1),
    _step("step_left", -1),
    _step("step_right", 1),
    _gesture("turn", (0.8, {"yaw": 65.0}), (1.2, {"yaw": 65.0}), (2.2, {"yaw": -55.0}), (2.6, {"yaw": -55.0})),
    _walk(),
)  # fmt: skip
"""The gestures in the order in which the first actor shows them."""
