"""What the whole pipeline makes of people whom a Kinect recorded: material for the lift, and how near it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from bridge.labelled_recordings import Chosen, LabelledPerson
from bridge.pipeline import Pipeline
from bridge.recording import read_recording
from models.body import Body, FloatArray
from models.camera import PinholeCamera, always
from models.detector import PersonDetector
from models.joints import LIMB_KEYPOINTS, Joint
from models.label_projection import pinhole_of
from models.lift import BodyLift
from models.lift_evaluation import MAIN_JOINTS, joint_errors
from models.lift_features import rays_of
from models.pck import torso_size
from models.pose import PoseEstimator
from models.skeleton_sets import Convention, Motion, height_of
from models.training.lift_data import Pair

SEGMENT = 5.0
"""Seconds that are looked at in one go where a recording is too long to be looked at as a whole."""

GAP = 0.15
"""Seconds without somebody after which their motion is another one."""

SHORTEST = 16
"""Frames of a motion, at least."""

WHOLE = 0.2
"""A Kinect v2 knows each joint at least in this share of the frames; who never has thumbs is another recorder's."""

NEAR = 0.5
"""Torsos that somebody's joints are beside the labels on average, at most, to be the one who is meant."""

_TORSO = [Joint.SPINE_BASE, Joint.SPINE_SHOULDER, Joint.SHOULDER_LEFT, Joint.SHOULDER_RIGHT]


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """One person over some frames, with the body that was found in each.

    Attributes
    ----------
    chosen : Chosen
        Its frames are those in which the person was found.
    bodies : sequence of Body
    camera : PinholeCamera
    beside : (3,) float32 array
        Metres from the Kinect's origin to that of the camera, to be added to positions.
    """

    chosen: Chosen
    bodies: Sequence[Body]
    camera: PinholeCamera
    beside: FloatArray

    @property
    def positions(self) -> FloatArray:
        """The Kinect's joints (frames, 25, 3) in the camera's space."""
        return self.chosen.person.positions[self.chosen.frames] + self.beside

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which of them can be trusted, (frames, 25)."""
        return self.chosen.person.known[self.chosen.frames]


def in_space(person: LabelledPerson) -> bool:
    """Whether a Kinect v2 told all of the person's joints in space."""
    return bool(len(person.known)) and bool((person.known.mean(axis=0) >= WHOLE).all())


def watch(
    people: Sequence[Chosen], network: Path, lift: Path, most: int, kinect_keypoints: bool = False
) -> list[Watched]:
    """Play the recordings of ``people`` through the pipeline, at most about ``most`` frames of them.

    Those without a Kinect's joints in space are left out, and so are frames in which somebody was not found.

    Parameters
    ----------
    people : sequence of Chosen
    network, lift : Path
        ONNX files.
    most : int
    kinect_keypoints : bool
        See `models.lift.BodyLift`.
    """
    people = [c for c in people if len(c.frames) and in_space(c.person)]
    share = min(1.0, most / max(sum(len(c.frames) for c in people), 1))
    detector, pose = PersonDetector(), PoseEstimator(network)
    lifting = BodyLift(lift, kinect_keypoints=kinect_keypoints)
    watched: list[Watched] = []
    with tqdm(desc="watching", unit="", leave=False, disable=None, mininterval=0.5) as bar:
        for folder in dict.fromkeys(c.clip.folder for c in people):
            here = [c for c in people if c.clip.folder == folder]
            width, height = here[0].clip.image_size
            camera, beside = _camera(here, (width, height))
            pipeline = Pipeline(detector, pose, camera=always(camera), lift=lifting)
            found: list[list[tuple[int, Body]]] = [[] for _ in here]
            for number, index, body in _played(folder, here, pipeline, share, bar.update):
                found[number].append((index, body))
            for c, rows in zip(here, found, strict=True):
                frames = Chosen(c.clip, c.person, np.array([index for index, _ in rows], np.intp))
                watched.append(Watched(frames, [body for _, body in rows], camera, beside))
    return watched


def _camera(people: Sequence[Chosen], size: tuple[int, int]) -> tuple[PinholeCamera, FloatArray]:
    positions = np.concatenate([np.where(c.person.known[..., None], c.person.positions, np.nan) for c in people])
    labels = np.concatenate(
        [np.where(c.person.weights[..., None] > 0, c.person.keypoints[..., :2], np.nan) for c in people]
    )
    return pinhole_of(positions, labels, size)


