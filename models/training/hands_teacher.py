"""A slow teacher for the hand network: MediaPipe's landmark network, taught our states at 160 pixels.

MediaPipe publishes it as hand_landmark_full.tflite, in its package (Apache-2.0; Zhang et al., "MediaPipe Hands:
On-device Real-time Hand Tracking", 2020): convolutions whose batch normalisation is folded away, and sums.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.body import FloatArray
from models.hands import CLASSES
from models.training.network import DEVIATION, MEAN
from models.training.recipes import export_onnx

SIZE = 160
"""Width and height of the teacher's picture."""

FROZEN = 8
"""So many of the first layers stay as they were published."""


@dataclass(frozen=True, slots=True)
class _Convolution:
    """A layer: the places of what it reads, writes and is weighted by, its stride, groups, and what follows it."""

    source: int
    target: int
    weights: int
    stride: int
    groups: int
    then: Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class _Sum:
    """A layer that adds what stands at two places."""

    one: int
    other: int
    target: int


class LandmarkTrunk(nn.Module):
    """The convolutions of a network in TensorFlow Lite's form, as published, to be trained further.

    Parameters
    ----------
    path : Path
        ``hand_landmark_full.tflite``.

    Raises
    ------
    ValueError
        If the file is no network of convolutions, sums and, behind them, a mean.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._layers: list[_Convolution | _Sum] = []
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        try:
            self._read(path)
        except (OSError, KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"{path}: not MediaPipe's hand_landmark_full.tflite ({error!r})") from error
        self.channels = len(self.biases[-1])

    def forward(self, x: Tensor) -> Tensor:
        """``x`` (n, 3, h, w) from 0 to 1, red first, h and w multiples of 32; returns (n, channels, h / 32, w / 32)."""
        values = {self._input: x}
        for number, layer in enumerate(self._layers):
            if isinstance(layer, _Sum):
                values[layer.target] = values[layer.one] + values[layer.other]
                continue
            weights, biases = self.weights[layer.weights], self.biases[layer.weights]
            if number < FROZEN:
                weights, biases = weights.detach(), biases.detach()
            # TensorFlow's "same" for sides that the stride divides: what is odd goes to the right and below
            around = weights.shape[2] - layer.stride
            padded = functional.pad(values[layer.source], [around // 2, around - around // 2] * 2)
            found = functional.conv2d(padded, weights, biases, layer.stride, groups=layer.groups)
            values[layer.target] = layer.then(found)
        return values[self._layers[-1].target]

    def _read(self, path: Path) -> None:
        import tflite

        content = path.read_bytes()
        if content[4:8] != b"TFL3":
            raise ValueError("no TensorFlow Lite file")
        model = tflite.Model.GetRootAs(content, 0)
        graph, kinds, then = model.Subgraphs(0), tflite.BuiltinOperator, tflite.ActivationFunctionType
        follow: dict[int, Callable[[Tensor], Tensor]] = {
            then.NONE: nn.Identity(),
            then.RELU: functional.relu,
            then.RELU6: functional.relu6,
        }
        self._input, constants = int(graph.Inputs(0)), {}
        for number in range(graph.OperatorsLength()):
            operator = graph.Operators(number)
            kind = model.OperatorCodes(operator.OpcodeIndex()).BuiltinCode()
            sources, target = operator.InputsAsNumpy().tolist(), int(operator.Outputs(0))
            if kind == kinds.DEQUANTIZE:
                constants[target] = _constant(model, graph.Tensors(sources[0]), tflite.TensorType.FLOAT16)
            elif kind == kinds.ADD:
                self._layers.append(_Sum(sources[0], sources[1], target))
            elif kind in (kinds.CONV_2D, kinds.DEPTHWISE_CONV_2D):
                deep = kind == kinds.DEPTHWISE_CONV_2D
                settings = tflite.DepthwiseConv2DOptions() if deep else tflite.Conv2DOptions()
                settings.Init(operator.BuiltinOptions().Bytes, operator.BuiltinOptions().Pos)
                weights = torch.from_numpy(constants[sources[1]]).permute((3, 0, 1, 2) if deep else (0, 3, 1, 2))
                self.weights.append(nn.Parameter(weights.contiguous()))
                self.biases.append(nn.Parameter(torch.from_numpy(constants[sources[2]])))
                groups, after = len(weights) if deep else 1, follow[settings.FusedActivationFunction()]
                place = len(self.biases) - 1
                self._layers.append(_Convolution(sources[0], target, place, settings.StrideH(), groups, after))
            elif kind == kinds.MEAN:
                return
        raise ValueError("no mean behind its convolutions")


def _constant(model: Any, tensor: Any, half: int) -> FloatArray:
    """A stored array, as 32-bit numbers."""
    stored = model.Buffers(tensor.Buffer()).DataAsNumpy().tobytes()
    values = np.frombuffer(stored, np.float16 if tensor.Type() == half else np.float32)
    return values.reshape(tensor.ShapeAsNumpy()).astype(np.float32)


class HandTeacher(nn.Module):
    """What `HandNetwork` does, larger.

    Parameters
    ----------
    path : Path
        For `LandmarkTrunk`.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.trunk = LandmarkTrunk(path)
        self.drop = nn.Dropout(0.3)
        self.classes = nn.Linear(2 * self.trunk.channels, len(CLASSES))

    def forward(self, x: Tensor) -> tuple[Tensor]:
        """``x`` (n, 3, h, w) normalised; returns (n, 4)."""
        return (self.classes(self.drop(self.features(x))),)

    def features(self, x: Tensor) -> Tensor:
        """What the classes are told by, (n, 2304)."""
        found = self.trunk(((x * DEVIATION + MEAN) / 255).flip(1))
        return torch.cat([found.mean((2, 3)), 0.2 * found.amax((2, 3))], 1)


def export_teacher(checkpoint: Path, landmarks: Path, folder: Path) -> Path:
    """Write ``teacher.onnx`` to ``folder``, for `models.training.hands_unlabelled`."""
    network = HandTeacher(landmarks)
    state = torch.load(checkpoint, "cpu", weights_only=True)["model"]
    network.load_state_dict(state)
    export_onnx(network, (SIZE, SIZE), "hand", ("classes",), folder / "teacher.onnx")
    return folder / "teacher.onnx"
