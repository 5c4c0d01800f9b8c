"""The Godot add-on: both versions are one, as far as their engines allow, and the sample scene shows who is there."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bridge.osc import osc_message
from bridge.osc_kinectv2 import frame_messages
from models.body import BodyFrame
from models.joints import Joint, TrackingState

HERE = Path(__file__).parent / "godot"
_spec = importlib.util.spec_from_file_location("interface", HERE / "interface.py")
assert _spec is not None
assert _spec.loader is not None
interface = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(interface)

SCRIPTS = interface.scripts()
BOTH = pytest.mark.parametrize(("four", "three"), SCRIPTS, ids=[path.name for path, _ in SCRIPTS])


@BOTH
def test_the_scripts_for_godot_3_and_4_differ_only_where_the_engines_interfaces_do(four: Path, three: Path) -> None:
    assert three.read_text(encoding="utf-8") == interface.godot_3(four.read_text(encoding="utf-8")), (
        f"change {four.name} for Godot 4, and run tests/demos/godot/interface.py"
    )


@BOTH
def test_few_lines_differ(four: Path, three: Path) -> None:
    lines = list(zip(four.read_text().splitlines(), three.read_text().splitlines(), strict=True))
    assert sum(a != b for a, b in lines) <= 0.2 * len(lines)


@pytest.mark.parametrize("path", [path for path, _ in SCRIPTS], ids=lambda path: path.name)
def test_a_parser_and_a_linter_of_godot_4_have_nothing_to_say(path: Path) -> None:
    parser = pytest.importorskip("gdtoolkit.parser", reason="gdtoolkit is not installed (PyPI)").parser
    linter = pytest.importorskip("gdtoolkit.linter")
    code = path.read_text(encoding="utf-8")
    parser.parse(code, gather_metadata=True)
    problems = linter.lint_code(code, {**linter.DEFAULT_CONFIG, "max-line-length": 120})
    assert [f"{p.line}: {p.description}" for p in problems] == []


def test_both_projects_hold_the_same_files() -> None:
    def files(project: str) -> set[Path]:
        return {p.relative_to(interface.GODOT / project) for p in (interface.GODOT / project).rglob("*") if p.is_file()}

    assert files("godot3") == files("godot4")
    for name in ("addons/bodycast/plugin.cfg", "project.godot", "sample.tscn"):
        assert Path(name) in files("godot4")


@pytest.fixture
def show(start_godot) -> Callable[[bytes], list[str]]:
    """Plays the sample scene, and returns what it prints after it received some datagrams."""

    def run(*datagrams: bytes) -> list[str]:
        with start_godot("show.gd") as engine:
            engine.send(*datagrams)
            engine.send(osc_message("/gesture/dump", "1", "detected", 1.0, 1.0))
            engine.wait_for("dumped")
            engine.send(osc_message("/gesture/quit", "1", "detected", 1.0, 1.0))
            engine.join()
            assert not engine.starting("SCRIPT ERROR")
            return engine.starting("part ") + engine.starting("label ")

    return run


def test_the_sample_shows_joints_and_bones_mirrored_and_hides_what_is_not_tracked(
    show: Callable[..., list[str]], random_frame: Callable[..., BodyFrame]
) -> None:
    frame = random_frame(2, 1)
    (body,) = frame.bodies
    started = osc_message("/gesture/wave", str(body.tracking_id), "started", 1.0, 1.0)
    *parts, label = show(*frame_messages(frame), started)
    numbers = np.array([line.split()[1:] for line in parts], np.float32)
    balls, sticks = numbers[: len(Joint)], numbers[len(Joint) :]
    seen = body.tracking_states != TrackingState.NOT_TRACKED
    mirrored = body.positions * (-1, 1, 1)
    np.testing.assert_array_equal(balls[:, 0] == 1, seen)
    np.testing.assert_allclose(balls[:, 1:4], mirrored, atol=1e-4)
    np.testing.assert_allclose(sticks[Joint.ELBOW_LEFT, 4:7], mirrored[Joint.ELBOW_LEFT], atol=1e-3)
    both = seen[Joint.ELBOW_LEFT] and seen[Joint.SHOULDER_LEFT]
    assert sticks[Joint.ELBOW_LEFT, 0] == both
    assert label == "label person 1  wave"


def test_an_empty_sample_says_what_to_do(show: Callable[..., list[str]]) -> None:
    (label,) = show()
    assert "Nobody is in view" in label
    assert "bodycast run --publish osc+kinectv2://127.0.0.1:" in label
