"""The command line: ``bodycast run``, ``record``, ``doctor`` and the rest."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from bridge.cli import (
    bench,
    calibrate,
    doctor,
    evaluate,
    finetune,
    gestures,
    hub,
    import_,
    keys,
    macros,
    play,
    profiles,
    pykinect2,
    record,
    run,
    train,
)
from bridge.cli.terminal import Terminal, known_error

COMMANDS = (
    run,
    record,
    doctor,
    calibrate,
    train,
    finetune,
    import_,
    evaluate,
    bench,
    pykinect2,
    profiles,
    keys,
    hub,
    gestures,
    macros,
    play,
)

EPILOG = """\
examples:
  bodycast run                        the camera, or the built-in actor where there is none
  bodycast run clip.mp4 --preview     a video, in a window
  bodycast record camera dance        a recording, in the folder dance
  bodycast run dance                  and its replay
  bodycast doctor                     what works on this machine, and what to do about the rest
"""


class Terminated(KeyboardInterrupt):
    """The system asked us to end (SIGTERM)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``bodycast`` with these arguments, by default the program's own, and give its exit status.

    Known errors become one line on stderr and status 1; Ctrl-C gives 130 and SIGTERM 143, after everything was closed.
    """
    args = parser().parse_args(arguments)
    terminal = Terminal()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start background jobs without one
    signal.signal(signal.SIGTERM, _terminate)
    with terminal.listening_to_log():
        return _perform(args, terminal)


def _perform(args: argparse.Namespace, terminal: Terminal) -> int:
    """Run the command; the exit status."""
    try:
        status = args.command(args, terminal)
    except Terminated:
        status = 143
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:  # whoever read our output has gone, as in "bodycast doctor | head"
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    except Exception as error:
        line = known_error(error)
        if line is None:
            raise
        terminal.say(f"error: {line}")
        status = 1
    terminal.end()
    return int(status)


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = _Parser(
        prog="bodycast",
        description="Turns any camera into a Kinect: bodies and gestures over OSC and ZeroMQ.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action=_Version)
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(commands)
    return top


class _Parser(argparse.ArgumentParser):
    """Tells a wrong option on one line, like every other error."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message}; see {self.prog} --help\n")


class _Version(argparse.Action):
    """Look the version up only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="show the version and exit")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"bodycast {version('bodycast')}")
        parser.exit()


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated
