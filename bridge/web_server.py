"""The thread that serves WebSocket clients, and the page that shows the bodies to a browser."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections import deque
from collections.abc import Collection, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from bridge.origins import is_allowed
from bridge.web_messages import Format, Message, encode_message
from models.body import BodyFrame

PAGE = Path(__file__).parents[1] / "demos/web/index.html"
"""What a browser sees that opens our address."""

MOST_CLIENTS = 32
MOST_CONNECTIONS = 2 * MOST_CLIENTS
"""Connections, those too that have not said yet what they want; each costs one of the files that may be open."""

MOST_EVENTS = 256
"""Events that may wait for one client."""

MOST_HEARD = 100
"""Messages of a client that are ignored before it is told to go: nobody has to tell us anything."""

LARGEST_HEARD = 4096
WRITE_BUFFER = 16 * 1024
PATIENCE = 10.0
"""Seconds that a client may take for one message, or for its answer to a ping, before it counts as dead."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src ws: wss:"
_quiet = logging.getLogger(f"{__name__}.library")
_quiet.setLevel(logging.CRITICAL)  # what strangers send is not worth a line each
log = logging.getLogger(__name__)


class _Client:
    """What waits for one client."""

    def __init__(self, form: Format) -> None:
        self.form = form
        self.frame: BodyFrame | None = None
        self.events: deque[Message] = deque(maxlen=MOST_EVENTS)
        self.wake = asyncio.Event()

    def take(self) -> list[Message]:
        """All that waits; nothing waits afterwards."""
        messages: list[Message] = list(self.events)
        if self.frame is not None:
            messages.append(self.frame)
        self.events.clear()
        self.frame = None
        self.wake.clear()
        return messages


class _Connection(ServerConnection):
    """One of a set of connections; what is more than there is room for is closed before it is heard."""

    def __init__(self, connections: set[_Connection], *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._connections.add(self)
        if len(self._connections) > MOST_CONNECTIONS:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        super().connection_lost(exc)


class WebServer:
    """Serves clients in the thread that calls `run`; everything else may be called from any other.

    Parameters
    ----------
    listening : socket
        Bound and listening; closed at the end.
    form : {"json", "msgpack"}
        For clients that do not choose.
    origins : collection of str
        Pages that may connect, see `bridge.origins`.
    """

    def __init__(self, listening: socket.socket, form: Format, origins: Collection[str]) -> None:
        self._listening, self._form, self._origins = listening, form, origins
        self._clients: set[_Client] = set()
        self._connections: set[_Connection] = set()
        self._newest: tuple[Message, dict[Format, str | bytes]] | None = None
        self._lock = threading.Lock()
        self._frame: BodyFrame | None = None
        self._events: deque[Message] = deque(maxlen=MOST_EVENTS)
        self._told = False
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()

    def hand_over(self, frame: BodyFrame | None, events: Sequence[Message]) -> None:
        """Give everyone a frame, if there is a new one, and events that must not be lost; never waits."""
        with self._lock:
            asked = self._frame is not None or bool(self._events)
            self._frame = frame or self._frame
            self._events.extend(events)
        if not asked:
            self._in_thread(self._distribute)

    def stop(self) -> None:
        """Make `run` return soon."""
        self._in_thread(self._stop.set)

    def run(self) -> None:
        """Serve until `stop`."""
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()
            self._listening.close()

    def _in_thread(self, call: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(call)  # type: ignore[arg-type]

    async def _serve(self) -> None:
        server = await serve(
            self._attend,
            sock=self._listening,
            process_request=self._answer,
            create_connection=partial(_Connection, self._connections),  # type: ignore[arg-type]  # it is called only
            compression=None,
            max_size=LARGEST_HEARD,
            max_queue=4,
            write_limit=WRITE_BUFFER,
            ping_interval=PATIENCE,
            ping_timeout=PATIENCE,
            close_timeout=1,
            open_timeout=PATIENCE,
            logger=_quiet,
        )
        await self._stop.wait()
        server.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 2)

    def _distribute(self) -> None:
        with self._lock:
            frame, self._frame = self._frame, None
            events = list(self._events)
            self._events.clear()
        for client in self._clients:
            client.frame = frame or client.frame
            client.events.extend(events)
            client.wake.set()

    async def _attend(self, connection: ServerConnection) -> None:
        """Serve one client until it leaves."""
        client = _Client(self._form_for(connection))
        self._clients.add(client)
        writer = asyncio.ensure_future(self._write(connection, client))
        try:
            heard = 0
            async for _ in connection:
                heard += 1
                if heard > MOST_HEARD:
                    await connection.close(1008, "nothing is expected from you")
        except ConnectionClosed:
            pass
        finally:
            self._clients.discard(client)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer

    async def _write(self, connection: ServerConnection, client: _Client) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await client.wake.wait()
                for message in client.take():
                    try:
                        async with asyncio.timeout(PATIENCE):
                            await connection.send(self._encoded(message, client.form))
                    except TimeoutError:
                        connection.transport.abort()
                        return

    def _encoded(self, message: Message, form: Format) -> str | bytes:
        """``message`` in a format; the newest one is encoded once for everyone."""
        if self._newest is None or self._newest[0] is not message:
            self._newest = message, {}
        encoded = self._newest[1]
        if form not in encoded:
            encoded[form] = encode_message(message, form)
        return encoded[form]

    def _form_for(self, connection: ServerConnection) -> Format:
        asked = parse_qs(urlsplit(connection.request.path).query).get("format", [""]) if connection.request else [""]
        return "json" if asked[0] == "json" else "msgpack" if asked[0] == "msgpack" else self._form

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse strangers, and show the page to a browser that does not ask for a WebSocket; None lets it in."""
        if request.headers.get("Upgrade", "").lower() != "websocket":
            if urlsplit(request.path).path == "/" and PAGE.is_file():
                return _response(HTTPStatus.OK, PAGE.read_bytes(), "text/html; charset=utf-8")
            return _response(HTTPStatus.NOT_FOUND, b"There is only a WebSocket here.\n")
        origins = request.headers.get_all("Origin")
        if not all(is_allowed(origin, request.headers.get("Host"), self._origins) for origin in origins):
            if not self._told:
                self._told = True
                log.warning("refused the page %.80r: if it is yours, add ?origin=%.80s", origins[0], origins[0])
            return _response(HTTPStatus.FORBIDDEN, b"This page may not look at the bodies.\n")
        if len(self._clients) >= MOST_CLIENTS:
            return _response(HTTPStatus.SERVICE_UNAVAILABLE, b"Too many clients.\n")
        return None


def _response(status: HTTPStatus, body: bytes, kind: str = "text/plain; charset=utf-8") -> Response:
    headers = Headers()
    headers["Content-Type"] = kind
    headers["Content-Length"] = str(len(body))
    headers["Connection"] = "close"
    headers["Content-Security-Policy"] = _POLICY
    return Response(status.value, status.phrase, headers, body)
