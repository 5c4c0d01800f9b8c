"""Turn public sets that were recorded with a Kinect into recordings, so that fine-tuning sees nothing special.

* ``keraal``: colour videos with the Kinect v2's skeleton of every frame (Nguyen et al., KERAAL, 2024).
* ``utd-mhad-depth``: depth pictures of a Kinect v1 with its 20 joints (Chen et al., ICIP 2015), a recording a subject.
"""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from bridge.kinect_evaluation import COLOUR_FOCAL, COLOUR_OFFSET, COLOUR_SIZE, clip_names, read_positions
from bridge.recording import NOMINAL_RATE, Recorder, RecordingError
from models.body import Body, BodyFrame, ByteArray, FloatArray
from models.camera import PinholeCamera
from models.joints import Joint, TrackingState
from models.kinect_keypoints import kinect_labels

KERAAL_RATE = 30.0
"""Frames a second at which the clips were recorded; the video files claim another."""

UTD_FOCAL = 285.63
UTD_SIZE = (320, 240)
UTD_RATE = 30.0
UTD_MM = 20.0
"""Millimetres of depth for each step of a pixel's value; 0 is background."""
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


def import_keraal(folder: Path, out: Path) -> list[Path]:
    """Write a recording for each clip of KERAAL in ``folder``; the videos are copied as they are.

    Raises
    ------
    ClipError, RecordingError
        If a clip cannot be read, or a recording not written.
    """
    written = []
    for name in tqdm(clip_names(folder), desc="clips", disable=None):
        positions = read_positions(folder / f"{name}.npz")
        pictures = _count_pictures(folder / f"{name}.mp4")
        target = out / name
        with Recorder(target, source=f"kinect: KERAAL {name}") as recorder:
            for frame in _keraal_frames(positions[:pictures], _orientations(folder / f"{name}.npz", len(positions))):
                recorder.send(frame)
        shutil.copyfile(folder / f"{name}.mp4", target / "color.mp4")
        _write_times(target, [i / KERAAL_RATE for i in range(pictures)])
        written.append(target)
    return written


def _keraal_frames(positions: FloatArray, orientations: FloatArray) -> Iterator[BodyFrame]:
    beside = np.array([COLOUR_OFFSET, 0, 0], np.float32)
    camera = PinholeCamera(COLOUR_FOCAL, COLOUR_SIZE[0] / 2, COLOUR_SIZE[1] / 2)
    states = np.full(len(Joint), TrackingState.TRACKED, np.uint8)
    for number, (joints, turned) in enumerate(zip(positions, orientations, strict=False)):
        labels = kinect_labels(camera.project(joints + beside), states, COLOUR_SIZE)
        body = Body(1, 0, joints, turned, states, keypoints=labels)
        yield BodyFrame(number / KERAAL_RATE, number, (body,), COLOUR_SIZE)


def _orientations(path: Path, frames: int) -> FloatArray:
    with np.load(path, allow_pickle=False) as file:
        if "orientation_xyzw" in file.files and file["orientation_xyzw"].shape == (frames, len(Joint), 4):
            return np.asarray(file["orientation_xyzw"], np.float32)
    return np.zeros((frames, len(Joint), 4), np.float32)


def import_utd_mhad_depth(folder: Path, out: Path) -> list[Path]:
    """Write a recording for each subject of UTD-MHAD's depth pictures in ``folder``.

    Its pictures are mirrored: whoever faces the camera has the right hand at the right. They are turned round, like
    those of every other source. Performances follow each other with a pause of `PAUSE` seconds.

    Raises
    ------
    RecordingError
        If the set cannot be read, or a recording not written.
    """
    names, positions = _utd_labels(folder / "labels.npz")
    subjects: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        subjects.setdefault(Path(name).parts[0], []).append(index)
    written = []
    for subject, rows in tqdm(sorted(subjects.items()), desc="subjects", disable=None):
        target = out / subject
        times = _utd_times([names[row] for row in rows])
        with Recorder(target, source=f"kinect: UTD-MHAD depth {subject}") as recorder:
            for sequence, (row, time) in enumerate(zip(rows, times, strict=True)):
                recorder.send(BodyFrame(time, sequence, (utd_body(positions[row]),), UTD_SIZE))
        _write_pictures(target, [folder / names[row] for row in rows])
        _write_times(target, times)
        written.append(target)
    return written


