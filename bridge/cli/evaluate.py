"""``bodycast evaluate``: how right the networks are on labelled data."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bridge.cli import evaluate_gestures, people
from bridge.cli.options import add_model_options, chosen_lift, count
from bridge.cli.terminal import Terminal
from bridge.model_folders import lift_beside

EXAMPLES = """
what is measured:
  pose FILE.json       PCK@0.2 per limb joint, crops from the boxes in the file (COCO keypoints)
  detector FILE.json   AP50 and recall (COCO boxes)
  lift FILE.npz        joint errors in mm of the lift alone, from keypoints with errors like our network's, on recorded
                       skeletons (Kinder-Gator, UTD-MHAD, ...; people whom no recipe saw, unless --names says others)
  orientations FOLDER  angles between our orientations and a Kinect's on its own skeletons
  kinect FOLDER        PCK@0.2 and joint errors in mm of the whole pipeline on videos against the Kinect joints recorded
                       with them
  hands FILE.json      share of hands whose state is right (hand crops with landmarks and states)
  hands FOLDER         the same in whole pictures of gestures, where the pose network finds the hand
  hands-video PATH     how steady the hand states are, on a video or a folder of videos
  people actor         MOTA and IDF1 of the ids on all scripts of the actor in which people cross, hide, leave, return
  people NAME:N,...    the same on some: crossing, hiding, returning, walking or gestures, with N people
  people FOLDER        the same on people cut out of the clips that --names names, one person in each, who cross
  smoothing FOLDER     jitter of joints at rest and lag of joints that move, by each --smoothing, on the videos there
  recording FOLDER     PCK@0.2 on recordings with a Kinect's labels, crops from the labels; see 'bodycast finetune'

examples:
  bodycast evaluate pose data/pose/lspet/val.json
  bodycast evaluate pose data/pose/flic/train.json --held-out
  bodycast evaluate detector data/detection/penn_fudan/test.json --json
  bodycast evaluate lift data/kinect/kinder_gator_15fps.npz --json
  bodycast evaluate lift data/kinect/utd_mhad_skeletons.npz --names 1,3
  bodycast evaluate orientations data/kinect/keraal
  bodycast evaluate kinect data/kinect/keraal --names cacheTete_Correct0,cacheTete_Correct1
  bodycast evaluate hands data/hands/train.json --json
  bodycast evaluate hands data/pose/webcam --names a
  bodycast evaluate hands-video data/video
  bodycast evaluate people crossing:3,hiding:2 --seeds 5
  bodycast evaluate people data/video --names asl_again,asl_book,asl_eat,asl_please
  bodycast evaluate smoothing data/video --chart smoothing.png
  bodycast evaluate recording recordings/depth --names s6 --model depth
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``evaluate`` to the commands."""
    parser = commands.add_parser(
        "evaluate",
        help="measure the networks on labelled data",
        description="Measure how right the networks are on labelled data.",
        epilog=EXAMPLES.replace("\n\nexamples", f"\n{evaluate_gestures.HELP}\nexamples") + evaluate_gestures.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("what", choices=tuple(_MEASURES))
    parser.add_argument("path", type=Path, metavar="FILE|FOLDER|SCRIPTS")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line on stdout")
    parser.add_argument(
        "--pose-model",
        type=Path,
        metavar="FILE",
        help="another pose network (ONNX; of RTMPose's form with a TOML file beside it)",
    )
    add_model_options(parser)
    parser.add_argument("--detector-model", type=Path, metavar="FILE", help="another person detector (ONNX)")
    parser.add_argument("--held-out", action="store_true", help="pose: only every tenth film, which no recipe sees")
    parser.add_argument("--hands-model", type=Path, metavar="FILE", help="another hand network (ONNX)")
    parser.add_argument(
        "--names",
        metavar="A,B",
        help="kinect, orientations, recording, people: only these clips; lift: only these subjects, or all; "
        "hands: only these people or rooms",
    )
    parser.add_argument(
        "--seeds", type=count, default=3, metavar="N", help="people: play each script in N ways (default 3)"
    )
    parser.add_argument("--first-seed", type=int, default=0, metavar="N", help="people: the first of these ways")
    parser.add_argument("--chart", type=Path, metavar="FILE.png", help="smoothing: draw lag against jitter")
    evaluate_gestures.add_options(parser)
    parser.set_defaults(command=run)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do it; the exit status."""
    result = _MEASURES[args.what](args)
    print(table(result))
    if args.json:
        print(json.dumps(result))
    return 0


_OF_HANDS = ("right", "known", "right_where_known", "by_eye", "read_once", "flicker", "changes")
_OF_BODIES = ("depth", "depth_learnt_height", "jumps", "kinect_jumps")
_OF_GESTURES = ("accuracy", "f1")
_OF_NETWORKS = ("pck", "ap50", "recall", "precision", "recall_at_score", "score", "found")
SHARES = frozenset({*_OF_NETWORKS, *_OF_HANDS, *_OF_BODIES, *_OF_GESTURES, "mota", "idf1"})
"""Numbers that are shown in percent."""

IN_UNITS = ("_mm", "_deg", "_per_minute")
"""How the names of numbers end that are shown as they are."""


def table(result: dict[str, Any]) -> str:
    """The numbers as lines of text."""
    rows = []
    for name, value in result.items():
        if name == "scripts":
            rows += people.table(value)
        elif isinstance(value, dict):
            form = ".1f" if name.endswith(IN_UNITS) else ".1%"
            rows += [f"{name}:", *(f"  {joint:<20} {number:8{form}}" for joint, number in value.items())]
        elif isinstance(value, float):
            rows.append(f"{name:<22} {value:8.1%}" if name in SHARES else f"{name:<22} {value:8.1f}")
        else:
            rows.append(f"{name:<22} {'-' if value is None else value:>8}")
    return "\n".join(rows)


