"""One body as a fixed vector for Wekinator, which learns from it; gestures steer the learning.

``record=raise_left_hand`` starts recording examples when that gesture starts, and stops when it ends; ``run`` does
the same with running, ``dtw=2:wave`` with the examples of the second dynamic movement; ``train`` trains when a gesture
starts or is detected. What Wekinator answers is read by `bridge.wekinator`. Source:
http://www.wekinator.org/instructions/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from bridge.avatar import SLOT_OPTION
from bridge.moment import Moment
from bridge.options import JOINT_NAMES, Option, choice, joints, whole, word
from bridge.osc import osc_message
from bridge.osc_address import Address
from bridge.osc_layout import Hole, Layout, message
from gestures.event import GestureEvent
from models.joints import Joint

DEFAULT_JOINTS = (
    Joint.HEAD,
    Joint.ELBOW_LEFT,
    Joint.HAND_LEFT,
    Joint.ELBOW_RIGHT,
    Joint.HAND_RIGHT,
    Joint.KNEE_LEFT,
    Joint.KNEE_RIGHT,
)
_CONTROL = "/wekinator/control"
ADDRESSES = (
    Address(
        "/wek/inputs",
        "f*",
        "x y z of each joint",
        "metres; always as many numbers: three times the joints, 21 by default",
    ),
    Address(f"{_CONTROL}/startRecording, stopRecording", "", "", "at the start and the end of the gesture record="),
    Address(f"{_CONTROL}/startRunning, stopRunning", "", "", "at the start and the end of the gesture run="),
    Address(f"{_CONTROL}/startDtwRecording", "i", "which movement", "at the start of the gesture dtw=N:"),
    Address(f"{_CONTROL}/stopDtwRecording", "", "", "at its end"),
    Address(f"{_CONTROL}/train", "", "", "when the gesture train= starts or is detected"),
)
_INPUT = Hole("f", "input")


def movement(text: str) -> tuple[int, str]:
    """Number and gesture, as in ``2:wave``."""
    match = re.fullmatch(r"([1-9][0-9]?):(.+)", text)
    if match is None:
        raise ValueError("a number and a gesture, such as 2:wave")
    return int(match[1]), word(match[2])


def names(text: str) -> tuple[str, ...]:
    """Gestures, with commas between them."""
    return tuple(word(name) for name in text.split(","))


def origin(text: str) -> Joint:
    """One joint."""
    if text.lower() not in JOINT_NAMES:
        raise ValueError("a joint, such as SpineBase")
    return JOINT_NAMES[text.lower()]


WEKINATOR_OPTIONS = {
    "joints": Option(joints, DEFAULT_JOINTS, "which joints, in this order, as in Head,HandLeft,HandRight"),
    "origin": Option(origin, None, "send positions against this joint, such as SpineBase"),
    **SLOT_OPTION,
    "record": Option(word, None, "record examples while this gesture is held"),
    "run": Option(word, None, "run while this gesture is held"),
    "train": Option(word, None, "train when this gesture starts or is detected"),
    "dtw": Option(movement, None, "record movement N while a gesture is held, as in 2:raise_left_hand"),
    "outputs": Option(whole(0, 65535), None, "listen on this port for what Wekinator answers (it sends to 12000)"),
    "names": Option(names, (), "gestures that the outputs stand for; wekinator_1, wekinator_2 and so on without it"),
    "kind": Option(
        choice("continuous", "classes"), "continuous", "what an output is: progress 0 to 1, or a class from 1"
    ),
}


class WekinatorEncoder:
    """Encodes one body.

    Parameters
    ----------
    options : dict
        The values of `WEKINATOR_OPTIONS`.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._origin: Joint | None = options["origin"]
        self._rows = np.array(options["joints"])
        self._layout = Layout([message("/wek/inputs", *[_INPUT] * (3 * len(self._rows)))])

    def __call__(self, moment: Moment) -> list[bytes]:
        """The vector of ``moment``, if the person is there."""
        if not moment.bodies:
            return []
        positions = moment.positions[0]
        if self._origin is not None:
            positions = positions - positions[self._origin]
        return self._layout.fill({_INPUT: positions[self._rows]})


def controls_of(options: Mapping[str, Any]) -> Callable[[Sequence[GestureEvent]], list[bytes]]:
    """What makes the control messages that gestures stand for, given the values of `WEKINATOR_OPTIONS`."""
    controls = _controls(options)
    return lambda events: [controls[key] for event in events if (key := _key(event)) in controls]


def _controls(options: Mapping[str, Any]) -> dict[tuple[str, bool], bytes]:
    """For a gesture's name, and whether it starts or ends, the message to send."""
    controls: dict[tuple[str, bool], bytes] = {}
    for name, what in (("record", "Recording"), ("run", "Running")):
        if options[name] is not None:
            controls[options[name], True] = osc_message(f"{_CONTROL}/start{what}")
            controls[options[name], False] = osc_message(f"{_CONTROL}/stop{what}")
    if options["dtw"] is not None:
        number, gesture = options["dtw"]
        controls[gesture, True] = osc_message(f"{_CONTROL}/startDtwRecording", number)
        controls[gesture, False] = osc_message(f"{_CONTROL}/stopDtwRecording")
    if options["train"] is not None:
        controls[options["train"], True] = osc_message(f"{_CONTROL}/train")
    return controls


def _key(event: GestureEvent) -> tuple[str, bool | None]:
    starts = {"started": True, "detected": True, "ended": False}
    return event.name, starts.get(event.phase)
