"""The Unity package compiles, and its components do in a scene what they promise, on a stand-in for the engine."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bridge.osc import osc_message
from bridge.osc_kinectv2 import frame_messages
from models.body import Body, BodyFrame, FloatArray, Hand
from models.joints import HandState, Joint, TrackingState
from models.orientation import facing, orientations

UNITY = Path(__file__).parents[2] / "demos" / "unity"
HERE = Path(__file__).parent / "unity"
LIMBS = [
    ("UpperArm", "LowerArm", "SHOULDER", "ELBOW"),
    ("LowerArm", "Hand", "ELBOW", "WRIST"),
    ("UpperLeg", "LowerLeg", "HIP", "KNEE"),
    ("LowerLeg", "Foot", "KNEE", "ANKLE"),
]
"""Bones of an avatar and their ends, and the joints where the same bones of a Kinect body begin and end."""


def to_unity(points: FloatArray) -> FloatArray:
    return points * np.array([1, 1, -1], np.float32)


@pytest.fixture(scope="session")
def package(tmp_path_factory, compiled) -> Path:
    """A folder with the compiled package, each assembly with no more than what its asmdef names."""
    out = tmp_path_factory.mktemp("unity")
    library = ["-target:library"]
    engine = compiled(out / "engine.dll", HERE / "Engine.cs", options=[*library, "-nowarn:414,169,649"])
    core = compiled(out / "core.dll", *sorted((UNITY / "Runtime" / "Core").glob("*.cs")), options=library)
    uses = [f"-r:{core}", f"-r:{engine}"]
    main = compiled(out / "bodycast.dll", *sorted((UNITY / "Runtime").glob("*.cs")), options=[*library, *uses])
    compiled(out / "editor.dll", *sorted((UNITY / "Editor").glob("*.cs")), options=[*library, *uses, f"-r:{main}"])
    sample = sorted((UNITY / "Samples~").rglob("*.cs"))
    compiled(out / "play.exe", *sample, HERE / "Play.cs", options=[*uses, f"-r:{main}"])
    return out


@pytest.fixture
def play(package: Path, engine_class) -> Callable[..., dict[str, list[str]]]:
    """``play(*frames, mirror=False)``: what the sample scene prints after these frames, by the first word."""

    def run(*frames: BodyFrame, mirror: bool = False, more: tuple[bytes, ...] = ()) -> dict[str, list[str]]:
        command = [shutil.which("mono"), str(package / "play.exe"), *(["mirror"] if mirror else [])]
        with engine_class(command) as engine:
            for frame in frames:
                engine.send(*frame_messages(frame), *more)
                before = len(engine.starting("dumped"))
                engine.send(osc_message("/gesture/dump", "1", "detected", 1.0, 1.0))
                engine.wait_for("dumped", before + 1)
            engine.send(osc_message("/gesture/quit", "1", "detected", 1.0, 1.0))
            engine.join()
            return {word: engine.starting(word) for word in ("bind", "bone", "view", "label", "trigger")}

    return run


def bones(lines: list[str]) -> dict[str, FloatArray]:
    """Place and rotation of each bone in the avatar's space, as printed last."""
    return {line.split()[1]: np.array(line.split()[2:], np.float32) for line in lines}


def multiplied(a: FloatArray, b: FloatArray) -> FloatArray:
    """The product of quaternions x y z w."""
    vector = a[3] * b[:3] + b[3] * a[:3] + np.cross(a[:3], b[:3])
    return np.append(vector, a[3] * b[3] - a[:3] @ b[:3]).astype(np.float32)


def person(positions: FloatArray, **changes: object) -> BodyFrame:
    """A frame with one body whose joints are all tracked."""
    tracked = np.full(len(Joint), TrackingState.TRACKED, np.uint8)
    body = Body(7, 0, positions, orientations(positions), tracked, Hand(HandState.OPEN), Hand(HandState.CLOSED))
    return BodyFrame(0.0, 0, (replace(body, **changes),))


