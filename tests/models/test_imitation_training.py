"""A network with a plain start learns to answer like one without, and goes on after an interruption."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

import torch

from models.detector import SIZE
from models.inference import WeightsError
from models.training.detector_loss import Targets
from models.training.detector_network import DetectorNetwork
from models.training.imitation_lessons import DetectorLessons, PoseLessons
from models.training.imitation_recipe import ImitationOptions, ImitationRun, pupil_of, train
from models.training.network import PoseNetwork
from models.training.recipes import halved


@pytest.fixture
def options(tmp_path: Path) -> ImitationOptions:
    torch.manual_seed(1)
    teacher = PoseNetwork()
    torch.nn.init.normal_(teacher.heatmap.weight, std=0.5)  # answers that differ from place to place
    torch.save(halved(teacher.state_dict()), tmp_path / "teacher.pt")
    (tmp_path / "out").mkdir()
    return ImitationOptions(tmp_path / "teacher.pt", tmp_path / "out", steps=30, rate=5e-3)


def lessons() -> PoseLessons:
    return PoseLessons({}, (64, 64), 4)


def pictures(count: int, size: tuple[int, int] = (64, 64)) -> Iterator[tuple[torch.Tensor, None]]:
    generator = torch.Generator().manual_seed(2)
    for _ in range(count):
        coarse = torch.randn(4, 3, size[0] // 8, size[1] // 8, generator=generator)
        yield torch.nn.functional.interpolate(coarse, scale_factor=8, mode="bilinear"), None


def test_a_new_start_learns_what_the_teacher_computes(options: ImitationOptions) -> None:
    run = ImitationRun(replace(options, steps=60), lessons())
    run.learn(pictures(60))
    assert run.losses[23] < 0.8 * run.losses[0], "the features at stride 8 alone"
    assert sum(run.losses[-5:]) < 0.98 * sum(run.losses[24:29]), "the answers, too"


def test_what_lies_behind_the_start_keeps_its_statistics(options: ImitationOptions) -> None:
    init = options.teacher.with_name("plain.pt")
    torch.save(halved(PoseNetwork(plain=(0, 0)).state_dict()), init)
    run = ImitationRun(replace(options, init=init), lessons())
    before = {name: value.clone() for name, value in run.pupil.named_buffers()}
    run.learn(pictures(2))
    changed = {name for name, value in run.pupil.named_buffers() if not torch.equal(value, before[name])}
    assert changed, "those of the start move"
    assert all(name.startswith("trunk.stem.") for name in changed)


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(options: ImitationOptions) -> None:
    shown = list(pictures(6))
    torch.manual_seed(0)
    whole = ImitationRun(options, lessons())
    whole.learn(shown)
    torch.manual_seed(0)
    ImitationRun(options, lessons()).learn(shown[:3])
    resumed = ImitationRun(replace(options, resume=True), lessons())
    resumed.learn(shown[3:])
    assert resumed.losses == pytest.approx(whole.losses, rel=1e-2)


def test_a_detector_begins_with_the_start_of_a_pose_network() -> None:
    teacher, other = DetectorNetwork().state_dict(), PoseNetwork(plain=(0, 0)).state_dict()
    pupil = pupil_of(DetectorNetwork(plain=(0, 0)), teacher, other).state_dict()
    start = "trunk.stem.layers.0.1.weight"
    assert torch.equal(pupil[start], other[start])
    for behind in ("trunk.blocks.7.expand.0.weight", "heads.0.weight"):
        assert torch.equal(pupil[behind], teacher[behind])


def test_a_detector_learns_from_its_teacher_and_from_labels(tmp_path: Path) -> None:
    torch.manual_seed(1)
    torch.save(halved(DetectorNetwork().state_dict()), tmp_path / "teacher.pt")
    torch.save(halved(PoseNetwork(plain=(0, 0)).state_dict()), tmp_path / "pose.pt")
    labels = Targets(torch.tensor([[[40.0, 30.0, 90.0, 150.0]]] * 2), torch.ones(2, 1, dtype=torch.int64))

    class Shown(DetectorLessons):
        def batches(self, seed: int, first: int, steps: int) -> Iterator[tuple[torch.Tensor, Targets]]:
            yield from ((pictures_[:2], labels) for pictures_, _ in pictures(steps, SIZE))

    (tmp_path / "out").mkdir()
    told = ImitationOptions(tmp_path / "teacher.pt", tmp_path / "out", tmp_path / "pose.pt", steps=8, rate=5e-3)
    weights = train(told, Shown({}, 2))
    assert weights.name == "detector.pt"
    DetectorNetwork.from_state(torch.load(weights, weights_only=True))
    losses = torch.load(tmp_path / "out" / "checkpoint.pt", weights_only=True)["losses"]
    assert sum(losses[-3:]) < sum(losses[:3])


@pytest.mark.parametrize("content", [None, b"not weights"])
def test_weights_of_no_network_are_named(content: bytes | None, options: ImitationOptions, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "odd.pt").write_bytes(content)
    with pytest.raises(WeightsError, match=r"odd\.pt"):
        ImitationRun(replace(options, teacher=tmp_path / "odd.pt"), lessons())


def test_weights_of_another_kind_of_network_are_refused(options: ImitationOptions) -> None:
    with pytest.raises(WeightsError, match=r"teacher\.pt: not the weights of a detector network"):
        ImitationRun(options, DetectorLessons({}, 2))
