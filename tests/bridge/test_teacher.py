"""A Kinect elsewhere teaches a camera here: what it sends arrives, and becomes the labels of the recording."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from bridge.osc import osc_message
from bridge.osc_kinectv2 import body_messages, frame_messages
from bridge.recording import Recorder, read_recording
from bridge.sources import SourceError
from bridge.teacher.labelling import label_recording
from bridge.teacher.messages import BodyAssembler, HandMessage, JointMessage, read_message
from bridge.teacher.receiver import Teacher, parse_teacher
from gestures.event import GestureEvent
from models.actor import Actor
from models.body import Body, BodyFrame, Frame, Hand
from models.camera import PinholeCamera
from models.extrinsics import AlignmentError, CameraPose
from models.joints import HandState, Joint, Keypoint, TrackingConfidence, TrackingState
from models.kinect_keypoints import KEYPOINT_JOINT

SIZE = (320, 240)
CAMERA = PinholeCamera.from_fov(*SIZE)
POSE = CameraPose(np.asarray(cv2.Rodrigues(np.array([0.1, 0.4, -0.05]))[0]), np.array([-0.7, 0.2, 0.1]))
OFFSET = 0.08
LOCAL = "osc+kinectv2://127.0.0.1:0"


def test_messages_are_read_as_they_are_sent(random_frame: Callable[..., BodyFrame]) -> None:
    (body,) = random_frame(people=1).bodies
    messages = [read_message(datagram) for datagram in body_messages(body)]
    joints = [message for message in messages if isinstance(message, JointMessage)]
    hands = [message for message in messages if isinstance(message, HandMessage)]
    assert [message.joint for message in joints] == list(Joint)
    assert [message.position for message in joints] == [tuple(point) for point in body.positions.tolist()]
    assert [message.state for message in joints] == [body.state(joint) for joint in Joint]
    assert [(message.left, message.hand) for message in hands] == [(True, body.hand_left), (False, body.hand_right)]
    assert {message.tracking_id for message in joints + hands} == {body.tracking_id}


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\0" * 64,
        b"/bodies/1/joints/Head",
        b",fffs\0" * 50,
        b"#bundle\0" + b"\xff" * 40,
        osc_message("/bodies/1/joints/Head", 1.0, 2.0, float("nan"), "Tracked"),
        osc_message("/bodies/1/joints/Head", 1.0, 2.0, 1e9, "Tracked"),
        osc_message("/bodies/1/joints/Head", 1.0, 2.0, 3.0, "Floating"),
        osc_message("/bodies/1/joints/Tail", 1.0, 2.0, 3.0, "Tracked"),
        osc_message("/bodies/99999999999999999999/joints/Head", 1.0, 2.0, 3.0, "Tracked"),
        osc_message("/bodies/-1/joints/Head", 1.0, 2.0, 3.0, "Tracked"),
        osc_message("/bodies/1/joints/Head", "a", "b"),
        osc_message("/bodies/1/hands/Left", "Open", "Medium"),
        osc_message("/bodies/1/hands/Middle", "Open", "High"),
        osc_message("/joint", "head", 1, 0.5, 0.5, 0.5),
    ],
)
def test_what_is_no_message_of_a_kinect_is_refused(datagram: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_message(datagram)


def test_random_bytes_are_refused_and_never_worse(random_frame: Callable[..., BodyFrame]) -> None:
    rng = np.random.default_rng(0)
    originals = frame_messages(random_frame(people=1))
    for number in range(3000):
        datagram = bytearray(originals[number % len(originals)])
        for place in rng.integers(0, len(datagram), 3):
            datagram[place] = rng.integers(256)
        try:
            read_message(bytes(datagram[: rng.integers(1, len(datagram) + 1)]))
        except ValueError:
            continue


def test_gestures_of_the_same_sender_are_passed_over() -> None:
    event = GestureEvent(time=0.0, tracking_id=5, name="wave", phase="held", progress=0.5, confidence=1.0)
    messages = frame_messages(BodyFrame(0.0, 0), [event])
    assert [read_message(message) for message in messages] == [None, None]


def test_bodies_come_whole_and_with_the_time_of_their_first_message(random_frame: Callable[..., BodyFrame]) -> None:
    first, second = random_frame(people=2).bodies
    frames = heard([*messages_at(first, 1.0), *messages_at(second, 1.01), *messages_at(first, 1.033)])
    assert [frame.time for frame in frames] == [1.0, 1.01, 1.033]
    assert [frame.bodies[0].slot for frame in frames] == [0, 1, 0]
    for frame, body in zip(frames, (first, second, first), strict=True):
        assert frame.bodies[0].tracking_id == body.tracking_id
        np.testing.assert_array_equal(frame.bodies[0].positions, body.positions)
        np.testing.assert_array_equal(frame.bodies[0].tracking_states, body.tracking_states)
        assert (frame.bodies[0].hand_left, frame.bodies[0].hand_right) == (body.hand_left, body.hand_right)


def test_a_lost_message_costs_its_joint_only(random_frame: Callable[..., BodyFrame]) -> None:
    (body,) = random_frame(people=1).bodies
    lossy = messages_at(body, 1.0)
    del lossy[Joint.KNEE_LEFT]
    frames = heard([*lossy, *messages_at(body, 1.033)])
    assert [frame.time for frame in frames] == [1.0, 1.033]
    found = frames[0].bodies[0]
    assert np.isnan(found.positions[Joint.KNEE_LEFT]).all()
    assert found.state(Joint.KNEE_LEFT) == TrackingState.NOT_TRACKED
    np.testing.assert_array_equal(found.positions[Joint.KNEE_RIGHT], body.positions[Joint.KNEE_RIGHT])


def test_the_rest_of_a_body_is_not_waited_for(random_frame: Callable[..., BodyFrame]) -> None:
    first, second = random_frame(people=2).bodies
    frames = heard([*messages_at(first, 1.0)[:3], *messages_at(second, 1.0)[:20], *messages_at(first, 2.0)])
    assert [(frame.time, frame.bodies[0].tracking_id) for frame in frames] == [
        (1.0, second.tracking_id),
        (2.0, first.tracking_id),
    ]


def test_a_flood_of_ids_is_no_crowd() -> None:
    messages = [
        (JointMessage(number, Joint.HEAD, (0.0, 0.0, 2.0), TrackingState.TRACKED), 1.0) for number in range(999)
    ]
    assembler = BodyAssembler()
    assert [frame for message, now in messages for frame in assembler.add(message, now)] == []
    assert len(assembler._parts) == 6


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("osc+kinectv2://:12345", ("127.0.0.1", 12345)),
        ("osc+kinectv2://", ("127.0.0.1", 12345)),
        ("osc+kinectv2://0.0.0.0:7000/", ("0.0.0.0", 7000)),
        ("osc+kinectv2://[::1]:7000", ("::1", 7000)),
    ],
)
def test_the_url_says_where_to_listen(url: str, expected: tuple[str, int]) -> None:
    assert parse_teacher(url) == expected


@pytest.mark.parametrize("url", ["", "12345", "zmq://127.0.0.1:1", "osc+kinectv2://:99999", "osc+kinectv2://a b:1"])
def test_a_wrong_url_is_told_with_a_right_one(url: str) -> None:
    with pytest.raises(SourceError, match=r"right is osc\+kinectv2://:12345"):
        parse_teacher(url)


def test_a_port_that_is_taken_is_told() -> None:
    with Teacher(LOCAL) as teacher, pytest.raises(SourceError, match="another program"):
        Teacher(f"osc+kinectv2://127.0.0.1:{teacher.port}")


def test_what_a_kinect_sends_arrives_and_what_others_send_costs_one_line_of_log(
    random_frame: Callable[..., BodyFrame], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    frame = random_frame(people=1)
    with (
        caplog.at_level(logging.WARNING),
        Recorder(tmp_path / "dance"),
        Teacher(LOCAL, tmp_path / "dance") as teacher,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        for datagram in [b"hello", b"\0" * 9000, *frame_messages(frame), b"hello"]:
            udp.sendto(datagram, ("127.0.0.1", teacher.port))
        wait_until(lambda: teacher.bodies() and teacher.refused == 3)
    (arrived,) = teacher.bodies()
    np.testing.assert_array_equal(arrived.bodies[0].positions, frame.bodies[0].positions)
    assert len(caplog.records) == 1
    assert "not KinectV2-OSC" in caplog.records[0].getMessage()
    (line,) = (tmp_path / "dance" / "teacher.jsonl").read_text().splitlines()
    assert json.loads(line)["bodies"][0]["tracking_id"] == frame.bodies[0].tracking_id


def test_the_kinects_bodies_become_the_labels(tmp_path: Path) -> None:
    recorded(tmp_path / "dance")
    result = label_recording(tmp_path / "dance", taught(), PinholeCamera.from_fov)
    assert result.alignment.clock_offset == pytest.approx(OFFSET, abs=0.015)
    assert result.labelled >= 0.98 * result.frames
    assert sum(result.report.dropped.values()) < 0.05 * result.report.labels
    assert "reprojection error" in result.as_text()

    truth = {moment: (positions, points) for moment, positions, points in acted()}
    labels = list(read_recording(tmp_path / "dance"))
    used = list(KEYPOINT_JOINT)
    distances, depths = [], []
    for frame in labels:
        for body in frame.bodies:
            right = CAMERA.project(truth[frame.time][0][list(KEYPOINT_JOINT.values())])
            distances.append(np.linalg.norm(body.keypoints[used, :2] - right, axis=1))
            depths.append(np.linalg.norm(body.positions - truth[frame.time][0], axis=1))
            assert (body.tracking_id, body.hand_right.state) == (77, HandState.CLOSED)
            assert np.linalg.norm(body.orientations[Joint.ELBOW_LEFT]) == pytest.approx(1, abs=1e-3)
    assert np.median(distances) < 2.0  # pixels of 320
    assert np.median(depths) < 0.15


def test_a_labelled_recording_says_how_it_came_about_and_keeps_what_was_seen(tmp_path: Path) -> None:
    recorded(tmp_path / "dance")
    before = (tmp_path / "dance" / "bodies.jsonl").read_bytes()
    result = label_recording(tmp_path / "dance", taught(), PinholeCamera.from_fov)
    meta = json.loads((tmp_path / "dance" / "meta.json").read_text())
    assert meta["format"] == "bodycast-recording"
    assert meta["teacher"]["reprojection_error_pixels"] == pytest.approx(result.alignment.error, abs=1e-3)
    assert np.array(meta["teacher"]["rotation"]).shape == (3, 3)
    assert (tmp_path / "dance" / "seen.jsonl").read_bytes() == before
    assert [p.time for p in read_recording(tmp_path / "dance").pictures()] == [0.0]


def test_a_recording_whose_camera_cannot_be_found_stays_as_it_was(tmp_path: Path) -> None:
    recorded(tmp_path / "dance")
    before = (tmp_path / "dance" / "bodies.jsonl").read_bytes()
    with pytest.raises(AlignmentError, match="fewer than 45"):
        label_recording(tmp_path / "dance", taught()[:20], PinholeCamera.from_fov)
    assert (tmp_path / "dance" / "bodies.jsonl").read_bytes() == before
    assert not (tmp_path / "dance" / "seen.jsonl").exists()


def test_while_the_kinect_sees_two_people_the_camera_is_found_by_the_rest(tmp_path: Path) -> None:
    recorded(tmp_path / "dance")
    alone = taught()
    crowd = [moved(frame, 78) for frame in alone[200:260]]
    result = label_recording(tmp_path / "dance", alone + crowd, PinholeCamera.from_fov)
    assert result.alignment.clock_offset == pytest.approx(OFFSET, abs=0.015)
    assert {len(frame.bodies) for frame in read_recording(tmp_path / "dance")} >= {1, 2}


def test_the_command_without_a_kinect_says_what_to_do(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bridge.cli", "record", "actor", str(tmp_path / "dance")]
    options = ["--teacher", LOCAL, "--frames", "2", "--size", "320x240"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=300)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "nothing came from a Kinect" in done.stderr.splitlines()[-1]
    assert len(list(read_recording(tmp_path / "dance"))) == 2


def test_a_recording_that_is_there_already_is_not_touched(
    tmp_path: Path, bodycast: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(tmp_path / "dance")
    (tmp_path / "dance" / "teacher.jsonl").write_text("precious")
    before = {path: path.read_bytes() for path in (tmp_path / "dance").iterdir()}
    assert bodycast("record", "camera", tmp_path / "dance", "--teacher", LOCAL) == 1
    assert "exists and is not empty" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in (tmp_path / "dance").iterdir()} == before


def test_the_command_refuses_what_does_not_run_beside_the_kinect(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bridge.cli", "record", "actor", str(tmp_path / "dance"), "--fast"]
    done = subprocess.run([*command, "--teacher", LOCAL], capture_output=True, text=True, timeout=300)
    assert done.returncode == 2
    assert "real time" in done.stderr


def test_ctrl_c_is_the_usual_end_and_labels_are_written_then(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    bodycast: Callable[..., int],
) -> None:
    def perform(*_: object) -> int:
        recorded(tmp_path / "dance")
        raise KeyboardInterrupt

    monkeypatch.setattr("bridge.cli.teaching.perform", perform)
    monkeypatch.setattr(Teacher, "bodies", lambda _: taught())
    status = bodycast("record", "camera", tmp_path / "dance", "--teacher", LOCAL)
    assert status == 130
    assert {body.tracking_id for frame in read_recording(tmp_path / "dance") for body in frame.bodies} == {77}
    said = capsys.readouterr().err
    assert "reprojection error" in said
    assert "dropped" in said


@cache
def acted() -> tuple[tuple[float, np.ndarray, np.ndarray], ...]:
    """Twelve seconds of the actor: time, joints and keypoints in the camera's space."""
    actor, result = Actor(seed=1), []
    for number in range(360):
        body = actor.poses(number / 30)[0].body
        result.append((number / 30, body.positions, body.keypoints))
    return tuple(result)


