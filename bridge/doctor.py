"""Examine this machine: what Bodycast needs, whether it works, and what to do where it does not."""

from __future__ import annotations

import importlib
import os
import platform
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from bridge.client import subscribe
from bridge.publishers import open_publisher
from models.body import Body, BodyFrame
from models.inference import WeightsError
from models.joints import Joint, TrackingState

PACKAGES = {
    "numpy": "numpy",
    "cv2": "opencv-python-headless",
    "openvino": "openvino",
    "pythonosc": "python-osc",
    "zmq": "pyzmq",
    "msgpack": "msgpack",
    "websockets": "websockets",
    "pygame": "pygame",
    "tqdm": "tqdm",
}
"""Modules that a run imports, and the distributions that bring them."""

OSC_PORT, ZMQ_PORT = 12345, 5556
MESSAGES = 27
"""OSC messages a body: 25 joints and two hands."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
    works : bool
    text : str
        What was found.
    advice : str
        What to do about it; empty where all is well.
    essential : bool
        Whether Bodycast is of no use without it.
    """

    name: str
    works: bool
    text: str
    advice: str = ""
    essential: bool = True


def examine(camera: int = 0) -> Iterator[Finding]:
    """Look at everything, one thing after the other."""
    yield check_python()
    yield check_packages()
    yield check_camera(camera)
    yield check_model("person detector", _try_detector)
    yield check_model("pose network", _try_pose)
    yield check_osc_receiver()
    yield check_zmq_port()
    yield check_osc_echo()
    yield check_zmq_echo()


def check_python() -> Finding:
    """Whether Python is new enough."""
    text = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return Finding(
        "Python", sys.version_info >= (3, 11), text, "" if sys.version_info >= (3, 11) else "use 3.11 or newer"
    )


def check_packages() -> Finding:
    """Whether every package that a run needs can be imported."""
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    found, missing = [], []
    for module, distribution in PACKAGES.items():
        try:
            importlib.import_module(module)
            found.append(f"{distribution} {version(distribution)}")
        except PackageNotFoundError:
            found.append(distribution)
        except ImportError:
            missing.append(distribution)
    if missing:
        return Finding("packages", False, f"missing: {', '.join(missing)}", f"pip install {' '.join(missing)}")
    return Finding("packages", True, ", ".join(found))


def check_camera(index: int = 0) -> Finding:
    """Whether a camera gives pictures."""
    from bridge.sources.capture import open_camera
    from bridge.sources.playback import SourceError

    start = time.monotonic()
    try:
        capture = open_camera(index)
    except SourceError as error:
        advice = "plug one in, close other programs that use it, allow access to it; or use a video, or the actor"
        return Finding("camera", False, str(error), advice, essential=False)
    seen, image = capture.read()
    capture.release()
    size = f"{image.shape[1]}x{image.shape[0]}" if seen else "no second picture"
    return Finding("camera", True, f"camera:{index} opens in {time.monotonic() - start:.1f} s and shows {size}")


def check_model(name: str, attempt: Callable[[], float]) -> Finding:
    """Whether a network loads and runs; ``attempt`` does it and gives the seconds that one run took."""
    try:
        return Finding(name, True, f"runs in {attempt() * 1000:.1f} ms")
    except WeightsError as error:
        return Finding(name, False, str(error), "install Bodycast again: its networks come with it")


def check_osc_receiver(port: int = OSC_PORT) -> Finding:
    """Whether a program listens where OSC is sent by default."""
    name = f"UDP port {port}"
    if _taken(socket.SOCK_DGRAM, port):
        return Finding(name, True, "a program on this machine receives there", essential=False)
    advice = (
        f"start your receiver, or tell it to listen on UDP port {port}; elsewhere: --publish osc+kinectv2://HOST:PORT"
    )
    return Finding(name, False, "nobody on this machine receives OSC there", advice, essential=False)


def check_zmq_port(port: int = ZMQ_PORT) -> Finding:
    """Whether the port where ZeroMQ subscribers are awaited by default is free."""
    name = f"TCP port {port}"
    if not _taken(socket.SOCK_STREAM, port):
        return Finding(name, True, "free for ZeroMQ subscribers", essential=False)
    advice = f"another Bodycast may be running: end it, or use --publish zmq://127.0.0.1:{port + 1}"
    return Finding(name, False, "taken by another program", advice, essential=False)


def check_osc_echo() -> Finding:
    """Whether a body sent by OSC arrives on this machine."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(1.0)
        with closing(open_publisher(f"osc+kinectv2://127.0.0.1:{receiver.getsockname()[1]}")) as publisher:
            publisher.send(sample())
            return _echo("OSC echo", _receive(receiver), MESSAGES)


def check_zmq_echo() -> Finding:
    """Whether a body published by ZeroMQ arrives on this machine."""
    from bridge.zmq_publisher import ZmqPublisher

    publisher = open_publisher("zmq://127.0.0.1:0")
    assert isinstance(publisher, ZmqPublisher)
    with closing(publisher), subscribe(publisher.address) as frames:
        for _ in range(40):  # subscribing takes a moment, and what is sent before is gone
            publisher.send(sample())
            frame = frames.poll(timeout=0.05)
            if frame is not None:
                return _echo("ZeroMQ echo", len(frame.bodies), 1)
    return _echo("ZeroMQ echo", 0, 1)


def sample() -> BodyFrame:
    """A frame with one body, to be sent as a trial."""
    positions = np.zeros((len(Joint), 3), np.float32)
    positions[:, 2] = 2.0
    states = np.full(len(Joint), TrackingState.TRACKED, np.uint8)
    body = Body(1, 0, positions, np.zeros((len(Joint), 4), np.float32), states)
    return BodyFrame(0.0, 0, (body,), (640, 480))


def _echo(name: str, arrived: int, expected: int) -> Finding:
    text = f"{arrived} of {expected} messages came back"
    advice = "" if arrived == expected else "a firewall may block this machine's own network: allow Python in it"
    return Finding(name, arrived == expected, text, advice)


def _receive(receiver: socket.socket) -> int:
    for arrived in range(MESSAGES):
        try:
            receiver.recv(2048)
        except TimeoutError:
            return arrived
    return MESSAGES


def _taken(kind: socket.SocketKind, port: int) -> bool:
    with closing(socket.socket(socket.AF_INET, kind)) as probe:
        if sys.platform == "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        elif kind is socket.SOCK_STREAM:
            probe.setsockopt(
                socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
            )  # as ZeroMQ does: connections just closed are no obstacle
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _try_detector() -> float:
    from models.detector import PersonDetector

    detector = PersonDetector()
    return _seconds(lambda: detector(np.zeros((480, 640, 3), np.uint8)))


def _try_pose() -> float:
    from models.pose import PoseEstimator

    estimator = PoseEstimator()
    box = np.array([[200, 40, 440, 440]], np.float32)
    return _seconds(lambda: estimator(np.zeros((480, 640, 3), np.uint8), box))


def _seconds(call: Callable[[], object], times: int = 5) -> float:
    """The shortest of several runs, in seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return min(taken)
