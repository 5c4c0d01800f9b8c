"""The training loop of fine-tuning: a budget of seconds or steps, spent once, in as many sittings as it takes."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from models.inference import WeightsError
from models.pose import shapes
from models.training.finetune_views import Material, Views, batches
from models.training.layers import fold_normalisation, unfold_normalisation
from models.training.learner import Learner
from models.training.network import PoseNetwork, normalised
from models.training.pose_loss import pose_loss
from models.training.recipes import halved, parameter_groups, read_weights, save_whole

SMALL_FIRST = 0.35
"""The share of the budget that is spent on views of three quarters of the size, twice as many a second."""

MOST_PASSES = 150
"""Nobody learns from seeing a frame more often than this, whatever the budget."""

WARM_UP = 40
CHECKPOINT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """How to train.

    Attributes
    ----------
    init : Path
        The `state_dict` of a `PoseNetwork` to start from.
    folder : Path
        Where ``checkpoint.pt`` goes.
    size : (int, int)
        Width and height of the views of those who are higher than wide, multiples of 32; see `models.pose.shapes`.
    seconds : float
        Time to spend on training, by the clock.
    steps : int, optional
        Steps to take instead, whatever the time; then a run depends on nothing but its seed.
    workers : int
        Processes that make views.
    """

    init: Path
    folder: Path
    size: tuple[int, int] = (192, 256)
    seconds: float = 1200.0
    steps: int | None = None
    batch: int = 32
    rate: float = 5e-4
    decay: float = 0.05
    seed: int = 0
    threads: int = 2
    workers: int = 1
    resume: bool = False


def load_network(path: Path) -> PoseNetwork:
    """The network in a `state_dict` file, in single precision.

    Raises
    ------
    WeightsError
        If the file is none.
    """
    state = read_weights(path)
    try:
        return PoseNetwork.from_state(state)
    except Exception as error:  # what was found under the right names may be anything
        raise WeightsError(f"{path}: not the weights of a pose network of this version") from error


class FineTuneRun:
    """What training remembers: what learns, how much of the budget is spent, losses.

    Attributes
    ----------
    generic : PoseNetwork
        What it began from.
    learner : Learner
        Its average is what it came to.
    """

    def __init__(
        self, options: TrainOptions, material: Material, identity: str, now: Callable[[], float] = time.monotonic
    ) -> None:
        """``identity`` describes the data; a checkpoint of other data is refused with a `WeightsError`."""
        torch.manual_seed(options.seed)
        torch.set_num_threads(options.threads)
        self.options, self._material, self._identity, self._now = options, material, identity, now
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network = load_network(options.init)
        network.trunk.freeze_fine()
        fold_normalisation(network)
        self.generic = copy.deepcopy(network).to(self._device).eval()
        network.to(self._device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimiser = torch.optim.AdamW(parameter_groups(network, options.decay), betas=(0.9, 0.98), fused=True)
        self.learner = Learner(network, optimiser, clip=5.0)
        self.seconds = 0.0
        self.losses: list[float] = []
        if options.resume and self.checkpoint.exists():
            self._load()

    @property
    def checkpoint(self) -> Path:
        """Where the run is kept."""
        return self.options.folder / "checkpoint.pt"

    @property
    def step(self) -> int:
        """How many steps were taken."""
        return self.learner.step

    @property
    def progress(self) -> float:
        """How much of the budget is spent, 0 to 1."""
        options = self.options
        if options.steps is not None:
            return min(1.0, self.step / options.steps)
        most = MOST_PASSES * len(self._material.frames) / options.batch
        return min(1.0, max(self.seconds / max(options.seconds, 1e-6), self.step / most))

    def train(self) -> None:
        """Spend what is left of the budget; interrupted, it leaves a checkpoint."""
        small = tuple(max(32, round(side * 0.75 / 32) * 32) for side in self.options.size)
        with tqdm(
            total=100, initial=round(100 * self.progress), desc="training", bar_format=_BAR, mininterval=1
        ) as bar:
            try:
                self._train_until(SMALL_FIRST, (small[0], small[1]), bar)
                self._train_until(1.0, self.options.size, bar)
            finally:
                self._save()

    def _train_until(self, end: float, size: tuple[int, int], bar: Any) -> None:
        if self.progress >= end:
            return
        views = Views(self._material, shapes(size), self.options.seed, self.options.batch)
        saved = last = self._now()
        for pictures, targets in batches(views, self.step * views.batch, self.options.workers):
            self._learn(pictures, targets)
            now = self._now()
            self.seconds += now - last
            last = now
            self._show(bar)
            if now - saved > CHECKPOINT_SECONDS:
                self._save()
                saved = now
            if self.progress >= end:
                return

    def _learn(self, pictures: Tensor, targets: Tensor) -> None:
        self.learner.network.train()
        torch.manual_seed(1_000_003 * self.options.seed + self.step)  # stochastic depth, alike after an interruption
        self.learner.set_rate(self.options.rate, (self.step + 1) / WARM_UP, self.progress)
        x = normalised(pictures.to(self._device, non_blocking=True).permute(0, 3, 1, 2).float())
        with self._precision():
            heatmaps, confidences = self.learner.network(x)
        loss = pose_loss(heatmaps.float(), confidences.float(), targets.to(self._device), PoseNetwork.STRIDE)
        self.learner.descend(loss)
        self.losses.append(round(float(loss.detach()), 4))

    def _precision(self) -> AbstractContextManager[Any]:
        return torch.autocast("cuda", torch.bfloat16) if self._device.type == "cuda" else nullcontext()

    def _show(self, bar: Any) -> None:
        bar.set_postfix(step=self.step, loss=f"{sum(self.losses[-50:]) / len(self.losses[-50:]):.3f}", refresh=False)
        bar.update(100 * self.progress - bar.n)

    def write_weights(self, path: Path) -> None:
        """Write the averaged weights in half precision."""
        network = load_network(self.options.init)
        unfold_normalisation(self.learner.averaged.cpu(), network)
        torch.save(halved(network.state_dict()), path)

    def _save(self) -> None:
        spent = {"identity": self._identity, "seconds": self.seconds, "losses": self.losses}
        save_whole(self.learner.state() | spent, self.checkpoint)

    def _load(self) -> None:
        try:
            state = torch.load(self.checkpoint, weights_only=True, map_location=self._device)
            if state["identity"] != self._identity:
                raise WeightsError(
                    f"{self.checkpoint}: was made from other recordings or with other options; "
                    "give the same ones, or begin anew without --resume"
                )
            self.learner.restore(state)
            self.seconds, self.losses = state["seconds"], state["losses"]
        except WeightsError:
            raise
        except Exception as error:  # torch tells of broken files in many ways
            raise WeightsError(f"{self.checkpoint}: not a checkpoint of fine-tuning") from error


_BAR = "{desc} {percentage:3.0f}%|{bar}| {elapsed} gone, {remaining} left{postfix}"
