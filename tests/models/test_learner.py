"""What a recipe trains learns, is averaged, and goes on from a checkpoint as if nothing had been."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

import torch
from torch import nn

from models.inference import WeightsError
from models.training.learner import Learner
from models.training.recipes import parameter_groups, read_weights, save_whole


def learner() -> Learner[nn.Linear]:
    torch.manual_seed(0)
    network = nn.Linear(3, 1)
    return Learner(network, torch.optim.AdamW(parameter_groups(network, 0.01)), clip=1.0)


def learn(one: Learner[nn.Linear], steps: int) -> float:
    """The loss in the last of so many steps towards the sum of three numbers."""
    x = torch.eye(3)
    for _ in range(steps):
        one.set_rate(0.1, (one.step + 1) / 5, one.step / 40)
        loss = ((one.network(x) - 1) ** 2).mean()
        one.descend(loss)
    return float(loss.detach())


def test_it_learns_and_its_average_comes_after() -> None:
    one = learner()
    before = one.network.weight.detach().clone()
    first = learn(one, 3)
    network, averaged = (float((w - before).detach().norm()) for w in (one.network.weight, one.averaged.weight))
    assert 0 < averaged < network
    assert learn(one, 17) < first
    assert one.step == 20


def test_the_rate_rises_then_falls() -> None:
    network = nn.Linear(1, 1)
    optimiser = torch.optim.AdamW(network.parameters())
    one = Learner(network, optimiser, clip=1.0)
    rates = []
    for epoch in (0.0, 0.25, 0.5, 5.0, 10.0):
        one.set_rate(1.0, epoch / 0.5, epoch / 10)
        rates.append(optimiser.param_groups[0]["lr"])
    assert rates[0] == 0.0
    assert rates[1] < rates[2] > rates[3] > rates[4] > 0.0


def test_one_that_goes_on_ends_where_one_that_never_stopped_does(tmp_path: Path) -> None:
    whole, first, second = learner(), learner(), learner()
    learn(whole, 12)
    learn(first, 7)
    save_whole(first.state() | {"epoch": 1}, tmp_path / "checkpoint.pt")
    second.restore(torch.load(tmp_path / "checkpoint.pt", weights_only=True))
    learn(second, 5)
    assert second.step == 12
    for name in ("network", "averaged"):
        torch.testing.assert_close(second.state()[name], whole.state()[name])


def test_weights_are_found_alone_and_in_a_checkpoint(tmp_path: Path) -> None:
    state = {"weight": torch.ones(1)}
    for number, content in enumerate((state, {"model": state, "step": 3})):
        torch.save(content, tmp_path / f"{number}.pt")
        assert read_weights(tmp_path / f"{number}.pt") == state


@pytest.mark.parametrize("content", [None, b"", b"not weights"])
def test_weights_that_are_none_are_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "odd.pt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"odd\.pt"):
        read_weights(path)
