"""``PyKinectRuntime`` of pykinect2: the newest colour, infrared, depth, body index and body frames.

Two things are better than there: ``has_new_..._frame`` becomes false once a frame was fetched, and what only later
copies of pykinect2 had (infrared frames, joints in depth space, ``relative_time``) is there, too.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from bridge.pykinect2_compat import PyKinectV2
from bridge.pykinect2_compat.bodies import KINECT_MAX_BODY_COUNT, KinectBody, KinectBodyFrameData
from bridge.pykinect2_compat.channels import COLOUR_FRAME, DEPTH_FRAME, INDEX_FRAME, Channel, FrameDescription
from bridge.pykinect2_compat.feed import Feed, Moment, RemoteBodies
from bridge.pykinect2_compat.mapping import CoordinateMapper
from bridge.pykinect2_compat.pictures import paint_body_index, paint_colour, paint_depth, paint_infrared
from bridge.pykinect2_compat.views import KINECT_COLOUR_VIEW, View
from models.body import ByteArray

__all__ = ["KINECT_MAX_BODY_COUNT", "KinectBody", "KinectBodyFrameData", "PyKinectRuntime"]

_COLOR, _INFRARED, _LONG, _DEPTH, _INDEX, _BODY = 1, 2, 4, 8, 16, 32  # FrameSourceTypes


class PyKinectRuntime:
    """An opened Kinect.

    Parameters
    ----------
    frame_source_types : int
        Sum of ``FrameSourceTypes_...``: which frames are wanted. Audio is never there.
    """

    open_feed: ClassVar[Callable[[], Feed]] = staticmethod(lambda: Feed(RemoteBodies()))
    """Opens what all runtimes look at; unless it was replaced, a bridge that publishes at this computer."""

    def __init__(self, frame_source_types: int) -> None:
        self.frame_source_types = frame_source_types
        self.max_body_count = KINECT_MAX_BODY_COUNT
        self.color_frame_desc = COLOUR_FRAME
        self.depth_frame_desc = DEPTH_FRAME
        self.infrared_frame_desc = self.long_exposure_infrared_frame_desc = DEPTH_FRAME
        self.body_index_frame_desc = INDEX_FRAME
        self._mapper = CoordinateMapper(self._colour_view)
        self._bodies_of: tuple[Moment, KinectBodyFrameData] | None = None
        self._bodies_fetched: Moment | None = None
        self._feed: Feed | None = None
        kinds: dict[int, tuple[Any, FrameDescription, Callable[[Moment, npt.NDArray[Any]], None]]] = {
            _COLOR: (ctypes.c_ubyte, COLOUR_FRAME, lambda now, to: paint_colour(_image(now), to)),
            _INFRARED: (ctypes.c_ushort, DEPTH_FRAME, lambda now, to: paint_infrared(_image(now), now.view, to)),
            _LONG: (ctypes.c_ushort, DEPTH_FRAME, lambda now, to: paint_infrared(_image(now), now.view, to)),
            _DEPTH: (ctypes.c_ushort, DEPTH_FRAME, lambda now, to: paint_depth(now.frame, to)),
            _INDEX: (ctypes.c_ubyte, INDEX_FRAME, lambda now, to: paint_body_index(now.frame, to)),
        }
        self._channels = {bit: Channel(*how) for bit, how in kinds.items() if frame_source_types & bit}
        self._feed = type(self).open_feed()

    def close(self) -> None:
        """Close the sensor; closing twice is allowed."""
        feed, self._feed = self._feed, None
        if feed is not None:
            feed.close()

    def __enter__(self) -> PyKinectRuntime:
        return self

    def __exit__(self, *args: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_feed", None) is not None:
            self.close()

    def surface_as_array(self, surface_buffer_interface: Any) -> Any:
        """The memory of a pygame surface's buffer, as a ctypes array of bytes."""
        size = memoryview(surface_buffer_interface).nbytes
        return (ctypes.c_byte * size).from_buffer(surface_buffer_interface)

    def has_new_color_frame(self) -> bool:
        """Whether there is a colour frame that was not fetched."""
        return self._has_new(_COLOR)

    def has_new_depth_frame(self) -> bool:
        """Whether there is a depth frame that was not fetched."""
        return self._has_new(_DEPTH)

    def has_new_body_index_frame(self) -> bool:
        """Whether there is a body index frame that was not fetched."""
        return self._has_new(_INDEX)

    def has_new_infrared_frame(self) -> bool:
        """Whether there is an infrared frame that was not fetched."""
        return self._has_new(_INFRARED)

    def has_new_long_exposure_infrared_frame(self) -> bool:
        """Whether there is a long exposure infrared frame that was not fetched."""
        return self._has_new(_LONG)

    def has_new_audio_frame(self) -> bool:
        """Never: nothing listens."""
        return False

    def has_new_body_frame(self) -> bool:
        """Whether there is a body frame that was not fetched."""
        moment = self._moment() if self.frame_source_types & _BODY else None
        return moment is not None and moment is not self._bodies_fetched

    def get_last_color_frame(self) -> npt.NDArray[Any] | None:
        """Blue, green, red and alpha of 1920 x 1080 pixels, flat uint8; None if it was not asked for."""
        return self._fetched(_COLOR)

    def get_last_depth_frame(self) -> npt.NDArray[Any] | None:
        """Millimetres of 512 x 424 pixels, flat uint16."""
        return self._fetched(_DEPTH)

    def get_last_body_index_frame(self) -> npt.NDArray[Any] | None:
        """The body of each of 512 x 424 pixels, flat uint8; 255 where there is none."""
        return self._fetched(_INDEX)

    def get_last_infrared_frame(self) -> npt.NDArray[Any] | None:
        """Brightness of 512 x 424 pixels, flat uint16."""
        return self._fetched(_INFRARED)

    def get_last_long_exposure_infrared_frame(self) -> npt.NDArray[Any] | None:
        """The same as `get_last_infrared_frame`."""
        return self._fetched(_LONG)

    def get_last_body_frame(self) -> KinectBodyFrameData | None:
        """The newest bodies; None before the first."""
        data = self._body_frame_bodies
        if data is not None and self._bodies_of is not None:
            self._bodies_fetched = self._bodies_of[0]
            return data.copy()
        return None

    def body_joint_to_color_space(self, joint: Any) -> PyKinectV2._ColorSpacePoint:
        """Where the colour frame shows a joint."""
        return self._mapper.MapCameraPointToColorSpace(joint.Position)

    def body_joint_to_depth_space(self, joint: Any) -> PyKinectV2._DepthSpacePoint:
        """Where the depth frame shows a joint."""
        return self._mapper.MapCameraPointToDepthSpace(joint.Position)

    def body_joints_to_color_space(self, joints: Any) -> npt.NDArray[Any]:
        """Where the colour frame shows 25 joints: an array of ``_ColorSpacePoint``."""
        return _objects([self.body_joint_to_color_space(joints[number]) for number in range(25)])

    def body_joints_to_depth_space(self, joints: Any) -> npt.NDArray[Any]:
        """Where the depth frame shows 25 joints: an array of ``_DepthSpacePoint``."""
        return _objects([self.body_joint_to_depth_space(joints[number]) for number in range(25)])

    # Programs that use the coordinate mapper reach for these, whatever their names say.

    @property
    def _color_frame_data(self) -> Any:
        return self._pointer_to(_COLOR)

    @property
    def _depth_frame_data(self) -> Any:
        return self._pointer_to(_DEPTH)

    @property
    def _body_index_frame_data(self) -> Any:
        return self._pointer_to(_INDEX)

    @property
    def _infrared_frame_data(self) -> Any:
        return self._pointer_to(_INFRARED)

    @property
    def _color_frame_data_capacity(self) -> ctypes.c_uint:
        return ctypes.c_uint(COLOUR_FRAME.LengthInPixels * 4)

    @property
    def _depth_frame_data_capacity(self) -> ctypes.c_uint:
        return ctypes.c_uint(DEPTH_FRAME.LengthInPixels)

    @property
    def _body_index_frame_data_capacity(self) -> ctypes.c_uint:
        return ctypes.c_uint(INDEX_FRAME.LengthInPixels)

    @property
    def _body_frame_bodies(self) -> KinectBodyFrameData | None:
        moment = self._moment() if self.frame_source_types & _BODY else None
        if moment is None:
            return None
        if self._bodies_of is None or self._bodies_of[0] is not moment:
            self._bodies_of = moment, KinectBodyFrameData(moment.frame)
        return self._bodies_of[1]

    def _moment(self) -> Moment | None:
        return None if self._feed is None else self._feed.newest()

    def _colour_view(self) -> View:
        moment = self._moment()
        return KINECT_COLOUR_VIEW if moment is None else moment.view

    def _has_new(self, bit: int) -> bool:
        return bit in self._channels and self._channels[bit].is_new(self._moment())

    def _fetched(self, bit: int) -> npt.NDArray[Any] | None:
        return self._channels[bit].fetch(self._moment()) if bit in self._channels else None

    def _pointer_to(self, bit: int) -> Any:
        return self._channels[bit].update(self._moment()) if bit in self._channels else None


def _image(moment: Moment) -> ByteArray | None:
    return None if moment.picture is None else moment.picture.image


def _objects(values: list[Any]) -> npt.NDArray[Any]:
    result = np.empty(len(values), object)
    result[:] = values
    return result
