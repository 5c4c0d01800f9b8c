"""Hands with five fingers that open, close and point."""

from __future__ import annotations

import numpy as np

from models.actor.looks import Looks
from models.actor.rotations import Array
from models.actor.skeleton import SIDES, Skeleton
from models.actor.solid import Faces, Rings, Tubes, chain_rings
from models.actor.wardrobe import plain
from models.joints import HandState, Joint

# In parts of the hand's length. Along the hand from the wrist, half thickness, half width.
_PALM = np.array([
    (-0.08, 0.078, 0.100), (0.02, 0.090, 0.140), (0.12, 0.095, 0.165), (0.30, 0.095, 0.215), (0.46, 0.080, 0.225),
    (0.52, 0.060, 0.200), (0.55, 0.020, 0.120),
], np.float32)  # fmt: skip
# Where each finger starts across the hand (towards the thumb), along it, and its length.
_FINGERS = np.array([(0.165, 0.49, 0.44), (0.055, 0.51, 0.49), (-0.055, 0.50, 0.45), (-0.160, 0.46, 0.36)], np.float32)
_PHALANXES = np.array([0.0, 0.45, 0.75, 0.97, 1.0], np.float32)
_CURLED = np.radians([80.0, 170.0, 235.0, 235.0]).astype(np.float32)
_RELAXED = np.radians([6.0, 14.0, 20.0, 20.0]).astype(np.float32)
_FINGER_RADII = np.array([0.062, 0.058, 0.052, 0.040, 0.008], np.float32)


def hand_state(index: float, others: float) -> HandState:
    """What fingers closed so far (0 to 1) mean to the Kinect."""
    if index < 0.5:
        return HandState.OPEN if others < 0.5 else HandState.LASSO
    return HandState.CLOSED if others >= 0.5 else HandState.UNKNOWN


class Hands:
    """Both hands of one person."""

    def __init__(self, looks: Looks) -> None:
        self._length = looks.size.hand * looks.size.height
        skin = looks.skin
        colours = [*([plain(5, 6, skin)] * 10), *([plain(len(_PALM), 6, skin)] * 2)]
        self._tubes = Tubes(colours, [np.zeros(len(c)) for c in colours])

    def faces(self, body: Skeleton, curls: Array) -> Faces:
        """Faces of two palms and ten fingers; ``curls`` (2, 2) as for `Figure.faces`."""
        chains, sides, palms = [], [], []
        for (side, sign), (index, others) in zip(SIDES, curls, strict=True):
            frame = body.frames[f"{side.lower()}_hand"]
            wrist = body.positions[Joint[f"WRIST_{side}"]]
            # Columns: into the palm, along the hand, towards the thumb.
            axes = np.stack([-sign * frame[:, 0], -frame[:, 1], -frame[:, 2]], -1)
            local = self._finger_points(float(index), float(others))
            chains.append(wrist + local @ axes.T * self._length)
            sides.append(np.broadcast_to(axes[:, 2], (5, 3)))
            centres = wrist + _PALM[:, :1] * self._length * axes[:, 1]
            width = _PALM[:, 2:] * self._length * frame[:, 2]
            palms.append(Rings(centres, _PALM[:, 1:2] * self._length * frame[:, 0], width))
        radii = np.tile(_FINGER_RADII * self._length, (10, 1))
        fingers = chain_rings(np.concatenate(chains), np.concatenate(sides), radii)
        return self._tubes.faces([fingers, *palms])

    @staticmethod
    def _finger_points(index: float, others: float) -> Array:
        """Five chains (5, 5, 3) of points: into the palm, along the hand, towards the thumb; the thumb comes last."""
        chains = np.zeros((5, 5, 3), np.float32)
        for finger, (across, along, length) in enumerate(_FINGERS):
            curl = index if finger < 2 else others
            angles = _RELAXED + (_CURLED - _RELAXED) * curl
            steps = np.diff(_PHALANXES)[:, None] * length
            fan = across * 0.5 * (1 - curl)
            turned = np.stack([np.sin(angles), np.cos(angles), np.full(4, fan)], -1)
            chains[finger, 0] = (0.0, along, across)
            chains[finger, 1:] = chains[finger, 0] + np.cumsum(steps * turned, 0)
        spread = np.array([(0.10, 0.62, 0.78), (0.10, 0.80, 0.60), (0.10, 0.85, 0.5), (0.1, 0.85, 0.5)], np.float32)
        folded = np.array([(0.45, 0.85, 0.3), (0.75, 0.55, -0.35), (0.3, 0.3, -0.9), (0.3, 0.3, -0.9)], np.float32)
        steps = np.diff(_PHALANXES)[:, None] * 0.50
        chains[4, 0] = (0.04, 0.14, 0.12)
        chains[4, 1:] = chains[4, 0] + np.cumsum(steps * (spread + (folded - spread) * others), 0)
        return chains
