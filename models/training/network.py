"""The networks in torch: a trunk that has seen ImageNet, what merges its features, and the pose head on top of it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.joints import Keypoint
from models.painting import Layer
from models.training.layers import Block, conv
from models.training.lite_trunk import LiteTrunk, channels, imagenet_state, plain_blocks

MEAN, DEVIATION = 114.0, 58.0
"""Of the pixels that go into a network."""


class Pyramid(nn.Module):
    """Features at strides 16 and 8 that know of the coarser ones (Lin et al., 2017), by full 3x3 convolutions.

    Parameters
    ----------
    inputs : (int, int, int)
        Channels at strides 8, 16 and 32.
    fine, coarse : int
        Channels that come out at strides 8 and 16.
    """

    def __init__(self, inputs: tuple[int, int, int], fine: int, coarse: int) -> None:
        super().__init__()
        c8, c16, c32 = inputs
        self.down32, self.across16 = conv(c32, coarse, 1), conv(c16, coarse, 1, relu=False)
        self.merge16 = Block(coarse)
        self.down16, self.across8 = conv(coarse, fine, 1), conv(c8, fine, 1, relu=False)
        self.merge8 = Block(fine)

    def forward(self, s8: Tensor, s16: Tensor, s32: Tensor) -> tuple[Tensor, Tensor]:
        """The features at strides 8 and 16."""
        s16 = self.merge16(self.across16(s16) + _doubled(self.down32(s32)))
        return self.merge8(self.across8(s8) + _doubled(self.down16(s16))), s16


class PoseNetwork(nn.Module):
    """A crop with one person to a heatmap of logits a keypoint and the logit of its confidence.

    The softmax of a heatmap over its cells is the distribution of the keypoint's place. Being fully convolutional,
    the network trains at any resolution, small first. ``width`` scales the number of channels; ``plain`` is the
    trunk's. A network that is ``cued`` is told whom to find (`models.painting.cue`), as a change of the features at
    stride 8, which is none at first.
    """

    STRIDE = 8

    def __init__(self, width: float = 1.0, plain: tuple[int, int] | None = None, cued: bool = False) -> None:
        super().__init__()
        self.trunk = LiteTrunk(width, plain=plain)
        fine, coarse = channels(64, width), channels(128, width)
        self.pyramid = Pyramid(self.trunk.channels, fine, coarse)
        self.heatmap = nn.Conv2d(fine, len(Keypoint), 1)
        self.confidence = nn.Linear(self.trunk.channels[2], len(Keypoint))
        self.cue = _Cue(self.trunk.channels[0]) if cued else None

    def forward(self, x: Tensor, cue: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Of ``x`` (n, 3, h, w), normalised, and ``cue`` (n, 4, h/8, w/8), 0 to 1: (n, 23, h/8, w/8) and (n, 23)."""
        fine = self.told(self.trunk.fine(x), cue)
        return self.answer(fine, *self.trunk.coarse(fine))

    def told(self, fine: Tensor, cue: Tensor | None) -> Tensor:
        """The features at stride 8 once ``cue`` is known; without one, as if nobody were expected."""
        if self.cue is None:
            return fine
        if cue is None:
            cue = fine.new_zeros((len(fine), len(Layer), *fine.shape[2:]))
        told: Tensor = fine + self.cue(cue)
        return told

    def answer(self, s8: Tensor, s16: Tensor, s32: Tensor) -> tuple[Tensor, Tensor]:
        """What the network says, given the features of its trunk."""
        merged, _ = self.pyramid(s8, s16, s32)
        return self.heatmap(merged), self.confidence(s32.mean((2, 3)))

    @classmethod
    def from_state(cls, state: dict[str, Tensor]) -> PoseNetwork:
        """The network, in single precision, that a `state_dict` belongs to.

        Raises
        ------
        KeyError, RuntimeError
            If it belongs to none.
        """
        network = cls(state["heatmap.weight"].shape[1] / 64, plain_blocks(state), "cue.layers.0.weight" in state)
        network.load_state_dict(state)
        return network

    def start_from_imagenet(self) -> None:
        """Give the trunk the published weights; see `models.training.lite_trunk.imagenet_state`."""
        self.trunk.load_state_dict(imagenet_state(MEAN, DEVIATION))


class _Cue(nn.Module):
    """Where people should be (n, 4, h/8, w/8) to what it changes of ``channels`` features at stride 8."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(len(Layer), 32, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(32, 32, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(32, channels, 1),
        )
        for values in self.layers[-1].parameters():
            nn.init.zeros_(values)

    def forward(self, cue: Tensor) -> Tensor:
        change: Tensor = self.layers(cue)
        return change


def _doubled(x: Tensor) -> Tensor:
    return nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")


class Normalised(nn.Module):
    """A network for uint8 pictures (n, h, w, 3) in the order blue, green, red: the form in which it is shipped.

    Cues, which some networks are given besides, are uint8, too.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor, *cues: Tensor) -> tuple[Tensor, ...]:
        x = pictures.permute(0, 3, 1, 2).to(torch.float32)
        return tuple(self.network(normalised(x), *(cue.to(torch.float32) / 255 for cue in cues)))


def normalised(x: Tensor) -> Tensor:
    """Pixels 0 to 255 to about -2 to 2."""
    return (x - MEAN) / DEVIATION
