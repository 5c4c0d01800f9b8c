"""Write a trained lift as it is shipped: ONNX, one picture of one person at a time, and the small `state_dict`."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch

from models.lift_features import FEATURES
from models.training.lift_network import LiftNetwork, LiftStep
from models.training.recipes import halved


def export_lift(weights: Path, folder: Path) -> tuple[Path, Path]:
    """Write ``lift.onnx`` and, in half precision, ``lift.pt`` into ``folder``.

    Parameters
    ----------
    weights : Path
        A `state_dict` that the recipe wrote.
    folder : Path

    Returns
    -------
    (Path, Path)
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = torch.load(weights, weights_only=True)
    network = network_of(state)
    row = torch.zeros((1, FEATURES)), torch.zeros((1, network.memory.hidden_size)), torch.zeros(1, dtype=torch.int64)
    onnx = folder / "lift.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            LiftStep(network).eval(),
            row,
            onnx,
            input_names=["features", "memory", "convention"],
            output_names=["answer", "new_memory"],
            opset_version=17,
            dynamo=False,
        )
    small = folder / "lift.pt"
    torch.save(halved(state), small)
    return onnx, small


def network_of(state: dict[str, torch.Tensor]) -> LiftNetwork:
    """The network whose `state_dict` this is."""
    network = LiftNetwork(state["memory.weight_hh_l0"].shape[1])
    network.load_state_dict(state)
    return network.float()
