"""Where bodies and gestures go: the publisher seam, and publishers from URLs and TOML files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Protocol

from bridge.osc_publisher import OscPublisher
from bridge.targets import PublisherError, Target, parse_target, read_targets
from bridge.websocket_publisher import WebSocketPublisher
from bridge.zmq_publisher import ZmqPublisher
from gestures.event import GestureEvent
from models.body import BodyFrame

__all__ = ["Publisher", "PublisherError", "open_publisher", "open_publishers"]


class Publisher(Protocol):
    """Takes every frame, and then the gestures that it brought, so that bodies need not wait for them."""

    def send(self, frame: BodyFrame, age: float | None = None) -> None:
        """Take a frame, and the seconds since its capture, where they are known."""

    def tell(self, events: Sequence[GestureEvent]) -> None:
        """Take the gestures that the last frame brought; to be called after each, even if there are none."""

    def heard(self, frame: BodyFrame) -> tuple[GestureEvent, ...]:
        """Gestures that receivers have told us of since the frame before; never waits."""

    def close(self) -> None:
        """Let go of files and sockets; closing twice is allowed."""


def open_publisher(url: str, insecure: bool = False) -> Publisher:
    """The publisher that ``url`` names.

    Parameters
    ----------
    url : str
        ``osc+PROFILE://HOST:PORT`` sends there, see `bridge.osc_profiles`;
        ``zmq://HOST:PORT`` and ``ws://HOST:PORT`` listen there for subscribers (port 0 for any; ``*`` for every
        interface). Options follow a question mark, as in ``osc+vmc://127.0.0.1:39539?rate=30``.
    insecure : bool
        Whether to listen beyond this machine without keys, too.

    Raises
    ------
    PublisherError
        If the URL or an option is wrong, the host is not known, or the port is taken.
    """
    return _open(parse_target(url), insecure)


def open_publishers(targets: Sequence[str], insecure: bool = False) -> list[Publisher]:
    """All publishers that URLs and TOML files (names that end in ``.toml``) name; all or none are open afterwards.

    Raises
    ------
    PublisherError
        See `open_publisher` and `bridge.targets.read_targets`.
    """
    opened: list[Publisher] = []
    with ExitStack() as stack:
        for target in targets:
            parsed = read_targets(Path(target)) if target.endswith(".toml") else [parse_target(target)]
            for one in parsed:
                opened.append(_open(one, insecure))
                stack.enter_context(closing(opened[-1]))
        stack.pop_all()
    return opened


def _open(target: Target, insecure: bool) -> Publisher:
    if target.scheme == "zmq":
        return ZmqPublisher(target, insecure)
    if target.scheme == "ws":
        return WebSocketPublisher(target, insecure)
    return OscPublisher(target)
