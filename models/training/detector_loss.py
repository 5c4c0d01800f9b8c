"""What the detector learns from: which cells answer for which person, and how far their answers are off.

Cells are assigned by how well they already agree with a person (task-aligned assignment; Feng et al., TOOD, 2021).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from models.training.detector_network import boxes_of, centres_and_strides

TOP_CELLS = 9
"""How many cells answer for one person at most."""
BOX_WEIGHT = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """The people of a batch of pictures, padded to the largest number.

    Attributes
    ----------
    boxes : (n, people, 4) float32 tensor
        x1 y1 x2 y2 in pixels.
    kind : (n, people) int64 tensor
        1 a person, -1 a region where nobody knows, 0 padding.
    """

    boxes: Tensor
    kind: Tensor


def detector_loss(output: Tensor, targets: Targets, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """The losses of score and of boxes for ``output`` (n, cells, 5) on pictures of ``size`` (height, width)."""
    centres, strides = (t.to(output.device) for t in centres_and_strides(*size))
    logits, boxes = output[..., 0], boxes_of(output[..., 1:], centres, strides)
    with torch.no_grad():
        quality, wanted = assign(logits.sigmoid(), boxes, targets, centres, strides)
        weight = (quality > 0) | ~_inside(targets.boxes, centres, targets.kind == -1).any(1)
    total = quality.sum().clamp(min=1.0)
    score = functional.binary_cross_entropy_with_logits(logits, quality, reduction="none")
    positive = quality > 0
    overlap = _giou(boxes[positive], wanted[positive])
    return (score * weight).sum() / total, BOX_WEIGHT * ((1 - overlap) * quality[positive]).sum() / total


def assign(scores: Tensor, boxes: Tensor, targets: Targets, centres: Tensor, strides: Tensor) -> tuple[Tensor, Tensor]:
    """For each cell the score it should give (n, cells), 0 for background, and the box it should give (n, cells, 4)."""
    people = targets.kind == 1
    iou = _iou(targets.boxes[:, :, None], boxes[:, None])  # (n, people, cells)
    inside = _inside(_at_least(targets.boxes, 1.5 * strides.min()), centres, people)
    agreement = scores[:, None].sqrt() * iou.pow(5) * inside + 1e-9 * inside
    best = agreement.topk(min(TOP_CELLS, agreement.shape[2]), 2)
    chosen = torch.zeros_like(inside).scatter_(2, best.indices, True) & inside
    iou_of_chosen = torch.where(chosen, iou + 1e-6, 0.0)
    owner = iou_of_chosen.argmax(1)  # (n, cells): a cell in two boxes answers for the one it fits best
    chosen &= functional.one_hot(owner, targets.kind.shape[1]).transpose(1, 2).bool()
    agreement = agreement * chosen
    best_agreement = agreement.amax(2, keepdim=True).clamp(min=1e-9)
    best_iou = (iou * chosen).amax(2, keepdim=True).clamp(min=0.05)
    quality = (agreement / best_agreement * best_iou).amax(1)
    return quality, targets.boxes.gather(1, owner[..., None].expand(-1, -1, 4))


def _at_least(boxes: Tensor, side: Tensor) -> Tensor:
    centre, half = (boxes[..., :2] + boxes[..., 2:]) / 2, (boxes[..., 2:] - boxes[..., :2]) / 2
    half = half.clamp(min=float(side) / 2)
    return torch.cat([centre - half, centre + half], -1)


def _inside(boxes: Tensor, centres: Tensor, which: Tensor) -> Tensor:
    """Whether each centre lies in each of ``which`` boxes: (n, people, cells)."""
    low, high = boxes[:, :, None, :2], boxes[:, :, None, 2:]
    return ((centres > low) & (centres < high)).all(-1) & which[..., None]


def _areas(boxes: Tensor) -> Tensor:
    sides = boxes[..., 2:] - boxes[..., :2]
    return sides[..., 0] * sides[..., 1]


def _iou(a: Tensor, b: Tensor) -> Tensor:
    sides = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(min=0)
    shared = sides[..., 0] * sides[..., 1]
    return shared / (_areas(a) + _areas(b) - shared + 1e-6)


def _giou(a: Tensor, b: Tensor) -> Tensor:
    """Generalised intersection over union, -1 to 1 (Rezatofighi et al., 2019)."""
    hull = torch.cat([torch.minimum(a[..., :2], b[..., :2]), torch.maximum(a[..., 2:], b[..., 2:])], -1)
    iou = _iou(a, b)
    hull_area = _areas(hull) + 1e-6
    union = (_areas(a) + _areas(b)) / (1 + iou)  # from iou = shared / union
    return iou - (hull_area - union) / hull_area
