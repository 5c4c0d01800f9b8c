"""The keyboard as the engine's side sees it: a process that presses, watched and replaced when it dies."""

from __future__ import annotations

import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO

from bridge.macros.commands import Command, Press, encode
from bridge.macros.macro import Profile

PATIENCE = 20.0
"""Seconds that the process may take to start; loading pynput takes one on a slow disk."""

GOODBYE = 3.0
"""Seconds that it may take to let go and end."""

_ROOT = str(Path(__file__).parents[2])

log = logging.getLogger(__name__)


class KeyboardError(Exception):
    """The process that presses keys cannot be used, or has died."""


class Keyboard:
    """Presses keys through a process of its own, which lets go of everything when this one dies.

    Parameters
    ----------
    profile : Profile
        Its keys, back end, and keys for panic and arming count.
    dry_run : bool
        Print instead.

    Raises
    ------
    KeyboardError
        If keys cannot be pressed here; it says what to do.
    """

    def __init__(self, profile: Profile, dry_run: bool = False) -> None:
        self._command = [sys.executable, "-P", "-m", "bridge.macros.presser", "--backend", profile.backend]
        self._command += ["--panic-key", profile.panic_key, "--arm-key", profile.arm_key]
        self._command += ["--dry-run"] if dry_run else []
        self._command += ["--pad"] if profile.needs_pad else []
        self._command += ["--points"] if profile.points else []
        self._command += ["--keys", *sorted(profile.keys)]
        self._pressed: set[str] = set()
        self._notes: queue.Queue[str | None] = queue.Queue()
        self._process = self._start()

    def __enter__(self) -> Keyboard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def process(self) -> int:
        """Number of the process that presses."""
        return self._process.pid

    def send(self, commands: Iterable[Command]) -> None:
        """Have these commands done.

        Raises
        ------
        KeyboardError
            If the process has died; what it held was released.
        """
        lines = []
        for command in commands:
            if isinstance(command, Press):
                self._pressed.add(command.key)
            lines.append(encode(command))
        if lines:
            self._write(lines)

    def arm(self) -> None:
        """Let it press from now on."""
        self._write(["arm"])

    def disarm(self) -> None:
        """Release everything and press nothing until armed again."""
        self._write(["disarm"])

    def beat(self) -> None:
        """Give a sign of life; without one for a second, what is down is released."""
        self._write(["beat"])

    def notes(self) -> list[str]:
        """What it has said since the last time: ``panic``, ``arm`` or ``stalled``.

        Raises
        ------
        KeyboardError
            If it has died.
        """
        found = []
        while not self._notes.empty():
            note = self._notes.get_nowait()
            if note is None:
                self._rescue()
            elif note.startswith("error "):
                raise KeyboardError(note.removeprefix("error "))
            else:
                found.append(note)
        return found

    def close(self) -> None:
        """Release everything and end the process; closing twice is allowed."""
        self._end(self._process)

    def _write(self, lines: Iterable[str]) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        try:
            pipe.write("".join(f"{line}\n" for line in lines))
            pipe.flush()
        except (OSError, ValueError):  # the pipe is broken or closed
            self._rescue()

    def _start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": os.pathsep.join([_ROOT, *filter(None, [os.environ.get("PYTHONPATH")])])},
            start_new_session=True,  # Ctrl-C at the terminal is for us alone
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        notes = self._notes = queue.Queue()
        assert process.stdout is not None
        threading.Thread(target=_read, args=(process.stdout, notes), daemon=True).start()
        try:
            first = notes.get(timeout=PATIENCE)
        except queue.Empty:
            first = f"error the process that presses keys has not started within {PATIENCE:.0f} s"
        if first != "ready":
            self._end(process)
            raise KeyboardError((first or "error the process that presses keys has died").removeprefix("error "))
        return process

    def _rescue(self) -> None:
        """The process has died, and what it held may still be down: have another one release that, and give up."""
        self._end(self._process)
        said = [note for note in _waiting(self._notes) if note is not None and note.startswith("error ")]
        process = self._start()
        try:
            assert process.stdin is not None
            process.stdin.write("".join(f"loosen {key}\n" for key in sorted(self._pressed)))
            process.stdin.flush()
        finally:
            self._end(process)
        why = said[0].removeprefix("error ") if said else "it was killed"
        raise KeyboardError(f"the process that presses keys has ended ({why}); all keys were released")

    def _end(self, process: subprocess.Popen[str]) -> None:
        _close(process.stdin)
        try:
            process.wait(GOODBYE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _waiting(notes: queue.Queue[str | None]) -> list[str | None]:
    found = []
    while not notes.empty():
        found.append(notes.get_nowait())
    return found


def _close(pipe: IO[str] | None) -> None:
    try:
        if pipe is not None:
            pipe.close()
    except OSError:
        log.debug("the pipe was broken already")


def _read(stream: IO[str], notes: queue.Queue[str | None]) -> None:
    with stream:
        for line in stream:
            notes.put(line.strip())
    notes.put(None)
