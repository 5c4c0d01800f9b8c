"""Publishing as a user asks for it on the command line: several formats at once, from URLs and a file."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from bridge.cli import loop, main
from bridge.osc_profiles import PROFILES
from bridge.osc_reference import reference
from bridge.recording import Recorder
from bridge.wire_benchmark import crowd
from gestures.event import GestureEvent
from models.body import BodyFrame
from tests.bridge.osc_reading import taken

COMMAND = [sys.executable, "-m", "bridge.cli"]
ROOT = Path(__file__).parents[2]


def bodycast(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=ROOT)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Half a second of two people."""
    with closing(Recorder(tmp_path / "dance")) as recorder:
        for frame in crowd(15, 2):
            recorder.send(frame)
    return tmp_path / "dance"


def bound(stack: ExitStack) -> socket.socket:
    udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    udp.bind(("127.0.0.1", 0))
    udp.setblocking(False)
    return udp


def test_bodies_are_sent_before_gestures_are_looked_for(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ExitStack() as stack:
        udp = bound(stack)
        sent: list[int] = []

        class Late:
            """Sees what has arrived by the time it is asked."""

            names = ("wave",)

            def update(self, frame: BodyFrame) -> list[GestureEvent]:
                sent.append(len(taken(udp)))
                return [GestureEvent("wave", body.tracking_id, frame.time, "detected") for body in frame.bodies]

        monkeypatch.setattr(loop, "chosen_recogniser", lambda args: Late())
        publish = f"osc+kinectv2://127.0.0.1:{udp.getsockname()[1]}"
        assert main(["run", str(recording), "--fast", "--frames", "2", "--publish", publish]) == 0
        gestures = 2 * 2  # of two people, told by id and by name
        assert sent == [2 * 27, gestures + 2 * 27]
        assert len(taken(udp)) == gestures


def test_all_formats_at_once_from_a_file(recording: Path, tmp_path: Path) -> None:
    with ExitStack() as stack:
        receivers = {scheme: bound(stack) for scheme in PROFILES}
        tables = [f'[[target]]\npublish = "{s}"\nport = {udp.getsockname()[1]}\n' for s, udp in receivers.items()]
        path = tmp_path / "targets.toml"
        path.write_text("\n".join(tables), encoding="utf-8")
        done = bodycast(
            "run",
            recording,
            "--fast",
            "--publish",
            path,
            "--publish",
            "zmq://127.0.0.1:0",
            "--publish",
            "ws://127.0.0.1:0",
        )
        assert done.returncode == 0, done.stderr
        counts = {scheme: len(taken(udp)) for scheme, udp in receivers.items()}
    frames, people = 15, 2
    assert counts["osc+kinectv2"] >= frames * people * 27
    assert counts["osc+osceleton2"] == frames * people * 22
    assert counts["osc+kinect2share"] == frames * people * 25
    assert counts["osc+osceleton"] == frames * people + 2 * people
    assert counts["osc+vmc"] == frames * 2
    assert counts["osc+vrchat"] == frames * 18
    assert counts["osc+wekinator"] == frames
    assert counts["osc+template"] == frames * 25
    assert counts["osc+bodycast"] >= frames * people * 2


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("osc+vmc://127.0.0.1?flip=z", "x, which mirrors the person"),
        ("osc+kinectv2://127.0.0.1?speed=1", "there is no option 'speed'"),
        ("zmq://*:0", "--insecure"),
        ("ws://*:0", "--insecure"),
        ("zmq://127.0.0.1:0?key=nothing", "no key file there"),
        ("nothing.toml", "No such file"),
    ],
)
def test_what_is_wrong_is_told_on_one_line(recording: Path, url: str, complaint: str) -> None:
    done = bodycast("run", recording, "--publish", url)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert complaint in done.stderr


def test_insecure_opens_the_doors(recording: Path) -> None:
    done = bodycast("run", recording, "--fast", "--insecure", "--publish", "zmq://*:0", "--publish", "ws://*:0")
    assert done.returncode == 0, done.stderr


def test_the_formats_are_listed() -> None:
    done = bodycast("profiles")
    assert done.returncode == 0
    assert all(scheme in done.stdout for scheme in (*PROFILES, "zmq", "ws"))
    assert bodycast("profiles", "--markdown").stdout == reference() + "\n"


def test_what_each_format_costs_is_measured() -> None:
    done = bodycast("bench", "wire", "--json")
    assert done.returncode == 0, done.stderr
    times = json.loads(done.stdout.splitlines()[-1])
    assert {*PROFILES, "zmq", "ws?format=json"} <= times.keys()
    assert all(0 < microseconds < 1e6 for microseconds in times.values())
