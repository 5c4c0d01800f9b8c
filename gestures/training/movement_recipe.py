"""Train the movement network: causal convolutions that see the last two seconds of looks.

Clips say what they show, not when. So the network is asked for the movement in its surest three looks of a clip that
shows it, and for silence in every look of a clip that does not (multiple-instance learning).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from gestures.movements import DILATIONS, TAPS
from gestures.skeleton import Array
from gestures.stream import WIDTH
from gestures.training.labels import MOVEMENTS
from gestures.training.movement_data import Clip, changed, strung

HIDDEN = 64
SUREST = 3
KEEP = 250
"""Steps after which the weights so far are kept."""

AFTER = 2
"""Looks after the end of a clip at which its movement may still be told."""


@dataclass(frozen=True, slots=True)
class Options:
    """How long and how fast."""

    steps: int = 4000
    batch: int = 8
    clips: int = 3
    rate: float = 2e-3
    seed: int = 0


class MovementNet(nn.Module):
    """Looks (n, T, WIDTH) to logits (n, T, movements)."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, mean: Array, deviation: Array) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("deviation", torch.tensor(deviation, dtype=torch.float32))
        widths = [WIDTH, *[HIDDEN] * len(DILATIONS)]
        self.layers = nn.ModuleList(
            nn.Conv1d(a, b, TAPS, dilation=d) for a, b, d in zip(widths, widths[1:], DILATIONS, strict=False)
        )
        self.head = nn.Conv1d(HIDDEN, len(MOVEMENTS), 1)
        self.drop = nn.Dropout(0.1)

    def forward(self, looks: Tensor) -> Tensor:
        """Logits at each look, from it and those before."""
        x = ((looks - self.mean) / self.deviation).transpose(1, 2)
        for layer, dilation in zip(self.layers, DILATIONS, strict=True):
            past = functional.pad(x, ((TAPS - 1) * dilation, 0), mode="replicate")
            y = torch.relu(layer(past))
            x = y + x if y.shape == x.shape else y
            x = self.drop(x)
        out: Tensor = self.head(x)
        return out.transpose(1, 2)


def train(clips: list[Clip], options: Options, out: Path | None = None) -> MovementNet:
    """The trained network; what there is so far goes to the file ``out`` from time to time."""
    rng = np.random.default_rng(options.seed)
    torch.manual_seed(options.seed)
    some = np.concatenate([clip.looks for clip in clips[::5]])
    net = MovementNet(some.mean(axis=0), some.std(axis=0) + 0.05)
    optimiser = torch.optim.AdamW(net.parameters(), lr=options.rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.rate, total_steps=options.steps, pct_start=0.1)
    groups = _groups(clips)
    net.train()
    bar = tqdm(range(options.steps), desc="movements", disable=None)
    running = 0.0
    for step in bar:
        loss = sum(_loss(net, _drawn(clips, groups, options.clips, rng), rng) for _ in range(options.batch))
        assert isinstance(loss, Tensor)
        optimiser.zero_grad()
        (loss / options.batch).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        running += (
            0.02 * (float(loss.detach()) / options.batch - running) if step else float(loss.detach()) / options.batch
        )
        if step % 50 == 0:
            bar.set_postfix(loss=f"{running:.3f}")
        if out is not None and step % KEEP == KEEP - 1:
            save(net, out)
    return net.eval()


def save(net: MovementNet, path: Path) -> None:
    """Write what `gestures.movements.MovementNetwork` reads."""
    arrays: dict[str, npt.NDArray[Any]] = {
        "mean": net.mean.numpy(),
        "deviation": net.deviation.numpy(),
        "names": np.array(MOVEMENTS),
    }
    layers = [layer for layer in (*net.layers, net.head) if isinstance(layer, nn.Conv1d)]
    for i, layer in enumerate(layers):
        assert layer.bias is not None
        # (taps, in, out), the oldest tap first
        arrays[f"weight{i}"] = layer.weight.detach().numpy().transpose(2, 1, 0)
        arrays[f"bias{i}"] = layer.bias.detach().numpy()
    np.savez_compressed(path, allow_pickle=False, **arrays)


def _groups(clips: list[Clip]) -> list[list[int]]:
    """Numbers of the clips that show each movement, and of those that show none."""
    shown = np.array([np.nan_to_num(clip.target) for clip in clips])
    some = [np.flatnonzero(shown[:, m] > 0).tolist() for m in range(len(MOVEMENTS))]
    return [*some, np.flatnonzero(shown.sum(axis=1) == 0).tolist()]


def _drawn(clips: list[Clip], groups: list[list[int]], count: int, rng: np.random.Generator) -> list[Clip]:
    """Half of them show something, every movement as often."""
    drawn = []
    for _ in range(count):
        group = groups[-1] if rng.random() < 0.5 else groups[int(rng.integers(len(groups) - 1))]
        drawn.append(changed(clips[int(rng.choice(group))], rng))
    return drawn


def _loss(net: MovementNet, drawn: list[Clip], rng: np.random.Generator) -> Tensor:
    looks, spans, targets = strung(drawn, rng)
    logits = net(torch.tensor(looks[None], dtype=torch.float32))[0]
    losses = []
    for (start, end), target in zip(spans, targets, strict=True):
        part = logits[start : end + AFTER]
        surest = part.topk(min(SUREST, len(part)), dim=0).values
        wanted = torch.tensor(np.nan_to_num(target), dtype=torch.float32)
        known = torch.tensor(np.isfinite(target), dtype=torch.float32)
        score = torch.where(wanted > 0, surest.mean(dim=0), surest[0])
        losses.append((functional.binary_cross_entropy_with_logits(score, wanted, reduction="none") * known).sum())
    return torch.stack(losses).mean()
