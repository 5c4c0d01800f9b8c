"""Presses through devices of the Linux kernel's own, which reach everything: Wayland, consoles, gamepads too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge.macros.backends import UINPUT, BackendError
from bridge.macros.keys import AXES, CHARACTERS, MOUSE, NAMED, PAD, linux_name

AXIS_RANGE = 32767


class UinputBackend:
    """Presses through devices of the Linux kernel's own, which reach everything, Wayland and consoles too.

    The kernel itself releases what is down when the process that made the devices has gone.

    Parameters
    ----------
    pad : bool
        Whether a gamepad is wanted.
    open_device : callable, optional
        ``evdev.UInput``, or what stands for it.

    Raises
    ------
    BackendError
        If evdev is missing or the kernel refuses.
    """

    def __init__(self, pad: bool = False, open_device: Callable[..., Any] | None = None) -> None:
        try:
            from evdev import AbsInfo, UInput, UInputError, ecodes
        except ModuleNotFoundError as error:
            raise BackendError('this needs the package evdev: pip install "bodycast[macros]"') from error
        self._codes = ecodes.ecodes
        code = self._codes.__getitem__
        every = [code(linux_name(name)) for name in (*NAMED, *CHARACTERS)]
        buttons = [code(name) for name in MOUSE.values()]
        place = AbsInfo(0, 0, AXIS_RANGE, 0, 0, 0)
        stick = AbsInfo(0, -AXIS_RANGE, AXIS_RANGE, 0, 0, 0)
        kinds: dict[str, Any] = {
            "keyboard": {ecodes.EV_KEY: every},
            "mouse": {ecodes.EV_KEY: buttons, ecodes.EV_REL: [ecodes.REL_X, ecodes.REL_Y]},
            "pointer": {ecodes.EV_KEY: buttons, ecodes.EV_ABS: [(ecodes.ABS_X, place), (ecodes.ABS_Y, place)]},
        }
        if pad:
            sticks = [(code(name), stick) for name in AXES.values()]
            kinds["gamepad"] = {ecodes.EV_KEY: [code(name) for name in PAD.values()], ecodes.EV_ABS: sticks}
        self._types = ecodes
        try:
            opened = open_device or UInput
            self._devices = {name: opened(what, name=f"Bodycast {name}") for name, what in kinds.items()}
        except (OSError, UInputError) as error:
            raise BackendError(
                f"{UINPUT} cannot be used ({error}): load it with 'modprobe uinput' and give "
                "yourself the right to write to it"
            ) from error

    def press(self, key: str) -> None:
        """See `Backend`."""
        self._set(key, 1)

    def release(self, key: str) -> None:
        """See `Backend`."""
        self._set(key, 0)

    def point(self, x: float, y: float) -> None:
        """See `Backend`."""
        device = self._devices["pointer"]
        device.write(self._types.EV_ABS, self._types.ABS_X, round(x * AXIS_RANGE))
        device.write(self._types.EV_ABS, self._types.ABS_Y, round(y * AXIS_RANGE))
        device.syn()

    def move(self, x: int, y: int) -> None:
        """See `Backend`."""
        device = self._devices["mouse"]
        device.write(self._types.EV_REL, self._types.REL_X, x)
        device.write(self._types.EV_REL, self._types.REL_Y, y)
        device.syn()

    def tilt(self, axis: str, value: float) -> None:
        """See `Backend`."""
        device = self._devices["gamepad"]
        device.write(self._types.EV_ABS, self._codes[AXES[axis]], round(value * AXIS_RANGE))
        device.syn()

    def _set(self, key: str, down: int) -> None:
        device = self._devices["mouse" if key in MOUSE else "gamepad" if key in PAD else "keyboard"]
        device.write(self._types.EV_KEY, self._codes[linux_name(key)], down)
        device.syn()
