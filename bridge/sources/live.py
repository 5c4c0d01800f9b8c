"""Cameras and network streams: the newest picture only, and back again after the cable was pulled."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Protocol

from bridge.sources.playback import SourceError
from models.body import Frame

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts to reconnect; the last one repeats."""

log = logging.getLogger(__name__)


class Capture(Protocol):
    """The part of ``cv2.VideoCapture`` that a live source uses."""

    def grab(self) -> bool:
        """Wait for the next picture."""

    def retrieve(self) -> tuple[bool, Any]:
        """Decode it."""

    def release(self) -> None:
        """Let go of the device."""


class LiveSource:
    """A frame source that a thread keeps up to date: readers get the newest picture and never a queue.

    Parameters
    ----------
    name : str
        What messages call it.
    connect : callable
        Opens the device; raises `SourceError` while it is not there.
    pauses : iterable of float
        Seconds between attempts to reconnect; the last one repeats.
    now : callable
        The clock; a frame's time is when its picture arrived.

    Raises
    ------
    SourceError
        If the device cannot be opened in the first place.
    """

    live = True

    def __init__(
        self,
        name: str,
        connect: Callable[[], Capture],
        *,
        pauses: Iterable[float] = PAUSES,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._connect = connect
        self._pauses = tuple(pauses)
        self._now = now
        self._fresh = threading.Condition()
        self._newest: Frame | None = None
        self._error: Exception | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, args=(connect(),), name=name, daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Frame]:
        shown: Frame | None = None
        while (frame := self._newer_than(shown)) is not None:
            shown = frame
            yield frame

    def __enter__(self) -> LiveSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the thread and let go of the device; a device that hangs is left to end with the program."""
        self._stop.set()
        self._thread.join(timeout=0.5)

    def _newer_than(self, shown: Frame | None) -> Frame | None:
        with self._fresh:
            while self._newest is shown:
                if self._error is not None:
                    raise self._error
                if self._stop.is_set():
                    return None
                self._fresh.wait(0.1)  # in steps, since a wait without end shuts out Ctrl-C on Windows
            return self._newest

    def _follow(self, capture: Capture) -> None:
        try:
            self._follow_until_stopped(capture)
        except Exception as error:  # handed to the reader, who is in another thread
            self._error = error

    def _follow_until_stopped(self, capture: Capture | None) -> None:
        number = 0
        while capture is not None and not self._stop.is_set():
            arrived = capture.grab()
            moment = self._now()
            image = capture.retrieve()[1] if arrived else None
            if image is not None:
                with self._fresh:
                    self._newest = Frame(image, moment, number)
                    self._fresh.notify_all()
                number += 1
            else:
                capture.release()
                capture = self._reconnected()
        if capture is not None:
            capture.release()

    def _reconnected(self) -> Capture | None:
        """The device, once it is back; None if the source was closed meanwhile."""
        log.warning("%s: gives no picture any more; trying again until it does", self.name)
        for pause in itertools.chain(self._pauses, itertools.repeat(self._pauses[-1])):
            if self._stop.wait(pause):
                break
            try:
                capture = self._connect()
            except SourceError:
                continue
            log.warning("%s: is back", self.name)
            return capture
        return None
