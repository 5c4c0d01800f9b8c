"""ZeroMQ payloads are plain msgpack, and anything else is refused."""

from __future__ import annotations

import contextlib
import dataclasses
import random
from typing import Any

import msgpack
import numpy as np
import pytest

from bridge.wire import (
    BODY_TOPIC,
    GESTURE_TOPIC,
    VERSION,
    WireError,
    decode_event,
    decode_frame,
    encode_event,
    encode_frame,
    stream_topic,
)
from gestures.event import GestureEvent

EVENT = GestureEvent("raise_left_hand", 2**64 - 1, 12.25, "held", 0.5, 0.75)


@pytest.mark.parametrize("seed", range(10))
def test_a_frame_survives_to_the_last_bit(random_frame, assert_same_frame, seed: int) -> None:
    frame = random_frame(seed, people=seed % 7)
    assert_same_frame(decode_frame(encode_frame(frame)), frame)


def test_an_event_survives() -> None:
    assert decode_event(encode_event(EVENT)) == EVENT


def test_a_stream_that_has_a_name_says_it_in_topic_and_map(random_frame) -> None:
    assert (stream_topic(BODY_TOPIC, ""), stream_topic(GESTURE_TOPIC, "hall")) == (b"body", b"gesture/hall")
    frame = random_frame(people=1)
    for payload in (encode_frame(frame, "hall"), encode_event(EVENT, "hall")):
        assert msgpack.unpackb(payload)["stream"] == "hall"
    assert decode_event(encode_event(EVENT, "hall")) == EVENT
    assert decode_frame(encode_frame(frame, "hall")).sequence == frame.sequence


def test_any_language_reads_a_frame(random_frame) -> None:
    frame = random_frame(people=1)
    message = msgpack.unpackb(encode_frame(frame))
    assert message["version"] == VERSION == 1
    body = message["bodies"][0]
    assert set(message) == {"version", "time", "sequence", "image_size", "bodies", "floor"}
    assert body["positions"] == frame.bodies[0].positions.tolist()
    assert body["hand_left"] == [frame.bodies[0].hand_left.state, frame.bodies[0].hand_left.confidence]


def test_an_event_is_these_bytes() -> None:
    event = GestureEvent("wave", 1, 0.5, "detected", 1.0, 0.25)
    assert encode_event(event) == (
        b"\x87\xa7version\x01\xa4name\xa4wave\xabtracking_id\x01\xa4time\xcb\x3f\xe0\0\0\0\0\0\0\xa5phase\xa8detected"
        b"\xa8progress\xcb\x3f\xf0\0\0\0\0\0\0\xaaconfidence\xcb\x3f\xd0\0\0\0\0\0\0"
    )


def test_progress_comes_back() -> None:
    event = GestureEvent("squat", 1, 0.5, "progress", 0.25, 0.5)
    assert decode_event(encode_event(event)) == event


def test_what_is_not_finite_comes_back_as_nan(random_frame) -> None:
    frame = random_frame(people=2)
    strange = np.array([[0x7F800001], [0xFF800000], [0x7FC00000]], np.uint32).view(np.float32).repeat(3, 1)
    positions = np.concatenate([strange, frame.bodies[0].positions[3:]])
    body = dataclasses.replace(frame.bodies[0], positions=positions)
    one, other = decode_frame(encode_frame(dataclasses.replace(frame, bodies=(body, frame.bodies[1])))).bodies
    assert np.isnan(one.positions[:3]).all()
    np.testing.assert_array_equal(one.positions[3:], positions[3:])
    np.testing.assert_array_equal(other.positions, frame.bodies[1].positions)


@pytest.mark.parametrize("version", [0, 2, "1", None, [1]])
def test_another_version_is_refused_by_name(random_frame, version: Any) -> None:
    message = {**msgpack.unpackb(encode_frame(random_frame())), "version": version}
    with pytest.raises(WireError, match=r"not a body message: version .* is not 1"):
        decode_frame(msgpack.packb(message))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", ""),
        ("name", 3),
        ("phase", "begun"),
        ("phase", ["held"]),
        ("tracking_id", -1),
        ("time", "now"),
        ("progress", float("nan")),
        ("confidence", None),
    ],
)
def test_a_wrong_event_is_refused_by_name(key: str, value: Any) -> None:
    message = msgpack.unpackb(encode_event(EVENT))
    with pytest.raises(WireError, match=f"not a gesture message: {key}"):
        decode_event(msgpack.packb({**message, key: value}))
    del message[key]
    with pytest.raises(WireError, match=f"'{key}' is missing"):
        decode_event(msgpack.packb(message))


@pytest.mark.parametrize(
    "payload", [b"", b"\x01", b"\xc1", b"\x91" * 5000, b"{}", b"\x81\x90\x01", b"\xd6\xff\xff\xff"]
)
def test_garbage_is_refused(payload: bytes) -> None:
    for decode in (decode_frame, decode_event):
        with pytest.raises(WireError):
            decode(payload)


def test_random_cut_off_and_changed_bytes_do_no_worse_than_a_wire_error(random_frame) -> None:
    rng = random.Random(5)
    payload = encode_frame(random_frame(people=1))
    for decode, good in ((decode_frame, payload), (decode_event, encode_event(EVENT))):
        for _ in range(500):
            place = rng.randrange(len(good))
            with pytest.raises(WireError):
                decode(good[:place])
            for bad in (rng.randbytes(rng.randrange(200)), good[:place] + rng.randbytes(4) + good[place + 4 :]):
                with contextlib.suppress(WireError):
                    decode(bad)
