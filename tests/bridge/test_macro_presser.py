"""What presses keys releases them whatever it is told, and says what it lacks; nothing is pressed for real here."""

from __future__ import annotations

import io
import queue
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bridge.macros.backends import BackendError, PrintingBackend, usual_backend
from bridge.macros.commands import Press, Release
from bridge.macros.keyboard import Keyboard, KeyboardError
from bridge.macros.macro import Macro, Profile
from bridge.macros.presser import HANG, Presser, serve
from bridge.macros.uinput_backend import UinputBackend


def test_without_a_display_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("evdev")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    with pytest.raises(KeyboardError, match="is there a desktop"):
        Keyboard(Profile((Macro("tap", ("a",)),), backend="pynput"))


def test_a_dry_run_prints_and_presses_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with Keyboard(Profile((Macro("tap", ("a",)),)), dry_run=True) as keyboard:
        keyboard.arm()
        keyboard.send([Press("a"), Release("a"), Press("b")])
    assert capfd.readouterr().err.splitlines() == ["press a", "release a", "press b", "release b"]


def test_keys_are_released_that_a_failing_system_left() -> None:
    class Broken(PrintingBackend):
        def release(self, key: str) -> None:
            if key == "b":
                raise OSError("the system fails")
            super().release(key)

    paper = io.StringIO()
    presser = Presser(Broken(paper))
    for line in ("arm", "press a", "press b", "press c"):
        presser.obey(line)
    with pytest.raises(OSError, match="fails"):
        presser.let_go()
    assert paper.getvalue().splitlines()[-2:] == ["release c", "release a"]


def test_a_line_that_was_cut_off_or_is_nonsense_leaves_nothing_down() -> None:
    paper = io.StringIO()
    lines: queue.Queue[str | None] = queue.Queue()
    for line in ("arm", "press a", "pre"):
        lines.put(line)
    with pytest.raises(ValueError, match="not a command"):
        serve(Presser(PrintingBackend(paper)), lines, lambda _: None)
    assert paper.getvalue().splitlines() == ["press a", "release a"]


def test_without_a_sign_of_life_keys_are_released() -> None:
    paper = io.StringIO()
    lines: queue.Queue[str | None] = queue.Queue()
    for line in ("arm", "press a", "tilt left_x 1.0"):
        lines.put(line)
    clock = iter([0.0, 0.0, 0.0, 0.0, HANG + 0.1])

    def told(text: str) -> None:
        assert text == "stalled"
        lines.put("press b")
        lines.put(None)

    serve(Presser(PrintingBackend(paper)), lines, told, lambda: next(clock, 99.0))
    assert paper.getvalue().splitlines() == ["press a", "left_x +1.00", "release a", "left_x +0.00"]


def test_uinput_gets_the_codes_of_the_kernel() -> None:
    ecodes = pytest.importorskip("evdev.ecodes")
    written: list[tuple[str, int, int, int]] = []

    def opened(kinds: dict[int, Any], name: str) -> Any:
        def write(kind: int, code: int, value: int) -> None:
            known = [item[0] if isinstance(item, tuple) else item for item in kinds[kind]]
            assert code in known
            written.append((name, kind, code, value))

        return SimpleNamespace(write=write, syn=lambda: None)

    backend = UinputBackend(True, opened)
    presser = Presser(backend)
    presser.obey("arm")
    for line in ("press a", "press mouse.left", "press pad.a", "tilt left_y -1.0", "point 1.0 0.5", "move 3 -4"):
        presser.obey(line)
    presser.let_go()
    down = [(code, value) for _, kind, code, value in written if kind == ecodes.EV_KEY]
    keys = [ecodes.KEY_A, ecodes.BTN_LEFT, ecodes.BTN_SOUTH]
    assert down == [(key, 1) for key in keys] + [(key, 0) for key in reversed(keys)]
    assert ("Bodycast gamepad", ecodes.EV_ABS, ecodes.ABS_Y, -32767) in written
    assert written[-1] == ("Bodycast gamepad", ecodes.EV_ABS, ecodes.ABS_Y, 0)
    assert ("Bodycast pointer", ecodes.EV_ABS, ecodes.ABS_X, 32767) in written
    assert ("Bodycast mouse", ecodes.EV_REL, ecodes.REL_Y, -4) in written


def test_without_uinput_it_says_what_to_do() -> None:
    pytest.importorskip("evdev")

    def refused(*_: object, **__: object) -> Any:
        raise PermissionError(13, "Permission denied")

    with pytest.raises(BackendError, match="modprobe uinput"):
        UinputBackend(open_device=refused)


def test_the_usual_back_end_suits_the_computer() -> None:
    assert usual_backend(False, {}, "win32", False) == "pynput"
    assert usual_backend(False, {"DISPLAY": ":0"}, "linux", True) == "pynput"
    assert usual_backend(False, {"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}, "linux", True) == "uinput"
    assert usual_backend(False, {"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}, "linux", False) == "pynput"
    assert usual_backend(True, {"DISPLAY": ":0"}, "linux", False) == "uinput"
    with pytest.raises(BackendError, match="Linux only"):
        usual_backend(True, {}, "darwin", False)
