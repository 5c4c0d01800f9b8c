"""From recordings to a fine-tuned network with its report: what ``bodycast finetune`` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from bridge.finetuning_lift import LiftPlan, carry_out_lift, lift_seconds
from bridge.labelled_recordings import (
    Chosen,
    LabelledClip,
    chosen_to_learn,
    chosen_to_test,
    cut_frames,
    divided,
    find_recordings,
    read_clip,
)
from bridge.pipeline import Pipeline
from bridge.recording import RecordingError, read_recording
from models.body import FloatArray
from models.detector import PersonDetector
from models.joints import LIMB_KEYPOINTS
from models.label_checks import merged
from models.pck import torso_size
from models.pose import DEFAULT_WEIGHTS, PoseEstimator
from models.training.finetune import FineTuneOptions, fine_tune
from models.training.finetune_evaluation import PCK_THRESHOLD, share_right
from models.training.finetune_frames import LabelledFrame
from models.training.finetune_lift import DEFAULT_INIT, LiftTuneOptions
from models.training.finetune_run import TrainOptions
from models.training.report import Circumstances, FineTuned, numbers, write_report

START = DEFAULT_WEIGHTS.with_name("pose_lite.pt")
"""What fine-tuning begins with: of KERAAL's keypoints it found 0.987 afterwards, the shipped network, before it saw
crowds, 0.983."""

MOST_TESTED = 1200
DETAIL_LEARNED, DETAIL_TESTED = 1.3, 2.0
"""Pixels of a cut-out for each pixel of the network's view."""

RATES = (5.0, 15.0)
"""Fewest and most frames a second that are considered; short recordings are looked at more closely."""

PIPELINE_SECONDS = 0.02
"""What the whole pipeline may take for a picture of a video, decoding included."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for; see ``bodycast finetune --help``."""

    recordings: Sequence[Path]
    folder: Path
    hold_out: Sequence[str] | None = None
    minutes: float = 25.0
    resume: bool = False
    pipeline: bool = False
    generic: Path | None = None
    init: Path | None = None
    size: tuple[int, int] | None = None
    most: int = 2400
    steps: int | None = None
    batch: int = 32
    rate: float = 5e-4
    flips: bool = True
    seed: int = 0
    threads: int = 2
    workers: int = 1
    command: str = "bodycast finetune"


def carry_out(request: Request, began: float, say: Say) -> tuple[Path, dict[str, Any]]:
    """Fine-tune; returns the report's path and what was measured.

    Parameters
    ----------
    request : Request
    began : float
        When the user's time began, by `time.monotonic`.
    say : callable
        Tells the user how it goes, a line at a time.

    Raises
    ------
    RecordingError, WeightsError
        If recordings or weights cannot be used.
    """
    cv2.setNumThreads(1)
    _check_folder(request.folder, request.resume)
    options = _options(request)
    clips = [read_clip(p) for p in tqdm(find_recordings(request.recordings), desc="reading", leave=False, disable=None)]
    learn, test, held = divided(clips, request.hold_out)
    lifting = LiftPlan(learn, test, _lift_options(request))
    learn = chosen_to_learn(learn, _rate(learn, request.most), request.most)
    test = chosen_to_test(test, MOST_TESTED)
    labels = merged(clip.report for clip in clips).as_text()
    for line in labels.splitlines():
        say(line)
    learned, tested = _cut(learn, test, options.training.size)
    say(f"learning from {len(learned)} frames, measuring on {len(tested)}")
    if not learned:
        raise RecordingError("no frame is left to learn from: nobody has enough labels that hold")
    if request.pipeline:
        options = replace(options, afterwards=PIPELINE_SECONDS * 2 * sum(len(c.person.times) for c in test))
    options = replace(options, afterwards=options.afterwards + lifting.seconds)
    result = fine_tune(options, learned, tested, began=began)
    lifted = carry_out_lift(lifting, options.base, request.folder / DEFAULT_WEIGHTS.name)
    about = Circumstances(
        name=request.folder.name,
        command=request.command,
        data=_data(clips, learn, test),
        labels=labels,
        notes=[*_notes(clips, held, learned, tested), *lifted.notes],
        pipeline=_pipelines(options.base, request.folder, test) if request.pipeline else None,
        space=lifted.numbers,
    )
    _say_result(result, about, say)
    report = write_report(request.folder, result, about)
    (request.folder / "checkpoint.pt").unlink()
    return report, numbers(result, about)


