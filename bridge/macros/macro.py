"""What a macro profile holds: who or what presses which keys, and what arms and stops it."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.macros.keys import PAD

ACTIONS = ("tap", "hold", "toggle", "repeat", "chord", "mouse", "axis")
"""What a macro can do."""

BACKENDS = ("auto", "pynput", "uinput")
"""What can press keys."""


@dataclass(frozen=True, slots=True)
class Macro:
    """What one gesture or position of a hand does.

    Attributes
    ----------
    do : str
        One of `ACTIONS`.
    keys : tuple of str
        Pressed in this order and released in the opposite one.
    gesture : str
        The gesture that starts it; empty where ``signal`` does.
    signal : str
        One of `bridge.macros.signals.SIGNALS`.
    player : int
        1 to 6, or 0 for everyone.
    enter, exit : float, optional
        Where it starts and ends, of a signal or of a gesture's progress; for ``enter`` below ``exit`` it starts below.
        Without ``enter`` a gesture starts and ends when its events say so.
    dwell, cooldown, interval, duration : float
        Seconds: how long the value must stay before it starts; from one start to the next; from one repetition to the
        next; how long a tap lasts.
    hand : str
        ``left`` or ``right``, for the mouse.
    relative : bool
        Whether the mouse moves as the hand does, rather than to where it points.
    area : (float, float, float, float)
        Where the hand reaches the left, right, top and bottom edge of the screen, as signals ``hand_...`` x and y.
    speed : float
        Pixels for a way of one trunk, relative.
    smoothing : float
        Seconds over which the mouse follows the hand.
    axis : str
        A stick or trigger of the gamepad.
    low, high : float
        Of the signal, for -1 and 1 of the axis.
    """

    do: str
    keys: tuple[str, ...] = ()
    gesture: str = ""
    signal: str = ""
    player: int = 0
    enter: float | None = None
    exit: float | None = None
    dwell: float = 0.0
    cooldown: float = 0.0
    interval: float = 0.25
    duration: float = 0.06
    hand: str = "right"
    relative: bool = False
    area: tuple[float, float, float, float] = (-0.6, 0.9, 0.7, -0.4)
    speed: float = 800.0
    smoothing: float = 0.05
    axis: str = ""
    low: float = -1.0
    high: float = 1.0


@dataclass(frozen=True, slots=True)
class Profile:
    """A whole profile.

    Attributes
    ----------
    macros : tuple of Macro
    name : str
    arm_gesture, arm_key : str
        What arms the macros; empty for nothing.
    panic_gesture, panic_key : str
        What releases everything and disarms.
    timeout : float
        Seconds after which somebody who is not seen any more has left.
    backend : str
        One of `BACKENDS`.
    """

    macros: tuple[Macro, ...]
    name: str = ""
    arm_gesture: str = ""
    arm_key: str = ""
    panic_gesture: str = "t_pose"
    panic_key: str = "f12"
    timeout: float = 0.3
    backend: str = "auto"

    @property
    def keys(self) -> frozenset[str]:
        """Everything that it can press."""
        return frozenset(key for macro in self.macros for key in macro.keys)

    @property
    def gestures(self) -> frozenset[str]:
        """Everything that it listens to."""
        named = {macro.gesture for macro in self.macros} | {self.arm_gesture, self.panic_gesture}
        return frozenset(named - {""})

    @property
    def needs_pad(self) -> bool:
        """Whether it plays a gamepad."""
        return bool(self.keys & PAD.keys()) or any(macro.axis for macro in self.macros)

    @property
    def points(self) -> bool:
        """Whether it puts the mouse to places on the screen."""
        return any(macro.do == "mouse" and not macro.relative for macro in self.macros)
