"""The report says what was measured, shows the worst moments once each, and survives having nothing to measure."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="reports need the extra 'train'")

from models.joints import LIMB_KEYPOINTS
from models.training.finetune_evaluation import Judgement, errors_in_torsos
from models.training.finetune_frames import LabelledFrame, cut_out
from models.training.report import Circumstances, FineTuned, write_report
from models.training.report_pictures import contact_sheet

ABOUT = Circumstances(
    name="dance <1>",
    command="bodycast finetune a b",
    data=[("a", "kinect", "learned")],
    labels="100 labels",
    notes=["n"],
)


def frames(count: int) -> list[LabelledFrame]:
    rng = np.random.default_rng(0)
    keypoints = np.concatenate([rng.uniform(20, 180, (23, 2)), np.ones((23, 1))], 1).astype(np.float32)
    image = rng.integers(0, 255, (200, 200, 3), np.uint8)
    cuts = [cut_out(image, keypoints, np.ones(23, np.float32), (96, 128), "clip", i / 10) for i in range(count)]
    return [cut for cut in cuts if cut is not None]


def judged(tested: list[LabelledFrame], off: np.ndarray) -> Judgement:
    """Predictions that are ``off`` (n,) torsos to the right."""
    predicted = np.array([f.target[:, :3] for f in tested], np.float32).reshape(-1, 23, 3)
    for row, frame, error in zip(predicted, tested, off, strict=True):
        row[:, 0] += error * frame.torso
    return Judgement(predicted, errors_in_torsos(predicted, tested))


def result(tested: list[LabelledFrame], after: Judgement) -> FineTuned:
    before = judged(tested, np.full(len(tested), 0.3))
    return FineTuned(before, after, after, tested, 50, 0.6, 3, [3.0, 2.0, 1.0], 60.0, 90.0)


def test_numbers_and_pictures_are_in_the_report(tmp_path: Path) -> None:
    tested = frames(6)
    path = write_report(tmp_path, result(tested, judged(tested, np.full(6, 0.1))), ABOUT)
    page = path.read_text(encoding="utf-8")
    numbers = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert (numbers["pck_before"], numbers["pck"], numbers["frames_tested"]) == (0, 1, 6)
    assert len(numbers["per_joint"]) == 23
    for text in ("0.0% &rarr; <b>100.0%</b>", "dance &lt;1&gt;", "100 labels", "bodycast finetune a b", "50 frames"):
        assert text in page, text
    assert page.count("data:image/png;base64,") == 4


def test_nothing_to_measure_is_said_and_no_error(tmp_path: Path) -> None:
    path = write_report(tmp_path, result([], judged([], np.zeros(0))), ABOUT)
    assert "not measured" in path.read_text(encoding="utf-8")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["pck"] is None


def test_the_worst_frames_are_different_moments() -> None:
    tested = frames(20)
    off = np.linspace(0, 0.9, 20)
    worst = judged(tested, off).worst(tested, 3)
    assert worst == [19, 14, 9]


def test_one_joint_far_away_is_not_worse_than_a_wrong_pose() -> None:
    tested = frames(12)
    errors = judged(tested, np.where(np.arange(12) == 2, 0.5, 0.0)).errors
    errors[9, LIMB_KEYPOINTS[0]] = 5.0
    assert Judgement(np.zeros((12, 23, 3), np.float32), errors).worst(tested, 2) == [2, 9]


def test_a_contact_sheet_shows_every_frame_asked_for() -> None:
    tested = frames(6)
    after = judged(tested, np.full(6, 0.1))
    heights = [
        cv2.imdecode(np.frombuffer(contact_sheet(tested, after, range(n)), np.uint8), 1).shape[0] for n in (1, 4, 5)
    ]
    assert heights[0] == heights[1] == heights[2] / 2
