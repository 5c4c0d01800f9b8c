"""The whole path with the shipped networks: from pictures to what receivers, recordings and the terminal get."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import cv2
import pytest
from pythonosc.osc_message import OscMessage

from bridge.recording import read_recording
from bridge.sources import open_source
from models.joints import Joint

COMMAND = [sys.executable, "-m", "bridge.cli"]
NOWHERE = ("--publish", "zmq://127.0.0.1:0")
VIDEO = Path(__file__).parents[2].parent / "shared" / "data" / "video" / "asl_book.mkv"
MEMORY = 350
"""MiB that a run may take."""


def bodycast(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **options)


def stats_of(*arguments: object, folder: Path) -> dict[str, Any]:
    """What ``bodycast run`` with these arguments wrote at its end."""
    done = bodycast("run", *arguments, "--stats", folder / "stats.json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads((folder / "stats.json").read_text())
    return told


@contextmanager
def received() -> Iterator[tuple[str, list[bytes]]]:
    """A URL, and every datagram that arrived there so far."""
    datagrams: list[bytes] = []
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as udp:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(0.2)
        ended = threading.Event()

        def receive() -> None:
            while not ended.is_set():
                try:
                    datagrams.append(udp.recv(2048))
                except TimeoutError:
                    continue

        thread = threading.Thread(target=receive)
        thread.start()
        try:
            yield f"osc+kinectv2://127.0.0.1:{udp.getsockname()[1]}", datagrams
        finally:
            ended.set()
            thread.join()


def addresses(datagrams: list[bytes]) -> Counter[str]:
    """How often each address was sent to, without the tracking id."""
    parts = (OscMessage(datagram).address.split("/") for datagram in datagrams)
    return Counter("/".join(part[3:]) for part in parts if part[1] == "bodies" and part[3] != "gestures")


@pytest.mark.skipif(not VIDEO.exists(), reason=f"{VIDEO} is not here")
def test_a_video_of_a_person_gives_one_body_with_all_its_messages(tmp_path: Path) -> None:
    with received() as (url, datagrams):
        told = stats_of(VIDEO, "--fast", "--publish", url, folder=tmp_path)
    assert told["frames"] >= 109
    assert told["frames_with_body"] >= 0.95 * told["frames"]
    counts = addresses(datagrams)
    assert set(counts) == {f"joints/{joint.kinect_name}" for joint in Joint} | {"hands/Left", "hands/Right"}
    assert min(counts.values()) == max(counts.values())
    assert 0.95 * told["frames"] <= counts["hands/Left"] <= 1.02 * told["frames"]


def test_the_actor_is_seen_in_nearly_every_frame(tmp_path: Path) -> None:
    told = stats_of("actor", "--fast", "--frames", 150, *NOWHERE, folder=tmp_path)
    assert told["frames"] == 150
    assert told["frames_with_body"] >= 0.95 * 150
    assert told["dropped"] == 0
    assert {"detect", "pose", "track", "lift", "smooth", "publish", "capture_to_wire"} <= set(told["stages"])


def test_without_a_camera_the_actor_performs_and_it_says_so(tmp_path: Path) -> None:
    if Path("/dev/video0").exists() or sys.platform != "linux":
        pytest.skip("there may be a camera here")
    done = bodycast("run", "--fast", "--frames", 3, *NOWHERE)
    assert done.returncode == 0, done.stderr
    assert "no camera" in done.stderr.splitlines()[0]
    assert "actor" in done.stderr.splitlines()[0]


def test_pictures_can_be_kept_with_the_bodies(tmp_path: Path) -> None:
    done = bodycast("record", "actor", tmp_path / "dance", "--fast", "--frames", 12, "--color")
    assert done.returncode == 0, done.stderr
    recording = read_recording(tmp_path / "dance")
    assert [frame.time for frame in recording] == [picture.time for picture in recording.pictures()]


def test_a_video_cut_in_half_goes_on_to_its_end_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (320, 240))
    with open_source("actor", fast=True, size=(320, 240)) as source:
        for frame, _ in zip(source, range(60), strict=False):
            writer.write(frame.image)
    writer.release()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    done = bodycast("run", path, "--fast", *NOWHERE)
    assert done.returncode == 0
    assert "clip.avi: ends after" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_image_among_good_ones_is_a_warning(tmp_path: Path) -> None:
    with open_source("actor", fast=True, size=(320, 240)) as source:
        for frame, _ in zip(source, range(4), strict=False):
            cv2.imwrite(str(tmp_path / f"{frame.number}.png"), frame.image)
    (tmp_path / "2.png").write_bytes(b"broken")
    (tmp_path / "out").mkdir()
    told = stats_of(tmp_path, "--fast", *NOWHERE, folder=tmp_path / "out")
    assert (told["frames"], told["dropped"]) == (3, 1)


@pytest.mark.parametrize(
    ("option", "content"),
    [
        ("--pose-model", b"this is no network"),
        ("--pose-model", None),
        ("--detector-model", b"\x08\x07\x12"),
        ("--detector-model", b""),
    ],
)
def test_wrong_weights_are_told_on_one_line(tmp_path: Path, option: str, content: bytes | None) -> None:
    path = tmp_path / "network.onnx"
    if content is not None:
        path.write_bytes(content)
    done = bodycast("run", "actor", option, path, *NOWHERE)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert "network.onnx" in done.stderr


def test_the_networks_cannot_take_each_others_place() -> None:
    from models import detector, pose

    for option, path in (("--pose-model", detector.DEFAULT_WEIGHTS), ("--detector-model", pose.DEFAULT_WEIGHTS)):
        done = bodycast("run", "actor", option, path, *NOWHERE)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signals to one process")
def test_ctrl_c_ends_a_live_run_within_a_second_and_closes_the_recording(tmp_path: Path) -> None:
    command = [*COMMAND, "record", "actor", str(tmp_path / "dance"), "--color"]
    start = time.monotonic()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        wait_for(lambda: bodies_in(tmp_path / "dance") >= 10)
        started = time.monotonic() - start
        running.send_signal(signal.SIGINT)
        start = time.monotonic()
        _, told = running.communicate(timeout=60)
    assert time.monotonic() - start < max(1.0, started)  # a machine that is slow to start is slow to end
    assert running.returncode == 130
    assert "Traceback" not in told
    recording = read_recording(tmp_path / "dance")
    assert len(list(recording)) == bodies_in(tmp_path / "dance")
    assert len(list(recording.pictures())) >= len(list(recording)) - 1


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell the memory of a process")
def test_a_run_takes_little_memory(tmp_path: Path) -> None:
    command = [*COMMAND, "record", "actor", str(tmp_path / "dance")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as running:
        wait_for(lambda: bodies_in(tmp_path / "dance") >= 30)
        told = Path(f"/proc/{running.pid}/status").read_text()  # ru_maxrss would count pytest itself, which forked
        running.send_signal(signal.SIGINT)
    (peak,) = (int(line.split()[1]) for line in told.splitlines() if line.startswith("VmHWM"))
    assert peak / 1024 < MEMORY


def bodies_in(folder: Path) -> int:
    path = folder / "bodies.jsonl"
    return path.read_bytes().count(b"\n") if path.is_file() else 0


def wait_for(condition: Callable[[], bool], patience: float = 120.0) -> None:
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
