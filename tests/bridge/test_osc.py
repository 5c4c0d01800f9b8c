"""OSC messages are right to the byte, and sending them never harms the sender."""

from __future__ import annotations

import logging
import socket
import struct

import pytest
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.osc import UdpSender, osc_message, osc_string
from bridge.targets import PublisherError, Target


def sender_to(port: int) -> UdpSender:
    return UdpSender(Target("osc+kinectv2", "127.0.0.1", port))


@pytest.mark.parametrize("text", ["", "a", "ab", "abc", "abcd", "Händchen", "/bodies/1"])
def test_a_string_ends_in_one_to_four_zeros(text: str) -> None:
    data = osc_string(text)
    assert len(data) % 4 == 0
    assert data.rstrip(b"\0").decode() == text
    assert 1 <= len(data) - len(text.encode()) <= 4


def test_a_message_is_what_the_specification_shows() -> None:
    # The second example of the OSC 1.0 specification.
    golden = bytes.fromhex("2f666f6f 00000000 2c696973 66660000 000003e8 ffffffff 68656c6c 6f000000 3f9df3b6 40b5b22d")
    values = struct.unpack(">ff", golden[-8:])
    assert osc_message("/foo", 1000, -1, "hello", *values) == golden


def test_a_message_equals_that_of_python_osc() -> None:
    builder = OscMessageBuilder("/gesture/wave")
    for value, kind in (("7", "s"), (0.25, "f"), (-3, "i")):
        builder.add_arg(value, kind)
    assert osc_message("/gesture/wave", "7", 0.25, -3) == builder.build().dgram


def test_every_datagram_comes_from_the_same_port() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        sender = sender_to(receiver.getsockname()[1])
        receiver.settimeout(60)
        for count in range(3):
            sender.send([bytes([count])])
            data, source = receiver.recvfrom(100)
            assert (data, source) == (bytes([count]), sender.source)
        assert (sender.sent, sender.dropped, sender.refused) == (3, 0, 0)
        sender.close()


def test_nobody_listening_is_logged_once_and_the_first_message_to_somebody_arrives(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        port = receiver.getsockname()[1]
    sender = sender_to(port)
    for _ in range(20):
        sender.send([b"into", b"the", b"void"])
    assert len([r for r in caplog.records if "nobody listens" in r.message]) == (1 if sender.refused else 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", port))
        receiver.settimeout(60)
        sender.send([b"now"])
        assert receiver.recv(100) == b"now"
    sender.close()


class FullSocket:
    def send(self, data: bytes) -> int:
        raise BlockingIOError("the buffer is full")

    def close(self) -> None: ...


def test_a_full_socket_drops_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    sender = sender_to(9)
    sender._socket.close()
    sender._socket = FullSocket()
    with caplog.at_level(logging.WARNING):
        sender.send([b"a", b"b"])
        sender.send([b"c"])
    assert (sender.sent, sender.dropped) == (0, 3)
    assert len(caplog.records) == 1


def test_a_datagram_that_is_too_long_is_dropped_and_the_rest_is_sent() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(60)
        sender = sender_to(receiver.getsockname()[1])
        sender.send([bytes(100_000), b"short"])
        assert receiver.recv(100) == b"short"
        assert (sender.sent, sender.dropped) == (1, 1)
        sender.close()
        sender.close()


def test_an_unknown_host_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror("not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(
        PublisherError, match=r"osc\+kinectv2://nowhere\.invalid:1: host 'nowhere\.invalid' is not known"
    ):
        UdpSender(Target("osc+kinectv2", "nowhere.invalid", 1))
