"""What the engine asks the keyboard to do, and the line of text that says so to its process."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Press:
    """Press a key or button and keep it down."""

    key: str


@dataclass(frozen=True, slots=True)
class Release:
    """Let go of it."""

    key: str


@dataclass(frozen=True, slots=True)
class Point:
    """Put the mouse pointer at a place on the screen: 0, 0 is the top left corner and 1, 1 the bottom right one."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Move:
    """Move the mouse by whole pixels, to the right and down."""

    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Tilt:
    """Put a stick or trigger of the gamepad to -1 to 1; 0 is where it rests."""

    axis: str
    value: float


Command = Press | Release | Point | Move | Tilt


def encode(command: Command) -> str:
    """One line, for example ``press space``."""
    match command:
        case Press(key):
            return f"press {key}"
        case Release(key):
            return f"release {key}"
        case Point(x, y):
            return f"point {x:.5f} {y:.5f}"
        case Move(dx, dy):
            return f"move {dx} {dy}"
        case Tilt(axis, value):
            return f"tilt {axis} {value:.4f}"


def decode(line: str) -> Command:
    """The command in a line.

    Raises
    ------
    ValueError
        If it is none.
    """
    match line.split():
        case ["press", key]:
            return Press(key)
        case ["release", key]:
            return Release(key)
        case ["point", x, y]:
            return Point(_finite(x), _finite(y))
        case ["move", x, y]:
            return Move(int(x), int(y))
        case ["tilt", axis, value]:
            return Tilt(axis, _finite(value))
    raise ValueError(f"not a command: {line[:80]!r}")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"not a number: {text!r}")
    return value
