"""Publish bodies and gestures to any number of ZeroMQ subscribers, which come and go as they like.

Each message has two parts, a topic and a payload: see `bridge.wire`. A subscriber that does not keep up loses
messages; it never slows us down, and never costs more than `QUEUE` messages of memory and the socket's buffers.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path

import zmq
from zmq.auth.thread import ThreadAuthenticator

from bridge.keys import allowed_folder, key_pair
from bridge.options import Option, numbers, parse_options, word
from bridge.rate import Gate
from bridge.targets import PublisherError, Target, is_loopback, resolve
from bridge.wire import BODY_TOPIC, GESTURE_TOPIC, encode_event, encode_frame, stream_topic
from gestures.event import GestureEvent
from models.body import BodyFrame

QUEUE = 64
"""Messages that may wait for one subscriber: room for the gestures of a few frames."""

SOCKET_BUFFER = 128 * 1024
"""Bytes that the system may hold for one subscriber; left to itself it holds megabytes, which is minutes of frames."""

MOST_FROM_SUBSCRIBERS = 1024
"""Bytes of a message that somebody may send to us; a subscription has only a topic."""

LINGER = 0.2
"""Seconds that closing may wait for the last messages to leave."""


ZMQ_OPTIONS = {
    "name": Option(word, "", "the stream's name, where several go through one hub; topics are then body/NAME"),
    "key": Option(Path, None, "file with our secret key, from 'bodycast keys': only who has our public key connects"),
    "allow": Option(Path, None, "folder with the public keys of those who may connect; anybody else may not"),
    "rate": Option(numbers(1, 0.01, 1000), None, "at most so many frames a second; all without it"),
}


class ZmqPublisher:
    """A PUB socket that subscribers connect to.

    Parameters
    ----------
    target : Target
        Where to listen. Port 0 lets the system choose; see `address`.
    insecure : bool
        Whether to listen beyond this machine without keys, too.

    Attributes
    ----------
    address : str
        Where subscribers find us, for example ``tcp://127.0.0.1:5556``.

    Raises
    ------
    PublisherError
        If an option is wrong, the port is taken or the host is not one of this machine's, or if others than this
        machine could connect without a key.
    KeyFileError
        If a key cannot be used.
    """

    def __init__(self, target: Target, insecure: bool = False) -> None:
        options = parse_options(target, ZMQ_OPTIONS)
        endpoint, local = zmq_endpoint(target)
        refuse_open_doors(target, local or options["key"] is not None or insecure)
        name: str = options["name"]
        self._name, self._topics = name, (stream_topic(BODY_TOPIC, name), stream_topic(GESTURE_TOPIC, name))
        self._gate = Gate(options["rate"])
        self._context = zmq.Context()
        self._socket: zmq.Socket[bytes] = self._context.socket(zmq.PUB)
        self._guard: ThreadAuthenticator | None = None
        try:
            self._guard = guarded(self._socket, options["key"], options["allow"])
            listen(self._socket, target, endpoint)
        except BaseException:
            self.close()
            raise
        self.address = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)

    def send(self, frame: BodyFrame, age: float | None = None) -> None:
        """Publish a frame; never waits."""
        if self._gate.admits(frame.time):
            self._socket.send_multipart((self._topics[0], encode_frame(frame, self._name)))

    def tell(self, events: Sequence[GestureEvent]) -> None:
        """Publish the gestures that the last frame brought; never waits."""
        for event in self._gate.released(events):
            self._socket.send_multipart((self._topics[1], encode_event(event, self._name)))

    def heard(self, frame: BodyFrame) -> tuple[GestureEvent, ...]:
        """Nothing: subscribers only listen."""
        return ()

    def close(self) -> None:
        """Stop listening; closing twice is allowed."""
        self._socket.close()
        if self._guard is not None:
            self._guard.stop()
            self._guard = None
        self._context.term()


def zmq_endpoint(target: Target) -> tuple[str, bool]:
    """ZeroMQ's name of an address to listen at, and whether only this machine reaches it."""
    host = "*" if target.host == "*" else resolve(target)[1]
    endpoint = f"tcp://[{host}]:{target.port}" if ":" in host else f"tcp://{host}:{target.port}"
    return endpoint, is_loopback(host)


def refuse_open_doors(target: Target, safe: bool) -> None:
    """Raise PublisherError unless it is ``safe`` to listen there."""
    if not safe:
        raise PublisherError(
            f"{target}: others could connect to this machine without a key: make one with 'bodycast keys NAME' and add "
            "?key=FILE, or say --insecure where you trust everyone in the network"
        )


def guarded(socket: zmq.Socket[bytes], key: Path | None, allow: Path | None) -> ThreadAuthenticator | None:
    """Let only those connect to ``socket`` who know our public key and, with ``allow``, whose own is in that folder."""
    if key is None:
        if allow is not None:
            raise PublisherError("allow= needs key=: who connects shows a key only to somebody who has one")
        return None
    socket.curve_publickey, socket.curve_secretkey = key_pair(key)
    socket.curve_server = True
    if allow is None:
        return None
    guard = ThreadAuthenticator(socket.context)
    guard.start()
    try:
        guard.configure_curve(domain="*", location=str(allowed_folder(allow)))
    except BaseException:
        guard.stop()
        raise
    return guard


def listen(socket: zmq.Socket[bytes], target: Target, endpoint: str) -> None:
    """Bound the memory that a slow subscriber costs, and listen.

    Raises
    ------
    PublisherError
        If the port is taken or the host is not one of this machine's.
    """
    socket.setsockopt(zmq.IPV6, int(":" in target.host))
    socket.setsockopt(zmq.SNDHWM, QUEUE)
    socket.setsockopt(zmq.SNDBUF, SOCKET_BUFFER)
    socket.setsockopt(zmq.LINGER, int(LINGER * 1000))
    socket.setsockopt(zmq.MAXMSGSIZE, MOST_FROM_SUBSCRIBERS)
    try:
        socket.bind(endpoint)
    except zmq.ZMQError as error:
        raise PublisherError(f"{target}: {_reason(target, error)}") from error


def _reason(target: Target, error: zmq.ZMQError) -> str:
    if error.errno == zmq.EADDRINUSE:
        return f"port {target.port} is taken: close the program that uses it, or choose another port"
    if error.errno in (errno.EADDRNOTAVAIL, errno.ENODEV):
        return f"{target.host} is not an address of this machine: we listen there; use 127.0.0.1, or * for all"
    return f"cannot listen there: {error.strerror}"
