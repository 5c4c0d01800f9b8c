"""Put bodies together again from the messages of KinectV2-OSC; see `bridge.osc_kinectv2` for the format.

Messages bear no time and no number of their frame: a body is whole when all its messages are there, or when the first
of the next frame arrives.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import numpy as np
from pythonosc.osc_message import OscMessage, ParseError

from models.body import Body, BodyFrame, ByteArray, FloatArray, Hand
from models.joints import HandState, Joint, TrackingConfidence, TrackingState
from models.recorded import MAX_BODIES

FEWEST_JOINTS = 15
"""With fewer, so much of a body was lost on the way that it is left out."""

PATIENCE = 0.1
"""Seconds after which the rest of a body will not come any more."""

FORGOTTEN = 2.0
"""Seconds unheard after which somebody's slot is free again."""

FARTHEST = 20.0
"""Metres; no Kinect sees so far."""

_ADDRESS = re.compile(r"/bodies/(\d{1,20})/(?:joints/(\w+)|hands/(Left|Right))")
_JOINTS = {joint.kinect_name: joint for joint in Joint}
_STATES = {state.kinect_name: state for state in TrackingState}
_HANDS = {state.kinect_name: state for state in HandState}
_CONFIDENCES = {confidence.kinect_name: confidence for confidence in TrackingConfidence}


@dataclass(frozen=True, slots=True)
class JointMessage:
    """One joint of somebody; metres."""

    tracking_id: int
    joint: Joint
    position: tuple[float, float, float]
    state: TrackingState


@dataclass(frozen=True, slots=True)
class HandMessage:
    """One hand of somebody."""

    tracking_id: int
    left: bool
    hand: Hand


def read_message(datagram: bytes) -> JointMessage | HandMessage | None:
    """What a datagram says of a body; None for other messages of the same sender, such as gestures.

    Raises
    ------
    ValueError
        If it is not a message of KinectV2-OSC.
    """
    if b",fffs\0" not in datagram and b",ss\0" not in datagram:
        if datagram.startswith(b"/") and b"/gesture" in datagram:
            return None
        raise ValueError("neither a joint nor a hand")
    try:
        message = OscMessage(datagram)
        address, values = message.address, list(message.params)
    except (ParseError, ValueError, IndexError) as error:
        raise ValueError("not a message of Open Sound Control") from error
    found = _ADDRESS.fullmatch(address)
    if found is None or int(found[1]) >= 2**64:
        raise ValueError("not the address of a joint or a hand")
    if found[2]:
        return _joint(int(found[1]), found[2], values)
    return _hand(int(found[1]), found[3] == "Left", values)


def _joint(tracking_id: int, name: str, values: list[object]) -> JointMessage:
    match values:
        case [float(x), float(y), float(z), str(state)] if name in _JOINTS and state in _STATES:
            if all(math.isfinite(value) and abs(value) <= FARTHEST for value in (x, y, z)):
                return JointMessage(tracking_id, _JOINTS[name], (x, y, z), _STATES[state])
    raise ValueError("a joint with values that it cannot have")


def _hand(tracking_id: int, left: bool, values: list[object]) -> HandMessage:
    match values:
        case [str(state), str(confidence)] if state in _HANDS and confidence in _CONFIDENCES:
            return HandMessage(tracking_id, left, Hand(_HANDS[state], _CONFIDENCES[confidence]))
    raise ValueError("a hand with values that it cannot have")


@dataclass(slots=True, eq=False)
class _Part:
    """What has come of one body of one frame."""

    began: float
    positions: FloatArray = field(default_factory=lambda: np.full((len(Joint), 3), np.nan, np.float32))
    states: ByteArray = field(default_factory=lambda: np.zeros(len(Joint), np.uint8))
    hands: dict[bool, Hand] = field(default_factory=dict)
    joints: set[Joint] = field(default_factory=set)

    def whole(self) -> bool:
        return len(self.joints) == len(Joint) and len(self.hands) == 2

    def has(self, message: JointMessage | HandMessage) -> bool:
        return message.joint in self.joints if isinstance(message, JointMessage) else message.left in self.hands

    def add(self, message: JointMessage | HandMessage) -> None:
        if isinstance(message, HandMessage):
            self.hands[message.left] = message.hand
            return
        self.joints.add(message.joint)
        self.positions[message.joint] = message.position
        self.states[message.joint] = message.state


class BodyAssembler:
    """Remembers the bodies of which not all has come yet, and who has which slot."""

    def __init__(self) -> None:
        self._parts: dict[int, _Part] = {}
        self._slots: dict[int, tuple[int, float]] = {}  # tracking id to slot, and when it was heard
        self._sequence = 0

    def add(self, message: JointMessage | HandMessage, now: float) -> list[BodyFrame]:
        """Take a message that arrived at ``now``; the bodies that are whole with it, each in a frame of its own.

        A frame's time is when the first message of its body arrived. Joints that were lost are NaN and NotTracked.
        """
        done = [who for who, part in self._parts.items() if now - part.began > PATIENCE]
        part = self._parts.get(message.tracking_id)
        if part is not None and part.has(message) and message.tracking_id not in done:
            done.append(message.tracking_id)
        frames = [frame for who in done for frame in self._finished(who)]
        if message.tracking_id not in self._parts and not self._admits(message.tracking_id, now):
            return frames
        part = self._parts.setdefault(message.tracking_id, _Part(now))
        part.add(message)
        return frames + self._finished(message.tracking_id) if part.whole() else frames

    def _finished(self, who: int) -> list[BodyFrame]:
        part = self._parts.pop(who)
        if len(part.joints) < FEWEST_JOINTS:
            return []
        unknown = Hand()
        body = Body(
            tracking_id=who,
            slot=self._slots[who][0],
            positions=part.positions,
            orientations=np.zeros((len(Joint), 4), np.float32),
            tracking_states=part.states,
            hand_left=part.hands.get(True, unknown),
            hand_right=part.hands.get(False, unknown),
        )
        frame = BodyFrame(part.began, self._sequence, (body,))
        self._sequence += 1
        return [frame]

    def _admits(self, who: int, now: float) -> bool:
        """Give somebody a slot; False where six others are there."""
        self._slots = {
            other: (slot, heard)
            for other, (slot, heard) in self._slots.items()
            if other == who or other in self._parts or now - heard < FORGOTTEN
        }
        if who in self._slots:
            self._slots[who] = (self._slots[who][0], now)
            return True
        free = sorted(set(range(MAX_BODIES)) - {slot for slot, _ in self._slots.values()})
        if free:
            self._slots[who] = (free[0], now)
        return bool(free)
