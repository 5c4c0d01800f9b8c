"""Solids as rings: a tube is a row of ellipses, and its skin is the quads between neighbours.

An ellipse is a centre and two half axes; the first axis times the second points along the tube, so that the quads'
corners run anticlockwise seen from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.actor.rotations import Array


@dataclass(frozen=True, slots=True, eq=False)
class Rings:
    """A row of ellipses.

    Attributes
    ----------
    centres, first, second : (n, 3) float array
        Metres.
    """

    centres: Array
    first: Array
    second: Array


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Flat coloured faces in camera space.

    Attributes
    ----------
    corners : (n, k, 3) float32 array
        Metres, anticlockwise seen from outside.
    colours : (n, 4) float32 array
        Blue, green, red under full light, 0 to 255, and how much of the light it takes, 1 for all.
    lift : (n,) float32 array
        Metres by which a face counts as nearer than it is, for what is painted upon a surface.
    """

    corners: Array
    colours: Array
    lift: Array


class Tubes:
    """The skin of several tubes that have the same number of sides, whose rings move from frame to frame.

    Parameters
    ----------
    colours : sequence of (rings - 1, sides, 4) arrays
        One for each tube, in the order in which the rings come; a NaN leaves a face out.
    lifts : sequence of (rings - 1,) arrays
        `Faces.lift` of each band of faces.
    """

    def __init__(self, colours: Sequence[Array], lifts: Sequence[Array]) -> None:
        self.sides = colours[0].shape[1]
        angle = np.linspace(0, 2 * np.pi, self.sides, endpoint=False, dtype=np.float32)
        self._cos, self._sin = np.cos(angle)[None, :, None], np.sin(angle)[None, :, None]
        starts = np.cumsum([0, *(len(c) + 1 for c in colours)])
        row = np.concatenate([start + np.arange(len(c)) for start, c in zip(starts[:-1], colours, strict=True)])
        this = np.arange(self.sides)
        following = (this + 1) % self.sides
        low, high = row[:, None] * self.sides, (row[:, None] + 1) * self.sides
        quads = np.stack([low + this, low + following, high + following, high + this], -1).reshape(-1, 4)
        flat = np.concatenate(colours).reshape(-1, 4).astype(np.float32)
        kept = ~np.isnan(flat[:, 0])
        self._quads, self._colours = quads[kept], flat[kept]
        self._lift = np.repeat(np.concatenate(lifts), self.sides)[kept].astype(np.float32)

    def faces(self, parts: Sequence[Rings]) -> Faces:
        """The skin over the rings of each tube, in the order of the colours."""
        centres, first, second = (
            np.concatenate([getattr(part, name) for part in parts]).astype(np.float32)
            for name in ("centres", "first", "second")
        )
        points = centres[:, None] + self._cos * first[:, None] + self._sin * second[:, None]
        return Faces(points.reshape(-1, 3)[self._quads], self._colours, self._lift)


def limb_basis(stations: Array, roundness: Sequence[float]) -> tuple[Array, Array]:
    """Weights of a row of joints for points along a limb, and for the directions there.

    Parameters
    ----------
    stations : (n,) array
        0 at the first joint, 1 at the second and so on; outside that range the end bones go on.
    roundness : sequence of float
        For each joint between the ends, how far from it its bend begins.

    Returns
    -------
    two (n, len(roundness) + 2) float32 arrays
    """
    count = len(roundness) + 2
    weights = np.zeros((len(stations), count))
    slopes = np.zeros((len(stations), count))
    weights[:, 0], weights[:, 1] = 1 - stations, stations
    slopes[:, 0], slopes[:, 1] = -1, 1
    for joint, reach in enumerate(roundness, start=1):
        # Past a joint the direction changes by the next bone less the last one; about it the change is a parabola.
        past = stations - joint
        bend = np.clip((past + reach) / (2 * reach), 0, 1)
        turned = np.where(past > reach, past, reach * bend**2)
        for i, change in ((joint - 1, 1.0), (joint, -2.0), (joint + 1, 1.0)):
            weights[:, i] += change * turned
            slopes[:, i] += change * bend
    return weights.astype(np.float32), slopes.astype(np.float32)


def limb_rings(
    joints: Array,
    hinge: Array,
    basis: tuple[Array, Array],
    widths: Array,
    depths: Array,
    carried: int = 0,
) -> Rings:
    """A tube over a row of joints that bend about a hinge.

    Parameters
    ----------
    joints : (m, 3) array
    hinge : (3,) array
        The axis of the last joint between the ends, a unit vector.
    basis : two (n, m) arrays
        From `limb_basis`.
    widths, depths : (n,) array
        Half axes along the hinge and across it.
    carried : int
        So many rings at the start lie on bones that do not turn about the hinge; their axis is carried back along it.
    """
    weights, slopes = basis
    along = slopes @ joints
    along /= np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-6)
    first = np.repeat(hinge[None], len(along), axis=0)
    for ring in range(carried - 1, -1, -1):
        axis = first[ring + 1] - (first[ring + 1] @ along[ring]) * along[ring]
        first[ring] = axis / max(1e-6, float(np.sqrt(axis @ axis)))
    return Rings(weights @ joints, first * widths[:, None], np.cross(along, first) * depths[:, None])


def chain_rings(points: Array, side: Array, radii: Array) -> Rings:
    """Round thin tubes through several rows of points.

    Parameters
    ----------
    points : (m, n, 3) array
    side : (m, 3) array
        A direction across each row.
    radii : (m, n) array
    """
    along = np.gradient(points, axis=1)
    along /= np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-6)
    first = side[:, None] - (along * side[:, None]).sum(-1, keepdims=True) * along
    first /= np.maximum(np.linalg.norm(first, axis=-1, keepdims=True), 1e-6)
    second = np.cross(along, first)
    r = radii[..., None]
    return Rings(points.reshape(-1, 3), (first * r).reshape(-1, 3), (second * r).reshape(-1, 3))
