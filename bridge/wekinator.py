"""What Wekinator answers becomes gestures: a socket that listens for its outputs.

``/wek/outputs`` has a number for each output. Of the kind ``continuous``, it is the progress of that output's gesture;
of the kind ``classes``, output 1 is the number of the gesture that is held. ``/output_2`` (without a number in it)
says that the second of the taught movements was detected. Where Wekinator is on another machine, we listen beyond
this one, and to nobody but those machines.
"""

from __future__ import annotations

import logging
import math
import re
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bridge.osc_reading import read_osc
from bridge.targets import PublisherError, Target, is_loopback, resolve
from gestures.event import GestureEvent, Phase
from models.body import BodyFrame

MOST = 64
"""Datagrams that are read for a frame, so that a flood costs little; the system drops what does not fit its buffer."""

LARGEST_DATAGRAM = 2048
_DETECTED = re.compile(r"/output_([1-9][0-9]?)")

log = logging.getLogger(__name__)


def _beyond_this_machine(target: Target) -> frozenset[str]:
    """Addresses of the target's hosts, if one of them is another machine."""
    hosts = frozenset(resolve(replace(target, host=host, options=()))[1] for host in target.hosts)
    return frozenset() if all(map(is_loopback, hosts)) else hosts


class WekinatorOutputs:
    """Listens to the machines that Wekinator runs on, which may be this one.

    Parameters
    ----------
    target : Target
        Whose answers these are.
    options : dict
        The values of `bridge.osc_wekinator.WEKINATOR_OPTIONS`.

    Attributes
    ----------
    port : int
    refused : int
        Datagrams that were something else.

    Raises
    ------
    PublisherError
        If the port is taken.
    """

    def __init__(self, target: Target, options: Mapping[str, Any]) -> None:
        self.refused = 0
        self._target = target
        self._names: tuple[str, ...] = options["names"]
        self._classes = options["kind"] == "classes"
        self._slot: int | None = options["slot"]
        self._values: list[float] = []
        self._held: tuple[str, int] | None = None  # gesture and whose
        self._others = _beyond_this_machine(target)
        family, here = socket.AF_INET, "0.0.0.0" if self._others else "127.0.0.1"
        if any(":" in other for other in self._others):
            family, here = socket.AF_INET6, "::"
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.bind((here, options["outputs"]))
        except OSError as error:
            self._socket.close()
            why = f"cannot listen on port {options['outputs']}: {error.strerror}"
            raise PublisherError(f"{target}: {why}; does another program do so already?") from error
        self.port = int(self._socket.getsockname()[1])

    def close(self) -> None:
        """Stop listening; closing twice is allowed."""
        self._socket.close()

    def heard(self, frame: BodyFrame) -> tuple[GestureEvent, ...]:
        """What came since the frame before, as gestures of the person whom Wekinator is told of; never waits."""
        people = {body.slot: body.tracking_id for body in frame.bodies}
        slot = min(people, default=None) if self._slot is None else self._slot
        who = None if slot is None else people.get(slot)
        events: list[GestureEvent] = []
        if self._held is not None and self._held[1] != who:  # who held it has left
            events.append(GestureEvent(*self._held, frame.time, "ended", 0.0))
            self._held = None
        for _ in range(MOST):
            try:
                datagram, source = self._socket.recvfrom(LARGEST_DATAGRAM)
            except BlockingIOError:
                break
            except OSError as error:  # Windows: larger than we take
                self._refuse(error)
                continue
            try:
                if self._others and source[0] not in self._others:
                    raise ValueError(f"it came from {source[0]}")
                events += self._events(*read_osc(datagram), who, frame.time)
            except ValueError as error:
                self._refuse(error)
        return tuple(events)

    def _events(self, address: str, values: list[Any], who: int | None, time: float) -> list[GestureEvent]:
        detected = _DETECTED.fullmatch(address)
        if address == "/wek/outputs":
            if not all(isinstance(value, float) and math.isfinite(value) for value in values):
                raise ValueError("outputs that are not numbers")
            return self._class(values, who, time) if self._classes else self._progress(values, who, time)
        if detected is None:
            raise ValueError(f"a message to {address[:40]!r}")
        return [] if who is None else [GestureEvent(self._name(int(detected[1])), who, time, "detected")]

    def _progress(self, values: list[float], who: int | None, time: float) -> list[GestureEvent]:
        levels = [min(max(value, 0.0), 1.0) for value in values]
        before, self._values = self._values, levels
        if who is None:
            return []
        before += [0.0] * (len(levels) - len(before))
        news = [(n, new) for n, (old, new) in enumerate(zip(before, levels, strict=False), 1) if new != old]
        return [GestureEvent(self._name(n), who, time, "progress", level) for n, level in news]

    def _class(self, values: list[float], who: int | None, time: float) -> list[GestureEvent]:
        number = round(values[0]) if values else 0
        now = None if who is None or not 1 <= number <= 99 else (self._name(number), who)
        before, self._held = self._held, now
        changes: list[tuple[tuple[str, int] | None, Phase]] = [(now, "held")]
        if now != before:
            changes = [(before, "ended"), (now, "started")]
        return [GestureEvent(*what, time, phase, float(phase != "ended")) for what, phase in changes if what]

    def _name(self, number: int) -> str:
        return self._names[number - 1] if number <= len(self._names) else f"wekinator_{number}"

    def _refuse(self, why: Exception) -> None:
        self.refused += 1
        if self.refused == 1:
            log.warning("%s: left out something that Wekinator does not send (%s)", self._target, why)
