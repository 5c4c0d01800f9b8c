"""Teach a `PlainStart` to compute what a trained trunk computes up to stride 8, so that it can take its place.

    bodycast train start --data DATA --init runs/pose/pose.pt --out runs/plain     # half an hour on one CPU core

Features at stride 8 are edges and textures of a small neighbourhood: a picture teaches hundreds of them at once, and
needs no label. What follows stride 8 stays as it is; `bodycast train pose --init runs/plain/pose.pt` trains all on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import torch
from torch import Tensor
from torch.utils.data import DataLoader
from tqdm import tqdm

from models.inference import WeightsError
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


@dataclass(frozen=True, slots=True)
class StartOptions:
    """What a run of the recipe is told.

    Attributes
    ----------
    data : Path
        The folder with lspet, flic, street, webcam and professions.
    init : Path
        A `state_dict` with a `LiteTrunk`, of a pose network or a detector.
    out : Path
        Where the same weights with the new start go, under the name that ``init`` has.
    size : (int, int)
        Width and height of the pictures.
    """

    data: Path
    init: Path
    out: Path
    steps: int = 3000
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
        If ``options.init`` has no trunk whose start could be replaced.
    """
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    whole, trunk = read_trunk(options.init)
    run = StartRun(options, trunk)
    crops = Crops(training_people(options.data, options.limit), options.size, options.seed, 0, passes=_passes(options))
    remaining = torch.utils.data.Subset(crops, range(run.step * options.batch, options.steps * options.batch))
    loader = DataLoader(remaining, options.batch, num_workers=max(1, options.threads - 1), prefetch_factor=4)
    run.learn(pictures for pictures, _ in loader)
    weights = options.out / options.init.name
    torch.save(with_start(whole, run.averaged), weights)
    return weights


def _passes(options: StartOptions) -> int:
    return 1 + options.steps * options.batch // (options.limit or 10_000)


def read_trunk(path: Path) -> tuple[dict[str, Any], LiteTrunk]:
    """What is in a file of weights, and its trunk, ready to be imitated."""
    if not path.is_file():
        raise WeightsError(f"{path}: no such weights file")
    try:
        whole: dict[str, Any] = torch.load(path, weights_only=True)
        state = whole.get("model", whole)
        trunk = LiteTrunk()
        trunk.load_state_dict({k.removeprefix("trunk."): v for k, v in state.items() if k.startswith("trunk.")})
    except Exception as error:  # torch tells of broken files in many ways
        raise WeightsError(f"{path}: no weights with a trunk whose start could be replaced") from error
    return whole, trunk.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def with_start(whole: dict[str, Any], start: PlainStart) -> dict[str, Any]:
    """``whole`` with the weights of ``start`` for what the trunk had before stride 8."""
    nested = "model" in whole
    state = whole["model"] if nested else whole
    plain = set(LiteTrunk(plain=True).state_dict())
    kept = {k: v for k, v in state.items() if not k.startswith("trunk.") or k.removeprefix("trunk.") in plain}
    kept |= halved({f"trunk.stem.{k}": v for k, v in start.state_dict().items()})
    return {"model": kept} if nested else kept


class StartRun:
    """What a run remembers: the new start, its average, the optimiser, the losses.

    Parameters
    ----------
    options : StartOptions
    trunk : LiteTrunk
        Whose features are wanted.
    """

    def __init__(self, options: StartOptions, trunk: LiteTrunk) -> None:
        self._options, self._trunk = options, trunk
        self.start, self.averaged = (PlainStart(trunk.channels[0]) for _ in range(2))
        self.start.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged.load_state_dict(self.start.state_dict())
        groups = parameter_groups(self.start, options.decay)
        self._optimiser = torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.98), fused=True)
        self._spread = torch.zeros(trunk.channels[0])
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
                    bar.set_postfix(unexplained=f"{sum(self.losses[-50:]) / len(self.losses[-50:]):.3f}", refresh=False)
                    if self.step % CHECKPOINT_STEPS == 0:
                        self._save()
        finally:
            self._save()

    def _learn(self, x: Tensor) -> None:
        with torch.no_grad():
            wanted = self._trunk.fine(x)
        if self.step < MEASURED:
            self._spread += (wanted.var((0, 2, 3)) - self._spread) / (self.step + 1)
        self.start.train()
        loss = (((self.start(x) - wanted) ** 2).mean((0, 2, 3)) / self._spread).mean()
        warm = min(1.0, (self.step + 1) / WARM_UP)
        set_rate(self._optimiser, self._options.rate * warm, self.step / self._options.steps)
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.start.parameters(), 1.0)
        self._optimiser.step()
        self.step += 1
        self.losses.append(round(float(loss.detach()), 4))
        follow(self.averaged, self.start, min(EMA, (1 + self.step) / (10 + self.step)))

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
