"""What the lift's network is taught: joints in metres, depth, motion, and how tall somebody is."""

from __future__ import annotations

import torch
from torch import Tensor

from models.joints import Joint
from models.proportions import DEFAULT_HEIGHT
from models.training.lift_batches import Batch

_MOTION = 0.3  # weight of differences from frame to frame against that of places
_DEPTH = 0.35  # metres of error that a depth wrong by a factor of e counts as
_HEIGHT = 0.02
_MINOR = {
    Joint.HAND_TIP_LEFT: 0.5,
    Joint.HAND_TIP_RIGHT: 0.5,
    Joint.THUMB_LEFT: 0.4,
    Joint.THUMB_RIGHT: 0.4,
    Joint.FOOT_LEFT: 0.7,
    Joint.FOOT_RIGHT: 0.7,
}
_WEIGHTS = torch.tensor([_MINOR.get(joint, 1.0) for joint in Joint])


def lift_loss(answer: Tensor, batch: Batch) -> tuple[Tensor, dict[str, float]]:
    """The loss, in metres, and its parts.

    Parameters
    ----------
    answer : (n, frames, outputs) tensor
    batch : Batch
    """
    device = answer.device
    truth = torch.from_numpy(batch.answer).to(device)
    height = torch.from_numpy(batch.height).to(device)[:, None, None]
    known = torch.isfinite(truth)
    wrong = torch.where(known, answer[..., : truth.shape[-1]] - torch.nan_to_num(truth), 0.0)
    depth = wrong[..., 2]
    joints = wrong.reshape(*wrong.shape[:2], len(Joint), 3)
    flat = torch.cat([joints[..., :1, :2], torch.zeros_like(joints[..., :1, 2:])], dim=-1)
    joints = torch.cat([flat, joints[..., 1:, :]], dim=-2) * height[..., None]
    weight = known.reshape(*known.shape[:2], len(Joint), 3).all(dim=-1) * _WEIGHTS.to(device)
    place = (_length(joints) * weight).sum() / weight.sum()
    moving = (_length(joints.diff(dim=1)) * weight[:, 1:]).sum() / weight[:, 1:].sum()
    far = torch.nanmean(torch.where(known[..., 2], depth.abs(), torch.nan))
    tall = _height_loss(answer[..., -2:], batch)
    loss = place + _MOTION * moving + _DEPTH * far + _HEIGHT * tall
    parts = {"place_mm": 1000 * place.item(), "depth": far.item(), "height": tall.item()}
    return loss, parts


def _length(vectors: Tensor) -> Tensor:
    return (vectors.square().sum(dim=-1) + 1e-8).sqrt()


def _height_loss(guess: Tensor, batch: Batch) -> Tensor:
    """Laplace's negative log-likelihood of the logarithm of the height, where somebody's real one is known."""
    truth = torch.log(torch.from_numpy(batch.height).to(guess.device) / DEFAULT_HEIGHT)[:, None]
    spread = guess[..., 1].clamp(-4.0, 2.0)
    loss = (guess[..., 0] - truth).abs() * torch.exp(-spread) + spread
    tells = torch.from_numpy(batch.tells).to(guess.device)[:, None]
    mean: Tensor = (loss * tells).sum() / (tells.sum() * loss.shape[1] + 1e-6)
    return mean
