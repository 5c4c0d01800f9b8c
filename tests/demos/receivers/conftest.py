"""Ten seconds of six bodies, sent to every receiver that is installed, and datagrams that nobody should send."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pythonosc.osc_packet import OscPacket

from bridge.osc import osc_message
from bridge.osc_kinectv2 import frame_messages
from bridge.pacing import paced
from bridge.publishers import open_publisher
from gestures.event import GestureEvent, Phase
from models.body import BodyFrame, FloatArray
from models.joints import Joint

RATE, PEOPLE, SECONDS = 30, 6, 10
PROFILES = ("kinectv2", "bodycast")

Start = Callable[[], Any]
"""Starts a receiver: an `Engine` of the conftest.py above."""

Key = tuple[str, str]
"""The name of a fixture that starts a receiver, and of a format."""


def ten_seconds(random_frame: Callable[..., BodyFrame]) -> list[BodyFrame]:
    """Six bodies that keep their ids, moving at random."""
    ids = [body.tracking_id for body in random_frame(0, PEOPLE).bodies]
    frames = []
    for n in range(RATE * SECONDS):
        frame = random_frame(n % 20, PEOPLE, time=n / RATE, sequence=n)
        bodies = tuple(replace(body, tracking_id=i) for body, i in zip(frame.bodies, ids, strict=True))
        frames.append(replace(frame, bodies=bodies))
    return frames


def gestures_of(frame: BodyFrame) -> list[GestureEvent]:
    """Somebody's wave in every frame, and somebody's raised hand, which starts, is held, makes progress and ends."""
    one, other = frame.bodies[frame.sequence % PEOPLE], frame.bodies[frame.sequence // 5 % PEOPLE]
    phase: Phase = ("started", "progress", "held", "held", "ended")[frame.sequence % 5]
    wave = GestureEvent("wave", one.tracking_id, frame.time, "detected", 1.0, 0.75)
    return [wave, GestureEvent("raise_right_hand", other.tracking_id, frame.time, phase, 0.625, 0.5)]


def publish(frames: Sequence[BodyFrame], urls: Sequence[str], patiently: bool = False) -> None:
    """Send frames and their gestures at their pace, as a run does; or when what was sent before has been taken."""
    ports = [int(url.rpartition(":")[2]) for url in urls]
    with ExitStack() as stack:
        publishers = [stack.enter_context(closing(open_publisher(url))) for url in urls]
        for frame in paced(frames):
            if patiently:
                wait_until_taken(ports)
            for publisher in publishers:
                publisher.send(frame)
                publisher.tell(gestures_of(frame))


def datagrams_of(frames: Sequence[BodyFrame], profile: str) -> list[bytes]:
    """What `publish` sends."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        listener.bind(("127.0.0.1", 0))
        listener.setblocking(False)
        with closing(open_publisher(f"osc+{profile}://127.0.0.1:{listener.getsockname()[1]}")) as publisher:
            for frame in frames:
                publisher.send(frame)
                publisher.tell(gestures_of(frame))
                with suppress(BlockingIOError):
                    while True:
                        found.append(listener.recv(65536))
    return found


@dataclass(frozen=True)
class State:
    """A body as a receiver has it: id and slot; both hands' states and confidences; joints."""

    tracking_id: int
    slot: int
    hands: list[int]
    states: FloatArray
    positions: FloatArray
    orientations: FloatArray

    @classmethod
    def of(cls, line: str) -> State:
        """What a receiver's line ``state ...`` says."""
        words = line.split()[1:]
        joints = np.array(words[6:], np.float32).reshape(len(Joint), 8)
        return cls(
            int(words[0]), int(words[1]), [int(w) for w in words[2:6]], joints[:, 0], joints[:, 1:4], joints[:, 4:]
        )


