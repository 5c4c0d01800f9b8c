"""Bodies in a user's own words, as NI mate's templates had it: an address and a list of fields.

The address may hold ``{joint}`` (left_hand), ``{Joint}`` (HandLeft), ``{slot}``, ``{user}`` (the slot, from 1) and
``{id}``. Without one of the last three, all people would have the same addresses, so only one of them is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from bridge.avatar import SLOT_OPTION
from bridge.moment import Moment
from bridge.options import Option, joints, yes_or_no
from bridge.osc_address import Address
from bridge.osc_layout import Argument, Hole, Layout, Piece, bundles, message
from models.joints import Joint

ADDRESSES = (
    Address("{your address}", "f*", "your fields", "for each joint; by default /skeleton_{joint} with x y z in metres"),
)
_NUMBERS = ("x", "y", "z", "qx", "qy", "qz", "qw", "confidence")
_VALUE, _STATE = Hole("f", "value"), Hole("i", "state")
_SURE = np.array([0.0, 0.5, 1.0], np.float32)
_PEOPLE = ("{slot}", "{user}", "{id}")

Who = tuple[int, int]
"""Slot and tracking id."""


def side_first(joint: Joint) -> str:
    """NI mate's way of naming a joint.

    >>> side_first(Joint.HAND_TIP_LEFT)
    'left_hand_tip'
    """
    words = joint.name.lower().split("_")
    return "_".join(words[-1:] + words[:-1] if words[-1] in ("left", "right") else words)


_WORDS: dict[str, Callable[[Who, Joint], int | str]] = {
    "joint": lambda who, joint: side_first(joint),
    "Joint": lambda who, joint: joint.kinect_name,
    "slot": lambda who, joint: who[0],
    "user": lambda who, joint: who[0] + 1,
    "id": lambda who, joint: str(who[1]),
}
FIELDS = (*_NUMBERS, "state", *_WORDS)


def address(text: str) -> str:
    """An OSC address with braces."""
    bare = re.sub("|".join(re.escape(f"{{{word}}}") for word in _WORDS), "x", text)
    if not re.fullmatch(r"/[!-~]{1,150}", bare) or set(bare) & set("#*,?[]{}"):
        words = " ".join(f"{{{word}}}" for word in _WORDS)
        raise ValueError(f"an address such as /skeleton_{{joint}}, which may hold {words}")
    return text


def fields(text: str) -> tuple[str, ...]:
    """Names of fields, with commas between them."""
    names = tuple(text.replace(" ", "").split(","))
    if len(names) > 32 or any(name not in FIELDS for name in names):
        raise ValueError(f"some of {','.join(FIELDS)}")
    return names


TEMPLATE_OPTIONS = {
    "address": Option(address, "/skeleton_{joint}", "the address, with {joint} {Joint} {slot} {user} {id} in it"),
    "fields": Option(fields, ("x", "y", "z"), f"the arguments, some of {','.join(FIELDS)}"),
    "joints": Option(joints, tuple(Joint), "which joints, as in Head,HandLeft,HandRight"),
    "bundle": Option(yes_or_no, False, "yes sends bundles instead of single messages"),
    **SLOT_OPTION,
}


def one_person(options: Mapping[str, Any]) -> bool:
    """Whether a template has room for one only."""
    return options["slot"] is not None or not any(word in options["address"] for word in _PEOPLE)


class TemplateEncoder:
    """Encodes everyone whom it is given after a template.

    Parameters
    ----------
    options : dict
        The values of `TEMPLATE_OPTIONS`.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._address: str = options["address"]
        self._fields: tuple[str, ...] = options["fields"]
        self._joints: tuple[Joint, ...] = options["joints"]
        self._bundled: bool = options["bundle"]
        self._rows = np.array(self._joints)
        self._columns = np.array([_NUMBERS.index(name) for name in self._fields if name in _NUMBERS], np.intp)
        self._layout = lru_cache(maxsize=64)(self._make_layout)

    def __call__(self, moment: Moment) -> list[bytes]:
        """The datagrams of ``moment``."""
        if not moment.bodies:
            return []
        states = moment.states[:, self._rows]
        numbers = (moment.positions[:, self._rows], moment.orientations[:, self._rows], _SURE[states][..., None])
        values = {_VALUE: np.concatenate(numbers, axis=2)[..., self._columns]}
        values[_STATE] = np.repeat(states, self._fields.count("state"))
        return self._layout(tuple(zip(moment.slots, moment.ids, strict=True))).fill(values)

    def _make_layout(self, people: tuple[Who, ...]) -> Layout:
        pieces = [self._piece(who, joint) for who in people for joint in self._joints]
        return Layout(bundles(pieces) if self._bundled else pieces)

    def _piece(self, who: Who, joint: Joint) -> Piece:
        text = self._address
        for word, value in _WORDS.items():
            text = text.replace(f"{{{word}}}", str(value(who, joint)))
        return message(text, *(self._argument(name, who, joint) for name in self._fields))

    @staticmethod
    def _argument(name: str, who: Who, joint: Joint) -> Argument:
        if name in _NUMBERS:
            return _VALUE
        return _STATE if name == "state" else _WORDS[name](who, joint)
