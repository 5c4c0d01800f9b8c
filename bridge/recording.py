"""Recordings: a folder with everyone who was seen, and the pictures if asked for.

| file | holds |
|---|---|
| ``meta.json`` | ``format`` "bodycast-recording", ``version``, ``source``, ``created`` (seconds since 1970) |
| ``bodies.jsonl`` | a line for each frame: the map of `models.recorded` |
| ``color.mp4`` | the pictures, if asked for, at a nominal 30 a second |
| ``color.jsonl`` | ``{"time": seconds, "number": n}`` for each picture of ``color.mp4``, in its order |
| ``teacher.jsonl`` | with a teacher: every body that it sent, a line each; see `bridge.teacher.labelling` |
| ``seen.jsonl`` | with a teacher: what was in ``bodies.jsonl`` before its bodies took the place |

A picture belongs to the bodies with the same ``time``. Lines are written one by one, so a crash costs at most the
last of them; ``color.mp4`` can only be read when the recording was closed.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np

from models.body import BodyFrame, Frame
from models.recorded import finite_number, frame_from_json, frame_to_json, whole_number

FORMAT = "bodycast-recording"
VERSION = 1
NOMINAL_RATE = 30.0
"""Pictures a second that ``color.mp4`` claims; ``color.jsonl`` has the true times."""

_log = logging.getLogger(__name__)


class RecordingError(Exception):
    """A recording that cannot be written or read; the message names file, line and reason."""


class Recorder:
    """Writes a recording, frame by frame; to be closed.

    Parameters
    ----------
    folder : Path
        Must not exist, or be empty.
    color : bool
        Whether pictures are kept as well: hand them to `add_image`.
    source : str
        Where the frames come from, for the reader's information.
    created : float, optional
        Seconds since 1970; now, if left out.

    Raises
    ------
    RecordingError
        If there is something in ``folder`` already, or it cannot be written.
    """

    def __init__(self, folder: Path, color: bool = False, source: str = "", created: float | None = None) -> None:
        self.folder = folder
        created = time.time() if created is None else created
        meta = {"format": FORMAT, "version": VERSION, "source": source, "created": created}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            refuse_used(folder)
            (folder / "meta.json").write_text(json.dumps(meta, indent=2) + "\n", encoding="utf-8")
            self._bodies = (folder / "bodies.jsonl").open("w", encoding="utf-8", newline="\n")
            self._color = _ColorWriter(folder) if color else None
        except OSError as error:
            raise RecordingError(f"{folder}: cannot be written: {error.strerror}") from error

    def send(self, frame: BodyFrame) -> None:
        """Write a frame; gestures are not kept, since the bodies bring them forth again."""
        _write_line(self._bodies, frame_to_json(frame))

    def add_image(self, frame: Frame) -> None:
        """Write a picture, if pictures are kept; one of another size than the first is left out."""
        if self._color is not None:
            self._color.add(frame)

    def close(self) -> None:
        """Finish the files; closing twice is allowed."""
        with suppress(OSError):  # every line was flushed when it was written
            self._bodies.close()
        if self._color is not None:
            self._color.close()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def refuse_used(folder: Path) -> None:
    """Raise a `RecordingError` if there is something in ``folder`` already."""
    if folder.is_dir() and any(folder.iterdir()):
        raise RecordingError(f"{folder}: exists and is not empty; a recording needs a new folder")


class _ColorWriter:
    """Writes pictures and their times."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "color.mp4"
        self._writer: Any = None
        self._shape: tuple[int, ...] = ()
        self._warned = False
        self._times: IO[str] = (folder / "color.jsonl").open("w", encoding="utf-8", newline="\n")

    def add(self, frame: Frame) -> None:
        if self._writer is None:
            self._open(frame)
        if frame.image.shape != self._shape:
            if not self._warned:
                _log.warning("%s: pictures that are not %s are left out", self._path, self._shape)
            self._warned = True
            return
        self._writer.write(frame.image)
        _write_line(self._times, json.dumps({"time": frame.time, "number": frame.number}))

    def close(self) -> None:
        if self._writer is not None:
            self._writer.release()
        with suppress(OSError):
            self._times.close()

    def _open(self, frame: Frame) -> None:
        import cv2

        self._shape = frame.image.shape
        height, width = self._shape[:2]
        codec = cv2.VideoWriter.fourcc(*"mp4v")
        self._writer = cv2.VideoWriter(str(self._path), codec, NOMINAL_RATE, (width, height))
        if not self._writer.isOpened():
            raise RecordingError(f"{self._path}: OpenCV cannot write a video of {width}x{height} pixels there")


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording on disk; iterate over it, as often as you like, for its body frames.

    Attributes
    ----------
    folder : Path
    source : str
        Where the frames came from.
    created : float
        Seconds since 1970.
    """

    folder: Path
    source: str
    created: float

    def __iter__(self) -> Iterator[BodyFrame]:
        """Yield the body frames, as fast as they are asked for; see `bridge.pacing.paced`.

        Raises
        ------
        RecordingError
            If a line is broken. A last line that was cut off is only left out, with a warning in the log.
        """
        path = self.folder / "bodies.jsonl"
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    frame = frame_from_json(line)
                except ValueError as error:
                    if line.endswith(b"\n"):
                        raise RecordingError(f"{path}:{number}: not a body frame: {error}") from error
                    _log.warning("%s:%d: cut off; the recording ends before this line", path, number)
                    return
                yield frame

    def pictures(self) -> Iterator[Frame]:
        """Yield the pictures that were kept, with the times and numbers that they had; none without a ``color.mp4``.

        Raises
        ------
        RecordingError
            If a line of their times is broken. A video that was never finished only ends early, with a warning.
        """
        import cv2

        path = self.folder / "color.mp4"
        times = list(_picture_times(self.folder / "color.jsonl"))
        if not times:
            return
        video = cv2.VideoCapture(str(path))
        try:
            for played, (capture_time, number) in enumerate(times):
                found, image = video.read()
                if not found:
                    _log.warning("%s: ends after %d of %d pictures", path, played, len(times))
                    return
                yield Frame(np.asarray(image, np.uint8), capture_time, number)
        finally:
            video.release()


def read_recording(folder: Path) -> Recording:
    """Open the recording in ``folder``.

    Raises
    ------
    RecordingError
        If there is none, or one of another version.
    """
    path = folder / "meta.json"
    if not path.is_file() or not (folder / "bodies.jsonl").is_file():
        raise RecordingError(f"{folder}: not a recording: it needs a meta.json and a bodies.jsonl")
    try:
        meta = json.loads(path.read_bytes())
        if not isinstance(meta, dict) or meta.get("format") != FORMAT:
            raise ValueError(f'"format" is not "{FORMAT}"')
        version = whole_number(meta, "version")
        created = finite_number(meta, "created")
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{path}: not the description of a recording: {error}") from error
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror}") from error
    if version != VERSION:
        raise RecordingError(f"{path}: version {version} is not {VERSION}, the one that this Bodycast reads")
    return Recording(folder, str(meta.get("source", "")), created)


def replace_bodies(folder: Path, frames: Iterable[BodyFrame], kept_as: str, meta: Mapping[str, Any]) -> None:
    """Give a recording other bodies; those that it has stay beside them, in a file named ``kept_as``.

    Parameters
    ----------
    folder : Path
        A recording that is closed.
    frames : iterable of BodyFrame
        With the times of the recording's pictures.
    kept_as : str
    meta : mapping
        What to add to ``meta.json``.

    Raises
    ------
    RecordingError
        If the recording cannot be written.
    """
    path, new = folder / "bodies.jsonl", folder / "bodies.jsonl.new"
    try:
        with new.open("w", encoding="utf-8", newline="\n") as lines:
            lines.writelines(frame_to_json(frame) + "\n" for frame in frames)
        described = {**json.loads((folder / "meta.json").read_bytes()), **meta}
        path.replace(folder / kept_as)
        new.replace(path)
        (folder / "meta.json").write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise RecordingError(f"{folder}: cannot be written: {error.strerror}") from error


def _picture_times(path: Path) -> Iterator[tuple[float, int]]:
    if not path.is_file():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
                if not isinstance(entry, dict):
                    raise ValueError("not a map")
                picture = finite_number(entry, "time"), whole_number(entry, "number")
            except (ValueError, RecursionError) as error:
                if line.endswith(b"\n"):
                    raise RecordingError(f"{path}:{number}: not the time of a picture: {error}") from error
                return
            yield picture


def _write_line(file: IO[str], line: str) -> None:
    try:
        file.write(line + "\n")
        file.flush()
    except OSError as error:
        raise RecordingError(f"{file.name}: cannot be written: {error.strerror}") from error


def write_picture_times(folder: Path, times: Iterable[float]) -> None:
    """Say when each picture of ``color.mp4`` was taken, in seconds, for a video that was not recorded here."""
    lines = (json.dumps({"time": time, "number": number}) + "\n" for number, time in enumerate(times))
    (folder / "color.jsonl").write_text("".join(lines), encoding="utf-8")
