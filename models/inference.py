"""Run a shipped ONNX network on one thread of the CPU."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

OPTIONS = {
    "INFERENCE_NUM_THREADS": 1,
    "NUM_STREAMS": 1,
    "PERFORMANCE_HINT": "LATENCY",
    "INFERENCE_PRECISION_HINT": "f32",  # processors with bfloat16 would use it: less exact, and here 1.3 times slower
}


class WeightsError(Exception):
    """A network file that cannot be used."""


class Network:
    """An ONNX file, compiled by OpenVINO for one thread.

    Parameters
    ----------
    path : Path
        An ONNX file, fp32 or int8 QDQ.
    shape : tuple of int, optional
        Of the input, for a network that can do with another one than is written in the file.

    Raises
    ------
    WeightsError
        If the file is missing, is not a network, or cannot do with ``shape``.
    """

    def __init__(self, path: Path, shape: tuple[int, ...] | None = None) -> None:
        network = _read(path)
        try:
            if shape is not None:
                network.reshape(list(shape))
            self._model: Any = _engine().compile_model(network, "CPU", OPTIONS)
        except RuntimeError as error:
            raise WeightsError(f"{path}: not a network that OpenVINO can run") from error
        self._request: Any = self._model.create_infer_request()
        self.input_shape: tuple[int, ...] = _shape(self._model.inputs[0])
        self.output_shapes: tuple[tuple[int, ...], ...] = tuple(_shape(o) for o in self._model.outputs)

    def __call__(self, batch: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float32], ...]:
        """Run the network; the outputs are views that the next call overwrites."""
        self._request.infer([batch], share_inputs=True)
        return tuple(self._request.get_output_tensor(i).data for i in range(len(self.output_shapes)))


def learnt_arrays(path: Path) -> dict[str, npt.NDArray[np.float32]]:
    """What an ONNX file has learnt: its float arrays of one dimension or more by their names.

    A network of a few small layers runs faster in numpy than through any engine.

    Raises
    ------
    WeightsError
        If the file is missing or is not a network.
    """
    constants = [op for op in _read(path).get_ordered_ops() if op.get_type_name() == "Constant"]
    arrays = {str(op.friendly_name): np.array(op.data) for op in constants}
    return {name: array for name, array in arrays.items() if array.dtype == np.float32 and array.ndim}


def _read(path: Path) -> Any:
    """The network in an ONNX file."""
    if not path.is_file():
        raise WeightsError(f"{path}: no such network file")
    frontend = _openvino().frontend
    try:
        # the reader of ONNX itself: asked to guess, OpenVINO tries all of them, and some write to stderr
        reader = frontend.FrontEndManager().load_by_framework("onnx")
        network = reader.convert(reader.load(str(path)))
    except (RuntimeError, frontend.GeneralFailure, frontend.OpConversionFailure) as error:
        raise WeightsError(f"{path}: not a network that OpenVINO can read") from error
    if not network.inputs or not network.outputs:
        raise WeightsError(f"{path}: not a network: nothing goes in or nothing comes out")
    return network


@cache
def _engine() -> Any:
    """OpenVINO, one for all networks and for as long as the process lives.

    Each engine gives signals a stack of its own. When two end in the order in which they began, the second one puts
    back the stack that the first has freed, and the next Ctrl-C kills the process.
    """
    return _openvino().Core()


def _openvino() -> Any:
    """OpenVINO, kept from reporting its import over the network, as it does where its telemetry is installed."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # which makes its import fail
    import openvino.frontend

    return openvino


def _shape(port: Any) -> tuple[int, ...]:
    """The shape of an input or output; -1 where it is dynamic."""
    return tuple(-1 if d.is_dynamic else d.get_length() for d in port.partial_shape)
