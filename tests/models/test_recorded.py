"""The recorded form keeps every bit and refuses everything else."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import random
from typing import Any

import numpy as np
import pytest

from models.body import BodyFrame
from models.joints import Joint
from models.recorded import frame_from_json, frame_from_map, frame_to_json, frame_to_map


@pytest.mark.parametrize("seed", range(20))
def test_a_frame_survives_its_line_to_the_last_bit(random_frame, assert_same_frame, seed: int) -> None:
    frame = random_frame(seed, people=seed % 7, time=seed / 7, sequence=seed)
    assert_same_frame(frame_from_json(frame_to_json(frame)), frame)


def test_every_kind_of_float32_survives(random_frame, assert_same_frame) -> None:
    frame = random_frame(people=1)
    bits = np.random.default_rng(1).integers(0, 2**32, 75, dtype=np.uint32)
    positions = bits.view(np.float32).reshape(25, 3).copy()
    positions[~np.isfinite(positions)] = 0
    limits = np.finfo(np.float32)
    positions[0] = limits.max, limits.smallest_subnormal, limits.tiny
    positions[1] = -0.0, 0.1, 1 / 3
    frame = dataclasses.replace(frame, bodies=(dataclasses.replace(frame.bodies[0], positions=positions),))
    again = frame_from_json(frame_to_json(frame))
    assert_same_frame(again, frame)
    assert again.bodies[0].positions.tobytes() == positions.tobytes()


def test_a_line_is_short_plain_json(random_frame) -> None:
    frame = random_frame(people=1)
    positions = np.full((25, 3), 1.7, np.float32)
    frame = dataclasses.replace(frame, bodies=(dataclasses.replace(frame.bodies[0], positions=positions),))
    line = frame_to_json(frame)
    assert "\n" not in line
    assert json.loads(line)["bodies"][0]["positions"][Joint.HEAD] == [1.7, 1.7, 1.7]
    assert "[1.7,1.7,1.7]" in line


def test_what_is_not_finite_comes_back_as_nan(random_frame) -> None:
    frame = random_frame(people=1)
    positions = frame.bodies[0].positions.copy()
    positions[Joint.HEAD] = np.nan, np.inf, 1
    frame = dataclasses.replace(frame, bodies=(dataclasses.replace(frame.bodies[0], positions=positions),))
    line = frame_to_json(frame)
    assert "[null,null,1.0]" in line
    again = frame_from_json(line).bodies[0].positions
    np.testing.assert_array_equal(again[Joint.HEAD], np.array([np.nan, np.nan, 1], np.float32))
    np.testing.assert_array_equal(np.delete(again, Joint.HEAD, 0), np.delete(positions, Joint.HEAD, 0))


def test_keys_of_later_versions_are_ignored(random_frame, assert_same_frame) -> None:
    frame = random_frame(people=1)
    recorded = frame_to_map(frame)
    recorded["weather"] = "fine"
    recorded["bodies"][0]["mood"] = [1, 2]
    assert_same_frame(frame_from_map(recorded), frame)


def test_a_recording_from_before_lean_and_floor_still_reads(random_frame) -> None:
    recorded = frame_to_map(random_frame(people=1))
    del recorded["floor"], recorded["bodies"][0]["lean"]
    again = frame_from_map(recorded)
    np.testing.assert_array_equal(again.floor, np.zeros(4, np.float32), strict=True)
    np.testing.assert_array_equal(again.bodies[0].lean, np.zeros(2, np.float32), strict=True)


@pytest.mark.parametrize("lean", [[0.0, 0.0, 0.0], "left", None, [[0.0], [0.0]]])
def test_a_wrong_lean_is_refused_by_name(random_frame, lean: Any) -> None:
    recorded = frame_to_map(random_frame(people=1))
    recorded["bodies"][0]["lean"] = lean
    with pytest.raises(ValueError, match="lean must be"):
        frame_from_map(recorded)


def test_a_floor_that_is_not_finite_is_written_as_null(random_frame) -> None:
    floor = np.array([0, 1, np.nan, 0.5], np.float32)
    line = frame_to_json(dataclasses.replace(random_frame(people=0), floor=floor))
    assert '"floor":[0.0,1.0,null,0.5]' in line
    np.testing.assert_array_equal(frame_from_json(line).floor, floor)


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("time", "now", "time must be a number"),
        ("time", True, "time must be a number"),
        ("time", 10**400, "time must be finite"),
        ("sequence", -1, "sequence must be a whole number"),
        ("sequence", 1.0, "sequence must be a whole number"),
        ("image_size", [640], "image_size must be a list of 2"),
        ("image_size", [640, "480"], "image_size must be a whole number"),
        ("bodies", {}, "bodies must be a list"),
        ("bodies", [1], "a body must be a map"),
        ("bodies", [{}] * 7, "at most 6"),
    ],
)
def test_a_wrong_frame_is_refused_by_name(random_frame, key: str, value: Any, complaint: str) -> None:
    recorded = frame_to_map(random_frame(people=1))
    with pytest.raises(ValueError, match=complaint):
        frame_from_map({**recorded, key: value})
    del recorded[key]
    with pytest.raises(ValueError, match=f"'{key}' is missing"):
        frame_from_map(recorded)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tracking_id", 2**64),
        ("tracking_id", "7"),
        ("slot", 6),
        ("positions", [[0.0, 0.0, 0.0]] * 24),
        ("positions", [[0.0, 0.0]] * 25),
        ("positions", [[0.0, 0.0, 0.0]] * 24 + [[0.0]]),
        ("positions", [["0", "0", "0"]] * 25),
        ("positions", [[0.0, None, {}]] * 25),
        ("positions", [[0.0, None, False]] * 25),
        ("positions", [[True, True, False]] * 25),
        ("positions", [[0.0, 0.0, 1e39]] * 25),
        ("positions", [[0.0, 0.0, 10**30 * 10**30]] * 25),
        ("orientations", None),
        ("tracking_states", [3] * 25),
        ("tracking_states", [2] * 26),
        ("hand_left", [5, 0]),
        ("hand_right", [0, 2]),
        ("hand_right", [0]),
        ("keypoints", [[0, 0, 0]] * 25),
        ("clipped_edges", 16),
    ],
)
def test_a_wrong_body_is_refused_by_name(random_frame, key: str, value: Any) -> None:
    recorded = frame_to_map(random_frame(people=1))
    recorded["bodies"][0][key] = value
    with pytest.raises(ValueError, match=key):
        frame_from_map(recorded)


@pytest.mark.parametrize("line", ["", "{", "[]", "null", "NaN", "[" * 100_000, b"\xff\xfe", b"\0" * 99, '{"time":NaN}'])
def test_what_is_not_a_frame_is_refused(line: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        frame_from_json(line)


def test_a_line_cut_off_or_changed_anywhere_never_does_worse_than_a_value_error(random_frame) -> None:
    line = frame_to_json(random_frame(people=1)).encode()
    rng = random.Random(3)
    for _ in range(300):
        place = rng.randrange(len(line))
        changed = line[:place] + bytes([rng.randrange(256)]) + line[place + 1 :]
        with pytest.raises(ValueError, match=r"."):
            frame_from_json(line[:place])
        with contextlib.suppress(ValueError):
            assert isinstance(frame_from_json(changed), BodyFrame)
