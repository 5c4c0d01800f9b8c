"""Bodies to send over OSC that are easy to know again, and what arrives, as python-osc reads it."""

from __future__ import annotations

import socket
import struct
from typing import Any

import numpy as np
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

from models.body import Body, BodyFrame, Hand
from models.joints import FrameEdges, HandState, TrackingConfidence, TrackingState

BUNDLE = b"#bundle\0\0\0\0\0\0\0\0\1"
WHO = 72057594037927937


def still_body(**changes: Any) -> Body:
    """Every joint at (1, -2, .5), turned by (.5, .5, .5, .5), Inferred."""
    values: dict[str, Any] = {
        "tracking_id": WHO,
        "slot": 2,
        "positions": np.full((25, 3), (1.0, -2.0, 0.5), np.float32),
        "orientations": np.full((25, 4), 0.5, np.float32),
        "tracking_states": np.full(25, TrackingState.INFERRED, np.uint8),
        "hand_left": Hand(HandState.CLOSED, TrackingConfidence.LOW),
        "hand_right": Hand(HandState.LASSO, TrackingConfidence.HIGH),
        "clipped_edges": FrameEdges.LEFT | FrameEdges.TOP,
        "lean": np.array([0.25, -0.5], np.float32),
    }
    return Body(**{**values, **changes})


def still_frame(**changes: Any) -> BodyFrame:
    return BodyFrame(12.25, 7, (still_body(**changes),), (640, 480))


def messages_in(datagram: bytes) -> list[bytes]:
    """The messages of a datagram, which may be a bundle."""
    if not datagram.startswith(b"#bundle"):
        return [datagram]
    assert datagram.startswith(BUNDLE)
    found, place = [], len(BUNDLE)
    while place < len(datagram):
        (size,) = struct.unpack_from(">i", datagram, place)
        found.append(datagram[place + 4 : place + 4 + size])
        place += 4 + size
    assert place == len(datagram)
    return found


def taken(receiver: socket.socket) -> list[bytes]:
    """The datagrams that wait at ``receiver``."""
    receiver.setblocking(False)
    datagrams = []
    try:
        while True:
            datagrams.append(receiver.recv(4096))
    except BlockingIOError:
        return datagrams


def read(datagrams: list[bytes]) -> list[tuple[str, list[Any]]]:
    """Addresses and arguments, as python-osc reads them."""
    for datagram in datagrams:
        if datagram.startswith(b"#bundle"):
            assert OscBundle(datagram).num_contents == len(messages_in(datagram))
    read = [OscMessage(message) for datagram in datagrams for message in messages_in(datagram)]
    return [(message.address, list(message.params)) for message in read]
