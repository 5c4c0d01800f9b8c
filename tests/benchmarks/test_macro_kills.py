"""No key is left down when ``bodycast macros`` is killed at random; the benchmark does it more often."""

from __future__ import annotations

import importlib.util
import random
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

KILLS = 24


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    if shutil.which("Xvfb") is None or importlib.util.find_spec("pynput") is None:
        pytest.skip('needs a virtual display and pynput: apt-get install xvfb; pip install -e ".[macros]"')
    spec = importlib.util.spec_from_file_location("macro_kills", Path(__file__).with_name("macro_kills.py"))
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["macro_kills"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks Linux which process belongs to which")
def test_no_key_is_left_down_in_random_kills(benchmark: ModuleType) -> None:
    summary = benchmark.summarised(list(benchmark.kills(KILLS, random.Random(11))))
    assert summary["left_held"] == 0, summary
    assert summary["held_at_kill"] > KILLS * 0.8, summary
