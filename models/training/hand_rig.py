"""A hand with bones, to be posed: the mesh of the generic hand of the WebXR Input Profiles (MIT, see hand_rig.LICENSE).

It is a right hand. Metres; the fingers point to -Y, the palm looks to -X, and the thumb is on the side of -Z.
``hand_rig.npz`` holds what ``generic-hand/right.glb`` of the npm package @webxr-input-profiles/assets 1.0.20 has:
vertices (doubled ones merged), triangles, four bones and weights for each vertex, and where the 25 joints rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.actor.rotations import Array, rotation
from models.body import FloatArray
from models.orientation import unit

_RIG = Path(__file__).with_suffix(".npz")
_THUMB = (1, 2, 3, 4)
_FINGERS = ((6, 7, 8, 9), (11, 12, 13, 14), (16, 17, 18, 19), (21, 22, 23, 24))
LANDMARKS = (0, *_THUMB, *(joint for finger in _FINGERS for joint in finger))
"""Which of the 25 joints (WebXR's order) are the 21 landmarks of MediaPipe Hands, in its order."""

PALM_SIDE = np.array([-1.0, 0.0, 0.0])
_ACROSS = np.array([-0.75, 0.05, 0.65])  # where the thumb bends to: over the palm
_UNDER, _AWAY = np.array([0.0, -1.0, 0.0]), PALM_SIDE  # the thumb swings about these: in front of the palm, and away


@dataclass(frozen=True, slots=True, eq=False)
class HandPose:
    """How a hand is held, in radians.

    Attributes
    ----------
    bends : (4, 3) array
        Of the index finger first: at the knuckle, the middle and the last joint, towards the palm.
    spread : (4,) array
        Sideways at the knuckle, away from the thumb.
    thumb : (4,) array
        In front of the palm, away from the palm's edge, and the bends of its two joints.
    """

    bends: Array
    spread: Array
    thumb: Array


class HandRig:
    """The mesh and its bones.

    Attributes
    ----------
    triangles : (n, 3) int array
        Indices of vertices.
    """

    def __init__(self, path: Path = _RIG) -> None:
        with np.load(path) as rig:
            self._vertices, self._bones, self._weights = rig["vertices"], rig["bones"], rig["weights"]
            self._joints: Array = rig["joints"]
            self.triangles: npt.NDArray[np.intp] = rig["triangles"].astype(np.intp)

    def posed(self, pose: HandPose) -> tuple[Array, Array]:
        """The vertices (n, 3) and the joints (25, 3) of a ``pose``."""
        turns, shifts = self._moves(pose)
        joints = np.einsum("jab,jb->ja", turns, self._joints) + shifts
        moved = np.einsum("vkab,vb->vka", turns[self._bones], self._vertices) + shifts[self._bones]
        return np.einsum("vk,vka->va", self._weights, moved), joints

    def _moves(self, pose: HandPose) -> tuple[Array, Array]:
        """How each bone moves from where it rests: turns (25, 3, 3), then shifts (25, 3)."""
        turns, shifts = np.tile(np.eye(3), (25, 1, 1)), np.zeros((25, 3))
        for finger, bends, spread in zip(_FINGERS, pose.bends, pose.spread, strict=True):
            bent = [rotation(self._axis(finger, i, PALM_SIDE) * bend) for i, bend in enumerate(bends)]
            bent[0] = rotation(PALM_SIDE * spread) @ bent[0]
            self._chain(finger, bent, turns, shifts)
        front, away, *bends = pose.thumb
        swing = rotation(_UNDER * front) @ rotation(_AWAY * away)
        bent = [rotation(self._axis(_THUMB, i, _ACROSS) * bend) for i, bend in enumerate(bends, 1)]
        self._chain(_THUMB, [swing, *bent], turns, shifts)
        return turns, shifts

    def _axis(self, finger: tuple[int, ...], link: int, towards: Array) -> Array:
        """The unit axis about which a finger's ``link`` bends ``towards`` a direction."""
        return unit(np.cross(self._joints[finger[link + 1]] - self._joints[finger[link]], towards))

    def _chain(self, finger: tuple[int, ...], bent: list[FloatArray], turns: Array, shifts: Array) -> None:
        """Write how the bones of a ``finger`` move into ``turns`` and ``shifts``; its tip moves as the last of them."""
        turn, shift = np.eye(3), np.zeros(3)
        for joint, own in zip(finger[:-1], bent, strict=True):
            shift = turn @ (self._joints[joint] - own @ self._joints[joint]) + shift
            turn = turn @ own
            turns[joint], shifts[joint] = turn, shift
        turns[finger[-1]], shifts[finger[-1]] = turn, shift
