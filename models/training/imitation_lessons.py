"""What a pose network and a detector are shown when they imitate another one, and how far apart their answers are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, Subset

from models.detector import SIZE
from models.joints import KEYPOINT_FLIP
from models.pose import higher_size, shapes, smaller_size
from models.training.acted_crowds import CutOut, put_before
from models.training.detector_loss import detector_loss
from models.training.detector_network import DetectorNetwork
from models.training.detector_recipe import SHARES, Scenes, batches
from models.training.network import PoseNetwork, normalised
from models.training.pose_augment import told_crop
from models.training.pose_loss import CONFIDENCE_WEIGHT, pose_loss
from models.training.pose_recipe import Crops

if TYPE_CHECKING:
    from models.training.detector_data import Example as Picture
    from models.training.pose_data import Example as Person

BOX_WEIGHT = 2.0
LABEL_WEIGHT = 0.5

BEHIND = 0.2
"""The share of people before whom somebody else is put."""

CROWDED = 1.1
"""So many people in crowds are shown for each whom the teacher looks at."""

MOST_HIDDEN = 0.6
"""Of whom more is covered, nothing is learnt."""

GUESS_WEIGHT = 0.3
"""What the place of a keypoint that is covered counts."""

CROWD_WEIGHT = 1.4
"""What labels of people in crowds count against the teacher's opinion of others."""


def half_precision() -> torch.autocast:
    """Compute in bfloat16 where the processor has matrix units for it (AMX), with which it is twice as fast."""
    return torch.autocast("cpu", torch.bfloat16, enabled=torch.cpu._is_amx_tile_supported())


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What one step shows.

    Attributes
    ----------
    asked : (n, 3, h, w) tensor
        Normalised pictures that the teacher looks at.
    shown : (m, 3, h, w) tensor
        What the pupil looks at: the same n, the first of them perhaps with somebody else before the person, and more
        perhaps, of which only labels tell.
    cues : (m, 4, h/8, w/8) tensor, optional
        Whom the pupil is told to find there: see `models.painting.cue`.
    changed : int
        How many of the first ones are not what the teacher sees.
    labels : object
        What the lessons themselves want to know of it.
    """

    asked: Tensor
    shown: Tensor
    cues: Tensor | None = None
    changed: int = 0
    labels: Any = None


class PoseLessons:
    """Crops of people; what the teacher sees in them and in their mirror images is averaged.

    Where others cover people the teacher knows little. So it sees some people as they are, and the pupil sees them
    behind a rendered one; and some people in rendered crowds come with labels. The pupil is told whom to find.

    Parameters
    ----------
    people : dict of str to list of Example
        See `models.training.pose_recipe.SHARES`.
    size : (int, int)
        Width and height of the crops for whoever is much higher than wide; the others have the sizes of a run, too.
    batch, workers : int
        Crops a step, and processes that make them.
    crowd : sequence of Example
        People in crowds: `models.training.acted_crowds.crowded_people`.
    others : sequence of CutOut
        Who is put before people.
    """

    NAME = "pose"
    PLAIN = (1, 3)
    """Blocks of the pupil's start: see `models.training.lite_trunk.PlainStart`."""

    def __init__(
        self,
        people: dict[str, list[Person]],
        size: tuple[int, int],
        batch: int,
        workers: int = 1,
        crowd: Sequence[Person] = (),
        others: Sequence[CutOut] = (),
    ) -> None:
        self._people, self._size, self._batch, self._workers = people, size, batch, workers
        self._crowd, self._others = crowd, others

    def network(self) -> PoseNetwork:
        """An untrained pupil."""
        return PoseNetwork(plain=self.PLAIN, cued=True)

    def batches(self, seed: int, first: int, steps: int) -> Iterator[Lesson]:
        """For the steps from ``first`` to ``steps``."""
        sizes = dict.fromkeys([*shapes(self._size), smaller_size(self._size), higher_size(self._size)])
        batches = _Batches(self._people, self._crowd, self._others, list(sizes), self._batch, steps, seed)
        some = Subset(batches, range(first, steps))
        for asked, shown, cues, covered, targets in DataLoader(
            some, None, num_workers=self._workers, prefetch_factor=4
        ):
            first_ones, all_of_them = (normalised(one.permute(0, 3, 1, 2).float()) for one in (asked, shown))
            yield Lesson(first_ones, all_of_them, cues.float() / 255, len(covered), (covered, targets))

    def apart(
        self, teacher: nn.Module, pupil: nn.Module, lesson: Lesson, wanted: Sequence[Tensor], found: Sequence[Tensor]
    ) -> Tensor:
        """How differently they judge places (Kullback and Leibler) and confidences, and how wrong the pupil is.

        Parameters
        ----------
        teacher, pupil : PoseNetwork
        lesson : Lesson
            Its labels are pixels that are covered, (changed, h, w), and targets (m - n, 23, 4).
        wanted, found : sequence of tensor
            The features of their trunks.
        """
        assert isinstance(teacher, PoseNetwork)
        assert isinstance(pupil, PoseNetwork)
        covered, targets = lesson.labels
        with torch.no_grad():
            places, seen = _both_ways(teacher, lesson.asked, wanted)
            hidden = _hidden(places, covered)
            told = ((hidden * seen).sum(1) < MOST_HIDDEN * seen.sum(1)).float()[:, None]
            sure, worth = told * (1.0 - hidden), told * seen * (1.0 - (1.0 - GUESS_WEIGHT) * hidden)
        with half_precision():
            heatmaps, confidences = (part.float() for part in pupil.answer(*found))
        count = len(seen)
        logarithms = heatmaps[:count].flatten(2).log_softmax(-1)
        divergence = (places * (places.clamp(min=1e-8).log() - logarithms)).sum(-1)
        unsure = functional.binary_cross_entropy_with_logits(confidences[:count], seen, reduction="none")
        loss = (divergence * worth).sum() / worth.sum() + CONFIDENCE_WEIGHT * (unsure * sure).sum() / sure.sum()
        if len(targets):
            wrong = pose_loss(heatmaps[count:], confidences[count:], targets, PoseNetwork.STRIDE)
            loss = loss + CROWD_WEIGHT * wrong
        return loss


