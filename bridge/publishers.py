"""Where bodies and gestures go: the publisher seam, and publishers from URLs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bridge.osc_kinectv2 import KinectV2OscPublisher
from bridge.targets import PublisherError, parse_target
from bridge.zmq_publisher import ZmqPublisher
from gestures.event import GestureEvent
from models.body import BodyFrame

__all__ = ["Publisher", "PublisherError", "open_publisher"]


class Publisher(Protocol):
    """Takes every frame; the recorder is one too."""

    def send(self, frame: BodyFrame, events: Sequence[GestureEvent]) -> None:
        """Take a frame and the gestures that it brought."""

    def close(self) -> None:
        """Let go of files and sockets; closing twice is allowed."""


def open_publisher(url: str) -> Publisher:
    """The publisher that ``url`` names.

    Parameters
    ----------
    url : str
        ``osc+kinectv2://HOST:PORT`` sends there (port 12345 if left out);
        ``zmq://HOST:PORT`` listens there for subscribers (5556 if left out, 0 for any; ``*`` for every interface).

    Raises
    ------
    PublisherError
        If the URL is malformed, the host is not known, or the port is taken.
    """
    target = parse_target(url)
    return ZmqPublisher(target) if target.scheme == "zmq" else KinectV2OscPublisher(target)
