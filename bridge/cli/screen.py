"""What a run shows: the preview window, and the snapshot that is left behind."""

from __future__ import annotations

import argparse
from types import TracebackType

import cv2

from bridge.drawing import backdrop, drawn, write_text
from bridge.preview import Preview
from models.body import BodyFrame, ByteArray, Frame


class Screen:
    """Draws the bodies over their picture.

    Parameters
    ----------
    args : argparse.Namespace
        The display options.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        self._preview = Preview() if args.preview else None
        self._last: tuple[Frame | None, BodyFrame] | None = None
        self._status = ""

    def __enter__(self) -> Screen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._preview is not None:
            self._preview.close()
        if self._args.snapshot is not None and self._last is not None:
            self._save(*self._last)

    def show(self, picture: Frame | None, frame: BodyFrame, status: str | None) -> bool:
        """Show a frame; False once the user has asked to end. ``status`` replaces the line of text, if given."""
        self._last = picture, frame
        self._status = self._status if status is None else status
        if self._preview is None:
            return True
        canvas = self._draw(picture, frame)
        write_text(canvas, self._status)
        return self._preview.show(canvas)

    def _draw(self, picture: Frame | None, frame: BodyFrame) -> ByteArray:
        image = backdrop(frame) if picture is None else picture.image
        turned = self._preview is not None and self._preview.mirror
        return drawn(image, frame, mirror=turned, fov=self._args.fov)

    def _save(self, picture: Frame | None, frame: BodyFrame) -> None:
        path = self._args.snapshot
        _, data = cv2.imencode(path.suffix, self._draw(picture, frame))
        path.write_bytes(data.tobytes())