def utd_body(millimetres: FloatArray) -> Body:
    """The body of UTD-MHAD's 20 joints (20, 3); hand tips and thumbs, which a Kinect v1 lacks, are not tracked."""
    positions = np.full((len(Joint), 3), np.nan, np.float32)
    states = np.zeros(len(Joint), np.uint8)
    positions[list(V1_JOINTS)] = millimetres / np.float32(1000)
    states[list(V1_JOINTS)] = TrackingState.TRACKED
    shoulders, head = positions[[Joint.SPINE_SHOULDER, Joint.HEAD]]
    positions[Joint.NECK] = shoulders + np.float32(NECK_HEIGHT) * (head - shoulders)
    states[Joint.NECK] = TrackingState.INFERRED
    camera = PinholeCamera(UTD_FOCAL, UTD_SIZE[0] / 2 - 1, UTD_SIZE[1] / 2)
    labels = kinect_labels(camera.project(positions), states, UTD_SIZE)
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


def _utd_labels(path: Path) -> tuple[list[str], FloatArray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            names, positions = [str(name) for name in file["image"]], np.asarray(file["position_mm"], np.float32)
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise RecordingError(
            f"{path}: not the labels of UTD-MHAD, an .npz file with 'image' and 'position_mm'"
        ) from error
    if positions.shape != (len(names), len(V1_JOINTS), 3):
        expected = (len(names), len(V1_JOINTS), 3)
        raise RecordingError(f"{path}: 'position_mm' must have shape {expected}, got {positions.shape}")
    return names, positions


def _utd_times(names: list[str]) -> list[float]:
    """When each picture was taken, by the numbers in names such as ``s1/a10_s1_t1_003.png``."""
    times: list[float] = []
    start, previous = 0.0, ""
    for name in names:
        match = re.fullmatch(r"(.+)_(\d+)", Path(name).stem)
        if match is None:
            raise RecordingError(f"{name}: not the name of a UTD-MHAD picture, such as a10_s1_t1_003.png")
        seconds = int(match[2]) / UTD_RATE
        if match[1] != previous:
            start = (times[-1] + PAUSE if times else 0.0) - seconds
            previous = match[1]
        times.append(start + seconds)
    return times


def _write_pictures(folder: Path, paths: list[Path]) -> None:
    """Write ``color.mp4`` without loss: depth has few steps, and a lossy video would smear them."""
    path = folder / "color.mp4"
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"FFV1"), NOMINAL_RATE, UTD_SIZE)
    try:
        if not video.isOpened():
            raise RecordingError(f"{path}: OpenCV cannot write a video there")
        for picture in paths:
            steps = cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE)
            if steps is None or steps.shape[::-1] != UTD_SIZE:
                raise RecordingError(f"{picture}: not a depth picture of {UTD_SIZE[0]}x{UTD_SIZE[1]} pixels")
            video.write(depth_picture(steps[:, ::-1].astype(np.float32) * np.float32(UTD_MM / 1000)))
    finally:
        video.release()


def _write_times(folder: Path, times: list[float]) -> None:
    lines = (json.dumps({"time": time, "number": number}) + "\n" for number, time in enumerate(times))
    (folder / "color.jsonl").write_text("".join(lines), encoding="utf-8")


def _count_pictures(path: Path) -> int:
    video = cv2.VideoCapture(str(path))
    try:
        count = 0
        while video.grab():
            count += 1
    finally:
        video.release()
    if not count:
        raise RecordingError(f"{path}: not a video that OpenCV can read")
    return count


IMPORTERS: dict[str, Callable[[Path, Path], list[Path]]] = {
    "keraal": import_keraal,
    "utd-mhad-depth": import_utd_mhad_depth,
}
"""The sets that can be imported, by name."""
