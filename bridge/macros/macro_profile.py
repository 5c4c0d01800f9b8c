"""Macro profiles: which gesture presses what, read from a TOML file and checked before anything moves."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bridge.macros.checks import area, keys, number, one_of, player, text, truth, within
from bridge.macros.keys import AXES, MOUSE, PAD, key_named
from bridge.macros.macro import ACTIONS, BACKENDS, Macro, Profile
from bridge.macros.signals import SIGNALS


class ProfileError(ValueError):
    """A macro profile that is wrong; it names the file, the line and the key."""


def load_profile(path: Path) -> Profile:
    """The profile in a TOML file.

    Raises
    ------
    ProfileError
        If the file cannot be read or something in it is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ProfileError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path}: not a text file in UTF-8") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{path}: not TOML: {error}") from error
    return _Reader(path, text).profile(table)


class _Reader:
    """Checks tables, and knows in which line a key stands."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()

    def profile(self, table: Mapping[str, Any]) -> Profile:
        own = self._fields({key: value for key, value in table.items() if key != "macro"}, _PROFILE, 0)
        rows = table.get("macro", [])
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            raise ProfileError(f"{self._path}: has no [[macro]], one for each thing to press")
        profile = Profile(tuple(self._macro(row, number) for number, row in enumerate(rows, 1)), **own)
        for key in ("arm_key", "panic_key"):
            if getattr(profile, key) and getattr(profile, key) in profile.keys | MOUSE.keys() | PAD.keys():
                raise self._error(key, 0, f"{getattr(profile, key)!r} must be a key that no macro presses")
        if profile.backend == "pynput" and profile.needs_pad:
            raise self._error("backend", 0, "pynput has no gamepad; uinput has, on Linux")
        return profile

    def _macro(self, row: Mapping[str, Any], number: int) -> Macro:
        if "do" not in row:
            raise self._error("", number, f"lacks 'do', one of {', '.join(ACTIONS)}")
        fields = self._fields(row, _MACRO, number)
        macro = Macro(**fields)
        for key, message in _contradictions(macro, row):
            raise self._error(key, number, message)
        return _with_usual_thresholds(macro)

    def _fields(self, row: Mapping[str, Any], known: Mapping[str, Callable[[Any], Any]], number: int) -> dict[str, Any]:
        result = {}
        for key, value in row.items():
            if key not in known:
                alike = difflib.get_close_matches(key, known, n=1)
                hint = f"did you mean {alike[0]!r}?" if alike else f"known are {', '.join(known)}"
                raise self._error(key, number, f"unknown; {hint}")
            try:
                result[key] = known[key](value)
            except ValueError as error:
                raise self._error(key, number, str(error)) from None
        return result

    def _error(self, key: str, number: int, message: str) -> ProfileError:
        where = f"{self._path}:{self._line(key, number)}"
        whose = f"macro {number}" if number else "profile"
        return ProfileError(f"{where}: {whose}{f', {key!r}' if key else ''}: {message}")

    def _line(self, key: str, number: int) -> int:
        """Line of ``key`` in the ``number``-th [[macro]], or above the first one for 0; without a key, of its head."""
        heads = [n for n, line in enumerate(self._lines, 1) if re.match(r"\s*\[\[\s*macro\s*\]\]", line)]
        start = heads[number - 1] if 0 < number <= len(heads) else 1
        end = heads[number] if number < len(heads) else len(self._lines) + 1
        pattern = rf"\s*[\"']?{re.escape(key)}[\"']?\s*="
        return next((n for n in range(start, end) if key and re.match(pattern, self._lines[n - 1])), start)


_PROFILE: dict[str, Callable[[Any], Any]] = {
    "name": text,
    "arm_gesture": text,
    "arm_key": lambda value: key_named(text(value)),
    "panic_gesture": lambda value: "" if value == "" else text(value),
    "panic_key": lambda value: "" if value == "" else key_named(text(value)),
    "timeout": within(0.05, 5),
    "backend": one_of(*BACKENDS),
}
_MACRO: dict[str, Callable[[Any], Any]] = {
    "do": one_of(*ACTIONS),
    "keys": keys,
    "gesture": text,
    "signal": one_of(*SIGNALS),
    "player": player,
    "enter": number,
    "exit": number,
    "dwell": within(0, 60),
    "cooldown": within(0, 3600),
    "interval": within(0.02, 60),
    "duration": within(0.01, 10),
    "hand": one_of("left", "right"),
    "relative": truth,
    "area": area,
    "speed": within(1, 100_000),
    "smoothing": within(0, 2),
    "axis": one_of(*AXES),
    "low": number,
    "high": number,
}


def _contradictions(macro: Macro, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each key whose value does not go with the others, and what is wrong."""
    found = []
    if macro.do in {"mouse", "axis"}:
        found += [("keys", f"{macro.do!r} presses nothing")] if macro.keys else []
    elif not macro.keys:
        found.append(("do", f"{macro.do!r} needs 'keys'"))
    if macro.do == "chord" and len(macro.keys) < 2:
        found.append(("keys", "a chord has two keys or more; for one, 'tap'"))
    if macro.do == "axis" and not (macro.axis and macro.signal):
        found.append(("do", "'axis' needs an 'axis' and the 'signal' that moves it"))
    if macro.gesture and macro.signal:
        found.append(("signal", "there is a 'gesture' already; one of them starts the macro"))
    if not macro.gesture and not macro.signal and macro.do != "mouse":
        found.append(("do", "needs a 'gesture' or a 'signal' that starts it"))
    if macro.signal and macro.enter is None and macro.do != "axis":
        found.append(("signal", "needs 'enter', the value at which it starts"))
    if macro.exit is not None and macro.enter is None:
        found.append(("exit", "needs 'enter', too"))
    if macro.low == macro.high:
        found.append(("high", "must differ from 'low'"))
    only = {"mouse": {"hand", "relative", "area", "speed", "smoothing"}, "axis": {"axis", "low", "high"}}
    only |= {"repeat": {"interval"}}
    for action, own in only.items():
        found += [(key, f"is for 'do = \"{action}\"' only") for key in sorted(own & row.keys()) if macro.do != action]
    return found


def _with_usual_thresholds(macro: Macro) -> Macro:
    """The macro with an ``exit`` wherever there is an ``enter``, and a mouse that rests while its hand hangs down."""
    if macro.do == "mouse" and not macro.gesture and not macro.signal:
        return replace(macro, signal=f"hand_{macro.hand}.y", enter=-0.6, exit=-0.75)
    if macro.enter is not None and macro.exit is None:
        return replace(macro, exit=macro.enter - 0.1)
    return macro
