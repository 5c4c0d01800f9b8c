"""The command line as a user meets it: what it does, and what it says when something is wrong."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.cli.loop import limited
from bridge.recording import Recorder, read_recording
from bridge.sources.clips import read_image
from models.body import BodyFrame, Frame

COMMAND = [sys.executable, "-m", "bridge.cli"]
ENVIRONMENT = {**os.environ, "SDL_VIDEODRIVER": "dummy", "PYTHONWARNINGS": "error"}


def bodycast(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=cwd, env=ENVIRONMENT)


@pytest.fixture
def recording(tmp_path: Path, random_frame: Callable[..., BodyFrame]) -> Path:
    """Three seconds of two people."""
    with closing(Recorder(tmp_path / "dance")) as recorder:
        for number in range(90):
            recorder.send(random_frame(seed=number, people=2, time=number / 30, sequence=number))
    return tmp_path / "dance"


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as udp:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(60)
        yield udp


def url_of(receiver: socket.socket) -> str:
    return f"osc+kinectv2://127.0.0.1:{receiver.getsockname()[1]}"


def assert_one_line(done: subprocess.CompletedProcess[str], text: str, status: int = 1) -> None:
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert text in done.stderr


@pytest.mark.parametrize("command", [[], ["run"], ["record"], ["doctor"]])
def test_every_command_helps_with_examples(command: list[str]) -> None:
    done = bodycast(*command, "--help")
    assert done.returncode == 0
    assert "examples:" in done.stdout
    assert f"bodycast {' '.join(command)}" in done.stdout.partition("examples:")[2]


def test_the_version_is_told() -> None:
    assert bodycast("--version").stdout.startswith("bodycast 0.")


def test_a_recording_is_replayed_at_once_when_it_is_fast(recording: Path, receiver: socket.socket) -> None:
    done = bodycast("run", recording, "--fast", "--frames", 3, "--publish", url_of(receiver))
    assert done.returncode == 0, done.stderr
    messages = [receiver.recv(2048) for _ in range(3 * 2 * 27)]
    assert all(message.startswith(b"/bodies/") for message in messages)
    assert "3 frames" in done.stderr.splitlines()[-1]


def test_a_replay_has_the_pace_of_the_recording(recording: Path, receiver: socket.socket, tmp_path: Path) -> None:
    stats = tmp_path / "stats.json"
    done = bodycast("run", recording, "--seconds", 1, "--publish", url_of(receiver), "--stats", stats)
    assert done.returncode == 0, done.stderr
    told = json.loads(stats.read_text())
    assert told["frames"] == told["frames_with_body"] == 30
    assert 0.9 < told["seconds"] < 20  # as exact as the machine is idle; test_pacing.py is exact
    assert told["stages"]["publish"]["count"] == 30


def test_a_replay_can_be_recorded_again(recording: Path, tmp_path: Path) -> None:
    done = bodycast("record", recording, tmp_path / "copy", "--fast")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "copy" / "bodies.jsonl").read_bytes() == (recording / "bodies.jsonl").read_bytes()


def test_a_recording_that_was_cut_off_is_replayed_up_to_its_last_whole_line(recording: Path, tmp_path: Path) -> None:
    bodies = recording / "bodies.jsonl"
    bodies.write_bytes(bodies.read_bytes()[:-100])
    done = bodycast("record", recording, tmp_path / "copy", "--fast")
    assert done.returncode == 0
    assert "bodies.jsonl:90: cut off" in done.stderr
    assert len(list(read_recording(tmp_path / "copy"))) == 89


def test_a_preview_and_a_snapshot_are_drawn(recording: Path, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    options = ("--fast", "--frames", 3, "--publish", "zmq://127.0.0.1:0", "--preview", "--mirror")
    done = bodycast("run", recording, *options, "--snapshot", picture)
    assert done.returncode == 0, done.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_pictures_of_a_recording_are_shown_with_its_bodies(tmp_path: Path) -> None:
    with closing(Recorder(tmp_path / "dance", color=True)) as recorder:
        for number in range(10):
            image = np.full((120, 160, 3), 20 * number, np.uint8)
            recorder.add_image(Frame(image, number / 30, number))
            recorder.send(BodyFrame(number / 30, number, (), (160, 120)))
    snapshot = tmp_path / "picture.png"
    to = ("--publish", "zmq://127.0.0.1:0")
    done = bodycast("run", tmp_path / "dance", "--fast", "--frames", 6, "--snapshot", snapshot, *to)
    assert done.returncode == 0, done.stderr
    image = read_image(snapshot)
    assert image is not None
    assert image.mean() == pytest.approx(100, abs=6)


def test_wrong_input_is_told_on_one_line(tmp_path: Path, recording: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "empty").mkdir()
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "meta.json").write_text('{"a": 1}')
    (tmp_path / "foreign" / "bodies.jsonl").write_text("{}\n")
    to = ("--publish", "zmq://127.0.0.1:0")
    for arguments, text in [
        (("nowhere.mp4",), "nowhere.mp4: no such file"),
        (("text.mp4",), "text.mp4: not a video"),
        (("empty",), "empty: a folder without images"),
        (("camera:97",), "camera:97: there is no such camera"),
        (("foreign",), "meta.json: not the description of a recording"),
        (("actor:9",), "actor:9: the number of actors"),
        ((recording, "--publish", "osc+kinectv2:/127.0.0.1"), "cannot publish to 'osc+kinectv2:/127.0.0.1'"),
        ((recording, "--publish", "midi://127.0.0.1"), "cannot publish to 'midi://127.0.0.1'"),
        ((recording, "--stats", "nowhere/stats.json"), "stats.json: there is no folder"),
        ((recording, "--record", "dance"), "dance: exists and is not empty"),
    ]:
        assert_one_line(bodycast("run", *arguments, *to, cwd=tmp_path), text)


def test_a_broken_line_in_a_recording_ends_the_run_with_its_place(recording: Path) -> None:
    bodies = recording / "bodies.jsonl"
    lines = bodies.read_bytes().splitlines(keepends=True)
    lines[4] = b'{"time": "noon"}\n'
    bodies.write_bytes(b"".join(lines))
    done = bodycast("run", recording, "--fast", "--publish", "zmq://127.0.0.1:0")
    assert done.returncode == 1
    assert "bodies.jsonl:5: not a body frame" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_told_on_one_line(recording: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        done = bodycast("run", recording, "--publish", f"zmq://127.0.0.1:{port}")
    assert_one_line(done, f"port {port} is taken")


@pytest.mark.parametrize(
    ("option", "text"),
    [
        (("--fov", "500"), "--fov: '500' is not an angle"),
        (("--frames", "0"), "--frames: '0' is not a whole number from 1"),
        (("--seconds", "nan"), "--seconds: 'nan' is not a number above 0"),
        (("--size", "big"), "--size: 'big' is not a size"),
        (("--snapshot", "picture.txt"), "--snapshot: 'picture.txt' does not end in .png or .jpg"),
        (("--color",), "--color keeps pictures in a recording"),
        (("--nonsense",), "unrecognized arguments: --nonsense"),
    ],
)
def test_a_wrong_option_is_told_on_one_line(option: tuple[str, ...], text: str) -> None:
    assert_one_line(bodycast("run", "actor", *option), text, status=2)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signals to one process")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_ends_within_a_second_and_closes_the_recording(
    recording: Path, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    command = [*COMMAND, "record", str(recording), str(tmp_path / "copy"), "--stats", str(tmp_path / "stats.json")]
    start = time.monotonic()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as running:
        wait_for(lambda: (tmp_path / "copy" / "bodies.jsonl").is_file())
        started = time.monotonic() - start
        wait_for(lambda: (tmp_path / "copy" / "bodies.jsonl").read_bytes().count(b"\n") >= 3)
        running.send_signal(number)
        start = time.monotonic()
        _, told = running.communicate(timeout=60)
    assert time.monotonic() - start < max(1.0, started)  # a machine that is slow to start is slow to end
    assert running.returncode == status
    assert "Traceback" not in told
    frames = len(list(read_recording(tmp_path / "copy")))
    assert 3 <= frames < 90
    assert abs(json.loads((tmp_path / "stats.json").read_text())["frames"] - frames) <= 1


def wait_for(condition: Callable[[], bool], patience: float = 120.0) -> None:
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def frames_at(*times: float) -> list[BodyFrame]:
    return [BodyFrame(moment, number) for number, moment in enumerate(times)]


def test_a_run_ends_after_so_many_frames_or_seconds() -> None:
    frames = frames_at(*np.arange(10) / 10 + 5)
    assert len(list(limited(frames, None, None))) == 10
    assert len(list(limited(frames, 4, None))) == 4
    assert len(list(limited(frames, None, 0.35))) == 4
    assert len(list(limited(frames, 2, 0.35))) == 2


def test_a_limited_run_does_not_wait_for_a_frame_too_many() -> None:
    def frames() -> Iterator[Any]:
        yield from frames_at(0, 1)
        pytest.fail("asked for a third frame")

    assert len(list(limited(frames(), 2, None))) == 2
