"""Teach a network that begins with plain convolutions to answer like one that does not, and is slower.

    bodycast train pose --data DATA --teacher models/weights/pose_lite.pt --steps 6000 --out runs/plain  # 2 h, 2 cores
    bodycast train pose --data DATA --teacher pose.pt --init pose.pt --keep-start --batch 10 --steps 2000  # 1 h
    bodycast train detector --data DATA --teacher models/weights/detector_lite.pt --init runs/plain/pose.pt   # 25 min
    bodycast train detector --data DATA --teacher detector.pt --init detector.pt --keep-start --crowds 1.5 --batch 12

Distillation (Hinton, Vinyals and Dean, 2015): the pupil follows the features of its teacher at strides 8, 16 and 32
and its answers, which say more of a picture than a label does. Whatever lies behind the new start begins as the
teacher's, learns four tenths as fast, and keeps the statistics of its normalisation. The start itself begins as that of
`ImitationOptions.init`, or as nothing; then, or where it has more blocks than that one, it first learns the features
at stride 8 alone. A network that is to learn more, of crowds say, may keep its start, and be its own teacher of
everything else: then only its answers must stay alike, not its features. What tells a pose network whom to find begins
as nothing, and learns as fast as a new start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import torch
from torch import Tensor, nn
from tqdm import tqdm

from models.inference import WeightsError
from models.training.imitation_lessons import DetectorLessons, Lesson, PoseLessons, half_precision
from models.training.layers import fold_normalisation
from models.training.learner import Learner
from models.training.lite_trunk import LiteTrunk, plain_blocks
from models.training.network import PoseNetwork
from models.training.recipes import halved, parameter_groups, read_weights, save_whole

WARM_UP = 200
CHECKPOINT_STEPS = 200

FIRST_SHARE = 0.6
"""The share of the steps in which a new start, or new blocks of one, learn the features at stride 8 alone.

