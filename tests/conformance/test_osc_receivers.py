"""Receivers that nobody here wrote take every message of six people, with the values that were sent."""

from __future__ import annotations

import importlib
import json
import socket
import statistics
import struct
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from pythonosc.osc_message import OscMessage

from bridge.humanoid import BONES, PARENTS, humanoid
from bridge.options import parse_options
from bridge.osc_profiles import PROFILES
from bridge.pacing import paced
from bridge.publishers import Publisher, open_publisher
from bridge.quaternions import multiply, rotate
from bridge.targets import parse_target
from bridge.wire_benchmark import crowd
from gestures.event import GestureEvent
from models.body import BodyFrame
from models.joints import Joint

RATE, PEOPLE, SECONDS, MESSAGES = 30, 6, 10, 27
ATTEMPTS = 3
"""A system too busy to run all receivers in time drops what comes for one, and counts that; then that one has the
system for itself, and if it drops something again, each frame waits until the one before has been taken.
"""

NAMES = ("oscdump", "pure_data", "osc.js", "node-osc", "sclang")
URLS = [f"{scheme}://127.0.0.1" for scheme in PROFILES if scheme != "osc+kinectv2"]
URLS += ["osc+kinect2share://127.0.0.1?format=json"]
PRINTED = 600
"""Characters of a text that Pure Data prints, at least."""

NO_DOUBLES = ("pure_data", "node-osc")
"""They leave out arguments of the type d, or the whole message; only OSCeleton-KinectSDK2's format has them."""

Receivers = dict[str, Any]

resource: Any = importlib.import_module("resource") if sys.platform == "linux" else None


def messages_in(datagram: bytes) -> list[OscMessage]:
    if not datagram.startswith(b"#bundle"):
        return [OscMessage(datagram)]
    found, place = [], 16
    while place < len(datagram):
        (size,) = struct.unpack_from(">i", datagram, place)
        found.append(OscMessage(datagram[place + 4 : place + 4 + size]))
        place += 4 + size
    return found


class Spy:
    """A receiver of our own, which takes what is published to it as it comes."""

    def __init__(self, url: str) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.publisher = open_publisher(at(url, self._socket.getsockname()[1]))
        self.datagrams: list[bytes] = []

    def take(self) -> None:
        """Everything that has come."""
        try:
            while True:
                self.datagrams.append(self._socket.recv(4096))
        except BlockingIOError:
            return

    def close(self) -> None:
        self.publisher.close()
        self._socket.close()


def at(url: str, port: int) -> str:
    base, mark, options = url.partition("?")
    return f"{base}:{port}{mark}{options}"


def events_of(number: int, frame: BodyFrame) -> list[GestureEvent]:
    """Some of every phase."""
    phases = ("started", "held", "ended", "detected", "progress")
    body = frame.bodies[number % len(frame.bodies)]
    return [GestureEvent("raise_left_hand", body.tracking_id, frame.time, phases[number % 5], 0.5, 0.25)]


def publish(url: str, receivers: Receivers, count: int) -> dict[str, tuple[list[str], list[str]]]:
    """Publish ``count`` frames at their pace to everyone; for each receiver what it should and what it did receive."""
    running = {name: receiver for name, receiver in receivers.items() if not isinstance(receiver, str)}
    results: dict[str, tuple[list[str], list[str]]] = {}
    alone = [([name], attempt > 0) for name in running for attempt in range(ATTEMPTS)]
    for together, patiently in ((list(running), False), *alone):
        missing = {name: running[name] for name in together if name not in results}
        before = {name: receiver.lost() for name, receiver in missing.items()}
        for receiver in missing.values():
            receiver.start()
        sent = _publish_once(url, list(missing.values()), count, patiently) if missing else []
        for name, receiver in missing.items():
            received = receiver.received()
            if receiver.lost() == before[name]:
                results[name] = [receiver.write(message) for message in sent], received
    return results


