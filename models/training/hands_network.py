"""The hand network in torch: plain residual stages, and four classes.

Only 3x3 convolutions, batch normalisation and ReLU: in int8 they cost least per multiplication.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from models.hands import CLASSES
from models.training.layers import Block, conv
from models.training.recipes import read_weights

CHANNELS, BLOCKS = (24, 32, 64, 128), (1, 1, 2)
"""Of the stem and the stages at strides 4, 8 and 16; residual blocks of each stage."""

LANDMARKS = 21


class HandNetwork(nn.Module):
    """A crop with one hand to the logits of `models.hands.CLASSES`: what is seen anywhere, and on average, decides."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(3, CHANNELS[0], stride=2)
        self.stages = nn.ModuleList(
            nn.Sequential(conv(inputs, outputs, stride=2), *(Block(outputs) for _ in range(count)))
            for inputs, outputs, count in zip(CHANNELS[:-1], CHANNELS[1:], BLOCKS, strict=True)
        )
        self.drop = nn.Dropout(0.2)
        self.classes = nn.Linear(2 * CHANNELS[-1], len(CLASSES))

    def forward(self, x: Tensor) -> tuple[Tensor]:
        """``x`` (n, 3, h, w) normalised; returns (n, 4)."""
        return (self.classes(self.drop(self.features(x))),)

    def features(self, x: Tensor) -> Tensor:
        """What the classes are told by, (n, 256)."""
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        return torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)

    def start_from(self, path: Path) -> int:
        """Take over what fits of the weights in ``path``, a checkpoint or `state_dict`; how many fit."""
        state = {k.removeprefix("trunk."): v for k, v in read_weights(path).items()}
        own = self.state_dict()
        fits = {k: v.to(own[k].dtype) for k, v in state.items() if k in own and v.shape == own[k].shape}
        self.load_state_dict(own | fits)
        return len(fits)


class HandLessons(nn.Module):
    """A hand network that also learns where the landmarks are: fingers that it can find, it can tell apart."""

    def __init__(self, network: HandNetwork) -> None:
        super().__init__()
        self.network = network
        self.landmarks = nn.Linear(2 * CHANNELS[-1], 2 * LANDMARKS)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """``x`` (n, 3, h, w) normalised; returns (n, 4) and x, y (n, 21, 2), from -1 to 1 across the crop."""
        features = self.network.features(x)
        return self.network.classes(self.network.drop(features)), self.landmarks(features).view(-1, LANDMARKS, 2)
