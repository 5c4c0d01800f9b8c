"""Train the pose network: small crops first, large ones last, a cosine schedule over all of it.

    bodycast train pose --data DATA --out runs/pose          # about 70 min on two CPU cores
    bodycast train pose --data DATA --out runs/pose --resume # goes on after an interruption
    torchrun --nproc-per-node 2 -m bridge.cli train pose ... # in two processes: `models.training.distributed`

A checkpoint is written after every epoch; ``history.json`` and ``curve.png`` tell how it went.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from models.body import FloatArray
from models.crop import crop, crop_transforms
from models.heatmap import decode_heatmaps
from models.joints import Keypoint
from models.keypoint_files import LabelledPerson
from models.pck import PckResult, pck
from models.pose import best_shape, shapes
from models.training.acted import acted_people
from models.training.distributed import Team, device_of, joined
from models.training.learner import Learner
from models.training.network import PoseNetwork, normalised
from models.training.pose_augment import training_crop
from models.training.pose_data import Example, read_pictures, sides_repaired, training_people, validation_people
from models.training.pose_loss import pose_loss
from models.training.recipes import halved, parameter_groups, read_weights, save_whole

SHARES = {"lspet": 1.0, "flic": 1.0, "street": 0.6, "webcam": 1.0, "professions": 1.0, "nobody": 0.5, "actor": 0.5}
"""How much of each set one epoch shows."""

WARM_UP = 300
"""Steps over which the learning rate rises."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Some epochs at one size of crop, width and height in pixels."""

    width: int
    height: int
    epochs: int


DEFAULT_STAGES = (Stage(96, 128, 8), Stage(128, 160, 8))


@dataclass(frozen=True, slots=True)
class PoseOptions:
    """What a run of the recipe is told.

    Attributes
    ----------
    data : Path
        The folder with lspet, flic, street, webcam and professions.
    out : Path
        Where checkpoints, history and curve go.
    stages : tuple of Stage
    batch : int
        Crops a step, of all processes together.
    threads : int
        Of each process.
    init : Path, optional
        A `state_dict` to start from.
    from_scratch : bool
        Whether to do without what ImageNet taught the trunk.
    repair : Path, optional
        A `state_dict` of an earlier run that finds labels whose left and right are exchanged.
    actors : int
        Rendered people to mix in.
    passes : int
        How often an epoch shows everybody; more on a GPU, where starting an epoch takes as long as a pass.
    limit : int, optional
        Only so many people of each set.
    """

    data: Path
    out: Path
    stages: tuple[Stage, ...] = DEFAULT_STAGES
    batch: int = 32
    rate: float = 2e-3
    decay: float = 0.05
    seed: int = 0
    threads: int = 2
    init: Path | None = None
    from_scratch: bool = False
    repair: Path | None = None
    resume: bool = False
    passes: int = 1
    actors: int = 2500
    limit: int | None = None


class Crops(Dataset[tuple[Any, ...]]):
    """What ``view`` makes for one epoch: each crop depends on nothing but the seed, the epoch and its number."""

    def __init__(
        self,
        sets: dict[str, list[Example]],
        size: tuple[int, int],
        seed: int,
        epoch: int,
        passes: int = 1,
        view: Callable[..., tuple[Any, ...]] = training_crop,
    ) -> None:
        rng = np.random.default_rng((seed, epoch))
        self._pool = [e for examples in sets.values() for e in examples]
        starts = np.cumsum([0, *(len(e) for e in sets.values())])
        chosen = [
            start + rng.permutation(len(examples))[: round(SHARES[name] * len(examples))]
            for _ in range(passes)
            for start, (name, examples) in zip(starts, sets.items(), strict=False)
        ]
        self._order = rng.permutation(np.concatenate(chosen))
        self._size, self._seed, self._epoch, self._view = size, seed, epoch, view

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, number: int) -> tuple[Any, ...]:
        rng = np.random.default_rng((self._seed, self._epoch, number))
        return self._view(self._pool[self._order[number]], self._pool, self._size, rng)


def train(options: PoseOptions) -> Path:
    """Run the recipe; returns the final `state_dict` (averaged weights)."""
    with joined() as team:
        return _train(options, team)


