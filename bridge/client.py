"""Receive bodies and gestures from a running bridge; needs numpy, pyzmq and msgpack only.

    from bridge.client import subscribe

    for frame in subscribe():
        for body in frame.bodies:
            print(body.tracking_id, body.positions[Joint.HAND_RIGHT])

A game, which must not wait, asks once a picture:

    with subscribe() as frames, subscribe_events() as events:
        while running:
            frame = frames.poll() or frame
            while event := events.poll():
                ...

A bridge on another machine asks for keys (``bodycast keys``): give its public key as ``server_key``, and your own,
where it has a list of those who may connect, as ``key``. Behind ``bodycast hub`` each stream has a name: choose one
with ``stream``, or take them all and look at `Subscription.stream`.

The bridge may start later, stop and come back; what it sent while nobody was connected is gone. Messages that are not
ours, or of another version, are left out, and the first of them costs a line in the log.
"""

from __future__ import annotations

import logging
import math
import re
import time
import weakref
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

import zmq

from bridge.keys import KeyFile, KeyFileError, show_key
from bridge.wire import BODY_TOPIC, GESTURE_TOPIC, WireError, decode_event, decode_frame, stream_topic
from gestures.event import GestureEvent
from models.body import BodyFrame

DEFAULT_URL = "zmq://127.0.0.1:5556"
RECONNECT_INTERVALS = (50, 500)
"""Milliseconds between attempts to connect: at first, and at most."""

LARGEST = 1 << 20
"""Bytes of a message that we take; six bodies have 15 thousand."""

MOST_AT_ONCE = 1000
"""Messages that are taken before the newest is looked at, lest somebody who sends faster than we take hold us up."""

_SLICE = 0.5
"""Seconds for which one wait lasts: Ctrl-C that comes just before it is heard after it."""

_URL = re.compile(r"(zmq|tcp)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(?P<port>[0-9]{1,5})/?")

log = logging.getLogger(__name__)

T = TypeVar("T")


