"""A fuzzer at everything that reads what comes over a network: never worse than the error that its reader expects."""

from __future__ import annotations

import logging
import random
import socket
import struct
import time
from contextlib import closing, suppress

import msgpack
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.keys import KeyFileError, public_key
from bridge.osc import osc_message
from bridge.osc_kinectv2 import body_messages
from bridge.osc_reading import read_osc
from bridge.targets import PublisherError, parse_target
from bridge.teacher.messages import read_message
from bridge.teacher.receiver import Teacher
from bridge.wire import WireError, decode_event, decode_frame, encode_event, encode_frame
from bridge.wire_benchmark import crowd
from gestures.event import GestureEvent

QUICK = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
"""So many examples, the same in every run, however busy the machine."""

FRAME = crowd(1, 1)[0]
GOOD_FRAME, GOOD_EVENT = encode_frame(FRAME), encode_event(GestureEvent("wave", 1, 0.5, "detected"))
GOOD_MESSAGES = body_messages(FRAME.bodies[0])

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=12) | st.integers(0, 9), inner, max_size=6)
    ),
    max_leaves=12,
)


def damaged(good: bytes, rng: random.Random) -> bytes:
    """``good`` with bytes cut off, put in, taken out or changed."""
    data = bytearray(good)
    for _ in range(rng.randrange(1, 5)):
        place = rng.randrange(len(data) + 1)
        match rng.randrange(5):
            case 0:
                del data[place:]
            case 1:
                data[place:place] = rng.randbytes(rng.randrange(17))
            case 2:
                del data[place : place + rng.randrange(1, 17)]
            case 3:
                data[place : place + 5] = rng.choice(
                    [b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\x7f\xff\xff\xff"]
                )
            case _:
                data[place : place + 1] = rng.randbytes(1)
    return bytes(data)


def test_damaged_messages_are_decoded_or_refused() -> None:
    rng = random.Random(3)
    for _ in range(1500):
        with suppress(WireError):
            decode_frame(damaged(GOOD_FRAME, rng))
        with suppress(WireError):
            decode_event(damaged(GOOD_EVENT, rng))
        with suppress(ValueError):
            read_message(damaged(rng.choice(GOOD_MESSAGES), rng))
        with suppress(ValueError):
            read_osc(damaged(osc_message("/wek/outputs", 0.5, 1, "a"), rng))


@QUICK
@given(st.one_of(st.binary(max_size=100), plain.map(msgpack.packb)))
def test_a_body_message_is_decoded_or_refused(payload: bytes) -> None:
    with suppress(WireError):
        assert len(decode_frame(payload).bodies) <= 6


@QUICK
@given(st.dictionaries(st.sampled_from(sorted(msgpack.unpackb(GOOD_FRAME))), plain), st.data())
def test_a_body_message_with_wrong_values_is_decoded_or_refused(
    changes: dict[str, object], data: st.DataObject
) -> None:
    message = msgpack.unpackb(GOOD_FRAME) | changes
    if isinstance(message["bodies"], list) and message["bodies"] and isinstance(message["bodies"][0], dict):
        body = message["bodies"][0]
        for key in data.draw(st.lists(st.sampled_from(sorted(map(str, body)) or [""]), max_size=3)):
            body[key] = data.draw(plain)
    with suppress(WireError):
        decode_frame(msgpack.packb(message))


@QUICK
@given(st.one_of(st.binary(max_size=100), plain.map(msgpack.packb)))
def test_a_gesture_message_is_decoded_or_refused(payload: bytes) -> None:
    with suppress(WireError):
        decode_event(payload)


@pytest.mark.parametrize("depth", [10, 600, 100_000])
@pytest.mark.parametrize("opening", [b"\x91", b"\x81\xa1a", b"\xdc\x00\x01", b"\xdf\x00\x00\x00\x01\x01"])
def test_deep_nesting_is_refused(depth: int, opening: bytes) -> None:
    for decode in (decode_frame, decode_event):
        with pytest.raises(WireError):
            decode(opening * depth)


@QUICK
@given(st.binary(max_size=200))
def test_a_datagram_of_a_teacher_is_read_or_refused(datagram: bytes) -> None:
    with suppress(ValueError):
        read_message(datagram)


def deep_bundle(depth: int) -> bytes:
    packet = GOOD_MESSAGES[0]
    for _ in range(depth):
        packet = b"#bundle\0" + bytes(8) + struct.pack(">i", len(packet)) + packet
    return packet


def test_a_teacher_s_port_takes_hostile_datagrams_for_a_line(caplog: pytest.LogCaptureFixture) -> None:
    hostile = [
        deep_bundle(50),
        deep_bundle(1)[:-7],
        b"#bundle\0" + bytes(8) + b"\xff\xff\xff\xff",
        b"#bundle\0" + bytes(8) + b"\0\0\0\0" * 400,
        b"/bodies/" + b"9" * 1000 + b"/joints/Head\0,fffs\0",
        osc_message("/bodies/1/joints/Head", float("nan"), 0.0, 0.0, "Tracked"),
        b"/bodies/1/joints/Head\0\0\0," + b"f" * 1900,
        bytes(2000),
        b"\xff" * 2000,
    ]
    with caplog.at_level(logging.WARNING), closing(Teacher("osc+kinectv2://127.0.0.1:0")) as teacher:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for datagram in hostile * 20:
                sender.sendto(datagram, ("127.0.0.1", teacher.port))
            for number in range(200):  # strangers' bodies: as many as there are numbers
                sender.sendto(
                    osc_message(f"/bodies/{number}/joints/Head", 0.0, 0.0, 2.0, "Tracked"), ("127.0.0.1", teacher.port)
                )
            deadline = time.monotonic() + 60
            while not teacher.bodies():
                assert time.monotonic() < deadline
                for message in GOOD_MESSAGES:
                    sender.sendto(message, ("127.0.0.1", teacher.port))
                time.sleep(0.2)
        assert teacher.refused > 0
    assert len(caplog.records) == 1


@QUICK
@given(st.one_of(st.text(max_size=60), st.text(max_size=40).map("osc+vmc://127.0.0.1?{}".format)))
def test_any_text_is_a_target_or_is_explained(url: str) -> None:
    with suppress(PublisherError):
        parse_target(url)


@QUICK
@given(st.binary(max_size=200))
def test_any_file_is_a_key_or_is_named(tmp_path, content: bytes) -> None:
    path = tmp_path / "any.key"
    path.write_bytes(content)
    with suppress(KeyFileError):
        public_key(path)
