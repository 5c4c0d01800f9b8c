"""What really presses: pynput, Linux's uinput, or a list on paper."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Protocol, TextIO

from bridge.macros.keys import MOUSE

UINPUT = "/dev/uinput"


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
        from bridge.macros.uinput_backend import UinputBackend

        return UinputBackend(pad)
    from bridge.macros.pynput_backend import PynputBackend

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
