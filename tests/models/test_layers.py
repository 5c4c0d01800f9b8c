"""Normalisation that convolutions take in computes the same, and comes back."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")

from models.training.layers import fold_normalisation, unfold_normalisation  # noqa: E402
from models.training.network import PoseNetwork  # noqa: E402


def trained(plain: tuple[int, int] | None) -> PoseNetwork:
    """A network whose normalisations have all seen something."""
    torch.manual_seed(0)
    network = PoseNetwork(0.25, plain)
    for _ in range(3):
        network(torch.randn(4, 3, 64, 64))
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias)
    return network.eval()


@pytest.mark.parametrize("plain", [None, (1, 1)])
def test_a_folded_network_computes_the_same_and_so_does_the_unfolded_one(plain: tuple[int, int] | None) -> None:
    network, pictures = trained(plain), torch.randn(2, 3, 64, 96)
    before = network(pictures)[0]
    fold_normalisation(network)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in network.modules())
    assert torch.allclose(network(pictures)[0], before, atol=1e-4)
    back = PoseNetwork(0.25, plain).eval()
    unfold_normalisation(network, back)
    assert torch.allclose(back(pictures)[0], before, atol=1e-4)
    assert float(before.detach().std()) > 0.1
