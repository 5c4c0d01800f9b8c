"""How a hand moves the mouse, and how a signal moves a stick."""

from __future__ import annotations

import math

from bridge.macros.commands import Command, Move, Point, Tilt
from bridge.macros.macro import Macro
from bridge.macros.signals import measure
from models.body import Body

_STILL = 0.02  # of an axis: less is not worth a message


class Pointer:
    """Moves the mouse with a hand, smoothly."""

    def __init__(self, macro: Macro) -> None:
        self._macro = macro
        self._place: tuple[float, float] | None = None  # of the hand, smoothed, in trunks
        self._time = 0.0
        self._owed = 0.0, 0.0  # pixels, less than one

    def follow(self, body: Body, now: float) -> list[Command]:
        """The commands that the hand's new place asks for."""
        x, y = (measure(body, f"hand_{self._macro.hand}.{axis}") for axis in "xy")
        if x is None or y is None:
            return []
        before = self._place
        weight = 1.0 if before is None else 1 - math.exp(-(now - self._time) / max(self._macro.smoothing, 1e-6))
        old = before or (x, y)
        self._place, self._time = (old[0] + weight * (x - old[0]), old[1] + weight * (y - old[1])), now
        if not self._macro.relative:
            return [self._point(*self._place)]
        return self._moved(self._place[0] - old[0], old[1] - self._place[1])

    def rest(self) -> None:
        """Forget where the hand was."""
        self._place, self._owed = None, (0.0, 0.0)

    def _point(self, x: float, y: float) -> Command:
        left, right, top, bottom = self._macro.area
        across, down = (x - left) / (right - left), (y - top) / (bottom - top)
        return Point(min(max(across, 0.0), 1.0), min(max(down, 0.0), 1.0))

    def _moved(self, right: float, down: float) -> list[Command]:
        owed = self._owed[0] + right * self._macro.speed, self._owed[1] + down * self._macro.speed
        whole = int(owed[0]), int(owed[1])
        self._owed = owed[0] - whole[0], owed[1] - whole[1]
        return [Move(*whole)] if any(whole) else []


class Stick:
    """Moves one axis of the gamepad with a signal."""

    def __init__(self, macro: Macro) -> None:
        self._macro = macro
        self._value = 0.0

    def follow(self, body: Body) -> list[Command]:
        """The commands that the signal's new value asks for."""
        value = measure(body, self._macro.signal)
        if value is None:
            return []
        share = (value - self._macro.low) / (self._macro.high - self._macro.low)
        tilt = min(max(2 * share - 1, -1.0), 1.0)
        if abs(tilt - self._value) < _STILL:
            return []
        self._value = tilt
        return [Tilt(self._macro.axis, tilt)]

    def rest(self) -> list[Command]:
        """Let it go back to the middle."""
        was, self._value = self._value, 0.0
        return [Tilt(self._macro.axis, 0.0)] if was else []
