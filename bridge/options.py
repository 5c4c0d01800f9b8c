"""Options of a publisher: what may follow the question mark of its URL, or stand in a TOML table, and what it means."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.targets import PublisherError, Target
from models.joints import Joint

JOINT_NAMES = {joint.kinect_name.lower(): joint for joint in Joint}


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    Attributes
    ----------
    parse : callable
        Makes a value of the text, or raises ValueError, whose message says what would be right.
    default : object
    meaning : str
        For the user, in one line.
    """

    parse: Callable[[str], Any]
    default: Any
    meaning: str


def parse_options(target: Target, known: Mapping[str, Option]) -> dict[str, Any]:
    """The value of each option in ``known``.

    Raises
    ------
    PublisherError
        If the target has an option that is not known, or one with a wrong value; it says which, and what is right.
    """
    values = {name: option.default for name, option in known.items()}
    for name, text in target.options:
        if name not in known:
            raise PublisherError(f"{target}: there is no option {name!r}; there is {', '.join(known)}")
        try:
            values[name] = known[name].parse(text)
        except ValueError as error:
            raise PublisherError(f"{target}: {name}={text!r} is wrong; right is {error}") from None
    return values


def numbers(count: int, lowest: float = -1e6, highest: float = 1e6) -> Callable[[str], Any]:
    """A parser of one number, or of several with commas between them."""

    def parse(text: str) -> Any:
        try:
            values = tuple(float(part) for part in text.split(","))
        except ValueError:
            values = ()
        if len(values) != count or not all(math.isfinite(v) and lowest <= v <= highest for v in values):
            what = "a number" if count == 1 else f"{count} numbers with commas between them"
            raise ValueError(f"{what} from {lowest:g} to {highest:g}")
        return values[0] if count == 1 else values

    return parse


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A parser of a whole number."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and lowest <= int(text[:10]) <= highest):
            raise ValueError(f"a whole number from {lowest} to {highest}")
        return int(text)

    return parse


def choice(*words: str) -> Callable[[str], str]:
    """A parser of one of some words."""

    def parse(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(" or ".join(words))
        return text.lower()

    return parse


def yes_or_no(text: str) -> bool:
    """``yes`` or ``no``."""
    return choice("yes", "no")(text) == "yes"


def joints(text: str) -> tuple[Joint, ...]:
    """Joints by the Kinect's names, with commas between them; ``all`` is all of them."""
    if text.lower() == "all":
        return tuple(Joint)
    names = [name.strip().lower() for name in text.split(",")]
    wrong = [name for name in names if name not in JOINT_NAMES]
    if wrong or len(set(names)) != len(names):
        raise ValueError(
            f"all, or different joints with commas between them: {', '.join(j.kinect_name for j in Joint)}"
        )
    return tuple(JOINT_NAMES[name] for name in names)


def word(text: str) -> str:
    """Letters, digits, ``_``, ``-`` and ``.``, at most 64."""
    if not text or len(text) > 64 or not all(c.isascii() and (c.isalnum() or c in "_-.") for c in text):
        raise ValueError("1 to 64 letters, digits, _ - and .")
    return text
