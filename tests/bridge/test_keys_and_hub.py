"""ZeroMQ beyond one machine: keys decide who connects, and a hub carries several streams by name."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import zmq

from bridge.client import Subscription, subscribe, subscribe_events
from bridge.hub import Hub
from bridge.keys import KeyFileError, create_keys, key_pair, public_key
from bridge.publishers import open_publisher
from bridge.targets import PublisherError, parse_target
from bridge.wire_benchmark import crowd
from bridge.zmq_publisher import ZmqPublisher
from gestures.event import GestureEvent
from models.body import BodyFrame

WAVE = GestureEvent("wave", 5, 1.0, "detected")
ROOT = Path(__file__).parents[2]


@contextmanager
def publishing(url: str, insecure: bool = False) -> Iterator[ZmqPublisher]:
    publisher = open_publisher(url, insecure)
    assert isinstance(publisher, ZmqPublisher)
    try:
        yield publisher
    finally:
        publisher.close()


def heard(publisher: ZmqPublisher, subscription: Subscription, seconds: float = 60.0) -> bool:
    """Whether something arrives while the publisher sends."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        publisher.send(BodyFrame(0.0, 0))
        publisher.tell([WAVE])
        if subscription.poll(0.02) is not None:
            return True
    return False


@pytest.fixture
def keys(tmp_path: Path) -> Callable[[str], tuple[Path, Path]]:
    return lambda name: create_keys(tmp_path / "keys", name)


def test_keys_are_made_once_and_the_secret_one_is_for_its_owner(tmp_path: Path, keys) -> None:
    public, secret = keys("bridge")
    assert (public.name, secret.name) == ("bridge.key", "bridge.key_secret")
    assert public_key(public) == public_key(secret) == key_pair(secret)[0]
    if sys.platform != "win32":
        assert secret.stat().st_mode & 0o077 == 0
    with pytest.raises(KeyFileError, match=r"bridge\.key: there are keys of this name already"):
        keys("bridge")


@pytest.mark.parametrize("name", ["", "a/b", "..", "a b"])
def test_a_name_that_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyFileError, match="is not a name for keys"):
        create_keys(tmp_path, name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "curve", "curve\n    public-key = 'short'\n", "\x00\xff"])
def test_a_broken_key_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.key"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(KeyFileError, match=r"broken\.key"):
        public_key(path)


def test_a_key_that_is_missing_or_only_public_is_named(tmp_path: Path, keys) -> None:
    public, _ = keys("bridge")
    with pytest.raises(KeyFileError, match="'bodycast keys NAME' makes a pair"):
        open_publisher(f"zmq://127.0.0.1:0?key={tmp_path / 'nothing'}")
    with pytest.raises(KeyFileError, match="has only the public key"):
        open_publisher(f"zmq://127.0.0.1:0?key={public}")


def test_other_machines_are_refused_without_a_key_unless_it_is_said(keys) -> None:
    for host in ("*", "0.0.0.0", "[::]"):
        with pytest.raises(PublisherError, match="others could connect to this machine without a key"):
            open_publisher(f"zmq://{host}:0")
    _, secret = keys("bridge")
    with publishing(f"zmq://*:0?key={secret}"), publishing("zmq://*:0", insecure=True):
        pass


def test_who_has_the_public_key_gets_every_bit(keys, assert_same_frame) -> None:
    public, secret = keys("bridge")
    frame = crowd(1)[0]
    with (
        publishing(f"zmq://127.0.0.1:0?key={secret}") as publisher,
        subscribe(publisher.address, server_key=public, backlog=10_000) as frames,
    ):
        assert heard(publisher, frames)
        publisher.send(frame)
        received = frames.poll(60)
        while received is not None and not received.bodies:
            received = frames.poll(60)
    assert received is not None
    assert_same_frame(received, frame)


