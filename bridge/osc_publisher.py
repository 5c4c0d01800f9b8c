"""Publish bodies and gestures over OSC, in any of the formats of `bridge.osc_profiles`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing

from bridge.options import parse_options
from bridge.osc import UdpSender
from bridge.osc_profiles import PROFILES
from bridge.presence import PresenceTracker
from bridge.rate import Gate
from bridge.targets import Target
from bridge.wekinator import WekinatorOutputs
from gestures.event import GestureEvent
from models.body import BodyFrame


class OscPublisher:
    """Sends frames in one format to one or several hosts.

    Parameters
    ----------
    target : Target
    clock : callable
        Seconds since 1970, for the formats that want them.

    Attributes
    ----------
    senders : tuple of UdpSender
        One for each host; each counts what was sent and what was dropped.

    Raises
    ------
    PublisherError
        If an option is wrong, a host is not known, or the port on which answers are expected is taken.
    """

    def __init__(self, target: Target, clock: Callable[[], float] = time.time) -> None:
        profile = PROFILES[target.scheme]
        options = parse_options(target, profile.all_options)
        self._encoder = profile.encoder(options)
        self._gate, self._presence = Gate(options["rate"]), PresenceTracker()
        self._clock = clock
        with ExitStack() as stack:
            self._outputs: WekinatorOutputs | None = None
            if options.get("outputs") is not None:
                self._outputs = stack.enter_context(closing(WekinatorOutputs(target, options)))
            self.senders = tuple(stack.enter_context(closing(UdpSender(target, host))) for host in target.hosts)
            self._close = stack.pop_all()

    def send(self, frame: BodyFrame, age: float | None = None) -> None:
        """Send a frame; never waits and never raises.

        A frame that comes too early for the target's rate is left out; its gestures wait for the next one.
        """
        if self._gate.admits(frame.time):
            presence, unix = self._presence.update(frame), self._clock() - (age or 0.0)
            self._out(self._encoder.frame(frame, presence, age, unix))

    def tell(self, events: Sequence[GestureEvent]) -> None:
        """Send the gestures that the last frame brought; never waits and never raises."""
        if released := self._gate.released(events):
            self._out(self._encoder.gestures(released))

    def _out(self, datagrams: list[bytes]) -> None:
        for sender in self.senders:
            sender.send(datagrams)

    def heard(self, frame: BodyFrame) -> tuple[GestureEvent, ...]:
        """Gestures that the receiver has told us of since the frame before; never waits."""
        return () if self._outputs is None else self._outputs.heard(frame)

    def close(self) -> None:
        """Close the sockets; closing twice is allowed."""
        self._close.close()
