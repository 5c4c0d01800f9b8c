"""Bodies as kinect2share sends them: a message for each joint, or JSON.

The JSON of a body takes two datagrams, for one would be too large: each is a message to the same address, begins with
what is said of the whole body, and has the half of the joints. Somebody who left is sent once with ``tracked`` 0.
Source: https://github.com/rwebber/kinect2share
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bridge.moment import Moment
from bridge.osc import osc_string
from bridge.osc_address import Address
from bridge.osc_layout import Hole, Layout, message
from models.joints import Joint

NAMES = {
    joint: joint.kinect_name.replace("Shoulder", "Shldr").replace("Left", "L").replace("Right", "R") for joint in Joint
}
"""Its names of the joints, shorter than the Kinect's."""

ADDRESSES = (
    Address("/{slot}/{Joint}", "fffs", "x y z, name", f"metres, camera space; {', '.join(NAMES.values())}"),
    Address("/kV2/body/{slot}", "s", "JSON", "with format=json instead: two messages a body, half of the joints each"),
)
_POINT = Hole("f", "point")
_HALVES = (tuple(Joint)[:13], tuple(Joint)[13:])
_BODY = r"{\"tracked\":%d},{\"trackingID\":%d},{\"RH-state\":%s},{\"LH-state\":%s}"
_JOINT = r",{\"j\":\"%s\",\"x\":%s,\"y\":%s,\"z\":%s}"
_DECIMALS = 4
_NUMBER, _STATE = "\1" * (3 + _DECIMALS), "\2"
"""What stands in a template where a number such as ``-1.2345``, or the state of a hand, comes later."""
_THOUSAND = 1000


def _packed(texts: Iterable[str]) -> npt.NDArray[np.uint32]:
    """Texts of four letters, each as one number: tables of them are quicker than dividing by every power of ten."""
    return np.frombuffer("".join(texts).encode(), np.uint32)


_BEGINNINGS = _packed(f"{sign}{tenths // 10}.{tenths % 10}" for sign in " -" for tenths in range(100))
_ENDS = _packed(f"{rest:03d} " for rest in range(_THOUSAND))


def encode(moment: Moment) -> list[bytes]:
    """The messages of everyone, body after body."""
    return _layout(moment.slots).fill({_POINT: moment.positions})


def encode_json(moment: Moment) -> list[bytes]:
    """The JSON of everyone, in two messages a body; four decimals."""
    gone = [_json_message(slot, _BODY % (0, 0, 0, 0)) for slot, _ in moment.presence.left]
    if not moment.bodies:
        return gone
    hands = [int(h.state) for b in moment.bodies for h in (b.hand_right, b.hand_left, b.hand_right, b.hand_left)]
    whole = np.rint(moment.positions * np.float32(10**_DECIMALS)).astype(np.int64).reshape(-1)
    if np.abs(whole).max() >= 10 ** (_DECIMALS + 1):  # in other units than metres numbers have more digits
        return gone + _long_json(moment)
    template, numbers, states, spans = _json_layout(moment.slots, moment.ids)
    text = template.copy()
    text[numbers] = _digits(whole)
    text[states] = np.array(hands) + ord("0")
    data = text.tobytes()
    return gone + [data[span] for span in spans]


def _digits(whole: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Numbers (n,) below 10**5 as text (n, 7): a sign or a blank, a digit, a point, four digits."""
    size = np.abs(whole)
    tenths = size // _THOUSAND
    text = np.empty((len(whole), 2), np.uint32)
    text[:, 0], text[:, 1] = _BEGINNINGS[tenths + len(_BEGINNINGS) // 2 * (whole < 0)], _ENDS[size - _THOUSAND * tenths]
    return text.view(np.uint8)[:, : len(_NUMBER)]


def _long_json(moment: Moment) -> list[bytes]:
    """The same as `encode_json` for numbers of any length, at a third of the speed."""
    datagrams = []
    for body, points in zip(moment.bodies, moment.positions, strict=True):
        about = _BODY % (1, body.tracking_id, int(body.hand_right.state), int(body.hand_left.state))
        for half in _HALVES:
            joints = [_JOINT % (NAMES[joint], *(f"{value:.3f}" for value in points[joint].tolist())) for joint in half]
            datagrams.append(_json_message(body.slot, about + "".join(joints)))
    return datagrams


@lru_cache(maxsize=64)
def _layout(slots: tuple[int, ...]) -> Layout:
    point = [_POINT] * 3
    return Layout([message(f"/{slot}/{NAMES[joint]}", *point, NAMES[joint]) for slot in slots for joint in Joint])


_JsonLayout = tuple[npt.NDArray[np.uint8], npt.NDArray[np.intp], npt.NDArray[np.intp], list[slice]]


@lru_cache(maxsize=64)
def _json_layout(slots: tuple[int, ...], ids: tuple[int, ...]) -> _JsonLayout:
    """The datagrams without numbers, the places of the numbers (n, 7) and of the states, and where each datagram is."""
    datagrams = []
    for slot, tracking_id in zip(slots, ids, strict=True):
        about = _BODY % (1, tracking_id, _STATE, _STATE)
        for half in _HALVES:
            joints = [_JOINT % (NAMES[joint], _NUMBER, _NUMBER, _NUMBER) for joint in half]
            datagrams.append(_json_message(slot, about + "".join(joints)))
    text = np.frombuffer(b"".join(datagrams), np.uint8)
    numbers = np.flatnonzero(text == ord(_NUMBER[0])).reshape(-1, len(_NUMBER))
    ends = np.cumsum([0, *map(len, datagrams)]).tolist()
    return text, numbers, np.flatnonzero(text == ord(_STATE)), [slice(*span) for span in pairwise(ends)]


def _json_message(slot: int, parts: str) -> bytes:
    return osc_string(f"/kV2/body/{slot}") + osc_string(",s") + osc_string(f'{{"b{slot}": "[{parts}]"}}')
