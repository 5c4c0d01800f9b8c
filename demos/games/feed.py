"""Where players come from: a source that a process of its own looks at, or a bridge that runs elsewhere.

Networks and drawing would take turns on one interpreter; apart from each other, pictures come at their own pace.
Between the two goes what goes over ZeroMQ: bodies as msgpack, never a pickle.
"""

from __future__ import annotations

import argparse
import multiprocessing
import signal
from multiprocessing.connection import Connection
from typing import Protocol

from bridge.client import subscribe
from bridge.sources import SourceError
from bridge.wire import decode_frame, encode_frame
from models.body import BodyFrame

PATIENCE = 3.0
"""Seconds that the process may take to end."""

_FRAME, _END, _ERROR = b"f", b"e", b"x"


class Feed(Protocol):
    """Body frames, the newest first."""

    def poll(self) -> BodyFrame | None:
        """The newest frame, None if none came since."""

    def close(self) -> None:
        """Let go of the source; closing twice is allowed."""


class SourceFeed:
    """A source that ``bodycast run`` could look at.

    Parameters
    ----------
    args : argparse.Namespace
        The options of `bridge.cli.stream.open_stream`.
    again : bool
        Whether what ends (a recording, a video) is played again.
    """

    def __init__(self, args: argparse.Namespace, again: bool = True) -> None:
        options = {name: value for name, value in vars(args).items() if not callable(value)}
        context = multiprocessing.get_context("spawn")
        self._inbox, outbox = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_watch, args=(outbox, options, again), name="bodycast source", daemon=True
        )
        self._process.start()
        outbox.close()
        self.ended = False

    def poll(self) -> BodyFrame | None:
        """See `Feed`.

        Raises
        ------
        SourceError
            If the source cannot be used.
        """
        newest = None
        try:
            while not self.ended and self._inbox.poll():
                message = self._inbox.recv_bytes()
                kind, payload = message[:1], message[1:]
                if kind == _ERROR:
                    raise SourceError(payload.decode())
                if kind == _END:
                    self.ended = True
                else:
                    newest = payload
        except (EOFError, OSError):
            raise SourceError("the process that looks at the source has ended") from None
        return None if newest is None else decode_frame(newest)

    def close(self) -> None:
        """See `Feed`."""
        self._inbox.close()
        if self._process.is_alive():
            self._process.terminate()
        self._process.join(PATIENCE)


class BridgeFeed:
    """A bridge that runs elsewhere, through `bridge.client`.

    Parameters
    ----------
    url : str
        ``zmq://HOST:PORT``.

    Raises
    ------
    SourceError
        If ``url`` is malformed.
    """

    def __init__(self, url: str) -> None:
        try:
            self._frames = subscribe(url)
        except ValueError as error:
            raise SourceError(str(error)) from None

    def poll(self) -> BodyFrame | None:
        """See `Feed`."""
        return self._frames.poll()

    def close(self) -> None:
        """See `Feed`."""
        self._frames.close()


def _watch(outbox: Connection, options: dict[str, object], again: bool) -> None:
    """What the process does: send every frame, until nobody listens any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at the terminal is for the game, which ends us
    from bridge.cli.stream import open_stream
    from bridge.cli.terminal import Terminal, known_error

    args = argparse.Namespace(**options)
    try:
        while True:
            with open_stream(args, Terminal()) as stream:
                for frame in stream:
                    outbox.send_bytes(_FRAME + encode_frame(frame))
            if not again:
                outbox.send_bytes(_END)
                return
    except (BrokenPipeError, ConnectionError):
        return
    except Exception as error:
        line = known_error(error)
        if line is None:
            raise
        outbox.send_bytes(_ERROR + line.encode())