@dataclass
class Heard:
    """What was sent to one receiver for ten seconds, and what it said about it.

    Attributes
    ----------
    lines : list of str
        All that it printed.
    sent : list of bytes
        The datagrams.
    understood, strange, forgotten : int
        Messages that it understood and that it did not, and datagrams that it had no room for.
    """

    lines: list[str]
    frames: list[BodyFrame]
    sent: list[bytes]
    understood: int
    strange: int
    forgotten: int

    @cached_property
    def events(self) -> list[GestureEvent]:
        """The gestures that were sent."""
        return [event for frame in self.frames for event in gestures_of(frame)]

    def starting(self, prefix: str) -> list[str]:
        """The lines that begin with ``prefix``, less our own questions."""
        return [line for line in self.lines if line.startswith(prefix) and line not in ("/state", "/done")]

    @cached_property
    def messages(self) -> list[str]:
        """What was sent, as python-osc reads it and the receivers print it."""
        found = [timed.message for datagram in self.sent for timed in OscPacket(datagram).messages]
        return [
            " ".join([m.address, *(f"{a:.6f}" if isinstance(a, float) else str(a) for a in m.params)]) for m in found
        ]

    @cached_property
    def states(self) -> list[State]:
        """Everyone in view after the last frame, as the receiver says."""
        return [State.of(line) for line in self.starting("state ")]


def sockets_at(ports: Sequence[int]) -> list[list[str]]:
    """What Linux tells of them: tx_queue:rx_queue is the fifth word, the drops are the last; nothing elsewhere."""
    tables = [path for path in map(Path, ("/proc/net/udp", "/proc/net/udp6")) if path.exists()]
    rows = [line.split() for table in tables for line in table.read_text().splitlines()[1:]]
    return [row for row in rows if int(row[1].split(":")[1], 16) in ports]


def dropped_by_the_system(port: int) -> int:
    """How many datagrams for that port the system threw away because its buffer was full; 0 where it does not tell."""
    return sum(int(row[-1]) for row in sockets_at([port]))


def wait_until_taken(ports: Sequence[int]) -> None:
    """Wait until the programs there have taken all that the system has for them."""
    deadline = time.monotonic() + 120
    while any(int(row[4].split(":")[1], 16) for row in sockets_at(ports)):
        assert time.monotonic() < deadline, "a receiver takes nothing any more"
        time.sleep(0.002)


def ten_seconds_to(starts: dict[str, Start], frames: list[BodyFrame], patiently: bool) -> tuple[int, dict[Key, Heard]]:
    """Let every receiver hear ``frames`` at the same time, in each format; also how much the system threw away."""
    sent = {profile: datagrams_of(frames, profile) for profile in PROFILES}
    with ExitStack() as stack:
        engines = {(name, p): stack.enter_context(start()) for name, start in starts.items() for p in PROFILES}
        urls = [f"osc+{profile}://127.0.0.1:{engine.port}" for (_, profile), engine in engines.items()]
        publish(frames, urls, patiently)
        for engine in engines.values():
            engine.send(osc_message("/state"))
        for engine in engines.values():
            engine.wait_for("left ", PEOPLE)
        dropped = sum(dropped_by_the_system(engine.port) for engine in engines.values())
        counts = {key: engine.end() for key, engine in engines.items()}
        lines = {key: engine.lines for key, engine in engines.items()}
    return dropped, {key: Heard(lines[key], frames, sent[key[1]], *counts[key]) for key in engines}


@pytest.fixture(scope="session")
def heard(request: pytest.FixtureRequest, random_frame: Callable[..., BodyFrame]) -> Callable[[str, str], Heard]:
    """``heard("start_mono", "kinectv2")``: every receiver hears the same ten seconds, at the same time.

    Where the system is so busy that it throws datagrams away before a receiver can take them, or holds a receiver up
    for so long that it takes everyone for gone, they do so again, and each frame waits until the one before was taken.
    """
    starts: dict[str, Start] = {}
    reasons: dict[str, str] = {}
    for name in ("start_mono", "start_godot"):
        try:
            starts[name] = request.getfixturevalue(name)
        except pytest.skip.Exception as reason:
            reasons[name] = str(reason)
    results: dict[Key, Heard] = {}
    for attempt in range(3 if starts else 0):
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("BODYCAST_PATIENCE", "20" if attempt else "2")
            dropped, results = ten_seconds_to(starts, ten_seconds(random_frame), attempt > 0)
        if dropped == 0 and all(len(heard.starting("entered ")) == PEOPLE for heard in results.values()):
            break

    def find(name: str, profile: str) -> Heard:
        if name in reasons:
            pytest.skip(reasons[name])
        return results[name, profile]

    return find


