"""Bodies that any test may ask for, and what a call costs on any machine."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pytest
from pythonosc.osc_message_builder import OscMessageBuilder

from models.body import Body, BodyFrame, Hand
from models.joints import FrameEdges, HandState, Joint, Keypoint, TrackingConfidence, TrackingState


def random_body(rng: np.random.Generator, slot: int) -> Body:
    """A body with nothing in common with a person, and every field drawn at random."""
    return Body(
        tracking_id=int(rng.integers(1, 2**64, dtype=np.uint64)),
        slot=slot,
        positions=rng.normal(size=(len(Joint), 3)).astype(np.float32),
        orientations=rng.normal(size=(len(Joint), 4)).astype(np.float32),
        tracking_states=rng.integers(0, len(TrackingState), len(Joint)).astype(np.uint8),
        hand_left=Hand(HandState(int(rng.integers(5))), TrackingConfidence(int(rng.integers(2)))),
        hand_right=Hand(HandState(int(rng.integers(5))), TrackingConfidence(int(rng.integers(2)))),
        keypoints=(rng.random((len(Keypoint), 3)) * (640, 480, 1)).astype(np.float32),
        clipped_edges=FrameEdges(int(rng.integers(16))),
        lean=rng.uniform(-1, 1, 2).astype(np.float32),
    )


@pytest.fixture(scope="session")
def random_frame() -> Callable[..., BodyFrame]:
    """``random_frame(seed=0, people=6, time=1.5, sequence=0)`` makes a body frame."""

    def make(seed: int = 0, people: int = 6, time: float = 1.5, sequence: int = 0) -> BodyFrame:
        rng = np.random.default_rng(seed)
        bodies = tuple(random_body(rng, slot) for slot in range(people))
        return BodyFrame(time, sequence, bodies, (640, 480), rng.normal(size=4).astype(np.float32))

    return make


@pytest.fixture
def assert_same_frame() -> Callable[[BodyFrame, BodyFrame], None]:
    """``assert_same_frame(a, b)`` fails unless both frames are equal to the last bit."""

    def check(a: BodyFrame, b: BodyFrame) -> None:
        assert (a.time, a.sequence, a.image_size, len(a.bodies)) == (b.time, b.sequence, b.image_size, len(b.bodies))
        np.testing.assert_array_equal(a.floor, b.floor, strict=True)
        for one, other in zip(a.bodies, b.bodies, strict=True):
            for name in ("tracking_id", "slot", "hand_left", "hand_right", "clipped_edges"):
                assert getattr(one, name) == getattr(other, name)
            for name in ("positions", "orientations", "tracking_states", "keypoints", "lean"):
                np.testing.assert_array_equal(getattr(one, name), getattr(other, name), strict=True)

    return check


def by_python_osc() -> list[bytes]:
    """150 messages of a joint each, as python-osc makes them: 2 ms on the machine that the bars were set on."""
    messages = []
    for number in range(150):
        builder = OscMessageBuilder(f"/bodies/72057594037927936/joints/{Joint(number % len(Joint)).kinect_name}")
        for value in (0.25, -0.5, 2.5, "Tracked"):
            builder.add_arg(value)
        messages.append(builder.build().dgram)
    return messages


def processor_time(call: Callable[[], object], calls: int) -> float:
    """Seconds that this thread computes for one of several calls."""
    clock = time.perf_counter if sys.platform == "win32" else time.thread_time  # Windows counts 16 ms at a time
    start = clock()
    for _ in range(calls):
        call()
    return (clock() - start) / calls


@pytest.fixture(scope="session")
def cost() -> Callable[..., float]:
    """``cost(call, calls=20)``: a call's processor time in times of `by_python_osc`, measured in turns.

    A slow machine is slow at both, and a busy one disturbs both: the median of the rounds, at the least of five tries.
    """

    def measure(call: Callable[[], object], calls: int = 20) -> float:
        call()
        tries = []
        for _ in range(5):
            rounds = [(processor_time(call, calls), processor_time(by_python_osc, 1)) for _ in range(9)]
            tries.append(statistics.median(ours / theirs for ours, theirs in rounds))
        return min(tries)

    return measure
