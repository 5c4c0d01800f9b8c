"""What all recipes do alike: which weights decay, their running average, checkpoints, and the ONNX form."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from models.inference import WeightsError
from models.painting import NOBODY, cue
from models.training.network import Normalised


def parameter_groups(network: nn.Module, decay: float) -> list[dict[str, Any]]:
    """Weight decay for matrices and filters, none for biases and normalisation."""
    learning = [p for p in network.parameters() if p.requires_grad]
    heavy = [p for p in learning if p.ndim > 1]
    light = [p for p in learning if p.ndim <= 1]
    return [{"params": heavy, "weight_decay": decay}, {"params": light, "weight_decay": 0.0}]


def set_rate(optimiser: torch.optim.Optimizer, highest: float, progress: float) -> None:
    """The learning rate at ``progress`` 0 to 1 of a run: a cosine from ``highest`` to a hundredth of it.

    Groups of parameters with a ``share`` have that share of it.
    """
    for group in optimiser.param_groups:
        group["lr"] = group.get("share", 1.0) * highest * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress)))


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, keep: float) -> None:
    """Move ``average`` towards ``network``: an exponential average of the weights."""
    pairs = list(zip(average.state_dict().values(), network.state_dict().values(), strict=True))
    smooth = [pair for pair in pairs if pair[0].is_floating_point()]
    torch._foreach_lerp_([mean for mean, _ in smooth], [value for _, value in smooth], 1 - keep)
    for mean, value in pairs:
        if not mean.is_floating_point():
            mean.copy_(value)


def halved(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A `state_dict` on the processor, in half precision: the small form that is shipped and trained on from."""
    return {k: v.cpu().half() if v.is_floating_point() else v.cpu() for k, v in state.items()}


def read_weights(path: Path) -> dict[str, Tensor]:
    """The `state_dict` in a file, which may be a checkpoint that has it as ``model``.

    Raises
    ------
    WeightsError
        If there is none.
    """
    if not path.is_file():
        raise WeightsError(f"{path}: no such weights file")
    try:
        state: dict[str, Any] = torch.load(path, "cpu", weights_only=True)
        return dict(state.get("model", state))
    except Exception as error:  # torch tells of broken files in many ways
        raise WeightsError(f"{path}: not the weights of a network") from error


def save_whole(state: dict[str, Any], path: Path) -> None:
    """Write a checkpoint so that an interruption leaves either the old file or the new one."""
    partial = path.with_suffix(".tmp")
    torch.save(state, partial)
    partial.replace(path)


def export_onnx(
    network: nn.Module, size: tuple[int, int], name: str, outputs: tuple[str, ...], path: Path, told: bool = False
) -> None:
    """Write ``network`` as it is shipped: one picture ``name`` (1, height, width, 3) uint8 in, ``outputs`` out.

    Parameters
    ----------
    network : nn.Module
        For normalised pictures; the normalisation becomes part of the graph.
    size : (int, int)
        Width and height of the picture.
    told : bool
        Whether it gets a ``cue`` besides: see `models.painting.cue`.
    """
    given = {name: torch.zeros((1, size[1], size[0], 3), dtype=torch.uint8)}
    if told:
        given["cue"] = torch.from_numpy(cue(size, NOBODY))[None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the older exporter folds batch normalisation
        warnings.filterwarnings("ignore", "Constant folding")  # of the paddings, which engines fold themselves
        torch.onnx.export(
            Normalised(network).eval(),
            tuple(given.values()),
            path,
            input_names=list(given),
            output_names=list(outputs),
            opset_version=17,
            dynamo=False,
        )
    _simplify(path)


def _simplify(path: Path) -> None:
    """Let ONNX Runtime fold constants and make paddings part of their convolutions: a third of the detector's time."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC  # nothing but plain ONNX
    options.optimized_model_filepath = str(path)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    model = onnx.load(path)
    used = {node.domain for node in model.graph.node}
    for opset in [o for o in model.opset_import if o.domain not in used]:
        model.opset_import.remove(opset)
    onnx.save(model, path)


def store_as_halves(path: Path) -> None:
    """Keep the filters of an fp32 network in half precision, as the `state_dict` does; it still computes in fp32.

    Each goes through a Cast, which inference engines fold away when they load the network.
    """
    model = onnx.load(path)
    casts = []
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.size >= 1024:
            name = tensor.name
            tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
            casts.append(onnx.helper.make_node("Cast", [tensor.name], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, path)
