"""Open cameras, streams and video files with OpenCV, with its chatter kept off the user's terminal."""

from __future__ import annotations

import os
import sys
import time

import cv2

from bridge.sources.playback import SourceError

CAMERA_PATIENCE = 2.0
"""Seconds that a camera may take until its first picture."""

STREAM_TIMEOUT = 5.0
"""Seconds that a network stream may take to open, and to give its next picture."""


def open_camera(index: int, size: tuple[int, int] = (640, 480), rate: float = 30.0) -> cv2.VideoCapture:
    """The camera with this number, asked for MJPG pictures of ``size`` (width, height) at ``rate`` a second.

    Raises
    ------
    SourceError
        If there is no such camera or it gives no picture.
    """
    hush()
    backend = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}.get(sys.platform, 0)
    capture = cv2.VideoCapture(index, backend)
    if not capture.isOpened():
        raise SourceError(f"camera:{index}: there is no such camera, or this user may not open it")
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
    capture.set(cv2.CAP_PROP_FPS, rate)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    if not _shows(capture):
        capture.release()
        raise SourceError(f"camera:{index}: opens but gives no picture; does another program use it?")
    return capture


def open_stream(url: str) -> cv2.VideoCapture:
    """The video stream at an ``rtsp://`` or ``http://`` address.

    Raises
    ------
    SourceError
        If nothing there can be played.
    """
    hush()
    patience = round(STREAM_TIMEOUT * 1000)
    options = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, patience, cv2.CAP_PROP_READ_TIMEOUT_MSEC, patience]
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, options)
    if not capture.isOpened():
        raise SourceError(f"{url}: no video stream there, or no way to reach it")
    return capture


def open_file(path: str) -> cv2.VideoCapture:
    """A video file.

    Raises
    ------
    SourceError
        If it is not a video.
    """
    hush()
    capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG)
    if not capture.isOpened():
        raise SourceError(f"{path}: not a video that can be read; it is of another kind, or its end is missing")
    return capture


def hush() -> None:
    """Keep OpenCV and the ffmpeg inside it from writing to stderr; failures are told as errors of ours."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET, read when the first capture opens
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def _shows(capture: cv2.VideoCapture) -> bool:
    """Whether a camera gives a picture; some need a moment."""
    end = time.monotonic() + CAMERA_PATIENCE
    while not capture.read()[0]:
        if time.monotonic() >= end:
            return False
        time.sleep(0.05)
    return True