class Subscription(Generic[T]):
    """Messages of one topic, decoded: iterate over it, or `poll` it.

    Use `subscribe` or `subscribe_events` to make one. It closes at the end of a ``with`` block, and when it is no
    longer used.

    Attributes
    ----------
    stream : str
        The name of the stream that the newest message came from; empty where streams have no names.
    refused : int
        Messages that were not ours, or of another version.
    """

    def __init__(
        self,
        url: str,
        topic: bytes,
        decode: Callable[[bytes], T],
        timeout: float | None,
        backlog: int,
        stream: str = "",
        server_key: KeyFile | None = None,
        key: KeyFile | None = None,
    ) -> None:
        if backlog < 1:
            raise ValueError(f"backlog must be at least 1, got {backlog}")
        endpoint = _endpoint(url)
        self._url, self._topic, self._decode, self._timeout = url, topic, decode, timeout
        self._wanted = stream_topic(topic, stream)
        self._waiting: deque[tuple[str, bytes]] = deque(maxlen=backlog)
        self.stream = stream
        self.refused = 0
        context = zmq.Context()
        self._close = weakref.finalize(self, context.destroy, linger=0)
        self._socket: zmq.Socket[bytes] = context.socket(zmq.SUB)
        self._socket.setsockopt(zmq.IPV6, int("[" in endpoint))
        self._socket.setsockopt(zmq.RECONNECT_IVL, RECONNECT_INTERVALS[0])
        self._socket.setsockopt(zmq.RECONNECT_IVL_MAX, RECONNECT_INTERVALS[1])
        self._socket.setsockopt(zmq.RCVHWM, max(64, backlog))
        self._socket.setsockopt(zmq.MAXMSGSIZE, LARGEST)
        self._socket.setsockopt(zmq.SUBSCRIBE, self._wanted)
        try:
            show_key(self._socket, server_key, key)
            self._socket.connect(endpoint)
        except KeyFileError:
            self.close()
            raise
        except zmq.ZMQError as error:
            self.close()
            raise _wrong(url) from error

    @property
    def socket(self) -> zmq.Socket[bytes]:
        """What messages come from, for a `zmq.Poller` that waits for several; read with `poll` all the same."""
        return self._socket

    def poll(self, timeout: float = 0.0) -> T | None:
        """The next message, or None if none comes within ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        while True:
            self._drain()
            while self._waiting:
                stream, payload = self._waiting.popleft()
                try:
                    message = self._decode(payload)
                except WireError as error:
                    self._refuse(error)
                else:
                    self.stream = stream
                    return message
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            # zmq counts whole milliseconds, and has no Infinity
            self._socket.poll(math.ceil(min(left, _SLICE) * 1000))

    def close(self) -> None:
        """Disconnect; closing twice is allowed, and iteration ends."""
        self._close()

    def __iter__(self) -> Subscription[T]:
        return self

    def __next__(self) -> T:
        if not self._close.alive:
            raise StopIteration
        message = self.poll(math.inf if self._timeout is None else self._timeout)
        if message is None:
            what = self._topic.decode()
            raise TimeoutError(
                f"no {what} message from {self._url} within {self._timeout} s: is a bridge running there?"
            )
        return message

    def __enter__(self) -> Subscription[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _drain(self) -> None:
        # Take all that has come, so that what waits longest falls out of the deque instead of growing old in a queue.
        for _ in range(MOST_AT_ONCE):
            if not self._socket.poll(0):
                return
            topic, *payload = self._socket.recv_multipart(zmq.NOBLOCK)
            kind, _, name = topic.partition(b"/")
            if kind == self._topic and self._wanted in (topic, kind):
                self._waiting.append((name.decode(errors="replace"), b"".join(payload)))

    def _refuse(self, why: Exception) -> None:
        self.refused += 1
        if self.refused == 1:
            log.warning("%s: left out a message: %s", self._url, why)


def subscribe(
    url: str = DEFAULT_URL,
    timeout: float | None = None,
    backlog: int = 1,
    *,
    stream: str = "",
    server_key: KeyFile | None = None,
    key: KeyFile | None = None,
) -> Subscription[BodyFrame]:
    """Everyone in view, again and again.

    Parameters
    ----------
    url : str
        ``zmq://HOST:PORT`` or ``tcp://HOST:PORT``, where the bridge publishes.
    timeout : float, optional
        Seconds to wait for a frame before iteration raises TimeoutError; without it, for ever.
    backlog : int
        How many frames may wait for a slow reader; older ones are dropped, and 1 means always the newest.
    stream : str
        The name of one stream behind a hub; without it, all that come from there.
    server_key : path, optional
        File with the bridge's public key, where it has one: the connection is encrypted, and only with that bridge.
    key : path, optional
        File with our own secret key, where the bridge knows who may connect.

    Raises
    ------
    ValueError
        If ``url`` is malformed.
    KeyFileError
        If a key cannot be used.
    """
    return Subscription(url, BODY_TOPIC, decode_frame, timeout, backlog, stream, server_key, key)


def subscribe_events(
    url: str = DEFAULT_URL,
    timeout: float | None = None,
    backlog: int = 256,
    *,
    stream: str = "",
    server_key: KeyFile | None = None,
    key: KeyFile | None = None,
) -> Subscription[GestureEvent]:
    """Gesture events in the order in which they came; the parameters are those of `subscribe`."""
    return Subscription(url, GESTURE_TOPIC, decode_event, timeout, backlog, stream, server_key, key)


def _endpoint(url: str) -> str:
    match = _URL.fullmatch(url)
    if match is None or int(match["port"]) > 65535:
        raise _wrong(url)
    return f"tcp://{match['host']}:{match['port']}"


def _wrong(url: str) -> ValueError:
    return ValueError(f"cannot subscribe to {url!r}: right is, for example, {DEFAULT_URL}")
