"""The loss of the pose network: cross-entropy of the place, and of whether the keypoint is in the picture."""

from __future__ import annotations

import torch
from torch import Tensor

SIGMA = 0.75
"""Spread of a target, in cells of the heatmap."""

CONFIDENCE_WEIGHT = 0.3


def gaussian_targets(places: Tensor, height: int, width: int, stride: int) -> Tensor:
    """Distributions over the cells of a heatmap, (n, k, height, width), around ``places`` (n, k, 2) in pixels."""
    x = torch.arange(width, dtype=torch.float32, device=places.device) + 0.5
    y = torch.arange(height, dtype=torch.float32, device=places.device) + 0.5
    cells = (places + 0.5) / stride
    gx = torch.exp(-((x - cells[..., :1]) ** 2) / (2 * SIGMA**2))
    gy = torch.exp(-((y - cells[..., 1:]) ** 2) / (2 * SIGMA**2))
    target = gy[..., :, None] * gx[..., None, :]
    return target / target.sum((-1, -2), keepdim=True).clamp(min=1e-9)


def pose_loss(heatmaps: Tensor, confidences: Tensor, targets: Tensor, stride: int) -> Tensor:
    """Mean loss of a batch.

    Parameters
    ----------
    heatmaps : (n, k, h, w) tensor of logits
    confidences : (n, k) tensor of logits
    targets : (n, k, 4) tensor
        x, y in pixels, place, seen: see `models.training.pose_data`.
    """
    height, width = heatmaps.shape[2:]
    wanted = gaussian_targets(targets[..., :2], height, width, stride).flatten(2)
    log_likelihood = torch.log_softmax(heatmaps.flatten(2), -1)
    place = -(wanted * log_likelihood).sum(-1)
    weight = targets[..., 2]
    place_loss = (place * weight).sum() / weight.sum().clamp(min=1)
    seen = targets[..., 3]
    known = (seen >= 0).float()
    seen_loss = torch.nn.functional.binary_cross_entropy_with_logits(confidences, seen.clamp(min=0), reduction="none")
    return place_loss + CONFIDENCE_WEIGHT * (seen_loss * known).sum() / known.sum().clamp(min=1)
