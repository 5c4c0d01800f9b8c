"""The lift's network in numpy, which for a few people is faster than an engine: 0.4 million multiplications each.

`models.training.lift_network` trains it, and `models.training.lift_export` writes the ONNX file that it is read from.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.body import FloatArray
from models.inference import WeightsError, learnt_arrays
from models.lift_features import FEATURES, OUTPUTS
from models.skeleton_sets import Convention

_LAYERS = ("network.encoder.0", "network.encoder.2", "network.mix", "network.head.1", "network.head.3")
_SHAPES = {
    "network.encoder.0.weight": ("w", FEATURES),
    "network.encoder.2.weight": ("w", "w"),
    "cell.weight_ih": ("3w", "w"),
    "cell.weight_hh": ("3w", "w"),
    "network.mix.weight": ("w", "2w"),
    "network.convention.weight": (len(Convention), "w"),
    "network.head.1.weight": ("w", "w"),
    "network.head.3.weight": (OUTPUTS, "w"),
}


class LiftNetwork:
    """Two dense layers, a gated recurrent unit and two dense layers that answer.

    Parameters
    ----------
    path : Path
        An ONNX file that ``bodycast train lift`` wrote.
    convention : Convention
        Whose joints it answers with.

    Raises
    ------
    WeightsError
        If the file is missing or is another network.
    """

    def __init__(self, path: Path, convention: Convention = Convention.KINECT_V2) -> None:
        arrays = learnt_arrays(path)
        width = self.width = _checked(arrays, path)
        weights = {name: np.ascontiguousarray(arrays[f"{name}.weight"].T) for name in _LAYERS}  # (in, out)
        biases = {name: arrays[f"{name}.bias"] for name in _LAYERS}
        self._first, self._second, mix, self._third, self._last = ((weights[name], biases[name]) for name in _LAYERS)
        self._mix = mix[0].reshape(2, width, width), mix[1] + arrays["network.convention.weight"][convention]
        self._look, self._recall = (_gates(arrays, f"cell.{{}}_{name}", width) for name in ("ih", "hh"))

    def __call__(self, features: FloatArray, memory: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The answers (n, `OUTPUTS`) and the new memories (n, width) of one picture of n people."""
        looked = _relu(_dense(_relu(_dense(features, self._first)), self._second))
        memory = self._remember(looked, memory)
        mix, bias = self._mix
        mixed = _relu(looked @ mix[0] + memory @ mix[1] + bias)
        return _dense(_relu(_dense(mixed, self._third)), self._last), memory

    def _remember(self, looked: FloatArray, memory: FloatArray) -> FloatArray:
        """A gated recurrent unit (Cho et al., 2014), its gates in the order reset, update, new."""
        seen, known = _dense(looked, self._look), _dense(memory, self._recall)  # (gates, n, width)
        reset, keep = np.float32(0.5) + np.float32(0.5) * np.tanh(np.float32(0.5) * (seen[:2] + known[:2]))
        new = np.tanh(seen[2] + reset * known[2])
        return np.asarray(new + keep * (memory - new))


Layer = tuple[FloatArray, FloatArray]
"""Weights (..., in, out), and biases that can be added to what they give.

No matrix is larger than width by width: of larger ones, OpenBLAS shares the product for six people out to threads,
which costs ten times as much as the product itself as soon as another core is busy.
"""


def _gates(arrays: dict[str, FloatArray], name: str, width: int) -> Layer:
    weights, biases = arrays[name.format("weight")], arrays[name.format("bias")]
    return np.ascontiguousarray(weights.reshape(3, width, width).transpose(0, 2, 1)), biases.reshape(3, 1, width)


def _dense(x: FloatArray, layer: Layer) -> FloatArray:
    return np.asarray(x @ layer[0] + layer[1])


def _relu(x: FloatArray) -> FloatArray:
    return np.asarray(np.maximum(x, np.float32(0)))


def _checked(arrays: dict[str, FloatArray], path: Path) -> int:
    """The width of the network, if it is one."""
    memory = arrays.get("cell.weight_hh")
    width = 0 if memory is None or memory.ndim != 2 else memory.shape[1]
    sizes = {"w": width, "2w": 2 * width, "3w": 3 * width}
    for name, shape in _SHAPES.items():
        expected = tuple(sizes[side] if isinstance(side, str) else side for side in shape)
        found = arrays[name].shape if name in arrays else None
        if found != expected or not width:
            raise WeightsError(f"{path}: not a lift network: {name} has shape {found}, expected {expected}")
    return width