def _train(options: PoseOptions, team: Team) -> Path:
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)  # before the processes that make crops begin: they are what runs in parallel
    options.out.mkdir(parents=True, exist_ok=True)
    run = PoseRun(options, team)
    sets = training_people(options.data, options.limit)
    if options.repair:
        sets |= _repaired(sets, options, team)
    if options.actors:
        backgrounds = [e.image for e in sets["lspet"][:1000]]
        with team.lead_first():
            sets["actor"] = acted_people(options.actors, options.seed, backgrounds, options.out / "actors.npz")
    validation = validation_people(options.data, options.limit) if team.leads else {}
    crops = {name: load_crops(people) for name, people in validation.items()}
    for epoch, stage in list(schedule(options.stages))[run.epoch :]:
        size = stage.width, stage.height
        run.train_epoch(Crops(sets, size, options.seed, epoch, options.passes), stage)
        scores = {name: evaluate_torch(run.learner.averaged, *c, size).mean for name, c in crops.items()}
        run.finish_epoch(stage, scores)
    weights = options.out / "pose.pt"
    if team.leads:
        torch.save(halved(run.learner.averaged.state_dict()), weights)
    return weights


def _repaired(sets: dict[str, list[Example]], options: PoseOptions, team: Team) -> dict[str, list[Example]]:
    """LSP-Extended with left and right put right where the network of ``options.repair`` sees them exchanged."""
    assert options.repair is not None
    network = PoseNetwork.from_state(read_weights(options.repair)).to(team.device)
    stage = options.stages[-1]
    people = sets["lspet"]
    places = find_keypoints(
        network, [e.image for e in people], np.stack([e.box for e in people]), (stage.width, stage.height)
    )
    mended = [sides_repaired(e, p) for e, p in zip(people, places, strict=True)]
    if team.leads:
        tqdm.write(f"exchanged left and right of {sum(a is not b for a, b in zip(people, mended, strict=True))} people")
    return {"lspet": mended}


def schedule(stages: tuple[Stage, ...]) -> Iterator[tuple[int, Stage]]:
    """The stage of each epoch."""
    yield from enumerate(stage for stage in stages for _ in range(stage.epochs))


def _first_network(options: PoseOptions) -> PoseNetwork:
    if options.init:
        return PoseNetwork.from_state(read_weights(options.init))
    network = PoseNetwork()
    if not options.from_scratch:
        network.start_from_imagenet()
    return network


