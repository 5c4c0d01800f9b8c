"""After the pose network, its lift: what ``bodycast finetune`` learns from a Kinect's joints in space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge.labelled_recordings import Chosen
from bridge.lift_watching import Watched, errors_mm, in_space, pairs_of, watch
from models.camera import PinholeCamera
from models.lift import DEFAULT_WEIGHTS
from models.training.finetune_lift import LiftTuneOptions, fine_tune_lift

MOST_LEARNED, MOST_TESTED = 4000, 1200
"""Frames that are looked at to learn from, and to measure on."""

TRAINING_SHARE, MOST_TRAINING = 0.12, 180.0
"""How much of the time in all goes to training the lift, and seconds beyond which none does."""

WATCHING_SECONDS = 0.02
"""What the whole pipeline may take for a picture of a video, decoding included."""

USUAL_FOV = 4.0
"""Degrees by which a camera differs from a common webcam before it is worth a word."""

NO_KINECT = "The lift stays as it is: no recording to learn from has all joints of a Kinect v2 in space."
NOBODY = "The lift stays as it is: the new network found hardly anybody in the recordings to learn from."


def lift_seconds(minutes: float) -> float:
    """How long to train the lift if ``minutes`` are allowed for everything."""
    return min(TRAINING_SHARE * 60 * minutes, MOST_TRAINING)


@dataclass(frozen=True, slots=True)
class LiftPlan:
    """What there is to learn the lift from, and to measure it on.

    Attributes
    ----------
    learn, test : sequence of Chosen
        Every frame of the recordings, those held out apart.
    training : LiftTuneOptions
    """

    learn: Sequence[Chosen]
    test: Sequence[Chosen]
    training: LiftTuneOptions

    @property
    def seconds(self) -> float:
        """How long it takes."""
        if not self._possible:
            return 0.0
        frames = min(_frames(self.learn), MOST_LEARNED) + 2 * min(_frames(self.test), MOST_TESTED)
        return self.training.seconds + WATCHING_SECONDS * frames

    @property
    def _possible(self) -> bool:
        return any(_is_kinects(c) for c in self.learn)


@dataclass(frozen=True, slots=True)
class LiftOutcome:
    """What came of it.

    Attributes
    ----------
    numbers : dict of str to float
        Errors in millimetres on what was held out, SpineBase aligned, of the whole pipeline before and after; NaN where
        nobody was found. Empty if the lift stays as it is.
    notes : tuple of str
        For the user.
    """

    numbers: dict[str, float]
    notes: tuple[str, ...] = ()


def carry_out_lift(plan: LiftPlan, base: Path, network: Path) -> LiftOutcome:
    """Fine-tune the lift for ``network``, before which there was ``base``; it is then in ``plan.training.folder``."""
    learn = [c for c in plan.learn if _is_kinects(c)]
    if not learn:
        return LiftOutcome({}, (NO_KINECT,))
    watched = watch(learn, network, DEFAULT_WEIGHTS, MOST_LEARNED)
    pairs = pairs_of(watched)
    if not pairs:
        return LiftOutcome({}, (NOBODY,))
    lift, steps = fine_tune_lift(plan.training, pairs)
    test = [c for c in plan.test if _is_kinects(c)]
    before = errors_mm(watch(test, base, DEFAULT_WEIGHTS, MOST_TESTED))
    after = errors_mm(watch(test, network, lift, MOST_TESTED, kinect_keypoints=True))
    numbers = {
        "mpjpe12_before_mm": before[0],
        "mpjpe12_mm": after[0],
        "mpjpe_before_mm": before[1],
        "mpjpe_mm": after[1],
        "lift_steps": float(steps),
    }
    return LiftOutcome(numbers, _notes(watched[0]))


def _notes(watched: Watched) -> tuple[str, ...]:
    """What the user should know of the camera that recorded."""
    size = watched.chosen.clip.image_size
    fov, usual = watched.camera.fov(size[0]), PinholeCamera.from_fov(*size).fov(size[0])
    if abs(fov - usual) < USUAL_FOV:
        return ()
    return (
        f"The camera of the recordings saw {fov:.0f} degrees across: give --fov {fov:.0f} where the same one looks.",
    )


def _is_kinects(chosen: Chosen) -> bool:
    return "kinect" in chosen.clip.source.lower() and in_space(chosen.person)


def _frames(people: Sequence[Chosen]) -> int:
    return sum(len(c.frames) for c in people if _is_kinects(c))
