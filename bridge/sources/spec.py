"""From what a user types to an open frame source: ``camera:1``, ``clip.mp4``, ``rtsp://...``, a folder, ``actor:3``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import cv2

from bridge.sources.capture import open_camera, open_stream
from bridge.sources.clips import IMAGE_SUFFIXES, ActorClip, ImageClip, VideoClip, images_in
from bridge.sources.live import LiveSource
from bridge.sources.playback import Clip, Playback, SourceError
from models.body import Frame

EXAMPLES = "camera, camera:1, clip.mp4, a folder of images, rtsp://HOST/PATH, actor or actor:3"
STREAM_SCHEMES = frozenset({"rtsp", "rtsps", "rtmp", "http", "https", "udp", "tcp"})
MOST_PEOPLE = 6


class FrameSource(Protocol):
    """A stream of pictures.

    Attributes
    ----------
    name : str
        What messages call it.
    live : bool
        Whether it shows the world as it is now, and therefore never ends by itself.
    """

    name: str
    live: bool

    def __iter__(self) -> Iterator[Frame]: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def close(self) -> None:
        """Let go of the device or file."""


def open_source(spec: str, *, fast: bool = False, size: tuple[int, int] = (640, 480), seed: int = 0) -> FrameSource:
    """Open the source that ``spec`` names.

    Parameters
    ----------
    spec : str
        ``camera``, ``camera:N``, ``actor``, ``actor:N``, an address, a video or image file, or a folder of images.
    fast : bool
        Play files and the actor as fast as they go, without leaving a picture out.
    size : (int, int)
        Width and height in pixels, for cameras (asked for) and the actor.
    seed : int
        The actor's.

    Raises
    ------
    SourceError
        If there is no such source.
    """
    if match := re.fullmatch(r"camera(?::(\d{1,3}))?", spec):
        index = int(match[1] or 0)
        return LiveSource(f"camera:{index}", lambda: open_camera(index, size))
    if match := re.fullmatch(r"actor(?::(\d{1,3}))?", spec):
        return Playback(_actor(int(match[1] or 1), size, seed), fast=fast)
    if "://" in spec:
        return _stream(spec, fast)
    return Playback(_file(spec), fast=fast)


def _actor(people: int, size: tuple[int, int], seed: int) -> Clip:
    if not 1 <= people <= MOST_PEOPLE:
        raise SourceError(f"actor:{people}: the number of actors must be 1 to {MOST_PEOPLE}")
    return ActorClip(people, size, seed)


def _stream(url: str, fast: bool) -> FrameSource:
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in STREAM_SCHEMES or not rest:
        known = ", ".join(sorted(STREAM_SCHEMES))
        raise SourceError(f"{url}: not the address of a stream; it must be one of {known}, then ://HOST/PATH")
    capture = open_stream(url)
    if capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0:  # a file that happens to lie on a server: it has an end and a pace
        return Playback(VideoClip(url, capture), fast=fast)
    waiting = [capture]
    return LiveSource(url, lambda: waiting.pop() if waiting else open_stream(url))


def _file(spec: str) -> Clip:
    path = Path(spec)
    if path.is_dir():
        images = images_in(path)
        if not images:
            raise SourceError(f"{spec}: a folder without images ({', '.join(sorted(IMAGE_SUFFIXES))}) or a recording")
        return ImageClip(spec, images)
    if not path.exists():
        raise SourceError(f"{spec}: no such file or folder; a source is {EXAMPLES}")
    return ImageClip(spec, [path]) if path.suffix.lower() in IMAGE_SUFFIXES else VideoClip(spec)
