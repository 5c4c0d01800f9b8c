"""Random poses within human limits: what people do before cameras, and a good deal more."""

from __future__ import annotations

import numpy as np

from models.actor.rotations import Array
from models.actor.script import REST, SCRIPT, pose_of
from models.actor.skeleton import Dof

# Degrees; lowest and highest of what a joint allows.
_LIMITS: dict[str, tuple[float, float]] = {
    "spine_bend": (-20, 75), "spine_side": (-32, 32), "spine_twist": (-45, 45), "neck_bend": (-40, 50),
    "neck_side": (-30, 30),
    "neck_twist": (-70, 70), "both_raise": (-40, 175), "both_spread": (-40, 175), "both_turn": (-90, 80),
    "both_elbow": (0, 145),
    "both_palm": (-60, 90), "both_wrist": (-60, 60), "both_hip": (-25, 120), "both_hip_spread": (-12, 60),
    "both_hip_turn": (-40, 30),
    "both_knee": (0, 140), "both_ankle": (-35, 30), "both_index": (0, 1), "both_fingers": (0, 1),
}  # fmt: skip


def _bounds() -> tuple[Array, Array]:
    low, high = (pose_of(**{name: limits[i] for name, limits in _LIMITS.items()}) for i in (0, 1))
    free = [d for d in Dof if d not in _LIMITED]
    low[free], high[free] = -100, 100
    return low, high


_LIMITED = {
    Dof[name.replace("both", side).upper()] for name in _LIMITS for side in ("left", "right")
}  # names without "both" come twice
_LOW, _HIGH = _bounds()


def _scripted(rng: np.random.Generator) -> Array:
    gesture = SCRIPT[rng.integers(len(SCRIPT))]
    pose = gesture.pose(float(rng.uniform(0, gesture.duration)))
    pose[[Dof.PLACE_X, Dof.PLACE_Z]] = 0
    return pose


def _arms(rng: np.random.Generator, pose: Array) -> Array:
    """Each arm anywhere it can reach."""
    pose = pose.copy()
    for side in ("LEFT", "RIGHT"):
        raising = rng.uniform(-30, 170)
        angles = (raising, rng.uniform(0, max(10, 170 - abs(raising))), rng.uniform(-90, 70), abs(rng.normal(0, 70)))
        pose[Dof[f"{side}_RAISE"] :][:4] = np.radians(angles)
        pose[Dof[f"{side}_PALM"]] = np.radians(rng.uniform(-40, 90))
    return pose


def _standing(rng: np.random.Generator) -> Array:
    return _arms(rng, REST) if rng.random() < 0.8 else REST.copy()


def _seated(rng: np.random.Generator) -> Array:
    pose = _on_chair(rng)
    return _arms(rng, pose) if rng.random() < 0.5 else pose


def _on_chair(rng: np.random.Generator) -> Array:
    spread = rng.uniform(2, 25)
    return pose_of(
        left_hip=rng.uniform(75, 100), right_hip=rng.uniform(75, 100), left_knee=rng.uniform(60, 110),
        right_knee=rng.uniform(60, 110),
        left_hip_spread=spread, right_hip_spread=spread, spine_bend=rng.uniform(-5, 30), both_raise=rng.uniform(5, 45),
        both_elbow=rng.uniform(30, 100), both_turn=rng.uniform(0, 40), both_spread=8, both_palm=rng.uniform(20, 90),
    )  # fmt: skip


def at_ease(rng: np.random.Generator) -> Array:
    """A pose vector (39,) of somebody who stands with arms hanging, or sits."""
    if rng.random() < 0.4:
        return REST.copy()
    pose = _on_chair(rng)
    pose[[Dof.LEFT_ELBOW, Dof.RIGHT_ELBOW]] = np.radians(rng.uniform(10, 100))
    return pose