def test_who_has_no_key_or_a_wrong_one_gets_nothing(keys) -> None:
    public, secret = keys("bridge")
    wrong, _ = keys("other")
    with (
        publishing(f"zmq://127.0.0.1:0?key={secret}") as publisher,
        subscribe(publisher.address) as bare,
        subscribe(publisher.address, server_key=wrong) as mistaken,
        subscribe(publisher.address, server_key=public) as right,
    ):
        assert heard(publisher, right)
        assert not heard(publisher, bare, 0.5)
        assert not heard(publisher, mistaken, 0.5)


def test_only_those_in_the_folder_may_connect(tmp_path: Path, keys) -> None:
    public, secret = keys("bridge")
    friend, friend_secret = keys("friend")
    _, stranger_secret = keys("stranger")
    (tmp_path / "allowed").mkdir()
    (tmp_path / "allowed/friend.key").write_bytes(friend.read_bytes())
    with publishing(f"zmq://127.0.0.1:0?key={secret}&allow={tmp_path / 'allowed'}") as publisher:
        with subscribe(publisher.address, server_key=public, key=friend_secret) as frames:
            assert heard(publisher, frames)
        for key in (stranger_secret, None):
            with subscribe(publisher.address, server_key=public, key=key) as frames:
                assert not heard(publisher, frames, 0.5)


def test_a_folder_without_keys_or_without_a_key_of_ours_is_refused(tmp_path: Path, keys) -> None:
    _, secret = keys("bridge")
    (tmp_path / "empty").mkdir()
    with pytest.raises(KeyFileError, match="no public keys"):
        open_publisher(f"zmq://127.0.0.1:0?key={secret}&allow={tmp_path / 'empty'}")
    with pytest.raises(PublisherError, match="allow= needs key="):
        open_publisher(f"zmq://127.0.0.1:0?allow={tmp_path / 'empty'}")
    with pytest.raises(KeyFileError, match="give the server's public key, too"):
        subscribe("zmq://127.0.0.1:5556", key=secret)


@contextmanager
def hub(*sources: str, target: str = "zmq://127.0.0.1:0") -> Iterator[Hub]:
    running = Hub(parse_target(target), [parse_target(source) for source in sources])
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        yield running
    finally:
        running.close()
        thread.join(60)
        assert not thread.is_alive()


def zmq_url(publisher: ZmqPublisher, options: str = "") -> str:
    return publisher.address.replace("tcp", "zmq") + options


def test_a_hub_carries_each_stream_by_its_name() -> None:
    with (
        publishing("zmq://127.0.0.1:0?name=kitchen") as kitchen,
        publishing("zmq://127.0.0.1:0?name=kitchen2") as other,
        hub(zmq_url(kitchen), zmq_url(other)) as between,
        subscribe(between.address, backlog=1000) as every,
        subscribe(between.address, backlog=1000, stream="kitchen") as one,
        subscribe_events(between.address, stream="kitchen2") as events,
    ):
        assert heard(kitchen, one)
        assert heard(other, events)
        assert one.stream == "kitchen"
        assert events.stream == "kitchen2"
        assert heard(kitchen, every)
        streams = set()
        for _ in range(100):
            other.send(BodyFrame(0.0, 0))
            kitchen.send(BodyFrame(0.0, 0))
            if every.poll(1.0) is not None:
                streams.add(every.stream)
            if len(streams) == 2:
                break
        assert streams == {"kitchen", "kitchen2"}
        while one.poll(0.1) is not None:
            assert one.stream == "kitchen"


def test_a_hub_may_start_before_its_bridges() -> None:
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        port = finder.getsockname()[1]
    with (
        hub(f"zmq://127.0.0.1:{port}") as between,
        subscribe(between.address) as frames,
        publishing(f"zmq://127.0.0.1:{port}") as publisher,
    ):
        assert heard(publisher, frames)


