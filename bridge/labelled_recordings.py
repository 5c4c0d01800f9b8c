"""Recordings as something to learn from: who is in them, which labels hold, and the pictures of chosen frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bridge.recording import RecordingError, read_recording
from models.body import ByteArray, FloatArray
from models.label_checks import LabelReport, check_labels, joints_to_trust, merged
from models.training.finetune_arms import behind
from models.training.finetune_choice import (
    IndexArray,
    diverse,
    divided_in_time,
    evenly,
    held_out_clips,
    pose_features,
    spaced,
)
from models.training.finetune_frames import LabelledFrame, cut_out

PLATE_PICTURES = 25
"""From so many pictures of a recording it is found out what lies behind the arms."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPerson:
    """One person of a recording, over the T frames in which they are and that have a picture.

    Attributes
    ----------
    times : (T,) float64 array
        Seconds, ascending.
    keypoints : (T, 23, 3) float32 array
        x, y in pixels, confidence.
    weights : (T, 23) float32 array
        How far each label can be trusted.
    positions : (T, 25, 3) float32 array
        The Kinect's joints in metres.
    known : (T, 25) bool array
        Which of these it saw and can be right.
    """

    times: npt.NDArray[np.float64]
    keypoints: FloatArray
    weights: FloatArray
    positions: FloatArray
    known: npt.NDArray[np.bool_]

    @property
    def labels(self) -> FloatArray:
        """x, y and weight of each keypoint, (T, 23, 3)."""
        return np.concatenate([self.keypoints[..., :2], self.weights[..., None]], 2)

    def features(self, image_size: tuple[int, int]) -> FloatArray:
        """What tells poses apart, (T, 48)."""
        return pose_features(self.labels, image_size)


