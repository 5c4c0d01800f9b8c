"""The person detector in torch: the shared trunk, features merged from coarse to fine, and one box a cell.

Anchor-free as in FCOS (Tian et al., 2019): every cell of three maps says how sure it is that it belongs to a person,
and how far that person's box reaches to the left, top, right and bottom of the cell's centre.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from models.detector import STRIDES, cell_centres
from models.training.network import Block, Trunk, conv

WIDTH = 0.5
BLOCKS = (1, 2, 3, 3)
RARE = 0.01
"""How often an untrained network says that a cell belongs to a person (Lin et al., 2017)."""


class DetectorNetwork(nn.Module):
    """Pictures to one row a cell: a logit of the score, and the logarithms of four distances in strides.

    Parameters
    ----------
    width, blocks
        See `models.training.network.Trunk`.
    """

    def __init__(self, width: float = WIDTH, blocks: tuple[int, int, int, int] = BLOCKS) -> None:
        super().__init__()
        self.trunk = Trunk(width, blocks)
        c8, c16, c32 = self.trunk.channels
        self.lateral32 = conv(c32, c16, 1)
        self.merge16 = Block(c16)
        self.lateral16 = conv(c16, c8, 1)
        self.merge8 = Block(c8)
        self.heads = nn.ModuleList(nn.Conv2d(c, 5, 1) for c in (c8, c16, c32))
        for head in self.heads:
            assert isinstance(head, nn.Conv2d)
            assert head.bias is not None
            nn.init.normal_(head.weight, std=0.01)
            nn.init.constant_(head.bias, 1.0)
            nn.init.constant_(head.bias[:1], -math.log(1 / RARE - 1))

    def forward(self, x: Tensor) -> tuple[Tensor]:
        """``x`` (n, 3, h, w) normalised, h and w multiples of 32; returns (n, cells, 5), fine cells first."""
        s8, s16, s32 = self.trunk(x)
        s16 = self.merge16(s16 + _doubled(self.lateral32(s32)))
        s8 = self.merge8(s8 + _doubled(self.lateral16(s16)))
        maps = (head(s) for head, s in zip(self.heads, (s8, s16, s32), strict=True))
        return (torch.cat([m.flatten(2) for m in maps], 2).transpose(1, 2),)


def _doubled(x: Tensor) -> Tensor:
    return nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")


def centres_and_strides(height: int, width: int) -> tuple[Tensor, Tensor]:
    """Centres (cells, 2) in pixels and strides (cells, 1) of the cells of a picture, in the network's order."""
    centres, strides = cell_centres(height, width, STRIDES)
    return torch.from_numpy(centres), torch.from_numpy(strides)


def boxes_of(distances: Tensor, centres: Tensor, strides: Tensor) -> Tensor:
    """Boxes x1 y1 x2 y2 in pixels (n, cells, 4) from the network's last four columns."""
    reach = distances.clamp(-4.0, 5.0).exp() * strides
    return torch.cat([centres - reach[..., :2], centres + reach[..., 2:]], -1)
