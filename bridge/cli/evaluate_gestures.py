"""The part of ``bodycast evaluate`` that judges gestures."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bridge.cli.options import count

HELP = """\
  gestures FILE.npz    share of gestures told right: trained on the odd subjects of a file of skeletons, tested on the
                       even ones; --lifted: as a webcam sees them, through the lift
  few-shot FILE.npz    the same with --shots demonstrations of each gesture by other people, one subject after the other
  builtin DATA         F1 of the built-in gestures on motion capture whose styles nothing was trained on
  spotting DATA        F1, delay and false events of the built-in gestures in unsegmented streams of held-out people
"""

EXAMPLES = """\
  bodycast evaluate gestures data/kinect/utd_mhad_skeletons.npz --protocol cross-subject --lifted --json
  bodycast evaluate few-shot data/kinect/utd_mhad_skeletons.npz --shots 2 --json
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of what is measured here."""
    group = parser.add_argument_group("gestures")
    group.add_argument("--protocol", choices=("cross-subject",), default="cross-subject", help="who trains, who tests")
    group.add_argument("--lifted", action="store_true", help="gestures: as a webcam would see them, lifted")
    group.add_argument("--shots", type=count, default=2, metavar="K", help="few-shot: demonstrations (default 2)")
    group.add_argument("--confusion", type=Path, metavar="FILE.png", help="draw who was taken for whom")


def _gestures(args: argparse.Namespace) -> dict[str, Any]:
    from bridge.gesture_evaluation import cross_subject, read_people

    motions = read_people(args.path)
    result = cross_subject(motions, args.lifted)
    how = "odd subjects to even ones" + (", lifted" if args.lifted else "")
    return _told(args, result, f"{args.path.stem}, {how}", {"protocol": args.protocol, "lifted": int(args.lifted)})


def _few_shot(args: argparse.Namespace) -> dict[str, Any]:
    from bridge.gesture_evaluation import few_shot, read_people

    result = few_shot(read_people(args.path), args.shots)
    return _told(args, result, f"{args.path.stem}, {args.shots} shots of other people", {"shots": args.shots})


def _told(args: argparse.Namespace, result: Any, title: str, more: dict[str, Any]) -> dict[str, Any]:
    tests, classes = int(result.confusion.sum()), len(result.names)
    if args.confusion:
        from bridge.confusion_picture import draw_confusion, save_confusion

        title = f"{title}: {result.accuracy:.1%} of {tests}"
        save_confusion(args.confusion, draw_confusion(result.names, result.confusion, title))
    return {"accuracy": result.accuracy, **more, "gestures": classes, "tests": tests}


def _builtin(args: argparse.Namespace) -> dict[str, Any]:
    from bridge.spotting_evaluation import evaluate_builtin

    return evaluate_builtin(args.path)


def _spotting(args: argparse.Namespace) -> dict[str, Any]:
    from bridge.spotting_evaluation import evaluate_spotting

    return evaluate_spotting(args.path)


MEASURES = {"gestures": _gestures, "few-shot": _few_shot, "builtin": _builtin, "spotting": _spotting}
