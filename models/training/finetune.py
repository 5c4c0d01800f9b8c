"""Fine-tune the shipped pose network on recordings of the place and the movements where it will be used.

What a Kinect saw labels what a camera saw, so nobody has to (see `bridge.labelled_recordings`):

    bodycast finetune dance1 dance2 dance3 --out dance     # 25 minutes on two CPU cores
    bodycast run --model dance

It measures the network on frames held out, trains, goes back some of the way (`models.training.finetune_share`),
quantises, and measures again.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from models.pose import PoseEstimator
from models.pose_evaluation import FindsKeypoints
from models.training.finetune_evaluation import judge
from models.training.finetune_frames import LabelledFrame, with_opinion
from models.training.finetune_run import FineTuneRun, TrainOptions
from models.training.finetune_share import between, least_share
from models.training.finetune_views import Material
from models.training.pose_data import Example, training_people
from models.training.pose_export import export_pose
from models.training.report import FineTuned

CALIBRATION = 200
"""People on whose crops the ranges for int8 are measured."""

QUANTISING_SECONDS = 60.0
"""What writing the network takes, kept back from the time for training."""

LEAST_TRAINING = 0.3
"""At least this share of the time in all goes to training, however slow the rest."""


@dataclass(frozen=True, slots=True)
class FineTuneOptions:
    """What a run is told.

    Attributes
    ----------
    training : TrainOptions
        Its ``seconds`` are set from what is left of ``minutes``.
    base : Path
        The int8 ONNX file that belongs to ``training.init``.
    minutes : float
        For everything, from ``began`` on.
    flips : bool
        Whether views may be mirrored.
    generic : Path, optional
        The folder with lspet, flic and so on, to mix in against forgetting.
    generic_people : int
        How many of each set.
    afterwards : float
        Seconds of those minutes to leave for what comes after.
    """

    training: TrainOptions
    base: Path
    minutes: float = 25.0
    flips: bool = True
    generic: Path | None = None
    generic_people: int = 300
    afterwards: float = 0.0


def fine_tune(
    options: FineTuneOptions,
    learned: Sequence[LabelledFrame],
    tested: Sequence[LabelledFrame],
    now: Callable[[], float] = time.monotonic,
    began: float | None = None,
) -> FineTuned:
    """Do it; ``pose_int8.onnx``, ``pose.onnx`` and ``pose.pt`` are then in ``options.training.folder``.

    ``checkpoint.pt`` is there, too, until the caller has done all that should not be lost.

    Parameters
    ----------
    options : FineTuneOptions
    learned, tested : sequence of LabelledFrame
        What is learned from, and what was held out.
    now : callable
        The clock.
    began : float, optional
        When the time that ``options.minutes`` allows began.

    Raises
    ------
    WeightsError
        If the weights or the checkpoint cannot be used.
    ValueError
        If there is nothing to learn from.
    KeyboardInterrupt
        After a checkpoint was written, from which ``training.resume`` goes on.
    """
    if not learned:
        raise ValueError("no frame is left to learn from: no picture has a person with enough labels that hold")
    began = now() if began is None else began
    base = PoseEstimator(options.base)
    started = now()
    before = judge(base, tested, "before")
    judging = now() - started
    material = Material(_with_opinions(learned, base), generic_people(options), options.flips)
    # the new network is judged in fp32, too, which takes three times as long
    rest = 60 * options.minutes - (now() - began) - 4 * judging - QUANTISING_SECONDS - options.afterwards
    training = replace(options.training, seconds=max(rest, LEAST_TRAINING * 60 * options.minutes))
    training.folder.mkdir(parents=True, exist_ok=True)
    run = FineTuneRun(training, material, identity(options, learned), now)
    run.train()
    share = least_share(run.generic, run.learner.averaged, learned, training.size)
    run.learner.averaged = between(run.generic, run.learner.averaged, share)
    exact, quantised = export(run, material)
    return FineTuned(
        before=before,
        after=judge(PoseEstimator(quantised), tested, "after"),
        exact=judge(PoseEstimator(exact), tested, "fp32"),
        tested=tested,
        learned=len(learned),
        share=share,
        steps=run.step,
        losses=run.losses,
        training_seconds=run.seconds,
        seconds=now() - began,
    )


def _with_opinions(frames: Sequence[LabelledFrame], pose: FindsKeypoints) -> list[LabelledFrame]:
    return [with_opinion(frame, pose) for frame in tqdm(frames, desc="looking", unit="", leave=False, disable=None)]


def generic_people(options: FineTuneOptions) -> list[Example]:
    """Some people of every generic set; none without such data."""
    if options.generic is None:
        return []
    return [e for people in training_people(options.generic, options.generic_people).values() for e in people]


def identity(options: FineTuneOptions, frames: Sequence[LabelledFrame]) -> str:
    """What a checkpoint belongs to: the frames and those options that change what is learned."""
    training = options.training
    told = (training.size, training.batch, training.seed, options.flips, options.generic is not None)
    digest = hashlib.sha256(repr(told).encode())
    for frame in frames:
        digest.update(f"{frame.clip}@{frame.time};".encode())
    return digest.hexdigest()


def export(run: FineTuneRun, material: Material) -> tuple[Path, Path]:
    """Write the run's network as ``pose.pt``, ``pose.onnx`` and ``pose_int8.onnx``; returns the last two."""
    folder = run.options.folder
    run.write_weights(folder / "pose.pt")
    rng = np.random.default_rng(run.options.seed)
    chosen = rng.permutation(len(material.frames))[:CALIBRATION]
    calibration = [material.frames[i].example() for i in chosen] + list(material.generic[: CALIBRATION // 3])
    return export_pose(folder / "pose.pt", folder, calibration, run.options.size)