def _check_folder(folder: Path, resume: bool) -> None:
    """Refuse to write over a network, or over an interrupted run by mistake."""
    interrupted = (folder / "checkpoint.pt").exists()
    if interrupted and not resume:
        raise RecordingError(f"{folder}: a run was interrupted there; go on with --resume, or remove the folder")
    if not interrupted and (folder / DEFAULT_WEIGHTS.name).exists():
        raise RecordingError(f"{folder}: there is a network already; choose another name, or remove the folder")


def _options(request: Request) -> FineTuneOptions:
    init = request.init or START
    beside = init.parent / DEFAULT_WEIGHTS.name
    base = beside if beside.is_file() else DEFAULT_WEIGHTS
    size = request.size or PoseEstimator(base).size
    if size[0] % 32 or size[1] % 32:
        raise RecordingError(f"--size {size[0]}x{size[1]}: width and height of the view must be multiples of 32")
    training = TrainOptions(
        init=init,
        folder=request.folder,
        size=size,
        steps=request.steps,
        batch=request.batch,
        rate=request.rate,
        seed=request.seed,
        threads=request.threads,
        workers=request.workers,
        resume=request.resume,
    )
    generic = request.generic and (request.generic / "pose" if (request.generic / "pose").is_dir() else request.generic)
    return FineTuneOptions(training, base, request.minutes, request.flips, generic)


def _lift_options(request: Request) -> LiftTuneOptions:
    beside = request.init.with_name(DEFAULT_INIT.name) if request.init else DEFAULT_INIT
    return LiftTuneOptions(
        folder=request.folder,
        seconds=lift_seconds(request.minutes),
        steps=request.steps,
        flips=request.flips,
        seed=request.seed,
        threads=request.threads,
        resume=request.resume,
        init=beside if beside.is_file() else DEFAULT_INIT,
    )


def _rate(learn: Sequence[Chosen], most: int) -> float:
    """Frames a second to consider: so many that there is a choice, if the recordings are short."""
    seconds = sum(float(np.ptp(c.person.times[c.frames])) for c in learn if len(c.frames))
    return float(np.clip(most / 2 / max(seconds, 1e-3), *RATES))


def _cut(
    learn: Sequence[Chosen], test: Sequence[Chosen], size: tuple[int, int]
) -> tuple[list[LabelledFrame], list[LabelledFrame]]:
    with tqdm(desc="pictures", unit="", leave=False, disable=None, mininterval=0.5) as bar:
        learned = cut_frames(learn, size, DETAIL_LEARNED, bar.update, arms=True)
        return learned, cut_frames(test, size, DETAIL_TESTED, bar.update)


def _data(clips: Sequence[LabelledClip], learn: Sequence[Chosen], test: Sequence[Chosen]) -> list[tuple[str, str, str]]:
    def used(clip: LabelledClip) -> str:
        parts = [("learned", learn), ("held out", test)]
        counts = [(what, sum(len(c.frames) for c in chosen if c.clip is clip)) for what, chosen in parts]
        return ", ".join(f"{what}: {count} frames" for what, count in counts if count) or "nothing"

    return [(f"{clip.name} ({clip.seconds:.0f} s)", clip.source, used(clip)) for clip in clips]


