"""The doctor finds what works, and says what to do about the rest."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bridge import doctor
from bridge.cli.doctor import told
from bridge.doctor import Finding
from models.inference import WeightsError


def test_python_and_packages_are_there() -> None:
    assert doctor.check_python().works
    found = doctor.check_packages()
    assert found.works
    assert "opencv-python-headless" in found.text


def test_a_missing_package_comes_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(doctor.PACKAGES, "no_such_module", "no-such-package")
    found = doctor.check_packages()
    assert (found.works, found.essential) == (False, True)
    assert found.advice == "pip install no-such-package"


def test_a_missing_camera_is_only_a_note() -> None:
    found = doctor.check_camera(97)
    assert (found.works, found.essential) == (False, False)
    assert "camera:97" in found.text
    assert "actor" in found.advice


def test_a_network_that_cannot_be_used_is_essential() -> None:
    def attempt() -> float:
        raise WeightsError("pose.onnx: no such network file")

    found = doctor.check_model("pose network", attempt)
    assert (found.works, found.essential, found.text) == (False, True, "pose.onnx: no such network file")
    assert found.advice


def test_a_network_that_runs_has_its_time() -> None:
    assert doctor.check_model("pose network", lambda: 0.0034).text == "runs in 3.4 ms"


def test_messages_come_back_over_osc_and_zeromq() -> None:
    assert doctor.check_osc_echo() == Finding("OSC echo", True, "27 of 27 messages came back")
    assert doctor.check_zmq_echo() == Finding("ZeroMQ echo", True, "1 of 1 messages came back")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_receiver_is_found_wherever_it_listens(host: str) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as receiver:
        receiver.bind((host, 0))
        port = receiver.getsockname()[1]
        assert doctor.check_osc_receiver(port).works
    silent = doctor.check_osc_receiver(port)
    assert (silent.works, silent.essential) == (False, False)
    assert f"UDP port {port}" in silent.advice


def test_a_port_that_is_taken_comes_with_another_one() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        found = doctor.check_zmq_port(port)
    assert (found.works, found.essential) == (False, False)
    assert f"zmq://127.0.0.1:{port + 1}" in found.advice
    assert doctor.check_zmq_port(port).works


def test_findings_are_told_with_their_advice() -> None:
    assert told(Finding("Python", True, "3.12")) == "ok    Python: 3.12"
    assert told(Finding("camera", False, "none", "plug one in", essential=False)) == (
        "note  camera: none\n      -> plug one in"
    )
    assert told(Finding("packages", False, "missing: x", "pip install x")).startswith("FAIL  packages")


def test_the_command_gives_one_json_object_and_status_0_only_if_all_is_well(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bridge.cli", "doctor", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=tmp_path)
    told = json.loads(done.stdout)
    essential = [finding["works"] for finding in told["findings"] if finding["essential"]]
    assert told["works"] is all(essential)
    assert done.returncode == (0 if told["works"] else 1)
    assert {finding["name"] for finding in told["findings"]} >= {"camera", "pose network", "OSC echo"}
    assert done.stderr == ""
