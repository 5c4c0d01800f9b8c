"""Fine-tune the lift for a pose network that was fine-tuned: its keypoints lie where a Kinect puts joints.

What the lift learns from is in `models.training.lift_recorded`. It takes minutes; a checkpoint is kept, as by
`models.training.finetune_run`.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from models.body import FloatArray
from models.inference import WeightsError
from models.skeleton_sets import Convention
from models.training.acted_motions import acted_motions
from models.training.learner import Learner
from models.training.lift_data import Pair
from models.training.lift_export import export_lift, network_of
from models.training.lift_loss import lift_loss
from models.training.lift_network import LiftNetwork
from models.training.lift_recorded import RecordedBatches
from models.training.recipes import follow, parameter_groups, save_whole

DEFAULT_INIT = Path(__file__).parents[1] / "weights" / "lift.pt"
ACTED = (30, 6.0)
"""Motions of the actor that are mixed in, and the seconds of each."""

MOST_STEPS = 3000
"""Beyond which nothing more is gained, whatever the time."""

KEPT = 0.7
"""The share of the trained weights in the end; the rest is as before, which forgets less of how others stand and move
than it loses (Wortsman et al., Robust fine-tuning of zero-shot models, 2022)."""

WARM_UP = 50
CHECKPOINT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class LiftTuneOptions:
    """How to train.

    Attributes
    ----------
    folder : Path
        Where ``lift.onnx``, ``lift.pt`` and, meanwhile, ``lift_checkpoint.pt`` go.
    seconds : float
        Time to spend, by the clock.
    steps : int, optional
        Steps to take instead, whatever the time.
    people, frames : int
        The size of a batch.
    rate : float
        The highest learning rate.
    flips : bool
        Whether what is shown may be mirrored.
    init : Path
        The `state_dict` to start from.
    """

    folder: Path
    seconds: float = 180.0
    steps: int | None = None
    people: int = 32
    frames: int = 24
    rate: float = 1e-3
    decay: float = 0.01
    flips: bool = True
    seed: int = 0
    threads: int = 2
    resume: bool = False
    init: Path = DEFAULT_INIT


def fine_tune_lift(
    options: LiftTuneOptions, pairs: Sequence[Pair], now: Callable[[], float] = time.monotonic
) -> tuple[Path, int]:
    """Do it; returns ``lift.onnx`` and how many steps were taken.

    Raises
    ------
    ValueError
        If there is nothing to learn from.
    WeightsError
        If the checkpoint is of another run.
    """
    if not pairs:
        raise ValueError("nobody is left to learn the lift from")
    run = LiftTuning(options, pairs, now)
    run.train()
    follow(run.learner.averaged, _read(options.init), KEPT)
    weights = options.folder / "lift.pt"
    torch.save(run.learner.averaged.state_dict(), weights)
    onnx, _ = export_lift(weights, options.folder)
    run.checkpoint.unlink()
    return onnx, run.learner.step


class LiftTuning:
    """What training remembers: what learns, and how much of the time is spent."""

    def __init__(self, options: LiftTuneOptions, pairs: Sequence[Pair], now: Callable[[], float]) -> None:
        torch.manual_seed(options.seed)
        torch.set_num_threads(options.threads)
        self.options, self._now = options, now
        self._identity = _identity(options, pairs)
        network, self._before = _read(options.init), _read(options.init)
        size = options.people, options.frames
        others = acted_motions(*ACTED, options.seed)
        self._batches = RecordedBatches(pairs, others, self._opinion, *size, options.seed, options.flips)
        optimiser = torch.optim.AdamW(parameter_groups(network, options.decay), betas=(0.9, 0.98))
        self.learner = Learner(network, optimiser, clip=1.0, keep=0.99)
        self.seconds = 0.0
        if options.resume and self.checkpoint.exists():
            self._load()

    @property
    def checkpoint(self) -> Path:
        """Where the run is kept."""
        return self.options.folder / "lift_checkpoint.pt"

    @property
    def progress(self) -> float:
        """How much of the time is spent, 0 to 1."""
        if self.options.steps is not None:
            return min(1.0, self.learner.step / self.options.steps)
        return min(1.0, max(self.seconds / max(self.options.seconds, 1e-6), self.learner.step / MOST_STEPS))

    def train(self) -> None:
        """Spend what is left; interrupted, it leaves a checkpoint."""
        saved = last = self._now()
        with tqdm(total=100, desc="training the lift", leave=False, disable=None, mininterval=1) as bar:
            try:
                while self.progress < 1:
                    self._learn()
                    now = self._now()
                    self.seconds, last = self.seconds + now - last, now
                    bar.update(100 * self.progress - bar.n)
                    if now - saved > CHECKPOINT_SECONDS:
                        self._save()
                        saved = now
            finally:
                self._save()

    def _learn(self) -> None:
        learner = self.learner
        learner.network.train()
        learner.set_rate(self.options.rate, (learner.step + 1) / WARM_UP, self.progress)
        batch = self._batches(learner.step)
        answer = learner.network(torch.from_numpy(batch.features), torch.from_numpy(batch.convention))
        loss, _ = lift_loss(answer, batch)
        learner.descend(loss)

    @torch.no_grad()
    def _opinion(self, features: FloatArray) -> FloatArray:
        """What was answered before."""
        kinect = torch.full((len(features),), int(Convention.KINECT_V2))
        return np.asarray(self._before(torch.from_numpy(features), kinect).numpy(), np.float32)

    def _save(self) -> None:
        save_whole(self.learner.state() | {"identity": self._identity, "seconds": self.seconds}, self.checkpoint)

    def _load(self) -> None:
        state: dict[str, Any] = torch.load(self.checkpoint, weights_only=True)
        if state["identity"] != self._identity:
            raise WeightsError(f"{self.checkpoint}: was made from other recordings; begin anew without --resume")
        self.learner.restore(state)
        self.seconds = state["seconds"]


def _read(path: Path) -> LiftNetwork:
    return network_of(torch.load(path, weights_only=True))


def _identity(options: LiftTuneOptions, pairs: Sequence[Pair]) -> str:
    """What a checkpoint belongs to."""
    digest = hashlib.sha256(repr((options.people, options.frames, options.seed, options.flips)).encode())
    for pair in pairs:
        digest.update(f"{pair.motion.name}:{len(pair.motion.positions)};".encode())
    return digest.hexdigest()
