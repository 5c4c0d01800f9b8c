"""KERAAL's colour videos with a Kinect v2's skeleton of every frame (Nguyen et al., 2024) as recordings."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from bridge.kinect_evaluation import COLOUR_FOCAL, COLOUR_OFFSET, COLOUR_SIZE, clip_names, read_positions
from bridge.recording import Recorder, RecordingError, write_picture_times
from models.body import Body, BodyFrame, FloatArray
from models.camera import PinholeCamera
from models.joints import Joint, TrackingState
from models.kinect_keypoints import kinect_labels

KERAAL_RATE = 30.0
"""Frames a second at which the clips were recorded; the video files claim another."""


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
        write_picture_times(target, [i / KERAAL_RATE for i in range(pictures)])
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
