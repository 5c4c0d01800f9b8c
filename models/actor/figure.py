"""A dressed human figure: from a skeleton and a person's looks to coloured faces.

Lengths in the tables are parts of the person's height.
"""

from __future__ import annotations

import numpy as np

from models.actor.face import HeadShape
from models.actor.hands import Hands
from models.actor.looks import Looks
from models.actor.rotations import Array
from models.actor.skeleton import SIDES, Skeleton
from models.actor.solid import Faces, Rings, Tubes, limb_basis, limb_rings
from models.actor.wardrobe import dress_arm, dress_leg, dress_skirt, dress_torso, folds, plain
from models.joints import Joint

_SIDES_OF_THE_TRUNK = 16
_SIDES_OF_A_LIMB = 12

# Height above the hips, half width, half depth, how far in front of the spine.
_TORSO = np.array([
    (-0.085, 0.020, 0.018, 0.000), (-0.080, 0.050, 0.040, 0.000), (-0.060, 0.084, 0.060, -0.002),
    (-0.030, 0.095, 0.068, -0.004), (0.000, 0.095, 0.067, -0.004), (0.030, 0.091, 0.062, 0.000),
    (0.060, 0.085, 0.057, 0.003), (0.090, 0.081, 0.055, 0.004), (0.120, 0.081, 0.056, 0.004),
    (0.150, 0.084, 0.059, 0.003), (0.180, 0.089, 0.063, 0.004), (0.205, 0.094, 0.066, 0.005),
    (0.228, 0.100, 0.065, 0.004), (0.248, 0.104, 0.060, 0.001), (0.264, 0.102, 0.052, -0.003),
    (0.278, 0.088, 0.044, -0.006), (0.289, 0.066, 0.039, -0.008), (0.298, 0.047, 0.036, -0.008),
    (0.308, 0.036, 0.033, -0.006),
], np.float32)  # fmt: skip
# Station along the limb (for an arm 0 beside the neck, 1 shoulder, 2 elbow, 3 wrist; for a leg 0 hip, 1 knee, 2 ankle),
# half width along the hinge, half depth across it.
_ARM = np.array([
    (0.00, 0.020, 0.016), (0.35, 0.026, 0.020), (0.70, 0.028, 0.026), (1.00, 0.030, 0.030), (1.22, 0.031, 0.033),
    (1.42, 0.028, 0.031), (1.62, 0.026, 0.029), (1.82, 0.025, 0.026), (2.00, 0.025, 0.024), (2.18, 0.026, 0.026),
    (2.38, 0.024, 0.025), (2.60, 0.020, 0.022), (2.82, 0.016, 0.0185), (3.02, 0.014, 0.017),
], np.float32)  # fmt: skip
_CARRIED = 5
_LEG = np.array([
    (-0.20, 0.012, 0.012), (-0.16, 0.032, 0.034), (-0.08, 0.045, 0.052), (0.05, 0.050, 0.059), (0.20, 0.051, 0.058),
    (0.38, 0.047, 0.053), (0.58, 0.042, 0.047), (0.80, 0.036, 0.040), (1.00, 0.033, 0.036), (1.15, 0.032, 0.035),
    (1.32, 0.034, 0.038), (1.50, 0.031, 0.034), (1.70, 0.024, 0.027), (1.88, 0.020, 0.022), (2.02, 0.019, 0.022),
], np.float32)  # fmt: skip
# Along the foot from the ankle (forwards), half width, half height.
_SHOE = np.array([
    (-0.036, 0.001, 0.001), (-0.0355, 0.010, 0.011), (-0.032, 0.018, 0.020), (-0.012, 0.022, 0.029),
    (0.018, 0.023, 0.026), (0.050, 0.026, 0.019),     (0.078, 0.027, 0.015), (0.098, 0.021, 0.012),
    (0.107, 0.009, 0.007), (0.109, 0.001, 0.001),
], np.float32)  # fmt: skip
_NECK = np.array(
    [(-0.050, 0.040, 0.040), (-0.030, 0.033, 0.034), (-0.010, 0.031, 0.032), (0.020, 0.031, 0.033)], np.float32
)


