"""Teach a `PlainStart` to compute what a pose network computes up to stride 8, so that it can take its place.

    bodycast train start --data DATA --init runs/pose/pose.pt --out runs/plain --rate 3e-3     # an hour on one CPU core

First it learns the features at stride 8, edges and textures of a small neighbourhood, of which a picture teaches
hundreds and needs no label; then what the rest of the network makes of them, so that it is exact where that counts. The
rest stays as it is; `bodycast train pose --init runs/plain/pose.pt` would train all on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Subset
from tqdm import tqdm

from models.training.finetune_run import load_network
from models.training.layers import fold_normalisation
from models.training.lite_trunk import LiteTrunk, PlainStart
from models.training.network import normalised
from models.training.pose_data import training_people
from models.training.pose_recipe import Crops
from models.training.recipes import follow, halved, parameter_groups, save_whole, set_rate

EMA = 0.998
WARM_UP = 100
CHECKPOINT_STEPS = 200
MEASURED = 50
"""Steps over which the spread of the features is measured."""

FINE_SHARE = 0.7
"""The share of the steps in which only the features at stride 8 count; the others take twice as long."""

LATER_RATE = 0.25
"""Of the learning rate, in those other steps."""


@dataclass(frozen=True, slots=True)
class StartOptions:
    """What a run of the recipe is told.

    Attributes
    ----------
    data : Path
        The folder with lspet, flic, street, webcam and professions.
    init : Path
        The `state_dict` of a pose network.
    out : Path
        Where ``pose.pt`` goes, the same network with the new start.
    size : (int, int)
        Width and height of the pictures.
    """

    data: Path
    init: Path
    out: Path
    steps: int = 2600
    batch: int = 32
    size: tuple[int, int] = (160, 192)
    rate: float = 3e-3
    decay: float = 1e-3
    seed: int = 0
    threads: int = 2
    resume: bool = False
    limit: int | None = None


def train(options: StartOptions) -> Path:
    """Run the recipe; returns the new weights.

    Raises
    ------
    WeightsError
        If ``options.init`` is no pose network.
    """
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    run = StartRun(options)
    sets = training_people(options.data, options.limit)
    passes = 1 + options.steps * options.batch // max(1, sum(map(len, sets.values())) // 2)
    crops = Subset(
        Crops(sets, options.size, options.seed, 0, passes),
        range(run.step * options.batch, options.steps * options.batch),
    )
    loader = DataLoader(crops, options.batch, num_workers=max(1, options.threads - 1), prefetch_factor=4)
    run.learn(pictures for pictures, _ in loader)
    weights = options.out / "pose.pt"
    torch.save(with_start(torch.load(options.init, weights_only=True), run.averaged), weights)
    return weights


def with_start(state: dict[str, Any], start: PlainStart) -> dict[str, Any]:
    """``state`` with the weights of ``start`` for what the trunk had before stride 8."""
    plain = set(LiteTrunk(plain=True).state_dict())
    kept = {k: v for k, v in state.items() if not k.startswith("trunk.") or k.removeprefix("trunk.") in plain}
    return kept | halved({f"trunk.stem.{k}": v for k, v in start.state_dict().items()})


class StartRun:
    """What a run remembers: the new start, its average, the optimiser, the losses.

    Parameters
    ----------
    options : StartOptions
    """

    def __init__(self, options: StartOptions) -> None:
        self._options = options
        network = load_network(options.init).requires_grad_(False).eval()
        fold_normalisation(network)
        self._network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        channels = network.trunk.channels
        self.start, self.averaged = (PlainStart(channels[0]) for _ in range(2))
        self.start.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged.load_state_dict(self.start.state_dict())
        groups = parameter_groups(self.start, options.decay)
        self._optimiser = torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.98), fused=True)
        self._spread = torch.zeros(channels[0])
        self.step = 0
        self.losses: list[float] = []
        self._checkpoint = options.out / "checkpoint.pt"
        if options.resume and self._checkpoint.exists():
            self._load()

    def learn(self, batches: Iterable[Tensor]) -> None:
        """One step for each of ``batches``, pictures (n, h, w, 3) uint8; interrupted, it leaves a checkpoint."""
        total = self._options.steps
        try:
            with tqdm(batches, desc="imitating", total=total, initial=self.step, mininterval=5) as bar:
                for pictures in bar:
                    self._learn(normalised(pictures.permute(0, 3, 1, 2).float()))
                    bar.set_postfix(loss=f"{sum(self.losses[-50:]) / len(self.losses[-50:]):.3f}", refresh=False)
                    if self.step % CHECKPOINT_STEPS == 0:
                        self._save()
        finally:
            self._save()

    def _learn(self, x: Tensor) -> None:
        fine = self.step < FINE_SHARE * self._options.steps
        self.start.train()
        loss = self._fine_loss(x) if fine else self._whole_loss(x)
        self._set_rate(fine)
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.start.parameters(), 1.0)
        self._optimiser.step()
        self.step += 1
        self.losses.append(round(float(loss.detach()), 4))
        follow(self.averaged, self.start, min(EMA, (1 + self.step) / (10 + self.step)))

    def _set_rate(self, fine: bool) -> None:
        done, share = self.step / self._options.steps, FINE_SHARE
        progress = done / share if fine else (done - share) / (1 - share)
        highest = self._options.rate * (min(1.0, (self.step + 1) / WARM_UP) if fine else LATER_RATE)
        set_rate(self._optimiser, highest, progress)

    def _fine_loss(self, x: Tensor) -> Tensor:
        """What is not explained of the features at stride 8."""
        with torch.no_grad():
            wanted = self._network.trunk.fine(x)
        if self.step < MEASURED:
            self._spread += (wanted.var((0, 2, 3)) - self._spread) / (self.step + 1)
        return _unexplained(self.start(x), wanted, self._spread)

    def _whole_loss(self, x: Tensor) -> Tensor:
        """The same of all features, and how differently the keypoints are found (Kullback and Leibler)."""
        with torch.no_grad():
            wanted = self._network.trunk(x)
            places, confidences = self._network.answer(*wanted)
        found = self.start(x)
        features = (found, *self._network.trunk.coarse(found))
        other_places, other_confidences = self._network.answer(*features)
        spread = [w.var((0, 2, 3)).clamp(min=1e-6) for w in wanted]
        parts = [_unexplained(f, w, s) for f, w, s in zip(features, wanted, spread, strict=True)]
        seen = confidences.sigmoid()
        sure, likely = places.flatten(2).log_softmax(-1), other_places.flatten(2).log_softmax(-1)
        apart = ((sure.exp() * (sure - likely)).sum(-1) * seen).sum() / seen.sum()
        present = torch.nn.functional.binary_cross_entropy_with_logits(other_confidences, seen)
        loss: Tensor = 0.3 * parts[0] + 0.5 * (parts[1] + parts[2]) + apart + 0.3 * present
        return loss

    def _save(self) -> None:
        state = {
            "start": self.start.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "spread": self._spread,
            "step": self.step,
            "losses": self.losses,
        }
        save_whole(state, self._checkpoint)

    def _load(self) -> None:
        state = torch.load(self._checkpoint, weights_only=True)
        self.start.load_state_dict(state["start"])
        self.averaged.load_state_dict(state["averaged"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._spread, self.step, self.losses = state["spread"], state["step"], state["losses"]


def _unexplained(found: Tensor, wanted: Tensor, spread: Tensor) -> Tensor:
    """The share of the variance of ``wanted`` that ``found`` misses, mean over the channels."""
    unexplained: Tensor = (((found - wanted) ** 2).mean((0, 2, 3)) / spread).mean()
    return unexplained
