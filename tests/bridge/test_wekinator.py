"""What Wekinator answers becomes gestures, and whatever else comes to its port costs a line in the log."""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bridge.osc import osc_message
from bridge.osc_publisher import OscPublisher
from bridge.osc_reading import read_osc
from bridge.targets import PublisherError, Target
from bridge.wekinator import MOST
from gestures.event import GestureEvent
from models.body import BodyFrame


@contextmanager
def listening(*options: tuple[str, str]) -> Iterator[tuple[OscPublisher, socket.socket]]:
    """A publisher that listens for outputs, and the socket of Wekinator."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wekinator:
        wekinator.bind(("127.0.0.1", 0))
        target = Target("osc+wekinator", "127.0.0.1", wekinator.getsockname()[1], (("outputs", "0"), *options))
        with closing(OscPublisher(target)) as publisher:
            assert publisher._outputs is not None
            wekinator.connect(("127.0.0.1", publisher._outputs.port))
            yield publisher, wekinator


def told(events: tuple[GestureEvent, ...]) -> list[tuple[str, str, float]]:
    return [(event.name, event.phase, event.progress) for event in events]


def test_continuous_outputs_are_progress_while_they_change(random_frame) -> None:
    frame = random_frame(people=2)
    with listening(("names", "punch"), ("slot", "1")) as (publisher, wekinator):
        wekinator.send(osc_message("/wek/outputs", 0.25, 0.0))
        events = publisher.heard(frame)
        assert events == (GestureEvent("punch", frame.bodies[1].tracking_id, frame.time, "progress", 0.25),)
        wekinator.send(osc_message("/wek/outputs", 0.25, 1.5))
        assert told(publisher.heard(frame)) == [("wekinator_2", "progress", 1.0)]
        assert publisher.heard(frame) == ()


def test_classes_start_are_held_and_end(random_frame) -> None:
    frame = random_frame(people=1)
    with listening(("kind", "classes"), ("names", "sit,stand")) as (publisher, wekinator):
        history = []
        for number in (1.0, 1.0, 2.0, 0.0):
            wekinator.send(osc_message("/wek/outputs", number))
            history += told(publisher.heard(frame))
        wekinator.send(osc_message("/wek/outputs", 2.0))
        publisher.heard(frame)
        history += told(publisher.heard(BodyFrame(1.0, 1)))  # everyone has left
    sit, stand = ("sit", "started", 1.0), ("stand", "started", 1.0)
    ends = [("sit", "ended", 0.0), ("stand", "ended", 0.0)]
    assert history == [sit, ("sit", "held", 1.0), ends[0], stand, ends[1], ends[1]]


def test_a_movement_is_detected(random_frame) -> None:
    with listening(("names", "circle,zigzag")) as (publisher, wekinator):
        wekinator.send(osc_message("/output_2"))
        wekinator.send(osc_message("/output_7"))
        events = told(publisher.heard(random_frame(people=1)))
        assert events == [("zigzag", "detected", 1.0), ("wekinator_7", "detected", 1.0)]
        wekinator.send(osc_message("/output_2"))
        assert publisher.heard(BodyFrame(0.0, 0)) == ()  # nobody is there to have moved


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere this machine has only one address that all know")
def test_on_another_machine_only_wekinator_is_heard(
    random_frame, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bridge.wekinator.is_loopback", lambda address: False)
    with (
        caplog.at_level(logging.WARNING),
        listening() as (publisher, wekinator),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger,
    ):
        stranger.bind(("127.0.0.2", 0))
        for _ in range(3):
            stranger.sendto(osc_message("/wek/outputs", 1.0), wekinator.getpeername())
        assert publisher.heard(random_frame(people=1)) == ()
        wekinator.send(osc_message("/wek/outputs", 0.5))
        assert told(publisher.heard(random_frame(people=1))) == [("wekinator_1", "progress", 0.5)]
        assert publisher._outputs is not None
        assert publisher._outputs._socket.getsockname()[0] == "0.0.0.0"
    assert ["it came from 127.0.0.2" in record.getMessage() for record in caplog.records] == [True]


def test_a_flood_costs_a_frame_little(random_frame) -> None:
    with listening() as (publisher, wekinator):
        for number in range(500):
            wekinator.send(osc_message("/wek/outputs", number / 500))
        assert len(publisher.heard(random_frame(people=1))) <= MOST


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        with pytest.raises(PublisherError, match=f"cannot listen on port {port}"):
            OscPublisher(Target("osc+wekinator", "127.0.0.1", 6448, (("outputs", str(port)),)))


QUICK = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
"""So many examples, the same in every run, however busy the machine."""

HOSTILE = (
    b"",
    b"/wek/outputs",
    b"/wek/outputs\0\0\0\0,f",
    b"/wek/outputs\0\0\0\0,f\0\0\0\0",
    b"/wek/outputs\0\0\0\0," + b"f" * 900,
    osc_message("/wek/outputs", float("nan")),
    osc_message("/wek/outputs", float("inf")),
    osc_message("/wek/outputs", "a"),
    osc_message("/wek/outputs", 1),
    osc_message("/output_999999999999"),
    b"#bundle\0" * 200,
    b"#bundle\0" + bytes(8) + b"\x7f\xff\xff\xff#bundle\0",
    b"[" * 1400,
    b"\xff" * 1400,
)


def test_hostile_datagrams_cost_one_line(random_frame, caplog: pytest.LogCaptureFixture) -> None:
    frame = random_frame(people=1)
    with listening(("kind", "classes")) as (publisher, wekinator):
        for datagram in HOSTILE * 3:
            wekinator.send(datagram)
            publisher.heard(frame)
        wekinator.send(osc_message("/wek/outputs", 1.0))
        assert told(publisher.heard(frame)) == [("wekinator_1", "started", 1.0)]
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1


atoms = st.one_of(st.integers(-(2**31), 2**31 - 1), st.floats(width=32), st.text("abc/_ 1", max_size=20))


@QUICK
@given(st.text("abc/_1", max_size=30), st.lists(atoms, max_size=8))
def test_what_we_write_is_read_again(name: str, arguments: list[object]) -> None:
    address, values = read_osc(osc_message(f"/{name}", *arguments))
    assert address == f"/{name}"
    assert [repr(value) for value in values] == [repr(value) for value in arguments]


@QUICK
@given(st.one_of(st.binary(max_size=200), st.builds(bytes.__add__, st.sampled_from(HOSTILE), st.binary(max_size=40))))
@example(b"/a\0\0,fs\0\0\0\0\0")
def test_any_other_bytes_are_refused_or_read_whole(datagram: bytes) -> None:
    try:
        address, values = read_osc(datagram)
    except ValueError:
        return
    assert osc_message(address, *values)[: len(address)] == datagram[: len(address)]
    assert len(osc_message(address, *values)) == len(datagram)
