"""Browsers get what ZeroMQ's subscribers get; slow, dead and hostile ones harm nobody."""

from __future__ import annotations

import json
import logging
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import msgpack
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from bridge import web_server
from bridge.origins import is_allowed
from bridge.publishers import open_publisher
from bridge.targets import PublisherError
from bridge.web_server import MOST_CLIENTS, MOST_CONNECTIONS, PAGE
from bridge.websocket_publisher import WebSocketPublisher
from bridge.wire_benchmark import crowd
from gestures.event import GestureEvent
from models.body import BodyFrame
from models.joints import JOINT_PARENT, Joint
from models.recorded import frame_from_map


def opened(url: str = "ws://127.0.0.1:0") -> WebSocketPublisher:
    publisher = open_publisher(url)
    assert isinstance(publisher, WebSocketPublisher)
    return publisher


@pytest.fixture
def publisher() -> Iterator[WebSocketPublisher]:
    publisher = opened()
    yield publisher
    publisher.close()


def until(publisher: WebSocketPublisher, client: ClientConnection, frame: BodyFrame) -> Any:
    """Send ``frame`` until the client hears something; that."""
    for _ in range(3000):
        publisher.send(frame)
        try:
            return client.recv(timeout=0.02)
        except TimeoutError:
            pass
    raise AssertionError("nothing came")


def flood(client: ClientConnection) -> None:
    for _ in range(100_000):
        client.send(b"x" * 1000)


def up_to(client: ClientConnection, **last: object) -> list[dict[str, Any]]:
    """Every message up to one that says this, however long a busy machine takes."""
    messages: list[dict[str, Any]] = [{}]
    while not last.items() <= messages[-1].items():
        message = client.recv(timeout=60)
        messages.append(json.loads(message) if isinstance(message, str) else msgpack.unpackb(message))
    return messages[1:]


def test_a_frame_in_msgpack_survives_to_the_last_bit(publisher, random_frame, assert_same_frame) -> None:
    frame = random_frame(sequence=7)
    with connect(f"{publisher.address}/?format=msgpack") as client:
        until(publisher, client, BodyFrame(0.0, 0))
        publisher.send(frame)
        message = up_to(client, sequence=7)[-1]
    assert (message["type"], message["version"]) == ("body", 1)
    assert_same_frame(frame_from_map(message), frame)


def test_a_frame_in_json_is_plain_and_exact_to_a_tenth_of_a_millimetre(publisher, random_frame) -> None:
    frame = random_frame(sequence=7)
    frame.bodies[0].positions[3, 1] = np.nan
    with connect(publisher.address) as client:
        until(publisher, client, BodyFrame(0.0, 0))
        publisher.send(frame)
        message = up_to(client, sequence=7)[-1]
    for body, given in zip(frame.bodies, message["bodies"], strict=True):
        assert given["tracking_id"] == str(body.tracking_id)
        assert given["tracking_states"] == body.tracking_states.tolist()
        np.testing.assert_allclose(np.array(given["positions"], float), body.positions, atol=6e-5)
    assert message["bodies"][0]["positions"][3][1] is None


def test_gestures_and_people_who_come_and_go_are_told(publisher, random_frame) -> None:
    frame = random_frame(people=1)
    who = frame.bodies[0].tracking_id
    with connect(publisher.address) as client:
        until(publisher, client, BodyFrame(0.0, 0))
        publisher.send(frame)
        publisher.tell([GestureEvent("wave", who, 1.5, "progress", 0.5)])
        publisher.send(BodyFrame(0.0, 0))
        publisher.tell([GestureEvent("wave", who, 1.6, "detected")])
        messages = up_to(client, type="gesture", phase="detected")
    told = [message for message in messages if message["type"] != "body"]
    slot = frame.bodies[0].slot
    assert told[0] == {"type": "presence", "version": 1, "entered": [[slot, str(who)]], "left": []}
    assert (told[1]["type"], told[1]["phase"], told[1]["progress"]) == ("gesture", "progress", 0.5)
    assert told[2]["left"] == [[slot, str(who)]]
    assert (told[3]["phase"], told[3]["tracking_id"]) == ("detected", str(who))


