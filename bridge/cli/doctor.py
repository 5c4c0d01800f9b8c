"""``bodycast doctor``: what works on this machine, and what to do about the rest."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bridge.cli.terminal import Terminal

if TYPE_CHECKING:
    from bridge.doctor import Finding

EXAMPLES = """\
examples:
  bodycast doctor
  bodycast doctor --camera 1
  bodycast doctor --json
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``doctor`` to the commands."""
    parser = commands.add_parser(
        "doctor",
        help="what works on this machine, and what to do about the rest",
        description="Examine Python, packages, camera, networks, ports and publishers. Status 0 if all that is "
        "essential works, otherwise 1.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--camera", type=int, default=0, metavar="N", help="the camera to examine (default 0)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.set_defaults(command=run)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do it; the exit status."""
    from bridge.doctor import examine

    findings = []
    for finding in examine(args.camera):
        findings.append(finding)
        if not args.json:
            print(told(finding), flush=True)
    well = all(finding.works for finding in findings if finding.essential)
    if args.json:
        print(json.dumps({"works": well, "findings": [asdict(finding) for finding in findings]}))
    else:
        print("Bodycast works here." if well else "Bodycast does not work here yet.")
    return 0 if well else 1


def told(finding: Finding) -> str:
    """A finding as text, with its advice on a line of its own."""
    mark = "ok  " if finding.works else "FAIL" if finding.essential else "note"
    line = f"{mark}  {finding.name}: {finding.text}"
    return f"{line}\n      -> {finding.advice}" if finding.advice else line
