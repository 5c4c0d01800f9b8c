"""The client yields what was published, newest first served, and ends cleanly."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zmq

from bridge.client import Subscription, subscribe, subscribe_events
from bridge.targets import Target
from bridge.wire import encode_frame
from bridge.zmq_publisher import ZmqPublisher
from gestures.event import GestureEvent
from models.body import BodyFrame

ROOT = Path(__file__).parents[2]
WAVE = GestureEvent("wave", 5, 1e9, "detected", 1.0, 0.5)
NUMBERS = itertools.count()
PATIENCE = 60.0
"""Seconds that a message may take on a busy machine."""


@pytest.fixture
def publisher() -> Iterator[ZmqPublisher]:
    opened = ZmqPublisher(Target("zmq", "127.0.0.1", 0))
    yield opened
    opened.close()


def wait_until_heard(publisher: ZmqPublisher, subscription: Subscription) -> None:
    """Publish until something arrives, then take all of it, up to the last."""
    for number in itertools.islice(NUMBERS, 6000):
        publisher.send(BodyFrame(float(number), 0))
        publisher.tell([replace(WAVE, time=float(number))])
        heard = subscription.poll(0.01)
        if heard is not None:
            break
    while heard.time < number:
        heard = subscription.poll(PATIENCE)
        assert heard is not None


def test_frames_arrive_to_the_last_bit(publisher: ZmqPublisher, random_frame, assert_same_frame) -> None:
    with subscribe(publisher.address, timeout=PATIENCE, backlog=100) as frames:
        wait_until_heard(publisher, frames)
        sent = [random_frame(seed, sequence=seed) for seed in range(20)]
        for frame in sent:
            publisher.send(frame)
            publisher.tell([WAVE])
        for frame in sent:
            assert_same_frame(next(frames), frame)


def test_a_slow_reader_gets_the_newest_frame(publisher: ZmqPublisher, random_frame) -> None:
    with subscribe(publisher.address, timeout=PATIENCE) as frames, subscribe_events(publisher.address) as events:
        wait_until_heard(publisher, frames)
        wait_until_heard(publisher, events)
        for sequence in range(50):
            publisher.send(random_frame(sequence=sequence))
            publisher.tell([WAVE] if sequence == 49 else [])
        assert events.poll(PATIENCE) == WAVE  # sent after the last frame
        taken = [next(frames).sequence]
        while taken[-1] < 49:
            taken.append(next(frames).sequence)
        assert taken == sorted(taken)
        assert len(taken) < 25  # one or two, unless the system delivers late what was sent earlier
        assert frames.poll() is None


def test_events_wait_for_a_slow_reader(publisher: ZmqPublisher) -> None:
    with subscribe_events(publisher.address, timeout=PATIENCE) as events:
        wait_until_heard(publisher, events)
        sent = [GestureEvent("wave", n, float(n), "detected") for n in range(50)]
        publisher.send(BodyFrame(0.0, 0))
        publisher.tell(sent)
        assert [next(events) for _ in sent] == sent


def test_a_bridge_that_starts_later_and_starts_again_is_found(random_frame) -> None:
    first = ZmqPublisher(Target("zmq", "127.0.0.1", 0))
    url = first.address.replace("tcp", "zmq")
    port = int(url.rpartition(":")[2])
    first.close()
    with subscribe(url) as frames:
        for _ in range(2):
            publisher = ZmqPublisher(Target("zmq", "127.0.0.1", port))
            wait_until_heard(publisher, frames)
            publisher.send(random_frame(sequence=9))
            again = frames.poll(PATIENCE)
            publisher.close()
            assert again is not None
            assert again.sequence == 9


def test_silence_is_a_timeout_that_says_where() -> None:
    with (
        subscribe("zmq://127.0.0.1:1", timeout=0.02) as frames,
        pytest.raises(TimeoutError, match=r"no body message from zmq://127\.0\.0\.1:1 within 0\.02 s"),
    ):
        next(frames)


def test_polling_does_not_wait() -> None:
    with subscribe("zmq://127.0.0.1:1") as frames:
        assert frames.poll() is None


def test_iteration_ends_when_it_is_closed() -> None:
    frames = subscribe("tcp://127.0.0.1:1", timeout=5)
    frames.close()
    frames.close()
    assert list(frames) == []


def test_one_that_is_forgotten_closes_itself() -> None:
    subscribe("zmq://127.0.0.1:1")  # a ResourceWarning would fail this test


def test_foreign_messages_cost_a_line_and_reading_goes_on(
    random_frame, assert_same_frame, caplog: pytest.LogCaptureFixture
) -> None:
    with zmq.Context() as context, context.socket(zmq.PUB) as foreign:
        foreign.setsockopt(zmq.LINGER, 0)
        port = foreign.bind_to_random_port("tcp://127.0.0.1")
        good = encode_frame(random_frame())
        with subscribe(f"tcp://127.0.0.1:{port}", backlog=2) as frames:
            for _ in range(6000):
                foreign.send_multipart([b"body", good])
                if frames.poll(0.01) is not None:
                    break
            foreign.send_multipart([b"body", encode_frame(random_frame(time=99.0))])
            while (heard := frames.poll(PATIENCE)).time < 99:
                assert heard is not None
            rng = np.random.default_rng(0)
            foreign.send_multipart([b"body", b"hello"])
            foreign.send_multipart([b"bodywork", b"hello"])  # another topic, which starts like ours
            for number in range(300):
                foreign.send_multipart([b"body", *[rng.bytes(int(rng.integers(200)))] * (number % 4)])
                foreign.send_multipart([b"body", good[: int(rng.integers(len(good)))]])
                assert frames.poll() is None
            foreign.send_multipart([b"body", good])
            assert_same_frame(frames.poll(PATIENCE), random_frame())
            assert frames.poll(0.05) is None
            assert frames.refused > 0
    assert len(caplog.records) == 1
    assert "left out a message: not a body message: " in caplog.text


def test_who_sends_faster_than_we_take_does_not_hold_us_up(random_frame, monkeypatch: pytest.MonkeyPatch) -> None:
    class Flooded:
        def poll(self, timeout: int) -> int:
            return zmq.POLLIN

        def recv_multipart(self, flags: int) -> list[bytes]:
            return [b"body", encode_frame(random_frame(people=1))]

    with subscribe("zmq://127.0.0.1:1") as frames:
        monkeypatch.setattr(frames, "_socket", Flooded())
        assert frames.poll() is not None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:5556",
        "http://127.0.0.1:5556",
        "zmq://127.0.0.1",
        "zmq://:5556",
        "zmq://*:5556",
        "zmq://a:b",
        "tcp://a:99999",
        "tcp://a:5556/body",
    ],
)
def test_a_wrong_url_is_explained(url: str) -> None:
    with pytest.raises(ValueError, match=r"right is, for example, zmq://127\.0\.0\.1:5556"):
        subscribe(url)


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to a child process")
def test_ctrl_c_ends_a_waiting_client_at_once() -> None:
    code = (
        "from bridge.client import subscribe\n"
        "frames = subscribe('zmq://127.0.0.1:1')\n"
        "try:\n"
        "    print('waiting', flush=True)\n"
        "    for frame in frames: pass\n"
        "except KeyboardInterrupt:\n"
        "    print('stopped', flush=True)\n"
    )
    command = [sys.executable, "-X", "dev", "-c", code]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "waiting\n"
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert (out, err, child.returncode) == ("stopped\n", "", 0)