def _played(
    folder: Path, people: Sequence[Chosen], pipeline: Pipeline, share: float, told: Callable[[], object]
) -> Iterator[tuple[int, int, Body]]:
    """Number of the person, index of the frame, and the body found, wherever one was."""
    wanted: dict[float, list[tuple[int, int]]] = {}
    for number, c in enumerate(people):
        for index in c.frames.tolist():
            wanted.setdefault(float(c.person.times[index]), []).append((number, index))
    first, last = min(wanted), max(wanted)
    pictures = (
        p for p in read_recording(folder).pictures() if first <= p.time <= last and _is_looked_at(p.time - first, share)
    )
    for frame in pipeline.bodies(pictures):
        told()
        for number, index in wanted.get(frame.time, ()):
            body = _nearest(frame.bodies, people[number].person, index)
            if body is not None:
                yield number, index, body


def _is_looked_at(seconds: float, share: float) -> bool:
    """Whether a moment lies in one of the segments that are looked at, which lie evenly."""
    segment = int(seconds / SEGMENT)
    return int((segment + 1) * share) > int(segment * share) or share >= 1


def _nearest(bodies: Sequence[Body], person: LabelledPerson, index: int) -> Body | None:
    """The body that lies on the labels of a frame, if one does."""
    limbs = [k for k in LIMB_KEYPOINTS if person.weights[index, k] > 0]
    labels = person.keypoints[index]
    placed = np.column_stack([labels[:, :2], labels[:, :2].any(axis=1)])[None]
    torso = float(torso_size(np.asarray(placed, np.float32))[0])
    if not limbs or not np.isfinite(torso):
        return None
    errors = [float(np.linalg.norm(b.keypoints[limbs, :2] - labels[limbs, :2], axis=1).mean()) / torso for b in bodies]
    best = int(np.argmin(errors)) if errors else -1
    return bodies[best] if best >= 0 and errors[best] < NEAR else None


def pairs_of(watched: Sequence[Watched]) -> list[Pair]:
    """What the lift can learn from: everybody's motions without gaps, with the keypoints that were found."""
    return [pair for w in watched if len(w.bodies) for pair in _pairs(w)]


def _pairs(watched: Watched) -> Iterator[Pair]:
    clip, person = watched.chosen.clip, watched.chosen.person
    height = height_of(np.where(person.known[..., None], person.positions, np.float32(np.nan)))
    positions, known = filled(watched.positions, watched.known), watched.known
    times = person.times[watched.chosen.frames]
    keypoints = np.stack([body.keypoints for body in watched.bodies])
    usable = known[:, _TORSO].all(axis=1) & np.isfinite(positions).all(axis=(1, 2))
    rows = np.flatnonzero(usable)
    for span in np.split(rows, np.flatnonzero(np.diff(times[rows]) > GAP) + 1):
        if len(span) >= SHORTEST:
            rate = 1.0 / float(np.median(np.diff(times[span])))
            motion = Motion(positions[span], rate, height, Convention.KINECT_V2, "recorded", clip.name, clip.name)
            yield Pair(motion, rays_of(keypoints[span], watched.camera), keypoints[span, :, 2], known[span])


def filled(positions: FloatArray, known: npt.NDArray[np.bool_]) -> FloatArray:
    """``positions`` (frames, 25, 3) with what is not known put between what was known before and after."""
    frames = np.arange(len(positions))
    result = positions.copy()
    for joint in Joint:
        sure = known[:, joint] & known[:, Joint.SPINE_BASE]
        if joint == Joint.SPINE_BASE or not sure.any() or sure.all():
            continue
        hanging = positions[:, joint] - positions[:, Joint.SPINE_BASE]
        between = np.stack([np.interp(frames, frames[sure], hanging[sure, axis]) for axis in range(3)], axis=1)
        result[~sure, joint] = (positions[:, Joint.SPINE_BASE] + between)[~sure]
    return result


def errors_mm(watched: Sequence[Watched]) -> tuple[float, float]:
    """Mean errors over the twelve main joints and over all 25, SpineBase aligned; NaN if nobody was found."""
    errors = [
        np.where(w.known & w.known[:, :1], joint_errors(np.stack([b.positions for b in w.bodies]), w.positions), np.nan)
        for w in watched
        if len(w.bodies)
    ]
    every = np.concatenate(errors) if errors else np.full((1, len(Joint)), np.nan)
    return _mean(every[:, MAIN_JOINTS]), _mean(every)


def _mean(errors: npt.NDArray[np.floating]) -> float:
    known = np.isfinite(errors)
    return float(errors[known].mean()) if known.any() else float("nan")