def recorded(folder: Path) -> None:
    """What the camera recorded, with what the networks found."""
    rng = np.random.default_rng(0)
    with Recorder(folder, color=True, source="camera") as recorder:
        for number, (moment, positions, points) in enumerate(acted()):
            keypoints = np.full((len(Keypoint), 3), 0.9, np.float32)
            keypoints[:, :2] = CAMERA.project(points) + rng.normal(0, 1.5, (len(Keypoint), 2))
            body = Body(3, 0, positions, np.zeros((25, 4), np.float32), np.full(25, 2, np.uint8), keypoints=keypoints)
            recorder.send(BodyFrame(moment, number, (body,), SIZE))
        recorder.add_image(Frame(np.zeros((SIZE[1], SIZE[0], 3), np.uint8), 0.0, 0))


def taught() -> list[BodyFrame]:
    """What the Kinect sent: in its own space, with its own noise, later by `OFFSET`."""
    rng, result = np.random.default_rng(1), []
    for number, (moment, positions, _) in enumerate(acted()):
        there = ((positions - POSE.translation) @ POSE.rotation + rng.normal(0, 0.008, positions.shape)).astype(
            np.float32
        )
        hand = Hand(HandState.CLOSED, TrackingConfidence.HIGH)
        states = np.full(25, TrackingState.TRACKED, np.uint8)
        body = Body(77, 0, there.astype(np.float32), np.zeros((25, 4), np.float32), states, hand_right=hand)
        result.append(BodyFrame(moment + OFFSET, number, (body,)))
    return result


def moved(frame: BodyFrame, tracking_id: int) -> BodyFrame:
    (body,) = frame.bodies
    there = body.positions + np.array([0.6, 0.0, 0.4], np.float32)
    other = Body(tracking_id, 1, there, body.orientations, body.tracking_states)
    return BodyFrame(frame.time + 0.002, frame.sequence, (other,))


def messages_at(body: Body, when: float) -> list[tuple[JointMessage | HandMessage, float]]:
    read = [(read_message(datagram), when + 0.0001 * n) for n, datagram in enumerate(body_messages(body))]
    return [(message, now) for message, now in read if message is not None]


def heard(messages: list[tuple[JointMessage | HandMessage, float]]) -> list[BodyFrame]:
    assembler = BodyAssembler()
    return [frame for message, now in messages for frame in assembler.add(message, now)]


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.002)
