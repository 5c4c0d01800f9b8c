"""Subscribers come and go, and never harm the publisher."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import msgpack
import pytest
import zmq

from bridge.publishers import open_publisher
from bridge.targets import PublisherError, Target
from bridge.wire import encode_event, encode_frame
from bridge.zmq_publisher import QUEUE, ZmqPublisher
from gestures.event import GestureEvent
from models.body import BodyFrame

PATIENCE = 60_000
"""Milliseconds that a message may take on a busy machine."""


@contextmanager
def subscriber(address: str, topic: bytes = b"", queue: int = 1000) -> Iterator[zmq.Socket[bytes]]:
    """A subscriber as any language would write it."""
    with zmq.Context() as context, context.socket(zmq.SUB) as reader:
        reader.setsockopt(zmq.LINGER, 0)
        reader.setsockopt(zmq.RCVHWM, queue)
        reader.setsockopt(zmq.SUBSCRIBE, topic)
        reader.connect(address)
        yield reader


@pytest.fixture
def publisher() -> Iterator[ZmqPublisher]:
    opened = open_publisher("zmq://127.0.0.1:0")
    assert isinstance(opened, ZmqPublisher)
    yield opened
    opened.close()


def wait_until_heard(publisher: ZmqPublisher, reader: zmq.Socket[bytes]) -> None:
    """Send empty frames until one arrives, then take all of them, up to the last."""
    for number in range(6000):
        publisher.send(BodyFrame(0.0, number))
        if reader.poll(10):
            break
    while msgpack.unpackb(reader.recv_multipart()[1])["sequence"] < number:
        assert reader.poll(PATIENCE)


def test_a_frame_and_its_gestures_arrive_in_order(publisher: ZmqPublisher, random_frame) -> None:
    frame = random_frame()
    events = [GestureEvent("wave", frame.bodies[n].tracking_id, 1.5, "detected") for n in range(3)]
    with subscriber(publisher.address) as reader:
        wait_until_heard(publisher, reader)
        publisher.send(frame)
        publisher.tell(events)
        received = [reader.recv_multipart() for _ in range(4)]
    assert received[0] == [b"body", encode_frame(frame)]
    assert received[1:] == [[b"gesture", encode_event(event)] for event in events]


def test_a_subscriber_may_choose_gestures_only(publisher: ZmqPublisher, random_frame) -> None:
    with subscriber(publisher.address, b"gesture") as reader:
        for count in range(6000):
            publisher.send(random_frame())
            publisher.tell([GestureEvent("wave", count, 0.0, "detected")])
            if reader.poll(10):
                break
        topic, payload = reader.recv_multipart()
    assert topic == b"gesture"
    assert msgpack.unpackb(payload)["name"] == "wave"


def test_a_subscriber_that_sleeps_costs_a_bounded_number_of_messages(publisher: ZmqPublisher, random_frame) -> None:
    frame = random_frame()
    size = len(encode_frame(frame))
    with subscriber(publisher.address, queue=1) as reader:
        wait_until_heard(publisher, reader)
        for _ in range(5000):
            publisher.send(frame)
        received = 0
        while reader.poll(200):
            reader.recv_multipart()
            received += 1
    # Our queue, and what the system's buffers of both ends hold.
    assert received <= QUEUE + 8 * 1024 * 1024 / size
    assert received < 5000 / 2


def test_the_last_frame_before_closing_arrives(random_frame) -> None:
    publisher = ZmqPublisher(Target("zmq", "127.0.0.1", 0))
    with subscriber(publisher.address) as reader:
        wait_until_heard(publisher, reader)
        count = QUEUE // 2  # the queue learns only now and then of what was taken out of it
        for sequence in range(count):
            publisher.send(random_frame(sequence=sequence, people=1))
        publisher.close()
        publisher.close()
        sequences = []
        while reader.poll(PATIENCE):
            sequences.append(msgpack.unpackb(reader.recv_multipart()[1])["sequence"])
            if sequences[-1] == count - 1:
                break
    assert sequences == list(range(count))


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PublisherError, match=f"^zmq://127.0.0.1:{port}: port {port} is taken: .*another port$"):
            open_publisher(f"zmq://127.0.0.1:{port}")


def test_two_publishers_cannot_share_a_port_but_one_after_the_other_can(publisher: ZmqPublisher) -> None:
    url = publisher.address.replace("tcp", "zmq")
    with pytest.raises(PublisherError, match="is taken"):
        open_publisher(url)
    publisher.close()
    open_publisher(url).close()


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(PublisherError, match=r"192\.0\.2\.1 is not an address of this machine"):
        open_publisher("zmq://192.0.2.1:0", insecure=True)


def test_only_this_machine_is_served_unless_the_url_says_otherwise(publisher: ZmqPublisher) -> None:
    assert publisher.address.startswith("tcp://127.0.0.1:")
    by_name = ZmqPublisher(Target("zmq", "localhost", 0))
    assert by_name.address.startswith("tcp://127.0.0.1:")
    by_name.close()