They take a third of the time that the others take.
"""

AFTERWARDS = 0.5
"""Of the learning rate, once such a start learns with all that lies behind it."""

REST_RATE = 0.4
"""Of the learning rate, for what lies behind the start; 0.2 before crowds were shown."""

_NEW = ("stem", "cue")  # what need not begin as anything


@dataclass(frozen=True, slots=True)
class ImitationOptions:
    """What a run of the recipe is told.

    Attributes
    ----------
    teacher : Path
        The `state_dict` of the network to imitate.
    out : Path
        Where the weights and the checkpoint go.
    init : Path, optional
        A `state_dict` of a network of the same kind, or of the other, that has a plain start.
    keep_start : bool
        The start of ``init`` stays as it is.
    """

    teacher: Path
    out: Path
    init: Path | None = None
    steps: int = 3200
    rate: float = 1e-3
    decay: float = 1e-3
    seed: int = 0
    threads: int = 2
    resume: bool = False
    keep_start: bool = False


def train(options: ImitationOptions, lessons: PoseLessons | DetectorLessons) -> Path:
    """Run the recipe; returns the new weights.

    Raises
    ------
    WeightsError
        If ``options.teacher`` or ``options.init`` are no weights for it, or ``init`` has no start to keep.
    """
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)  # before the processes that make pictures begin: they are what runs in parallel
    options.out.mkdir(parents=True, exist_ok=True)
    run = ImitationRun(options, lessons)
    run.learn(lessons.batches(options.seed, run.step, options.steps))
    weights = options.out / f"{lessons.NAME}.pt"
    torch.save(halved(run.learner.averaged.state_dict()), weights)
    return weights


class ImitationRun:
    """What a run remembers: what learns, and the losses."""

    def __init__(self, options: ImitationOptions, lessons: PoseLessons | DetectorLessons) -> None:
        self._options, self._lessons = options, lessons
        teacher = read_weights(options.teacher)
        init = {} if options.init is None else read_weights(options.init)
        try:
            untrained = lessons.network()
            pupil = pupil_of(untrained, teacher, init)
            self._teacher = untrained.from_state(teacher).requires_grad_(False).eval()
        except (KeyError, RuntimeError) as error:
            raise WeightsError(f"{options.teacher}: not the weights of a {lessons.NAME} network") from error
        fold_normalisation(self._teacher)
        for network in (self._teacher, pupil):
            network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        whole = plain_blocks(init) == lessons.PLAIN
        if options.keep_start and not whole:
            raise WeightsError(f"{options.init or 'no --init'}: has no start that a {lessons.NAME} network can keep")
        self._first = 0 if whole else int(FIRST_SHARE * options.steps)
        _trunk(pupil).stem.requires_grad_(not options.keep_start)
        new = nn.ModuleList(part for name, part in _parts(pupil) if name in _NEW)
        rest = nn.ModuleList(part for name, part in _parts(pupil) if name not in _NEW)
        slower = [group | {"share": REST_RATE} for group in parameter_groups(rest, options.decay)]
        groups = [*parameter_groups(new, options.decay), *slower]
        self.learner = Learner(pupil, torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True), clip=2.0)
        self.losses: list[float] = []
        self._checkpoint = options.out / "checkpoint.pt"
        if options.resume and self._checkpoint.exists():
            self._load()

    @property
    def pupil(self) -> nn.Module:
        """The network that learns."""
        return self.learner.network

    @property
    def step(self) -> int:
        """How many steps were taken."""
        return self.learner.step

    def learn(self, batches: Iterable[Lesson]) -> None:
        """One step for each of ``batches``; interrupted, it leaves a checkpoint."""
        try:
            with tqdm(batches, "imitating", self._options.steps, initial=self.step, mininterval=5) as bar:
                for lesson in bar:
                    self._learn(lesson)
                    bar.set_postfix(loss=f"{sum(self.losses[-50:]) / len(self.losses[-50:]):.3f}", refresh=False)
                    if self.step % CHECKPOINT_STEPS == 0:
                        self._save()
        finally:
            self._save()

    def _learn(self, lesson: Lesson) -> None:
        alone = self.step < self._first
        self.pupil.eval()  # what lies behind the start keeps the statistics of its normalisation, and is never left out
        learns = alone or not (self._first or self._options.keep_start)
        _trunk(self.pupil).stem.train(learns)  # and so does a start that has learnt them alone, or is kept
        loss = self._first_loss(lesson.asked) if alone else self._loss(lesson)
        begin, end = (0, self._first) if alone else (self._first, self._options.steps)
        highest = self._options.rate * (AFTERWARDS if begin else 1.0)
        self.learner.set_rate(highest, (self.step + 1) / WARM_UP, (self.step - begin) / (end - begin))
        self.learner.descend(loss)
        self.losses.append(round(float(loss.detach()), 4))

    def _first_loss(self, x: Tensor) -> Tensor:
        with torch.no_grad(), half_precision():
            wanted = _trunk(self._teacher).fine(x).float()
        return _unexplained(self._start(x), wanted)

    def _loss(self, lesson: Lesson) -> Tensor:
        with torch.no_grad(), half_precision():
            wanted = [part.float() for part in _trunk(self._teacher)(lesson.asked)]
        start = self._start(lesson.shown)
        fine = start if lesson.cues is None else _told(self.pupil, start, lesson.cues)
        found = fine, *_trunk(self.pupil).coarse(fine)  # not in half precision: depthwise convolutions are slow in it
        apart = self._lessons.apart(self._teacher, self.pupil, lesson, wanted, found)
        if self._options.keep_start:
            return apart
        alike = slice(lesson.changed, len(lesson.asked))
        parts = [_unexplained(f[alike], w[alike]) for f, w in zip((start, *found[1:]), wanted, strict=True)]
        return 0.2 * parts[0] + 0.3 * (parts[1] + parts[2]) + apart

    def _start(self, x: Tensor) -> Tensor:
        with half_precision():
            return _trunk(self.pupil).fine(x).float()

    def _save(self) -> None:
        save_whole(self.learner.state() | {"losses": self.losses}, self._checkpoint)

    def _load(self) -> None:
        state = torch.load(self._checkpoint, weights_only=True)
        self.learner.restore(state)
        self.losses = state["losses"]


def pupil_of(network: nn.Module, teacher: dict[str, Tensor], init: dict[str, Tensor]) -> nn.Module:
    """``network`` with the weights of ``init``, of which only the start is taken if it is of another kind; else
    with those of ``teacher`` behind the start.

    Raises
    ------
    RuntimeError
        If something behind the start is missing from both.
    """
    own = network.state_dict()
    cue = {name: value for name, value in own.items() if name.startswith("cue.")}  # at first it changes nothing
    init, teacher = cue | init, cue | teacher
    if all(name in init and init[name].shape == value.shape for name, value in own.items()):
        network.load_state_dict(init)
        return network
    start = {name: value for name, value in init.items() if name.startswith("trunk.stem.layers.")}
    rest = {name: value for name, value in teacher.items() if not name.startswith("trunk.stem.") and name in own}
    missing = [name for name in own if name not in rest and not name.startswith("trunk.stem.")]
    if missing:
        raise RuntimeError(f"{missing[0]} is missing")
    network.load_state_dict(start | rest, strict=False)
    return network


def _told(network: nn.Module, fine: Tensor, cues: Tensor) -> Tensor:
    assert isinstance(network, PoseNetwork)
    return network.told(fine, cues)


def _trunk(network: nn.Module) -> LiteTrunk:
    trunk = network.trunk
    assert isinstance(trunk, LiteTrunk)
    return trunk


def _parts(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """The parts of a network and, instead of its trunk, those of the trunk."""
    yield from _trunk(network).named_children()
    yield from ((name, part) for name, part in network.named_children() if name != "trunk")


def _unexplained(found: Tensor, wanted: Tensor) -> Tensor:
    """The share of the variance of ``wanted`` that ``found`` misses, mean over the channels."""
    missed = ((found.float() - wanted) ** 2).mean((0, 2, 3)) / wanted.var((0, 2, 3)).clamp(min=1e-6)
    return missed.mean()
