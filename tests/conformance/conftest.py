"""Receivers that nobody here wrote, running as programs that print what they receive.

Debian has ``liblo-tools``, ``puredata-core`` and ``supercollider-language``; npm has ``osc`` and ``node-osc`` (``npm
install`` in this folder, or a folder in NODE_PATH); PyPI has ``vmcp[osc4py3]``. One that is not there is skipped.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
from pythonosc.osc_message import OscMessage

from bridge.osc import osc_message

HERE = Path(__file__).parent
PATIENCE = 120.0
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

    Attributes
    ----------
    port : int
    write : callable
        What it writes about a message, as far as it can be told.
    """

    def __init__(
        self,
        program: subprocess.Popen[str],
        port: int,
        read_line: Callable[[str], str | None],
        write: Callable[[OscMessage], str],
    ) -> None:
        self.port, self.write = port, write
        self._program = program
        self._read_line = read_line
        self._lines: list[str] = []
        self._starts = 0
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def messages(self) -> list[str]:
        """What it has received."""
        lines = map(self._read_line, self._lines.copy())
        return [line for line in lines if line is not None]

    def start(self) -> None:
        """Wait until it receives, and forget what it has received so far."""
        self._starts += 1
        self._wait_for(f"/ready{self._starts}")
        self._lines.clear()

    def received(self) -> list[str]:
        """What it has received since `start`, when it has taken everything."""
        self._wait_for(f"/done{self._starts}")
        return [message for message in self.messages() if not message.startswith(("/ready", "/done"))]

    def tell(self, address: str) -> None:
        """Send one message with the number 1."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(osc_message(address, 1), ("127.0.0.1", self.port))

    def lost(self) -> int:
        """Datagrams that the system dropped, for the program was too late; 0 where that cannot be told."""
        return sum(int(row[-1]) for row in self._rows())

    def wait_until_taken(self) -> None:
        """Wait until the program has taken all that the system has for it, where that can be told."""
        deadline = time.monotonic() + PATIENCE
        while any(int(row[4].partition(":")[2], 16) for row in self._rows()):
            assert time.monotonic() < deadline, f"nothing was taken within {PATIENCE} s"
            time.sleep(0.002)

    def join(self) -> int:
        """Wait until the program has ended; its exit status."""
        self._reader.join()
        return self._program.wait(PATIENCE)

    def _rows(self) -> list[list[str]]:
        """What Linux tells of the program's socket; tx_queue:rx_queue is the fifth word, the drops are the last."""
        tables = [path for path in map(Path, ("/proc/net/udp", "/proc/net/udp6")) if path.exists()]
        rows = [row.split() for path in tables for row in path.read_text(encoding="ascii").splitlines()[1:]]
        return [row for row in rows if row[1].endswith(f":{self.port:04X}")]

    def _wait_for(self, address: str) -> None:
        """Send a message to ``address`` until it has been received."""
        deadline = time.monotonic() + PATIENCE
        self.tell(address)
        while not any(message.startswith(address) for message in self.messages()):
            assert time.monotonic() < deadline, f"no {address} within {PATIENCE} s, but {self._lines[-5:]}"
            time.sleep(0.05)
            self.tell(address)

    def _read(self) -> None:
        assert self._program.stdout is not None
        for line in self._program.stdout:
            self._lines.append(line)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as finder:
        finder.bind(("127.0.0.1", 0))
        return int(finder.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str],
    port: int,
    read_line: Callable[[str], str | None],
    write: Callable[[OscMessage], str],
    environment: dict[str, str] | None = None,
) -> Iterator[Receiver]:
    """A receiver that is ended if it does not end by itself."""
    program = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        env={**os.environ, **(environment or {})},
    )
    with program:
        receiver = Receiver(program, port, read_line, write)
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


def with_numbers(message: OscMessage, number: Callable[[float], str], split_address: bool = False) -> str:
    """Address and arguments, separated by spaces; ``number`` writes a float that may have 32 bits only."""
    texts = [a if isinstance(a, str) else str(a) if isinstance(a, int) else number(float(a)) for a in message.params]
    address = f"/{message.address[1:].replace('/', ' ')}" if split_address else message.address
    return " ".join([address, *texts])


def oscdump_line(line: str) -> str | None:
    """``e83f0ab1.50972042 /address types arguments``, strings in quotes."""
    _, _, message = line.partition(" ")
    address, _, rest = message.partition(" ")
    _, _, arguments = rest.partition(" ")
    return f"{address} {arguments}".strip().replace('"', "")


@contextmanager
def oscdump() -> Iterator[Receiver]:
    port = free_port()
    command = [required("oscdump", "liblo-tools"), "-L", str(port)]

    def write(message: OscMessage) -> str:
        return with_numbers(message, "{:f}".format).replace('"', "")

    with running(command, port, oscdump_line, write) as receiver:
        yield receiver


