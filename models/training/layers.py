"""Plain convolutions, of which the networks are made."""

from __future__ import annotations

import torch
from torch import Tensor, nn


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
