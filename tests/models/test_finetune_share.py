"""A fine-tuned network goes back towards the generic one as far as what it learned allows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from models.training import finetune_share  # noqa: E402
from models.training.finetune_share import between, least_share  # noqa: E402
from models.training.network import PoseNetwork  # noqa: E402


@pytest.fixture
def networks() -> tuple[PoseNetwork, PoseNetwork]:
    """Two whose first bias is 0 and 1."""
    generic, tuned = PoseNetwork(0.25), PoseNetwork(0.25)
    for network, value in ((generic, 0.0), (tuned, 1.0)):
        torch.nn.init.constant_(network.heatmap.bias, value)
    return generic, tuned


def exact_as(right: Callable[[float], float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let networks be as exact as ``right`` says of how far they went."""
    monkeypatch.setattr(finetune_share, "_exact", lambda network, *_: right(network.heatmap.bias[0].item()))


def test_between_two_networks_lie_networks(networks: tuple[PoseNetwork, PoseNetwork]) -> None:
    generic, tuned = networks
    pictures = torch.randn(1, 3, 64, 64)
    for share, same in ((0.0, generic), (1.0, tuned)):
        assert torch.allclose(between(*networks, share).eval()(pictures)[0], same.eval()(pictures)[0], atol=1e-5)
    middle = between(*networks, 0.5).heatmap.weight
    assert torch.allclose(middle, (generic.heatmap.weight + tuned.heatmap.weight) / 2)


def test_it_goes_back_as_long_as_little_is_lost(
    networks: tuple[PoseNetwork, PoseNetwork], monkeypatch: pytest.MonkeyPatch
) -> None:
    exact_as(lambda share: 0.95 if share > 0.65 else 0.93 if share > 0.55 else 0.8, monkeypatch)
    assert least_share(*networks, [], (64, 96)) == 0.6


def test_where_each_step_back_loses_much_it_stays(
    networks: tuple[PoseNetwork, PoseNetwork], monkeypatch: pytest.MonkeyPatch
) -> None:
    exact_as(lambda share: share, monkeypatch)
    assert least_share(*networks, [], (64, 96)) == 1.0


def test_where_nothing_can_be_measured_it_stays(networks: tuple[PoseNetwork, PoseNetwork]) -> None:
    assert least_share(*networks, [], (64, 96)) == 1.0