def _publish_once(url: str, receivers: Sequence[Any], count: int, patiently: bool) -> list[OscMessage]:
    frames = crowd(30, PEOPLE)
    with ExitStack() as stack:
        spy = stack.enter_context(closing(Spy(url)))
        publishers: list[Publisher] = [spy.publisher]
        publishers += [stack.enter_context(closing(open_publisher(at(url, receiver.port)))) for receiver in receivers]
        moments = (BodyFrame(n / RATE, n, frames[n % len(frames)].bodies) for n in range(count))
        for frame in paced(moments):
            for receiver in receivers if patiently else ():
                receiver.wait_until_taken()
            for publisher in publishers:
                publisher.send(frame, 0.125)
                publisher.tell(events_of(frame.sequence, frame))
            spy.take()
        assert max(map(len, spy.datagrams)) <= 1200
        return [message for datagram in spy.datagrams for message in messages_in(datagram)]


def same(received: list[str], sent: list[str]) -> None:
    """Fail at the first line that differs; pytest would compare ten thousands of lines with all others."""
    wrong = [(r, s) for r, s in zip(received, sent, strict=False) if r != s]
    assert not wrong[:1]
    assert len(received) == len(sent)


def result_of(results: dict[str, Any], receivers: Receivers, name: str) -> tuple[list[str], list[str]]:
    if isinstance(receivers[name], str):
        pytest.skip(receivers[name])
    assert name in results, (
        f"this system is too busy to run {name}: it dropped datagrams in each of {ATTEMPTS} attempts"
    )
    return results[name]


@pytest.fixture(scope="module")
def ten_seconds(receivers: Receivers) -> dict[str, tuple[list[str], list[str]]]:
    """Ten seconds of six people at 30 Hz in the format of KinectV2-OSC, to all receivers at once."""
    return publish("osc+kinectv2://127.0.0.1", receivers, RATE * SECONDS)


@pytest.mark.parametrize("name", NAMES)
def test_every_message_of_ten_seconds_arrives(name: str, receivers: Receivers, ten_seconds: dict[str, Any]) -> None:
    sent, received = result_of(ten_seconds, receivers, name)
    bodies = [message for message in received if "joints" in message or "hands" in message]
    assert len(bodies) == SECONDS * RATE * PEOPLE * MESSAGES == 48_600
    same(received, sent)


