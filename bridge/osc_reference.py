"""The reference of all OSC addresses, arguments and options, as Markdown, from what the encoders say of themselves."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.options import Option
from bridge.osc_profiles import PROFILES, Profile
from bridge.targets import DEFAULT_PORTS
from bridge.websocket_publisher import WS_OPTIONS
from bridge.zmq_publisher import ZMQ_OPTIONS

HEAD = """\
# OSC and the other wires: every address, argument and option

This page is made by `bodycast profiles --markdown`; a test checks that it is up to date.

A target is `osc+PROFILE://HOST:PORT?OPTION=VALUE&OPTION=VALUE`. The port may be left out. HOST may be several, with
commas between them. The same in a file, `--publish targets.toml`:

    [[target]]
    publish = "osc+vmc"
    hosts = ["127.0.0.1", "192.168.1.20"]
    port = 39539
    rate = 30
    flip = "x"

Argument types are `i` int32, `f` float32, `s` string, and `d` float64 in the one profile whose receivers want it.
Datagrams have at most 1200 bytes. Every target has one socket for as long as the bridge runs. Nothing is queued:
what cannot be sent at once is left out. The gestures of a frame follow its bodies. Somebody has left when there was
no body for half a second.

**Axes.** If nothing else is said, positions are in the Kinect v2's camera space: metres, origin at the camera, X to
the camera's left, Y up, Z away from the camera; left and right are the person's own, and whoever faces the camera
has the right hand at the larger X. `axes`, `flip`, `scale` and `move` change them, in this order. Quaternions are x
y z w, with the bone along Y.

**Gestures.** Where the option `gestures` is on, the two addresses of `osc+kinectv2` for them are sent with every
profile; `osc+bodycast` has its own.
"""


def reference() -> str:
    """The whole page."""
    parts = [HEAD]
    for scheme, profile in PROFILES.items():
        parts.append("\n".join(_section(scheme, profile)))
    parts.append("\n".join(_listening("zmq", "ZeroMQ, listening; topics and payloads are in the README", ZMQ_OPTIONS)))
    parts.append("\n".join(_listening("ws", "WebSocket, listening; see [websocket.md](websocket.md)", WS_OPTIONS)))
    return "\n".join(parts)


def overview() -> str:
    """A line for each profile and each of its own options, for the terminal."""
    lines = []
    for scheme, profile in PROFILES.items():
        lines.append(f"{scheme}  port {DEFAULT_PORTS[scheme]}  {profile.about}")
        lines += [f"    {name:<9} {option.meaning}" for name, option in profile.all_options.items()]
    for scheme, options in (("zmq", ZMQ_OPTIONS), ("ws", WS_OPTIONS)):
        lines.append(f"{scheme}  port {DEFAULT_PORTS[scheme]}")
        lines += [f"    {name:<9} {option.meaning}" for name, option in options.items()]
    return "\n".join(lines)


def _section(scheme: str, profile: Profile) -> Iterator[str]:
    yield f"## {scheme}\n"
    yield f"For {profile.about}. Default port {DEFAULT_PORTS[scheme]}.\n"
    yield "| address | types | arguments | units and values |"
    yield "|---|---|---|---|"
    for address in profile.addresses:
        types = f"`{address.types}`" if address.types else ""
        yield f"| `{address.pattern}` | {types} | {address.arguments} | {address.meaning} |"
    yield ""
    yield from _options(profile.all_options)


def _listening(scheme: str, about: str, options: dict[str, Option]) -> Iterator[str]:
    yield f"## {scheme}\n"
    yield f"{about}. Default port {DEFAULT_PORTS[scheme]}.\n"
    yield from _options(options)


def _options(options: dict[str, Option]) -> Iterator[str]:
    yield "| option | default | meaning |"
    yield "|---|---|---|"
    for name, option in options.items():
        yield f"| `{name}` | {_default(option.default)} | {option.meaning} |"
    yield ""


def _default(value: object) -> str:
    match value:
        case None | "" | ():
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case tuple():
            names = [
                getattr(part, "kinect_name", None) or (f"{part:g}" if isinstance(part, float) else part)
                for part in value
            ]
            return "all" if len(names) == 25 else ",".join(map(str, names))
    return str(value)
