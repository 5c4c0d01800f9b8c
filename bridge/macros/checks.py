"""What the values in a macro profile may be: each function gives the value that it was given, or says what is wrong."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable
from typing import Any

from bridge.macros.keys import key_named

MOST_PLAYERS = 6


class WrongValue(ValueError):
    """What is wrong with the value of a key; says what is right."""


def text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise WrongValue(f"must be a text, got {value!r}")
    return value.strip()


def one_of(*known: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in known:
            alike = difflib.get_close_matches(str(value), known, n=1)
            hint = f"; did you mean {alike[0]!r}?" if alike else ""
            raise WrongValue(f"must be one of {', '.join(known)}, got {value!r}{hint}")
        return str(value)

    return check


def number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise WrongValue(f"must be a number, got {value!r}")
    return float(value)


def within(low: float, high: float) -> Callable[[Any], float]:
    def check(value: Any) -> float:
        if not low <= number(value) <= high:
            raise WrongValue(f"must be {low:g} to {high:g}, got {value!r}")
        return float(value)

    return check


def player(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_PLAYERS:
        raise WrongValue(f"must be 1 to {MOST_PLAYERS}, got {value!r}")
    return value


def truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongValue(f"must be true or false, got {value!r}")
    return value


def keys(value: Any) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise WrongValue(f"must be a key or a list of keys, got {value!r}")
    names = tuple(key_named(text) for text in texts)
    if len(set(names)) < len(names):
        raise WrongValue(f"names a key twice: {value!r}")
    return names


def area(value: Any) -> tuple[float, float, float, float]:
    if not isinstance(value, list) or len(value) != 4:
        raise WrongValue(f"must be four numbers, left, right, top and bottom, got {value!r}")
    left, right, top, bottom = map(number, value)
    if left == right or top == bottom:
        raise WrongValue(f"has no width or height: {value!r}")
    return left, right, top, bottom
