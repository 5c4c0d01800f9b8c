"""Turn a network's fp32 ONNX file into int8 with quantise and dequantise pairs (QDQ), the form in which it is shipped.

Static post-training quantisation by ONNX Runtime: weights int8 and symmetric for each output channel, activations
uint8, ranges measured on real pictures. OpenVINO and ONNX Runtime both run the result in integers. Weights keep to
seven bits: a processor without VNNI adds two products in 16 bits, which eight bits overflow (LSPET 0.724, not 0.732).
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

Batch = tuple[npt.NDArray[np.uint8], ...]
"""What a network is given at once: an array for each of its inputs, in their order."""


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    """Feeds batches to ONNX Runtime, one at a time."""

    def __init__(self, batches: Iterable[Batch], inputs: list[str]) -> None:
        self._batches: Iterator[Batch] = iter(batches)
        self._inputs = inputs

    def get_next(self) -> dict[str, Any] | None:
        batch = next(self._batches, None)
        return None if batch is None else dict(zip(self._inputs, batch, strict=True))


def quantise(
    fp32: Path,
    int8: Path,
    batches: Iterable[Batch],
    exclude: Collection[str] = (),
) -> None:
    """Write the int8 form of ``fp32`` to ``int8``.

    Parameters
    ----------
    fp32 : Path
        An ONNX file whose inputs are uint8.
    int8 : Path
        Where the quantised network goes.
    batches : iterable of tuples of uint8 arrays
        What the network will get; a few hundred, of equal shapes.
    exclude : collection of str
        Nodes that stay in fp32; see `nodes_before_outputs`.

    Raises
    ------
    ValueError
        If the network has other inputs, or no node of a name in ``exclude``.
    """
    model = onnx.load(fp32)
    missing = set(exclude) - {node.name for node in model.graph.node}
    if missing:
        raise ValueError(f"{fp32}: no node named {', '.join(sorted(missing))}")
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(fp32, prepared, skip_optimization=True, skip_symbolic_shape=True)
        _quantise_prepared(prepared, int8, _Reader(batches, [i.name for i in model.graph.input]), list(exclude))


def _quantise_prepared(prepared: Path, int8: Path, reader: _Reader, exclude: list[str]) -> None:
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)  # ONNX Runtime advises pre-processing even after it was done
    try:
        quantize_static(
            prepared,
            int8,
            reader,
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=exclude,
            calibrate_method=CalibrationMethod.MinMax,
        )
    finally:
        root.setLevel(level)


def nodes_before_outputs(path: Path, kinds: Collection[str] = ("Conv", "Gemm", "MatMul")) -> list[str]:
    """Names of the last convolution or matrix product before each output: the first candidates to leave in fp32."""
    graph = onnx.load(path).graph
    producers = {name: node for node in graph.node for name in node.output}
    found: list[str] = []
    for output in graph.output:
        names = [output.name]
        while names:
            node = producers.get(names.pop())
            if node is None:
                continue
            if node.op_type in kinds:
                found.append(node.name)
            else:
                names.extend(node.input)
    return list(dict.fromkeys(found))


def first_convolutions(path: Path, count: int) -> list[str]:
    """Names of the first ``count`` convolutions of a network: they see the finest differences and cost little."""
    return [node.name for node in onnx.load(path).graph.node if node.op_type == "Conv"][:count]