def t_pose() -> FloatArray:
    """A person with the proportions of the test's avatar in a T-pose, who faces the camera at three metres."""
    middle = {"SPINE_BASE": 1.1, "SPINE_MID": 1.3, "SPINE_SHOULDER": 1.55, "NECK": 1.62, "HEAD": 1.72}
    side = {"SHOULDER": (0.17, 1.55, 0), "ELBOW": (0.4, 1.55, 0), "WRIST": (0.6, 1.55, 0), "HAND": (0.66, 1.55, 0)}
    side |= {"HAND_TIP": (0.74, 1.55, 0), "THUMB": (0.66, 1.55, 0.1), "HIP": (0.1, 1.05, 0), "KNEE": (0.1, 0.55, 0)}
    side |= {"ANKLE": (0.1, 0.08, 0), "FOOT": (0.1, 0.02, 0.15)}
    places = {Joint[name]: (0, y, 0) for name, y in middle.items()}
    for name, (x, y, z) in side.items():
        places |= {Joint[f"{name}_RIGHT"]: (x, y, z), Joint[f"{name}_LEFT"]: (-x, y, z)}
    in_unity = np.array([places[joint] for joint in Joint], np.float32)
    return to_unity(in_unity) + np.array([0, -1, 3], np.float32)


def dancing() -> FloatArray:
    """The T-pose with every limb bent elsewhere."""
    rng = np.random.default_rng(3)
    positions = t_pose()
    for side in ("LEFT", "RIGHT"):
        for chain in (("SHOULDER", "ELBOW", "WRIST", "HAND", "HAND_TIP"), ("HIP", "KNEE", "ANKLE", "FOOT")):
            joints = [Joint[f"{name}_{side}"] for name in chain]
            for start, end in pairwise(joints):
                way = rng.normal(size=3) - np.array([0, 0.5, 0])
                positions[end] = positions[start] + 0.2 * way / np.linalg.norm(way)
        positions[Joint[f"THUMB_{side}"]] = positions[Joint[f"HAND_{side}"]] + rng.normal(size=3) * 0.05
    return positions


def direction(places: dict[str, FloatArray], start: str, end: str) -> FloatArray:
    way = places[end][:3] - places[start][:3]
    return way / np.linalg.norm(way)


def test_a_person_in_the_avatars_own_bind_pose_leaves_it_as_it_is(play) -> None:
    lines = play(person(t_pose()))
    bind, now = bones(lines["bind"]), bones(lines["bone"])
    for name in bind:
        np.testing.assert_allclose(now[name][:3], bind[name][:3], atol=1e-3, err_msg=name)
        assert abs(now[name][3:] @ bind[name][3:]) > 0.9999, name


def test_a_person_who_turns_and_bows_turns_every_bone_alike(play) -> None:
    yaw, bow = np.deg2rad(60), np.deg2rad(20)
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    turn = turn @ np.array([[1, 0, 0], [0, np.cos(bow), -np.sin(bow)], [0, np.sin(bow), np.cos(bow)]])
    centre = np.array([0, 0, 3])
    lines = play(person(((t_pose() - centre) @ turn.T + centre).astype(np.float32)))
    half_yaw = np.array([0, -np.sin(yaw / 2), 0, np.cos(yaw / 2)], np.float32)  # Unity turns the other way
    half_bow = np.array([-np.sin(bow / 2), 0, 0, np.cos(bow / 2)], np.float32)
    turned = multiplied(half_yaw, half_bow)
    bind, now = bones(lines["bind"]), bones(lines["bone"])
    for name in bind:
        assert abs(now[name][3:] @ multiplied(turned, bind[name][3:])) > 0.9999, name


@pytest.mark.parametrize("mirror", [False, True])
def test_the_avatars_limbs_point_where_the_persons_do(play, mirror: bool) -> None:
    positions = dancing()
    now = bones(play(person(positions), mirror=mirror)["bone"])
    for side in ("Left", "Right"):
        own = {"Left": "Right", "Right": "Left"}[side] if mirror else side
        for bone, end, start_joint, end_joint in LIMBS:
            way = positions[Joint[f"{end_joint}_{own.upper()}"]] - positions[Joint[f"{start_joint}_{own.upper()}"]]
            expected = to_unity(way) / np.linalg.norm(way) * ((-1, 1, 1) if mirror else (1, 1, 1))
            np.testing.assert_allclose(
                direction(now, side + bone, side + end), expected, atol=2e-3, err_msg=side + bone
            )


def test_the_chest_faces_where_the_persons_does(play) -> None:
    positions = dancing()
    now = bones(play(person(positions))["bone"])
    right = direction(now, "LeftUpperArm", "RightUpperArm")
    up = direction(now, "Spine", "Neck")
    np.testing.assert_allclose(np.cross(right, up), to_unity(facing(positions)), atol=2e-3)


def test_the_avatar_walks_with_the_person_and_keeps_a_foot_on_the_ground(play) -> None:
    first = t_pose()
    lines = play(person(first), person(first + np.array([0.5, 0.3, -1], np.float32)))
    bind, now = bones(lines["bind"]), bones(lines["bone"])
    np.testing.assert_allclose(now["Hips"][:3] - bind["Hips"][:3], [0.5, 0, 1], atol=1e-3)
    assert min(now["LeftFoot"][1], now["RightFoot"][1]) == pytest.approx(bind["LeftFoot"][1], abs=1e-4)