class _Batches(Dataset[tuple[Tensor, ...]]):
    """``steps`` batches of pictures in one of ``sizes`` after the other; no crop is shown twice.

    Each is ``count`` crops of ``people``; the same with ``others`` before the first of them, and then `CROWDED` times
    as many of the ``crowd``; cues for these; the pixels that are covered; and the targets (k, 23, 4) of the crowd.
    """

    def __init__(
        self,
        people: dict[str, list[Person]],
        crowd: Sequence[Person],
        others: Sequence[CutOut],
        sizes: Sequence[tuple[int, int]],
        count: int,
        steps: int,
        seed: int,
    ) -> None:
        crowded, turns = {"actor": list(crowd)}, -(-steps // len(sizes))
        self._single = [_crops(people, size, seed, i, turns * count) for i, size in enumerate(sizes)]
        self._others, self._count, self._more, self._seed = others, count, int(CROWDED * count), seed
        self._crowded = [_crops(crowded, size, seed, i, turns * self._more) for i, size in enumerate(sizes)]

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        turn, which = divmod(number, len(self._single))
        alone, crowd = _turn(self._single[which], turn, self._count), _turn(self._crowded[which], turn, self._more)
        asked = np.stack([picture for picture, *_ in alone])
        shown, covered = asked.copy(), np.zeros((0, *asked.shape[1:3]), np.uint8)
        rng, behind = np.random.default_rng((self._seed, number)), asked[: int(BEHIND * self._count)]
        if self._others and len(behind):
            some = [put_before(picture, self._others, rng) for picture in behind]
            covered = np.stack([mask for _, mask in some])
            shown[: len(some)] = [picture for picture, _ in some]
        shown = np.concatenate([shown, *(picture[None] for picture, *_ in crowd)])
        targets = np.array([target for _, target, _ in crowd], np.float32).reshape(-1, len(KEYPOINT_FLIP), 4)
        cues = np.stack([cue for *_, cue in (*alone, *crowd)])
        return tuple(torch.from_numpy(part) for part in (asked, shown, cues, covered, targets))


def _crops(people: dict[str, list[Person]], size: tuple[int, int], seed: int, number: int, wanted: int) -> Crops:
    """At least ``wanted`` crops, if there are any people."""
    passes = 1 + wanted // max(1, sum(map(len, people.values())) // 2)  # half of them or more are shown in each
    return Crops(people, size, seed, number, passes, told_crop)


def _turn(crops: Crops, turn: int, count: int) -> list[tuple[Any, ...]]:
    """The ``count`` crops whose turn it is; none of none."""
    return [crops[turn * count + place] for place in range(count)] if len(crops) else []


def _hidden(places: Tensor, covered: Tensor) -> Tensor:
    """The share of the place of each keypoint (n, 23), likely in ``places`` (n, 23, cells), that is ``covered``."""
    share = functional.avg_pool2d(covered[:, None].float(), PoseNetwork.STRIDE).flatten(2)
    hidden = torch.zeros(places.shape[:2])
    hidden[: len(share)] = (places[: len(share)] * share).sum(-1)
    return hidden


def _both_ways(network: PoseNetwork, x: Tensor, features: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """How likely is each cell (n, 23, cells), and to be seen each keypoint (n, 23), in ``x`` and its mirror image."""
    with half_precision():
        heatmaps, confidences = network.answer(*features)
        mirrored, others = network(x.flip(3))
    flip = torch.tensor(KEYPOINT_FLIP)
    both = heatmaps, mirrored[:, flip].flip(3)
    places = torch.stack([one.float().flatten(2).softmax(-1) for one in both]).mean(0)
    seen = torch.stack([one.float().sigmoid() for one in (confidences, others[:, flip])]).mean(0)
    return places, seen


class DetectorLessons:
    """Scenes with people in them; labels count besides the teacher's answer.

    Parameters
    ----------
    sets : dict of str to list of Example
        See `models.training.detector_recipe.SHARES`.
    batch, workers : int
        Pictures a step, and processes that make them.
    crowds : sequence of Example
        Pictures of crowds, of which only their labels tell: the teacher misses whoever stands behind others.
    share : float
        How many of them are shown for each of the others.
    """

    NAME = "detector"
    PLAIN = (0, 0)

    def __init__(
        self,
        sets: dict[str, list[Picture]],
        batch: int,
        workers: int = 0,
        crowds: Sequence[Picture] = (),
        share: float = 0.5,
    ) -> None:
        self._sets, self._batch, self._workers, self._crowds = sets, batch, workers, list(crowds)
        self._crowded = max(1, int(share * batch))

    def network(self) -> DetectorNetwork:
        """An untrained pupil."""
        return DetectorNetwork(plain=self.PLAIN)

    def batches(self, seed: int, first: int, steps: int) -> Iterator[Lesson]:
        """For the steps from ``first`` to ``steps``; the labels say what the pictures show."""
        shown = [batches(Scenes(self._sets, SHARES, SIZE, seed + first), self._batch, self._workers)]
        if self._crowds:
            scenes = Scenes({"crowd": self._crowds}, {"crowd": 1.0}, SIZE, seed + first + 1)
            shown.append(batches(scenes, self._crowded, min(self._workers, 1)))
        for _, *parts in zip(range(first, steps), *shown, strict=False):
            pictures, labels = zip(*parts, strict=True)
            yield Lesson(pictures[0], torch.cat(pictures), labels=labels)

    def apart(
        self, teacher: nn.Module, pupil: nn.Module, lesson: Lesson, wanted: Sequence[Tensor], found: Sequence[Tensor]
    ) -> Tensor:
        """How differently they judge scores and, where the teacher sees people, distances; and how wrong the pupil is.

        Parameters
        ----------
        teacher, pupil : DetectorNetwork
        lesson : Lesson
            Its labels are `Targets` of the pictures that the teacher looks at, and of the others if there are any.
        wanted, found
            As for `PoseLessons`.
        """
        assert isinstance(teacher, DetectorNetwork)
        assert isinstance(pupil, DetectorNetwork)
        with half_precision():
            with torch.no_grad():
                sought = teacher.answer(*wanted).float()
            own = pupil.answer(*found).float()
        asked, crowd = own[: len(sought)], own[len(sought) :]
        sure = sought[..., 0].sigmoid()
        total = sure.sum().clamp(min=1.0)
        least = functional.binary_cross_entropy(sure, sure, reduction="none")
        score = functional.binary_cross_entropy_with_logits(asked[..., 0], sure, reduction="none") - least
        box = functional.smooth_l1_loss(asked[..., 1:], sought[..., 1:], beta=0.1, reduction="none").mean(-1)
        pairs = zip((asked, crowd), lesson.labels, strict=False)
        wrong = sum((loss for part, labels in pairs for loss in detector_loss(part, labels, SIZE)), torch.zeros(()))
        return (score.sum() + BOX_WEIGHT * (box * sure).sum()) / total + LABEL_WEIGHT * wrong
