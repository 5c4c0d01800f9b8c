"""``bodycast record``: keep what a source shows as a recording."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bridge.cli.options import (
    SOURCES,
    add_display_options,
    add_publish_options,
    add_source_options,
    add_vision_options,
)
from bridge.cli.terminal import Terminal

EXAMPLES = """
examples:
  bodycast record camera dance
  bodycast record camera:1 dance --color --preview --seconds 60
  bodycast record camera dance --teacher osc+kinectv2://0.0.0.0:12345
  bodycast record kinect dance
  bodycast run dance                    replays it
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``record`` to the commands."""
    parser = commands.add_parser(
        "record",
        help="keep what a source shows as a recording",
        description="Write everyone in a source into a folder, until it ends or Ctrl-C; 'bodycast run' replays it.",
        epilog=SOURCES + EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("source", metavar="SOURCE", help="see below")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder for the recording")
    group = parser.add_argument_group("output")
    group.add_argument(
        "--color",
        action=argparse.BooleanOptionalAction,
        help="keep the pictures, too (without this, only a Kinect's are kept)",
    )
    add_publish_options(group, "publish at the same time; see 'run'")
    group.add_argument("--stats", type=Path, metavar="FILE", help="write times and counts there at the end, as JSON")
    group.add_argument(
        "--teacher",
        metavar="URL",
        help="listen there for a Kinect that sends KinectV2-OSC and watches the same person; in the end its bodies, as "
        "the camera sees them, are the recording's (osc+kinectv2://:12345; with the host 0.0.0.0, from any computer)",
    )
    add_source_options(parser)
    add_vision_options(parser)
    add_display_options(parser)
    parser.set_defaults(command=run)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do it; the exit status."""
    if args.color is None:
        args.color = args.source == "kinect"  # what it labels is what one records it for
    if args.teacher is not None:
        from bridge.cli.teaching import record_with_teacher

        return record_with_teacher(args, terminal)
    if args.source == "kinect":
        from bridge.cli.teaching import record_kinect

        return record_kinect(args, terminal)
    from bridge.cli.loop import perform

    return perform(args, terminal, args.publish or (), args.folder)