def _pose(args: argparse.Namespace) -> dict[str, Any]:
    from models.keypoint_files import held_out_groups, read_people
    from models.pose import DEFAULT_WEIGHTS, open_pose
    from models.pose_evaluation import evaluate_pose

    pose = open_pose(args.pose_model or DEFAULT_WEIGHTS)
    groups = held_out_groups(read_people(args.path)) if args.held_out else None
    result = evaluate_pose(pose, args.path, groups)
    return {"pck": result.mean, "per_joint": result.per_joint, "people": result.people}


def _detector(args: argparse.Namespace) -> dict[str, Any]:
    from models.average_precision import LOWEST_SCORE, evaluate
    from models.detector import DEFAULT_WEIGHTS, PersonDetector

    detector = PersonDetector(args.detector_model or DEFAULT_WEIGHTS, score=LOWEST_SCORE)
    return asdict(evaluate(detector, args.path))


def _kinect(args: argparse.Namespace) -> dict[str, Any]:
    from bridge.kinect_evaluation import evaluate_kinect
    from bridge.pipeline import Pipeline
    from models import detector, pose

    finder = detector.PersonDetector(args.detector_model or detector.DEFAULT_WEIGHTS)
    estimator = pose.open_pose(args.pose_model or pose.DEFAULT_WEIGHTS)
    names, lift = args.names.split(",") if args.names else (), chosen_lift(args)
    return asdict(evaluate_kinect(args.path, names, lambda fov: Pipeline(finder, estimator, fov=fov, lift=lift)))


def _lift(args: argparse.Namespace) -> dict[str, Any]:
    from models.lift import DEFAULT_WEIGHTS
    from models.lift_evaluation import evaluate_lift
    from models.skeleton_sets import motions_of

    weights = args.lift_model or lift_beside(args.pose_model) or DEFAULT_WEIGHTS
    names = tuple(args.names.split(",")) if args.names else ()
    given, learnt = evaluate_lift(motions_of(args.path, names), weights)
    return {**asdict(given), "mpjpe_learnt_height_mm": learnt.mpjpe_mm, "depth_learnt_height": learnt.depth}


def _orientations(args: argparse.Namespace) -> dict[str, Any]:
    from bridge.kinect_evaluation import clip_names
    from models.orientation_evaluation import evaluate_orientations

    names = args.names.split(",") if args.names else clip_names(args.path)
    return asdict(evaluate_orientations([args.path / f"{name}.npz" for name in names]))


def _recording(args: argparse.Namespace) -> dict[str, Any]:
    from bridge.recording_evaluation import evaluate_recordings
    from models.pose import DEFAULT_WEIGHTS, open_pose

    pose = open_pose(args.pose_model or DEFAULT_WEIGHTS)
    return evaluate_recordings(pose, args.path, args.names.split(",") if args.names else ())


def _hands(args: argparse.Namespace) -> dict[str, Any]:
    from models import hands, pose
    from models.hands_evaluation import evaluate_hands, evaluate_whole_pictures

    classifier = hands.HandClassifier(args.hands_model or hands.DEFAULT_WEIGHTS)
    only = args.names.split(",") if args.names else ()
    if args.path.is_dir():
        estimator = pose.open_pose(args.pose_model or pose.DEFAULT_WEIGHTS)
        return asdict(evaluate_whole_pictures(classifier, estimator, args.path, only))
    return asdict(evaluate_hands(classifier, args.path, only))


def _hands_video(args: argparse.Namespace) -> dict[str, Any]:
    from bridge.hand_tracking import HandTracker
    from bridge.hands_evaluation import evaluate_hand_videos
    from bridge.pipeline import Pipeline
    from models import detector, hands, pose

    finder = detector.PersonDetector(args.detector_model or detector.DEFAULT_WEIGHTS)
    estimator = pose.open_pose(args.pose_model or pose.DEFAULT_WEIGHTS)
    classifier = hands.HandClassifier(args.hands_model or hands.DEFAULT_WEIGHTS)
    return asdict(evaluate_hand_videos(args.path, lambda: Pipeline(finder, estimator, hands=HandTracker(classifier))))


def _smoothing(args: argparse.Namespace) -> dict[str, Any]:
    from bridge.smoothing_evaluation import evaluate_smoothing, videos_in
    from models import detector, pose

    names = args.names.split(",") if args.names else None
    paths = [path for path in videos_in(args.path) if names is None or path.stem in names]
    finder = detector.PersonDetector(args.detector_model or detector.DEFAULT_WEIGHTS)
    results = evaluate_smoothing(paths, finder, pose.open_pose(args.pose_model or pose.DEFAULT_WEIGHTS))
    if args.chart:
        from bridge.smoothing_chart import draw_chart

        draw_chart(args.chart, results)
    measures = ("jitter_mm", "lag_ms", "resting", "moving")
    return {f"{name}_{measure}": getattr(result, measure) for name, result in results.items() for measure in measures}


_MEASURES = {
    "pose": _pose,
    "detector": _detector,
    "lift": _lift,
    "orientations": _orientations,
    "kinect": _kinect,
    "recording": _recording,
    "smoothing": _smoothing,
    "hands": _hands,
    "hands-video": _hands_video,
    "people": people.measure,
    **evaluate_gestures.MEASURES,
}
