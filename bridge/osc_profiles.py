"""The OSC formats that we speak: what each is called, which options it has, and how it is encoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bridge import (
    osc_bodycast,
    osc_kinect2share,
    osc_kinectv2,
    osc_osceleton,
    osc_osceleton2,
    osc_template,
    osc_vmc,
    osc_vrchat,
    osc_wekinator,
)
from bridge.avatar import AVATAR_OPTIONS
from bridge.axes import AXIS_OPTIONS, Axes
from bridge.moment import Choose, Moment, moment_of, only
from bridge.options import Option, choice, numbers, yes_or_no
from bridge.osc_address import Address
from bridge.presence import NOTHING, Presence
from gestures.event import GestureEvent
from models.body import BodyFrame

Encode = Callable[[Moment], list[bytes]]
"""A moment's datagrams, in the order in which they are sent."""

Tell = Callable[[Sequence[GestureEvent], Moment], list[bytes]]
"""The datagrams of the gestures that a moment brought."""


class Encoder:
    """Makes the datagrams of frames and, after each, of the gestures that it brought.

    Parameters
    ----------
    encode : callable
    tell : callable
    axes : Axes, optional
        The receiver's.
    choose : callable, optional
        Which bodies are sent.
    """

    def __init__(self, encode: Encode, tell: Tell, axes: Axes | None, choose: Choose | None) -> None:
        self._encode, self._tell, self._axes, self._choose = encode, tell, axes, choose
        self._moment: Moment | None = None

    def frame(
        self, frame: BodyFrame, presence: Presence = NOTHING, latency: float | None = None, unix: float = 0.0
    ) -> list[bytes]:
        """The datagrams of ``frame``; see `bridge.moment.Moment` for the others."""
        self._moment = moment_of(frame, self._axes, self._choose, presence, latency, unix)
        return self._encode(self._moment)

    def gestures(self, events: Sequence[GestureEvent]) -> list[bytes]:
        """The datagrams of ``events`` that the last frame brought."""
        return [] if self._moment is None else self._tell(events, self._moment)


def _silent(events: Sequence[GestureEvent], moment: Moment) -> list[bytes]:
    return []


def _by_kinect_address(options: Mapping[str, Any]) -> Tell:
    return partial(osc_kinectv2.told, by_user=options.get("ids") == "user") if options["gestures"] else _silent


@dataclass(frozen=True, slots=True)
class Profile:
    """One format.

    Attributes
    ----------
    about : str
        What receives it, in a few words.
    addresses : tuple of Address
    open : callable
        Makes the encoder that the values of the options ask for.
    options : dict of str to Option
        Those that it has besides `COMMON_OPTIONS`.
    gestures : bool
        Whether gestures are sent with it, where the user does not say.
    one_person : callable
        Whether only one person is sent, given the values of the options.
    tell : callable
        Makes what encodes gestures, given the values of the options.
    """

    about: str
    addresses: tuple[Address, ...]
    open: Callable[[Mapping[str, Any]], Encode]
    options: Mapping[str, Option]
    gestures: bool = False
    one_person: Callable[[Mapping[str, Any]], bool] = lambda options: "slot" in options
    tell: Callable[[Mapping[str, Any]], Tell] = _by_kinect_address

    @property
    def all_options(self) -> dict[str, Option]:
        """Every option, in the order in which they are explained."""
        meaning = "yes or no: send gesture events, too"
        return {**COMMON_OPTIONS, "gestures": Option(yes_or_no, self.gestures, meaning), **self.options}

    def encoder(self, options: Mapping[str, Any]) -> Encoder:
        """What makes datagrams, given the values of the options."""
        axes = Axes.of(options) if AXIS_OPTIONS.keys() <= options.keys() else None
        choose = only(options["slot"]) if self.one_person(options) else None
        return Encoder(self.open(options), self.tell(options), axes, choose)


def _bodycast(options: Mapping[str, Any]) -> Tell:
    return osc_bodycast.told if options["gestures"] else _silent


def _wekinator(options: Mapping[str, Any]) -> Tell:
    controls, others = osc_wekinator.controls_of(options), _by_kinect_address(options)
    return lambda events, moment: controls(events) + others(events, moment)


COMMON_OPTIONS = {"rate": Option(numbers(1, 0.01, 1000), None, "at most so many frames a second; all without it")}
_FORMAT = {"format": Option(choice("osc", "json"), "osc", "osc, or json: one JSON text for half a body")}


def _always(encode: Encode) -> Callable[[Mapping[str, Any]], Encode]:
    return lambda options: encode


def _kinectv2(options: Mapping[str, Any]) -> Encode:
    return partial(osc_kinectv2.encode, by_user=options["ids"] == "user")


def _kinect2share(options: Mapping[str, Any]) -> Encode:
    return osc_kinect2share.encode_json if options["format"] == "json" else osc_kinect2share.encode


PROFILES = {
    "osc+kinectv2": Profile(
        "KinectV2-OSC's receivers",
        osc_kinectv2.ADDRESSES,
        _kinectv2,
        {**AXIS_OPTIONS, **osc_kinectv2.KINECTV2_OPTIONS},
        gestures=True,
    ),
    "osc+bodycast": Profile(
        "our own: everything that is known, in bundles",
        osc_bodycast.ADDRESSES,
        osc_bodycast.BodycastEncoder,
        {**AXIS_OPTIONS, **osc_bodycast.BODYCAST_OPTIONS},
        gestures=True,
        tell=_bodycast,
    ),
    "osc+osceleton": Profile(
        "OSCeleton's receivers (Processing, Animata, Max)",
        osc_osceleton.ADDRESSES,
        _always(osc_osceleton.encode),
        AXIS_OPTIONS,
    ),
    "osc+osceleton2": Profile(
        "OSCeleton-KinectSDK2's receivers",
        osc_osceleton2.ADDRESSES,
        _always(osc_osceleton2.encode),
        AXIS_OPTIONS,
    ),
    "osc+kinect2share": Profile(
        "kinect2share's receivers (Isadora)",
        osc_kinect2share.ADDRESSES,
        _kinect2share,
        {**AXIS_OPTIONS, **_FORMAT},
    ),
    "osc+vmc": Profile(
        "avatars: VSeeFace, Warudo, VMagicMirror, Unity, Unreal, Blender",
        osc_vmc.ADDRESSES,
        osc_vmc.VmcEncoder,
        AVATAR_OPTIONS,
    ),
    "osc+vrchat": Profile("VRChat's OSC trackers", osc_vrchat.ADDRESSES, osc_vrchat.VRChatEncoder, AVATAR_OPTIONS),
    "osc+wekinator": Profile(
        "Wekinator",
        osc_wekinator.ADDRESSES,
        osc_wekinator.WekinatorEncoder,
        {**AXIS_OPTIONS, **osc_wekinator.WEKINATOR_OPTIONS},
        tell=_wekinator,
    ),
    "osc+template": Profile(
        "your own addresses and fields, as in NI mate",
        osc_template.ADDRESSES,
        osc_template.TemplateEncoder,
        {**AXIS_OPTIONS, **osc_template.TEMPLATE_OPTIONS},
        one_person=osc_template.one_person,
    ),
}
"""Each format by the scheme of its URL."""
