"""Cameras are asked for what we want, and those that do not work are told apart."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from bridge.sources import capture
from bridge.sources.playback import SourceError


class Device:
    """A camera that gives its first picture after some attempts."""

    there = True
    attempts = 0

    def __init__(self, index: int, backend: int) -> None:
        self.index = index
        self.asked: dict[int, float] = {}
        self.released = False
        self._left = self.attempts

    def isOpened(self) -> bool:
        return self.there

    def set(self, what: int, value: float) -> bool:
        self.asked[what] = value
        return True

    def read(self) -> tuple[bool, Any]:
        self._left -= 1
        return self._left < 0, np.zeros((2, 3, 3), np.uint8)

    def release(self) -> None:
        self.released = True


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> type[Device]:
    class Plugged(Device):
        pass

    monkeypatch.setattr(cv2, "VideoCapture", Plugged)
    monkeypatch.setattr(capture, "CAMERA_PATIENCE", 60.0)
    return Plugged


def test_a_camera_is_asked_for_small_compressed_pictures_and_no_queue(device: type[Device]) -> None:
    camera: Any = capture.open_camera(2)
    assert camera.index == 2
    assert camera.asked == {
        cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*"MJPG"),
        cv2.CAP_PROP_FRAME_WIDTH: 640,
        cv2.CAP_PROP_FRAME_HEIGHT: 480,
        cv2.CAP_PROP_FPS: 30,
        cv2.CAP_PROP_BUFFERSIZE: 1,
    }


def test_a_camera_may_need_a_moment(device: type[Device]) -> None:
    device.attempts = 2
    capture.open_camera(0)


def test_a_camera_that_gives_no_picture_is_told_apart_from_none(
    device: type[Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "CAMERA_PATIENCE", 0.15)
    device.attempts = 1000
    with pytest.raises(SourceError, match="camera:0: opens but gives no picture"):
        capture.open_camera(0)
    device.there = False
    with pytest.raises(SourceError, match="camera:0: there is no such camera"):
        capture.open_camera(0)
