"""``bodycast train``: train the networks that Bodycast ships, or go on from them."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.cli.options import count, positive, share
from bridge.cli.terminal import Terminal

if TYPE_CHECKING:
    from models.training.imitation_recipe import ImitationOptions
    from models.training.pose_recipe import Stage

EXAMPLES = """
needs the extra: pip install "bodycast[train]"

DATA is a folder with pose/{lspet,flic,street,webcam,professions} and detection/{penn_fudan,frames}, each with
pictures and a COCO file, hands/train.json, and for the lift kinect and mocap. A checkpoint is written after every
epoch: an interrupted run goes on with --resume.

examples:
  bodycast train pose --data data --out runs/pose
  bodycast train pose --data data --out runs/pose --resume
  bodycast train pose --data data --init models/weights/pose.pt --stages 128x160:3 --rate 8e-4
  bodycast train pose --data data --teacher models/weights/pose_lite.pt --steps 6000
  bodycast train pose --data data --teacher pose.pt --init pose.pt --keep-start --batch 10 --steps 2000
  bodycast train detector --data data --out runs/detector
  bodycast train hands --data data --batch 64 --rate 1.5e-3 --rendered 1 --epochs 18 --out runs/rendered
  bodycast train hands --data data --batch 64 --rate 1.5e-3 --init runs/rendered/last.pt
  bodycast train lift --data data --out runs/lift --threads 1
  bodycast train gestures --data data --out runs/gestures
  bodycast train lift --data data --out runs/again --init models/weights/lift.pt --epochs 6 --rate 5e-4
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``train`` to the commands."""
    parser = commands.add_parser(
        "train",
        help="train a network",
        description="Train a network, draw its loss curve, and write it as ONNX in fp32 and int8.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("network", choices=tuple(_RECIPES), help="which one")
    parser.add_argument("--data", type=Path, required=True, metavar="DATA", help="the folder with the labelled data")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where everything goes (default runs/NETWORK)")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in FOLDER")
    parser.add_argument("--init", type=Path, metavar="FILE", help="weights to start from, a state_dict")
    parser.add_argument(
        "--teacher", metavar="FILE", type=Path, help="pose, detector: learn to answer like this one, but faster"
    )
    parser.add_argument(
        "--keep-start", action="store_true", help="with --teacher: what comes before stride 8 stays as --init has it"
    )
    parser.add_argument(
        "--crowds",
        type=positive,
        default=0.5,
        metavar="N",
        help="detector with --teacher: so many pictures of crowds for each other one (default 0.5)",
    )
    parser.add_argument("--from-scratch", action="store_true", help="without the trunk that ImageNet taught")
    parser.add_argument("--seed", type=int, default=0, help="of everything random (default 0)")
    parser.add_argument("--threads", type=count, default=2, help="processor threads (default 2)")
    parser.add_argument("--batch", type=count, default=32, help="pictures a step (default 32)")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate (default 0.002)")
    parser.add_argument(
        "--stages",
        type=stages,
        metavar="WxH:N,...",
        help="pose: sizes of crop and epochs at each (default 96x128:8,128x160:8)",
    )
    parser.add_argument("--repair", type=Path, metavar="FILE", help="pose: weights that put exchanged sides right")
    parser.add_argument("--passes", type=count, default=1, help="pose: passes over the people an epoch (default 1)")
    parser.add_argument(
        "--actors",
        type=int,
        default=2500,
        help="pose: rendered people to mix in; detector with --teacher: pictures of crowds; lift: three times the "
        "films of rendered people (default 2500)",
    )
    parser.add_argument("--epochs", type=count, help="detector: how many (default 18); hands: 30; lift: 36")
    parser.add_argument(
        "--pictures", type=count, help="detector: pictures made for one epoch (default 12000); hands: 8000"
    )
    parser.add_argument(
        "--leave-out", metavar="WHO", help="hands: keep a person (a, b, c) or room (one, two) for testing"
    )
    parser.add_argument(
        "--rendered", type=share, default=0.4, help="hands: share of rendered ones, 1 for no others (default 0.4)"
    )
    parser.add_argument("--everybody", action="store_true", help="lift: learn from those, too, by whom it is judged")
    parser.add_argument("--limit", type=count, metavar="N", help="only N pictures of each set, to try things out")
    parser.add_argument("--steps", type=count, help="gestures: how many (default 3000); with --teacher: 3200")
    parser.set_defaults(command=run)


def stages(text: str) -> tuple[Stage, ...]:
    """Sizes of crop and epochs, as in ``96x128:10,192x256:3``."""
    from models.training.pose_recipe import Stage

    parts = [re.fullmatch(r"(\d+)x(\d+):(\d+)", part) for part in text.split(",")]
    found = tuple(Stage(int(m[1]), int(m[2]), int(m[3])) for m in parts if m)
    if len(found) != len(parts) or any(s.width % 32 or s.height % 32 or not s.epochs for s in found):
        raise argparse.ArgumentTypeError(f"{text!r} is not like 96x128:10,192x256:3 with multiples of 32")
    return found


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do it; the exit status."""
    for path in _RECIPES[args.network](args):
        terminal.say(f"wrote {path}")
    return 0