class Figure:
    """One person's body.

    Parameters
    ----------
    looks : Looks
    """

    def __init__(self, looks: Looks) -> None:
        self.looks = looks
        self._torso = dress_torso(_TORSO, looks)
        self._arm = dress_arm(_ARM, looks)
        self._leg = dress_leg(_LEG, looks)
        self._skirt = dress_skirt(looks)
        self._head = HeadShape(looks, _SIDES_OF_THE_TRUNK)
        self._hands = Hands(looks)
        self._bases = (limb_basis(_ARM[:, 0], (0.4, 0.22)), limb_basis(_LEG[:, 0], (0.22,)))
        rng = np.random.default_rng(looks.seed)
        self._trunk = self._trunk_tubes(rng)
        self._limbs = self._limb_tubes(rng)

    def _trunk_tubes(self, rng: np.random.Generator) -> Tubes:
        n, looks = _SIDES_OF_THE_TRUNK, self.looks
        colours = [self._torso.colours(n, rng), plain(len(_NECK), n, looks.skin), *self._head.colours]
        colours += [self._skirt.colours(n, rng)] if self._skirt else []
        lifts = [np.zeros(len(c), np.float32) for c in colours]
        lifts[1][:] = -0.012 * looks.size.height  # the neck goes into the collar
        return Tubes(colours, lifts)

    def _limb_tubes(self, rng: np.random.Generator) -> Tubes:
        n, looks = _SIDES_OF_A_LIMB, self.looks
        shoe = plain(len(_SHOE), n, looks.shoes)
        colours = [
            tube
            for _ in SIDES
            for tube in (self._arm.colours(n, rng), self._leg.colours(n, rng), folds(shoe, rng, 0.03))
        ]
        lifts = [np.zeros(len(c), np.float32) for c in colours]
        for leg in lifts[1::3]:
            leg[:4] = -0.03 * looks.size.height  # thighs go into the trunk, ankles into the shoes
            leg[-2:] = -0.012 * looks.size.height
        return Tubes(colours, lifts)

    def faces(self, body: Skeleton, curls: Array, breath: float = 0.0) -> tuple[Faces, ...]:
        """The faces of the figure.

        Parameters
        ----------
        body : Skeleton
            In camera space.
        curls : (2, 2) array
            How far left and right hand close: index and middle finger, then the others; 0 to 1.
        breath : float
            -1 to 1.
        """
        trunk = [self._torso_rings(body, breath), self._neck_rings(body), *self._head.rings(body)]
        if self._skirt:
            trunk.append(self._skirt_rings(body))
        limbs = []
        for side, _ in SIDES:
            limbs += [self._arm_rings(body, side), self._leg_rings(body, side), self._shoe_rings(body, side)]
        return (
            self._trunk.faces(trunk),
            self._limbs.faces(limbs),
            self._hands.faces(body, curls),
            self._head.features(body),
        )

    def _torso_rings(self, body: Skeleton, breath: float) -> Rings:
        size, shape = self.looks.size, self._torso.shape
        h = size.height
        height = shape[:, 0] * (size.lower_spine + size.upper_spine) / 0.28
        bend = np.clip(height / (size.lower_spine + size.upper_spine), 0, 1)[:, None]
        pelvis, middle, chest = (body.frames[name] for name in ("pelvis", "middle", "chest"))
        towards = np.clip(2 * bend, 0, 1)
        beyond = np.clip(2 * bend - 1, 0, 1)
        axes = [
            pelvis[:, i] * (1 - towards) + (middle[:, i] * (1 - beyond) + chest[:, i] * beyond) * towards
            for i in (0, 2)
        ]
        low = np.minimum(height, size.lower_spine)[:, None] * pelvis[:, 1]
        high = np.clip(height - size.lower_spine, 0, size.upper_spine)[:, None] * middle[:, 1]
        top = np.maximum(height - size.lower_spine - size.upper_spine, 0)[:, None] * chest[:, 1]
        swell = 1 + 0.015 * breath * np.clip(beyond, 0, 1)
        centres = body.positions[Joint.SPINE_BASE] + (low + high + top - axes[1] * shape[:, 3:]) * h
        return Rings(centres, axes[0] * shape[:, 1:2] * h, -axes[1] * shape[:, 2:3] * swell * h)

    def _neck_rings(self, body: Skeleton) -> Rings:
        h = self.looks.size.height
        start, end = body.positions[Joint.NECK], body.positions[Joint.HEAD]
        chest, head = body.frames["chest"], body.frames["head"]
        along = (end - start) / np.linalg.norm(end - start)
        centres = start + along * _NECK[:, :1] * h
        across = np.cross(along, chest[:, 0] + head[:, 0])
        across /= np.linalg.norm(across)
        return Rings(centres, np.cross(-across, along)[None] * -_NECK[:, 1:2] * h, across[None] * -_NECK[:, 2:] * -h)

    def _arm_rings(self, body: Skeleton, side: str) -> Rings:
        arm = body.positions[[Joint[f"{name}_{side}"] for name in ("SHOULDER", "ELBOW", "WRIST")]]
        collar = body.positions[Joint.SPINE_SHOULDER] - 0.014 * self.looks.size.height * body.frames["chest"][:, 1]
        joints = np.concatenate([(0.65 * collar + 0.35 * arm[0])[None], arm])
        widths = self._arm.shape[:, 1:] * self.looks.size.height
        hinge = body.frames[f"{side.lower()}_upper_arm"][:, 0]
        return limb_rings(joints, hinge, self._bases[0], widths[:, 0], widths[:, 1], _CARRIED)

    def _leg_rings(self, body: Skeleton, side: str) -> Rings:
        joints = body.positions[[Joint[f"{name}_{side}"] for name in ("HIP", "KNEE", "ANKLE")]]
        widths = self._leg.shape[:, 1:] * self.looks.size.height
        hinge = body.frames[f"{side.lower()}_thigh"][:, 0]
        return limb_rings(joints, hinge, self._bases[1], widths[:, 0], widths[:, 1])

    def _shoe_rings(self, body: Skeleton, side: str) -> Rings:
        h = self.looks.size.height
        frame = body.frames[f"{side.lower()}_foot"]
        along, width, tall = _SHOE[:, :1] * h, _SHOE[:, 1:2] * h, _SHOE[:, 2:] * h
        sole = body.positions[Joint[f"ANKLE_{side}"]] - frame[:, 1] * self.looks.size.ankle * h
        return Rings(sole - frame[:, 2] * along + frame[:, 1] * tall, -frame[:, 0] * width, frame[:, 1] * tall)

    def _skirt_rings(self, body: Skeleton) -> Rings:
        """Rings about both legs, from the waist to the hem."""
        assert self._skirt is not None
        h = self.looks.size.height
        shape = self._skirt.shape
        hips, knees, ankles = (
            body.positions[[Joint[f"{name}_{side}"] for side, _ in SIDES]] for name in ("HIP", "KNEE", "ANKLE")
        )
        weights, _ = limb_basis(shape[:, 0], (0.4,))
        legs = np.stack([hips, knees, ankles])  # (3 joints, 2 sides, xyz)
        left, right = (weights @ legs[:, i] for i in (0, 1))
        pelvis = body.frames["pelvis"]
        first = (right - left) / 2 + pelvis[:, 0] * shape[:, 1:2] * h
        along = np.gradient((left + right) / 2, axis=0)
        along /= np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-6)
        second = np.cross(along, first / np.maximum(np.linalg.norm(first, axis=-1, keepdims=True), 1e-6))
        stride = np.abs((right - left) @ pelvis[:, 2])[:, None] / 2
        return Rings((left + right) / 2, first, second * (shape[:, 2:3] * h + stride))
