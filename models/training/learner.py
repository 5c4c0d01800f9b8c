"""What learns in a recipe: a network, its optimiser, and the running average that is kept of it."""

from __future__ import annotations

import copy
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from models.training.recipes import follow, set_rate

N = TypeVar("N", bound=nn.Module)


class Learner(Generic[N]):
    """A network that learns, and its average, which follows.

    Parameters
    ----------
    network : nn.Module
        As it begins, on its device and in its layout.
    optimiser : torch.optim.Optimizer
        Of its parameters.
    clip : float
        The greatest norm of the gradients.
    keep : float
        How much of the average a step keeps.
    young : (int, int)
        a and b: step s keeps (a + s) / (b + s) while that is less, so that the beginning is soon forgotten.

    Attributes
    ----------
    network, averaged : nn.Module
    step : int
        How many were taken.
    """

    def __init__(
        self,
        network: N,
        optimiser: torch.optim.Optimizer,
        clip: float,
        keep: float = 0.998,
        young: tuple[int, int] = (1, 10),
    ) -> None:
        self.network, self.averaged = network, copy.deepcopy(network).eval()
        self.step = 0
        self._optimiser, self._clip, self._keep, self._young = optimiser, clip, keep, young

    def set_rate(self, highest: float, rise: float, progress: float) -> None:
        """The learning rate: `recipes.set_rate`, of which only the share ``rise`` is taken while it is below 1."""
        set_rate(self._optimiser, highest * min(1.0, rise), progress)

    def descend(self, loss: Tensor) -> None:
        """Take one step down the gradient of ``loss``."""
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), self._clip)
        self._optimiser.step()
        self.step += 1
        a, b = self._young
        follow(self.averaged, self.network, min(self._keep, (a + self.step) / (b + self.step)))

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps of it."""
        return {
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "step": self.step,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where `state` was asked for; other entries of a checkpoint are left alone."""
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        self._optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]
