"""A run spends its budget once, goes on where it was interrupted, and refuses what does not belong to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

import torch

from models.inference import WeightsError
from models.training.finetune_frames import LabelledFrame, cut_out
from models.training.finetune_run import FineTuneRun, TrainOptions, load_network
from models.training.finetune_views import Material
from models.training.network import PoseNetwork

SIZE = (64, 96)


@pytest.fixture
def options(tmp_path: Path) -> TrainOptions:
    torch.manual_seed(0)
    state = {k: v.half() if v.is_floating_point() else v for k, v in PoseNetwork(width=0.25).state_dict().items()}
    torch.save(state, tmp_path / "pose.pt")
    return TrainOptions(tmp_path / "pose.pt", tmp_path, SIZE, steps=4, batch=4, threads=1, workers=0)


@pytest.fixture
def material() -> Material:
    rng = np.random.default_rng(0)
    frames = [frame(rng, number) for number in range(5)]
    return Material(frames)


def frame(rng: np.random.Generator, number: int) -> LabelledFrame:
    keypoints = np.concatenate([rng.uniform(20, 180, (23, 2)), np.ones((23, 1))], 1).astype(np.float32)
    image = rng.integers(0, 255, (200, 200, 3), np.uint8)
    cut = cut_out(image, keypoints, np.ones(23, np.float32), SIZE, "clip", number / 5)
    assert cut is not None
    return cut


def weights(run: FineTuneRun) -> torch.Tensor:
    return torch.cat([v.flatten().float() for v in run.learner.averaged.state_dict().values()])


def test_an_interrupted_run_that_goes_on_ends_as_if_it_had_not_been(options: TrainOptions, material: Material) -> None:
    whole = FineTuneRun(options, material, "data")
    whole.train()

    class Impatient(FineTuneRun):
        def _learn(self, pictures: torch.Tensor, targets: torch.Tensor) -> None:
            if self.step == 3:
                raise KeyboardInterrupt
            super()._learn(pictures, targets)

    with pytest.raises(KeyboardInterrupt):
        Impatient(options, material, "data").train()
    resumed = FineTuneRun(replace(options, resume=True), material, "data")
    assert resumed.step == 3
    resumed.train()
    assert (resumed.step, resumed.progress) == (4, 1.0)
    assert resumed.losses == whole.losses
    torch.testing.assert_close(weights(resumed), weights(whole))


def test_a_run_ends_when_its_time_is_spent(options: TrainOptions, material: Material) -> None:
    clock = iter(np.arange(0, 1000, 1.0).tolist())
    run = FineTuneRun(replace(options, steps=None, seconds=6.0), material, "data", now=lambda: next(clock))
    run.train()
    assert 4 <= run.step <= 7
    assert run.seconds >= 6


def test_nobody_is_shown_the_same_few_frames_for_ever(options: TrainOptions, material: Material) -> None:
    run = FineTuneRun(replace(options, steps=None, seconds=1e9), material, "data")
    run.learner.step = 10_000
    assert run.progress == 1.0


def test_a_checkpoint_of_other_recordings_is_refused(options: TrainOptions, material: Material) -> None:
    FineTuneRun(replace(options, steps=1), material, "data").train()
    with pytest.raises(WeightsError, match="other recordings"):
        FineTuneRun(replace(options, resume=True), material, "other data")


def test_a_broken_checkpoint_is_named(options: TrainOptions, material: Material) -> None:
    (options.folder / "checkpoint.pt").write_bytes(b"no checkpoint")
    with pytest.raises(WeightsError, match=r"checkpoint\.pt"):
        FineTuneRun(replace(options, resume=True), material, "data")


def test_weights_of_any_width_are_loaded_in_single_precision(options: TrainOptions) -> None:
    network = load_network(options.init)
    assert network.heatmap.in_channels == PoseNetwork(width=0.25).heatmap.in_channels
    assert next(network.parameters()).dtype == torch.float32


@pytest.mark.parametrize("content", [None, b"", b"not weights"])
def test_weights_that_are_none_are_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "odd.pt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"odd\.pt"):
        load_network(path)
