"""A live source shows the newest picture, and comes back when its device does."""

from __future__ import annotations

import queue
import threading
from typing import Any

import numpy as np
import pytest

from bridge.sources.live import LiveSource
from bridge.sources.playback import SourceError


class Camera:
    """A device that shows what a test puts into it; None unplugs it."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self._pictures: queue.Queue[int | None] = queue.Queue()
        self._waiting = threading.Event()
        self._current: int | None = None

    def show(self, *pictures: int | None) -> None:
        """Show these pictures, and return when the source has taken them all and waits for more."""
        self._waiting.clear()
        for picture in pictures:
            self._pictures.put(picture)
        assert self.released.is_set() or None in pictures or self._waiting.wait(60)

    def grab(self) -> bool:
        if self._pictures.empty():
            self._waiting.set()
        self._current = self._pictures.get(timeout=60)
        return self._current is not None

    def retrieve(self) -> tuple[bool, Any]:
        return True, np.full((2, 3, 3), self._current, np.uint8)

    def release(self) -> None:
        self.released.set()


def shown(frame: Any) -> int:
    return int(frame.image[0, 0, 0])


def gone() -> Camera:
    raise SourceError("camera:0: gone")


def test_a_reader_that_was_away_gets_only_the_newest_picture() -> None:
    camera = Camera()
    devices = iter([lambda: camera, gone])
    with LiveSource("camera:0", lambda: next(devices)(), pauses=(0, 60)) as source:
        frames = iter(source)
        camera.show(1)
        assert shown(next(frames)) == 1
        camera.show(2, 3, 4, 5, 6, 7)
        frame = next(frames)
        assert (shown(frame), frame.number) == (7, 6)
        camera.show(None)


def test_each_picture_is_shown_once() -> None:
    camera = Camera()
    devices = iter([lambda: camera, gone])
    with LiveSource("camera:0", lambda: next(devices)(), pauses=(0, 60)) as source:
        frames = iter(source)
        numbers = []
        for value in range(5):
            camera.show(value)
            numbers.append(next(frames).number)
        assert numbers == [0, 1, 2, 3, 4]
        camera.show(None)


def test_a_camera_that_was_unplugged_comes_back(caplog: pytest.LogCaptureFixture) -> None:
    first, second = Camera(), Camera()
    devices: list[Camera | None] = [first, None, None, second]

    def connect() -> Camera:
        device = devices.pop(0)
        if device is None:
            raise SourceError("camera:0: gone")
        return device

    with LiveSource("camera:0", connect, pauses=(0, 0, 0, 60)) as source:
        frames = iter(source)
        first.show(1)
        assert shown(next(frames)) == 1
        first.show(None)
        second.show(9)
        frame = next(frames)
        assert (shown(frame), frame.number) == (9, 1)
        assert first.released.is_set()
        devices += [None] * 10
        second.show(None)
    assert caplog.messages[:2] == [
        "camera:0: gives no picture any more; trying again until it does",
        "camera:0: is back",
    ]


def test_closing_ends_the_loop_of_a_reader() -> None:
    camera = Camera()
    source = LiveSource("camera:0", lambda: camera, pauses=(0,))
    camera.show(1)
    for _ in source:
        camera.show(None)
        source.close()
    assert camera.released.is_set()


def test_a_device_that_breaks_tells_its_reader() -> None:
    class Broken(Camera):
        def grab(self) -> bool:
            raise RuntimeError("the driver is gone")

    with (
        LiveSource("camera:0", Broken, pauses=(0,)) as source,
        pytest.raises(RuntimeError, match="the driver is gone"),
    ):
        next(iter(source))


def test_a_camera_that_is_not_there_is_an_error_at_once() -> None:
    def connect() -> Camera:
        raise SourceError("camera:7: there is no such camera")

    with pytest.raises(SourceError, match="camera:7"):
        LiveSource("camera:7", connect)


def test_a_frame_has_the_time_of_its_arrival() -> None:
    camera = Camera()
    with LiveSource("camera:0", lambda: camera, pauses=(0,), now=lambda: 42.5) as source:
        camera.show(1)
        assert next(iter(source)).time == 42.5
        camera.show(None)
