"""Divide a training run among several processes, as ``torchrun`` starts them; a process alone notices nothing of it.

    torchrun --nproc-per-node 2 -m bridge.cli train pose --data DATA --out runs/pose

Every process holds the whole network and learns from its share of each batch; gradients are averaged among them
(`torch.nn.parallel.DistributedDataParallel`). The first process, the lead, validates, shows progress and writes files.
Where CUDA is found, each process takes the GPU of its number and computes in bfloat16 where that is safe.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import distributed, nn

PATIENCE = timedelta(hours=6)
"""How long processes wait for the lead, which may be validating or rendering."""

CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Team:
    """The processes that train one network, seen from one of them.

    Attributes
    ----------
    rank : int
        The number of this process; the lead is 0.
    size : int
        How many there are.
    device : torch.device
        Where this one computes.
    """

    rank: int = 0
    size: int = 1
    device: torch.device = CPU

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes and speaks."""
        return self.rank == 0

    @property
    def on_gpu(self) -> bool:
        """Whether this process computes on CUDA."""
        return self.device.type == "cuda"

    def share(self, batch: int) -> int:
        """How many examples of a ``batch`` this process takes; each takes as many, so that none waits for another."""
        return -(-batch // self.size)

    def places(self, examples: int, batch: int) -> range:
        """Which of an epoch's examples this process takes: every `size`-th, and only as many as fill whole batches."""
        whole = self.share(batch) * self.size
        return range(self.rank, examples // whole * whole, self.size)

    def shared(self, network: nn.Module) -> nn.Module:
        """``network``, with gradients averaged among the processes, to train with; what is kept is ``network``."""
        if self.size == 1:
            return network
        return nn.parallel.DistributedDataParallel(network, device_ids=[self.device.index] if self.on_gpu else None)

    def mixed_precision(self) -> torch.autocast:
        """Compute in bfloat16 where that is safe: on a GPU, where it is fast."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.on_gpu)

    @contextmanager
    def lead_first(self) -> Iterator[None]:
        """What the others find ready because the lead has made it: they enter when the lead has left."""
        if not self.leads:
            distributed.barrier()
        yield
        if self.leads and self.size > 1:
            distributed.barrier()


def leads() -> bool:
    """Whether this process is the lead, or alone; known even outside of `joined`."""
    return _number("RANK", 0) == 0


@contextmanager
def joined() -> Iterator[Team]:
    """The team that ``torchrun`` started this process in, or a team of one; it parts when everyone is done."""
    rank, size, device = _number("RANK", 0), _number("WORLD_SIZE", 1), CPU
    if torch.cuda.is_available():
        device = torch.device("cuda", _number("LOCAL_RANK", 0))
        torch.cuda.set_device(device)
    team = Team(rank, size, device)
    if size > 1:
        distributed.init_process_group("nccl" if team.on_gpu else "gloo", timeout=PATIENCE)
    try:
        yield team
        if size > 1:
            distributed.barrier()
    finally:
        if size > 1:
            distributed.destroy_process_group()


def device_of(network: nn.Module) -> torch.device:
    """Where a network's weights lie."""
    return next(network.parameters()).device


def _number(name: str, otherwise: int) -> int:
    return int(os.environ.get(name, otherwise))
