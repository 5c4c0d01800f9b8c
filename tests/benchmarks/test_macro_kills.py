"""No key is left down when ``bodycast macros`` is killed at random; the benchmark does it more often."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

KILLS = 24

LIMIT = 600.0
"""Seconds for all of them; half a minute is usual, and a command that presses nothing is told after four minutes."""


@pytest.mark.timeout(3 * LIMIT)
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks Linux which process belongs to which")
def test_no_key_is_left_down_in_random_kills() -> None:
    if shutil.which("Xvfb") is None or importlib.util.find_spec("pynput") is None:
        pytest.skip('needs a virtual display and pynput: apt-get install xvfb; pip install -e ".[macros]"')
    summary = summary_of_kills() or summary_of_kills()
    assert summary is not None, f"no end within {LIMIT:.0f} s, twice"
    assert summary["left_held"] == 0, summary
    assert summary["held_at_kill"] > KILLS * 0.8, summary


def summary_of_kills() -> dict[str, Any] | None:
    """What the benchmark prints; None after it said where it hangs, as when the display does not answer any more."""
    command = [sys.executable, "-X", "faulthandler", str(Path(__file__).with_name("macro_kills.py"))]
    command += ["--kills", str(KILLS), "--seed", "11"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, start_new_session=True) as process:
        try:
            printed, _ = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)
            process.wait()
            return None
        finally:
            end_all(process.pid)
    assert process.returncode in (0, 1), f"the benchmark ended with status {process.returncode}"
    return json.loads(printed.splitlines()[-1])


def end_all(group: int) -> None:
    """Kill what is left of a group of processes, which is nothing after a good end."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
