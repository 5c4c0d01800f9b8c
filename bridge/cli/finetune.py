"""``bodycast finetune``: make the pose network excellent at what recordings show."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.cli.options import count, positive, size
from bridge.cli.terminal import Terminal
from bridge.model_folders import model_folder

if TYPE_CHECKING:
    from bridge.finetuning import Request

EXAMPLES = """
needs the extra: pip install "bodycast[train]"

RECORDING is a folder that "bodycast record kinect FOLDER --color" made, or one with several of them. Whole
recordings are held out to measure on - every fifth, or those that --hold-out names - and of a single one its last
fifth. NAME is a name, kept in your data folder, or a folder such as ./dance. There you find report.html.
Ctrl-C leaves a checkpoint; the same command with --resume goes on.

examples:
  bodycast finetune dance1 dance2 dance3 --out dance
  bodycast finetune recordings/keraal --hold-out clip3,clip7 --out keraal --minutes 10
  bodycast finetune recordings/depth --hold-out s6 --out depth --no-flip --rate 1e-3
  bodycast finetune dance1 dance2 dance3 --out dance --resume
  bodycast run --model dance
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``finetune`` to the commands."""
    parser = commands.add_parser(
        "finetune",
        help="make the pose network excellent at what recordings show",
        description="Train the pose network on recordings, quantise it, train the lift for it where a Kinect v2 told "
        "the joints in space, and report how right they were before and after.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("recordings", nargs="+", type=Path, metavar="RECORDING", help="see below")
    parser.add_argument("--out", type=model, required=True, metavar="NAME", help="what to call the result")
    parser.add_argument("--hold-out", metavar="A,B", help="recordings to measure on, by the names of their folders")
    parser.add_argument("--minutes", type=positive, default=25.0, help="time for all of it (default 25)")
    parser.add_argument("--resume", action="store_true", help="go on after an interruption")
    parser.add_argument("--pipeline", action="store_true", help="measure detector and tracker on the videos, too")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    _add_training_options(parser.add_argument_group("training"))
    parser.set_defaults(command=run)


def _add_training_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--generic", type=Path, metavar="DATA", help="mix in generic people, against forgetting them")
    group.add_argument("--init", type=Path, metavar="FILE", help="other weights to start from (pose_lite.pt)")
    group.add_argument("--size", type=size, metavar="WxH", help="size of the network's view (default: as it is)")
    group.add_argument("--most", type=count, default=2400, metavar="N", help="learn from N frames (default 2400)")
    group.add_argument("--steps", type=count, metavar="N", help="so many steps, however long they take")
    group.add_argument("--batch", type=count, default=32, help="views a step (default 32)")
    group.add_argument("--rate", type=positive, default=5e-4, help="highest learning rate (default 0.0005)")
    group.add_argument("--no-flip", action="store_true", help="never mirror: for labels or people with a better side")
    group.add_argument("--seed", type=int, default=0, help="of everything random (default 0)")
    group.add_argument("--threads", type=count, default=min(os.cpu_count() or 1, 8), help="processor threads")
    group.add_argument("--workers", type=int, choices=range(0, 17), default=1, metavar="N", help="processes for views")


def model(text: str) -> Path:
    """The folder that the name of a network stands for."""
    try:
        return model_folder(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do it; the exit status."""
    began = time.monotonic()
    import json
    import sys

    from bridge.finetuning import carry_out

    try:
        report, numbers = carry_out(_request(args), began, terminal.say)
    except KeyboardInterrupt:
        if (args.out / "checkpoint.pt").exists():
            terminal.say(f"interrupted; the same command with --resume goes on from {args.out / 'checkpoint.pt'}")
        raise
    terminal.say(f"wrote {args.out}; see {report}")
    if args.json:
        sys.stdout.write(json.dumps(numbers) + "\n")
    return 0


def _request(args: argparse.Namespace) -> Request:
    from bridge.finetuning import Request

    return Request(
        recordings=tuple(args.recordings),
        folder=args.out,
        hold_out=tuple(args.hold_out.split(",")) if args.hold_out else None,
        minutes=args.minutes,
        resume=args.resume,
        pipeline=args.pipeline,
        generic=args.generic,
        init=args.init,
        size=args.size,
        most=args.most,
        steps=args.steps,
        batch=args.batch,
        rate=args.rate,
        flips=not args.no_flip,
        seed=args.seed,
        threads=args.threads,
        workers=args.workers,
        command=_command(args),
    )


def _command(args: argparse.Namespace) -> str:
    """The command again, with what matters to the result."""
    words = ["bodycast finetune", *map(str, args.recordings), f"--out {args.out.name} --minutes {args.minutes:g}"]
    words += [f"--hold-out {args.hold_out}"] if args.hold_out else []
    words += [f"--generic {args.generic}"] if args.generic else []
    words += [f"--steps {args.steps}"] if args.steps else []
    words += ["--no-flip"] if args.no_flip else []
    return " ".join([*words, f"--batch {args.batch} --rate {args.rate:g} --most {args.most} --seed {args.seed}"])
