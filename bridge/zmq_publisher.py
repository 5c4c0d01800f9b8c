"""Publish bodies and gestures to any number of ZeroMQ subscribers, which come and go as they like.

Each message has two parts, a topic and a payload: see `bridge.wire`. A subscriber that does not keep up loses
messages; it never slows us down, and never costs more than `QUEUE` messages of memory and the socket's buffers.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence

import zmq

from bridge.targets import PublisherError, Target, resolve
from bridge.wire import BODY_TOPIC, GESTURE_TOPIC, encode_event, encode_frame
from gestures.event import GestureEvent
from models.body import BodyFrame

QUEUE = 64
"""Messages that may wait for one subscriber: room for the gestures of a few frames."""

SOCKET_BUFFER = 128 * 1024
"""Bytes that the system may hold for one subscriber; left to itself it holds megabytes, which is minutes of frames."""

LINGER = 0.2
"""Seconds that closing may wait for the last messages to leave."""


class ZmqPublisher:
    """A PUB socket that subscribers connect to.

    Parameters
    ----------
    target : Target
        Where to listen. Port 0 lets the system choose; see `address`.

    Attributes
    ----------
    address : str
        Where subscribers find us, for example ``tcp://127.0.0.1:5556``.

    Raises
    ------
    PublisherError
        If the port is taken or the host is not one of this machine's.
    """

    def __init__(self, target: Target) -> None:
        endpoint = _endpoint(target)
        self._context = zmq.Context()
        self._socket: zmq.Socket[bytes] = self._context.socket(zmq.PUB)
        self._socket.setsockopt(zmq.IPV6, int(":" in target.host))
        self._socket.setsockopt(zmq.SNDHWM, QUEUE)
        self._socket.setsockopt(zmq.SNDBUF, SOCKET_BUFFER)
        self._socket.setsockopt(zmq.LINGER, int(LINGER * 1000))
        try:
            self._socket.bind(endpoint)
        except zmq.ZMQError as error:
            self.close()
            raise PublisherError(f"{target}: {_reason(target, error)}") from error
        self.address = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)

    def send(self, frame: BodyFrame, events: Sequence[GestureEvent] = ()) -> None:
        """Publish a frame, then the gestures that it brought; never waits."""
        self._socket.send_multipart((BODY_TOPIC, encode_frame(frame)))
        for event in events:
            self._socket.send_multipart((GESTURE_TOPIC, encode_event(event)))

    def close(self) -> None:
        """Stop listening; closing twice is allowed."""
        self._socket.close()
        self._context.term()


def _endpoint(target: Target) -> str:
    host = "*" if target.host == "*" else resolve(target)[1]
    return f"tcp://[{host}]:{target.port}" if ":" in host else f"tcp://{host}:{target.port}"


def _reason(target: Target, error: zmq.ZMQError) -> str:
    if error.errno == zmq.EADDRINUSE:
        return f"port {target.port} is taken: close the program that uses it, or choose another port"
    if error.errno in (errno.EADDRNOTAVAIL, errno.ENODEV):
        return f"{target.host} is not an address of this machine: we listen there; use 127.0.0.1, or * for all"
    return f"cannot listen there: {error.strerror}"
