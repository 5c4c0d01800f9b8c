"""Things that stand about: boxes to sit on and tables to stand behind."""

from __future__ import annotations

import numpy as np

from models.actor.looks import Colour
from models.actor.room import View
from models.actor.rotations import Array
from models.actor.skeleton import Dof, Skeleton
from models.actor.solid import Faces
from models.joints import Joint

_CELLS = 6  # each side of a box is cut so often, so that it sorts by depth among the limbs
_SITTING = np.radians(65.0)


def box(low: Array, high: Array, colour: Colour, view: View) -> Faces:
    """A box between two opposite corners (3,) in the world, in camera space."""
    steps = np.linspace(0, 1, _CELLS + 1)
    cells = np.stack(np.meshgrid(steps[:-1], steps[:-1]), -1).reshape(-1, 1, 2)
    square = cells + steps[1] * np.array([(0, 0), (1, 0), (1, 1), (0, 1)])  # (cells, 4 corners, 2)
    sides = []
    for axis in range(3):
        first, second = (axis + 1) % 3, (axis + 2) % 3
        for end in (0.0, 1.0):
            side = np.empty((len(square), 4, 3))
            side[..., axis] = end
            # The first axis times the second points along this one; at the low end the corners run the other way.
            side[..., first], side[..., second] = square[..., 0], square[..., 1]
            sides.append(side if end else side[:, ::-1])
    corners = (low + np.concatenate(sides) * (high - low)) @ view.turn.T + view.shift
    colours = np.broadcast_to(np.array((*colour, 1.0), np.float32), (len(corners), 4))
    return Faces(corners.astype(np.float32), colours, np.zeros(len(corners), np.float32))


def random_props(rng: np.random.Generator, body: Skeleton, pose: Array, view: View) -> list[Faces]:
    """What one person (in the world) sits on or stands behind, if anything."""
    props = []
    hips = body.positions[Joint.SPINE_BASE]
    colour: Colour = tuple(rng.uniform(30, 210, 3).tolist())
    if min(pose[Dof.LEFT_HIP], pose[Dof.RIGHT_HIP]) > _SITTING and rng.random() < 0.6:
        half, top = rng.uniform(0.2, 0.6), float(hips[1]) - 0.10
        facing = -body.frames["pelvis"][:, 2] * 0.1
        low = np.array((hips[0] - half, 0.0, hips[2] - 0.16)) - facing
        high = np.array((hips[0] + half, max(0.1, top), hips[2] + 0.16)) - facing
        props.append(box(low * (1, 0, 1), high * (1, 0, 1) + (0, max(0.1, top), 0), colour, view))
    if rng.random() < 0.12:
        eye = -view.turn.T @ view.shift
        towards = (eye - hips) * (1, 0, 1)
        middle = hips + towards / max(1e-3, float(np.linalg.norm(towards))) * rng.uniform(0.35, 0.5)
        height, half = float(hips[1]) * rng.uniform(0.6, 1.1), rng.uniform(0.3, 0.9)
        low = np.array((middle[0] - half, 0.0, middle[2] - 0.1))
        props.append(box(low, np.array((middle[0] + half, height, middle[2] + 0.1)), colour, view))
    return props
