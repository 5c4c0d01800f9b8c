"""Our own format, in the manner of TUIO: bundles that say who is there, what they do, and which frame this was.

Every bundle begins with ``alive`` and ends with ``frame``, so that a receiver which lost one knows all the same; each
is at most 1200 bytes. Camera space, metres; quaternions x y z w have the bone along Y, and are 0 on end joints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from bridge.moment import Moment
from bridge.options import Option, joints
from bridge.osc_address import Address
from bridge.osc_layout import Hole, Layout, Piece, bundles, message
from gestures.event import GestureEvent
from models.body import Body
from models.joints import Joint

ADDRESSES = (
    Address("/bodycast/alive", "i*", "slots", "of everyone in view; first in every bundle"),
    Address("/bodycast/enter", "is", "slot, id", "somebody came"),
    Address("/bodycast/leave", "is", "slot, id", "somebody left"),
    Address(
        "/bodycast/floor", "ffff", "a b c d", "the floor is a x + b y + c z + d = 0 in camera space, where it is known"
    ),
    Address(
        "/bodycast/{slot}/body",
        "siiiiiff",
        "id, left hand, its confidence, right hand, its confidence, clipped edges, lean x y",
        "hands 0 Unknown 1 NotTracked 2 Open 3 Closed 4 Lasso; 0 Low 1 High; edges 1 right 2 left 4 top 8 bottom; "
        "lean -1 to 1",
    ),
    Address(
        "/bodycast/{slot}/joints/{Joint}",
        "fffffffi",
        "x y z, quaternion x y z w, state",
        "metres; 0 NotTracked 1 Inferred 2 Tracked",
    ),
    Address(
        "/bodycast/{slot}/gestures/{name}",
        "ssff",
        "id, phase, progress, confidence",
        "phase started, held, ended, detected or progress; 0 to 1",
    ),
    Address(
        "/bodycast/frame",
        "iiif",
        "number, seconds, microseconds, latency",
        "capture time on the source's clock; seconds from the capture to here, -1 if not known; last in every bundle",
    ),
)
BODYCAST_OPTIONS = {"joints": Option(joints, tuple(Joint), "which joints, as in Head,HandLeft,HandRight")}

_JOINT, _STATE, _HANDS, _LEAN = Hole("f", "joint"), Hole("i", "state"), Hole("i", "hands"), Hole("f", "lean")
_NUMBER, _SECONDS, _MICRO, _LATE = Hole("i", "number"), Hole("i", "s"), Hole("i", "us"), Hole("f", "late")
_FRAME = message("/bodycast/frame", _NUMBER, _SECONDS, _MICRO, _LATE)
_MOST = 2**31


class BodycastEncoder:
    """Encodes everything that is known of a frame.

    Parameters
    ----------
    options : dict
        The values of `BODYCAST_OPTIONS`.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._joints: tuple[Joint, ...] = options["joints"]
        self._rows = None if self._joints == tuple(Joint) else np.array(self._joints)
        self._layout = lru_cache(maxsize=64)(self._make_layout)

    def __call__(self, moment: Moment) -> list[bytes]:
        """The datagrams of ``moment``; at least one, even where nobody is there."""
        news = _news(moment)
        datagrams = _bundled(news, moment) if news else []
        if news and not moment.bodies:
            return datagrams
        values = _frame(moment) | (self._numbers(moment) if moment.bodies else {})
        return datagrams + self._layout(tuple(zip(moment.slots, moment.ids, strict=True))).fill(values)

    def _numbers(self, moment: Moment) -> dict[Hole, Any]:
        joint = np.concatenate([moment.positions, moment.orientations], axis=2)
        states = moment.states
        if self._rows is not None:
            joint, states = joint[:, self._rows], states[:, self._rows]
        hands = [_hands(body) for body in moment.bodies]
        return {_JOINT: joint, _STATE: states, _HANDS: hands, _LEAN: np.array([body.lean for body in moment.bodies])}

    def _make_layout(self, people: tuple[tuple[int, int], ...]) -> Layout:
        first, last = [_alive([slot for slot, _ in people])], [_FRAME]
        if not people:
            return Layout(bundles([], first, last))
        return Layout([piece for who in people for piece in bundles(self._body(*who), first, last)])

    def _body(self, slot: int, tracking_id: int) -> list[Piece]:
        body = message(f"/bodycast/{slot}/body", str(tracking_id), *[_HANDS] * 5, _LEAN, _LEAN)
        values = [_JOINT] * 7
        return [body, *(message(f"/bodycast/{slot}/joints/{j.kinect_name}", *values, _STATE) for j in self._joints)]


def told(events: Sequence[GestureEvent], moment: Moment) -> list[bytes]:
    """The datagrams of the gestures that ``moment`` brought."""
    slots = moment.presence.slots | dict(zip(moment.ids, moment.slots, strict=True))
    pieces = [_gesture(slots[event.tracking_id], event) for event in events if event.tracking_id in slots]
    return _bundled(pieces, moment) if pieces else []


def _news(moment: Moment) -> list[Piece]:
    """What does not come in every frame."""
    pieces = [message("/bodycast/leave", slot, str(who)) for slot, who in moment.presence.left]
    pieces += [message("/bodycast/enter", slot, str(who)) for slot, who in moment.presence.entered]
    if moment.frame.floor.any():
        pieces.append(message("/bodycast/floor", *moment.frame.floor.tolist()))
    return pieces


def _bundled(pieces: Sequence[Piece], moment: Moment) -> list[bytes]:
    """``pieces`` in bundles that say who is there, and which frame this was."""
    return Layout(bundles(pieces, [_alive(moment.slots)], [_FRAME])).fill(_frame(moment))


def _frame(moment: Moment) -> dict[Hole, Any]:
    """What the message of the frame says."""
    second = int(moment.frame.time // 1)
    return {
        _NUMBER: moment.frame.sequence % _MOST,
        _SECONDS: second % _MOST,
        _MICRO: int((moment.frame.time - second) * 1e6),
        _LATE: moment.latency,
    }


def _alive(slots: Sequence[int]) -> Piece:
    return message("/bodycast/alive", *slots)


def _hands(body: Body) -> tuple[int, int, int, int, int]:
    left, right = body.hand_left, body.hand_right
    return left.state, left.confidence, right.state, right.confidence, body.clipped_edges


def _gesture(slot: int, event: GestureEvent) -> Piece:
    level = float(event.progress), float(event.confidence)
    return message(f"/bodycast/{slot}/gestures/{event.name}", str(event.tracking_id), event.phase, *level)
