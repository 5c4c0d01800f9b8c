"""UTD-MHAD's depth pictures and skeletons of a Kinect v1 (Chen et al., ICIP 2015) as recordings, one a subject.

Its pictures are mirrored: whoever faces the camera has the right hand at the right. They are turned round, like those
of every other source. And they come late: a picture shows what the skeletons showed `DELAY` before the one of its
number, so labels are taken from between the skeletons.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from bridge.recording import NOMINAL_RATE, Recorder, RecordingError, write_picture_times
from models.body import Body, BodyFrame, ByteArray, FloatArray
from models.camera import PinholeCamera
from models.joints import Joint, TrackingState
from models.kinect_keypoints import kinect_labels

FOCAL = 285.63
SIZE = (320, 240)
RATE = 30.0
STEP = 0.02
"""Metres of depth for each step of a pixel's value; 0 is background."""
DELAY = 1.75 / RATE
"""Seconds. Wrists at this time lie within 12 cm of the surface that their pixels show in 98 % of all pictures, and in
84 % without delay; for each of the subjects 1 to 6 the best delay is between 1.5 and 2 pictures."""

SKELETONS = "utd_mhad_skeletons.npz"
"""The skeletons between those that have a picture, if they lie beside the folder; without them, what lies between is
interpolated from one picture to the next, a quarter of a second."""

PAUSE = 5.0
"""Seconds between two performances that were put into one recording."""

V1_JOINTS = (
    Joint.HEAD,
    Joint.SPINE_SHOULDER,
    Joint.SPINE_MID,
    Joint.SPINE_BASE,
    Joint.SHOULDER_LEFT,
    Joint.ELBOW_LEFT,
    Joint.WRIST_LEFT,
    Joint.HAND_LEFT,
    Joint.SHOULDER_RIGHT,
    Joint.ELBOW_RIGHT,
    Joint.WRIST_RIGHT,
    Joint.HAND_RIGHT,
    Joint.HIP_LEFT,
    Joint.KNEE_LEFT,
    Joint.ANKLE_LEFT,
    Joint.FOOT_LEFT,
    Joint.HIP_RIGHT,
    Joint.KNEE_RIGHT,
    Joint.ANKLE_RIGHT,
    Joint.FOOT_RIGHT,
)
"""The order of UTD-MHAD's joints, those of a Kinect v1, in the vocabulary of the v2."""

NECK_HEIGHT = 0.35
"""Where the neck, which a Kinect v1 lacks, lies on the way from the shoulders' centre to the head's."""

DEPTH_WINDOW = (0.75, 0.35)
"""How many metres before and behind the middle of what it shows a depth picture is told apart."""


@dataclass(frozen=True, slots=True)
class Take:
    """Which picture of which performance: action, subject and trial, and the picture's number in it."""

    action: int
    subject: int
    trial: int
    number: int

    @property
    def performance(self) -> tuple[int, int, int]:
        """What the set's two files have in common."""
        return self.action, self.subject, self.trial

    @classmethod
    def of(cls, name: str) -> Take:
        """From a name such as ``s1/a10_s1_t1_003.png``.

        Raises
        ------
        RecordingError
            If it is none.
        """
        match = re.fullmatch(r"a(\d+)_s(\d+)_t(\d+)_(\d+)", Path(name).stem)
        if match is None:
            raise RecordingError(f"{name}: not the name of a UTD-MHAD picture, such as a10_s1_t1_003.png")
        return cls(*map(int, match.groups()))


def import_utd_mhad_depth(folder: Path, out: Path, delay: float = DELAY) -> list[Path]:
    """Write a recording for each subject of UTD-MHAD's depth pictures in ``folder``.

    Performances follow each other with a pause of `PAUSE` seconds.

    Parameters
    ----------
    folder, out : Path
    delay : float
        Seconds; 0 takes the labels as they are.

    Raises
    ------
    RecordingError
        If the set cannot be read, or a recording not written.
    """
    names, positions = _labels(folder / "labels.npz")
    takes = [Take.of(name) for name in names]
    positions = delayed(takes, positions, delay * RATE, skeletons(folder.resolve().parent / SKELETONS))
    subjects: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        subjects.setdefault(Path(name).parts[0], []).append(index)
    written = []
    for subject, rows in tqdm(sorted(subjects.items()), desc="subjects", disable=None):
        target = out / subject
        times = _times([takes[row] for row in rows])
        with Recorder(target, source=f"kinect: UTD-MHAD depth {subject}") as recorder:
            for sequence, (row, time) in enumerate(zip(rows, times, strict=True)):
                recorder.send(BodyFrame(time, sequence, (utd_body(positions[row]),), SIZE))
        _write_pictures(target, [folder / names[row] for row in rows])
        write_picture_times(target, times)
        written.append(target)
    return written


def delayed(
    takes: Sequence[Take],
    positions: FloatArray,
    pictures: float,
    skeletons: dict[tuple[int, int, int], FloatArray],
) -> FloatArray:
    """Where the joints were so many ``pictures`` before each of ``takes``, (n, 20, 3), but not before the first known.

    Parameters
    ----------
    takes : sequence of Take
    positions : (n, 20, 3) float32 array
        Where they are said to be.
    pictures : float
    skeletons : dict of array
        All skeletons (T, 20, 3) of a performance; what is missing is taken from ``positions``.
    """
    rows: dict[tuple[int, int, int], list[int]] = {}
    for row, take in enumerate(takes):
        rows.setdefault(take.performance, []).append(row)
    result = positions.copy()
    for performance, own in rows.items():
        numbers = np.array([takes[row].number for row in own], np.float32)
        known = skeletons.get(performance)
        when = numbers if known is None else np.arange(len(known), dtype=np.float32)
        result[own] = _between(when, positions[own] if known is None else known, numbers - np.float32(pictures))
    return result


