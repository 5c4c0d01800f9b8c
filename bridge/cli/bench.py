"""``bodycast bench``: how long each stage takes on this machine."""

from __future__ import annotations

import argparse
import json
from typing import Any

from bridge.cli.options import SOURCES, add_vision_options, chosen_lift, count, size
from bridge.cli.terminal import Terminal

EXAMPLES = """
examples:
  bodycast bench actor
  bodycast bench actor --people 6
  bodycast bench clip.mp4 --json
  bodycast bench wire
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``bench`` to the commands."""
    parser = commands.add_parser(
        "bench",
        help="how long each stage takes on this machine",
        description="Load pictures from a source, then measure the time of each stage and the time from a picture to "
        "the last byte on the wire, on one thread; more than two people are looked at on two. Decoding of videos is "
        "not part of it.",
        epilog=SOURCES + EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "source", metavar="SOURCE", help="see below; 'wire' measures what each format costs for a frame of six people"
    )
    parser.add_argument("--people", type=int, choices=range(1, 7), metavar="N", help="track at most N; so many actors")
    parser.add_argument("--frames", type=count, default=300, metavar="N", help="measure N frames (default 300)")
    parser.add_argument(
        "--size", type=size, default=(640, 480), metavar="WxH", help="picture size of the actor (default 640x480)"
    )
    parser.add_argument("--seed", type=int, default=0, help="which actor, in which room (default 0)")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    add_vision_options(parser)
    parser.set_defaults(command=run)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do it; the exit status."""
    if args.source == "wire":
        return _wire(args.json)
    import cv2

    from bridge.benchmark import benchmark, preloaded
    from bridge.hand_tracking import HandTracker
    from bridge.pipeline import Pipeline
    from bridge.sources import SourceError, open_source
    from bridge.timing import as_table
    from bridge.tracking import MAX_PEOPLE, Tracking
    from models import detector, hands, pose

    cv2.setNumThreads(1)
    spec = f"actor:{args.people}" if args.source == "actor" and args.people else args.source
    with open_source(spec, fast=True, size=args.size, seed=args.seed) as source:
        images = preloaded(source, most=min(args.frames, 150))
    if not images:
        raise SourceError(f"{spec}: no picture in it")
    pipeline = Pipeline(
        detector.PersonDetector(args.detector_model or detector.DEFAULT_WEIGHTS),
        pose.open_pose(args.pose_model or pose.DEFAULT_WEIGHTS),
        fov=args.fov,
        height=args.height,
        smoothing=args.smoothing,
        tracking=Tracking(people=args.people or MAX_PEOPLE),
        hands=HandTracker(hands.HandClassifier()),
        lift=chosen_lift(args),
    )
    result = benchmark(images, pipeline, args.frames)
    print(f"{spec}: {result.frames} frames, {result.bodies} bodies in each on average")
    print(as_table(result.stages))
    if args.json:
        print(json.dumps({"source": spec, **result.as_json()}))
    return 0


def _wire(as_json: bool) -> int:
    from bridge.wire_benchmark import PEOPLE, crowd, encoders, median_time

    frames = crowd()
    times = {name: median_time(encode, frames) for name, encode in encoders().items()}
    print(f"{f'format, {PEOPLE} people':<28}{'p50 us':>9}")
    for name, seconds in times.items():
        print(f"{name:<28}{seconds * 1e6:>9.1f}")
    if as_json:
        print(json.dumps({name: round(seconds * 1e6, 2) for name, seconds in times.items()}))
    return 0
