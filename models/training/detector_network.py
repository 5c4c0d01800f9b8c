"""The person detector in torch: the pose network's kind of trunk, features merged from coarse to fine, a box a cell.

Anchor-free as in FCOS (Tian et al., 2019): every cell of three maps says how sure it is that it belongs to a person,
and how far that person's box reaches to the left, top, right and bottom of the cell's centre.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from models.detector import STRIDES, cell_centres
from models.training.lite_trunk import LiteTrunk, channels, imagenet_state, plain_blocks
from models.training.network import DEVIATION, MEAN, Pyramid

FINE, COARSE = 48, 96
"""Channels of the merged features at strides 8 and 16."""

RARE = 0.01
"""How often an untrained network says that a cell belongs to a person (Lin et al., 2017)."""


class DetectorNetwork(nn.Module):
    """Pictures to one row a cell: a logit of the score, and the logarithms of four distances in strides.

    Parameters
    ----------
    width : float
        Scales the number of channels.
    plain : (int, int), optional
        The trunk's.
    """

    def __init__(self, width: float = 1.0, plain: tuple[int, int] | None = None) -> None:
        super().__init__()
        self.trunk = LiteTrunk(width, plain=plain)
        fine, coarse = channels(FINE, width), channels(COARSE, width)
        self.pyramid = Pyramid(self.trunk.channels, fine, coarse)
        self.heads = nn.ModuleList(nn.Conv2d(c, 5, 1) for c in (fine, coarse, self.trunk.channels[2]))
        for head in self.heads:
            assert isinstance(head, nn.Conv2d)
            assert head.bias is not None
            nn.init.normal_(head.weight, std=0.01)
            nn.init.constant_(head.bias, 1.0)
            nn.init.constant_(head.bias[:1], -math.log(1 / RARE - 1))

    def forward(self, x: Tensor) -> tuple[Tensor]:
        """``x`` (n, 3, h, w) normalised, h and w multiples of 32; returns (n, cells, 5), fine cells first."""
        return (self.answer(*self.trunk(x)),)

    def answer(self, s8: Tensor, s16: Tensor, s32: Tensor) -> Tensor:
        """What the network says, given the features of its trunk."""
        s8, s16 = self.pyramid(s8, s16, s32)
        maps = (head(s) for head, s in zip(self.heads, (s8, s16, s32), strict=True))
        return torch.cat([m.flatten(2) for m in maps], 2).transpose(1, 2)

    @classmethod
    def from_state(cls, state: dict[str, Tensor]) -> DetectorNetwork:
        """The network, in single precision, that a `state_dict` belongs to."""
        network = cls(plain=plain_blocks(state))
        network.load_state_dict(state)
        return network

    def start_from_imagenet(self) -> None:
        """Give the trunk the published weights; see `models.training.lite_trunk.imagenet_state`."""
        self.trunk.load_state_dict(imagenet_state(MEAN, DEVIATION))


def centres_and_strides(height: int, width: int) -> tuple[Tensor, Tensor]:
    """Centres (cells, 2) in pixels and strides (cells, 1) of the cells of a picture, in the network's order."""
    centres, strides = cell_centres(height, width, STRIDES)
    return torch.from_numpy(centres), torch.from_numpy(strides)


def boxes_of(distances: Tensor, centres: Tensor, strides: Tensor) -> Tensor:
    """Boxes x1 y1 x2 y2 in pixels (n, cells, 4) from the network's last four columns."""
    reach = distances.clamp(-4.0, 5.0).exp() * strides
    return torch.cat([centres - reach[..., :2], centres + reach[..., 2:]], -1)