def _between(when: FloatArray, positions: FloatArray, wanted: FloatArray) -> FloatArray:
    """``positions`` (n, 20, 3) at rising times ``when`` (n,) at those ``wanted`` (m,), not before the first."""
    after = np.clip(np.searchsorted(when, wanted), 1, max(1, len(when) - 1))
    if len(when) == 1:
        return np.repeat(positions, len(wanted), axis=0)
    share = np.clip((wanted - when[after - 1]) / (when[after] - when[after - 1]), 0.0, 1.0)[:, None, None]
    return np.asarray(positions[after - 1] + share * (positions[after] - positions[after - 1]), np.float32)


def utd_body(millimetres: FloatArray) -> Body:
    """The body of UTD-MHAD's 20 joints (20, 3); hand tips and thumbs, which a Kinect v1 lacks, are not tracked."""
    positions = np.full((len(Joint), 3), np.nan, np.float32)
    states = np.zeros(len(Joint), np.uint8)
    positions[list(V1_JOINTS)] = millimetres / np.float32(1000)
    states[list(V1_JOINTS)] = TrackingState.TRACKED
    shoulders, head = positions[[Joint.SPINE_SHOULDER, Joint.HEAD]]
    positions[Joint.NECK] = shoulders + np.float32(NECK_HEIGHT) * (head - shoulders)
    states[Joint.NECK] = TrackingState.INFERRED
    camera = PinholeCamera(FOCAL, SIZE[0] / 2 - 1, SIZE[1] / 2)
    labels = kinect_labels(camera.project(positions), states, SIZE)
    return Body(1, 0, positions, np.zeros((len(Joint), 4), np.float32), states, keypoints=labels)


def depth_picture(depth: FloatArray) -> ByteArray:
    """A grey (h, w, 3) picture of ``depth`` (h, w) in metres, 0 where there is none: near is light, background black.

    Grey stands for the distance from the middle of what is shown, not from the camera, so that somebody who steps back
    looks the same and limbs before the body stand out.
    """
    shown = depth > 0
    middle = float(np.median(depth[shown])) if shown.any() else 0.0
    before, behind = DEPTH_WINDOW
    nearness = np.clip((middle + behind - depth) / (before + behind), 0, 1)
    grey = np.where(shown, 60 + 195 * nearness, 0).round().astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _labels(path: Path) -> tuple[list[str], FloatArray]:
    data = _arrays(path, ("image", "position_mm"), "labels")
    names, positions = [str(name) for name in data["image"]], np.asarray(data["position_mm"], np.float32)
    if positions.shape != (len(names), len(V1_JOINTS), 3):
        expected = (len(names), len(V1_JOINTS), 3)
        raise RecordingError(f"{path}: 'position_mm' must have shape {expected}, got {positions.shape}")
    return names, positions


def skeletons(path: Path) -> dict[tuple[int, int, int], FloatArray]:
    """All skeletons (T, 20, 3) by performance; none without the file."""
    if not path.is_file():
        return {}
    data = _arrays(path, ("action", "subject", "trial", "offset", "position_mm"), "skeletons")
    parts = zip(*(data[name].tolist() for name in ("action", "subject", "trial")), strict=True)
    spans = zip(data["offset"][:-1], data["offset"][1:], strict=True)
    positions = np.asarray(data["position_mm"], np.float32)
    return {(int(a), int(s), int(t)): positions[i:j] for (a, s, t), (i, j) in zip(parts, spans, strict=True)}


def _arrays(path: Path, names: Sequence[str], what: str) -> dict[str, npt.NDArray[Any]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in names}
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        wanted = " and ".join(f"'{name}'" for name in names)
        raise RecordingError(f"{path}: not the {what} of UTD-MHAD, an .npz file with {wanted}") from error


def _times(takes: Sequence[Take]) -> list[float]:
    """When each picture was taken."""
    times: list[float] = []
    start = 0.0
    for number, take in enumerate(takes):
        seconds = take.number / RATE
        if number == 0 or take.performance != takes[number - 1].performance:
            start = (times[-1] + PAUSE if times else 0.0) - seconds
        times.append(start + seconds)
    return times


def _write_pictures(folder: Path, paths: list[Path]) -> None:
    """Write ``color.mp4`` without loss: depth has few steps, and a lossy video would smear them."""
    path = folder / "color.mp4"
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"FFV1"), NOMINAL_RATE, SIZE)
    try:
        if not video.isOpened():
            raise RecordingError(f"{path}: OpenCV cannot write a video there")
        for picture in paths:
            steps = cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE)
            if steps is None or steps.shape[::-1] != SIZE:
                raise RecordingError(f"{picture}: not a depth picture of {SIZE[0]}x{SIZE[1]} pixels")
            video.write(depth_picture(steps[:, ::-1].astype(np.float32) * np.float32(STEP)))
    finally:
        video.release()
