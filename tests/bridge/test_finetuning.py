"""From recordings to a better network, a report and ``--model``: what a user does, on a small scale."""

from __future__ import annotations

import base64
import json
import re
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

import torch

from bridge.cli import main, parser
from bridge.finetuning import Request, _notes, carry_out
from bridge.labelled_recordings import chosen_to_learn, chosen_to_test, cut_frames, divided, find_recordings, read_clip
from bridge.recording import Recorder, RecordingError
from models.actor import Actor
from models.body import Body, BodyFrame, Frame
from models.joints import Joint, TrackingState
from models.kinect_keypoints import kinect_labels
from models.pose import PoseEstimator
from models.training.finetune_run import FineTuneRun
from models.training.network import PoseNetwork
from models.training.pose_data import Example
from models.training.pose_export import export_pose

PICTURE = (320, 240)


def record(
    folder: Path, seed: int, frames: int = 24, color: bool = True, source: str = "kinect stand-in", shaken: bool = False
) -> Path:
    """The actor, labelled as a Kinect would; before a camera that is ``shaken`` if need be."""
    actor = Actor(size=PICTURE, seed=seed)
    states = np.full(len(Joint), TrackingState.TRACKED, np.uint8)
    turned = np.zeros((len(Joint), 4), np.float32)
    with Recorder(folder, color=color, source=source) as recorder:
        for number in range(frames):
            scene = actor.render(2 + number / 5)
            positions = scene.people[0].positions
            labels = kinect_labels(scene.camera.project(positions), states, PICTURE)
            body = Body(7, 0, positions, turned, states, keypoints=labels)
            image = np.roll(scene.image, 23 * number, axis=1) if shaken else scene.image
            recorder.add_image(Frame(image, number / 5, number))
            recorder.send(BodyFrame(number / 5, number, (body,), PICTURE))
    return folder


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    for name, seed in (("one", 1), ("two", 2)):
        record(folder / name, seed)
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network that knows nothing yet."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("weights")
    torch.save(PoseNetwork(width=0.25).state_dict(), folder / "new.pt")
    image = np.random.default_rng(0).integers(0, 255, (96, 64, 3), np.uint8)
    example = Example(image, np.zeros((23, 4), np.float32), np.array([5, 5, 60, 90], np.float32))
    export_pose(folder / "new.pt", folder, [example] * 4, (64, 96))
    return folder / "pose.pt"


def request(recordings: Path, weights: Path, folder: Path) -> Request:
    return Request((recordings,), folder, init=weights, steps=6, batch=4, rate=2e-3, threads=1, workers=0)


def test_recordings_become_a_network_with_a_report(recordings: Path, weights: Path, tmp_path: Path) -> None:
    said: list[str] = []
    asked = replace(request(recordings, weights, tmp_path / "net"), pipeline=True)
    report, measured = carry_out(asked, time.monotonic(), said.append)
    assert {"pose.pt", "pose.onnx", "pose_int8.onnx", "report.html", "report.json"} == {
        path.name for path in (tmp_path / "net").iterdir()
    }
    assert PoseEstimator(tmp_path / "net" / "pose_int8.onnx").size == (64, 96)
    assert json.loads((tmp_path / "net" / "report.json").read_text()) == measured
    assert measured["steps"] == 6
    assert 0 <= measured["pck"] <= 1
    assert measured["frames_tested"] == 24
    assert measured["pipeline"].keys() == {"before", "after"}
    assert all(0 <= share <= 1 for share in measured["pipeline"].values())
    assert {"left_wrist", "right_ankle"} <= measured["per_joint"].keys()
    assert any("labels in 48 frames" in line for line in said)
    page = report.read_text(encoding="utf-8")
    pictures = re.findall(r"base64,([^\"]+)", page)
    assert len(pictures) == 4
    assert all(cv2.imdecode(np.frombuffer(base64.b64decode(p), np.uint8), 1) is not None for p in pictures)
    assert "http" not in page, "the report needs nothing from elsewhere"


def test_a_network_is_not_written_over(recordings: Path, weights: Path, tmp_path: Path) -> None:
    asked = request(recordings, weights, tmp_path / "net")
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "pose_int8.onnx").touch()
    with pytest.raises(RecordingError, match="network already"):
        carry_out(asked, time.monotonic(), lambda _: None)
    with pytest.raises(RecordingError, match="network already"):
        carry_out(replace(asked, resume=True), time.monotonic(), lambda _: None)
    (tmp_path / "net" / "checkpoint.pt").touch()
    with pytest.raises(RecordingError, match="--resume"):
        carry_out(asked, time.monotonic(), lambda _: None)


