"""A plain start learns to compute what a trunk computes, takes its place, and goes on after an interruption."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from models.inference import WeightsError  # noqa: E402
from models.training.lite_trunk import LiteTrunk, has_plain_start  # noqa: E402
from models.training.network import PoseNetwork  # noqa: E402
from models.training.recipes import halved  # noqa: E402
from models.training.start_recipe import StartOptions, StartRun, with_start  # noqa: E402


@pytest.fixture
def options(tmp_path: Path) -> StartOptions:
    torch.manual_seed(1)
    torch.save(halved(PoseNetwork().state_dict()), tmp_path / "pose.pt")
    return StartOptions(tmp_path, tmp_path / "pose.pt", tmp_path / "out", steps=30, rate=1e-2)


def pictures(count: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    coarse = torch.rand(count, 4, 3, 8, 8, generator=generator) * 255
    smooth = torch.nn.functional.interpolate(coarse.flatten(0, 1), scale_factor=8, mode="bilinear")
    return list(smooth.reshape(count, 4, 3, 64, 64).permute(0, 1, 3, 4, 2).to(torch.uint8))


def test_a_start_learns_what_the_network_computes(options: StartOptions) -> None:
    options.out.mkdir()
    run = StartRun(replace(options, steps=60))
    run.learn(pictures(60))
    assert run.losses[41] < 0.7 * run.losses[0], "the features at stride 8"
    assert sum(run.losses[-5:]) < 0.98 * sum(run.losses[42:47]), "what the rest makes of them"


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(options: StartOptions) -> None:
    options.out.mkdir()
    shown = pictures(6)
    torch.manual_seed(0)
    whole = StartRun(options)
    whole.learn(shown)
    torch.manual_seed(0)
    StartRun(options).learn(shown[:3])
    resumed = StartRun(replace(options, resume=True))
    resumed.learn(shown[3:])
    assert resumed.losses == pytest.approx(whole.losses, rel=1e-3)


def test_the_new_start_takes_the_old_ones_place_and_the_rest_stays(options: StartOptions) -> None:
    old = torch.load(options.init, weights_only=True)
    start = LiteTrunk(plain=True).stem
    state = with_start(old, start)
    assert has_plain_start(state)
    network = PoseNetwork.from_state(state).eval()
    x = torch.randn(1, 3, 64, 64)
    assert torch.allclose(network.trunk.fine(x), start.eval()(x), atol=0.02)
    assert torch.equal(state["heatmap.weight"], old["heatmap.weight"])


@pytest.mark.parametrize("content", [None, b"not weights"])
def test_weights_of_no_pose_network_are_named(content: bytes | None, options: StartOptions, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "odd.pt").write_bytes(content)
    with pytest.raises(WeightsError, match=r"odd\.pt"):
        StartRun(replace(options, init=tmp_path / "odd.pt"))
