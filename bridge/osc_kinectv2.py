"""Bodies as KinectV2-OSC sends them: 27 messages for each body of a frame, each one a datagram of its own.

- ``/bodies/{tracking id}/joints/{joint}`` ``,fffs``: x, y, z in metres, camera space; Tracked, Inferred or NotTracked.
- ``/bodies/{tracking id}/hands/{Left|Right}`` ``,ss``: Open, Closed, Lasso, Unknown or NotTracked; High or Low.

Gestures, which KinectV2-OSC has not, follow the bodies:

- ``/bodies/{tracking id}/gestures/{name}`` ``,ff``: progress and confidence, 0 to 1, while they change; both 0 when the
  gesture has ended.
- ``/gesture/{name}`` ``,ssff``: tracking id, phase (started, held, ended or detected), progress, confidence.

A joint whose position is not finite is sent as NotTracked at 0 0 0.
Source: https://github.com/microcosm/KinectV2-OSC
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from bridge.osc import UdpSender, osc_message, osc_string
from bridge.targets import Target
from gestures.event import GestureEvent
from models.body import Body, BodyFrame
from models.joints import HandState, Joint, TrackingConfidence, TrackingState

_POSITION_BYTES = 12
_STATES = tuple(osc_string(state.kinect_name) for state in TrackingState)
_HANDS = {(s, c): osc_string(s.kinect_name) + osc_string(c.kinect_name) for s in HandState for c in TrackingConfidence}


def body_messages(body: Body) -> list[bytes]:
    """The 27 messages of one body: its joints in the order of `Joint`, then the left and the right hand."""
    joints, left, right = _headers(body.tracking_id)
    states = body.tracking_states
    positions = body.positions
    if not np.isfinite(positions).all():
        finite = np.all(np.isfinite(positions), axis=1)
        positions = np.where(finite[:, None], positions, np.float32(0))
        states = np.where(finite, states, np.uint8(TrackingState.NOT_TRACKED))
    data = positions.astype(">f4").tobytes()
    messages = [
        header + data[start : start + _POSITION_BYTES] + _STATES[state]
        for header, start, state in zip(joints, range(0, len(data), _POSITION_BYTES), states.tolist(), strict=True)
    ]
    messages.append(left + _HANDS[body.hand_left.state, body.hand_left.confidence])
    messages.append(right + _HANDS[body.hand_right.state, body.hand_right.confidence])
    return messages


def gesture_messages(event: GestureEvent) -> list[bytes]:
    """The messages of one gesture event: one alone where only its progress changed, else two."""
    progress, confidence = float(event.progress), float(event.confidence)
    level = (0.0, 0.0) if event.phase == "ended" else (progress, confidence)
    by_body = osc_message(f"/bodies/{event.tracking_id}/gestures/{event.name}", *level)
    if event.phase == "progress":
        return [by_body]
    by_name = osc_message(f"/gesture/{event.name}", str(event.tracking_id), event.phase, progress, confidence)
    return [by_body, by_name]


def frame_messages(frame: BodyFrame, events: Sequence[GestureEvent] = ()) -> list[bytes]:
    """Every message of a frame, in the order in which they are sent."""
    messages = [message for body in frame.bodies for message in body_messages(body)]
    messages.extend(message for event in events for message in gesture_messages(event))
    return messages


class KinectV2OscPublisher:
    """Sends frames to one KinectV2-OSC receiver.

    Parameters
    ----------
    target : Target

    Attributes
    ----------
    sender : UdpSender
        Counts what was sent and what was dropped.
    """

    def __init__(self, target: Target) -> None:
        self.sender = UdpSender(target)

    def send(self, frame: BodyFrame, events: Sequence[GestureEvent] = ()) -> None:
        """Send a frame, and the gestures that it brought; never waits and never raises."""
        self.sender.send(frame_messages(frame, events))

    def close(self) -> None:
        """Close the socket; closing twice is allowed."""
        self.sender.close()


@lru_cache(maxsize=64)
def _headers(tracking_id: int) -> tuple[tuple[bytes, ...], bytes, bytes]:
    """All that comes before the arguments: for the joints, for the left hand and for the right hand."""
    body = f"/bodies/{tracking_id}"
    joints = tuple(osc_string(f"{body}/joints/{j.kinect_name}") + osc_string(",fffs") for j in Joint)
    hands = [osc_string(f"{body}/hands/{side}") + osc_string(",ss") for side in ("Left", "Right")]
    return joints, hands[0], hands[1]
