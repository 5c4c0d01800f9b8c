"""``--mirror``: a stream with left and right exchanged, before anybody else sees it.

This is the only place that mirrors: publishers, gestures, the recorder and the preview all get what comes out of here.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType

from bridge.cli.stream import Stream
from models.body import BodyFrame, Frame
from models.mirror import mirrored, mirrored_picture


class Mirrored:
    """A `Stream` as a mirror shows it, bodies and pictures.

    Parameters
    ----------
    stream : Stream
        Closed together with this.
    """

    def __init__(self, stream: Stream) -> None:
        self.name = stream.name
        self.watch = stream.watch
        self._stream = stream
        self._picture: tuple[Frame, Frame] | None = None

    @property
    def dropped(self) -> int:
        """See `Stream`."""
        return self._stream.dropped

    @property
    def picture(self) -> Frame | None:
        """See `Stream`; flipped only if somebody asks."""
        seen = self._stream.picture
        if seen is None:
            return None
        if self._picture is None or self._picture[0] is not seen:
            self._picture = seen, mirrored_picture(seen)
        return self._picture[1]

    def __iter__(self) -> Iterator[BodyFrame]:
        return map(mirrored, self._stream)

    def __enter__(self) -> Mirrored:
        self._stream.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.__exit__(kind, error, trace)

    def age(self, frame: BodyFrame, now: float) -> float | None:
        """See `Stream`."""
        return self._stream.age(frame, now)
