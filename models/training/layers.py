"""Plain convolutions, of which the networks are made, and normalisation that convolutions take in and give back."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1, relu: bool = True) -> nn.Sequential:
    """Convolution, batch normalisation and, unless told otherwise, ReLU."""
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    if relu:
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


class Block(nn.Module):
    """Two 3x3 convolutions and a shortcut (He et al., 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        last = conv(channels, channels, relu=False)
        nn.init.zeros_(last.get_parameter("1.weight"))  # starts as the identity, which trains faster
        self.body = nn.Sequential(conv(channels, channels), last)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.body(x))


def fold_normalisation(network: nn.Module) -> None:
    """Let each convolution take in the batch normalisation after it, which is what it computes in a run.

    A step of training then takes three quarters of the time, and small batches do not disturb the statistics.
    """
    for _, layers, place in _normalised_convolutions(network):
        convolution, normalisation = layers[place].eval(), layers[place + 1].eval()
        assert isinstance(convolution, nn.Conv2d)
        assert isinstance(normalisation, nn.BatchNorm2d)
        layers[place] = fuse_conv_bn_eval(convolution, normalisation)
        layers[place + 1] = nn.Identity()


@torch.no_grad()
def unfold_normalisation(folded: nn.Module, network: nn.Module) -> None:
    """Give ``network``, which has its normalisation, the weights of one of the same kind that was folded."""
    learnt = dict(folded.named_parameters())
    for name, parameter in network.named_parameters():
        parameter.copy_(learnt.get(name, parameter))
    for name, layers, place in _normalised_convolutions(network):
        normalisation = layers[place + 1]
        assert isinstance(normalisation, nn.BatchNorm2d)
        normalisation.reset_running_stats()
        normalisation.weight.fill_(math.sqrt(1.0 + normalisation.eps))
        normalisation.bias.copy_(learnt[f"{name}.{place}.bias"])


def _normalised_convolutions(network: nn.Module) -> Iterator[tuple[str, nn.Sequential, int]]:
    """Name of each `nn.Sequential` in which a convolution is normalised, the `nn.Sequential`, and the place in it."""
    for name, layers in list(network.named_modules()):
        if isinstance(layers, nn.Sequential):
            for place, (first, second) in enumerate(zip(layers, list(layers)[1:], strict=False)):
                if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                    yield name, layers, place
