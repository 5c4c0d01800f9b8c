"""What goes over ZeroMQ: messages of two parts, a topic and a msgpack map.

Topic ``body``: the map of `models.recorded` and ``version``. Topic ``gesture``: a map of

| key | value |
|---|---|
| ``version`` | 1 |
| ``name`` | for example raise_right_hand |
| ``tracking_id`` | whose gesture it is |
| ``time`` | seconds, capture time of the picture that decided it |
| ``phase`` | started, held, ended or detected; progress: only how far it has come has changed |
| ``progress``, ``confidence`` | 0 to 1 |

A stream that has a name, as behind a hub, has the topics ``body/NAME`` and ``gesture/NAME``, and its name under the key
``stream`` of every map. Everything is a plain msgpack map, list, number or string, which every language reads; one body
takes 2.5 kB. The version grows when a reader of the old one would go wrong; new keys alone do not change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import msgpack

from gestures.event import GestureEvent, Phase
from models.body import BodyFrame
from models.recorded import field, finite_number, frame_from_map, frame_to_map, whole_number

VERSION = 1
BODY_TOPIC = b"body"
GESTURE_TOPIC = b"gesture"


class WireError(ValueError):
    """Bytes that are not a message of ours, or of a version that we do not know."""


def stream_topic(topic: bytes, name: str) -> bytes:
    """The topic of a stream that has a name, as behind a hub; subscribing to ``topic`` alone means all streams.

    >>> stream_topic(BODY_TOPIC, "kitchen")
    b'body/kitchen'
    """
    return topic + b"/" + name.encode() if name else topic


def encode_frame(frame: BodyFrame, stream: str = "") -> bytes:
    """The payload under the topic ``body``."""
    return bytes(msgpack.packb({"version": VERSION, **_named(stream), **frame_to_map(frame)}))


def decode_frame(payload: bytes) -> BodyFrame:
    """The frame that `encode_frame` made into ``payload``.

    Raises
    ------
    WireError
        If it is anything else.
    """
    try:
        return frame_from_map(_unpack(payload))
    except ValueError as error:
        raise WireError(f"not a body message: {error}") from error


def event_to_map(event: GestureEvent) -> dict[str, Any]:
    """What is said of a gesture, without the version."""
    return {
        "name": event.name,
        "tracking_id": int(event.tracking_id),
        "time": float(event.time),
        "phase": event.phase,
        "progress": float(event.progress),
        "confidence": float(event.confidence),
    }


def encode_event(event: GestureEvent, stream: str = "") -> bytes:
    """The payload under the topic ``gesture``."""
    return bytes(msgpack.packb({"version": VERSION, **_named(stream), **event_to_map(event)}))


def decode_event(payload: bytes) -> GestureEvent:
    """The event that `encode_event` made into ``payload``.

    Raises
    ------
    WireError
        If it is anything else.
    """
    try:
        message = _unpack(payload)
        name, phase = field(message, "name"), field(message, "phase")
        if not isinstance(name, str) or not name:
            raise ValueError("name must be a string")
        if phase not in get_args(Phase):
            raise ValueError(f"phase must be one of {', '.join(get_args(Phase))}")
        return GestureEvent(
            name=name,
            tracking_id=whole_number(message, "tracking_id"),
            time=finite_number(message, "time"),
            phase=phase,
            progress=finite_number(message, "progress"),
            confidence=finite_number(message, "confidence"),
        )
    except ValueError as error:
        raise WireError(f"not a gesture message: {error}") from error


def _named(stream: str) -> dict[str, str]:
    return {"stream": stream} if stream else {}


def _unpack(payload: bytes) -> Mapping[Any, Any]:
    try:
        message = msgpack.unpackb(payload)
    except (ValueError, msgpack.UnpackException) as error:
        raise ValueError("it is not msgpack") from error
    if not isinstance(message, Mapping):
        raise ValueError(f"it must be a map, got {type(message).__name__}")
    version = field(message, "version")
    if version != VERSION:
        raise ValueError(f"version {str(version)[:40]} is not {VERSION}, the one we know; update the older side")
    return message
