"""Bodies as KinectV2-OSC sends them: 27 messages for each body of a frame, each one a datagram of its own.

Gestures, which KinectV2-OSC has not, follow the bodies. A joint whose position is not finite is sent as NotTracked.
Source: https://github.com/microcosm/KinectV2-OSC
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import count

from bridge.moment import Moment, moment_of
from bridge.options import Option, choice
from bridge.osc import osc_message, osc_string
from bridge.osc_address import Address
from gestures.event import GestureEvent
from models.body import Body, BodyFrame
from models.joints import HandState, Joint, TrackingConfidence, TrackingState

_POSITION_BYTES = 12
_STATES = tuple(osc_string(state.kinect_name) for state in TrackingState)
_HANDS = {(s, c): osc_string(s.kinect_name) + osc_string(c.kinect_name) for s in HandState for c in TrackingConfidence}

GESTURE_ADDRESSES = (
    Address(
        "/bodies/{id}/gestures/{name}", "ff", "progress and confidence", "0 to 1, while they change; 0 0 at the end"
    ),
    Address("/gesture/{name}", "ssff", "id, phase, progress, confidence", "phase started, held, ended or detected"),
)
ADDRESSES = (
    Address("/bodies/{id}/joints/{Joint}", "fffs", "x y z, state", "Tracked, Inferred or NotTracked"),
    Address(
        "/bodies/{id}/hands/{Left, Right}",
        "ss",
        "state, confidence",
        "Open, Closed, Lasso, Unknown, NotTracked; High, Low",
    ),
    *GESTURE_ADDRESSES,
)
KINECTV2_OPTIONS = {
    "ids": Option(
        choice("tracking", "user"),
        "tracking",
        "what {id} is: tracking, a number that nobody else ever has, or user, 1 to 6 by slot",
    )
}


def encode(moment: Moment, by_user: bool = False) -> list[bytes]:
    """The messages of everyone, body after body; ``by_user`` puts the slot, from 1, in place of the tracking id."""
    data = moment.positions.astype(">f4").tobytes()
    messages: list[bytes] = []
    starts = count(0, _POSITION_BYTES)
    for body, states in zip(moment.bodies, moment.states.tolist(), strict=True):
        joints, left, right = _headers(body.slot + 1 if by_user else body.tracking_id)
        messages += [
            header + data[start : start + _POSITION_BYTES] + _STATES[state]
            for header, state, start in zip(joints, states, starts, strict=False)
        ]
        messages.append(left + _HANDS[body.hand_left.state, body.hand_left.confidence])
        messages.append(right + _HANDS[body.hand_right.state, body.hand_right.confidence])
    return messages


def body_messages(body: Body) -> list[bytes]:
    """The 27 messages of one body: its joints in the order of `Joint`, then the left and the right hand."""
    return encode(moment_of(BodyFrame(0.0, 0, (body,))))


def gesture_messages(event: GestureEvent) -> list[bytes]:
    """The messages of one gesture event: one alone where only its progress changed, else two."""
    progress, confidence = float(event.progress), float(event.confidence)
    level = (0.0, 0.0) if event.phase == "ended" else (progress, confidence)
    by_body = osc_message(f"/bodies/{event.tracking_id}/gestures/{event.name}", *level)
    if event.phase == "progress":
        return [by_body]
    by_name = osc_message(f"/gesture/{event.name}", str(event.tracking_id), event.phase, progress, confidence)
    return [by_body, by_name]


def told(events: Sequence[GestureEvent], moment: Moment, by_user: bool = False) -> list[bytes]:
    """The messages of the gestures that ``moment`` brought; ``by_user`` as for `encode`."""
    chosen = _by_users(events, moment) if by_user else events
    return [message for event in chosen for message in gesture_messages(event)]


def _by_users(events: Sequence[GestureEvent], moment: Moment) -> list[GestureEvent]:
    """``events`` with the slots, from 1, in place of tracking ids; without those of nobody who is or was just there."""
    slots = moment.presence.slots | {body.tracking_id: body.slot for body in moment.frame.bodies}
    known = [event for event in events if event.tracking_id in slots]
    return [replace(event, tracking_id=slots[event.tracking_id] + 1) for event in known]


def frame_messages(frame: BodyFrame, events: Sequence[GestureEvent] = ()) -> list[bytes]:
    """Every message of a frame, in the order in which they are sent."""
    moment = moment_of(frame)
    return encode(moment) + told(events, moment)


@lru_cache(maxsize=64)
def _headers(tracking_id: int) -> tuple[tuple[bytes, ...], bytes, bytes]:
    """All that comes before the arguments: for the joints, for the left hand and for the right hand."""
    body = f"/bodies/{tracking_id}"
    joints = tuple(osc_string(f"{body}/joints/{j.kinect_name}") + osc_string(",fffs") for j in Joint)
    hands = [osc_string(f"{body}/hands/{side}") + osc_string(",ss") for side in ("Left", "Right")]
    return joints, hands[0], hands[1]