@pytest.fixture(scope="session")
def hostile(random_frame: Callable[..., BodyFrame]) -> list[bytes]:
    """Two thousand datagrams that nobody should send: noise, lies about lengths, deep nests, wrong types, strangers."""
    rng = np.random.default_rng(5)
    real = frame_messages(random_frame(3))[:3]
    real.append(osc_message("/gesture/x", "1", "held", 1.0, 1.0))
    real.append(osc_message("/bodycast/0/joints/Head", *[0.5] * 7, 2))
    real.append(osc_message("/bodycast/1/body", "17", 2, 1, 2, 1, 0, 0.0, 0.0))
    bundle = b"#bundle\0" + bytes(8)
    nested = b"/x\0\0,\0\0\0"
    for _ in range(1500):
        nested = bundle + struct.pack(">i", len(nested)) + nested
    packets = [b"", b"/", b"#bundle", bundle, nested[-60000:], nested[:60000], b"/" * 65000, bytes(65000), b"," * 1000]
    packets += [bundle + struct.pack(">i", size) + real[0] for size in (-1, -(2**31), 2**31 - 1, 3, 1000, 0)]
    packets += [message[:length] for message in real for length in range(len(message))]
    packets += [
        b"/bodies/1/joints/Head\0\0\0," + tags.ljust(203, b"\0") for tags in (b"f" * 200, b"b" * 200, b"[" * 200, b"s")
    ]
    packets += [b"/b\0\0,b\0\0" + struct.pack(">i", size) + bytes(8) for size in (-1, 2**31 - 1, 9, -(2**31))]
    nan = float("nan")
    packets += [osc_message("/bodies/7/joints/Head", nan, float("inf"), 0.0, "Tracked")]
    packets += [osc_message("/bodies/7/joints/Head", 1, 2, 3, 4), osc_message("/bodies/7/hands/Left", 1.0)]
    packets += [
        osc_message(f"/bodies/{10**30}/joints/Head", 1.0, 2.0, 3.0, "Tracked"),
        osc_message("/bodies//joints/Head"),
    ]
    packets += [osc_message(f"/bodies/{n}/joints/Head", 1.0, 2.0, 3.0, "Tracked") for n in range(1, 300)]
    packets += [osc_message("/bodycast/alive", *range(300)), osc_message("/bodycast/alive", -1, 7, 2**31 - 1)]
    packets += [osc_message("/bodycast/alive", "0", 1.0), osc_message("/bodycast/frame", -1, -(2**31), 2**31 - 1, nan)]
    packets += [osc_message(f"/bodycast/{slot}/joints/Head", *[nan] * 7, 9) for slot in (-1, 0, 1, 6, "x", "")]
    packets += [osc_message("/bodycast/enter", n % 9 - 1, str(n)) for n in range(100)]
    packets += [osc_message(f"/bodycast/{n % 8}/body", str(n), 7, -1, 2, 2, 99, nan, nan) for n in range(100)]
    packets += [osc_message(f"/bodies/1/gestures/{n}", 1.0, 1.0) for n in range(300)]
    packets += [rng.bytes(int(rng.integers(1, 1400))) for _ in range(400)]
    packets += [b"/" + rng.bytes(int(rng.integers(1, 300)) * 4 - 1) for _ in range(400)]
    for _ in range(400):
        broken = bytearray(real[int(rng.integers(len(real)))])
        broken[int(rng.integers(len(broken)))] = int(rng.integers(256))
        packets.append(bytes(broken))
    return [packets[i] for i in rng.permutation(len(packets))]