def test_an_interrupted_run_goes_on_with_the_same_command(
    recordings: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["finetune", str(recordings), "--out", str(tmp_path / "net"), "--init", str(weights), "--steps", "6"]
    command += ["--batch", "4", "--threads", "1", "--workers", "0"]
    learn = FineTuneRun._learn

    def impatient(run: FineTuneRun, pictures: torch.Tensor, targets: torch.Tensor) -> None:
        if run.step == 4:
            raise KeyboardInterrupt
        learn(run, pictures, targets)

    with monkeypatch.context() as patched:
        patched.setattr(FineTuneRun, "_learn", impatient)
        assert main(command) == 130
    assert "--resume goes on" in capsys.readouterr().err
    assert main(command) == 1
    assert main([*command, "--resume", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["steps"] == 6
    assert not (tmp_path / "net" / "checkpoint.pt").exists()


def test_clips_are_held_out_whole_by_name_or_by_turns(recordings: Path) -> None:
    clips = [read_clip(path) for path in find_recordings([recordings])]
    for asked, expected in ((None, "two"), (["one"], "one")):
        learn, test, held = divided(clips, asked)
        assert held == [expected]
        assert {c.clip.name for c in test} == {expected}
        assert not {c.clip.name for c in learn} & {expected}


def test_a_clip_tells_whether_a_kinect_labelled_it(tmp_path: Path) -> None:
    folder = record(tmp_path / "own", 1, frames=12, source="camera:0")
    assert _notes([read_clip(folder)], ["own"], [], [])[0].startswith("No Kinect is named as the source of own")
    (folder / "seen.jsonl").touch()
    assert not any("No Kinect" in note for note in _notes([read_clip(folder)], ["own"], [], []))


def test_arms_can_be_turned_where_the_camera_stands_still(tmp_path: Path) -> None:
    clips = [read_clip(record(tmp_path / name, seed, shaken=seed == 2)) for seed, name in ((1, "still"), (2, "shaken"))]
    learn = chosen_to_learn([c for clip in clips for c in divided([clip], None)[0]], 5.0, 24)
    frames = cut_frames(learn, (96, 128), 1.3, arms=True)
    assert {frame.clip for frame in frames if frame.behind is not None} == {"still"}
    still = next(frame for frame in frames if frame.clip == "still")
    piece = still.picture_behind()
    assert piece is not None
    assert piece.shape == still.picture().shape
    (note,) = _notes(clips, ["other"], frames, frames)
    assert note.startswith("The camera moved in shaken: ")
    assert all(frame.behind is None for frame in cut_frames(learn, (96, 128), 1.3))


def test_of_a_single_clip_the_end_is_held_out(recordings: Path) -> None:
    learn, test, held = divided([read_clip(recordings / "one")], None)
    assert held == []
    times = learn[0].person.times
    assert times[learn[0].frames].max() + 1.0 < times[test[0].frames].min()


def test_the_frames_chosen_are_within_bounds(recordings: Path) -> None:
    learn, test, _ = divided([read_clip(recordings / "one"), read_clip(recordings / "two")], None)
    assert sum(len(c.frames) for c in chosen_to_learn(learn, 5.0, 9)) == 9
    assert sum(len(c.frames) for c in chosen_to_learn(learn, 1.0, 100)) <= 5
    assert sum(len(c.frames) for c in chosen_to_test(test, 8)) == 8


def test_folders_that_are_none_and_clips_that_are_not_there_are_named(recordings: Path, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="neither a recording"):
        find_recordings([tmp_path])
    clips = [read_clip(path) for path in find_recordings([recordings])]
    with pytest.raises(RecordingError, match="three"):
        divided(clips, ["three"])
    with pytest.raises(RecordingError, match="nothing is left"):
        divided(clips, ["one", "two"])
    with pytest.raises(RecordingError, match="--color"):
        read_clip(record(tmp_path / "blind", 3, frames=2, color=False))


def test_the_command_line_tells_errors_in_one_line(
    recordings: Path, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "net")
    for arguments in (
        [str(tmp_path / "gone"), "--out", out],
        [str(recordings), "--out", out, "--hold-out", "three"],
        [str(recordings), "--out", out, "--init", str(tmp_path / "gone.pt")],
        [str(recordings), "--out", out, "--size", "65x97"],
    ):
        assert main(["finetune", *arguments]) == 1
        told = capsys.readouterr().err
        lines = [line for line in told.splitlines() if "error:" in line]
        assert len(lines) == 1, told
        assert "Traceback" not in told


def test_a_network_is_run_by_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "net"
    folder.mkdir()
    (folder / "pose_int8.onnx").touch()
    for command in (["run", "actor"], ["bench", "actor"], ["evaluate", "pose", "labels.json"]):
        args = parser().parse_args([*command, "--model", str(folder)])
        assert args.pose_model == folder / "pose_int8.onnx"