def pointing(rng: np.random.Generator, start: Array) -> Array:
    """``start`` (39,) with arms stretched out sideways and the trunk turned, with arms anywhere, or unchanged."""
    pose, kind = start.copy(), rng.random()
    if kind < 0.45:
        for side in ("LEFT", "RIGHT"):
            angles = rng.normal((5, 80, 0, 0), (15, 15, 30, 15))  # raised, spread, turned; the elbow
            pose[Dof[f"{side}_RAISE"] :][:4] = np.radians(np.append(angles[:3], abs(angles[3])))
            pose[Dof[f"{side}_PALM"]] = np.radians(rng.uniform(-40, 90))
        turn = rng.uniform(-1, 1)
        pose[Dof.SPINE_TWIST] += np.radians(55 * turn)
        pose[Dof.YAW] += np.radians(35 * turn) * rng.random()
        pose[Dof.NECK_TWIST] += rng.normal(0, 0.35)
    elif kind < 0.85:
        pose = _arms(rng, pose)
        pose[[Dof.SPINE_TWIST, Dof.NECK_TWIST]] += rng.normal(0, (0.4, 0.3))
        if rng.random() < 0.5:
            pose[[Dof.LEFT_ELBOW, Dof.RIGHT_ELBOW]] *= 0.2
    pose[Dof.SPINE_BEND] += rng.normal(0, 0.08)
    return pose


def _crouched(rng: np.random.Generator) -> Array:
    depth = rng.uniform(0.4, 1.0)
    pose = pose_of(
        both_hip=115 * depth, both_knee=130 * depth, both_ankle=30 * depth, both_hip_spread=rng.uniform(2, 28),
        spine_bend=rng.uniform(10, 45), pitch=rng.uniform(0, 25), both_raise=rng.uniform(20, 80),
        both_elbow=rng.uniform(10, 90),
    )  # fmt: skip
    return _arms(rng, pose) if rng.random() < 0.5 else pose


def _crossed(rng: np.random.Generator) -> Array:
    return pose_of(
        both_raise=38, both_spread=6, both_turn=58, left_elbow=98, right_elbow=110, both_palm=20, both_hip_spread=5
    )


def _akimbo(rng: np.random.Generator) -> Array:
    return pose_of(
        both_raise=-22, both_spread=42, both_turn=62, both_elbow=88, both_palm=-20, both_hip_spread=rng.uniform(3, 14)
    )


def _overhead(rng: np.random.Generator) -> Array:
    bent = rng.uniform(0, 100)
    return pose_of(
        both_raise=rng.uniform(0, 30),
        both_spread=rng.uniform(120, 172),
        both_elbow=bent,
        both_turn=rng.uniform(-60, 20),
        both_palm=60,
        both_hip_spread=4,
    )


def _athletic(rng: np.random.Generator) -> Array:
    """Legs and trunk anywhere too, as in sports."""
    pose = _arms(rng, REST)
    for side in ("LEFT", "RIGHT"):
        hip = rng.normal(20, 38)
        pose[Dof[f"{side}_HIP"] :][:5] = np.radians(
            (hip, abs(rng.normal(0, 18)), rng.normal(0, 15), abs(rng.normal(0, 50)), rng.normal(0, 15))
        )
    pose[[Dof.PITCH, Dof.ROLL]] = rng.normal(0, 0.3, 2)
    pose[[Dof.SPINE_BEND, Dof.SPINE_SIDE, Dof.SPINE_TWIST]] = rng.normal(0, 0.3, 3)
    pose[Dof.SUPPORT] = rng.uniform(-1, 1)
    return pose


_KINDS = (
    (0.24, _scripted),
    (0.24, _standing),
    (0.12, _seated),
    (0.07, _crouched),
    (0.05, _crossed),
    (0.05, _akimbo),
    (0.08, _overhead),
    (0.15, _athletic),
)


def random_pose(rng: np.random.Generator) -> Array:
    """A pose vector (39,) at the origin, facing any way, mostly the camera."""
    shares, kinds = zip(*_KINDS, strict=True)
    pose: Array = kinds[rng.choice(len(kinds), p=shares)](rng)
    pose = pose + rng.normal(0, 0.07, len(Dof))
    pose[[Dof.PLACE_X, Dof.PLACE_Z, Dof.HOP]] = 0
    pose[[Dof.NECK_BEND, Dof.NECK_SIDE, Dof.NECK_TWIST]] += rng.normal(0, (0.2, 0.1, 0.35))
    if rng.random() < 0.5:
        for side in ("LEFT", "RIGHT"):
            pose[[Dof[f"{side}_INDEX"], Dof[f"{side}_FINGERS"]]] = ((0, 0), (1, 1), (0, 1), (0.3, 0.4))[rng.integers(4)]
    pose = np.clip(pose, _LOW, _HIGH)
    pose[Dof.YAW] += rng.normal(0, 0.5) if rng.random() < 0.7 else rng.uniform(-np.pi, np.pi)
    return pose.astype(np.float32)
