"""The process that presses the keys: it does what it is told through a pipe, and lets go of everything when that ends.

Only this process touches the keyboard, so it always knows what is down. The pipe ends when whoever holds its other end
dies, however that comes about; the panic key is heard here, so that it works even while the other side hangs.

Lines in: those of `bridge.macros.commands`; ``arm`` and ``disarm``; ``loosen KEY``, a release of what another process
may have pressed; ``beat``, a sign of life. Lines out: ``ready``, ``error TEXT``, ``panic``, ``arm`` (the key of each
was pressed), ``stalled``.
"""

from __future__ import annotations

import argparse
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from bridge.macros.backends import Backend, BackendError, PrintingBackend, open_backend
from bridge.macros.commands import Move, Point, Press, Release, Tilt, decode

HANG = 1.0
"""Seconds without a sign of life after which keys are let go of."""

_END = None
_OUT = 1  # the file descriptor


class Presser:
    """Carries out commands, and remembers what is down.

    Parameters
    ----------
    backend : Backend
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._down: dict[str, None] = {}  # in the order in which they were pressed
        self._tilted: set[str] = set()
        self.armed = False

    @property
    def holds(self) -> bool:
        """Whether anything is down."""
        return bool(self._down or self._tilted)

    def obey(self, line: str) -> None:
        """Do what a line says. While disarmed, only releases are done.

        Raises
        ------
        ValueError
            If it says nothing that is known.
        """
        match line.split():
            case ["arm"]:
                self.armed = True
            case ["disarm"]:
                self.let_go()
            case ["beat"]:
                pass
            case ["loosen", key]:
                self._down.pop(key, None)
                self._backend.release(key)
            case _:
                self._perform(line)

    def let_go(self) -> None:
        """Release everything and press nothing any more; what cannot be released keeps nothing else down."""
        self.armed = False
        failures = []
        for key in reversed(list(self._down)):
            try:
                self._release(key)
            except Exception as error:  # of the system's, any: the other keys must still be released
                failures.append(error)
        for axis in list(self._tilted):
            self._tilted.discard(axis)
            self._backend.tilt(axis, 0.0)
        if failures:
            raise failures[0]

    def _perform(self, line: str) -> None:
        command = decode(line)
        if isinstance(command, Release):
            if command.key in self._down:
                self._release(command.key)
        elif not self.armed:
            return
        elif isinstance(command, Press):
            if command.key not in self._down:
                self._down[command.key] = None  # before it is: a failure in between must not leave it down
                self._backend.press(command.key)
        elif isinstance(command, Point):
            self._backend.point(command.x, command.y)
        elif isinstance(command, Move):
            self._backend.move(command.x, command.y)
        elif isinstance(command, Tilt):
            self._tilted.add(command.axis)
            self._backend.tilt(command.axis, command.value)
            if command.value == 0:
                self._tilted.discard(command.axis)

    def _release(self, key: str) -> None:
        self._backend.release(key)
        self._down.pop(key, None)


def serve(
    presser: Presser,
    lines: queue.Queue[str | None],
    tell: Callable[[str], None],
    now: Callable[[], float] = time.monotonic,
) -> None:
    """Obey ``lines`` until None comes, which ends them; in the end nothing is down.

    Parameters
    ----------
    presser : Presser
    lines : queue of str
        ``panic`` and ``!arm`` come from the keyboard, all else from the pipe.
    tell : callable
        Takes lines for the other side.
    now : callable
        The clock.
    """
    heard = now()
    try:
        while True:
            try:
                line = lines.get(timeout=HANG / 4)
            except queue.Empty:
                if presser.holds and now() - heard > HANG:
                    presser.let_go()
                    tell("stalled")
                continue
            if line is _END:
                return
            if line == "!panic":
                presser.let_go()
                tell("panic")
            elif line == "!arm":
                tell("arm")
            else:
                heard = now()
                presser.obey(line)
    finally:
        presser.let_go()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a process of its own."""
    args = _arguments(arguments)
    for number in {signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGINT)}:
        signal.signal(number, signal.SIG_IGN)  # it ends with its pipe, after everything was let go of
    lines: queue.Queue[str | None] = queue.Queue()
    try:
        backend = PrintingBackend(sys.stderr) if args.dry_run else _open(args)
        if not args.dry_run:
            _listen({args.panic_key: "!panic", args.arm_key: "!arm"}, lines)
    except BackendError as error:
        _tell(f"error {error}")
        return 1
    _tell("ready")
    threading.Thread(target=_read, args=(sys.stdin, lines), daemon=True).start()
    try:
        serve(Presser(backend), lines, _tell)
    except BackendError as error:
        _tell(f"error {error}")
        return 1
    return 0


def _open(args: argparse.Namespace) -> Backend:
    return open_backend(args.backend, args.keys, args.pad, args.points)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bridge.macros.presser", description=__doc__)
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--keys", nargs="*", default=[])
    parser.add_argument("--pad", action="store_true")
    parser.add_argument("--points", action="store_true")
    parser.add_argument("--panic-key", default="")
    parser.add_argument("--arm-key", default="")
    return parser.parse_args(arguments)


def _read(stream: Iterable[str], lines: queue.Queue[str | None]) -> None:
    """Queue whole lines; one that was cut off by the end is no line."""
    try:
        for line in stream:
            if line.endswith("\n"):
                lines.put(line.strip())
    finally:
        lines.put(_END)


def _tell(text: str) -> None:
    try:
        os.write(_OUT, f"{' '.join(text.splitlines())}\n".encode())  # without a buffer, whose rest nobody takes
    except OSError:
        logging.getLogger(__name__).debug("nobody listens any more")  # the pipe in will end, too


def _listen(heard: dict[str, str], lines: queue.Queue[str | None]) -> None:
    """Queue a line whenever one of these keys is pressed, whatever window has the focus."""
    from bridge.macros.pynput_backend import PynputBackend

    wanted = {key: line for key, line in heard.items() if key}
    if not wanted:
        return
    try:
        from pynput import keyboard

        keys = PynputBackend()
    except (ImportError, BackendError):
        raise BackendError(
            f'the keys {", ".join(wanted)} cannot be listened to here; set panic_key to "" to do without'
        ) from None
    names = {keys.key(name): line for name, line in wanted.items()}

    def pressed(key: object) -> None:
        line = names.get(key)
        if line is not None:
            lines.put(line)

    listener = keyboard.Listener(on_press=pressed)
    listener.daemon = True
    listener.start()
    listener.wait()


if __name__ == "__main__":
    sys.exit(main())
