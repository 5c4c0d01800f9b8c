"""A stage for tests of macros: a window that sees keys, somebody whom the bridge sees, and the command between them."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bridge.zmq_publisher import ZmqPublisher
from gestures.event import GestureEvent, Phase
from models.body import BodyFrame

DEADLINE = 60.0
"""Seconds that anything may take on a busy machine before it is taken as never."""

PROFILE = """
panic_key = "f12"
arm_key = "f9"
arm_gesture = "clap"
panic_gesture = "t_pose"
timeout = 2.0

[[macro]]
do = "hold"
gesture = "jump"
keys = "space"

[[macro]]
do = "hold"
gesture = "duck"
keys = ["ctrl", "x"]

[[macro]]
do = "tap"
gesture = "push"
keys = "a"
"""


class Window:
    """A pygame window, and what it has seen."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        assert self.next(lambda seen: "ready" in seen)

    def next(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next thing of this kind that the window sees."""
        end = time.monotonic() + DEADLINE
        while (left := end - time.monotonic()) > 0:
            try:
                seen = self._lines.get(timeout=left)
            except queue.Empty:
                break
            if wanted(seen):
                return seen
        raise AssertionError("the window has not seen it")

    def key(self, name: str, down: bool) -> float:
        """When a key next went down or up."""
        return float(self.next(lambda seen: seen.get("key") == name and seen["down"] is down)["time"])

    def seen(self) -> list[tuple[str, bool]]:
        """All keys so far that nobody asked for."""
        found = []
        while not self._lines.empty():
            line = self._lines.get_nowait()
            found += [(line["key"], line["down"])] if "key" in line else []
        return found

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout:
            for line in self.process.stdout:
                if line.startswith("{"):
                    self._lines.put(json.loads(line))


@contextmanager
def macros(folder: Path, bridge: ZmqPublisher, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command, while it looks at ``bridge``."""
    (folder / "my.toml").write_text(PROFILE)
    url = bridge.address.replace("tcp", "zmq")
    command = [sys.executable, "-m", "bridge.cli", "macros", str(folder / "my.toml"), "--from", url, *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


class Player:
    """Somebody whom the bridge sees, in a thread, thirty times a second."""

    def __init__(self, bridge: ZmqPublisher, frame: BodyFrame) -> None:
        self._bridge, self._frame = bridge, frame
        self._does: queue.Queue[tuple[str, Phase]] = queue.Queue()
        self._told: queue.Queue[float] = queue.Queue()
        self._leaving = threading.Event()
        self._gone = threading.Event()

    def does(self, gesture: str, phase: Phase) -> float:
        """Have a gesture published; when it was."""
        self._does.put((gesture, phase))
        return self._told.get(timeout=DEADLINE)

    def leaves(self) -> None:
        """Be seen no more."""
        self._gone.set()

    def __enter__(self) -> Player:
        self._thread = threading.Thread(target=self._play)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        self._thread.join()

    def _play(self) -> None:
        (body,) = self._frame.bodies
        nobody = BodyFrame(0.0, 0)
        while not self._leaving.wait(1 / 30):
            events = []
            if not self._does.empty():
                gesture, phase = self._does.get()
                events = [GestureEvent(gesture, body.tracking_id, 0.0, phase)]
            now = time.monotonic()
            self._bridge.send(nobody if self._gone.is_set() else self._frame)
            self._bridge.tell(events)
            if events:
                self._told.put(now)


def line_from(process: subprocess.Popen[str], text: str) -> str:
    """The next line of the command with this text."""
    assert process.stderr is not None
    for line in process.stderr:
        if text in line:
            return line
    raise AssertionError(f"it has ended without saying {text!r}")


def ready(process: subprocess.Popen[str], player: Player, window: Window) -> None:
    """Wait until the command hears the bridge: a tap comes through."""
    line_from(process, "armed")
    while True:
        player.does("push", "detected")
        try:
            seen = window._lines.get(timeout=0.5)
        except queue.Empty:
            continue
        if seen.get("key") == "a":
            break
    window.key("a", False)