def pure_data_line(line: str) -> str | None:
    """``osc: part of address part of address arguments``; where the address ends cannot be seen."""
    return "/" + line.removeprefix("osc: ").strip().replace("\\", "") if line.startswith("osc: ") else None


@contextmanager
def pure_data() -> Iterator[Receiver]:
    port = free_port()
    patch = HERE / f".receive-{port}.pd"
    patch.write_text(PATCH.format(port=port))
    command = [required("pd", "puredata-core"), "-nogui", "-noaudio", "-noprefs", "-stderr", str(patch)]

    def write(message: OscMessage) -> str:
        return with_numbers(message, lambda value: f"{value + 0.0:g}", split_address=True).replace("\\", "")

    try:
        with running(command, port, pure_data_line, write) as receiver:
            yield receiver
            receiver.tell("/quit")
            assert receiver.join() == 0
    finally:
        patch.unlink()


def exact(message: OscMessage) -> str:
    return with_numbers(message, repr)


def as_javascript(argument: float | str) -> str:
    """An argument after JSON, which has neither whole floats nor a negative zero."""
    return argument if isinstance(argument, str) else repr(float(argument) + 0.0)


def json_line(line: str) -> str | None:
    """``["/address", [arguments]]``."""
    if not line.startswith("["):
        return None
    address, arguments = json.loads(line)
    return " ".join([address, *map(as_javascript, arguments)])


@contextmanager
def node(package: str, script: str) -> Iterator[Receiver]:
    command = [required("node", "nodejs"), "-e", f"require('{package}')"]
    if subprocess.run(command, cwd=HERE, capture_output=True).returncode:
        pytest.skip(f"npm's {package} is not installed (npm install in tests/conformance, or NODE_PATH)")
    port = free_port()

    def write(message: OscMessage) -> str:
        return " ".join([message.address, *map(as_javascript, message.params)])

    with running([command[0], str(HERE / script), str(port)], port, json_line, write) as receiver:
        yield receiver


def osc_js() -> AbstractContextManager[Receiver]:
    return node("osc", "receive_osc.js")


def node_osc() -> AbstractContextManager[Receiver]:
    return node("node-osc", "receive_node_osc.js")


def rounded(text: str) -> str:
    """A number as far as 32 bits tell it."""
    return format(float(np.float32(text)), ".6g")


def sclang_line(line: str) -> str | None:
    """``osc``, address and arguments, separated by tabs."""
    if not line.startswith("osc\t"):
        return None
    _, address, *arguments = line.rstrip("\n").split("\t")
    return " ".join([address, *(rounded(a) if is_number(a) else a for a in arguments)])


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@contextmanager
def sclang() -> Iterator[Receiver]:
    program, port = required("sclang", "supercollider-language"), free_port()
    command = [program, "-u", str(free_port()), str(HERE / "receive.scd"), str(port)]
    environment = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1"}

    def write(message: OscMessage) -> str:
        texts = [rounded(str(a)) if is_number(str(a)) else a for a in message.params]
        return " ".join([message.address, *texts])

    with running(command, port, sclang_line, write, environment) as receiver:
        yield receiver


@contextmanager
def vmcp() -> Iterator[Receiver]:
    if not all(importlib.util.find_spec(name) for name in ("vmcp", "osc4py3")):
        pytest.skip('vmcp is not installed (pip install "vmcp[osc4py3]")')
    port = free_port()
    with running([sys.executable, str(HERE / "receive_vmc.py"), str(port)], port, str, exact) as receiver:
        yield receiver


RECEIVERS: dict[str, Callable[[], AbstractContextManager[Receiver]]] = {
    "oscdump": oscdump,
    "pure_data": pure_data,
    "osc.js": osc_js,
    "node-osc": node_osc,
    "sclang": sclang,
}


@pytest.fixture(scope="module", autouse=True)
def foreground() -> Iterator[None]:
    """Run what follows, threads and programs too, before what else this system does, where we may ask for that."""
    with suppress(AttributeError, OSError):
        before = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, 0, -15)
        yield
        os.setpriority(os.PRIO_PROCESS, 0, before)
        return
    yield


@pytest.fixture(scope="module")
def receivers() -> Iterator[dict[str, Receiver | str]]:
    """All receivers of OSC, running at once; of those that are not there, the reason."""
    found: dict[str, Receiver | str] = {}
    with ExitStack() as stack:
        for name, make in RECEIVERS.items():
            try:
                found[name] = stack.enter_context(make())
            except pytest.skip.Exception as reason:
                found[name] = str(reason)
        yield found


@pytest.fixture
def vmc_receiver() -> Iterator[Receiver]:
    """vmcp, which speaks the Virtual Motion Capture protocol."""
    with vmcp() as ready:
        deadline = time.monotonic() + PATIENCE
        while not any("ready" in line for line in ready.messages()):
            assert time.monotonic() < deadline, ready.messages()
            time.sleep(0.05)
        yield ready
