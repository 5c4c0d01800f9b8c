"""KinectV2-OSC messages are those of the original, byte for byte."""

from __future__ import annotations

import dataclasses
import socket

import numpy as np
import pytest
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.osc_kinectv2 import body_messages, frame_messages, gesture_messages
from bridge.osc_publisher import OscPublisher
from bridge.publishers import open_publisher
from gestures.event import GestureEvent
from models.body import Body, BodyFrame, Hand
from models.joints import HandState, Joint, TrackingConfidence, TrackingState


def python_osc_messages(body: Body) -> list[bytes]:
    """What python-osc makes of the format's description."""
    messages = []
    for joint in Joint:
        builder = OscMessageBuilder(f"/bodies/{body.tracking_id}/joints/{joint.kinect_name}")
        for value in body.positions[joint]:
            builder.add_arg(float(value), "f")
        builder.add_arg(body.state(joint).kinect_name, "s")
        messages.append(builder.build().dgram)
    for side, hand in (("Left", body.hand_left), ("Right", body.hand_right)):
        builder = OscMessageBuilder(f"/bodies/{body.tracking_id}/hands/{side}")
        builder.add_arg(hand.state.kinect_name, "s")
        builder.add_arg(hand.confidence.kinect_name, "s")
        messages.append(builder.build().dgram)
    return messages


def still_body(tracking_id: int = 72057594037927937) -> Body:
    return Body(
        tracking_id=tracking_id,
        slot=0,
        positions=np.full((25, 3), (1.0, -2.0, 0.5), np.float32),
        orientations=np.zeros((25, 4), np.float32),
        tracking_states=np.full(25, TrackingState.INFERRED, np.uint8),
        hand_right=Hand(HandState.LASSO, TrackingConfidence.HIGH),
    )


def test_a_joint_is_this_datagram() -> None:
    assert body_messages(still_body())[Joint.HAND_TIP_LEFT] == (
        b"/bodies/72057594037927937/joints/HandTipLeft\0\0\0\0"
        b",fffs\0\0\0"
        b"\x3f\x80\x00\x00\xc0\x00\x00\x00\x3f\x00\x00\x00"
        b"Inferred\0\0\0\0"
    )


def test_the_hands_are_these_datagrams() -> None:
    assert body_messages(still_body())[25:] == [
        b"/bodies/72057594037927937/hands/Left\0\0\0\0,ss\0Unknown\0Low\0",
        b"/bodies/72057594037927937/hands/Right\0\0\0,ss\0Lasso\0\0\0High\0\0\0\0",
    ]


@pytest.mark.parametrize("seed", range(10))
def test_random_bodies_equal_those_of_python_osc(random_frame, seed: int) -> None:
    frame = random_frame(seed)
    expected = [message for body in frame.bodies for message in python_osc_messages(body)]
    assert frame_messages(frame) == expected
    assert len(expected) == 6 * 27


@pytest.mark.parametrize("tracking_id", [0, 9, 10, 99, 100, 2**64 - 1])
def test_ids_of_every_length_equal_those_of_python_osc(tracking_id: int) -> None:
    body = still_body(tracking_id)
    assert body_messages(body) == python_osc_messages(body)


@pytest.mark.parametrize("state", HandState)
@pytest.mark.parametrize("confidence", TrackingConfidence)
def test_every_hand_state_equals_that_of_python_osc(state: HandState, confidence: TrackingConfidence) -> None:
    body = dataclasses.replace(still_body(), hand_left=Hand(state, confidence))
    assert body_messages(body)[25:] == python_osc_messages(body)[25:]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_joint_that_is_not_finite_is_not_tracked_at_zero(value: float) -> None:
    body = still_body()
    positions = body.positions.copy()
    positions[Joint.FOOT_LEFT, 1] = value
    messages = [OscMessage(m) for m in body_messages(dataclasses.replace(body, positions=positions))]
    assert messages[Joint.FOOT_LEFT].params == [0.0, 0.0, 0.0, "NotTracked"]
    assert messages[Joint.HEAD].params == [1.0, -2.0, 0.5, "Inferred"]
    assert np.isnan(positions).sum() + np.isinf(positions).sum() == 1  # the array that was handed in is as it was


def test_a_gesture_is_sent_by_body_and_by_name() -> None:
    event = GestureEvent("raise_right_hand", 2**60, 1.0, "started", 0.75, 0.5)
    by_body, by_name = (OscMessage(m) for m in gesture_messages(event))
    assert by_body.address == "/bodies/1152921504606846976/gestures/raise_right_hand"
    assert by_body.params == [0.75, 0.5]
    assert by_name.address == "/gesture/raise_right_hand"
    assert by_name.params == ["1152921504606846976", "started", 0.75, 0.5]


def test_a_gesture_that_ended_goes_back_to_zero() -> None:
    by_body, by_name = (OscMessage(m) for m in gesture_messages(GestureEvent("wave", 1, 1.0, "ended", 0.5, 1.0)))
    assert by_body.params == [0.0, 0.0]
    assert by_name.params == ["1", "ended", 0.5, 1.0]


def test_progress_alone_is_sent_by_body_only() -> None:
    (by_body,) = gesture_messages(GestureEvent("squat", 1, 1.0, "progress", 0.25, 0.5))
    assert OscMessage(by_body).address == "/bodies/1/gestures/squat"
    assert OscMessage(by_body).params == [0.25, 0.5]


def test_no_datagram_is_longer_than_1200_bytes(random_frame) -> None:
    event = GestureEvent("a_gesture_with_a_rather_long_name", 2**64 - 1, 1.0, "started")
    assert max(map(len, frame_messages(random_frame(), [event]))) < 1200


def test_six_bodies_and_a_gesture_arrive_complete_and_in_order(random_frame) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(60)
        publisher = open_publisher(f"osc+kinectv2://127.0.0.1:{receiver.getsockname()[1]}")
        assert isinstance(publisher, OscPublisher)
        frame = random_frame()
        events = [GestureEvent("wave", frame.bodies[0].tracking_id, 1.5, "detected")]
        publisher.send(frame)
        publisher.tell(events)
        received = [receiver.recv(2000) for _ in range(6 * 27 + 2)]
        publisher.close()
        publisher.close()
    assert received == frame_messages(frame, events)


def test_an_empty_frame_sends_nothing() -> None:
    assert frame_messages(BodyFrame(0.0, 0)) == []
