"""``bodycast profiles``: what can be published, with every option."""

from __future__ import annotations

import argparse
from typing import Any

from bridge.cli.terminal import Terminal

EXAMPLES = """
examples:
  bodycast profiles
  bodycast profiles --markdown > docs/osc.md
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``profiles`` to the commands."""
    parser = commands.add_parser(
        "profiles",
        help="the formats that --publish knows, and their options",
        description="List the formats that --publish knows, with their ports and options.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--markdown", action="store_true", help="the whole reference, with every address")
    parser.set_defaults(command=run)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do it; the exit status."""
    from bridge.osc_reference import overview, reference

    print(reference() if args.markdown else overview())
    return 0
