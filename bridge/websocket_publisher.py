"""Publish bodies and gestures to browsers, over WebSocket; see `bridge.web_messages` for what they receive.

Each client has the newest frame and a short queue of events waiting for it, and nothing else: while a slow one takes a
frame, those that come in the meantime replace one another, and others never notice. All clients are served by one
thread.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence

from bridge.options import Option, choice, numbers, parse_options
from bridge.presence import PresenceTracker
from bridge.rate import Gate
from bridge.targets import PublisherError, Target, is_loopback, resolve
from bridge.web_server import WebServer
from gestures.event import GestureEvent
from models.body import BodyFrame

SOCKET_BUFFER = 64 * 1024
"""Bytes that the system may hold for one client: about two frames of six people."""


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(text.split(","))
    if not all(origin == "null" or "://" in origin for origin in origins):
        raise ValueError("origins with commas between them, as in https://example.org,null")
    return origins


WS_OPTIONS = {
    "format": Option(
        choice("json", "msgpack"), "json", "json or msgpack; a client may choose with ?format= in its URL"
    ),
    "origin": Option(_origins, (), "pages that may connect besides ours and those of this machine; null for files"),
    "rate": Option(numbers(1, 0.01, 1000), None, "at most so many frames a second; all without it"),
}


class WebSocketPublisher:
    """A server that browsers and programs connect to.

    Parameters
    ----------
    target : Target
        Where to listen. Port 0 lets the system choose; see `address`.
    insecure : bool
        Whether to listen beyond this machine, where anybody may connect.

    Attributes
    ----------
    address : str
        Where clients find us, for example ``ws://127.0.0.1:8765``. The same with ``http`` shows the bodies in a
        browser.

    Raises
    ------
    PublisherError
        If an option is wrong, the port is taken or the host is not one of this machine's, or if it is not loopback.
    """

    def __init__(self, target: Target, insecure: bool = False) -> None:
        options = parse_options(target, WS_OPTIONS)
        listening = _listening(target, insecure)
        host, port = listening.getsockname()[:2]
        self.address = f"ws://[{host}]:{port}" if ":" in host else f"ws://{host}:{port}"
        self._gate, self._presence = Gate(options["rate"]), PresenceTracker()
        self._server = WebServer(listening, options["format"], options["origin"])
        self._thread = threading.Thread(target=self._server.run, name="websocket", daemon=True)
        self._thread.start()

    def send(self, frame: BodyFrame, age: float | None = None) -> None:
        """Hand over a frame; never waits."""
        if self._gate.admits(frame.time):
            presence = self._presence.update(frame)
            self._server.hand_over(frame, (presence,) if presence.entered or presence.left else ())

    def tell(self, events: Sequence[GestureEvent]) -> None:
        """Hand over the gestures that the last frame brought; never waits."""
        if released := self._gate.released(events):
            self._server.hand_over(None, released)

    def heard(self, frame: BodyFrame) -> tuple[GestureEvent, ...]:
        """Nothing: clients only listen."""
        return ()

    def close(self) -> None:
        """Disconnect everyone and stop listening; closing twice is allowed."""
        self._server.stop()
        self._thread.join(timeout=5)


def _listening(target: Target, insecure: bool) -> socket.socket:
    host = "0.0.0.0" if target.host == "*" else resolve(target)[1]
    if not is_loopback(host) and not insecure:
        raise PublisherError(
            f"{target}: anybody in the network could watch; say --insecure where you trust them all, or use 127.0.0.1"
        )
    server = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        if not hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # not Windows, where it would let two programs share a port
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)  # its connections have the same
        server.bind((host, target.port))
        server.listen(16)
    except OSError as error:
        server.close()
        why = f"cannot listen there: {error.strerror}"
        raise PublisherError(f"{target}: {why}; does another program do so already?") from error
    server.setblocking(False)
    return server
