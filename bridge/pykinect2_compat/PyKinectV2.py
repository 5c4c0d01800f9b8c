"""The constants, enumerations and structures of the Kinect for Windows SDK 2.0, under the names of pykinect2.

Interfaces (``IBody`` and the like) are names only: nothing here is a COM object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ctypes import Structure, c_char_p, c_float, c_int, c_ubyte, c_uint32, c_uint64, c_ushort, c_wchar_p
from typing import Any, ClassVar

from models.joints import FrameEdges, HandState, Joint, TrackingConfidence, TrackingState

STRING = c_char_p
WSTRING = c_wchar_p
INT_PTR = c_int

KINECT_SKELETON_COUNT = 6


def _flags(*names: str) -> dict[str, int]:
    return {"None": 0} | {name: 1 << bit for bit, name in enumerate(names)}


def _numbers(*names: str) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}


def _ours(members: Iterable[Joint | HandState | TrackingState | TrackingConfidence]) -> dict[str, int]:
    return {member.kinect_name: int(member) for member in members}


_ENUMERATIONS: dict[str, dict[str, int]] = {
    "Activity": _numbers("EyeLeftClosed", "EyeRightClosed", "MouthOpen", "MouthMoved", "LookingAway", "Count"),
    "Appearance": _numbers("WearingGlasses", "Count"),
    "AudioBeamMode": _numbers("Automatic", "Manual"),
    "ColorImageFormat": _numbers("None", "Rgba", "Yuv", "Bgra", "Bayer", "Yuy2"),
    "DetectionResult": _numbers("Unknown", "No", "Maybe", "Yes"),
    "Expression": _numbers("Neutral", "Happy", "Count"),
    "FrameCapturedStatus": _numbers("Unknown", "Queued", "Dropped"),
    "FrameEdge": {"None": 0} | {edge.name.title(): int(edge) for edge in FrameEdges if edge.name},
    "FrameSourceTypes": _flags("Color", "Infrared", "LongExposureInfrared", "Depth", "BodyIndex", "Body", "Audio"),
    "HandState": _ours(HandState),
    "JointType": _ours(Joint) | {"Count": len(Joint)},
    "KinectAudioCalibrationState": _numbers("Unknown", "CalibrationRequired", "Calibrated"),
    "KinectCapabilities": _flags("Vision", "Audio", "Face", "Expressions", "Gamechat"),
    "TrackingConfidence": _ours(TrackingConfidence),
    "TrackingState": _ours(TrackingState),
}

_INTERFACES = (
    *("IAudioBeam", "IAudioBeamFrame", "IAudioBeamFrameArrivedEventArgs", "IAudioBeamFrameList"),
    *("IAudioBeamFrameReader", "IAudioBeamFrameReference", "IAudioBeamList", "IAudioBeamSubFrame"),
    *("IAudioBodyCorrelation", "IAudioSource", "IBody", "IBodyFrame", "IBodyFrameArrivedEventArgs"),
    *("IBodyFrameReader", "IBodyFrameReference", "IBodyFrameSource", "IBodyIndexFrame"),
    *("IBodyIndexFrameArrivedEventArgs", "IBodyIndexFrameReader", "IBodyIndexFrameReference"),
    *("IBodyIndexFrameSource", "IColorCameraSettings", "IColorFrame", "IColorFrameArrivedEventArgs"),
    *("IColorFrameReader", "IColorFrameReference", "IColorFrameSource", "ICoordinateMapper"),
    *("ICoordinateMappingChangedEventArgs", "IDepthFrame", "IDepthFrameArrivedEventArgs", "IDepthFrameReader"),
    *("IDepthFrameReference", "IDepthFrameSource", "IEnumKinectSensor", "IFrameCapturedEventArgs"),
    *("IFrameDescription", "IInfraredFrame", "IInfraredFrameArrivedEventArgs", "IInfraredFrameReader"),
    *("IInfraredFrameReference", "IInfraredFrameSource", "IIsAvailableChangedEventArgs", "IKinectSensor"),
    *("IKinectSensorCollection", "ILongExposureInfraredFrame", "ILongExposureInfraredFrameArrivedEventArgs"),
    *("ILongExposureInfraredFrameReader", "ILongExposureInfraredFrameReference"),
    *("ILongExposureInfraredFrameSource", "IMultiSourceFrame", "IMultiSourceFrameArrivedEventArgs"),
    *("IMultiSourceFrameReader", "IMultiSourceFrameReference", "ISequentialStream", "IStream"),
)


class IUnknown:
    """What all interfaces are."""


class GUID(Structure):
    """Sixteen bytes that name an interface."""

    _fields_: ClassVar[Any] = [("Data1", c_uint32), ("Data2", c_ushort), ("Data3", c_ushort), ("Data4", c_ubyte * 8)]


class _Vector4(Structure):
    _fields_: ClassVar[Any] = [("x", c_float), ("y", c_float), ("z", c_float), ("w", c_float)]


class _CameraSpacePoint(Structure):
    _fields_: ClassVar[Any] = [("x", c_float), ("y", c_float), ("z", c_float)]


class _PointF(Structure):
    _fields_: ClassVar[Any] = [("x", c_float), ("y", c_float)]


class _ColorSpacePoint(Structure):
    _fields_: ClassVar[Any] = [("x", c_float), ("y", c_float)]


class _DepthSpacePoint(Structure):
    _fields_: ClassVar[Any] = [("x", c_float), ("y", c_float)]


class _RectF(Structure):
    _fields_: ClassVar[Any] = [("x", c_float), ("y", c_float), ("Width", c_float), ("Height", c_float)]


class _Joint(Structure):
    _fields_: ClassVar[Any] = [
        ("JointType", c_int),
        ("Position", _CameraSpacePoint),
        ("TrackingState", c_int),
    ]


class _JointOrientation(Structure):
    _fields_: ClassVar[Any] = [("JointType", c_int), ("Orientation", _Vector4)]


class _CameraIntrinsics(Structure):
    _fields_: ClassVar[Any] = [
        ("FocalLengthX", c_float),
        ("FocalLengthY", c_float),
        ("PrincipalPointX", c_float),
        ("PrincipalPointY", c_float),
        ("RadialDistortionSecondOrder", c_float),
        ("RadialDistortionFourthOrder", c_float),
        ("RadialDistortionSixthOrder", c_float),
    ]


class _FILETIME(Structure):
    _fields_: ClassVar[Any] = [("dwLowDateTime", c_uint32), ("dwHighDateTime", c_uint32)]


class tagSTATSTG(Structure):
    """A structure of OLE that came along with the type library."""

    _fields_: ClassVar[Any] = [
        ("pwcsName", WSTRING),
        ("type", c_uint32),
        ("cbSize", c_uint64),
        ("mtime", _FILETIME),
        ("ctime", _FILETIME),
        ("atime", _FILETIME),
        ("grfMode", c_uint32),
        ("grfLocksSupported", c_uint32),
        ("clsid", GUID),
        ("grfStateBits", c_uint32),
        ("reserved", c_uint32),
    ]


class _event:
    """Listeners that are called together: ``+=`` adds one, ``-=`` takes it away."""

    __slots__ = ("handlers",)

    def __init__(self) -> None:
        self.handlers: list[Callable[..., object]] = []

    def __iadd__(self, other: Callable[..., object]) -> _event:
        self.handlers.append(other)
        return self

    def __isub__(self, other: Callable[..., object]) -> _event:
        self.handlers.remove(other)
        return self

    def fire(self, *args: object) -> None:
        """Call them all."""
        for handler in self.handlers:
            handler(*args)


_WAIT_OBJECT_0 = 0
_WAIT_OBJECT_1 = 1
_INFINITE = 0xFFFFFFFF


def HRValue(hr: int) -> int:
    """A result of the Kinect's functions as an unsigned number."""
    return c_uint32(hr).value


def IsHR(hr: int, value: int) -> bool:
    """Whether a result is ``value``."""
    return HRValue(hr) == value


globals().update({f"{kind}_{name}": value for kind, names in _ENUMERATIONS.items() for name, value in names.items()})
globals().update({f"_{kind}": c_int for kind in (*_ENUMERATIONS.keys() - {"FrameEdge"}, "FrameEdges")})
globals().update({name: type(name, (IUnknown,), {"__module__": __name__}) for name in _INTERFACES})

_STRUCTURES = ("_CameraIntrinsics", "_CameraSpacePoint", "_ColorSpacePoint", "_DepthSpacePoint", "_Joint")
__all__ = [  # what "from pykinect2.PyKinectV2 import *" brings, underscores included
    *(f"{kind}_{name}" for kind, names in _ENUMERATIONS.items() for name in names),
    *(f"_{kind}" for kind in (*(_ENUMERATIONS.keys() - {"FrameEdge"}), "FrameEdges")),
    *_INTERFACES,
    *_STRUCTURES,
    *("_JointOrientation", "_PointF", "_RectF", "_Vector4", "tagSTATSTG", "INT_PTR"),
]
