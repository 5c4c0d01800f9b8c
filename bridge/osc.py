"""Open Sound Control 1.0: messages as bytes, and the socket that sends them.

Only the argument types int32, float32 and string are used, for common receivers drop or choke on others.
Source: https://opensoundcontrol.stanford.edu/spec-1_0.html
"""

from __future__ import annotations

import logging
import socket
import struct
from collections.abc import Iterable
from dataclasses import replace

from bridge.targets import PublisherError, Target, resolve

_log = logging.getLogger(__name__)


def osc_string(text: str) -> bytes:
    """``text`` in UTF-8, ended by a zero byte and padded with more to a multiple of four bytes.

    >>> osc_string(",ss")
    b',ss\\x00'
    """
    data = text.encode()
    return data + bytes(4 - len(data) % 4)


def osc_message(address: str, *arguments: int | float | str) -> bytes:
    """One OSC message; an int is sent as ``i``, a float as ``f``, a string as ``s``.

    >>> osc_message("/new_user", 1)
    b'/new_user\\x00\\x00\\x00,i\\x00\\x00\\x00\\x00\\x00\\x01'
    """
    encoded = [osc_argument(argument) for argument in arguments]
    tags = "".join(tag for tag, _ in encoded)
    return osc_string(address) + osc_string(f",{tags}") + b"".join(data for _, data in encoded)


def osc_argument(argument: int | float | str) -> tuple[str, bytes]:
    """The type tag and the bytes of one argument."""
    if isinstance(argument, str):
        return "s", osc_string(argument)
    if isinstance(argument, int):
        return "i", struct.pack(">i", argument)
    return "f", struct.pack(">f", argument)


class UdpSender:
    """One UDP socket to one target, kept for as long as we send, since some receivers follow the newest source port.

    Sending never waits and never raises: what cannot be sent now is dropped and counted, for the next frame is newer.

    Parameters
    ----------
    target : Target
    host : str, optional
        Which of the target's hosts; without it, its only one.

    Attributes
    ----------
    sent, dropped : int
        Datagrams handed to the system, and those that it did not take.
    refused : int
        How often the system said that nobody listens there. Only some systems tell, and mostly for this machine.

    Raises
    ------
    PublisherError
        If the host is not known or cannot be reached from here.
    """

    def __init__(self, target: Target, host: str | None = None) -> None:
        self.sent = self.dropped = self.refused = 0
        self._target = replace(target, host=host or target.host, options=())
        family, host = resolve(self._target)
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # nobody reads what floods us back
            self._socket.setblocking(False)
            self._socket.connect((host, target.port))
        except OSError as error:
            self._socket.close()
            raise PublisherError(f"{target}: cannot be reached from this machine: {error.strerror}") from error

    @property
    def source(self) -> tuple[str, int]:
        """The address and the port that we send from."""
        name = self._socket.getsockname()
        return str(name[0]), int(name[1])

    def send(self, datagrams: Iterable[bytes]) -> None:
        """Send each of ``datagrams``."""
        for datagram in datagrams:
            try:
                self._send(datagram)
                self.sent += 1
            except OSError as error:
                self.dropped += 1
                if self.dropped == 1:
                    _log.warning("%s: dropped a message, as will happen to others: %s", self._target, error)

    def close(self) -> None:
        """Close the socket; closing twice is allowed."""
        self._socket.close()

    def _send(self, datagram: bytes) -> None:
        try:
            self._socket.send(datagram)
        except (ConnectionRefusedError, ConnectionResetError):
            # This tells of an earlier datagram, and this one was not sent: somebody may be listening by now.
            self.refused += 1
            if self.refused == 1:
                _log.warning("%s: nobody listens there yet; sending goes on", self._target)
            self._socket.send(datagram)