@dataclass(frozen=True, slots=True, eq=False)
class LabelledClip:
    """A recording with labels.

    Attributes
    ----------
    name : str
        The folder's.
    folder : Path
    source : str
        What was recorded, and whether a Kinect elsewhere was its teacher.
    people : tuple of LabelledPerson
    image_size : (int, int)
        Width and height in pixels.
    seconds : float
        From the first frame to the last.
    report : LabelReport
        How many labels were dropped, and why.
    """

    name: str
    folder: Path
    source: str
    people: tuple[LabelledPerson, ...]
    image_size: tuple[int, int]
    seconds: float
    report: LabelReport


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Frames of one person of a clip: indices into `LabelledPerson.times`."""

    clip: LabelledClip
    person: LabelledPerson
    frames: IndexArray


def find_recordings(folders: Iterable[Path]) -> list[Path]:
    """The recordings that are meant: each folder itself, or all recordings in it.

    Raises
    ------
    RecordingError
        If a folder is neither, or two recordings have the same name.
    """
    found: list[Path] = []
    for folder in folders:
        inside = [folder] if (folder / "meta.json").is_file() else sorted(p.parent for p in folder.glob("*/meta.json"))
        if not inside:
            raise RecordingError(f"{folder}: neither a recording nor a folder of recordings")
        found += inside
    found = list(dict.fromkeys(path.resolve() for path in found))
    names = [path.name for path in found]
    for name in names:
        if names.count(name) > 1:
            raise RecordingError(f"{name}: two recordings have this name; rename one of their folders")
    return found


def read_clip(folder: Path) -> LabelledClip:
    """Read everyone in the recording ``folder`` and check the labels.

    Raises
    ------
    RecordingError
        If it is no recording, or one without pictures or bodies.
    """
    recording = read_recording(folder)
    if not (folder / "color.mp4").is_file() or not (folder / "color.jsonl").is_file():
        raise RecordingError(f"{folder}: no pictures in it; record with --color")
    tracks: dict[int, list[tuple[float, FloatArray, ByteArray, FloatArray]]] = {}
    size, seconds = (0, 0), []
    for frame in recording:
        seconds.append(frame.time)
        size = frame.image_size if min(frame.image_size) > 0 else size
        for body in frame.bodies:
            row = (frame.time, body.positions, body.tracking_states, body.keypoints)
            tracks.setdefault(body.tracking_id, []).append(row)
    if not tracks:
        raise RecordingError(f"{folder}: nobody is in it")
    checked = [_checked(rows, size) for rows in tracks.values()]
    return LabelledClip(
        name=folder.name,
        folder=folder,
        source=recording.source + (" with a Kinect as teacher" if (folder / "seen.jsonl").is_file() else ""),
        people=tuple(person for person, _ in checked),
        image_size=size,
        seconds=seconds[-1] - seconds[0],
        report=merged(report for _, report in checked),
    )


def _checked(
    rows: list[tuple[float, FloatArray, ByteArray, FloatArray]], size: tuple[int, int]
) -> tuple[LabelledPerson, LabelReport]:
    times = np.array([row[0] for row in rows], np.float64)
    positions, states, keypoints = (np.stack([row[i] for row in rows]) for i in (1, 2, 3))
    check = check_labels(positions, states, keypoints, times, size)
    known = joints_to_trust(positions, states, times)
    return LabelledPerson(times, keypoints, check.weights, positions, known), check.report


def divided(
    clips: Sequence[LabelledClip], hold_out: Sequence[str] | None
) -> tuple[list[Chosen], list[Chosen], list[str]]:
    """Frames to learn from, frames held out, and the names of the clips that were held out as a whole.

    Parameters
    ----------
    clips : sequence of LabelledClip
    hold_out : sequence of str, optional
        Names of clips. Without them every fifth clip is held out, and of a single clip its last fifth in time.

    Raises
    ------
    RecordingError
        If there is no such clip, or nothing is left to learn from.
    """
    names = [clip.name for clip in clips]
    for name in hold_out or ():
        if name not in names:
            raise RecordingError(f"{name}: no recording of this name to hold out; there are {', '.join(names)}")
    held = list(hold_out) if hold_out else held_out_clips(names)
    if len(held) == len(names):
        raise RecordingError(f"all {len(names)} recordings are held out; nothing is left to learn from")
    learn: list[Chosen] = []
    test: list[Chosen] = []
    for clip in clips:
        for person in clip.people:
            every = np.arange(len(person.times))
            if not held:
                early, late = divided_in_time(person.times)
                learn.append(Chosen(clip, person, early))
                test.append(Chosen(clip, person, late))
            else:
                (test if clip.name in held else learn).append(Chosen(clip, person, every))
    return learn, test, held


def chosen_to_learn(candidates: Sequence[Chosen], rate: float, most: int) -> list[Chosen]:
    """At most ``rate`` frames a second and ``most`` in all, as different from each other as they can be."""
    thinned = [Chosen(c.clip, c.person, c.frames[spaced(c.person.times[c.frames], rate)]) for c in candidates]
    features = [c.person.features(c.clip.image_size)[c.frames] for c in thinned]
    if not features:
        return []
    kept = np.zeros(sum(map(len, features)), bool)
    kept[diverse(np.concatenate(features), most)] = True
    parts = np.split(kept, np.cumsum([len(f) for f in features])[:-1])
    return [Chosen(c.clip, c.person, c.frames[part]) for c, part in zip(thinned, parts, strict=True)]


def chosen_to_test(candidates: Sequence[Chosen], most: int) -> list[Chosen]:
    """At most ``most`` frames, evenly."""
    every = sum(len(c.frames) for c in candidates)
    share = min(1.0, most / max(every, 1))
    return [Chosen(c.clip, c.person, c.frames[evenly(len(c.frames), round(share * len(c.frames)))]) for c in candidates]


def cut_frames(
    chosen: Sequence[Chosen],
    size: tuple[int, int],
    detail: float,
    told: Callable[[int], object] = lambda _: None,
    arms: bool = False,
) -> list[LabelledFrame]:
    """Read the pictures of the chosen frames and cut out the people.

    Parameters
    ----------
    chosen : sequence of Chosen
    size : (int, int)
        Width and height of the network's view.
    detail : float
        Pixels of a cut-out for each pixel of the view.
    told : callable
        Called with the number of pictures read since the last call.
    arms : bool
        Whether to find out what lies behind the arms, so that they can be turned.

    Raises
    ------
    RecordingError
        If pictures cannot be read.
    """
    frames: list[LabelledFrame] = []
    for folder in dict.fromkeys(c.clip.folder for c in chosen):
        wanted: dict[float, list[tuple[Chosen, int]]] = {}
        for c in chosen:
            if c.clip.folder == folder:
                for index in c.frames.tolist():
                    wanted.setdefault(float(c.person.times[index]), []).append((c, index))
        plate = _behind(folder, wanted) if arms else None
        for picture in read_recording(folder).pictures():
            told(1)
            for c, index in wanted.pop(picture.time, ()):
                labels = c.person.keypoints[index], c.person.weights[index]
                frame = cut_out(picture.image, *labels, size, c.clip.name, picture.time, detail, plate)
                if frame is not None:
                    frames.append(frame)
            if not wanted:
                break
    return frames


def _behind(folder: Path, wanted: dict[float, list[tuple[Chosen, int]]]) -> ByteArray | None:
    """What lies behind the arms in the pictures of a recording; None if the camera moved."""
    times = sorted(wanted)
    some = {times[i] for i in evenly(len(times), PLATE_PICTURES)}
    images, people = [], []
    for picture in read_recording(folder).pictures():
        if picture.time in some:
            some.remove(picture.time)
            images.append(picture.image.copy())
            people.append(np.stack([c.person.labels[i] for c, i in wanted[picture.time]]))
        if not some:
            break
    return behind(images, people)
