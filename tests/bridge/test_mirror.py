"""Left and right from the picture to the wire: the actor raises the right hand, seen as it is and through --mirror."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from pythonosc.osc_message import OscMessage

from bridge.client import subscribe
from bridge.drawing import LEFT, RIGHT
from bridge.recording import read_recording
from models.actor import Actor
from models.body import Body, BodyFrame
from models.camera import PinholeCamera
from models.joints import FrameEdges, HandState, Joint, Keypoint
from models.mirror import flipped, mirrored
from models.orientation import orientations

SIZE = (640, 480)


@cache
def raised() -> int:
    """The number of the actor's frame in which the right hand is highest while it is raised."""
    actor = Actor()
    heights = {
        number: float(pose.body.positions[Joint.HAND_RIGHT, 1])
        for number in range(300)
        if (pose := actor.poses(number / 30)[0]).gesture == "raise_right_hand"
    }
    return max(heights, key=heights.__getitem__)


@dataclass(frozen=True)
class Seen:
    """What came out of one run, in its last frame.

    ``osc`` holds positions by joint; ``wire`` and ``recorded`` are the bodies; ``picture`` is the snapshot.
    """

    osc: dict[str, tuple[float, ...]]
    gestures: set[str]
    wire: Body
    recorded: Body
    picture: np.ndarray


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def performed(folder: Path, *options: str) -> Seen:
    """The actor up to the raised hand, published everywhere, recorded and drawn."""
    port, frames = free_port(), raised() + 1
    received: list[BodyFrame] = []
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as udp:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(300)
        datagrams: list[bytes] = []

        def receive_osc() -> None:
            while (data := udp.recv(2048)) != b"end":
                datagrams.append(data)

        def receive_zmq() -> None:
            for frame in subscribe(f"zmq://127.0.0.1:{port}", timeout=300):
                received.append(frame)
                if frame.sequence == frames - 1:
                    return

        threads = [threading.Thread(target=target, daemon=True) for target in (receive_osc, receive_zmq)]
        for thread in threads:
            thread.start()
        urls = (f"osc+kinectv2://127.0.0.1:{udp.getsockname()[1]}", f"zmq://127.0.0.1:{port}")
        command = [sys.executable, "-m", "bridge.cli", "run", "actor", "--fast", "--frames", str(frames), *options]
        command += [option for url in urls for option in ("--publish", url)]
        command += ["--record", str(folder / "dance"), "--snapshot", str(folder / "last.png")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        udp.sendto(b"end", udp.getsockname())
        for thread in threads:
            thread.join(300)
    messages = [OscMessage(data) for data in datagrams]
    joints = [(message.address.split("/")[-1], message) for message in messages if "/joints/" in message.address]
    last = list(read_recording(folder / "dance"))[-1]
    return Seen(
        osc={name: tuple(message.params[:3]) for name, message in joints},
        gestures={message.address.split("/")[-1] for message in messages if message.address.startswith("/gesture/")},
        wire=received[-1].bodies[0],
        recorded=last.bodies[0],
        picture=cv2.imread(str(folder / "last.png")),
    )


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return performed(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return performed(tmp_path_factory.mktemp("mirror"), "--mirror")


def columns_above_the_nose(seen: Seen, colour: tuple[int, int, int]) -> np.ndarray:
    """Where lines of this colour are drawn above the nose, in pixels right of it."""
    nose = seen.wire.keypoints[Keypoint.NOSE]
    above = seen.picture[: int(nose[1] - 25)]
    return np.nonzero((above == colour).all(axis=2))[1] - nose[0]


def test_in_the_picture_the_actors_raised_right_hand_is_at_the_left() -> None:
    actor = Actor()
    scene = actor.render(raised() / 30)
    painted = np.abs(scene.image.astype(int) - actor.background).max(axis=2) > 40
    nose = scene.people[0].keypoints[Keypoint.NOSE]
    columns = np.nonzero(painted[: int(nose[1] - 60)])[1]
    assert columns.size > 100
    assert columns.max() < nose[0]


def test_the_right_hand_is_up_at_the_larger_x_on_every_wire(plain: Seen) -> None:
    for positions in (
        plain.osc,
        {joint.kinect_name: plain.wire.positions[joint] for joint in Joint},
        {joint.kinect_name: plain.recorded.positions[joint] for joint in Joint},
    ):
        right, left, head = (positions[name] for name in ("HandRight", "HandLeft", "Head"))
        assert right[1] > head[1] + 0.1
        assert left[1] < positions["SpineMid"][1]
        assert right[0] > head[0] > left[0]


def test_the_right_hand_is_drawn_up_at_the_left_of_an_unmirrored_preview(plain: Seen) -> None:
    assert columns_above_the_nose(plain, RIGHT).size > 50
    assert columns_above_the_nose(plain, RIGHT).max() < 0
    assert columns_above_the_nose(plain, LEFT).size == 0


def test_in_the_mirror_the_left_hand_is_up_at_the_smaller_x_on_every_wire(mirror: Seen) -> None:
    for positions in (
        mirror.osc,
        {joint.kinect_name: mirror.wire.positions[joint] for joint in Joint},
        {joint.kinect_name: mirror.recorded.positions[joint] for joint in Joint},
    ):
        right, left, head = (positions[name] for name in ("HandRight", "HandLeft", "Head"))
        assert left[1] > head[1] + 0.1
        assert right[1] < positions["SpineMid"][1]
        assert right[0] > head[0] > left[0]


def test_in_the_mirror_the_raised_hand_is_drawn_at_the_right_over_the_flipped_picture(
    plain: Seen, mirror: Seen
) -> None:
    assert columns_above_the_nose(mirror, LEFT).size > 50
    assert columns_above_the_nose(mirror, LEFT).min() > 0
    assert columns_above_the_nose(mirror, RIGHT).size == 0
    difference = np.abs(flipped(plain.picture).astype(int) - mirror.picture).max(axis=2) > 60
    assert difference.mean() < 0.05, "the same picture, but for the colours of the lines"


def test_gestures_are_those_of_the_person_in_the_mirror(plain: Seen, mirror: Seen) -> None:
    assert "raise_right_hand" in plain.gestures
    assert "raise_right_hand" not in mirror.gestures
    assert "raise_left_hand" in mirror.gestures


def test_a_mirror_of_a_mirror_shows_what_is_there(
    random_frame: Callable[..., BodyFrame], assert_same_frame: Callable[[BodyFrame, BodyFrame], None]
) -> None:
    frame = random_frame()
    twice = mirrored(mirrored(frame))
    for once, again in zip(frame.bodies, twice.bodies, strict=True):
        np.testing.assert_allclose(again.keypoints, once.keypoints, atol=1e-3)
        np.testing.assert_array_equal(again.positions, once.positions)
        np.testing.assert_array_equal(again.orientations, once.orientations)
        assert (again.hand_left, again.clipped_edges) == (once.hand_left, once.clipped_edges)


def test_keypoints_and_joints_of_the_mirror_lie_over_each_other() -> None:
    scene = Actor().render(raised() / 30)
    acted = scene.people[0]
    states = np.full(len(Joint), 2, np.uint8)
    body = Body(1, 0, acted.positions, acted.orientations, states, keypoints=acted.keypoints)
    shown = mirrored(BodyFrame(0.0, 0, (body,), SIZE)).bodies[0]
    pixels = PinholeCamera.from_fov(*SIZE).project(shown.positions)
    for joint, keypoint in ((Joint.WRIST_LEFT, Keypoint.LEFT_WRIST), (Joint.ANKLE_RIGHT, Keypoint.RIGHT_ANKLE)):
        np.testing.assert_allclose(pixels[joint], shown.keypoints[keypoint, :2], atol=2.0)


def test_bones_of_the_mirror_turn_as_those_of_a_mirrored_skeleton_do() -> None:
    positions = Actor().render(raised() / 30).people[0].positions
    body = Body(1, 0, positions, orientations(positions), np.full(len(Joint), 2, np.uint8))
    shown = mirrored(BodyFrame(0.0, 0, (body,), SIZE)).bodies[0]
    expected = orientations(shown.positions)
    agreement = np.abs((shown.orientations * expected).sum(axis=1))
    turning = np.linalg.norm(expected, axis=1) > 0
    assert (agreement[turning] > 0.999).all()


def test_hands_edges_lean_and_floor_change_sides(random_frame: Callable[..., BodyFrame]) -> None:
    frame = random_frame(people=1)
    seen = frame.bodies[0]
    body = Body(
        1, 0, seen.positions, seen.orientations, seen.tracking_states,
        clipped_edges=FrameEdges.LEFT | FrameEdges.TOP, lean=np.array([0.4, 0.2], np.float32),
    )  # fmt: skip
    floor = np.array([0.1, 0.98, -0.17, 1.1], np.float32)
    shown = mirrored(BodyFrame(0.0, 0, (body,), SIZE, floor))
    assert shown.bodies[0].clipped_edges == FrameEdges.RIGHT | FrameEdges.TOP
    np.testing.assert_allclose(shown.bodies[0].lean, (-0.4, 0.2))
    np.testing.assert_allclose(shown.floor, (-0.1, 0.98, -0.17, 1.1), atol=1e-6)
    assert shown.bodies[0].hand_left.state == HandState.UNKNOWN
