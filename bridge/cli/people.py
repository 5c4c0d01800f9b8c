"""``bodycast evaluate people``: whether everybody keeps their id, on scripts of the actor and on pasted clips."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

SCRIPTS = (
    *("crossing:2", "crossing:3", "crossing:4", "hiding:2", "hiding:3", "hiding:4"),
    *("returning:2", "returning:3", "walking:6", "gestures:6"),
)
"""What ``actor`` stands for."""


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Numbers over all scenes, and those of each script under ``scripts``."""
    from tqdm import tqdm

    from bridge.people_evaluation import LabelledFrame, PeopleScore, as_row, evaluate_scene
    from bridge.pipeline import Pipeline
    from models import detector, pose

    finder = detector.PersonDetector(args.detector_model or detector.DEFAULT_WEIGHTS)
    estimator = pose.open_pose(args.pose_model or pose.DEFAULT_WEIGHTS)
    overall, rows = PeopleScore(), {}
    scenes = _scenes(args, finder, estimator)
    with tqdm(total=len(scenes) * args.seeds, unit="scene", disable=None) as progress:
        for name, scene in scenes.items():
            own = PeopleScore()
            for seed in range(args.first_seed, args.first_seed + args.seeds):
                labelled: Iterable[LabelledFrame] = scene(seed)
                evaluate_scene([overall, own], labelled, Pipeline(finder, estimator))
                progress.update()
            rows[name] = as_row(own.result())
    return {**as_row(overall.result()), "scripts": rows}


def _scenes(args: argparse.Namespace, finder: Any, estimator: Any) -> dict[str, Callable[[int], Iterable[Any]]]:
    """By name, what makes a scene from a seed."""
    from bridge.composites import composite
    from bridge.people_evaluation import EvaluationError, acted, script_of

    if args.path.is_dir():
        names = args.names.split(",") if args.names else []
        paths = [path for name in names for path in _videos(args.path, name)]
        if len(paths) < 2:
            raise EvaluationError(f"{args.path}: name at least two clips of different people there, --names A,B")
        return {"+".join(names): lambda seed: composite(paths, finder, estimator, seed)}
    specs = SCRIPTS if str(args.path) == "actor" else str(args.path).split(",")
    return {spec: partial(acted, *script_of(spec)) for spec in specs}


def _videos(folder: Path, name: str) -> list[Path]:
    from bridge.people_evaluation import EvaluationError

    found = sorted(path for path in folder.iterdir() if path.stem == name and path.suffix != ".npz")
    if not found:
        raise EvaluationError(f"{folder}: no clip {name!r} there")
    return found[:1]


def table(scripts: dict[str, dict[str, Any]]) -> list[str]:
    """A line for each script."""
    lines = [f"{'':<22}{'MOTA':>8}{'IDF1':>8}{'switches':>10}{'ids':>6}"]
    for name, row in scripts.items():
        lines.append(f"{name:<22}{row['mota']:>8.3f}{row['idf1']:>8.3f}{row['switches']:>10}{row['ids']:>6}")
    return lines
