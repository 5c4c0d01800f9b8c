"""The networks in torch: a plain residual trunk, shared by the detector, and the pose head on top of it.

Only 3x3 and 1x1 convolutions, batch normalisation and ReLU: in int8 they cost least per multiplication (see
DESIGN: a depthwise 5x5 costs a third of a full 3x3 that does 46 times the work).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.joints import Keypoint


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


class Trunk(nn.Module):
    """Features of a picture at strides 8, 16 and 32.

    Parameters
    ----------
    width : float
        Scales the number of channels; 1 has 64, 128 and 256 at the three strides.
    blocks : tuple of int
        Residual blocks at strides 4, 8, 16 and 32.
    """

    def __init__(self, width: float = 1.0, blocks: tuple[int, int, int, int] = (1, 1, 2, 2)) -> None:
        super().__init__()
        stem, *stages = (round(c * width / 8) * 8 for c in (24, 32, 64, 128, 256))
        self.channels: tuple[int, int, int] = (stages[1], stages[2], stages[3])
        self.stem = conv(3, stem, stride=2)
        layers = []
        inputs = stem
        for outputs, count in zip(stages, blocks, strict=True):
            layers.append(nn.Sequential(conv(inputs, outputs, stride=2), *(Block(outputs) for _ in range(count))))
            inputs = outputs
        self.stages = nn.ModuleList(layers)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """``x`` (n, 3, h, w), h and w multiples of 32."""
        x = self.stages[0](self.stem(x))
        s8 = self.stages[1](x)
        s16 = self.stages[2](s8)
        return s8, s16, self.stages[3](s16)


class PoseNetwork(nn.Module):
    """A crop with one person to a heatmap of logits a keypoint and the logit of its confidence.

    The softmax of a heatmap over its cells is the distribution of the keypoint's place. Being fully convolutional,
    the network trains at any resolution, small first.
    """

    STRIDE = 8

    def __init__(self, width: float = 1.0, blocks: tuple[int, int, int, int] = (1, 1, 2, 2)) -> None:
        super().__init__()
        self.trunk = Trunk(width, blocks)
        c8, c16, c32 = self.trunk.channels
        self.lateral32 = conv(c32, c16, 1)
        self.merge16 = Block(c16)
        self.lateral16 = conv(c16, c8, 1)
        self.merge8 = Block(c8)
        self.heatmap = nn.Conv2d(c8, len(Keypoint), 1)
        self.confidence = nn.Linear(c32, len(Keypoint))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """``x`` (n, 3, h, w) normalised; returns (n, 23, h/8, w/8) and (n, 23)."""
        s8, s16, s32 = self.trunk(x)
        s16 = self.merge16(s16 + _doubled(self.lateral32(s32)))
        s8 = self.merge8(s8 + _doubled(self.lateral16(s16)))
        return self.heatmap(s8), self.confidence(s32.mean((2, 3)))


def _doubled(x: Tensor) -> Tensor:
    return nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")


class Normalised(nn.Module):
    """A network for uint8 pictures (n, h, w, 3) in the order blue, green, red: the form in which it is shipped."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        x = pictures.permute(0, 3, 1, 2).to(torch.float32)
        return tuple(self.network(normalised(x)))


def normalised(x: Tensor) -> Tensor:
    """Pixels 0 to 255 to about -2 to 2."""
    return (x - 114.0) / 58.0
