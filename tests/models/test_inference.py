"""Networks come and go without leaving anything behind in the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnx", reason="the network of these tests is made with onnx")

import onnx
from onnx import TensorProto, helper

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


def test_nothing_is_reported_to_anybody() -> None:
    program = (
        "import sys; from models.pose import PoseEstimator; PoseEstimator(); "
        "told = [m for m, module in sys.modules.items() if m.startswith('openvino_telemetry') and module]; "
        "assert 'openvino' in sys.modules and not told, told"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
