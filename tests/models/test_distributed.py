"""Two processes train one network: each learns from its own examples, and only the first one writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")
pytest.importorskip("onnxruntime", reason="training needs the extra 'train'")

import torch

from models.joints import LIMB_KEYPOINTS
from models.pose import PoseEstimator
from models.training.distributed import Team
from models.training.pose_data import MEDIAPIPE
from models.training.pose_recipe import PoseOptions, Stage, train

ROOT = Path(__file__).parents[2]
SEEN_BY_TEACHER = ("street", "webcam", "professions")


@pytest.mark.parametrize(("examples", "batch", "size"), [(103, 8, 2), (64, 8, 4), (50, 7, 3), (9, 8, 1)])
def test_every_process_takes_as_many_examples_and_no_two_the_same(examples: int, batch: int, size: int) -> None:
    team = [Team(rank, size) for rank in range(size)]
    places = [list(t.places(examples, batch)) for t in team]
    taken = [number for share in places for number in share]
    assert len(set(taken)) == len(taken)
    assert {len(p) for p in places} == {len(taken) // size}
    assert len(taken) % (team[0].share(batch) * size) == 0
    assert examples - len(taken) < batch + size
    assert max(taken) < examples


def test_the_processes_share_a_batch() -> None:
    assert [Team(0, size).share(32) for size in (1, 2, 3, 8)] == [32, 16, 11, 4]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder like the real one, with eight people a set and a picture beside them."""
    rng = np.random.default_rng(0)
    count = len(MEDIAPIPE)
    names = [k.name.lower() for k in LIMB_KEYPOINTS]
    for name, kind in [
        ("lspet", "train"),
        ("lspet", "val"),
        ("flic", "train"),
        *((n, "train") for n in SEEN_BY_TEACHER),
    ]:
        folder = tmp_path / "data" / "pose" / name
        folder.mkdir(parents=True, exist_ok=True)
        images, annotations, landmarks = [], [], []
        for i in range(8):
            points = np.column_stack([rng.uniform(10, 60, len(names)), rng.uniform(10, 80, len(names))])
            cv2.imwrite(str(folder / f"{kind}{i}.png"), rng.integers(0, 255, (90, 70, 3), np.uint8))
            images.append({"id": i, "file_name": f"{kind}{i}.png", "movie": f"film {i // 2}"})
            flat = np.column_stack([points, np.full(len(names), 2)]).ravel().tolist()
            annotations.append({"image_id": i, "bbox": [5, 5, 60, 80], "keypoints": flat, "score": [0.9] * len(names)})
            landmarks.append(
                np.column_stack([rng.uniform(0, 70, (count, 2)), np.zeros((count, 1)), np.ones((count, 1))])
            )
        content = {"images": images, "annotations": annotations, "categories": [{"keypoints": names}]}
        (folder / f"{kind}.json").write_text(json.dumps(content), encoding="utf-8")
        np.savez(folder / f"{kind}_teacher.npz", image_id=np.arange(8), keypoints=np.array(landmarks, np.float32))
    frames = tmp_path / "data" / "detection" / "frames"
    frames.mkdir(parents=True)
    cv2.imwrite(str(frames / "0.png"), rng.integers(0, 255, (90, 120, 3), np.uint8))
    boxes = {"images": [{"id": 0, "file_name": "0.png"}], "annotations": [{"image_id": 0, "bbox": [0, 0, 30, 80]}]}
    (frames / "train.json").write_text(json.dumps(boxes | {"categories": [{}]}), encoding="utf-8")
    return tmp_path / "data"


def test_two_processes_train_the_pose_network_and_one_goes_on(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    options = ("--stages", "64x64:1", "--batch", "8", "--actors", "2", "--threads", "1")
    done = torchrun(tmp_path, "-m", "bridge.cli", "train", "pose", *options, "--data", str(data), "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("pose_int8.onnx") == 1, "only the lead exports"
    assert "Warning" not in done.stderr
    assert {p.name for p in out.iterdir()} >= {"checkpoint.pt", "history.json", "curve.png", "pose.pt", "pose.onnx"}
    assert PoseEstimator(out / "pose.onnx").size == (64, 64)
    steps = torch.load(out / "checkpoint.pt", weights_only=True)["step"]
    alone = PoseOptions(data / "pose", out, stages=(Stage(64, 64, 2),), batch=8, threads=1, actors=2, resume=True)
    train(alone)
    history = json.loads((out / "history.json").read_text(encoding="utf-8"))
    assert [row["epoch"] for row in history] == [0, 1]
    assert all(np.isfinite(row["loss"]) and 0 <= row["flic"] <= 1 for row in history)
    assert torch.load(out / "checkpoint.pt", weights_only=True)["step"] == 2 * steps > 0


AGREE = """
import sys
from pathlib import Path
import torch
from torch import distributed
from models.training.detector_recipe import DetectorOptions, Scenes, _State, batches
from models.training.detector_data import acted
from models.training.distributed import joined

with joined() as team:
    torch.set_num_threads(1)
    torch.manual_seed(team.rank)
    options = DetectorOptions(Path(), pictures=8, batch=4, from_scratch=True)
    state = _State(options, team)
    made = Scenes({"actor": acted(2, seed=team.rank)}, {"actor": 1.0}, (64, 96), seed=team.rank)
    state.run_epoch(batches(made, team.share(4), 0), (64, 96))
    mine = torch.cat([p.detach().flatten() for p in state.learner.network.parameters()])
    others = [torch.zeros_like(mine) for _ in range(team.size)]
    distributed.all_gather(others, mine)
    assert all(torch.equal(other, mine) for other in others)
    assert mine.isfinite().all() and state.learner.step == 2
    (Path(sys.argv[1]) / f"agreed{team.rank}").touch()
"""


def test_processes_that_saw_different_pictures_agree_on_the_detector(tmp_path: Path) -> None:
    (tmp_path / "agree.py").write_text(AGREE, encoding="utf-8")
    done = torchrun(tmp_path, str(tmp_path / "agree.py"), str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("agreed*"))) == 2


def torchrun(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run ``command`` in two processes."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    if sys.platform == "linux":
        environment["GLOO_SOCKET_IFNAME"] = "lo"
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", *command]
    return subprocess.run(launch, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)
