"""Listen to a Kinect that sends KinectV2-OSC, and remember every body with the time at which it arrived."""

from __future__ import annotations

import logging
import re
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from bridge.sources.playback import SourceError
from bridge.teacher.messages import BodyAssembler, read_message
from models.body import BodyFrame
from models.recorded import frame_to_json

DEFAULT_PORT = 12345
LOOPBACK = "127.0.0.1"
LOG_NAME = "teacher.jsonl"
"""The file of a recording that holds what the teacher said: a line for each body, as in ``bodies.jsonl``."""

LARGEST_DATAGRAM = 2048
QUIET = 5.0
"""Seconds without a body after which the user is told."""

_URL = re.compile(r"osc\+kinectv2://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*)(?::(\d{1,5}))?/?")

log = logging.getLogger(__name__)


def parse_teacher(url: str) -> tuple[str, int]:
    """The host and the port to listen at; this machine alone can reach it where the URL has no host.

    >>> parse_teacher("osc+kinectv2://:12345")
    ('127.0.0.1', 12345)

    Raises
    ------
    SourceError
        If the URL is malformed.
    """
    found = _URL.fullmatch(url)
    port = DEFAULT_PORT if found is None or found[2] is None else int(found[2])
    if found is None or port > 65535:
        raise SourceError(
            f"{url}: not the address of a teacher; right is osc+kinectv2://:12345, or osc+kinectv2://0.0.0.0:12345 for "
            "a Kinect at another computer"
        )
    return found[1].strip("[]") or LOOPBACK, port


class Teacher:
    """Receives bodies, in a thread, from when it is made until it is closed.

    Parameters
    ----------
    url : str
        ``osc+kinectv2://HOST:PORT``: where to listen. Port 0 lets the system choose.
    folder : Path, optional
        A recording that will be there: bodies are written into it, too, as soon as it is.
    now : callable
        The clock, the same as the camera's.

    Attributes
    ----------
    url, port
        Where it listens.
    refused : int
        Datagrams that were something else.

    Raises
    ------
    SourceError
        If the URL is malformed or the port is taken.
    """

    def __init__(self, url: str, folder: Path | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self.url = url
        self.refused = 0
        self._folder, self._now = folder, now
        self._file: IO[str] | None = None
        self._written = 0
        self._bodies: list[BodyFrame] = []
        self._assembler = BodyAssembler()
        self._socket = _listening(url)
        self.port = int(self._socket.getsockname()[1])
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="teacher", daemon=True)
        self._thread.start()

    def __enter__(self) -> Teacher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; closing twice is allowed."""
        self._stop.set()
        self._thread.join(timeout=2)
        self._socket.close()
        if self._file is not None:
            self._file.close()

    def bodies(self) -> list[BodyFrame]:
        """Every body so far, each in a frame of its own, whose time is that of its arrival."""
        return list(self._bodies)

    def _listen(self) -> None:
        started, told = self._now(), False
        while not self._stop.is_set():
            try:
                datagram = self._socket.recv(LARGEST_DATAGRAM)
            except TimeoutError:
                datagram = b""
            except OSError as error:  # Windows: larger than we take, or an answer of somebody to whom we never spoke
                self._refuse(error)
                continue
            if datagram:
                self._take(datagram, self._now())
            elif not told and not self._bodies and self._now() - started > QUIET:
                told = True
                log.warning("%s: no body has come yet; %s", self.url, ADVICE)

    def _take(self, datagram: bytes, now: float) -> None:
        try:
            message = read_message(datagram)
        except ValueError as error:
            self._refuse(error)
            return
        if message is not None:
            self._bodies.extend(self._assembler.add(message, now))
            self._write()

    def _refuse(self, why: Exception) -> None:
        self.refused += 1
        if self.refused == 1:
            log.warning("%s: left out something that is not KinectV2-OSC (%s), as will happen to others", self.url, why)

    def _write(self) -> None:
        if self._folder is None or self._written == len(self._bodies):
            return
        try:
            if self._file is None:
                if not (self._folder / "bodies.jsonl").exists():
                    return
                self._file = (self._folder / LOG_NAME).open("x", encoding="utf-8", newline="\n")
            for frame in self._bodies[self._written :]:
                self._file.write(frame_to_json(frame) + "\n")
            self._file.flush()
        except OSError as error:
            log.warning("%s: cannot be written: %s", self._folder / LOG_NAME, error.strerror)
            self._folder = None
        self._written = len(self._bodies)


ADVICE = (
    "the Kinect's computer must send KinectV2-OSC to this one, no firewall in between may stop it, and for another "
    "computer to be heard the teacher's URL needs a host: osc+kinectv2://0.0.0.0:12345"
)


def _listening(url: str) -> socket.socket:
    host, port = parse_teacher(url)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    udp = socket.socket(family, socket.SOCK_DGRAM)
    try:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        udp.bind((host, port))
    except (OSError, UnicodeError) as error:
        udp.close()
        why = getattr(error, "strerror", None) or error
        raise SourceError(f"{url}: cannot listen there: {why}; does another program do so already?") from error
    udp.settimeout(0.2)
    return udp
