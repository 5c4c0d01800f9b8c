"""Quantising a network for integers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

import torch
from torch import nn

from models.inference import Network
from models.training.lite_trunk import LiteTrunk
from models.training.quantise import nodes_before_outputs, quantise
from models.training.recipes import export_onnx


class Levels(nn.Module):
    """A tiny trunk with one output."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = LiteTrunk(0.25)
        self.last = nn.Conv2d(self.trunk.channels[0], 2, 1)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor]:
        return (self.last(self.trunk(x)[0]),)


@pytest.fixture(scope="module")
def fp32(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("networks") / "fp32.onnx"
    export_onnx(Levels(), (64, 64), "image", ("map",), path)
    return path


def pictures(count: int) -> list[tuple[np.ndarray]]:
    rng = np.random.default_rng(0)
    return [(rng.integers(0, 256, (1, 64, 64, 3), dtype=np.uint8),) for _ in range(count)]


def test_the_int8_network_says_nearly_the_same(fp32: Path, tmp_path: Path) -> None:
    int8 = tmp_path / "int8.onnx"
    quantise(fp32, int8, pictures(8))
    (picture,) = pictures(1)[0]
    (exact,), (rounded,) = Network(fp32)(picture), Network(int8)(picture)
    assert np.abs(exact - rounded).max() < 0.1 * np.ptp(exact)
    assert {"QuantizeLinear", "DequantizeLinear"} <= {node.op_type for node in onnx.load(int8).graph.node}


def test_excluded_nodes_stay_in_fp32(fp32: Path, tmp_path: Path) -> None:
    last = nodes_before_outputs(fp32)
    quantise(fp32, tmp_path / "int8.onnx", pictures(2), exclude=last)
    graph = onnx.load(tmp_path / "int8.onnx").graph
    (node,) = (n for n in graph.node if n.name == last[0])
    assert node.input[1] in {i.name for i in graph.initializer}


def test_an_unknown_node_is_named(fp32: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no node named nowhere"):
        quantise(fp32, tmp_path / "int8.onnx", [], exclude=["nowhere"])
