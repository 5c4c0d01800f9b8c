"""Train the person detector: small pictures first, larger ones last, and the average of the weights is what is kept.

    bodycast train detector --data DATA                          # about 80 minutes on one core
    torchrun --nproc-per-node 2 -m bridge.cli train detector ... # in two processes: `models.training.distributed`

It writes runs/detector/last.pt and loss.png.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset, get_worker_info
from tqdm import tqdm

from models.average_precision import DetectionQuality, detection_quality
from models.body import FloatArray
from models.detector import SIZE, cell_centres, letterbox, people
from models.training.detector_data import Example, acted, load
from models.training.detector_loss import Targets, detector_loss
from models.training.detector_network import DetectorNetwork
from models.training.detector_scenes import scenes
from models.training.distributed import Team, device_of, joined
from models.training.learner import Learner
from models.training.lite_trunk import plain_blocks
from models.training.network import normalised
from models.training.recipes import parameter_groups, read_weights, save_whole

SHARES = {
    "penn_fudan": 0.16,
    "frames": 0.20,
    "flic": 0.18,
    "lspet": 0.12,
    "street": 0.12,
    "professions": 0.06,
    "webcam": 0.06,
    "actor": 0.10,
}
"""How often a picture comes from each set."""
EVALUATED = 60
"""How many held-out pictures of each set are looked at after each epoch."""


@dataclass(frozen=True, slots=True)
class DetectorOptions:
    """How to train.

    Attributes
    ----------
    data : Path
        The folder that holds ``detection`` and ``pose``.
    out : Path
        Where the checkpoint and the chart go.
    epochs : int
        Counted in pictures: see ``pictures``.
    pictures : int
        Pictures made for one epoch.
    batch : int
        Pictures a step, of all processes together.
    stages : tuple of (float, (int, int))
        Until which share of the epochs the pictures have which height and width.
    rate : float
        The highest learning rate of AdamW; it rises for half an epoch and falls as a cosine.
    threads : int
        Of each process; those beyond the first make pictures.
    init : Path or None
        Weights to start from, as far as their shapes fit.
    from_scratch : bool
        Whether to do without what ImageNet taught the trunk.
    resume : bool
        Go on from ``out / "last.pt"``.
    acted : int
        Pictures of rendered people.
    limit : int or None
        Takes only the first so many pictures of each set.
    """

    data: Path
    out: Path = Path("runs/detector")
    epochs: int = 18
    pictures: int = 12_000
    batch: int = 32
    stages: tuple[tuple[float, tuple[int, int]], ...] = ((0.4, (128, 160)), (1.0, SIZE))
    rate: float = 2e-3
    decay: float = 0.02
    shares: dict[str, float] = field(default_factory=lambda: dict(SHARES))
    seed: int = 0
    threads: int = 1
    init: Path | None = None
    from_scratch: bool = False
    resume: bool = False
    acted: int = 800
    limit: int | None = None


def train(options: DetectorOptions) -> Path:
    """Train and return the checkpoint, a dictionary with ``model`` (averaged weights) and what resuming needs."""
    with joined() as team:
        return _train(options, team)


def _train(options: DetectorOptions, team: Team) -> Path:
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)  # before the processes that make pictures begin: they are what runs in parallel
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = options.out / "last.pt"
    sets, held_out = (
        load(options.data, out, options.limit) | {"actor": acted(count, seed=options.seed + out)}
        for out, count in ((False, options.acted), (True, min(options.acted, EVALUATED)))
    )
    state = _State(options, team)
    if options.resume:
        state.load(checkpoint)
    for epoch in range(state.epoch, options.epochs):
        size = next(size for until, size in options.stages if epoch < until * options.epochs)
        seed = options.seed + 1000 * epoch + 1_000_000 * team.rank  # each process makes pictures of its own
        pictures = Scenes(sets, options.shares, size, seed)
        state.run_epoch(batches(pictures, team.share(options.batch), options.threads - 1), size)
        if not team.leads:
            continue
        network = state.learner.averaged
        quality = {name: evaluate_examples(network, chosen[:EVALUATED]) for name, chosen in held_out.items()}
        state.history[-1] |= {name: round(q.ap50, 4) for name, q in quality.items()}
        tqdm.write(" ".join(f"{key} {value}" for key, value in state.history[-1].items()))
        state.save(checkpoint)
        draw_history(state.history, options.out / "loss.png")
    return checkpoint


class Scenes(IterableDataset[Example]):
    """Endless pictures, others from each process that makes some."""

    def __init__(
        self, sets: dict[str, list[Example]], shares: dict[str, float], size: tuple[int, int], seed: int
    ) -> None:
        self._told = sets, shares, size
        self._seed = seed

    def __iter__(self) -> Iterator[Example]:
        worker = get_worker_info()
        yield from scenes(*self._told, self._seed + (0 if worker is None else 10_000_000 * worker.id))


def batches(pictures: Scenes, count: int, workers: int) -> Iterator[tuple[Tensor, Targets]]:
    """Pictures (count, 3, h, w), normalised, made by so many processes, and what they show."""
    loader = DataLoader(
        pictures,
        count,
        num_workers=workers,
        collate_fn=_together,
        prefetch_factor=4 if workers else None,
    )
    for images, boxes, kind in loader:
        x = images.permute(0, 3, 1, 2)
        yield normalised(x.float()).contiguous(memory_format=torch.channels_last), Targets(boxes, kind)


def _together(batch: list[Example]) -> tuple[Tensor, Tensor, Tensor]:
    """Pictures (n, h, w, 3) uint8, boxes (n, most, 4), and what each is: 1 a person, -1 unknown, 0 nothing."""
    most = max(1, *(len(e.people) + len(e.unknown) for e in batch))
    boxes, kind = torch.zeros(len(batch), most, 4), torch.zeros(len(batch), most, dtype=torch.int64)
    for i, example in enumerate(batch):
        n, m = len(example.people), len(example.unknown)
        boxes[i, : n + m] = torch.from_numpy(np.concatenate([example.people, example.unknown]))
        kind[i, :n], kind[i, n : n + m] = 1, -1
    return torch.from_numpy(np.stack([e.image for e in batch])), boxes, kind


class _State:
    """Everything that changes during training."""

    def __init__(self, options: DetectorOptions, team: Team) -> None:
        self._options, self._team = options, team
        network = _first_network(options)
        network.to(team.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimiser = torch.optim.AdamW(parameter_groups(network, options.decay))
        self.learner = Learner(network, optimiser, clip=10.0, young=(0, 20))
        self._shared = team.shared(network)
        self.epoch = 0
        self.history: list[dict[str, float]] = []

    def run_epoch(self, batches: Iterator[tuple[Tensor, Targets]], size: tuple[int, int]) -> None:
        """One pass over as many pictures as an epoch has."""
        options, start = self._options, time.monotonic()
        sums = torch.zeros(2, device=self._team.device)
        steps = options.pictures // options.batch
        self.learner.network.train()
        name = f"epoch {self.epoch + 1}/{options.epochs} {size[1]}x{size[0]}"
        bar = tqdm(range(steps), desc=name, mininterval=5, disable=not self._team.leads)
        for i in bar:
            epoch = self.epoch + i / steps
            self.learner.set_rate(options.rate, epoch / 0.5, epoch / options.epochs)
            pictures, targets = next(batches)
            with self._team.mixed_precision():
                (output,) = self._shared(pictures.to(self._team.device))
            targets = Targets(targets.boxes.to(output.device), targets.kind.to(output.device))
            losses = detector_loss(output.float(), targets, size)
            self.learner.descend(losses[0] + losses[1])
            sums += torch.stack([loss.detach() for loss in losses])
            if i % 20 == 0:  # reading the losses waits for the GPU
                score, box = (sums / (i + 1)).tolist()
                bar.set_postfix(score=f"{score:.3f}", box=f"{box:.3f}", refresh=False)
        self.epoch += 1
        score, box = (sums / steps).tolist()
        seconds = round(time.monotonic() - start)
        row = {"epoch": self.epoch, "height": size[0], "score": round(score, 4), "box": round(box, 4)}
        self.history.append(row | {"seconds": seconds})

    def save(self, path: Path) -> None:
        """Write everything, so that an interruption leaves either the old file or the new one."""
        options = {k: v for k, v in asdict(self._options).items() if k in ("seed", "epochs")}
        state = self.learner.state() | {"epoch": self.epoch, "history": self.history, "options": options}
        save_whole(state | {"model": state["averaged"]}, path)

    def load(self, path: Path) -> None:
        """Go on where `save` left off."""
        state: dict[str, Any] = torch.load(path, self._team.device, weights_only=True)
        self.learner.restore(state)
        self.epoch, self.history = state["epoch"], state["history"]


def _first_network(options: DetectorOptions) -> DetectorNetwork:
    if options.init is not None:
        return _matching(options.init)
    network = DetectorNetwork()
    if not options.from_scratch:
        network.start_from_imagenet()
    return network


def _matching(path: Path) -> DetectorNetwork:
    """With the weights of ``path`` whose names and shapes fit, for example those of a pose network's trunk."""
    weights = read_weights(path)
    network = DetectorNetwork(plain=plain_blocks(weights))
    own = network.state_dict()
    fitting = {k: v.to(own[k].dtype) for k, v in weights.items() if k in own and own[k].shape == v.shape}
    if not fitting:
        raise ValueError(f"{path}: none of its weights fits the detector")
    network.load_state_dict(fitting, strict=False)
    return network


