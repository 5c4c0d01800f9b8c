"""Train the hand network: on rendered hands, webcam hands by gesture, and hands of other sets by labels given by eye.

    bodycast train hands --data DATA --batch 64 --rate 1.5e-3 --rendered 1 --epochs 18 --out runs/rendered
    bodycast train hands --data DATA --batch 64 --rate 1.5e-3 --init runs/rendered/last.pt

It writes last.pt and loss.png.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from models.body import ByteArray, FloatArray
from models.hand_files import (
    CANNOT_TELL,
    NAMES,
    NOTHING,
    HandPicture,
    read_backgrounds,
    read_hands,
    read_photo_hands,
    target_of,
    without,
)
from models.hands import hand_crop
from models.training.hands_augment import empty_crop, rendered_crop, training_crop
from models.training.hands_network import LANDMARKS, HandLessons, HandNetwork
from models.training.learner import Learner
from models.training.network import normalised
from models.training.recipes import parameter_groups, save_whole
from models.training.rendered_hands import RenderedHand, rendered_hands

EMPTY = 0.08
"""Share of crops without a hand."""

WEBCAM = 0.4
"""Share of the photographed hands that come from the webcam."""

RENDERED = 0.4
"""Share of crops that show rendered hands."""

STATES = {"open": 0.3, "closed": 0.32, "lasso": 0.26, CANNOT_TELL: 0.12}
"""How often rendered hands are in each state."""

LESSON = 0.5
"""How much the places of the landmarks count beside the states, in a loss that is about a tenth of theirs."""

SELDOM = {CANNOT_TELL: 0.4, NOTHING: 0.3}
"""How often hands are shown that nobody can tell, or that are none, where those of a state are shown once."""


@dataclass(frozen=True, slots=True)
class HandOptions:
    """How to train.

    Attributes
    ----------
    data : Path
        The folder that holds ``hands``, ``pose`` and ``detection``.
    out : Path
        Where the checkpoint and the chart go.
    epochs : int
    pictures : int
        Crops made for one epoch.
    rendered : float
        Share of the crops that show rendered hands.
    renderings : int
        How many hands are rendered before the first epoch, some 50 a second.
    batch : int
        Crops a step.
    rate : float
        The highest learning rate of AdamW; it rises for one epoch and falls as a cosine.
    threads : int
        Threads of the processor.
    init : Path or None
        Weights to start from, as far as they fit.
    resume : bool
        Go on from ``out / "last.pt"``.
    leave_out : str or None
        A person or room of `models.hand_files.LABELS` kept for testing.
    limit : int or None
        Takes only so many hands of each set, rendered ones too.
    """

    data: Path
    out: Path = Path("runs/hands")
    epochs: int = 30
    pictures: int = 8_000
    rendered: float = RENDERED
    renderings: int = 12_000
    batch: int = 64
    rate: float = 1.5e-3
    decay: float = 0.05
    seed: int = 0
    threads: int = 1
    init: Path | None = None
    resume: bool = False
    leave_out: str | None = None
    limit: int | None = None


def train(options: HandOptions) -> Path:
    """Train and return the checkpoint, a dictionary with ``model`` (averaged weights) and what resuming needs."""
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = options.out / "last.pt"
    hands = [*read_hands(options.data / "hands" / "train.json"), *read_photo_hands(options.data / "pose")]
    hands = limited(hands, options.limit)
    out = options.leave_out
    held_out = [h for h in hands if out is not None and out in (h.person, h.room) and h.state in NAMES]
    state = _State(options)
    if options.resume:
        state.load(checkpoint)
    taught = without(hands, options.leave_out)
    backgrounds = read_backgrounds(options.data / "detection" / "frames" / "images")
    shown = _Shown(taught, list(_render(options)), backgrounds or [h.image for h in taught])
    for epoch in range(state.epoch, options.epochs):
        state.run_epoch(shown.batches(options.rendered, options.batch, options.seed + 1000 * epoch))
        if held_out:
            state.history[-1]["held_out"] = round(accuracy(state.learner.averaged.network, held_out), 4)
        tqdm.write(" ".join(f"{key} {value}" for key, value in state.history[-1].items()))
        state.save(checkpoint)
        draw_history(state.history, options.out / "loss.png")
    return checkpoint


def limited(hands: list[HandPicture], limit: int | None) -> list[HandPicture]:
    """Of each set only ``limit`` hands, spread evenly."""
    if limit is None:
        return hands
    sets = {source: [h for h in hands if h.source == source] for source in sorted({h.source for h in hands})}
    return [h for members in sets.values() for h in members[:: max(1, len(members) // limit)][:limit]]


def _render(options: HandOptions) -> Iterator[RenderedHand]:
    count = min(options.renderings, options.limit or options.renderings) if options.rendered > 0 else 0
    states = np.random.default_rng(options.seed).choice(list(STATES), count, p=list(STATES.values())).tolist()
    yield from tqdm(rendered_hands(states, options.seed), desc="hands rendered", total=count, mininterval=5)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What training shows: hands of pictures, rendered ones, and what may be behind a hand."""

    hands: list[HandPicture]
    rendered: list[RenderedHand]
    backgrounds: list[ByteArray]

    def batches(self, share: float, count: int, seed: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Crops (count, 3, h, w), normalised, how likely each class is (count, 4), and landmarks (count, 21, 2)."""
        rng = np.random.default_rng(seed)
        chances = np.cumsum(weights(self.hands))
        while True:
            made = [self._one(share, chances, rng) for _ in range(count)]
            crops, targets, landmarks = (torch.from_numpy(np.stack(part)) for part in zip(*made, strict=True))
            pictures = normalised(crops.permute(0, 3, 1, 2).float())
            yield pictures.contiguous(memory_format=torch.channels_last), targets, landmarks

    def _one(
        self, share: float, chances: FloatArray, rng: np.random.Generator
    ) -> tuple[ByteArray, FloatArray, FloatArray]:
        """A crop, how likely each class is, and its landmarks, NaN where nobody knows them."""
        if rng.random() < share:
            rendered = self.rendered[rng.integers(len(self.rendered))]
            crop, landmarks = rendered_crop(rendered, self.backgrounds[rng.integers(len(self.backgrounds))], rng)
            return crop, target_of(rendered.state), landmarks
        unknown = np.full((LANDMARKS, 2), np.nan, np.float32)
        hand = self.hands[min(int(np.searchsorted(chances, rng.random())), len(self.hands) - 1)]
        if rng.random() < EMPTY:
            return empty_crop(hand, rng), target_of(NOTHING), unknown
        return training_crop(hand, self.backgrounds, rng), target_of(hand.state), unknown


def weights(hands: list[HandPicture]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """How often each hand is shown: the three states alike, and the webcam's hands `WEBCAM` of the time."""
    groups = [(h.source == "webcam", h.state) for h in hands]
    share = {True: WEBCAM, False: 1 - WEBCAM}
    # a state of which a set has few examples is shown less often, or they would be learnt by heart
    kinds = {g: SELDOM.get(str(g[1]), min(1.0, groups.count(g) / 100)) for g in groups}
    total = {webcam: sum(k for g, k in kinds.items() if g[0] == webcam) for webcam in share}
    each = {g: share[g[0]] * kinds[g] / total[g[0]] / groups.count(g) for g in kinds}
    chance = np.array([each[g] for g in groups])
    return np.asarray(chance / chance.sum())


class _State:
    """Everything that changes during training."""

    def __init__(self, options: HandOptions) -> None:
        self._options = options
        network = HandNetwork()
        if options.init is not None and not network.start_from(options.init):
            raise ValueError(f"{options.init}: none of its weights fit the hand network")
        lessons = HandLessons(network)
        lessons.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimiser = torch.optim.AdamW(parameter_groups(lessons, options.decay))
        self.learner = Learner(lessons, optimiser, clip=5.0, young=(0, 20))
        self.epoch = 0
        self.history: list[dict[str, float]] = []

    def run_epoch(self, batches: Iterator[tuple[Tensor, Tensor, Tensor]]) -> None:
        """One pass over as many crops as an epoch has."""
        options, start, total = self._options, time.monotonic(), 0.0
        steps = max(1, options.pictures // options.batch)
        self.learner.network.train()
        bar = tqdm(range(steps), desc=f"epoch {self.epoch + 1}/{options.epochs}", mininterval=5)
        for i in bar:
            epoch = self.epoch + i / steps
            progress = max(0.0, epoch - 1) / max(options.epochs - 1, 1)
            self.learner.set_rate(options.rate, 0.05 + 0.95 * epoch, progress)
            pictures, targets, landmarks = next(batches)
            classes, found = self.learner.network(pictures)
            loss = nn.functional.cross_entropy(classes, targets)
            self.learner.descend(loss + LESSON * landmark_loss(found, landmarks))
            total += float(loss.detach())
        self.epoch += 1
        self.history.append(
            {"epoch": self.epoch, "loss": round(total / steps, 4), "seconds": round(time.monotonic() - start)}
        )

    def save(self, path: Path) -> None:
        """Write the checkpoint."""
        state = self.learner.state() | {"epoch": self.epoch, "history": self.history}
        save_whole(state | {"model": self.learner.averaged.network.state_dict()}, path)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint."""
        state = torch.load(path, map_location="cpu", weights_only=True)
        self.learner.restore(state)
        self.epoch, self.history = state["epoch"], state["history"]


def landmark_loss(found: Tensor, landmarks: Tensor) -> Tensor:
    """How far landmarks (n, 21, 2) are from where they should be; the unknown and those far outside do not count."""
    known = landmarks.abs() < 1.3  # false for NaN
    if not known.any():
        return found.sum() * 0
    return nn.functional.smooth_l1_loss(found[known], landmarks[known], beta=0.1)


@torch.no_grad()
def accuracy(network: nn.Module, hands: list[HandPicture]) -> float:
    """Share of ``hands`` whose likeliest of the three states is right."""
    crops = np.stack([hand_crop(h.image, h.view.transform()) for h in hands])
    pictures = normalised(torch.from_numpy(crops).permute(0, 3, 1, 2).float())
    found = torch.cat([network(part)[0] for part in torch.split(pictures, 256)])[:, :3].argmax(1)
    return float((found.numpy() == [NAMES.index(str(h.state)) for h in hands]).mean())


def draw_history(history: list[dict[str, float]], path: Path) -> None:
    """Draw how the loss fell, and what was right of the person who was left out."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    epochs = [h["epoch"] for h in history]
    axes.plot(epochs, [h["loss"] for h in history], label="loss")
    if "held_out" in history[-1]:
        axes.plot(epochs, [h.get("held_out", math.nan) for h in history], label="held out: right")
    axes.set_xlabel("epoch")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
