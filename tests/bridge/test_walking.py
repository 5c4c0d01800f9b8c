"""A camera is measured by a person of known height who walks to and fro."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bridge.calibration import CalibrationError
from bridge.walking import Walk
from models.body import Body, BodyFrame
from models.camera import PinholeCamera
from models.joints import Keypoint
from models.standing import LEVELS, Stance

SIZE = (640, 480)
COMMON = PinholeCamera.from_fov(*SIZE)
HEIGHT = 1.75


def walker(place: np.ndarray, way: np.ndarray, phase: float) -> np.ndarray:
    """Keypoints (23, 3) in the world of somebody who walks that way (x, z); unknown ones are zero."""
    points = np.zeros((len(Keypoint), 3))
    parts = ("ANKLE", "KNEE", "HIP", "SHOULDER")
    levels = dict(zip(parts, np.add(LEVELS[:4], (0, 0.005, -0.01, 0.008)).tolist(), strict=True))
    aside = np.array([way[1], -way[0]])
    bob = 0.02 * abs(math.sin(phase))
    for side, sign in (("LEFT", -1), ("RIGHT", 1)):
        swing = 0.13 * HEIGHT * math.sin(phase + (math.pi if sign < 0 else 0))
        for part, width, swings in (("ANKLE", 0.09, 1), ("KNEE", 0.09, 0.5), ("HIP", 0.09, 0), ("SHOULDER", 0.19, 0)):
            at = place + sign * width * aside + way * swing * swings
            points[Keypoint[f"{side}_{part}"]] = (at[0], levels[part] * HEIGHT - bob * (part != "ANKLE"), at[1])
    points[Keypoint.HEAD_TOP] = (place[0], HEIGHT * 0.99 - bob, place[1])
    return points


def walked(stance: Stance, focal: float, seconds: float = 40.0, seed: int = 0) -> Walk:
    """What is seen of a walk in a square and through its middle, by a camera of ``focal`` times a webcam's."""
    rng, walk = np.random.default_rng(seed), Walk(HEIGHT)
    tilt = stance.tilt
    turn = np.array([[1, 0, 0], [0, math.cos(tilt), math.sin(tilt)], [0, -math.sin(tilt), math.cos(tilt)]])
    near, far = 3.0 * focal, 4.7 * focal
    corners = np.array([(-0.8, near), (0.8, near), (0.8, far), (-0.8, far), (0.0, near), (0.0, far)])
    place, goal, phase, speed = corners[0].copy(), 1, 0.0, 0.9
    for frame in range(round(seconds * 20)):
        way = corners[goal % len(corners)] - place
        if np.hypot(*way) < 0.06:
            goal, speed = goal + 1, 0.9 * math.exp(rng.normal(0, 0.08))
            continue
        way = way / np.hypot(*way)
        place, phase = place + way * speed / 20, phase + math.pi * speed / 20 / (0.26 * HEIGHT)
        points = (walker(place, way, phase) - (0, stance.height, 0)) @ turn.T
        known = points[:, 2] > 0.5
        known &= walker(place, way, phase).any(axis=1)
        pixels = np.zeros((len(Keypoint), 2))
        pixels[known] = (320, 240) - points[known, :2] / points[known, 2:] * COMMON.focal * focal
        pixels += rng.normal(0, 2.0, pixels.shape)
        keypoints = np.column_stack([pixels, np.where(known, 0.9, 0.0)]).astype(np.float32)
        body = Body(
            1,
            0,
            np.zeros((25, 3), np.float32),
            np.zeros((25, 4), np.float32),
            np.zeros(25, np.uint8),
            keypoints=keypoints,
        )
        walk.look(BodyFrame(frame / 20, frame, (body,), SIZE))
    return walk


@pytest.mark.parametrize(
    ("tilt", "height", "focal"), [(0.0, 1.1, 1.0), (0.0, 1.2, 0.8), (5.0, 1.3, 1.2), (12.0, 1.7, 1.1)]
)
def test_focal_length_tilt_and_height_follow_from_a_walk(tilt: float, height: float, focal: float) -> None:
    walk = walked(Stance(math.radians(tilt), 0.0, height), focal)
    assert walk.missing() == []
    found = walk.calibration("camera")
    assert found.stance is not None
    assert found.focal / COMMON.focal == pytest.approx(focal, rel=0.12)
    assert 0.005 < found.error < 0.12
    assert math.degrees(found.stance.tilt) == pytest.approx(tilt, abs=2)
    assert found.stance.height == pytest.approx(height, abs=0.1)
    assert "person" in found.as_text()


def test_what_is_missing_is_told() -> None:
    walk = Walk(HEIGHT)
    assert "head to foot" in walk.missing()[0]
    short = walked(Stance(0.0, 0.0, 1.1), 1.0, seconds=2.5)
    assert any("towards the camera" in text for text in short.missing())
    with pytest.raises(CalibrationError, match="feet"):
        walk.calibration("camera")


def test_who_never_shows_their_feet_is_told_to_step_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bodycast: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    import cv2

    for name in ("XDG_CONFIG_HOME", "APPDATA", "HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((96, 128, 3), 90, np.uint8))
    assert bodycast("calibrate", tmp_path / "empty.png", "--person", "1.75") == 1
    assert "step back until your feet are in the picture" in capsys.readouterr().err.splitlines()[-1]
