"""What a program with a Kinect looks at: the newest bodies and their picture, read by a thread of their own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from bridge.client import DEFAULT_URL, Subscription, subscribe
from bridge.pykinect2_compat.views import KINECT_COLOUR_VIEW, SeenCamera, View, colour_view
from models.body import BodyFrame, Frame
from models.camera import CameraOfSize

PATIENCE = 3.0
"""Seconds that a source may take to end."""

log = logging.getLogger(__name__)


class Source(Protocol):
    """Body frames with pictures, such as `bridge.cli.stream.Stream`.

    Attributes
    ----------
    name : str
    picture : Frame, optional
        That of the newest body frame.
    """

    name: str

    @property
    def picture(self) -> Frame | None: ...

    def __iter__(self) -> Iterator[BodyFrame]: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What is seen at one moment.

    Attributes
    ----------
    frame : BodyFrame
    picture : Frame, optional
        Where there is one of the size in which the bodies were found.
    view : View
        The colour camera.
    """

    frame: BodyFrame
    picture: Frame | None
    view: View


class Feed:
    """Reads a source until it is closed.

    Parameters
    ----------
    source : Source
        Closed together with this.
    camera : callable, optional
        The camera for pictures of a width and height; without it, bodies show it.
    limit : callable
        Which of the frames are seen.
    """

    def __init__(
        self,
        source: Source,
        camera: CameraOfSize | None = None,
        limit: Callable[[Iterable[BodyFrame]], Iterable[BodyFrame]] = iter,
    ) -> None:
        self._source = source
        self._limit = limit
        self._camera, self._seen = camera, SeenCamera()
        self._newest: Moment | None = None
        self._failure: Exception | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._read, name="kinect", daemon=True)
        self._thread.start()

    def newest(self) -> Moment | None:
        """The newest moment, None before the first; raises what the source has failed with."""
        if self._failure is not None:
            raise self._failure
        return self._newest

    def close(self) -> None:
        """Stop reading; closing twice is allowed."""
        self._closing.set()
        if self._thread is not threading.current_thread():
            self._thread.join(PATIENCE)

    def _read(self) -> None:
        try:
            with self._source:
                for frame in self._limit(self._source):
                    if self._closing.is_set():
                        return
                    self._newest = self._moment(frame)
            log.warning("%s has ended; the program still sees the last of it", self._source.name)
        except Exception as error:  # in a thread: told to whoever asks for the next frame
            self._failure = error

    def _moment(self, frame: BodyFrame) -> Moment:
        picture = self._source.picture
        if min(frame.image_size) < 1:
            return Moment(frame, None, KINECT_COLOUR_VIEW)
        camera = self._camera(*frame.image_size) if self._camera is not None else self._seen.update(frame)
        fitting = picture is not None and picture.image.shape[1::-1] == frame.image_size
        return Moment(frame, picture if fitting else None, colour_view(camera, frame.image_size))


class RemoteBodies:
    """The bodies of a bridge that runs elsewhere, without pictures."""

    picture = None

    def __init__(self, url: str = DEFAULT_URL) -> None:
        self.name = url
        self._frames: Subscription[BodyFrame] = subscribe(url)

    def __iter__(self) -> Iterator[BodyFrame]:
        return iter(self._frames)

    def __enter__(self) -> RemoteBodies:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._frames.close()
