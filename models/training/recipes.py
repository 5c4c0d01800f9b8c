"""What all recipes do alike: which weights decay, their running average, checkpoints, and the ONNX form."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models.training.network import Normalised


def parameter_groups(network: nn.Module, decay: float) -> list[dict[str, Any]]:
    """Weight decay for matrices and filters, none for biases and normalisation."""
    heavy = [p for p in network.parameters() if p.ndim > 1]
    light = [p for p in network.parameters() if p.ndim <= 1]
    return [{"params": heavy, "weight_decay": decay}, {"params": light, "weight_decay": 0.0}]


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, keep: float) -> None:
    """Move ``average`` towards ``network``: an exponential average of the weights."""
    for mean, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - keep)
        else:
            mean.copy_(value)


def halved(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A `state_dict` on the processor, in half precision: the small form that is shipped and trained on from."""
    return {k: v.cpu().half() if v.is_floating_point() else v.cpu() for k, v in state.items()}


def save_whole(state: dict[str, Any], path: Path) -> None:
    """Write a checkpoint so that an interruption leaves either the old file or the new one."""
    partial = path.with_suffix(".tmp")
    torch.save(state, partial)
    partial.replace(path)


def export_onnx(network: nn.Module, size: tuple[int, int], name: str, outputs: tuple[str, ...], path: Path) -> None:
    """Write ``network`` as it is shipped: one picture ``name`` (1, height, width, 3) uint8 in, ``outputs`` out.

    Parameters
    ----------
    network : nn.Module
        For normalised pictures; the normalisation becomes part of the graph.
    size : (int, int)
        Width and height of the picture.
    """
    picture = torch.zeros((1, size[1], size[0], 3), dtype=torch.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the older exporter folds batch normalisation
        torch.onnx.export(
            Normalised(network).eval(),
            (picture,),
            path,
            input_names=[name],
            output_names=list(outputs),
            opset_version=17,
            dynamo=False,
        )