def _notes(
    clips: Sequence[LabelledClip],
    held: Sequence[str],
    learned: Sequence[LabelledFrame],
    tested: Sequence[LabelledFrame],
) -> list[str]:
    notes = []
    guessed = [clip.name for clip in clips if "kinect" not in clip.source.lower()]
    if guessed:
        notes.append(
            f"No Kinect is named as the source of {', '.join(guessed)}: if the bodies there are Bodycast's own, "
            "the network learns from its own guesses."
        )
    if not held:
        notes.append(
            "Only one recording: its last fifth was held out. Another day's recording would judge more strictly."
        )
    moved = sorted({frame.clip for frame in learned if frame.behind is None})
    if moved:
        notes.append(
            f"The camera moved in {', '.join(moved)}: only where it stands still can arms be shown where nobody held "
            "them, so record every movement that matters."
        )
    if not any(np.isfinite(frame.torso) for frame in tested):
        notes.append("No frame held out shows shoulders and hips, so there is no torso to measure errors by.")
    return notes


def _say_result(result: FineTuned, about: Circumstances, say: Say) -> None:
    for note in about.notes:
        say(f"note: {note}")
    say(f"PCK@0.2 on {len(result.tested)} frames: {result.before.pck:.1%} before, {result.after.pck:.1%} after")
    if about.pipeline:
        say(f"whole pipeline: {about.pipeline['before']:.1%} before, {about.pipeline['after']:.1%} after")
    if about.space:
        before, after = about.space["mpjpe12_before_mm"], about.space["mpjpe12_mm"]
        say(f"limb joints in space: {before:.0f} mm off before, {after:.0f} after")


def _pipelines(base: Path, folder: Path, test: Sequence[Chosen]) -> dict[str, float]:
    files = {"before": base, "after": folder / DEFAULT_WEIGHTS.name}
    return {when: pipeline_pck(path, test) for when, path in files.items()}


def pipeline_pck(network: Path, test: Sequence[Chosen]) -> float:
    """PCK@0.2 of detector, tracker and pose over the limb joints on the frames of ``test``; who is not found is wrong.

    Every recording is played from its first such frame to its last.
    """
    errors = []
    for folder in dict.fromkeys(c.clip.folder for c in test):
        labels = _labels_by_time([c for c in test if c.clip.folder == folder])
        pipeline = Pipeline(PersonDetector(), PoseEstimator(network))
        first, last = min(labels), max(labels)
        pictures = (p for p in read_recording(folder).pictures() if first <= p.time <= last)
        for frame in pipeline.bodies(tqdm(pictures, desc=folder.name, unit="", leave=False, disable=None)):
            found = [body.keypoints for body in frame.bodies]
            errors += [_least_error(found, *person) for person in labels.get(frame.time, ())]
    return share_right(np.array(errors), PCK_THRESHOLD)


def _labels_by_time(test: Sequence[Chosen]) -> dict[float, list[tuple[FloatArray, FloatArray]]]:
    """Keypoints (23, 3) and weights (23,) of everyone labelled at each time."""
    labels: dict[float, list[tuple[FloatArray, FloatArray]]] = {}
    for c in test:
        for index in c.frames.tolist():
            labels.setdefault(float(c.person.times[index]), []).append(
                (c.person.keypoints[index], c.person.weights[index])
            )
    return labels


def _least_error(found: Sequence[FloatArray], keypoints: FloatArray, weights: FloatArray) -> FloatArray:
    """Errors of the limb joints in torsos, (12,), of that body which is nearest to the labels; NaN without a label."""
    limbs = list(LIMB_KEYPOINTS)
    placed = np.column_stack([keypoints[:, :2], keypoints[:, :2].any(1)])[None]
    torso = torso_size(np.asarray(placed, np.float32))[0]
    errors = [np.linalg.norm(body[limbs, :2] - keypoints[limbs, :2], axis=1) / torso for body in found]
    nearest = min(errors, key=lambda e: float(np.minimum(e, 1).sum()), default=np.full(len(limbs), np.inf))
    unknown = (weights[limbs] <= 0) | ~np.isfinite(torso)
    return np.where(unknown, np.nan, nearest).astype(np.float32)
