"""The game engines' receivers and other programs, running as programs that print what they receive."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bridge.osc import osc_message

ROOT = Path(__file__).parents[2]
UNITY = ROOT / "demos" / "unity"
GODOT_3 = ROOT / "demos" / "godot" / "godot3"
HERE = Path(__file__).parent
PATIENCE = 120.0
"""Seconds that a receiver may take to start, or to print what it received."""


class Engine:
    """A running receiver; its output is a pipe that a thread empties, so that it never waits for us."""

    def __init__(
        self, command: Sequence[str], environment: dict[str, str] | None = None, prefix: str = "listening "
    ) -> None:
        self.lines: list[str] = []
        self._program = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={"BODYCAST_PATIENCE": "2", **os.environ, **(environment or {})},
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        try:
            self.port = int(self.wait_for(prefix).split()[-1])
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self._program.terminate()
        self._program.wait(PATIENCE)
        self._reader.join()
        assert self._program.stdout is not None
        self._program.stdout.close()

    def starting(self, prefix: str) -> list[str]:
        """The lines that begin with ``prefix``."""
        return [line for line in self.lines.copy() if line.startswith(prefix)]

    def wait_for(self, prefix: str, count: int = 1) -> str:
        """Wait for so many lines that begin with ``prefix``; the last of them."""
        deadline = time.monotonic() + PATIENCE
        while len(found := self.starting(prefix)) < count:
            assert time.monotonic() < deadline, f"no {prefix!r} within {PATIENCE} s, but {self.lines[-5:]}"
            assert self._program.poll() is None, f"it ended: {self.lines[-5:]}"
            time.sleep(0.02)
        return found[-1]

    def send(self, *datagrams: bytes) -> None:
        """Send datagrams, slowly enough for anybody's buffer."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number, datagram in enumerate(datagrams):
                sender.sendto(datagram, ("127.0.0.1", self.port))
                if number % 20 == 19:
                    time.sleep(0.002)

    def ask(self, question: str, answers: str, count: int) -> None:
        """Send a message without arguments, and wait for so many lines that begin with ``answers``."""
        self.send(osc_message(question))
        self.wait_for(answers, count)

    def join(self) -> None:
        """Wait until it has ended by itself."""
        assert self._program.wait(PATIENCE) == 0, self.lines[-5:]
        self._reader.join()

    def end(self) -> tuple[int, int, int]:
        """Let it end by itself; messages that it understood, those that it did not, datagrams that it forgot."""
        self.send(osc_message("/done"))
        self.join()
        understood, strange, forgotten = map(int, self.starting("counted ")[-1].split()[1:])
        return understood, strange - self.asked, forgotten

    @property
    def asked(self) -> int:
        """How many of our own questions came, which no profile knows."""
        return len([line for line in self.lines if line in ("/state", "/done")])

    def _read(self) -> None:
        assert self._program.stdout is not None
        for line in self._program.stdout:
            self.lines.append(line.rstrip("\n"))


def required(program: str, package: str) -> str:
    """Where a program is; skips the test where it is missing."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed (Debian: {package})")
    return path


@pytest.fixture(scope="session")
def engine_class() -> type[Engine]:
    """What runs a receiver."""
    return Engine


@pytest.fixture(scope="session", name="required")
def required_fixture() -> Callable[[str, str], str]:
    """Finds a program, see `required`."""
    return required


@pytest.fixture(scope="session", name="free_port")
def free_port_fixture() -> Callable[[], int]:
    """Finds a port, see `free_port`."""
    return free_port


@pytest.fixture(scope="session", name="compiled")
def compiled_fixture() -> Callable[..., Path]:
    """Compiles C#, see `compiled`."""
    return compiled


def compiled(target: Path, *sources: Path, options: Sequence[str] = ()) -> Path:
    """Compile C# as the oldest Unity that we support would; warnings are errors."""
    command = [required("mcs", "mono-mcs"), "-langversion:7.2", "-warn:4", "-warnaserror", *options, f"-out:{target}"]
    done = subprocess.run([*command, *map(str, sources)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


@pytest.fixture(scope="session")
def start_mono(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Engine]:
    """Starts the Unity package's receiver, without the engine, under mono."""
    mono = required("mono", "mono-runtime")
    sources = [*sorted((UNITY / "Runtime" / "Core").glob("*.cs")), HERE / "unity" / "Receive.cs"]
    program = compiled(tmp_path_factory.mktemp("mono") / "receive.exe", *sources)
    return lambda: Engine([mono, str(program)])


@pytest.fixture(scope="session")
def start_godot(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Engine]:
    """Starts the add-on for Godot 3 in a copy of its project, which the engine would else write into."""
    program = required("godot3-server", "godot3-server")
    project = tmp_path_factory.mktemp("godot") / "project"
    shutil.copytree(GODOT_3, project, ignore=shutil.ignore_patterns(".import", "*.import"))

    def start(script: str = "receive.gd") -> Engine:
        settings = {"BODYCAST_PORT": str(free_port()), "BODYCAST_TAP": str(HERE / "godot" / "tap.gd")}
        home = {"HOME": str(project.parent), "LANG": "en_US.UTF-8", "LC_ALL": "en_US.UTF-8"}
        return Engine([program, "--path", str(project), "-s", str(HERE / "godot" / script)], {**settings, **home})

    return start


def free_port() -> int:
    """A UDP port that nobody has on this machine, now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as finder:
        finder.bind(("127.0.0.1", 0))
        return int(finder.getsockname()[1])
