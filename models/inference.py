"""Run a shipped ONNX network on the CPU: each input on one thread, several inputs at once where there are cores."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import cache, partial
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


PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
"""How many this process may use."""

Outputs = tuple[npt.NDArray[np.float32], ...]


class WeightsError(Exception):
    """A network file that cannot be used."""


class Network:
    """An ONNX file, compiled by OpenVINO for one thread an input.

    Parameters
    ----------
    path : Path
        An ONNX file, fp32 or int8 QDQ.
    shapes : sequence of tuple of int, optional
        Of its inputs, for a network that can do with others than are written in the file.
    at_once : int
        How many inputs are worked on at the same time, if there are so many processors.

    Raises
    ------
    WeightsError
        If the file is missing, is not a network, or cannot do with ``shapes``.
    """

    def __init__(self, path: Path, shapes: Sequence[tuple[int, ...]] = (), at_once: int = 1) -> None:
        network = _read(path)
        threads = min(at_once, PROCESSORS)
        several = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": threads, "PERFORMANCE_HINT": "THROUGHPUT"}
        options = OPTIONS | several if threads > 1 else OPTIONS
        try:
            if shapes:
                network.reshape({i: list(shape) for i, shape in enumerate(shapes)})
            self._model: Any = _engine().compile_model(network, "CPU", options)
        except RuntimeError as error:
            raise WeightsError(f"{path}: not a network that OpenVINO can run") from error
        self._idle: list[_Place] = [self._place()]
        self._busy: list[_Place] = []
        self.input_shapes: tuple[tuple[int, ...], ...] = tuple(_shape(i) for i in self._model.inputs)
        self.output_shapes: tuple[tuple[int, ...], ...] = tuple(_shape(o) for o in self._model.outputs)

    def __call__(self, *batch: npt.NDArray[Any]) -> Outputs:
        """Run the network on this thread; the outputs are views that the next run overwrites."""
        place = self._idle[-1]
        place.take(batch)
        place.request.infer(share_outputs=True)
        return self._outputs(place)

    def start(self, *batch: npt.NDArray[Any]) -> Running:
        """Run the network on another thread, which takes longer if this one waits for it.

        The outputs are views that runs which start later overwrite.

        Parameters
        ----------
        *batch : arrays
            One for each of its inputs, not to be changed before the outputs are there.
        """
        place = self._idle.pop() if len(self._idle) > 1 else self._place()
        place.take(batch)
        self._busy.append(place)  # where it is kept even if nobody waits for it, as after Ctrl-C
        place.request.start_async()
        return partial(self._finished, place)

    def _place(self) -> _Place:
        return _Place(self._model.create_infer_request(), len(self._model.inputs))

    def _finished(self, place: _Place) -> Outputs:
        place.request.wait()
        self._busy.remove(place)
        self._idle.append(place)
        return self._outputs(place)

    def _outputs(self, place: _Place) -> Outputs:
        return tuple(place.request.get_output_tensor(i).data for i in range(len(self.output_shapes)))


class _Place:
    """Where one input at a time is worked on: a request of OpenVINO, and the memory that it reads."""

    def __init__(self, request: Any, inputs: int) -> None:
        self.request, self._inputs = request, inputs
        self._batch: list[npt.NDArray[Any]] = []

    def take(self, batch: Sequence[npt.NDArray[Any]]) -> None:
        """Let the request read ``batch`` where it is: handed over as an array, it takes 0.1 ms longer."""
        self._batch = [np.ascontiguousarray(part) for part in batch]
        for number, part in zip(range(self._inputs), self._batch, strict=True):
            self.request.set_input_tensor(number, _openvino().Tensor(part, shared_memory=True))


Running = Callable[[], Outputs]
"""Waits for the outputs of a network; to be called once."""


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


@cache
def _openvino() -> Any:
    """OpenVINO, kept from reporting its import over the network, as it does where its telemetry is installed."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # which makes its import fail
    import openvino.frontend

    return openvino


def _shape(port: Any) -> tuple[int, ...]:
    """The shape of an input or output; -1 where it is dynamic."""
    return tuple(-1 if d.is_dynamic else d.get_length() for d in port.partial_shape)
