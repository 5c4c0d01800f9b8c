"""Several bridges behind one address: ZeroMQ's own proxy between their PUB sockets and any number of subscribers.

It forwards without looking: each stream keeps the name that its bridge gave it (``zmq://...?name=kitchen``). What a
slow subscriber has not taken is dropped, as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import zmq
from zmq.auth.thread import ThreadAuthenticator

from bridge.keys import show_key
from bridge.options import Option, parse_options
from bridge.targets import PublisherError, Target, resolve
from bridge.zmq_publisher import ZMQ_OPTIONS, guarded, listen, refuse_open_doors, zmq_endpoint

HUB_OPTIONS = {name: ZMQ_OPTIONS[name] for name in ("key", "allow")}
SOURCE_OPTIONS = {
    "server_key": Option(Path, None, "file with that bridge's public key"),
    "key": Option(Path, None, "file with our secret key, where that bridge knows who may connect"),
}


class Hub:
    """Connects to bridges, and listens for subscribers.

    Parameters
    ----------
    target : Target
        Where to listen, ``zmq``; port 0 lets the system choose.
    sources : sequence of Target
        The bridges, each ``zmq``; they may start later.
    insecure : bool
        Whether to listen beyond this machine without a key, too.

    Attributes
    ----------
    address : str
        Where subscribers find us.

    Raises
    ------
    PublisherError, KeyFileError
        If a target is wrong, the port is taken, or a key cannot be used.
    """

    def __init__(self, target: Target, sources: Sequence[Target], insecure: bool = False) -> None:
        options = parse_options(target, HUB_OPTIONS)
        endpoint, local = zmq_endpoint(target)
        refuse_open_doors(target, local or options["key"] is not None or insecure)
        self._running = False
        self._context = zmq.Context()
        self._front: zmq.Socket[bytes] = self._context.socket(zmq.XPUB)
        self._back: zmq.Socket[bytes] = self._context.socket(zmq.XSUB)
        self._guard: ThreadAuthenticator | None = None
        try:
            self._guard = guarded(self._front, options["key"], options["allow"])
            listen(self._front, target, endpoint)
            for source in sources:
                self._connect(source)
        except BaseException:
            self.close()
            raise
        self.address = self._front.getsockopt_string(zmq.LAST_ENDPOINT)

    def __enter__(self) -> Hub:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self) -> None:
        """Forward until another thread calls `close`."""
        self._running = True
        try:
            zmq.proxy(self._back, self._front)
        except zmq.ContextTerminated:
            pass
        finally:
            self._disconnect()
            self._running = False

    def close(self) -> None:
        """Disconnect and stop listening, wherever `run` is; closing twice is allowed."""
        if self._guard is not None:
            self._guard.stop()
            self._guard = None
        if not self._running:
            self._disconnect()
        self._context.term()

    def _disconnect(self) -> None:
        for socket in (self._back, self._front):
            socket.close(linger=0)

    def _connect(self, source: Target) -> None:
        if source.scheme != "zmq" or source.host == "*" or source.port == 0:
            raise PublisherError(
                f"{source}: not where a bridge listens; right is, for example, zmq://192.168.1.20:5556"
            )
        options = parse_options(source, SOURCE_OPTIONS)
        host = resolve(source)[1]
        show_key(self._back, options["server_key"], options["key"])
        self._back.setsockopt(zmq.IPV6, int(":" in host))
        self._back.connect(f"tcp://[{host}]:{source.port}" if ":" in host else f"tcp://{host}:{source.port}")
        self._back.plain_server = 0  # the next bridge may have no key
