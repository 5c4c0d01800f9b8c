"""The lift's network in torch: features of a picture and what is remembered go in, a body and new memory come out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.lift_features import FEATURES, OUTPUTS
from models.skeleton_sets import Convention


class LiftNetwork(nn.Module):
    """Two dense layers, a gated recurrent unit (Cho et al., 2014), and two dense layers that answer.

    What is answered depends on whose joints are asked for: a learned vector for each `Convention` is added on the way.

    Parameters
    ----------
    width : int
        Of every layer, the memory among them.
    """

    def __init__(self, width: int = 256) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(FEATURES, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        self.memory = nn.GRU(width, width, batch_first=True)
        self.convention = nn.Embedding(len(Convention), width)
        self.mix = nn.Linear(2 * width, width)
        self.head = nn.Sequential(nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, OUTPUTS))
        nn.init.zeros_(self.convention.weight)

    def forward(self, features: Tensor, convention: Tensor) -> Tensor:
        """Answers (n, frames, outputs) to features (n, frames, features) of people who were never seen before."""
        looked = self.encoder(features)
        remembered, _ = self.memory(looked)
        return self.answer(looked, remembered, self.convention(convention)[:, None])

    def answer(self, looked: Tensor, remembered: Tensor, convention: Tensor) -> Tensor:
        """What is said of bodies that were looked at and remembered; ``convention`` is a learned vector."""
        answer: Tensor = self.head(self.mix(torch.cat([looked, remembered], dim=-1)) + convention)
        return answer


class LiftStep(nn.Module):
    """One picture of one person, as it is shipped; `models.lift_network` computes the same in numpy.

    Parameters
    ----------
    network : LiftNetwork
    """

    def __init__(self, network: LiftNetwork) -> None:
        super().__init__()
        self.network = network
        self.cell = nn.GRUCell(network.memory.input_size, network.memory.hidden_size)
        for name, value in network.memory.named_parameters():
            getattr(self.cell, name.removesuffix("_l0")).data.copy_(value.data)

    def forward(self, features: Tensor, memory: Tensor, convention: Tensor) -> tuple[Tensor, Tensor]:
        """Features (1, features), memory (1, width) and `Convention` (1,) to the answer (1, outputs) and new memory."""
        looked = self.network.encoder(features)
        memory = self.cell(looked, memory)
        return self.network.answer(looked, memory, self.network.convention(convention)), memory
