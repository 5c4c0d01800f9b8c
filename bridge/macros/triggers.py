"""When a macro starts and ends, from a value that goes up and down."""

from __future__ import annotations

from typing import Literal

from bridge.macros.macro import Macro

Turn = Literal["enter", "leave"]


class Trigger:
    """Follows one value with two thresholds, so that it does not start and end again and again between them.

    Parameters
    ----------
    macro : Macro
        Its ``enter``, ``exit``, ``dwell`` and ``cooldown`` count.
    patience : float
        Seconds for which an unknown value changes nothing.
    """

    def __init__(self, macro: Macro, patience: float) -> None:
        self._enter = 0.5 if macro.enter is None else macro.enter
        self._exit = self._enter if macro.exit is None else macro.exit
        self._dwell, self._cooldown, self._patience = macro.dwell, macro.cooldown, patience
        self.active = False
        self._inside_since: float | None = None
        self._quiet_until = self._known = -1e9

    def update(self, value: float | None, now: float) -> Turn | None:
        """What the value of this moment, None if unknown, brings about."""
        if value is None:
            return self._leave() if now - self._known > self._patience else None
        self._known = now
        if self.active:
            return None if self._beyond(value, self._exit) else self._leave()
        if not self._beyond(value, self._enter):
            self._inside_since = None
            return None
        self._inside_since = now if self._inside_since is None else self._inside_since
        if now - self._inside_since < self._dwell or now < self._quiet_until:
            return None
        return self._start(now)

    def pulse(self, now: float) -> bool:
        """Whether a movement, which is over as soon as it was detected, starts the macro."""
        if self.active or now < self._quiet_until:
            return False
        self._quiet_until = now + self._cooldown
        return True

    def _start(self, now: float) -> Turn:
        self.active, self._quiet_until = True, now + self._cooldown
        return "enter"

    def _leave(self) -> Turn | None:
        was, self.active, self._inside_since = self.active, False, None
        return "leave" if was else None

    def _beyond(self, value: float, threshold: float) -> bool:
        return value >= threshold if self._enter >= self._exit else value <= threshold