@pytest.fixture(scope="module", params=URLS)
def half_a_second(request: pytest.FixtureRequest, receivers: Receivers) -> dict[str, tuple[list[str], list[str]]]:
    """Half a second of six people in each other format."""
    return publish(request.param, receivers, RATE // 2)


@pytest.mark.parametrize("name", NAMES)
def test_every_message_of_every_format_arrives(name: str, receivers: Receivers, half_a_second: dict[str, Any]) -> None:
    sent, received = result_of(half_a_second, receivers, name)
    assert sent
    if sent[0].startswith("/osceleton2"):
        if name in NO_DOUBLES:
            pytest.skip(f"{name} knows no doubles")
        sent, received = ([text.rpartition(" ")[0] for text in texts] for texts in (sent, received))  # not the time
    if name == "pure_data" and "kV2" in sent[0]:
        sent, received = ([text[:PRINTED] for text in texts] for texts in (sent, received))
    same(received, sent)


def vmc_frame(lines: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Local positions and rotations of the bones in the newest frame, in the order of `BONES`."""
    newest = {line["bone"]: line for line in lines if line["kind"] == "BoneTransformEvent"}
    assert set(newest) == set(BONES)
    positions = np.array([newest[bone]["position"] for bone in BONES], np.float32)
    return positions, np.array([newest[bone]["rotation"] for bone in BONES], np.float32)


def test_vmcp_receives_a_humanoid_whose_bones_lead_back_to_the_joints(vmc_receiver: Any) -> None:
    frames = crowd(RATE * SECONDS // 3, 1)
    with closing(open_publisher(f"osc+vmc://127.0.0.1:{vmc_receiver.port}")) as publisher:
        for frame in paced(frames):
            publisher.send(frame)
    lines: list[dict[str, Any]] = []
    deadline = time.monotonic() + 60
    while len(lines) < len(frames) * (len(BONES) + 3) and time.monotonic() < deadline:
        time.sleep(0.05)
        lines = [json.loads(line) for line in vmc_receiver.messages()[1:]]
    kinds = [line["kind"] for line in lines]
    assert kinds.count("BoneTransformEvent") == len(frames) * len(BONES)
    assert (
        kinds.count("RootTransformEvent")
        == kinds.count("StateEvent")
        == kinds.count("RelativeTimeEvent")
        == len(frames)
    )
    assert all(line["loaded"] for line in lines if line["kind"] == "StateEvent")
    (body,) = frames[-1].bodies
    positions, rotations = vmc_frame(lines)
    root = next(line for line in reversed(lines) if line["kind"] == "RootTransformEvent")
    turned, where = rotations.copy(), positions + np.float32(root["position"]) * (PARENTS[:, None] < 0)
    for bone, parent in enumerate(PARENTS):
        if parent >= 0:
            turned[bone] = multiply(turned[[parent]], rotations[[bone]])[0]
            where[bone] = where[parent] + rotate(turned[[parent]], positions[[bone]])[0]
    expected = humanoid(body.positions, body.orientations, body.tracking_states, frames[-1].floor)
    np.testing.assert_allclose(where, expected.starts, atol=1e-4)
    wrist = body.positions[Joint.WRIST_LEFT] * [1, 1, -1]
    np.testing.assert_allclose(where[BONES.index("LeftHand")], wrist, atol=1e-4)
    assert (np.abs((turned * expected.rotations).sum(axis=1)) > 0.9999).all()


@dataclass
class Flooder:
    """A receiver that sends everything back, many times."""

    udp: socket.socket

    def answer(self) -> None:
        """Flood whoever has sent something."""
        try:
            _, source = self.udp.recvfrom(4096)
        except BlockingIOError:
            return
        for _ in range(200):
            self.udp.sendto(b"\xff" * 1400, source)


def times_waited() -> int:
    """How often this thread has waited for anything but the processor; 0 where the system does not tell."""
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw if resource is not None else 0


def test_one_that_dies_one_that_blocks_and_one_that_floods_us_change_nothing_for_the_others() -> None:
    frames = crowd(30)
    with ExitStack() as stack:
        dead, blocked, flooder, well = (
            stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(4)
        )
        for udp in (dead, blocked, flooder, well):
            udp.bind(("127.0.0.1", 0))
            udp.setblocking(False)
        well.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        publishers = [
            stack.enter_context(closing(open_publisher(f"osc+kinectv2://127.0.0.1:{udp.getsockname()[1]}")))
            for udp in (dead, blocked, flooder, well)
        ]
        dead.close()
        flood, received = Flooder(flooder), 0
        spent: list[list[float]] = [[] for _ in publishers]
        waited = 0
        for frame in frames:
            for publisher, seconds in zip(publishers, spent, strict=True):
                start, waits = time.thread_time(), times_waited()
                publisher.send(frame)
                seconds.append(time.thread_time() - start)
                waited += times_waited() - waits
            flood.answer()
            try:
                while True:
                    well.recv(4096)
                    received += 1
            except BlockingIOError:
                pass
    assert received == len(frames) * PEOPLE * MESSAGES
    *troubled, usual = map(statistics.median, spent)
    assert max(troubled) < 5 * usual
    assert waited < len(frames)


def test_options_of_a_url_reach_the_encoder() -> None:
    target = parse_target("osc+vmc://127.0.0.1:39539?rate=30&flip=x&scale=100")
    options = parse_options(target, PROFILES[target.scheme].all_options)
    assert (options["rate"], options["flip"], options["scale"]) == (30.0, "x", 100.0)
