"""Callbacks are called with what was published, in order, and nothing is left over at the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bridge.callbacks import listen
from bridge.targets import Target
from bridge.wire_benchmark import crowd
from bridge.zmq_publisher import ZmqPublisher
from gestures.event import GestureEvent
from models.body import BodyFrame


@pytest.fixture
def publisher() -> Iterator[ZmqPublisher]:
    opened = ZmqPublisher(Target("zmq", "127.0.0.1", 0))
    yield opened
    opened.close()


def test_people_enter_and_leave_and_gestures_come_with_their_frames(publisher: ZmqPublisher) -> None:
    (frame,) = crowd(1, 2)
    told: list[Any] = []
    stop = threading.Event()

    def publish() -> None:
        progress = 0.0
        while not stop.wait(0.01):
            progress = min(progress + 0.1, 1.0)
            publisher.send(frame)
            publisher.tell([GestureEvent("clap", frame.bodies[0].tracking_id, 0.0, "progress", progress)])

    def gesture(event: GestureEvent) -> None:
        told.append(event)
        if len([one for one in told if isinstance(one, GestureEvent)]) == 5:
            stop.set()

    thread = threading.Thread(target=publish)
    thread.start()
    listen(
        on_frame=lambda frame: told.append("frame"),
        on_gesture=gesture,
        on_enter=lambda body: told.append(("enter", body.slot)),
        on_leave=lambda slot, who: told.append(("leave", slot, who)),
        url=publisher.address,
        stop=stop,
        timeout=60,
    )
    thread.join()
    assert [one for one in told if isinstance(one, tuple)] == [
        ("enter", 0),
        ("enter", 1),
        *(("leave", body.slot, body.tracking_id) for body in frame.bodies),
    ]
    assert told.index(("enter", 1)) < told.index("frame")
    assert {event.phase for event in told if isinstance(event, GestureEvent)} == {"progress"}


def test_silence_is_told_after_the_timeout(publisher: ZmqPublisher) -> None:
    with pytest.raises(TimeoutError, match="no body message from"):
        listen(url=publisher.address, timeout=0.1)


def test_an_error_in_a_callback_ends_it(publisher: ZmqPublisher) -> None:
    done = threading.Event()

    def publish() -> None:
        while not done.wait(0.01):
            publisher.send(BodyFrame(0.0, 0))

    def fail(frame: BodyFrame) -> None:
        raise ZeroDivisionError

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        with pytest.raises(ZeroDivisionError):
            listen(on_frame=fail, url=publisher.address, timeout=60)
    finally:
        done.set()
        thread.join()
