"""Both engines' receivers take every message of our real stream, to the digit, and survive everything else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bridge.osc_kinectv2 import frame_messages
from bridge.publishers import open_publisher
from bridge.recording import read_recording
from models.body import Body, BodyFrame
from models.joints import Joint
from models.orientation import orientations

ROOT = Path(__file__).parents[3]
PROFILES = pytest.mark.parametrize("profile", ["kinectv2", "bodycast"])
ENGINES = pytest.mark.parametrize("engine", ["start_mono", "start_godot"])


def hands(body: Body) -> list[int]:
    return [int(n) for hand in (body.hand_left, body.hand_right) for n in (hand.state, hand.confidence)]


def same(received: list[str], sent: list[str]) -> None:
    """Fail at the first line that differs; pytest would compare ten thousands of lines with all others."""
    assert len(received) == len(sent)
    wrong = [pair for pair in zip(received, sent, strict=True) if pair[0] != pair[1]]
    assert not wrong[:1]


def same_rotations(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether quaternions are equal up to their sign, which has no meaning."""
    return bool((np.abs((a * b).sum(axis=-1)) > 1 - 1e-4).all())


@ENGINES
@PROFILES
def test_every_message_of_ten_seconds_of_six_bodies_arrives_in_order_and_to_the_digit(heard, engine, profile) -> None:
    result = heard(engine, profile)
    sent = result.messages
    joints = [message for message in sent if "/joints/" in message]
    assert len(joints) == 300 * 6 * 25
    same(result.starting("/"), sent)


@ENGINES
@PROFILES
def test_all_of_it_is_understood_and_nothing_forgotten(heard, engine, profile) -> None:
    result = heard(engine, profile)
    assert (result.understood, result.strange, result.forgotten) == (len(result.messages), 0, 0)


@ENGINES
@PROFILES
def test_six_people_enter_once_move_all_the_time_and_leave_once(heard, engine, profile) -> None:
    result = heard(engine, profile)
    ids = [body.tracking_id for body in result.frames[0].bodies]
    same(result.starting("entered "), [f"entered {number} {slot}" for slot, number in enumerate(ids)])
    same(sorted(result.starting("left ")), sorted(f"left {number}" for number in ids))
    (updates,) = result.starting("updates ")
    assert 6 * 2 <= int(updates.split()[1]) <= 6 * 600


@ENGINES
@PROFILES
def test_gestures_arrive_with_their_phase_and_body(heard, engine, profile) -> None:
    result = heard(engine, profile)
    events = [event for event in result.events if event.phase != "progress"]
    assert len(events) > 100
    expected = [f"{e.tracking_id} {e.name} {e.phase} {e.progress:.6f} {e.confidence:.6f}" for e in events]
    same(result.starting("gesture "), [f"gesture {line}" for line in expected])


@ENGINES
@PROFILES
def test_after_the_last_frame_everybody_is_as_it_says(heard, engine, profile) -> None:
    result = heard(engine, profile)
    assert len(result.states) == 6
    for state, body in zip(result.states, result.frames[-1].bodies, strict=True):
        assert (state.tracking_id, state.slot, state.hands) == (body.tracking_id, body.slot, hands(body))
        np.testing.assert_array_equal(state.states, body.tracking_states)
        np.testing.assert_allclose(state.positions, body.positions, atol=1e-6)
        if profile == "bodycast":
            np.testing.assert_allclose(state.orientations, body.orientations, atol=1e-6)


@ENGINES
def test_whoever_is_not_alive_any_more_has_left_at_once(request, engine, random_frame) -> None:
    everybody = random_frame(1, 3)
    alone = replace(everybody, bodies=everybody.bodies[1:2])
    with request.getfixturevalue(engine)() as receiver:
        publisher = open_publisher(f"osc+bodycast://127.0.0.1:{receiver.port}")
        publisher.send(everybody)
        publisher.send(alone)
        receiver.ask("/state", "state ", 1)
        receiver.end()
        publisher.close()
    assert [line.split()[1] for line in receiver.starting("state ")] == [str(alone.bodies[0].tracking_id)]
    assert len(receiver.starting("entered ")) == 3


def test_without_orientations_on_the_wire_unity_computes_ours(heard) -> None:
    result = heard("start_mono", "kinectv2")
    for state, body in zip(result.states, result.frames[-1].bodies, strict=True):
        ours = orientations(body.positions)
        ends = ~ours.any(axis=1)
        assert Joint.HEAD in np.flatnonzero(ends)
        assert not state.orientations[ends].any()
        assert same_rotations(state.orientations[~ends], ours[~ends])


@ENGINES
def test_hostile_packets_do_no_harm(
    request: pytest.FixtureRequest, engine: str, hostile: list[bytes], random_frame: Callable[..., BodyFrame]
) -> None:
    frame = random_frame(1)
    with request.getfixturevalue(engine)() as receiver:
        receiver.send(*hostile)
        receiver.wait_for("left ")
        while len(receiver.starting("left ")) < len(receiver.starting("entered ")):
            receiver.wait_for("left ", len(receiver.starting("entered ")))
        receiver.send(*frame_messages(frame))
        receiver.ask("/state", "state ", 6)
        _, strange, _ = receiver.end()
    ids = [int(line.split()[1]) for line in receiver.starting("state ")]
    assert ids == [body.tracking_id for body in frame.bodies]
    assert strange > len(hostile) / 2
    complaints = [line for line in receiver.lines if "ERROR" in line.upper() or "Exception" in line]
    assert len(complaints) < 10, complaints[:20]


@ENGINES
def test_bodycast_run_reaches_the_receiver_as_it_was_recorded(request, engine, tmp_path) -> None:
    with request.getfixturevalue(engine)() as receiver:
        url = f"osc+bodycast://127.0.0.1:{receiver.port}"
        command = ["run", "actor:2", "--fast", "--frames", "40", "--publish", url, "--record", str(tmp_path / "dance")]
        subprocess.run([sys.executable, "-m", "bridge.cli", *command], check=True, capture_output=True, cwd=ROOT)
        _, strange, forgotten = receiver.end()
    assert (strange, forgotten) == (0, 0)
    recorded = {frame.sequence: frame for frame in read_recording(tmp_path / "dance")}
    seen = 0
    for frame_number, slot, joint, numbers in joints_of(receiver.starting("/bodycast/")):
        (body,) = (body for body in recorded[frame_number].bodies if body.slot == slot)
        np.testing.assert_allclose(numbers[:3], body.positions[joint], atol=1e-3)
        np.testing.assert_allclose(numbers[3:7], body.orientations[joint], atol=1e-3)
        assert numbers[7] == body.tracking_states[joint]
        seen += 1
    assert seen == sum(len(frame.bodies) for frame in recorded.values()) * len(Joint) > 500


def joints_of(lines: list[str]) -> Iterator[tuple[int, int, Joint, list[float]]]:
    """Frame, slot, joint and numbers of each joint; the number of its frame comes after it."""
    waiting: list[tuple[int, Joint, list[float]]] = []
    for line in lines:
        address, *words = line.split()
        if "/joints/" in address:
            _, _, slot, _, name = address.split("/")
            joint = next(joint for joint in Joint if joint.kinect_name == name)
            waiting.append((int(slot), joint, [float(word) for word in words]))
        elif address == "/bodycast/frame":
            yield from ((int(words[0]), *joint) for joint in waiting)
            waiting.clear()
