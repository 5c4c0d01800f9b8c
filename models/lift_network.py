"""The lift's network in numpy, which for one person at a time is faster than an engine: 0.4 million multiplications.

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
        self.width = _checked(arrays, path)
        weights = [(arrays[f"{name}.weight"], arrays[f"{name}.bias"]) for name in _LAYERS]
        self._first, self._second, mix, self._third, self._last = weights
        self._mix = (mix[0], mix[1] + arrays["network.convention.weight"][convention])
        self._look = (arrays["cell.weight_ih"], arrays["cell.bias_ih"])
        self._recall = (arrays["cell.weight_hh"], arrays["cell.bias_hh"])

    def __call__(self, features: FloatArray, memory: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The answer (`OUTPUTS`,) and the new memory (width,) of one picture of one person."""
        looked = _relu(_dense(_relu(_dense(features, self._first)), self._second))
        memory = self._remember(looked, memory)
        mixed = _relu(_dense(np.concatenate([looked, memory]), self._mix))
        return _dense(_relu(_dense(mixed, self._third)), self._last), memory

    def _remember(self, looked: FloatArray, memory: FloatArray) -> FloatArray:
        """A gated recurrent unit (Cho et al., 2014), its gates in the order reset, update, new."""
        seen, known = _dense(looked, self._look), _dense(memory, self._recall)
        two = 2 * self.width
        gates = np.float32(0.5) + np.float32(0.5) * np.tanh(np.float32(0.5) * (seen[:two] + known[:two]))
        reset, keep = gates[: self.width], gates[self.width :]
        new = np.tanh(seen[two:] + reset * known[two:])
        return np.asarray(new + keep * (memory - new), np.float32)


def _dense(x: FloatArray, layer: tuple[FloatArray, FloatArray]) -> FloatArray:
    return np.asarray(layer[0] @ x + layer[1])


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
