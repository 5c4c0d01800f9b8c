"""Where to publish: the URLs and the TOML files that name a format, hosts, a port and options."""

from __future__ import annotations

import re
import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

DEFAULT_PORTS = {
    "osc+kinectv2": 12345,
    "osc+bodycast": 12346,
    "osc+osceleton": 7110,
    "osc+osceleton2": 7110,
    "osc+kinect2share": 1234,
    "osc+vmc": 39539,
    "osc+vrchat": 9000,
    "osc+wekinator": 6448,
    "osc+template": 7000,
    "zmq": 5556,
    "ws": 8765,
}
"""Each format that we publish, and its usual port."""

LISTENING = frozenset({"zmq", "ws"})
"""Formats for which we listen, and receivers connect to us."""

EXAMPLES = "osc+kinectv2://127.0.0.1:12345 or zmq://127.0.0.1:5556"

_URL = re.compile(
    r"(?P<scheme>[^:/]*)://(?P<host>\[[^\]]*\]|[^:/?#@\[\]]*)(?::(?P<port>[^/?#]*))?/?(?:\?(?P<query>[^#]*))?(?P<rest>.*)",
    re.S,
)
_HOST = re.compile(r"\*|[A-Za-z0-9._-]+(?:,[A-Za-z0-9._-]+)*|\[[0-9A-Fa-f:.%a-z]+\]")


class PublisherError(Exception):
    """A target that cannot be published to; the message is one line for the user."""


@dataclass(frozen=True, slots=True)
class Target:
    """A publisher's URL, taken apart.

    Attributes
    ----------
    scheme : str
        A key of `DEFAULT_PORTS`.
    host : str
        A name or an address, for OSC several with commas between them; ``*`` stands for every interface of this
        machine. IPv6 addresses have no brackets here.
    port : int
        0 to 65535; 0 lets the system choose, where we are the one to listen.
    options : tuple of (str, str)
        Names and texts of the options, see `bridge.options`.
    """

    scheme: str
    host: str
    port: int
    options: tuple[tuple[str, str], ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """Each of the hosts."""
        return tuple(self.host.split(","))

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        query = f"?{urlencode(self.options, safe=',/{}')}" if self.options else ""
        return f"{self.scheme}://{host}:{self.port}{query}"


def parse_target(url: str) -> Target:
    """Take a publisher's URL apart.

    >>> parse_target("zmq://127.0.0.1")
    Target(scheme='zmq', host='127.0.0.1', port=5556, options=())

    Raises
    ------
    PublisherError
        If the URL is malformed; it says which part, and shows a URL that is right.
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise _wrong(url, "it is not of the form FORMAT://HOST:PORT")
    scheme, host, port, query, rest = match.group("scheme", "host", "port", "query", "rest")
    if rest:
        raise _wrong(url, f"nothing but options may follow the port, but {rest!r} does")
    try:
        options = parse_qsl(query or "", keep_blank_values=True, strict_parsing=bool(query), max_num_fields=100)
    except ValueError:
        raise _wrong(url, f"the options {query!r} are not of the form ?rate=30&scale=100") from None
    return _target(url, scheme, host, port, options)


def read_targets(path: Path) -> list[Target]:
    """The targets in a TOML file, which has a table ``[[target]]`` for each: publish, hosts, port and options.

    Raises
    ------
    PublisherError
        If the file cannot be read or is wrong; it says where.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("target")
    except OSError as error:
        raise PublisherError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PublisherError(f"{path}: not TOML: {error}") from error
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise PublisherError(f'{path}: needs a table [[target]] with publish = "osc+vmc" or so for each target')
    return [_from_table(f"{path}, target {number}", table) for number, table in enumerate(tables, 1)]


def _from_table(where: str, table: Mapping[str, Any]) -> Target:
    if not isinstance(table.get("publish"), str):
        raise PublisherError(f'{where}: publish is missing; right is publish = "osc+vmc" or another format')
    texts = {name: _text(where, name, value) for name, value in table.items()}
    scheme, port = texts.pop("publish"), texts.pop("port", None)
    host = texts.pop("hosts", None) or texts.pop("host", "127.0.0.1")
    return _target(where, scheme, f"[{host}]" if ":" in host else host, port, list(texts.items()))


def _text(where: str, name: str, value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case str() | int() | float():
            return str(value)
        case list():
            return ",".join(_text(where, name, part) for part in value)
    raise PublisherError(f"{where}: {name} must be a text, a number, yes or no, or a list of them")


def _target(where: str, scheme: str, host: str, port: str | None, options: list[tuple[str, str]]) -> Target:
    if scheme not in DEFAULT_PORTS:
        raise _wrong(where, f"the format {scheme!r} is none of {', '.join(DEFAULT_PORTS)}")
    if not host:
        raise _wrong(where, "the host is missing")
    if not _HOST.fullmatch(host) or (scheme in LISTENING and "," in host) or (scheme not in LISTENING and host == "*"):
        raise _wrong(where, f"{host!r} is not a host")
    names = [name for name, _ in options]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise _wrong(where, f"the option {twice!r} is given twice")
    return Target(scheme, host.strip("[]"), _port(where, scheme, port), tuple(options))


def resolve(target: Target) -> tuple[socket.AddressFamily, str]:
    """The family and the numeric address of the target's host, IPv4 where there is a choice.

    Raises
    ------
    PublisherError
        If the host is not known.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise PublisherError(f"{target}: host {target.host!r} is not known: check its name and the network") from error
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, str(address[0])


def is_loopback(address: str) -> bool:
    """Whether a numeric address is one that only this machine reaches."""
    return address == "::1" or address.startswith("127.")


def _port(where: str, scheme: str, text: str | None) -> int:
    if text is None:
        return DEFAULT_PORTS[scheme]
    lowest = 0 if scheme in LISTENING else 1
    if not re.fullmatch(r"[0-9]{1,5}", text) or not lowest <= int(text) <= 65535:
        raise _wrong(where, f"the port {text!r} is not a number from {lowest} to 65535")
    return int(text)


def _wrong(where: str, why: str) -> PublisherError:
    return PublisherError(f"cannot publish to {where!r}: {why}; right is, for example, {EXAMPLES}")
