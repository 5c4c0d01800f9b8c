"""What goes over a WebSocket: the maps of ZeroMQ's messages, each with a ``type``, as JSON or msgpack.

``body`` is everyone in a frame (see `models.recorded`), ``gesture`` an event (see `bridge.wire`), ``presence`` who
came and who left: lists ``entered`` and ``left`` of [slot, tracking_id]. In JSON, where a number is at most 2**53 for
browsers, ``tracking_id`` is a string everywhere; positions have tenths of a millimetre, and what is not finite is
null.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgpack
import numpy as np

from bridge.presence import Presence
from bridge.wire import VERSION, event_to_map
from gestures.event import GestureEvent
from models.body import BodyFrame, FloatArray
from models.recorded import frame_to_map

Format = Literal["json", "msgpack"]
Message = BodyFrame | GestureEvent | Presence
DECIMALS = 4


def encode_message(message: Message, form: Format) -> str | bytes:
    """The payload of a text or of a binary message."""
    if form == "json":
        return json.dumps(_as_map(message, _rounded, str), separators=(",", ":"), allow_nan=False)
    return bytes(msgpack.packb(_as_map(message, np.ndarray.tolist, int)))


def _as_map(
    message: Message, numbers: Callable[[FloatArray], list[Any]], number_of: Callable[[int], int | str]
) -> Mapping[str, Any]:
    if isinstance(message, Presence):
        entered, left = ([[slot, number_of(who)] for slot, who in people] for people in (message.entered, message.left))
        return {"type": "presence", "version": VERSION, "entered": entered, "left": left}
    if isinstance(message, GestureEvent):
        value = {"type": "gesture", "version": VERSION, **event_to_map(message)}
        value["tracking_id"] = number_of(message.tracking_id)
        return value
    value = {"type": "body", "version": VERSION, **frame_to_map(message, numbers)}
    for body in value["bodies"]:
        body["tracking_id"] = number_of(body["tracking_id"])
    return value


def _rounded(array: FloatArray) -> list[Any]:
    exact = array.astype(np.float64)
    rows: list[Any] = np.round(exact, DECIMALS).tolist()
    if not np.isfinite(exact).all():
        for row, column in np.argwhere(~np.isfinite(exact).reshape(len(rows), -1)).tolist():
            if isinstance(rows[row], list):
                rows[row][column] = None
            else:
                rows[row] = None
    return rows
