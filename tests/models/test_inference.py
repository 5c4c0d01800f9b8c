"""Networks come and go without leaving anything behind in the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnx", reason="the network of these tests is made with onnx")

import numpy as np
import onnx
from onnx import TensorProto, helper

from models.inference import Network
from models.pose import DEFAULT_WEIGHTS

ROOT = Path(__file__).parents[2]

SIGNALLED = """
import os, signal, sys
from pathlib import Path
from models.inference import Network

told = []
signal.signal(signal.SIGINT, lambda *_: told.append("still here"))
first = Network(Path(sys.argv[1]))
second = Network(Path(sys.argv[1]))
del first
del second
os.kill(os.getpid(), signal.SIGINT)
print(*told)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to a process of one's own")
def test_a_signal_after_networks_were_dropped_is_survived(tmp_path: Path) -> None:
    """Two engines that end in the order in which they began would leave signals a stack that is freed already."""
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "tiny", values[:1], values[1:])
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "net.onnx"
    )
    command = [sys.executable, "-c", SIGNALLED, str(tmp_path / "net.onnx")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout) == (0, "still here\n"), done.stderr


def test_what_was_started_is_finished_though_nobody_keeps_what_went_in() -> None:
    network = Network(DEFAULT_WEIGHTS, [(3, 160, 128, 3), (3, 4, 20, 16)], at_once=2)
    some = [np.random.default_rng(seed) for seed in range(4)]
    batches = [[rng.integers(0, 256, shape, np.uint8) for shape in network.input_shapes] for rng in some]
    alone = [[part.copy() for part in network(*batch)] for batch in batches]
    network.start(*(part.copy() for part in batches[0]))  # as after Ctrl-C: nobody waits for it
    running = [network.start(*(part.copy() for part in batch)) for batch in batches]
    for outputs, expected in zip(running, alone, strict=True):
        for found, wanted in zip(outputs(), expected, strict=True):
            np.testing.assert_array_equal(found, wanted)


def test_nothing_is_reported_to_anybody() -> None:
    program = (
        "import sys; from models.pose import PoseEstimator; PoseEstimator(); "
        "told = [m for m, module in sys.modules.items() if m.startswith('openvino_telemetry') and module]; "
        "assert 'openvino' in sys.modules and not told, told"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_network_is_given_all_that_it_wants() -> None:
    network = Network(DEFAULT_WEIGHTS)
    pictures, cues = (np.zeros(shape, np.uint8) for shape in network.input_shapes)
    network(pictures, cues)
    with pytest.raises(ValueError, match="zip"):
        network(pictures)