@torch.no_grad()
def evaluate_examples(model: nn.Module, examples: list[Example], size: tuple[int, int] = SIZE) -> DetectionQuality:
    """How well ``model`` finds the people of ``examples``; boxes in a region where nobody knows do not count."""
    centres, strides = cell_centres(*size)
    results: list[tuple[FloatArray, FloatArray]] = []
    for example in examples:
        picture, scale, left, top = letterbox(example.image, size)
        x = torch.from_numpy(picture)[None].to(device_of(model)).permute(0, 3, 1, 2)
        rows = model(normalised(x.float()))[0][0].cpu().numpy()
        found = people(rows, centres, strides, score=0.02)
        found[:, :4] = (found[:, :4] - np.array([left, top, left, top], np.float32)) / scale
        results.append((found[~_in_unknown(found, example)], example.people))
    return detection_quality(results)


def _in_unknown(found: FloatArray, example: Example) -> npt.NDArray[np.bool_]:
    middle = (found[:, None, :2] + found[:, None, 2:4]) / 2

    def inside(boxes: FloatArray) -> npt.NDArray[np.bool_]:
        return np.asarray(np.any(np.all((middle > boxes[:, :2]) & (middle < boxes[:, 2:]), axis=2), axis=1))

    return inside(example.unknown) & ~inside(example.people)


def draw_history(history: list[dict[str, float]], path: Path) -> None:
    """Losses and average precisions over the epochs, as a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (losses, precisions) = pyplot.subplots(1, 2, figsize=(10, 4))
    epochs = [row["epoch"] for row in history]
    for name in ("score", "box"):
        losses.plot(epochs, [row[name] for row in history], label=name)
    for name in history[-1]:
        if name not in ("epoch", "height", "score", "box", "seconds"):
            precisions.plot(epochs, [row.get(name, math.nan) for row in history], label=name)
    losses.set(xlabel="epoch", ylabel="loss", ylim=(0, None))
    precisions.set(xlabel="epoch", ylabel="AP50, held out", ylim=(0, 1))
    losses.legend()
    precisions.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    pyplot.close(figure)
