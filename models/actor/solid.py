"""Solids as rings: a tube is a row of ellipses, and its skin is the quads between neighbours.

An ellipse is a centre and two half axes; the first axis times the second points along the tube, so that the quads' corners
run anticlockwise seen from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.body import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Rings:
    """A row of ellipses.

    Attributes
    ----------
    centres, first, second : (n, 3) float array
        Metres.
    """

    centres: FloatArray
    first: FloatArray
    second: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Flat coloured faces in camera space.

    Attributes
    ----------
    corners : (n, k, 3) float32 array
        Metres, anticlockwise seen from outside.
    colours : (n, 3) float32 array
        Blue, green, red under full light, 0 to 255.
    lift : (n,) float32 array
        Metres by which a face counts as nearer than it is, for what is painted upon a surface.
    """

    corners: FloatArray
    colours: FloatArray
    lift: FloatArray


class Tubes:
    """The skin of several tubes that have the same number of sides, whose rings move from frame to frame.

    Parameters
    ----------
    colours : sequence of (rings - 1, sides, 3) arrays
        One for each tube, in the order in which the rings come; a NaN leaves a face out.
    """

    def __init__(self, colours: Sequence[FloatArray]) -> None:
        self.sides = colours[0].shape[1]
        angle = np.linspace(0, 2 * np.pi, self.sides, endpoint=False, dtype=np.float32)
        self._cos, self._sin = np.cos(angle)[None, :, None], np.sin(angle)[None, :, None]
        starts = np.cumsum([0, *(len(c) + 1 for c in colours)])
        row = np.concatenate([start + np.arange(len(c)) for start, c in zip(starts[:-1], colours, strict=True)])
        this = np.arange(self.sides)
        following = (this + 1) % self.sides
        low, high = row[:, None] * self.sides, (row[:, None] + 1) * self.sides
        quads = np.stack([low + this, low + following, high + following, high + this], -1).reshape(-1, 4)
        flat = np.concatenate(colours).reshape(-1, 3).astype(np.float32)
        kept = ~np.isnan(flat[:, 0])
        self._quads, self._colours = quads[kept], flat[kept]
        self._lift = np.zeros(len(self._quads), np.float32)

    def faces(self, parts: Sequence[Rings]) -> Faces:
        """The skin over the rings of each tube, in the order of the colours."""
        centres, first, second = (
            np.concatenate([getattr(part, name) for part in parts]).astype(np.float32)
            for name in ("centres", "first", "second")
        )
        points = centres[:, None] + self._cos * first[:, None] + self._sin * second[:, None]
        return Faces(points.reshape(-1, 3)[self._quads], self._colours, self._lift)


def limb_basis(stations: FloatArray, roundness: float = 0.22) -> tuple[FloatArray, FloatArray]:
    """Weights of three joints for points along a limb, and for the directions there.

    Parameters
    ----------
    stations : (n,) array
        0 at the first joint, 1 at the second, 2 at the third; outside that range the end bones go on.
    roundness : float
        How far from the second joint its bend begins.

    Returns
    -------
    two (n, 3) float32 arrays
    """
    u = stations - 1
    bend = np.clip((u + roundness) / (2 * roundness), 0, 1)  # 0 before the bend, 1 after it
    # Along the first bone p = P1 + u (P1 - P0), along the second P1 + u (P2 - P1), between them a parabola.
    second = np.where(u > roundness, u, roundness * bend**2)
    first = u - second
    weights = np.stack([-first, 1 + first - second, second], -1)
    slopes = np.stack([bend - 1, 1 - 2 * bend, bend], -1)
    return weights.astype(np.float32), slopes.astype(np.float32)


def limb_rings(
    joints: FloatArray, hinge: FloatArray, basis: tuple[FloatArray, FloatArray], widths: FloatArray, depths: FloatArray
) -> Rings:
    """A tube over three joints (3, 3) that bend about ``hinge`` (3,), with half axes (n,) along the hinge and across it."""
    weights, slopes = basis
    along = slopes @ joints
    along /= np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-6)
    across = np.cross(along, hinge)
    return Rings(weights @ joints, np.broadcast_to(hinge, along.shape) * widths[:, None], across * depths[:, None])


def chain_rings(points: FloatArray, side: FloatArray, radii: FloatArray) -> Rings:
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
