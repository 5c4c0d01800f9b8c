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
from models.training.start_recipe import StartOptions, StartRun, read_trunk, with_start  # noqa: E402


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


def test_a_start_learns_what_the_trunk_computes(options: StartOptions) -> None:
    options.out.mkdir()
    run = StartRun(options, read_trunk(options.init)[1])
    run.learn(pictures(30))
    assert sum(run.losses[-5:]) < 0.7 * sum(run.losses[:5])


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(options: StartOptions) -> None:
    options.out.mkdir()
    shown = pictures(6)
    torch.manual_seed(0)
    whole = StartRun(options, read_trunk(options.init)[1])
    whole.learn(shown)
    torch.manual_seed(0)
    StartRun(options, read_trunk(options.init)[1]).learn(shown[:3])
    resumed = StartRun(replace(options, resume=True), read_trunk(options.init)[1])
    resumed.learn(shown[3:])
    assert resumed.losses == pytest.approx(whole.losses, rel=1e-3)


@pytest.mark.parametrize("nested", [False, True])
def test_the_new_start_takes_the_old_ones_place_and_the_rest_stays(options: StartOptions, nested: bool) -> None:
    old = torch.load(options.init, weights_only=True)
    start = LiteTrunk(plain=True).stem
    new = with_start({"model": old} if nested else old, start)
    state = new["model"] if nested else new
    assert has_plain_start(state)
    network = PoseNetwork.from_state(state).eval()
    x = torch.randn(1, 3, 64, 64)
    assert torch.allclose(network.trunk.fine(x), start.eval()(x), atol=0.02)
    assert torch.equal(state["heatmap.weight"], old["heatmap.weight"])


@pytest.mark.parametrize("content", [None, b"not weights"])
def test_weights_without_a_trunk_are_named(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "odd.pt").write_bytes(content)
    with pytest.raises(WeightsError, match=r"odd\.pt"):
        read_trunk(tmp_path / "odd.pt")
