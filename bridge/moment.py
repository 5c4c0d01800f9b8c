"""What a publisher encodes: everyone in a frame as a few arrays, and who came and left since the frame sent before."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bridge.axes import Axes
from bridge.presence import NOTHING, Presence
from models.body import Body, BodyFrame, ByteArray, FloatArray
from models.joints import Joint, TrackingState


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One frame, ready to be encoded.

    Attributes
    ----------
    frame : BodyFrame
        As it came.
    bodies : tuple of Body
        Those that are sent.
    slots, ids : tuple of int
        Slot and tracking id of each of the n bodies.
    positions : (n, 25, 3) float32 array
        In the receiver's axes and unit. Joints that were not finite are 0 0 0, and NotTracked.
    orientations : (n, 25, 4) float32 array
        Quaternions x y z w in the receiver's axes.
    states : (n, 25) uint8 array
        A `TrackingState` for each joint.
    presence : Presence
        Who came and who left since the moment before.
    latency : float
        Seconds from the capture to the encoding; -1 where it is not known.
    unix : float
        When the picture was taken, in seconds since 1970; when it was encoded, where that is not known.
    """

    frame: BodyFrame
    bodies: tuple[Body, ...]
    slots: tuple[int, ...]
    ids: tuple[int, ...]
    positions: FloatArray
    orientations: FloatArray
    states: ByteArray
    presence: Presence = NOTHING
    latency: float = -1.0
    unix: float = 0.0


Choose = Callable[[tuple[Body, ...]], tuple[Body, ...]]


def only(slot: int | None) -> Choose:
    """Take the body in ``slot``, or that of the lowest slot, or none."""

    def choose(bodies: tuple[Body, ...]) -> tuple[Body, ...]:
        if slot is None:
            return (min(bodies, key=lambda body: body.slot),) if bodies else ()
        return tuple(body for body in bodies if body.slot == slot)

    return choose


_NO_POSITIONS = np.zeros((0, len(Joint), 3), np.float32)
_NO_ORIENTATIONS = np.zeros((0, len(Joint), 4), np.float32)
_NO_STATES = np.zeros((0, len(Joint)), np.uint8)


def moment_of(
    frame: BodyFrame,
    axes: Axes | None = None,
    choose: Choose | None = None,
    presence: Presence = NOTHING,
    latency: float | None = None,
    unix: float = 0.0,
) -> Moment:
    """The arrays of ``frame`` in the receiver's axes, of all bodies or of those that ``choose`` takes; see `Moment`."""
    bodies = frame.bodies if choose is None else choose(frame.bodies)
    slots, ids = tuple([body.slot for body in bodies]), tuple([body.tracking_id for body in bodies])
    late = -1.0 if latency is None else latency
    if not bodies:
        arrays = (_NO_POSITIONS, _NO_ORIENTATIONS, _NO_STATES)
        return Moment(frame, bodies, slots, ids, *arrays, presence, late, unix)
    if len(bodies) == 1:
        (body,) = bodies
        positions, orientations, states = body.positions[None], body.orientations[None], body.tracking_states[None]
    else:
        positions = np.array([body.positions for body in bodies])
        orientations = np.array([body.orientations for body in bodies])
        states = np.array([body.tracking_states for body in bodies])
    if not _finite(positions):
        finite = np.asarray(np.isfinite(positions).all(axis=2))
        positions = np.where(finite[..., None], positions, np.float32(0))
        states = np.where(finite, states, np.uint8(TrackingState.NOT_TRACKED))
    if not _finite(orientations):
        finite = np.asarray(np.isfinite(orientations).all(axis=2))
        orientations = np.where(finite[..., None], orientations, np.float32(0))
    if axes is not None:
        positions, orientations = axes.positions(positions), axes.quaternions(orientations)
    return Moment(frame, bodies, slots, ids, positions, orientations, states, presence, late, unix)


def _finite(values: FloatArray) -> bool:
    """Whether all are finite, and not so large that their squares are not: cheaper than to ask each."""
    flat = values.ravel()
    return math.isfinite(np.dot(flat, flat))
