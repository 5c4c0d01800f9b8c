"""Train the lift: recorded skeletons through random cameras, and clips that our own networks have looked at.

    bodycast train lift --data DATA --out runs/lift           # about an hour on one CPU core
    bodycast train lift --data DATA --out runs/lift --resume  # goes on after an interruption

A checkpoint is written after every epoch; ``history.json`` and ``curve.png`` tell how it went.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader
from tqdm import tqdm

from models.body import FloatArray
from models.lift_evaluation import LiftResult, seen_motion, summary
from models.lift_features import from_network, look_at
from models.skeleton_sets import Motion
from models.training.learner import Learner
from models.training.lift_batches import Batch, LiftBatches
from models.training.lift_data import KERAAL_CHOICE, Pair, choice_motions, read_acted, read_pairs, training_motions
from models.training.lift_loss import lift_loss
from models.training.lift_network import LiftNetwork
from models.training.recipes import parameter_groups, read_weights, save_whole

DEFAULT_EPOCHS = 36
JUDGED = 20
"""One in so many films of the actor is for judging, not for learning."""

WARM_UP = 100
"""Steps over which the learning rate rises."""


@dataclass(frozen=True, slots=True)
class LiftOptions:
    """What a run of the recipe is told.

    Attributes
    ----------
    data : Path
        The folder with kinect and mocap.
    pairs : Path
        The folder of clips that `bridge.lift_pairs` filled.
    acted : Path
        The file of the actor's films that it wrote.
    out : Path
        Where checkpoints, history and curve go.
    epochs, steps : int
        How many, and steps in each.
    people, frames : int
        The size of a batch.
    width : int
    rate : float
        The highest learning rate.
    decay : float
    seed, threads : int
    init : Path, optional
        A `state_dict` to start from.
    resume : bool
    everybody : bool
        Learn from those, too, by whom the recipe is judged while it is made.
    limit : int, optional
        Only so many sequences of each set, to try things out.
    """

    data: Path
    pairs: Path
    acted: Path
    out: Path
    epochs: int = DEFAULT_EPOCHS
    steps: int = 200
    people: int = 80
    frames: int = 32
    width: int = 192
    rate: float = 2e-3
    decay: float = 0.01
    seed: int = 0
    threads: int = 1
    init: Path | None = None
    resume: bool = False
    everybody: bool = False
    limit: int | None = None


def train(options: LiftOptions) -> Path:
    """Run the recipe; returns the final `state_dict` (averaged weights)."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    pairs = read_pairs(options.pairs)
    learnt = [p for p in pairs if p.motion.name not in KERAAL_CHOICE]
    kept = [p for p in pairs if p.motion.name in KERAAL_CHOICE]
    films = read_acted(options.acted)
    judged = max(1, len(films) // JUDGED)
    judge = Judge(choice_motions(options.data, options.limit), kept, films[:judged])
    motions = training_motions(options.data, options.limit) + [p.motion for p in learnt]
    if options.everybody:
        motions, learnt = motions + choice_motions(options.data) + [p.motion for p in kept], pairs
    run = LiftRun(options)
    seed = options.seed + run.learner.step
    shown = LiftBatches(motions, learnt, films[judged:], options.people, options.frames, seed)
    batches = iter(_loader(shown, options))
    while run.epoch < options.epochs:
        run.train_epoch(batches)
        run.finish_epoch(judge(run.learner.averaged))
    weights = options.out / "lift.pt"
    torch.save(run.learner.averaged.cpu().state_dict(), weights)
    return weights


def _loader(batches: LiftBatches, options: LiftOptions) -> DataLoader[Batch]:
    """All threads but one make batches; with a single one, the batches are made in between."""
    workers = options.threads - 1
    return DataLoader(batches, batch_size=None, num_workers=workers, prefetch_factor=4 if workers else None)


class Judge:
    """Scores a network on people whom it does not learn from.

    Parameters
    ----------
    motions : list of Motion
        To be seen by a camera with errors like our network's.
    clips, films : list of Pair
        Of real people, and of the actor.
    """

    def __init__(self, motions: list[Motion], clips: list[Pair], films: list[Pair]) -> None:
        self._synthetic = [(m, *self._look(m, seen_motion(m, i))) for i, m in enumerate(motions[::4])]
        self._real, self._acted = ([(p.motion, *self._look(p.motion, p)) for p in pairs] for pairs in (clips, films))

    @staticmethod
    def _look(motion: Motion, found: Any) -> tuple[FloatArray, Any]:
        return look_at(found.rays, found.confidence, 1 / motion.rate)

    def __call__(self, network: LiftNetwork) -> dict[str, float]:
        scores: dict[str, float] = {}
        for name in sorted({row[0].source for row in self._synthetic}):
            result = self._result(network, [row for row in self._synthetic if row[0].source == name])
            scores |= {name: result.mpjpe_mm, f"{name}_depth": result.depth}
        if self._real:
            result = self._result(network, self._real)
            scores |= {"keraal": result.mpjpe12_mm, "keraal25": result.mpjpe_mm, "keraal_depth": result.depth}
        if self._acted:
            scores["acted"] = self._result(network, self._acted).mpjpe_mm
        return scores

    def _result(self, network: LiftNetwork, rows: list[Any]) -> LiftResult:
        return summary([row[0] for row in rows], [predicted(network, *row) for row in rows])


@torch.no_grad()
def predicted(network: LiftNetwork, motion: Motion, features: FloatArray, gaze: Any) -> FloatArray:
    """Joints (frames, 25, 3) of one whole sequence, the height being known."""
    network.eval()
    device = network.mix.weight.device
    asked = torch.tensor([int(motion.convention)], device=device)
    answer = network(torch.from_numpy(features)[None].to(device), asked)[0].cpu().numpy()
    return from_network(answer, gaze, motion.height)


class LiftRun:
    """What a run remembers from one epoch to the next: what learns, and history."""

    def __init__(self, options: LiftOptions) -> None:
        self.options = options
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network = LiftNetwork(options.width).to(self._device)
        if options.init:
            network.load_state_dict(read_weights(options.init))
        optimiser = torch.optim.AdamW(parameter_groups(network, options.decay), betas=(0.9, 0.98))
        self.learner = Learner(network, optimiser, clip=1.0)
        self.epoch = 0
        self.history: list[dict[str, Any]] = []
        if options.resume and self._checkpoint.exists():
            self._load()

    @property
    def _checkpoint(self) -> Path:
        return self.options.out / "checkpoint.pt"

    def _load(self) -> None:
        state = torch.load(self._checkpoint, self._device, weights_only=True)
        self.learner.restore(state)
        self.epoch, self.history = state["epoch"], state["history"]

    def train_epoch(self, batches: Iterator[Batch]) -> None:
        """``options.steps`` batches."""
        self.learner.network.train()
        bar = tqdm(range(self.options.steps), desc=f"epoch {self.epoch + 1}/{self.options.epochs}", mininterval=5)
        mean: dict[str, float] = {}
        began = time.monotonic()
        for number in bar:
            progress = (self.epoch + number / self.options.steps) / self.options.epochs
            self.learner.set_rate(self.options.rate, (self.learner.step + 1) / WARM_UP, progress)
            parts = self._learn(next(batches))
            mean = {k: mean.get(k, 0.0) + (v - mean.get(k, 0.0)) / (number + 1) for k, v in parts.items()}
            bar.set_postfix({k: f"{v:.3g}" for k, v in mean.items()}, refresh=False)
        self.history.append({"epoch": self.epoch, **mean, "seconds": time.monotonic() - began})

    def _learn(self, batch: Batch) -> dict[str, float]:
        features, convention = torch.from_numpy(batch.features), torch.from_numpy(batch.convention)
        answer = self.learner.network(features.to(self._device), convention.to(self._device))
        loss, parts = lift_loss(answer, batch)
        self.learner.descend(loss)
        return parts

    def finish_epoch(self, scores: dict[str, float]) -> None:
        """Note the scores, write the checkpoint, the history and the curve."""
        self.history[-1].update(scores)
        self.epoch += 1
        tqdm.write(json.dumps({k: round(v, 4) for k, v in self.history[-1].items()}))
        save_whole(self.learner.state() | {"epoch": self.epoch, "history": self.history}, self._checkpoint)
        (self.options.out / "history.json").write_text(json.dumps(self.history, indent=1), encoding="utf-8")
        draw_curve(self.history, self.options.out / "curve.png")


def draw_curve(history: list[dict[str, Any]], path: Path) -> None:
    """Errors over the epochs, as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    epochs = [h["epoch"] + 1 for h in history]
    axes.plot(epochs, [h["place_mm"] for h in history], color="black", label="training")
    for name in ("kinder_gator", "utd_mhad", "keraal", "acted"):
        axes.plot(epochs, [h.get(name, np.nan) for h in history], label=name, marker=".")
    axes.set(xlabel="epoch", ylabel="mean joint error in mm", ylim=(0, None))
    figure.legend(loc="outside upper center", ncols=4)
    figure.savefig(path, dpi=110)
