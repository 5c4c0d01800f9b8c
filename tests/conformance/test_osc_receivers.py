"""Receivers that nobody here wrote take every message of a second with six bodies: oscdump and Pure Data.

Debian has them as ``liblo-tools`` and ``puredata-core``.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from pythonosc.osc_message import OscMessage

from bridge.osc import osc_message
from bridge.osc_kinectv2 import frame_messages
from bridge.pacing import paced
from bridge.publishers import open_publisher
from gestures.raised_hands import RaisedHands
from models.body import BodyFrame

RATE, PEOPLE, MESSAGES = 30, 6, 27
PATIENCE = 20.0
"""Seconds that a receiver may take to start, or to write down what it received."""

PATCH = r"""#N canvas 0 0 450 300 12;
#X obj 10 10 netreceive -u -b {port};
#X obj 10 40 oscparse;
#X obj 10 70 list trim;
#X obj 10 100 route quit;
#X msg 10 130 \; pd quit;
#X obj 80 130 print osc;
#X connect 0 0 1 0;
#X connect 1 0 2 0;
#X connect 2 0 3 0;
#X connect 3 0 4 0;
#X connect 3 1 5 0;
"""


class Receiver:
    """A running program that writes what it receives, one message a line.

    Its output is a pipe, emptied by a thread: a file would let it wait for the disk, and lose messages meanwhile.
    """

    def __init__(self, program: subprocess.Popen[str], port: int, read_line: Callable[[str], str | None]) -> None:
        self._program = program
        self._port = port
        self._read_line = read_line
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def url(self) -> str:
        return f"osc+kinectv2://127.0.0.1:{self._port}"

    def messages(self) -> list[str]:
        """What it has received: address, then arguments, separated by spaces."""
        lines = map(self._read_line, self._lines.copy())
        return [line for line in lines if line is not None]

    def wait_for(self, address: str, again: bool = False) -> None:
        """Send a message to ``address`` until it has been received; only once, unless ``again``."""
        deadline = time.monotonic() + PATIENCE
        self.tell(address)
        while not any(message.startswith(address) for message in self.messages()):
            assert time.monotonic() < deadline, f"no {address} within {PATIENCE} s, but {self._lines[-5:]}"
            time.sleep(0.05)
            if again:
                self.tell(address)

    def tell(self, address: str) -> None:
        """Send one message with the number 1."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(osc_message(address, 1), ("127.0.0.1", self._port))

    def join(self) -> int:
        """Wait until the program has ended; its exit status."""
        self._reader.join()
        return self._program.wait(PATIENCE)

    def _read(self) -> None:
        assert self._program.stdout is not None
        for line in self._program.stdout:
            self._lines.append(line)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as finder:
        finder.bind(("127.0.0.1", 0))
        return int(finder.getsockname()[1])


@contextmanager
def running(command: Sequence[str], port: int, read_line: Callable[[str], str | None]) -> Iterator[Receiver]:
    """A receiver that is ended if it does not end by itself."""
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    with program:
        receiver = Receiver(program, port, read_line)
        try:
            yield receiver
        finally:
            program.terminate()
            receiver.join()


def required(program: str, package: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed (Debian: {package})")
    return path


def oscdump_line(line: str) -> str | None:
    """``e83f0ab1.50972042 /address types arguments``, strings in quotes."""
    _, _, message = line.partition(" ")
    address, _, rest = message.partition(" ")
    _, _, arguments = rest.partition(" ")
    return f"{address} {arguments}".strip().replace('"', "")


def pure_data_line(line: str) -> str | None:
    """``osc: part of address part of address arguments``; where the address ends cannot be seen."""
    return "/" + line.removeprefix("osc: ").strip() if line.startswith("osc: ") else None


@pytest.fixture
def oscdump() -> Iterator[Receiver]:
    port = free_port()
    with running([required("oscdump", "liblo-tools"), "-L", str(port)], port, oscdump_line) as receiver:
        yield receiver


@pytest.fixture
def pure_data(tmp_path: Path) -> Iterator[Receiver]:
    port, patch = free_port(), tmp_path / "receive.pd"
    patch.write_text(PATCH.format(port=port))
    command = [required("pd", "puredata-core"), "-nogui", "-noaudio", "-noprefs", "-stderr", str(patch)]
    with running(command, port, pure_data_line) as receiver:
        yield receiver
        receiver.tell("/quit")
        assert receiver.join() == 0


def one_second(random_frame: Callable[..., BodyFrame]) -> list[BodyFrame]:
    """Six bodies that keep their ids, moving at random for a second."""
    first = random_frame(0, PEOPLE)
    ids = [body.tracking_id for body in first.bodies]
    frames = [random_frame(n, PEOPLE, time=n / RATE, sequence=n) for n in range(RATE)]
    for frame in frames:
        for body, tracking_id in zip(frame.bodies, ids, strict=True):
            object.__setattr__(body, "tracking_id", tracking_id)
    return frames


def send_one_second(url: str, frames: list[BodyFrame]) -> list[OscMessage]:
    """Publish ``frames`` at their pace, with gestures; returns what was published, read back by python-osc."""
    hands, published = RaisedHands(), []
    publisher = open_publisher(url)
    for frame in paced(frames):
        events = hands.update(frame)
        publisher.send(frame, events)
        published += frame_messages(frame, events)
    publisher.close()
    return [OscMessage(datagram) for datagram in published]


def bodies_only(messages: list[str]) -> list[str]:
    return [message for message in messages if "joints" in message or "hands" in message]


def arguments(message: OscMessage, number: str) -> str:
    return " ".join(a if isinstance(a, str) else format(float(np.float32(a)), number) for a in message.params)


def test_oscdump_receives_every_message_of_a_second(oscdump: Receiver, random_frame) -> None:
    oscdump.wait_for("/ready", again=True)
    sent = send_one_second(oscdump.url, one_second(random_frame))
    oscdump.wait_for("/done")
    received = [m for m in oscdump.messages() if not m.startswith(("/ready", "/done"))]
    expected = [f"{message.address} {arguments(message, 'f')}" for message in sent]
    assert len(bodies_only(received)) == RATE * PEOPLE * MESSAGES
    assert received == expected


def test_pure_data_receives_every_message_of_a_second(pure_data: Receiver, random_frame) -> None:
    pure_data.wait_for("/ready", again=True)
    sent = send_one_second(pure_data.url, one_second(random_frame))
    pure_data.wait_for("/done")
    received = [m for m in pure_data.messages() if not m.startswith(("/ready", "/done"))]
    expected = [f"/{message.address[1:].replace('/', ' ')} {arguments(message, 'g')}" for message in sent]
    assert len(bodies_only(received)) == RATE * PEOPLE * MESSAGES
    assert received == expected
