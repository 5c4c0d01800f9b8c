"""The frames of one kind that a program asks for, made no sooner than that."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bridge.pykinect2_compat.feed import Moment
from bridge.pykinect2_compat.views import COLOUR_SIZE, DEPTH_SIZE


@dataclass(frozen=True, slots=True)
class FrameDescription:
    """What `IFrameDescription` tells of a picture; angles in degrees."""

    Width: int
    Height: int
    BytesPerPixel: int
    HorizontalFieldOfView: float
    VerticalFieldOfView: float
    DiagonalFieldOfView: float

    @property
    def LengthInPixels(self) -> int:
        """How many pixels."""
        return self.Width * self.Height


COLOUR_FRAME = FrameDescription(*COLOUR_SIZE, 4, 84.1, 53.8, 91.9)
DEPTH_FRAME = FrameDescription(*DEPTH_SIZE, 2, 70.6, 60.0, 89.5)
INDEX_FRAME = FrameDescription(*DEPTH_SIZE, 1, 70.6, 60.0, 89.5)


class Channel:
    """One kind of frame, made when somebody asks for it."""

    def __init__(
        self, kind: Any, description: FrameDescription, paint: Callable[[Moment, npt.NDArray[Any]], None]
    ) -> None:
        bytes_each = description.BytesPerPixel // ctypes.sizeof(kind)
        self.buffer = (kind * (description.LengthInPixels * bytes_each))()
        self._pointer = ctypes.POINTER(kind)
        self._array = np.ctypeslib.as_array(self.buffer)
        self._canvas = self._array.reshape(
            description.Height, description.Width, *([bytes_each] if bytes_each > 1 else [])
        )
        self._paint = paint
        self._fetched: Moment | None = None
        self._painted: Moment | None = None

    def is_new(self, moment: Moment | None) -> bool:
        """Whether ``moment`` has not been fetched yet."""
        return moment is not None and moment is not self._fetched

    def fetch(self, moment: Moment | None) -> npt.NDArray[Any]:
        """The frame of ``moment``, flat, as an array of its own; zeros before the first moment."""
        self._fetched = moment
        self.update(moment)
        return self._array.copy()

    def update(self, moment: Moment | None) -> Any:
        """A pointer to the buffer, which shows ``moment`` then."""
        if moment is not None and moment is not self._painted:
            self._paint(moment, self._canvas)
            self._painted = moment
        return ctypes.cast(self.buffer, self._pointer)
