"""What the user reads: one line each, and a status line only where somebody watches."""

from __future__ import annotations

import importlib
import io
import logging

import numpy as np

from bridge.cli.meter import Meter
from bridge.cli.terminal import KNOWN_ERRORS, Terminal, known_error
from bridge.sources import SourceError
from models.body import Body, BodyFrame
from models.joints import Joint


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_message_is_one_line_whatever_is_in_it() -> None:
    stream = io.StringIO()
    Terminal(stream).say("first\nsecond")
    assert stream.getvalue() == "bodycast: first second\n"


def test_a_log_file_gets_no_status_line() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream)
    terminal.show_status("30 frames/s")
    terminal.end()
    assert stream.getvalue() == ""


def test_a_message_takes_the_place_of_the_status_line() -> None:
    stream = Screen()
    terminal = Terminal(stream)
    terminal.show_status("30 frames/s, 1 body, 12.0 ms and more")
    terminal.say("done")
    terminal.end()
    status, _, message = stream.getvalue().removeprefix("\r").partition("\r")
    assert status == "30 frames/s, 1 body, 12.0 ms and more"
    assert message.rstrip() == "bodycast: done"
    assert len(message.rstrip("\n")) >= len(status)


def test_a_warning_of_the_log_is_told_as_long_as_the_program_runs() -> None:
    stream = io.StringIO()
    before = logging.getLogger().handlers[:]
    with Terminal(stream).listening_to_log():
        logging.getLogger("bridge.sources").warning("%s: cut off", "clip.mp4")
        logging.getLogger("bridge.sources").info("not told")
    assert logging.getLogger().handlers == before
    assert stream.getvalue() == "bodycast: warning: clip.mp4: cut off\n"


def test_errors_of_the_user_are_known_and_mistakes_of_ours_are_not() -> None:
    assert known_error(SourceError("clip.mp4: gone")) == "clip.mp4: gone"
    assert known_error(FileNotFoundError(2, "No such file", "stats.json")) == "stats.json: No such file"
    assert "bodycast[train]" in str(known_error(ModuleNotFoundError("no torch", name="torch")))
    assert known_error(ZeroDivisionError()) is None
    assert known_error(ModuleNotFoundError("no bridge.nothing", name="bridge.nothing")) is None


def test_the_known_errors_exist() -> None:
    for module, name in KNOWN_ERRORS.items():
        assert issubclass(getattr(importlib.import_module(module), name), Exception)


def frame_with(people: int, number: int) -> BodyFrame:
    joints = len(Joint)
    body = Body(1, 0, np.zeros((joints, 3), np.float32), np.zeros((joints, 4), np.float32), np.zeros(joints, np.uint8))
    return BodyFrame(number / 30, number, (body,) * people)


def test_the_meter_counts_frames_and_tells_their_rate_once_a_second() -> None:
    clock = [100.0]
    meter = Meter(lambda: clock[0])
    told = []
    for number in range(61):
        clock[0] = 100 + number / 30
        meter.count(frame_with(number % 2, number), 0.012)
        told.append(meter.status())
    assert [line for line in told if line] == [
        "31 frames/s, 0 bodies, 12.0 ms latency",
        "30 frames/s, 0 bodies, 12.0 ms latency",
    ]
    assert meter.total() == "61 frames in 2.0 s, 30 of them with a body"
    assert meter.summary() == {"frames": 61, "frames_with_body": 30, "seconds": 2.0, "fps": 30.5}
