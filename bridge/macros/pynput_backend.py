"""Presses through pynput: on Windows, macOS, and X11."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from bridge.macros.backends import BackendError
from bridge.macros.keys import MOUSE, NAMED, PAD


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
