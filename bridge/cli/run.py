"""``bodycast run``: look at a source and publish who is there."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bridge.cli.gesture_options import add_gesture_options
from bridge.cli.options import (
    PUBLISHERS,
    SOURCES,
    add_display_options,
    add_publish_options,
    add_source_options,
    add_vision_options,
)
from bridge.cli.terminal import Terminal

DEFAULT_TARGETS = ("osc+kinectv2://127.0.0.1:12345", "zmq://127.0.0.1:5556")

EXAMPLES = """
examples:
  bodycast run
  bodycast run camera:1 --preview
  bodycast run clip.mp4 --publish osc+kinectv2://192.168.1.20:12345
  bodycast run --publish "osc+vmc://127.0.0.1?rate=30" --publish ws://127.0.0.1
  bodycast run clip.mp4 --fast --stats stats.json
  bodycast run actor:3 --record trio --seconds 20
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``run`` to the commands."""
    parser = commands.add_parser(
        "run",
        help="look at a source and publish who is there",
        description="Look at a source and publish everyone in it as Kinect v2 bodies, until it ends or Ctrl-C.",
        epilog=SOURCES + "\n" + PUBLISHERS + EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "source", nargs="?", metavar="SOURCE", help="see below; without it the camera, or the actor where there is none"
    )
    group = parser.add_argument_group("output")
    add_publish_options(
        group, f"where to; may be given several times (default {' and '.join(DEFAULT_TARGETS)}); or a TOML file"
    )
    group.add_argument("--record", type=Path, metavar="FOLDER", help="keep a recording, too")
    group.add_argument("--color", action="store_true", help="and the pictures with it")
    group.add_argument("--stats", type=Path, metavar="FILE", help="write times and counts there at the end, as JSON")
    add_source_options(parser)
    add_vision_options(parser)
    add_display_options(parser)
    add_gesture_options(parser)
    parser.set_defaults(command=run)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do it; the exit status."""
    if args.color and args.record is None:
        terminal.say("error: --color keeps pictures in a recording: give --record FOLDER, too")
        return 2
    from bridge.cli.loop import perform

    return perform(args, terminal, args.publish or DEFAULT_TARGETS, args.record)