def _train_pose(args: argparse.Namespace) -> tuple[Path, ...]:
    from models.training.distributed import leads
    from models.training.pose_data import training_people
    from models.training.pose_export import calibration_people, export_pose
    from models.training.pose_recipe import DEFAULT_STAGES, PoseOptions, train

    if args.teacher:
        return _imitate_pose(args)
    options = PoseOptions(
        data=args.data / "pose",
        out=args.out or Path("runs/pose"),
        stages=args.stages or DEFAULT_STAGES,
        batch=args.batch,
        rate=args.rate,
        seed=args.seed,
        threads=args.threads,
        init=args.init,
        from_scratch=args.from_scratch,
        repair=args.repair,
        resume=args.resume,
        passes=args.passes,
        actors=args.actors,
        limit=args.limit,
    )
    weights = train(options)
    if not leads():
        return ()
    size = (options.stages[-1].width, options.stages[-1].height)
    return export_pose(weights, options.out, calibration_people(training_people(options.data, args.limit)), size)


def _train_detector(args: argparse.Namespace) -> tuple[Path, ...]:
    from models.training.detector_export import export
    from models.training.detector_recipe import DetectorOptions, train
    from models.training.distributed import leads

    if args.teacher:
        return _imitate_detector(args)
    options = DetectorOptions(
        data=args.data,
        out=args.out or Path("runs/detector"),
        epochs=args.epochs or 18,
        pictures=args.pictures or 12_000,
        batch=args.batch,
        rate=args.rate,
        seed=args.seed,
        threads=args.threads,
        init=args.init,
        from_scratch=args.from_scratch,
        resume=args.resume,
        limit=args.limit,
    )
    weights = train(options)
    return export(weights, options.data, options.out) if leads() else ()


def _imitate_pose(args: argparse.Namespace) -> tuple[Path, ...]:
    from models.training.acted import acted_people
    from models.training.acted_crowds import crowded_people, cut_outs
    from models.training.imitation_lessons import PoseLessons
    from models.training.imitation_recipe import train
    from models.training.pose_data import training_people
    from models.training.pose_export import VIEW, calibration_people, export_pose

    out = args.out or Path("runs/pose")
    out.mkdir(parents=True, exist_ok=True)
    size = (args.stages[-1].width, args.stages[-1].height) if args.stages else VIEW
    people = training_people(args.data / "pose", args.limit)
    backgrounds = [e.image for e in people["lspet"][:1000]]
    crowd = crowded_people(args.actors, args.seed, backgrounds)
    examples = calibration_people(people | {"crowd": crowd})
    others = cut_outs(args.actors // 10, args.seed)
    if args.actors:
        people["actor"] = acted_people(args.actors, args.seed, backgrounds, out / "actors.npz")
    lessons = PoseLessons(people, size, args.batch, max(1, args.threads - 1), crowd, others)
    weights = train(_imitation(args, out), lessons)
    return export_pose(weights, out, examples, size)


def _imitate_detector(args: argparse.Namespace) -> tuple[Path, ...]:
    from models.training.acted_crowds import crowded_pictures
    from models.training.detector_data import acted, load
    from models.training.detector_export import export
    from models.training.detector_scenes import background
    from models.training.imitation_lessons import DetectorLessons
    from models.training.imitation_recipe import train

    out = args.out or Path("runs/detector")
    pictures = load(args.data, False, args.limit) | {"actor": acted(min(args.actors, 800), args.seed)}
    behind = [b for name in ("frames", "street") for e in pictures[name] if (b := background(e)) is not None]
    crowds = crowded_pictures(args.actors, args.seed, behind)
    weights = train(_imitation(args, out), DetectorLessons(pictures, args.batch, args.threads - 1, crowds, args.crowds))
    return export(weights, args.data, out)


def _imitation(args: argparse.Namespace, out: Path) -> ImitationOptions:
    from models.training.imitation_recipe import ImitationOptions

    return ImitationOptions(
        teacher=args.teacher,
        out=out,
        init=args.init,
        steps=args.steps or 3200,
        rate=args.rate,
        seed=args.seed,
        threads=args.threads,
        resume=args.resume,
        keep_start=args.keep_start,
    )


def _train_hands(args: argparse.Namespace) -> tuple[Path, ...]:
    from models.training.hands_export import export
    from models.training.hands_recipe import HandOptions, train

    options = HandOptions(
        data=args.data,
        out=args.out or Path("runs/hands"),
        epochs=args.epochs or 30,
        pictures=args.pictures or 8_000,
        rendered=args.rendered,
        batch=args.batch,
        rate=args.rate,
        seed=args.seed,
        threads=args.threads,
        init=args.init,
        resume=args.resume,
        leave_out=args.leave_out,
        limit=args.limit,
    )
    return export(train(options), options.data, options.out)


def _train_lift(args: argparse.Namespace) -> tuple[Path, ...]:
    from bridge.lift_pairs import write_acted, write_pairs
    from models.training.lift_export import export_lift
    from models.training.lift_recipe import DEFAULT_EPOCHS, LiftOptions, train

    out = args.out or Path("runs/lift")
    write_pairs(args.data / "kinect" / "keraal", out / "pairs", args.limit)
    write_acted(out / "acted.npz", args.actors // 3, args.seed)
    options = LiftOptions(
        data=args.data,
        pairs=out / "pairs",
        acted=out / "acted.npz",
        out=out,
        epochs=args.epochs or DEFAULT_EPOCHS,
        rate=args.rate,
        seed=args.seed,
        threads=args.threads,
        init=args.init,
        resume=args.resume,
        everybody=args.everybody,
        limit=args.limit,
    )
    return export_lift(train(options), out)


def _train_gestures(args: argparse.Namespace) -> tuple[Path, ...]:
    import torch

    from gestures.training.recipe import train_gestures

    torch.set_num_threads(args.threads)
    return train_gestures(args.data, args.out or Path("runs/gestures"), args.seed, args.steps)


_RECIPES = {
    "pose": _train_pose,
    "detector": _train_detector,
    "hands": _train_hands,
    "lift": _train_lift,
    "gestures": _train_gestures,
}
