"""What the user reads on stderr: one line for an error, warnings as they come, and a status line in place."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

KNOWN_ERRORS = {
    "bridge.sources.playback": "SourceError",
    "bridge.targets": "PublisherError",
    "bridge.keys": "KeyFileError",
    "bridge.recording": "RecordingError",
    "bridge.calibration": "CalibrationError",
    "bridge.preview": "PreviewError",
    "bridge.kinect_evaluation": "ClipError",
    "bridge.people_evaluation": "EvaluationError",
    "bridge.macros.macro_profile": "ProfileError",
    "bridge.gesture_folders": "TaughtError",
    "gestures.classifier": "GestureModelError",
    "gestures.datasets": "SkeletonFileError",
    "bridge.macros.keyboard": "KeyboardError",
    "models.inference": "WeightsError",
    "models.keypoint_files": "LabelFileError",
    "models.skeleton_sets": "SkeletonError",
}
"""The errors that a user can do something about, by module. They cannot have been raised before it was imported."""

EXTRA = frozenset({"torch", "sklearn", "onnx", "onnxruntime", "onnxscript", "matplotlib", "motmetrics"})
"""Packages that come with the extra ``train``."""


class Terminal:
    """Lines for the user, who may also be a log file.

    Parameters
    ----------
    stream : text stream, optional
        By default stderr as it is now.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._status = ""
        self.interactive = self._stream.isatty()

    def say(self, text: str) -> None:
        """Write one line."""
        line = " ".join(f"bodycast: {text}".splitlines())
        gap = " " * (len(self._status) - len(line))
        self._stream.write(f"\r{line}{gap}\n" if self._status else f"{line}\n")
        self._stream.flush()
        self._status = ""

    def show_status(self, text: str) -> None:
        """Replace the line at the bottom; nothing where nobody watches."""
        if self.interactive:
            self._stream.write(f"\r{text.ljust(len(self._status))}")
            self._stream.flush()
            self._status = text

    def end(self) -> None:
        """Leave the status line behind."""
        if self._status:
            self._stream.write("\n")
            self._stream.flush()
            self._status = ""

    @contextmanager
    def listening_to_log(self) -> Iterator[None]:
        """Say the warnings of the log for a while, instead of whoever said them before."""
        handler = _LogLines(self)
        handler.setLevel(logging.WARNING)
        root = logging.getLogger()
        before, root.handlers[:] = root.handlers[:], [handler]
        try:
            yield
        finally:
            root.handlers[:] = before


class _LogLines(logging.Handler):
    def __init__(self, terminal: Terminal) -> None:
        super().__init__()
        self._terminal = terminal

    def emit(self, record: logging.LogRecord) -> None:
        self._terminal.say(f"{record.levelname.lower()}: {record.getMessage()}")


def known_error(error: Exception) -> str | None:
    """One line about an error that the user can do something about; None for a mistake of ours."""
    for module, name in KNOWN_ERRORS.items():
        if module in sys.modules and isinstance(error, getattr(importlib.import_module(module), name)):
            return str(error)
    if isinstance(error, ModuleNotFoundError) and error.name in EXTRA:
        return f'this needs the package {error.name}: pip install "bodycast[train]"'
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return None