def narrow(publisher: WebSocketPublisher) -> socket.socket:
    """A connection for which the system keeps little that was not read."""
    tcp = socket.socket()
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    tcp.connect(("127.0.0.1", int(publisher.address.rpartition(":")[2])))
    return tcp


def test_a_slow_client_misses_old_frames_and_no_gesture_and_others_miss_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(web_server, "PATIENCE", 600.0)  # a busy machine is no reason to call a client dead
    frames = crowd(20)
    with (
        closing(opened()) as publisher,
        narrow(publisher) as tcp,
        connect(publisher.address, max_queue=1, sock=tcp) as slow,
        connect(publisher.address) as quick,
    ):
        until(publisher, quick, frames[0])
        until(publisher, slow, frames[0])
        for number in range(400):
            event = [GestureEvent("wave", 1, number, "detected")] if number % 150 == 0 else []
            publisher.send(BodyFrame(number / 30, number, frames[number % 20].bodies))
            publisher.tell(event)
            message: dict[str, Any] = {"type": ""}
            while message["type"] != "body" or message["sequence"] != number:  # every one arrives, and at once
                message = json.loads(quick.recv(timeout=60))
        late = up_to(slow, type="body", sequence=399)
    numbers = [message["sequence"] for message in late if message["type"] == "body"]
    assert numbers[-1] == 399  # the newest
    assert len(numbers) < 200  # and what the buffers held; the rest was dropped
    assert numbers == sorted(numbers)
    assert [message["time"] for message in late if message["type"] == "gesture"] == [0, 150, 300]


def test_a_client_that_never_reads_costs_a_bounded_amount(publisher, random_frame) -> None:
    from bridge.web_server import MOST_EVENTS

    with connect(publisher.address, max_queue=1, close_timeout=0.1) as client:
        until(publisher, client, random_frame())
        for number in range(3000):
            publisher.send(random_frame(people=1))
            publisher.tell([GestureEvent("wave", number, 0.0, "detected")])
        (waiting,) = publisher._server._clients
        assert len(waiting.events) <= MOST_EVENTS


def test_a_client_that_vanishes_is_forgotten(publisher, random_frame) -> None:
    with connect(publisher.address) as staying, connect(publisher.address, close_timeout=0.1) as gone:
        until(publisher, gone, random_frame())
        gone.socket.shutdown(socket.SHUT_RDWR)
        deadline = time.monotonic() + 60
        while len(publisher._server._clients) > 1:
            assert time.monotonic() < deadline
            until(publisher, staying, random_frame())


def test_a_client_that_floods_us_is_told_to_go_and_others_go_on(publisher, random_frame) -> None:
    with connect(publisher.address) as quiet, connect(publisher.address) as loud:
        with pytest.raises(ConnectionClosed):
            flood(loud)
        until(publisher, quiet, random_frame())
    assert loud.protocol.close_code in (1008, 1006)


def test_a_message_that_is_too_large_ends_only_that_client(publisher, random_frame) -> None:
    with connect(publisher.address) as quiet, connect(publisher.address) as loud:
        loud.send(b"x" * 100_000)
        with pytest.raises(ConnectionClosed):
            loud.recv(timeout=60)
        until(publisher, quiet, random_frame())


def test_there_is_room_for_so_many_clients_only(publisher, random_frame) -> None:
    with ExitStack() as stack:
        for client in [stack.enter_context(connect(publisher.address)) for _ in range(MOST_CLIENTS)]:
            until(publisher, client, random_frame(people=1))
        with pytest.raises(InvalidStatus), connect(publisher.address):
            pass


