"""The coordinate mapper of a Kinect v2: between camera space, the colour frame and the depth frame.

Its methods have the SDK's names and take what comtypes would: ctypes numbers or plain ones, and pointers to arrays of
structures, which are filled in place. What has no place is minus infinity, as in the SDK.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from bridge.pykinect2_compat.PyKinectV2 import (
    _CameraIntrinsics,
    _CameraSpacePoint,
    _ColorSpacePoint,
    _DepthSpacePoint,
    _PointF,
)
from bridge.pykinect2_compat.views import COLOUR_SIZE, DEPTH_SIZE, DEPTH_VIEW, View
from models.body import FloatArray

MILLIMETRES = 1000.0


class CoordinateMapper:
    """Maps points and whole frames.

    Parameters
    ----------
    colour_view : callable
        Gives the colour camera as it is now.
    """

    def __init__(self, colour_view: Callable[[], View]) -> None:
        self._colour_view = colour_view
        self._table: Any = None

    def MapCameraPointToColorSpace(self, cameraPoint: Any) -> _ColorSpacePoint:
        """Where the colour camera sees a point."""
        return _ColorSpacePoint(*self._colour_view().pixels(_camera_point(cameraPoint)).tolist())

    def MapCameraPointToDepthSpace(self, cameraPoint: Any) -> _DepthSpacePoint:
        """Where the depth camera sees a point."""
        return _DepthSpacePoint(*DEPTH_VIEW.pixels(_camera_point(cameraPoint)).tolist())

    def MapDepthPointToCameraSpace(self, depthPoint: Any, depth: Any) -> _CameraSpacePoint:
        """The point that the depth camera sees at a pixel, ``depth`` millimetres away."""
        return _CameraSpacePoint(*_unprojected(_pixel(depthPoint), np.array(_number(depth))).tolist())

    def MapDepthPointToColorSpace(self, depthPoint: Any, depth: Any) -> _ColorSpacePoint:
        """Where the colour camera sees the same."""
        points = _unprojected(_pixel(depthPoint), np.array(_number(depth)))
        return _ColorSpacePoint(*self._colour_view().pixels(points).tolist())

    def MapCameraPointsToColorSpace(
        self, cameraPointCount: Any, cameraPoints: Any, colorPointCount: Any, colorPoints: Any
    ) -> int:
        """Where the colour camera sees many points."""
        _put(colorPoints, colorPointCount, self._colour_view().pixels(_floats(cameraPoints, cameraPointCount, 3)))
        return 0

    def MapCameraPointsToDepthSpace(
        self, cameraPointCount: Any, cameraPoints: Any, depthPointCount: Any, depthPoints: Any
    ) -> int:
        """Where the depth camera sees many points."""
        _put(depthPoints, depthPointCount, DEPTH_VIEW.pixels(_floats(cameraPoints, cameraPointCount, 3)))
        return 0

    def MapDepthPointsToCameraSpace(
        self,
        depthPointCount: Any,
        depthPoints: Any,
        depthCount: Any,
        depths: Any,
        cameraPointCount: Any,
        cameraPoints: Any,
    ) -> int:
        """The points that the depth camera sees at many pixels."""
        pixels, far = _floats(depthPoints, depthPointCount, 2), _depths(depths, depthCount)
        _put(cameraPoints, cameraPointCount, _unprojected(pixels, far))
        return 0

    def MapDepthPointsToColorSpace(
        self,
        depthPointCount: Any,
        depthPoints: Any,
        depthCount: Any,
        depths: Any,
        colorPointCount: Any,
        colorPoints: Any,
    ) -> int:
        """Where the colour camera sees what the depth camera sees at many pixels."""
        points = _unprojected(_floats(depthPoints, depthPointCount, 2), _depths(depths, depthCount))
        _put(colorPoints, colorPointCount, self._colour_view().pixels(points))
        return 0

    def MapDepthFrameToCameraSpace(
        self, depthPointCount: Any, depthFrameData: Any, cameraPointCount: Any, cameraSpacePoints: Any
    ) -> int:
        """The point behind each pixel of a depth frame."""
        _put(cameraSpacePoints, cameraPointCount, _frame_points(depthPointCount, depthFrameData))
        return 0

    def MapDepthFrameToColorSpace(
        self, depthPointCount: Any, depthFrameData: Any, colorPointCount: Any, colorSpacePoints: Any
    ) -> int:
        """Where the colour camera sees what is behind each pixel of a depth frame."""
        points = _frame_points(depthPointCount, depthFrameData)
        _put(colorSpacePoints, colorPointCount, self._colour_view().pixels(points))
        return 0

    def MapColorFrameToDepthSpace(
        self, depthDataPointCount: Any, depthFrameData: Any, depthPointCount: Any, depthSpacePoints: Any
    ) -> int:
        """Where in a depth frame lies what each pixel of the colour frame shows."""
        pixels, depth = self._seen_in_colour(depthDataPointCount, depthFrameData)
        _put(depthSpacePoints, depthPointCount, np.where(depth[..., None] > 0, pixels, np.float32(-np.inf)))
        return 0

    def MapColorFrameToCameraSpace(
        self, depthDataPointCount: Any, depthFrameData: Any, cameraPointCount: Any, cameraSpacePoints: Any
    ) -> int:
        """The point that each pixel of the colour frame shows."""
        pixels, depth = self._seen_in_colour(depthDataPointCount, depthFrameData)
        _put(cameraSpacePoints, cameraPointCount, _unprojected(pixels, depth))
        return 0

    def GetDepthFrameToCameraSpaceTable(self, tableEntryCount: Any = None) -> Any:
        """X and Y at a depth of one metre for each pixel of the depth frame, as a pointer to ``_PointF``."""
        if self._table is None:
            rays = DEPTH_VIEW.rays(DEPTH_VIEW.grid())
            self._table = (_PointF * (rays.size // 2)).from_buffer_copy(rays.tobytes())
        if tableEntryCount is not None:
            getattr(tableEntryCount, "_obj", tableEntryCount).value = len(self._table)
        return ctypes.cast(self._table, ctypes.POINTER(_PointF))

    def GetDepthCameraIntrinsics(self) -> _CameraIntrinsics:
        """The depth camera, which has no distortion here."""
        return _CameraIntrinsics(DEPTH_VIEW.focal, DEPTH_VIEW.focal, DEPTH_VIEW.centre_u, DEPTH_VIEW.centre_v)

    def _seen_in_colour(self, count: Any, data: Any) -> tuple[FloatArray, npt.NDArray[np.uint16]]:
        """For each pixel of the colour frame the depth pixel (1080, 1920, 2), and the depth there, 0 if unknown."""
        view = self._colour_view()
        # Both cameras stand at the same place, so that a pixel's ray does not depend on how far it goes.
        across = _along(COLOUR_SIZE[0], view.centre_u, DEPTH_VIEW.focal / view.focal, DEPTH_VIEW.centre_u)
        down = _along(COLOUR_SIZE[1], view.centre_v, DEPTH_VIEW.focal / view.focal, DEPTH_VIEW.centre_v)
        depth = _depths(data, count).reshape(DEPTH_SIZE[::-1])
        column, row = np.rint(across).astype(int), np.rint(down).astype(int)
        inside = ((row >= 0) & (row < DEPTH_SIZE[1]))[:, None] & ((column >= 0) & (column < DEPTH_SIZE[0]))
        found = depth[np.clip(row, 0, DEPTH_SIZE[1] - 1)[:, None], np.clip(column, 0, DEPTH_SIZE[0] - 1)]
        pixels = np.stack(np.broadcast_arrays(across[None], down[:, None]), -1)
        return pixels, np.where(inside, found, 0).astype(np.uint16)


def _along(size: int, from_centre: float, ratio: float, to_centre: float) -> FloatArray:
    return ((np.arange(size, dtype=np.float32) - from_centre) * ratio + to_centre).astype(np.float32)


def _number(value: Any) -> int:
    return int(getattr(value, "value", value))


def _camera_point(point: Any) -> FloatArray:
    return np.array([point.x, point.y, point.z], np.float32)


def _pixel(point: Any) -> FloatArray:
    return np.array([point.x, point.y], np.float32)


def _unprojected(pixels: FloatArray, depths: npt.NDArray[Any]) -> FloatArray:
    return DEPTH_VIEW.points(pixels, (depths / MILLIMETRES).astype(np.float32))


def _frame_points(count: Any, data: Any) -> FloatArray:
    return _unprojected(DEPTH_VIEW.grid(), _depths(data, count).reshape(DEPTH_SIZE[::-1]))


def _floats(pointer: Any, count: Any, width: int) -> FloatArray:
    """What a pointer to ``count`` structures of ``width`` floats points to: (count, width)."""
    floats = ctypes.cast(pointer, ctypes.POINTER(ctypes.c_float))
    return np.array(np.ctypeslib.as_array(floats, (_number(count), width)), np.float32)


def _depths(pointer: Any, count: Any) -> npt.NDArray[np.uint16]:
    numbers = ctypes.cast(pointer, ctypes.POINTER(ctypes.c_ushort))
    return np.array(np.ctypeslib.as_array(numbers, (_number(count),)), np.uint16)


def _put(pointer: Any, count: Any, values: FloatArray) -> None:
    """Copy ``values`` (..., width) to where a pointer to ``count`` structures points."""
    if _number(count) * values.shape[-1] != values.size:
        raise ValueError(f"there is room for {_number(count)} points, but there are {values.size // values.shape[-1]}")
    ctypes.memmove(pointer, np.ascontiguousarray(values).ctypes.data, values.nbytes)
