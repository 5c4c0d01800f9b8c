"""Where to publish: the URLs that name a format, a host and a port."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass

DEFAULT_PORTS = {"osc+kinectv2": 12345, "zmq": 5556}
"""Each format that we publish, and its usual port."""

EXAMPLES = "osc+kinectv2://127.0.0.1:12345 or zmq://127.0.0.1:5556"

_URL = re.compile(r"(?P<scheme>[^:/]*)://(?P<host>\[[^\]]*\]|[^:/?#@\[\]]*)(?::(?P<port>[^/?#]*))?(?P<rest>.*)", re.S)
_HOST = re.compile(r"\*|[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.%a-z]+\]")


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
        A name or an address; ``*`` stands for every interface of this machine. IPv6 addresses have no brackets here.
    port : int
        0 to 65535; 0 lets the system choose, where we are the one to listen.
    """

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def parse_target(url: str) -> Target:
    """Take a publisher's URL apart.

    >>> parse_target("zmq://127.0.0.1")
    Target(scheme='zmq', host='127.0.0.1', port=5556)

    Raises
    ------
    PublisherError
        If the URL is malformed; it says which part, and shows a URL that is right.
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise _wrong(url, "it is not of the form FORMAT://HOST:PORT")
    scheme, host, port, rest = match.group("scheme", "host", "port", "rest")
    if scheme not in DEFAULT_PORTS:
        raise _wrong(url, f"the format {scheme!r} is none of {', '.join(DEFAULT_PORTS)}")
    if not host:
        raise _wrong(url, "the host is missing")
    if rest not in ("", "/"):
        raise _wrong(url, f"nothing may follow the port, but {rest!r} does")
    if not _HOST.fullmatch(host) or (host == "*" and scheme != "zmq"):
        raise _wrong(url, f"{host!r} is not a host")
    return Target(scheme, host.strip("[]"), _port(url, scheme, port))


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


def _port(url: str, scheme: str, text: str | None) -> int:
    if text is None:
        return DEFAULT_PORTS[scheme]
    lowest = 0 if scheme == "zmq" else 1
    if not re.fullmatch(r"[0-9]{1,5}", text) or not lowest <= int(text) <= 65535:
        raise _wrong(url, f"the port {text!r} is not a number from {lowest} to 65535")
    return int(text)


def _wrong(url: str, why: str) -> PublisherError:
    return PublisherError(f"cannot publish to {url!r}: {why}; right is, for example, {EXAMPLES}")
