"""Bodies and gestures for the macros, from a running bridge or from a source of our own, without waiting for long."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import Protocol

from bridge.client import subscribe, subscribe_events
from gestures.event import GestureEvent
from models.body import BodyFrame

Seen = tuple[BodyFrame | None, tuple[GestureEvent, ...]]

ENDING = 3.0
"""Seconds that a source may take to end."""


class Watch(Protocol):
    """Tells what has happened.

    Attributes
    ----------
    name : str
    ended : bool
        Whether nothing more will come.
    """

    name: str
    ended: bool

    def poll(self, timeout: float) -> Seen:
        """The newest frame, None without a new one, and all events since the last time; waits up to ``timeout``."""


class RemoteWatch:
    """A bridge that publishes over ZeroMQ.

    Parameters
    ----------
    url : str
        ``zmq://HOST:PORT``.
    """

    ended = False

    def __init__(self, url: str) -> None:
        self.name = url
        self._stack = ExitStack()
        self._frames = self._stack.enter_context(subscribe(url))
        self._events = self._stack.enter_context(subscribe_events(url))

    def poll(self, timeout: float) -> Seen:
        """See `Watch`."""
        events = []
        event = self._events.poll(timeout)  # gestures are more urgent than places
        while event is not None:
            events.append(event)
            event = self._events.poll()
        return self._frames.poll(), tuple(events)

    def __enter__(self) -> RemoteWatch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


class LocalWatch:
    """A source of our own, looked at by a thread.

    Parameters
    ----------
    name : str
    frames : iterable of BodyFrame
    recognise : callable
        Gives the events of a frame.
    close : callable
        Closes the source, called by the thread.
    """

    def __init__(
        self,
        name: str,
        frames: Iterable[BodyFrame],
        recognise: Callable[[BodyFrame], tuple[GestureEvent, ...]],
        close: Callable[[], object],
    ) -> None:
        self.name = name
        self.ended = False
        self._frames, self._recognise, self._close = frames, recognise, close
        self._seen: queue.Queue[tuple[BodyFrame, tuple[GestureEvent, ...]] | Exception | None] = queue.Queue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)
        self._thread.start()

    def poll(self, timeout: float) -> Seen:
        """See `Watch`; raises what the source fails with."""
        newest: BodyFrame | None = None
        events: list[GestureEvent] = []
        try:
            seen = self._seen.get(timeout=timeout)
            while True:
                if seen is None:
                    self.ended = True
                elif isinstance(seen, Exception):
                    raise seen
                else:
                    newest = seen[0]
                    events.extend(seen[1])
                seen = self._seen.get_nowait()
        except queue.Empty:
            return newest, tuple(events)

    def __enter__(self) -> LocalWatch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join(ENDING)

    def _look(self) -> None:
        try:
            for frame in self._frames:
                if self._closing.is_set():
                    break
                self._seen.put((frame, self._recognise(frame)))
            self._seen.put(None)
        except Exception as error:  # in a thread: told to whoever asks
            self._seen.put(error)
        finally:
            self._close()
