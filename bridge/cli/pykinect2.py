"""``bodycast pykinect2``: run an old Kinect program without a Kinect."""

from __future__ import annotations

import argparse
import runpy
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.cli.options import SOURCES, add_source_options, add_vision_options
from bridge.cli.terminal import Terminal

if TYPE_CHECKING:
    from bridge.pykinect2_compat.feed import Feed

EXAMPLES = """\
  zmq://HOST:PORT        the bodies of a Bodycast that runs elsewhere; without pictures

examples:
  bodycast pykinect2 PyKinectBodyGame.py
  bodycast pykinect2 PyKinectBodyGame.py --source actor:2
  bodycast pykinect2 --source clip.mp4 program.py its arguments
  bodycast pykinect2 --source clip.mp4 program.py -- --source its-own

The program is not changed, and pykinect2 need not be installed: "import pykinect2" gives Bodycast's. Its other
packages, pygame or OpenCV for example, must be there. What follows its name and is no option of ours is the program's;
so is everything after --.
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``pykinect2`` to the commands."""
    parser = commands.add_parser(
        "pykinect2",
        help="run a Python program for the Kinect v2, without a Kinect",
        description="Run a Python program that was written for a Kinect v2 and pykinect2, unmodified, on any source.",
        epilog=SOURCES + EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("program", type=Path, metavar="PROGRAM.py", help="the program")
    parser.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="ARGUMENT", help="its arguments, and our options"
    )
    _add_options(parser)
    parser.set_defaults(command=run)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do it; the exit status."""
    arguments = _take_later_options(args)
    program: Path = args.program
    if not program.is_file():
        terminal.say(f"error: {program}: there is no such program")
        return 1
    from bridge.pykinect2_compat import installed

    with installed(lambda: _open(args, terminal)), _as_main(program, arguments):
        runpy.run_path(str(program), run_name="__main__")
    return 0


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--source",
        metavar="SOURCE",
        help="what the program sees, see below; without it the camera, or the actor where there is none",
    )
    add_source_options(parser)
    add_vision_options(parser)
    parser.set_defaults(preview=False, snapshot=None, color=True)  # the program wants pictures


def _take_later_options(args: argparse.Namespace) -> list[str]:
    """Move our options from what follows the program's name, up to ``--``, into ``args``; the rest is the program's."""
    words: list[str] = args.arguments
    end = words.index("--") if "--" in words else len(words)
    later = argparse.ArgumentParser(prog="bodycast pykinect2", add_help=False, allow_abbrev=False)
    _add_options(later)
    _, rest = later.parse_known_args(words[:end], args)  # what is in args already is no default any more
    return [*rest, *words[end + 1 :]]


def _open(args: argparse.Namespace, terminal: Terminal) -> Feed:
    from bridge.pykinect2_compat.feed import Feed, RemoteBodies

    if args.source is not None and args.source.startswith("zmq://"):
        return Feed(RemoteBodies(args.source))
    from bridge.calibration import KnownCamera
    from bridge.cli.stream import Seen, open_stream

    stream = open_stream(args, terminal)
    camera = KnownCamera(stream.name, args.fov) if isinstance(stream, Seen) else None
    terminal.say(f"the program sees {stream.name}")
    if args.frames is None and args.seconds is None:
        return Feed(stream, camera)
    from bridge.cli.loop import limited

    return Feed(stream, camera, lambda frames: limited(frames, args.frames, args.seconds))


@contextmanager
def _as_main(program: Path, arguments: Sequence[str]) -> Iterator[None]:
    """Arguments and module path are those of ``python PROGRAM.py ...`` for a while."""
    argv, path = sys.argv[:], sys.path[:]
    sys.argv[:] = [str(program), *arguments]
    sys.path.insert(0, str(program.resolve().parent))
    try:
        yield
    finally:
        sys.argv[:], sys.path[:] = argv, path
