"""Train the movement networks: causal convolutions that see the last two seconds of looks.

Clips say what they show, not when. So a network is asked for the movement in its surest three looks of a clip that
shows it, and for silence in every look of a clip that does not (multiple-instance learning). Each network leaves out
another third of the people and styles, on whom thresholds can be chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from gestures.classifier import model_arrays
from gestures.movements import DEFAULT_WEIGHTS, DILATIONS, TAPS
from gestures.skeleton import Array
from gestures.stream import WIDTH
from gestures.training.labels import MOVEMENTS
from gestures.training.movement_data import Clip, strung
from gestures.training.movement_variation import changed
from gestures.turns import TURNS, turns_of

HIDDEN = 64
SUREST = 3

AFTER = 2
"""Looks after the end of a clip at which its movement may still be told."""

_SILENT = {"kinder": 0.42, "bandai": 0.22, "utd": 0.16, "msr": 0.1, "gtu": 0.07, "cmu": 0.03}
_SHOWN = dict(zip(MOVEMENTS, (1.6, 1.2, 1.2, 1.2, 1.0, 0.9, 0.7, 0.8), strict=True))
"""How often clips without a movement are drawn from each file, and how often each movement, against one another."""

_UNSURE = 0.02  # no label is believed more than this short of certainty
_TURNS_MEAN, _TURNS_DEVIATION = 0.3, 0.6


@dataclass(frozen=True, slots=True)
class Options:
    """How long and how fast; ``batch`` strings of so many ``clips`` a step."""

    steps: int = 3000
    batch: int = 12
    clips: int = 3
    rate: float = 3e-3
    seed: int = 0


class MovementNet(nn.Module):
    """Looks and turns of the arms (n, T, WIDTH + TURNS) to logits (n, T, movements)."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, mean: Array, deviation: Array) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("deviation", torch.tensor(deviation, dtype=torch.float32))
        widths = [WIDTH + TURNS, *[HIDDEN] * len(DILATIONS)]
        self.layers = nn.ModuleList(
            nn.Conv1d(a, b, TAPS, dilation=d) for a, b, d in zip(widths, widths[1:], DILATIONS, strict=False)
        )
        self.head = nn.Conv1d(HIDDEN, len(MOVEMENTS), 1)
        self.drop = nn.Dropout1d(0.15)

    def forward(self, seen: Tensor) -> Tensor:
        """Logits at each look, from it and those before."""
        x = ((seen - self.mean) / self.deviation).transpose(1, 2)
        for layer, dilation in zip(self.layers, DILATIONS, strict=True):
            past = functional.pad(x, ((TAPS - 1) * dilation, 0), mode="replicate")
            y = torch.relu(layer(past))
            x = y + x if y.shape == x.shape else y
            x = self.drop(x)
        out: Tensor = self.head(x)
        return out.transpose(1, 2)


def train(clips: list[Clip], options: Options) -> MovementNet:
    """One trained network."""
    rng = np.random.default_rng(options.seed)
    torch.manual_seed(options.seed)
    some = np.concatenate([clip.looks for clip in clips[::5]])
    mean, deviation = np.full(TURNS, _TURNS_MEAN), np.full(TURNS, _TURNS_DEVIATION)
    net = MovementNet(np.append(some.mean(axis=0), mean), np.append(some.std(axis=0) + 0.05, deviation))
    optimiser = torch.optim.AdamW(net.parameters(), lr=options.rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.rate, total_steps=options.steps, pct_start=0.1)
    drawing = Drawing(clips)
    net.train()
    running: float | None = None
    for step in (bar := tqdm(range(options.steps), desc="movements", disable=None)):
        loss = _loss(net, [drawing.clips(options.clips, rng) for _ in range(options.batch)], rng)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        running = float(loss.detach()) if running is None else running + 0.02 * (float(loss.detach()) - running)
        if step % 50 == 0:
            bar.set_postfix(loss=f"{running:.3f}")
    return net.eval()


def save(nets: Sequence[MovementNet], path: Path, rest: Path = DEFAULT_WEIGHTS) -> None:
    """Write what `gestures.movements.MovementNetwork` reads: ``nets`` answer for everything.

    Those of ``rest`` that have no say in waves keep as large a say as each of ``nets`` in all else.
    """
    wave = np.array(MOVEMENTS) == "wave"
    known = model_arrays(rest)
    others = (known["shares"][:, wave] == 0).all(axis=1)
    shares = np.full((others.sum() + len(nets), len(MOVEMENTS)), 1 / (others.sum() + len(nets)))
    shares[: others.sum(), wave], shares[others.sum() :, wave] = 0.0, 1 / len(nets)
    arrays = {
        name: np.concatenate([known[name][others], values.astype(known[name].dtype)])
        for name, values in _arrays(nets).items()
    }
    np.savez_compressed(path, allow_pickle=False, names=np.array(MOVEMENTS), shares=shares.astype(np.float32), **arrays)


def _arrays(nets: Sequence[MovementNet]) -> dict[str, npt.NDArray[Any]]:
    """The weights of all networks, (networks, ...)."""
    arrays: dict[str, npt.NDArray[Any]] = {
        "mean": np.stack([net.mean.numpy() for net in nets]),
        "deviation": np.stack([net.deviation.numpy() for net in nets]),
    }
    parts = [[layer for layer in (*net.layers, net.head) if isinstance(layer, nn.Conv1d)] for net in nets]
    for i, layers in enumerate(zip(*parts, strict=True)):
        # (networks, taps, in, out), the oldest tap first
        arrays[f"weight{i}"] = np.stack([layer.weight.detach().numpy().transpose(2, 1, 0) for layer in layers])
        arrays[f"bias{i}"] = np.stack([layer.bias.detach().numpy() for layer in layers if layer.bias is not None])
    return arrays


class Drawing:
    """Draws clips at random: half of them show something, every movement and every file as often as is good for it."""

    def __init__(self, clips: list[Clip]) -> None:
        files = sorted({clip.file for clip in clips})
        self._silent = [[c for c in clips if c.file == file and not c.movements] for file in files]
        self._often = np.array([_often(file) if some else 0.0 for file, some in zip(files, self._silent, strict=True)])
        self._shown = [
            [some for file in files if (some := [c for c in clips if c.file == file and number in c.movements])]
            for number in range(len(MOVEMENTS))
        ]
        self._weights = np.array([_SHOWN[m] if some else 0.0 for m, some in zip(MOVEMENTS, self._shown, strict=True)])

    def clips(self, count: int, rng: np.random.Generator) -> list[Clip]:
        """So many clips, all changed."""
        return [
            changed(self._clip(rng) if rng.random() < 0.5 else self._nothing(rng), self._nothing(rng), rng)
            for _ in range(count)
        ]

    def _clip(self, rng: np.random.Generator) -> Clip:
        files = self._shown[int(rng.choice(len(MOVEMENTS), p=self._weights / self._weights.sum()))]
        some = files[int(rng.integers(len(files)))]
        return some[int(rng.integers(len(some)))]

    def _nothing(self, rng: np.random.Generator) -> Clip:
        some = self._silent[int(rng.choice(len(self._silent), p=self._often / self._often.sum()))]
        return some[int(rng.integers(len(some)))]


def _often(file: str) -> float:
    return next((share for part, share in _SILENT.items() if part in file), 0.1)


def _loss(net: MovementNet, strings: list[list[Clip]], rng: np.random.Generator) -> Tensor:
    looks, spans, targets = zip(*(strung(clips, rng) for clips in strings), strict=True)
    longest = max(map(len, looks))
    seen = [np.concatenate([some, turns_of(some)], axis=1) for some in looks]
    padded = np.stack([np.pad(some, ((0, longest - len(some)), (0, 0)), mode="edge") for some in seen])
    logits = net(torch.tensor(padded, dtype=torch.float32))
    windows = [(i, start, min(end + AFTER, longest)) for i, parts in enumerate(spans) for start, end in parts]
    return _clip_losses(_cut(logits, windows), np.concatenate(targets)).mean()


def _cut(logits: Tensor, windows: list[tuple[int, int, int]]) -> Tensor:
    """Logits (clips, T, movements) of each of ``windows`` (string, start, end), very low after its end."""
    string, start, end = torch.tensor(windows).T[:, :, None]
    times = start + torch.arange(int((end - start).max()))
    inside = logits[string, times.clamp(max=logits.shape[1] - 1)]
    return inside.masked_fill((times >= end)[:, :, None], -1e4)


def _clip_losses(logits: Tensor, targets: Array) -> Tensor:
    """(clips,) of logits (clips, T, movements) and targets (clips, movements)."""
    surest = logits.topk(SUREST, dim=1).values
    wanted = torch.tensor(np.nan_to_num(targets), dtype=torch.float32)
    known = torch.tensor(np.isfinite(targets), dtype=torch.float32)
    score = torch.where(wanted > 0, surest.mean(dim=1), surest[:, 0])
    believed = wanted * (1 - 2 * _UNSURE) + _UNSURE
    return (functional.binary_cross_entropy_with_logits(score, believed, reduction="none") * known).sum(dim=1)
