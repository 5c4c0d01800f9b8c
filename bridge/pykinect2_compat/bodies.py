"""Bodies as pykinect2 hands them out: `KinectBody` and `KinectBodyFrameData`."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from bridge.pykinect2_compat.PyKinectV2 import _Joint, _JointOrientation, _PointF, _Vector4
from models.body import Body, BodyFrame
from models.joints import Joint, TrackingState

KINECT_MAX_BODY_COUNT = 6
TICKS = 1e7
"""In a second."""


class KinectBody:
    """Somebody who is tracked, or a free place.

    Of a free place, only ``is_tracked``, ``is_restricted`` and ``tracking_id`` (-1) are known.
    """

    def __init__(self, body: Body | None = None) -> None:
        self.is_restricted = False
        self.tracking_id = -1
        self.is_tracked = body is not None
        if body is None:
            return
        self.tracking_id = body.tracking_id
        self.engaged = 0
        self.lean = _PointF(*body.lean.tolist())
        self.lean_tracking_state = int(TrackingState.TRACKED if body.lean.any() else TrackingState.NOT_TRACKED)
        self.hand_left_state = int(body.hand_left.state)
        self.hand_left_confidence = int(body.hand_left.confidence)
        self.hand_right_state = int(body.hand_right.state)
        self.hand_right_confidence = int(body.hand_right.confidence)
        self.clipped_edges = int(body.clipped_edges)
        self.joints = _joints(body)
        self.joint_orientations = _joint_orientations(body)


class KinectBodyFrameData:
    """Everyone at one moment.

    Attributes
    ----------
    bodies : (6,) array of KinectBody, optional
        By slot.
    floor_clip_plane : _Vector4, optional
        Zeros where it is not known.
    relative_time : int
        Ticks of 100 ns.
    """

    def __init__(self, frame: BodyFrame | None) -> None:
        self.bodies: Any = None
        self.floor_clip_plane: _Vector4 | None = None
        self.relative_time = 0
        if frame is not None:
            self.floor_clip_plane = _Vector4(*frame.floor.tolist())
            self.relative_time = round(frame.time * TICKS)
            places = {body.slot: body for body in frame.bodies}
            self.bodies = np.empty(KINECT_MAX_BODY_COUNT, object)
            self.bodies[:] = [KinectBody(places.get(slot)) for slot in range(KINECT_MAX_BODY_COUNT)]

    def copy(self) -> KinectBodyFrameData:
        """Another frame with the same bodies."""
        result = KinectBodyFrameData(None)
        result.bodies = None if self.bodies is None else self.bodies.copy()
        result.floor_clip_plane, result.relative_time = self.floor_clip_plane, self.relative_time
        return result


def _joints(body: Body) -> Any:
    """A pointer to 25 ``_Joint``."""
    rows = np.zeros(len(Joint), [("number", "i4"), ("position", "3f4"), ("state", "i4")])
    rows["number"], rows["position"], rows["state"] = range(len(Joint)), body.positions, body.tracking_states
    return ctypes.cast((_Joint * len(Joint)).from_buffer_copy(rows.tobytes()), ctypes.POINTER(_Joint))


def _joint_orientations(body: Body) -> Any:
    """A pointer to 25 ``_JointOrientation``."""
    rows = np.zeros(len(Joint), [("number", "i4"), ("turn", "4f4")])
    rows["number"], rows["turn"] = range(len(Joint)), body.orientations
    return ctypes.cast(
        (_JointOrientation * len(Joint)).from_buffer_copy(rows.tobytes()), ctypes.POINTER(_JointOrientation)
    )
