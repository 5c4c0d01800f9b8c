"""What a pose network and a detector are shown when they imitate another one, and how far apart their answers are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, Subset

from models.detector import SIZE
from models.joints import KEYPOINT_FLIP
from models.pose import shapes, smaller_size
from models.training.detector_loss import Targets, detector_loss
from models.training.detector_network import DetectorNetwork
from models.training.detector_recipe import SHARES, Scenes, batches
from models.training.network import PoseNetwork, normalised
from models.training.pose_loss import CONFIDENCE_WEIGHT
from models.training.pose_recipe import Crops

if TYPE_CHECKING:
    from models.training.detector_data import Example as Picture
    from models.training.pose_data import Example as Person

BOX_WEIGHT = 2.0
LABEL_WEIGHT = 0.5


def half_precision() -> torch.autocast:
    """Compute in bfloat16 where the processor has matrix units for it (AMX), with which it is twice as fast."""
    return torch.autocast("cpu", torch.bfloat16, enabled=torch.cpu._is_amx_tile_supported())


class PoseLessons:
    """Crops of people; what the teacher sees in them and in their mirror images is averaged.

    Parameters
    ----------
    people : dict of str to list of Example
        See `models.training.pose_recipe.SHARES`.
    size : (int, int)
        Width and height of the crops for whoever is much higher than wide; the others have the sizes of a run, too.
    batch, workers : int
        Crops a step, and processes that make them.
    """

    NAME = "pose"
    PLAIN = (1, 3)
    """Blocks of the pupil's start: see `models.training.lite_trunk.PlainStart`."""

    def __init__(self, people: dict[str, list[Person]], size: tuple[int, int], batch: int, workers: int = 1) -> None:
        self._people, self._size, self._batch, self._workers = people, size, batch, workers

    def network(self, plain: tuple[int, int] | None) -> PoseNetwork:
        """An untrained network."""
        return PoseNetwork(plain=plain)

    def batches(self, seed: int, first: int, steps: int) -> Iterator[tuple[Tensor, None]]:
        """Normalised crops for the steps from ``first`` to ``steps``."""
        sizes = dict.fromkeys([*shapes(self._size), smaller_size(self._size)])
        batches = _Batches([Crops(self._people, one, seed, number) for number, one in enumerate(sizes)], self._batch)
        some = Subset(batches, range(first, steps))
        for pictures in DataLoader(some, None, num_workers=self._workers, prefetch_factor=4):
            yield normalised(pictures.permute(0, 3, 1, 2).float()), None

    def apart(
        self,
        teacher: nn.Module,
        pupil: nn.Module,
        x: Tensor,
        wanted: Sequence[Tensor],
        found: Sequence[Tensor],
        labels: Any,
    ) -> Tensor:
        """How differently they judge places (Kullback and Leibler) and confidences.

        Parameters
        ----------
        teacher, pupil : PoseNetwork
        x : (n, 3, h, w) tensor
            What both are shown.
        wanted, found : sequence of tensor
            The features of their trunks.
        labels : object
            Not used.
        """
        assert isinstance(teacher, PoseNetwork)
        assert isinstance(pupil, PoseNetwork)
        with torch.no_grad():
            places, seen = _both_ways(teacher, x, wanted)
        with half_precision():
            heatmaps, confidences = (part.float() for part in pupil.answer(*found))
        divergence = (places * (places.clamp(min=1e-8).log() - heatmaps.flatten(2).log_softmax(-1))).sum(-1)
        unsure = functional.binary_cross_entropy_with_logits(confidences, seen)
        return (divergence * seen).sum() / seen.sum() + CONFIDENCE_WEIGHT * unsure


class _Batches(Dataset[Tensor]):
    """Batches of ``count`` pictures from several sets of crops by turns, each of which goes round and round."""

    def __init__(self, sets: list[Crops], count: int) -> None:
        self._sets, self._count = sets, count

    def __getitem__(self, number: int) -> Tensor:
        turn, which = divmod(number, len(self._sets))
        crops, start = self._sets[which], turn * self._count
        pictures = [crops[(start + place) % len(crops)][0] for place in range(self._count)]
        return torch.from_numpy(np.stack(pictures))


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
    """

    NAME = "detector"
    PLAIN = (0, 0)

    def __init__(self, sets: dict[str, list[Picture]], batch: int, workers: int = 0) -> None:
        self._sets, self._batch, self._workers = sets, batch, workers

    def network(self, plain: tuple[int, int] | None) -> DetectorNetwork:
        """An untrained network."""
        return DetectorNetwork(plain=plain)

    def batches(self, seed: int, first: int, steps: int) -> Iterator[tuple[Tensor, Targets]]:
        """Normalised pictures and what they show, for the steps from ``first`` to ``steps``."""
        pictures = batches(Scenes(self._sets, SHARES, SIZE, seed + first), self._batch, self._workers)
        yield from (one for _, one in zip(range(first, steps), pictures, strict=False))

    def apart(
        self,
        teacher: nn.Module,
        pupil: nn.Module,
        x: Tensor,
        wanted: Sequence[Tensor],
        found: Sequence[Tensor],
        labels: Targets,
    ) -> Tensor:
        """How differently they judge scores and, where the teacher sees people, distances; and how wrong the pupil is.

        Parameters
        ----------
        teacher, pupil : DetectorNetwork
        x, wanted, found
            As for `PoseLessons`.
        labels : Targets
        """
        assert isinstance(teacher, DetectorNetwork)
        assert isinstance(pupil, DetectorNetwork)
        with half_precision():
            with torch.no_grad():
                sought = teacher.answer(*wanted).float()
            own = pupil.answer(*found).float()
        sure = sought[..., 0].sigmoid()
        total = sure.sum().clamp(min=1.0)
        least = functional.binary_cross_entropy(sure, sure, reduction="none")
        score = functional.binary_cross_entropy_with_logits(own[..., 0], sure, reduction="none") - least
        box = functional.smooth_l1_loss(own[..., 1:], sought[..., 1:], beta=0.1, reduction="none").mean(-1)
        wrong = sum(detector_loss(own, labels, SIZE), torch.zeros(()))
        return (score.sum() + BOX_WEIGHT * (box * sure).sum()) / total + LABEL_WEIGHT * wrong
