"""The comparison with MediaPipe is fair: same pictures, same places, nobody is an error. A stand-in plays MediaPipe."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from models.joints import LIMB_KEYPOINTS, Keypoint

STAND_IN = '''
import types
import numpy as np

print("MediaPipe talks on stdout")

class Pose:
    """Finds every landmark where the picture is reddest; nobody where it is not red."""

    def __init__(self, static_image_mode, model_complexity):
        assert model_complexity == 1

    def process(self, image):
        red = image[..., 0].astype(int) - image[..., 1]
        if red.max() < 100:
            return types.SimpleNamespace(pose_landmarks=None)
        y, x = np.argwhere(red > red.max() - 20).mean(0) / red.shape
        mark = types.SimpleNamespace(x=x, y=y, visibility=0.9)
        return types.SimpleNamespace(pose_landmarks=types.SimpleNamespace(landmark=[mark] * 33))

solutions = types.SimpleNamespace(pose=types.SimpleNamespace(Pose=Pose))
'''


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script, with a stand-in for MediaPipe where its process looks for it."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "mediapipe.py").write_text(STAND_IN, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return importlib.import_module("compare_mediapipe")


def red_at(x: int, y: int) -> np.ndarray:
    image = np.zeros((120, 100, 3), np.uint8)
    cv2.circle(image, (x, y), 6, (0, 0, 255), -1)
    return image


def test_landmarks_come_back_in_pixels_of_the_picture(script: ModuleType) -> None:
    with script.mediapipe(sys.executable) as peer:
        look = peer.look(red_at(30, 70), fresh=True, still=False)
        nobody = peer.look(np.zeros((40, 60, 3), np.uint8), fresh=False, still=False)
    assert look.keypoints[Keypoint.LEFT_WRIST] == pytest.approx([30, 70, 0.9], abs=0.5)
    assert look.keypoints[Keypoint.NECK, 2] == 0, "MediaPipe has no neck"
    assert look.wall > 0
    assert np.isnan(nobody.keypoints).all()


@pytest.fixture
def people(tmp_path: Path, script: ModuleType) -> list[object]:
    """Two people whose joints all lie on a red spot, far from the middle of their boxes, and one who cannot be seen."""
    entries = []
    for i, (x, y) in enumerate([(30, 40), (70, 90), (50, 60)]):
        cv2.imwrite(str(tmp_path / f"{i}.png"), red_at(x, y) if i < 2 else np.zeros((120, 100, 3), np.uint8))
        points = {k.name.lower(): (x, y, 2) for k in LIMB_KEYPOINTS}
        points |= {"left_shoulder": (x, y + 80, 2), "right_shoulder": (x, y + 80, 2)}  # a torso to measure by
        entries.append((i, [10, 20, 80, 90], points))
    names = [k.name.lower() for k in LIMB_KEYPOINTS]
    content = {
        "images": [{"id": i, "file_name": f"{i}.png"} for i, _, _ in entries],
        "annotations": [
            {"image_id": i, "bbox": box, "keypoints": [v for name in names for v in points[name]]}
            for i, box, points in entries
        ],
        "categories": [{"keypoints": names}],
    }
    (tmp_path / "people.json").write_text(json.dumps(content), encoding="utf-8")
    return list(script.read_people(tmp_path / "people.json"))


def test_places_in_the_crop_are_brought_back_and_a_person_not_found_is_wrong(
    script: ModuleType, people: list[object]
) -> None:
    def ours(view: np.ndarray, box: np.ndarray) -> np.ndarray:
        assert view.shape[1::-1] == script.VIEW
        assert box[0, 2:] - box[0, :2] == pytest.approx(np.array([80, 90]) * 512 / (1.25 * 106.67), rel=0.01)
        places = np.argwhere(view[..., 2] > 200)
        y, x = places.mean(0) if len(places) else (0, 0)
        return np.tile(np.array([x, y, 1], np.float32), (1, len(Keypoint), 1))

    with script.mediapipe(sys.executable) as peer:
        result = script.compare_people(ours, people, peer)
    right = pytest.approx(2 / 3 * 10 / 12, abs=1e-3)  # the shoulders lie elsewhere, the third person is not found
    assert result == {"people": 3, "ours": right, "mediapipe": right, "mediapipe_whole_picture": right}


def test_ratios_tell_how_many_times_longer_mediapipe_takes(script: ModuleType) -> None:
    look: Callable[[float], object] = lambda ms: script.Look(script.NOBODY, ms / 1e3, ms / 2e3)  # noqa: E731
    tally = script.Tally([look(2), look(4), look(90)], [look(8), look(12), look(100)])
    times = tally.times()
    assert (times["ours_wall_ms"], times["mediapipe_wall_ms"], times["wall_ratio"]) == (4, 12, 3)
    assert (times["ours_cpu_ms"], times["cpu_ratio"]) == (2, 3)


def test_an_environment_without_mediapipe_is_told_in_one_line(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        script, "_comparisons", lambda args, peer: [("x", peer.look(red_at(1, 1), fresh=True, still=True))]
    )
    for python, told in (("no-such-python", "no-such-python: No such file"), (sys.executable, "No module named")):
        monkeypatch.setenv("PYTHONPATH", "")
        with pytest.raises(SystemExit):
            script.main(["--mediapipe-python", python])
        assert told in capsys.readouterr().err
