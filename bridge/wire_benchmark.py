"""How long each format takes to encode a frame of six people, in the time of this thread alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from bridge.options import parse_options
from bridge.osc_profiles import PROFILES
from bridge.targets import Target
from bridge.web_messages import encode_message
from bridge.wire import encode_frame
from models.body import Body, BodyFrame, Hand
from models.joints import HandState, Joint, TrackingConfidence

PEOPLE = 6
ROUNDS = 300
VARIANTS = {"osc+kinect2share": {"": {}, "?format=json": {"format": "json"}}}


def crowd(count: int = 30, people: int = PEOPLE, seed: int = 0) -> list[BodyFrame]:
    """Frames of people who stand side by side and tremble, each joint in any state: harder than life."""
    from bridge.humanoid import T_POSE
    from models.orientation import orientations

    rng = np.random.default_rng(seed)
    frames = []
    for sequence in range(count):
        bodies = []
        for slot in range(people):
            place = np.array([slot - people / 2, 0.0, 2.5], np.float32)
            positions = (T_POSE + place + rng.normal(0, 0.02, T_POSE.shape)).astype(np.float32)
            states = rng.integers(0, 3, len(Joint)).astype(np.uint8)
            hand = Hand(HandState(int(rng.integers(5))), TrackingConfidence(int(rng.integers(2))))
            bodies.append(Body(72057594037927936 + slot, slot, positions, orientations(positions), states, hand, hand))
        frames.append(BodyFrame(sequence / 30, sequence, tuple(bodies), (640, 480)))
    return frames


def median_time(call: Callable[[BodyFrame], object], frames: Sequence[BodyFrame], rounds: int = ROUNDS) -> float:
    """Median seconds that ``call`` takes of this thread's processor time."""
    times = []
    for number in range(rounds):
        frame = frames[number % len(frames)]
        start = time.thread_time_ns()
        call(frame)
        times.append(time.thread_time_ns() - start)
    return float(np.median(times)) * 1e-9


def encoders() -> dict[str, Callable[[BodyFrame], object]]:
    """For each format, and each variant of one that is encoded differently, what makes a frame's bytes."""
    made: dict[str, Callable[[BodyFrame], object]] = {}
    for scheme in PROFILES:
        for suffix, options in VARIANTS.get(scheme, {"": {}}).items():
            made[scheme + suffix] = _osc(scheme, options)
    made["zmq"] = encode_frame
    made["ws?format=json"] = lambda frame: encode_message(frame, "json")
    made["ws?format=msgpack"] = lambda frame: encode_message(frame, "msgpack")
    return made


def _osc(scheme: str, given: dict[str, str]) -> Callable[[BodyFrame], object]:
    profile = PROFILES[scheme]
    options = parse_options(Target(scheme, "127.0.0.1", 1, tuple(given.items())), profile.all_options)
    return profile.encoder(options).frame
