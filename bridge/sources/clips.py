"""What can be played: video files, folders of images, and the built-in actor."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from bridge.sources.capture import hush, open_file
from bridge.sources.playback import Picture, SourceError
from models.actor import Actor
from models.body import ByteArray

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})
RATE = 30.0
"""Pictures a second of image folders, of the actor, and of videos that do not tell."""

log = logging.getLogger(__name__)


class VideoClip:
    """A video file, or an address of one.

    Parameters
    ----------
    name : str
        What messages call it, usually its path.
    capture : cv2.VideoCapture, optional
        The opened file; without it ``name`` is opened.

    Raises
    ------
    SourceError
        If it is not a video.
    """

    def __init__(self, name: str, capture: cv2.VideoCapture | None = None) -> None:
        self.name = name
        self._capture = open_file(name) if capture is None else capture
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self._period = 1 / rate if math.isfinite(rate) and 1 <= rate <= 1000 else 1 / RATE
        self._length = self._capture.get(cv2.CAP_PROP_FRAME_COUNT) * self._period

    def pictures(self) -> Iterator[Picture]:
        """The pictures up to where the file ends; an end that comes early is a warning."""
        moment = -self._period
        while self._capture.grab():
            told = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            moment = told if told > moment else moment + self._period
            yield Picture(moment, self._decode)
        if moment < 0:
            raise SourceError(f"{self.name}: a video without a picture that can be read")
        missing = self._length - moment - self._period
        if missing > max(0.5, 0.05 * self._length):
            log.warning("%s: ends after %.1f of its %.1f seconds; it was cut off", self.name, moment, self._length)

    def close(self) -> None:
        """Close the file."""
        self._capture.release()

    def _decode(self) -> ByteArray | None:
        seen, image = self._capture.retrieve()
        return np.asarray(image, np.uint8) if seen else None


class ImageClip:
    """Image files, shown one after the other at `RATE`.

    Parameters
    ----------
    name : str
        What messages call it.
    paths : sequence of Path
        In the order in which they are shown.
    """

    def __init__(self, name: str, paths: Sequence[Path]) -> None:
        self.name = name
        self._paths = tuple(paths)
        self._readable = 0

    def pictures(self) -> Iterator[Picture]:
        """The images; one that cannot be read is a warning, and an error only if none can be."""
        for number, path in enumerate(self._paths):
            yield Picture(number / RATE, partial(self._read, path))
        if not self._readable:
            raise SourceError(f"{self.name}: no image there that can be read")

    def close(self) -> None:
        """Nothing is kept open."""

    def _read(self, path: Path) -> ByteArray | None:
        image = read_image(path)
        if image is None:
            log.warning("%s: not an image that can be read; left out", path)
        else:
            self._readable += 1
        return image


class ActorClip:
    """The built-in actor, who never ends.

    Parameters
    ----------
    people : int
        1 to 6.
    size : (int, int)
        Width and height of the pictures in pixels.
    seed : int
        The same seed gives the same people in the same room.
    """

    def __init__(self, people: int = 1, size: tuple[int, int] = (640, 480), seed: int = 0) -> None:
        self.name = "actor" if people == 1 else f"actor:{people}"
        self._actor = Actor(people=people, size=size, seed=seed)

    def pictures(self) -> Iterator[Picture]:
        """The performance, from its beginning and without end."""
        number = 0
        while True:
            yield Picture(number / RATE, partial(self._draw, number / RATE))
            number += 1

    def close(self) -> None:
        """Nothing is kept open."""

    def _draw(self, moment: float) -> ByteArray:
        return self._actor.render(moment).image


def read_image(path: Path) -> ByteArray | None:
    """The (height, width, 3) uint8 picture in a file, blue, green, red; None where there is none."""
    hush()
    data = np.frombuffer(path.read_bytes(), np.uint8)  # imread itself fails on non-ASCII paths on Windows
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    return None if image is None else np.asarray(image, np.uint8)


def images_in(folder: Path) -> list[Path]:
    """The image files of a folder in natural order: ``2.png`` before ``10.png``."""
    return sorted((p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES), key=_natural)


def _natural(path: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.name.lower())]