def without_legs(positions: FloatArray) -> BodyFrame:
    """A frame of a person whose legs nothing was heard of yet."""
    legs = [Joint[f"{name}_{side}"] for name in ("HIP", "KNEE", "ANKLE", "FOOT") for side in ("LEFT", "RIGHT")]
    states = np.full(len(Joint), TrackingState.TRACKED, np.uint8)
    states[legs] = TrackingState.NOT_TRACKED
    positions = positions.copy()
    positions[legs] = 0
    return person(positions, tracking_states=states)


def test_legs_that_come_later_do_not_send_the_avatar_far_away(play) -> None:
    first, near = t_pose(), t_pose() + np.array([0.5, 0, -1], np.float32)
    for frames in ([without_legs(first), person(first)], [without_legs(first)], [person(first)]):
        lines = play(*frames, without_legs(near), person(near))
        bind, now = bones(lines["bind"]), bones(lines["bone"])
        np.testing.assert_allclose(now["Hips"][:3] - bind["Hips"][:3], [0.5, 0, 1], atol=1e-3)


def test_a_joint_that_is_not_tracked_keeps_its_bone(play) -> None:
    states = np.full(len(Joint), TrackingState.TRACKED, np.uint8)
    states[Joint.ELBOW_LEFT] = TrackingState.NOT_TRACKED
    lines = play(person(t_pose()), person(dancing(), tracking_states=states))
    before, after = bones(lines["bind"]), bones(lines["bone"])
    assert abs(after["LeftUpperArm"][3:] @ before["LeftUpperArm"][3:]) > 0.999
    assert abs(after["RightUpperArm"][3:] @ before["RightUpperArm"][3:]) < 0.99


def test_the_view_shows_joints_and_bones_mirrored_and_hides_what_is_not_tracked(play) -> None:
    positions = dancing()
    states = np.full(len(Joint), TrackingState.TRACKED, np.uint8)
    states[Joint.HEAD] = TrackingState.NOT_TRACKED
    parts = [line.removeprefix("view ").split("|") for line in play(person(positions, tracking_states=states))["view"]]
    numbers = {name: np.array(values.split(), np.float32) for _, name, values, _ in parts}
    assert {figure for figure, *_ in parts} == {"Body 7"}
    assert {name for _, name, _, active in parts if active == "False"} == {"Head", "to Head", "to SpineBase"}
    shown = to_unity(positions) * (-1, 1, 1)
    for joint in Joint:
        np.testing.assert_allclose(numbers[joint.kinect_name][:3], shown[joint], atol=1e-5)
    elbow, shoulder = shown[Joint.ELBOW_LEFT], shown[Joint.SHOULDER_LEFT]
    np.testing.assert_allclose(numbers["to ElbowLeft"][:3], (elbow + shoulder) / 2, atol=1e-5)
    np.testing.assert_allclose(numbers["to ElbowLeft"][3:6], elbow, atol=1e-4)
    assert numbers["HandLeft"][6] > 2 * numbers["HandRight"][6], "the left hand is open, the right one closed"


def test_a_gesture_calls_what_is_connected_to_it_and_shows_in_the_sample(play) -> None:
    started = osc_message("/gesture/wave", "7", "started", 1.0, 1.0)
    half = osc_message("/bodies/7/gestures/wave", 0.5, 1.0)
    lines = play(person(t_pose()), more=(started, half))
    assert lines["trigger"] == ["trigger started", "trigger progress 0.500"]
    assert lines["label"][-1] == "label person 1  wave"


def test_every_file_has_its_meta_file_and_no_two_are_one() -> None:
    files = [path for path in UNITY.rglob("*") if path.suffix != ".meta" and not path.name.endswith("~")]
    missing = [str(path) for path in files if not path.with_name(path.name + ".meta").exists()]
    assert not missing
    metas = list(UNITY.rglob("*.meta"))
    assert all(meta.with_suffix("").exists() for meta in metas)
    guids = [re.search(r"^guid: ([0-9a-f]{32})$", meta.read_text(), re.M)[1] for meta in metas]
    assert len(set(guids)) == len(guids)


def test_the_manifest_names_folders_that_are_there() -> None:
    manifest = json.loads((UNITY / "package.json").read_text())
    assert manifest["dependencies"] == {}
    for sample in manifest["samples"]:
        assert list((UNITY / sample["path"]).glob("*.cs"))
