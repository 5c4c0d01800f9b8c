"""``bodycast import``: turn a public set into recordings, to fine-tune on."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bridge.cli.terminal import Terminal

EXAMPLES = """
sets:
  keraal            colour videos with a Kinect v2's skeleton: NAME.mp4 with NAME.npz beside it
  utd-mhad-depth    depth pictures of a Kinect v1 with its joints: s1/*.png and so on, and labels.npz;
                    they come 0.058 s late, which is put right, best with utd_mhad_skeletons.npz beside the folder

examples:
  bodycast import keraal data/kinect/keraal recordings/keraal
  bodycast import utd-mhad-depth data/kinect/utd_mhad_depth recordings/depth
  bodycast finetune recordings/keraal --out keraal
"""

SETS = ("keraal", "utd-mhad-depth")


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``import`` to the commands."""
    parser = commands.add_parser(
        "import",
        help="turn a public set into recordings, to fine-tune on",
        description="Turn a public set that was recorded with a Kinect into recordings, one for each clip or subject.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("set", choices=SETS, help="which one")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where it lies")
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder for the recordings")
    parser.add_argument(
        "--delay",
        type=float,
        metavar="SECONDS",
        help="utd-mhad-depth: how late pictures come (default 0.058; 0 takes labels as they are)",
    )
    parser.set_defaults(command=run)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do it; the exit status."""
    from bridge.keraal import import_keraal
    from bridge.utd_mhad import DELAY, import_utd_mhad_depth

    if args.set == "keraal":
        written = import_keraal(args.folder, args.out)
    else:
        written = import_utd_mhad_depth(args.folder, args.out, DELAY if args.delay is None else args.delay)
    terminal.say(f"wrote {len(written)} recordings into {args.out}")
    return 0