class PoseRun:
    """What a run remembers from one epoch to the next: what learns, and history."""

    def __init__(self, options: PoseOptions, team: Team | None = None) -> None:
        self.options = options
        self.team = team or Team()
        network = _first_network(options)
        network.to(self.team.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimiser = torch.optim.AdamW(parameter_groups(network, options.decay), betas=(0.9, 0.98), fused=True)
        self.learner = Learner(network, optimiser, clip=5.0)
        self.epoch = 0
        self.history: list[dict[str, Any]] = []
        if options.resume and self._checkpoint.exists():
            self._load()
        self._shared = self.team.shared(network)

    @property
    def _checkpoint(self) -> Path:
        return self.options.out / "checkpoint.pt"

    def _load(self) -> None:
        state = torch.load(self._checkpoint, self.team.device, weights_only=True)
        self.learner.restore(state)
        self.epoch, self.history = state["epoch"], state["history"]

    def train_epoch(self, crops: Crops, stage: Stage) -> None:
        """One pass over ``crops``."""
        self.learner.network.train()
        loader = self._loader(crops)
        done = sum(s.epochs for s in self.options.stages)
        name = f"epoch {self.epoch + 1}/{done} {stage.width}x{stage.height}"
        bar = tqdm(loader, desc=name, mininterval=5, disable=not self.team.leads)
        total, began = torch.zeros((), device=self.team.device), time.monotonic()
        for number, (pictures, targets) in enumerate(bar):
            progress = (self.epoch + number / len(loader)) / done
            self.learner.set_rate(self.options.rate, (self.learner.step + 1) / WARM_UP, progress)
            total += self._learn(pictures, targets)
            if number % 20 == 0:  # reading the loss waits for the GPU
                bar.set_postfix(loss=f"{float(total) / (number + 1):.3f}", refresh=False)
        mean = float(total) / max(1, len(loader))
        self.history.append({"epoch": self.epoch, **asdict(stage), "loss": mean, "seconds": time.monotonic() - began})

    def _loader(self, crops: Crops) -> DataLoader[tuple[Any, ...]]:
        return DataLoader(
            crops,
            self.team.share(self.options.batch),
            sampler=self.team.places(len(crops), self.options.batch),  # they are in random order already
            num_workers=max(1, self.options.threads - 1),
            prefetch_factor=6,
            pin_memory=self.team.on_gpu,
        )

    def _learn(self, pictures: Tensor, targets: Tensor) -> Tensor:
        pictures, targets = (t.to(self.team.device, non_blocking=True) for t in (pictures, targets))
        x = normalised(pictures.permute(0, 3, 1, 2).float())  # NHWC in memory is channels_last
        with self.team.mixed_precision():
            heatmaps, confidences = self._shared(x)
        loss = pose_loss(heatmaps.float(), confidences.float(), targets, PoseNetwork.STRIDE)
        self.learner.descend(loss)
        return loss.detach()

    def finish_epoch(self, stage: Stage, scores: dict[str, float]) -> None:
        """Note the scores, write the checkpoint, the history and the curve."""
        self.history[-1].update(scores)
        self.epoch += 1
        if not self.team.leads:
            return
        tqdm.write(json.dumps(self.history[-1]))
        save_whole(self.learner.state() | {"epoch": self.epoch, "history": self.history}, self._checkpoint)
        (self.options.out / "history.json").write_text(json.dumps(self.history, indent=1), encoding="utf-8")
        draw_curve(self.history, self.options.out / "curve.png")


def load_crops(people: list[LabelledPerson]) -> tuple[list[LabelledPerson], list[Any]]:
    """People and their pictures."""
    return people, read_pictures([p.picture for p in people])


def evaluate_torch(
    network: PoseNetwork, people: list[LabelledPerson], pictures: list[Any], size: tuple[int, int]
) -> PckResult:
    """PCK@0.2 of the network in torch, crops from the labelled boxes."""
    predicted = find_keypoints(network, pictures, np.stack([p.box for p in people]), size)
    return pck(predicted, np.stack([p.keypoints for p in people]))


@torch.no_grad()
def find_keypoints(
    network: PoseNetwork, pictures: list[Any], boxes: FloatArray, size: tuple[int, int], batch: int = 128
) -> FloatArray:
    """Where the network in torch sees the keypoints of the person in each box: (n, 23, 2) in pixels of the picture.

    Each is looked at in that of the `models.pose.shapes` of ``size`` that fits best.
    """
    network.eval()
    found = np.zeros((len(boxes), len(Keypoint), 2), np.float32)
    fitting = best_shape(boxes, shapes(size))
    for number, shape in enumerate(shapes(size)):
        alike = np.flatnonzero(fitting == number)
        for some in np.split(alike, range(batch, len(alike), batch)):
            if len(some):
                found[some] = _found(network, [pictures[i] for i in some], boxes[some], shape)
    return found


def _found(network: PoseNetwork, pictures: list[Any], boxes: FloatArray, size: tuple[int, int]) -> FloatArray:
    matrices = crop_transforms(boxes, size)
    crops = np.stack([crop(i, m, size) for i, m in zip(pictures, matrices, strict=True)])
    x = normalised(torch.from_numpy(crops).to(device_of(network)).permute(0, 3, 1, 2).float())
    places = decode_heatmaps(network(x)[0].cpu().numpy(), PoseNetwork.STRIDE)[..., :2]
    return np.asarray((places - matrices[:, None, :, 2]) / matrices[:, None, :1, 0], np.float32)


def draw_curve(history: list[dict[str, Any]], path: Path) -> None:
    """Loss and validation PCK over the epochs, as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    epochs = [h["epoch"] + 1 for h in history]
    axes.plot(epochs, [h["loss"] for h in history], color="black", label="loss")
    axes.set(xlabel="epoch", ylabel="loss")
    right = axes.twinx()
    for name in ("lspet", "flic"):
        right.plot(epochs, [h.get(name, float("nan")) for h in history], label=f"{name} PCK@0.2", marker=".")
    right.set(ylabel="PCK@0.2", ylim=(0, 1))
    figure.legend(loc="outside upper center", ncols=3)
    figure.savefig(path, dpi=110)
