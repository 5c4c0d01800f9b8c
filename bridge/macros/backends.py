"""What really presses: pynput, Linux's uinput, or a list on paper."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, Protocol, TextIO

from bridge.macros.keys import AXES, CHARACTERS, MOUSE, NAMED, PAD, linux_name

UINPUT = "/dev/uinput"
AXIS_RANGE = 32767


class BackendError(Exception):
    """Keys cannot be pressed at this computer as asked; it says what to do."""


class Backend(Protocol):
    """Presses keys and buttons by the names of `bridge.macros.keys`."""

    def press(self, key: str) -> None: ...

    def release(self, key: str) -> None: ...

    def point(self, x: float, y: float) -> None:
        """Put the pointer to a place on the screen, 0 to 1 from its left top corner."""

    def move(self, x: int, y: int) -> None:
        """Move the pointer by pixels."""

    def tilt(self, axis: str, value: float) -> None:
        """Put a stick or trigger to -1 to 1."""


class PrintingBackend:
    """Writes what it would do, one line each.

    Parameters
    ----------
    stream : text stream
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def press(self, key: str) -> None:
        """See `Backend`."""
        self._say(f"press {key}")

    def release(self, key: str) -> None:
        """See `Backend`."""
        self._say(f"release {key}")

    def point(self, x: float, y: float) -> None:
        """See `Backend`."""
        self._say(f"mouse to {x:.0%} {y:.0%}")

    def move(self, x: int, y: int) -> None:
        """See `Backend`."""
        self._say(f"mouse by {x} {y}")

    def tilt(self, axis: str, value: float) -> None:
        """See `Backend`."""
        self._say(f"{axis} {value:+.2f}")

    def _say(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()


class PynputBackend:
    """Presses through pynput: on Windows, macOS, and X11.

    Parameters
    ----------
    points : bool
        Whether the mouse will be put to places: the screen is measured now then, which takes half a second.

    Raises
    ------
    BackendError
        If pynput is missing or has nothing to press keys with.
    """

    def __init__(self, points: bool = False) -> None:
        try:
            from pynput import keyboard, mouse
        except ModuleNotFoundError as error:
            raise BackendError(f'this needs the package {error.name}: pip install "bodycast[macros]"') from error
        except ImportError as error:  # pynput's word for no display
            raise BackendError(f"pynput cannot press keys here ({_first_line(error)}); is there a desktop?") from error
        self._keys, self._buttons = keyboard, mouse.Button
        self._keyboard, self._mouse = keyboard.Controller(), mouse.Controller()
        self._screen = screen_size() if points else (1, 1)
        self._keycodes = _x11_keycodes() if type(self._keyboard).__module__.endswith("xorg") else None

    def press(self, key: str) -> None:
        """See `Backend`."""
        if key in MOUSE:
            self._mouse.press(self._buttons[key.partition(".")[2]])
        else:
            self._keyboard.press(self.key(key))

    def release(self, key: str) -> None:
        """See `Backend`."""
        if key in MOUSE:
            self._mouse.release(self._buttons[key.partition(".")[2]])
        else:
            self._keyboard.release(self.key(key))

    def point(self, x: float, y: float) -> None:
        """See `Backend`."""
        width, height = self._screen
        self._mouse.position = (round(x * (width - 1)), round(y * (height - 1)))

    def move(self, x: int, y: int) -> None:
        """See `Backend`."""
        self._mouse.move(x, y)

    def tilt(self, axis: str, value: float) -> None:
        """See `Backend`."""
        raise BackendError("pynput has no gamepad; uinput has, on Linux")

    def key(self, name: str) -> Any:
        """pynput's own key of this name."""
        if name in PAD:
            raise BackendError("pynput has no gamepad; uinput has, on Linux")
        if name not in NAMED:
            # With its keysym, X really presses it; otherwise pynput only sends events about it to one window.
            known = self._keys.KeyCode
            return known.from_vk(ord(name), char=name) if self._keycodes is not None else known.from_char(name)
        try:
            return self._keys.Key[name]
        except KeyError as error:
            raise BackendError(f"there is no key {name!r} on this system") from error

    def check(self, name: str) -> None:
        """Raise BackendError unless the keyboard has this key."""
        key = self.key(name)
        if self._keycodes is not None and not self._keycodes(getattr(key, "value", key).vk):
            raise BackendError(f"this keyboard has no key {name!r}")


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


def open_backend(name: str, keys: Iterable[str], pad: bool, points: bool) -> Backend:
    """The back end of this name: ``auto``, ``pynput`` or ``uinput``; ``auto`` takes what this computer has.

    Parameters
    ----------
    name : str
    keys : iterable of str
        What it will have to press.
    pad : bool
        Whether a gamepad is wanted.
    points : bool
        Whether the mouse will be put to places on the screen.

    Raises
    ------
    BackendError
        If it cannot be used here.
    """
    if name == "auto":
        name = usual_backend(pad, os.environ, sys.platform, os.access(UINPUT, os.W_OK))
    if name == "uinput":
        return UinputBackend(pad)
    backend = PynputBackend(points)
    for key in set(keys) - MOUSE.keys():
        backend.check(key)
    return backend


def usual_backend(pad: bool, environment: os._Environ[str] | dict[str, str], platform: str, uinput: bool) -> str:
    """pynput, unless this is a Linux with a gamepad to play, with Wayland, or without a display."""
    if platform != "linux":
        if pad:
            raise BackendError("gamepads can be played on Linux only")
        return "pynput"
    bare = "WAYLAND_DISPLAY" in environment or "DISPLAY" not in environment
    return "uinput" if pad or (bare and uinput) else "pynput"


def _x11_keycodes() -> Callable[[int], int]:
    """A function that gives the keycode of a keysym, 0 where the keyboard has none."""
    from Xlib.display import Display

    lookup: Callable[[int], int] = Display().keysym_to_keycode
    return lookup


def screen_size() -> tuple[int, int]:
    """Width and height of the desktop in pixels."""
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    import pygame

    pygame.display.init()
    try:
        return max(pygame.display.get_desktop_sizes())
    finally:
        pygame.display.quit()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