def test_hostile_bytes_do_not_even_cost_a_line(publisher, random_frame, caplog: pytest.LogCaptureFixture) -> None:
    rng = np.random.default_rng(0)
    port = int(publisher.address.rpartition(":")[2])
    upgrade = b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    starts = [b"", b"GET / HTTP/1.1\r\n", upgrade, upgrade + b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"]
    with caplog.at_level(logging.WARNING), connect(publisher.address) as client:
        for number in range(80):
            with socket.create_connection(("127.0.0.1", port)) as hostile:
                hostile.sendall(starts[number % 4] + rng.bytes(int(rng.integers(1, 3000))))
        with socket.create_connection(("127.0.0.1", port)) as endless:
            endless.sendall(b"GET /" + b"a" * 100_000)
            until(publisher, client, random_frame())
    assert len(caplog.records) <= 1


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system does not tell which files are open")
def test_many_connections_that_say_nothing_take_few_files_and_nothing_from_clients(
    publisher, random_frame, caplog: pytest.LogCaptureFixture
) -> None:
    port = int(publisher.address.rpartition(":")[2])
    with connect(publisher.address) as client, ExitStack() as stack:
        until(publisher, client, random_frame())
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(300):
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        until(publisher, client, random_frame())
        deadline = time.monotonic() + 60
        while len(list(Path("/proc/self/fd").iterdir())) > before + 300 + MOST_CONNECTIONS:  # ours are 300
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert publisher._server._connections
        until(publisher, client, random_frame())
    assert caplog.records == []


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, "127.0.0.1:8765", True),
        ("http://127.0.0.1:8765", "127.0.0.1:8765", True),
        ("http://localhost:3000", "127.0.0.1:8765", True),
        ("http://[::1]:3000", "[::1]:8765", True),
        ("http://192.168.1.20:8765", "192.168.1.20:8765", True),
        ("http://192.168.1.66:8765", "192.168.1.20:8765", False),
        ("https://example.org", "127.0.0.1:8765", False),
        ("https://evil.example:8765", "evil.example:8765", False),  # a name that points to this machine
        ("https://localhost.example.org", "127.0.0.1:8765", False),
        ("https://127.0.0.1.example.org", "127.0.0.1:8765", False),
        ("null", "127.0.0.1:8765", False),
        ("http://[", "127.0.0.1:8765", False),
        ("", "127.0.0.1:8765", False),
        ("https://named.example", "127.0.0.1:8765", True),
    ],
)
def test_only_pages_of_this_machine_or_of_ours_may_look(origin: str | None, host: str, allowed: bool) -> None:
    assert is_allowed(origin, host, ("https://named.example",)) is allowed


def test_a_strange_page_is_refused_and_named_once(publisher, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        with pytest.raises(InvalidStatus), connect(publisher.address, origin="https://example.org"):
            pass
    assert [record.getMessage() for record in caplog.records] == [
        "refused the page 'https://example.org': if it is yours, add ?origin=https://example.org"
    ]


def test_a_page_that_the_user_names_may_look(random_frame: Callable[..., BodyFrame]) -> None:
    publisher = opened("ws://127.0.0.1:0?origin=https://example.org,null")
    for origin in ("https://example.org", "null"):
        with connect(publisher.address, origin=origin) as client:
            until(publisher, client, random_frame())
    publisher.close()


def test_a_browser_that_opens_the_address_sees_the_page(publisher) -> None:
    with urlopen(publisher.address.replace("ws", "http") + "/") as answer:
        page = answer.read().decode()
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "new WebSocket(" in page
    assert "http" not in page.replace("http://127.0.0.1:8765", "")  # nothing is fetched from elsewhere


def test_the_page_draws_the_bones_of_the_kinect() -> None:
    found = re.search(r"PARENTS = (\[[-0-9, ]+\]);", PAGE.read_text(encoding="utf-8"))
    assert found is not None
    assert json.loads(found[1]) == [JOINT_PARENT.get(joint, -1) for joint in Joint]


def test_other_machines_are_let_in_only_on_request() -> None:
    with pytest.raises(PublisherError, match="anybody in the network could watch"):
        open_publisher("ws://*:0")
    open_publisher("ws://*:0", insecure=True).close()


def test_a_port_that_is_taken_is_named(publisher) -> None:
    with pytest.raises(PublisherError, match="cannot listen there: Address already in use"):
        open_publisher(publisher.address)
    publisher.close()
    publisher.close()
    open_publisher(publisher.address).close()