def test_a_hub_has_keys_at_both_sides(keys) -> None:
    bridge_public, bridge_secret = keys("bridge")
    hub_public, hub_secret = keys("hub")
    with (
        publishing(f"zmq://127.0.0.1:0?key={bridge_secret}&name=hall") as locked,
        publishing("zmq://127.0.0.1:0?name=open") as unlocked,
        hub(
            zmq_url(locked, f"?server_key={bridge_public}"),
            zmq_url(unlocked),
            target=f"zmq://127.0.0.1:0?key={hub_secret}",
        ) as between,
        subscribe(between.address, server_key=hub_public, stream="hall") as hall,
        subscribe(between.address, server_key=hub_public, stream="open") as other,
        subscribe(between.address) as bare,
    ):
        assert heard(locked, hall)
        assert heard(unlocked, other)
        assert not heard(unlocked, bare, 0.5)


@pytest.mark.parametrize("source", ["ws://127.0.0.1:5556", "zmq://*:5556", "zmq://127.0.0.1:0"])
def test_a_hub_is_told_where_bridges_listen(source: str) -> None:
    with pytest.raises(PublisherError, match="not where a bridge listens"):
        Hub(parse_target("zmq://127.0.0.1:0"), [parse_target(source)])


def test_hostile_bytes_at_a_port_of_zeromq_do_no_harm() -> None:
    rng = np.random.default_rng(1)
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(48)
    with publishing("zmq://127.0.0.1:0") as publisher, hub(zmq_url(publisher)) as between:
        for address in (publisher.address, between.address):
            for number in range(60):
                with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as hostile:
                    start = (b"", b"\xff" * 10, greeting, greeting + b"\x02" + b"\xff" * 8)[number % 4]
                    hostile.sendall(start + rng.bytes(int(rng.integers(1, 4000))))
            with zmq.Context() as context, context.socket(zmq.XSUB) as greedy:
                greedy.setsockopt(zmq.LINGER, 0)
                greedy.connect(address)
                for number in range(2000):
                    greedy.send(b"\1" + rng.bytes(200), zmq.NOBLOCK) if number % 2 else greedy.send(b"\1" * 100_000)
            with subscribe(address) as frames:
                assert heard(publisher, frames)


def resident_bytes() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
def test_a_subscriber_that_sleeps_never_grows_our_memory() -> None:
    frames = crowd(30)
    with (
        publishing("zmq://127.0.0.1:0") as publisher,
        hub(zmq_url(publisher)) as between,
        subscribe(publisher.address) as direct,
        subscribe(between.address) as behind,
    ):
        assert heard(publisher, direct)
        assert heard(publisher, behind)
        for number in range(1500):  # until all buffers are full
            publisher.send(frames[number % 30])
        before = resident_bytes()
        for number in range(6000):  # 90 MB
            publisher.send(frames[number % 30])
        assert resident_bytes() - before < 20e6


def bodycast(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bridge.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=ROOT)


def test_the_command_makes_keys_and_says_where(tmp_path: Path) -> None:
    done = bodycast("keys", "bridge", "--folder", str(tmp_path))
    assert done.returncode == 0
    assert str(tmp_path / "bridge.key_secret") in done.stdout
    again = bodycast("keys", "bridge", "--folder", str(tmp_path))
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)


def test_the_command_runs_a_hub_until_ctrl_c() -> None:
    import signal

    with publishing("zmq://127.0.0.1:0?name=hall") as publisher:
        with socket.socket() as finder:
            finder.bind(("127.0.0.1", 0))
            port = finder.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "bridge.cli",
            "hub",
            zmq_url(publisher),
            "--publish",
            f"zmq://127.0.0.1:{port}",
        ]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as program:
            with subscribe(f"zmq://127.0.0.1:{port}") as frames:
                assert heard(publisher, frames, 120)
                assert frames.stream == "hall"
            program.send_signal(signal.SIGINT)
            _, errors = program.communicate(timeout=120)
    assert program.returncode == 130
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "arguments",
    [
        ("hub", "zmq://127.0.0.1:5556", "--publish", "ws://127.0.0.1"),
        ("hub", "zmq://127.0.0.1:5556", "--publish", "zmq://*:0"),
        ("hub", "nowhere"),
    ],
)
def test_a_wrong_hub_is_explained_on_one_line(arguments: tuple[str, ...]) -> None:
    done = bodycast(*arguments)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
