"""A Windows with a Kinect, as far as pykinect2 looks: its DLLs, its COM objects, and comtypes to call them with."""

from __future__ import annotations

import _ctypes
import ctypes
import importlib.util
import logging
import queue
import signal
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bridge.cli import main
from models.joints import Joint

STAND_IN = Path(__file__).parent / "pykinect2_stand_in"
CLOSE, COLOUR, BODY = 100, 101, 102
FOCAL, BESIDE = 1081.4, 0.052


class Interface(ctypes.py_object):
    """What ``POINTER(some interface)`` is here: a pointer to any object, with its attributes."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.value, name)


class Unknown:
    """The base of all interfaces."""


@dataclass
class SdkBody:
    """An ``IBody``: somebody whom the Kinect tracks, or a free place."""

    IsTracked: bool = False
    TrackingId: int = 72057594037930000
    positions: np.ndarray = field(default_factory=lambda: np.zeros((25, 3), np.float32))
    orientations: np.ndarray = field(default_factory=lambda: np.zeros((25, 4), np.float32))
    states: np.ndarray = field(default_factory=lambda: np.full(25, 2))
    HandLeftState: int = 2
    HandLeftConfidence: int = 1
    HandRightState: int = 4
    HandRightConfidence: int = 0
    ClippedEdges: int = 8
    IsRestricted: bool = False
    Engaged: int = 0
    Lean: Any = None
    LeanTrackingState: int = 2

    def GetJoints(self, count: int, joints: Any) -> None:
        for joint in range(count):
            point = joints[joint].Position
            joints[joint].JointType = joint
            point.x, point.y, point.z = map(float, self.positions[joint])
            joints[joint].TrackingState = int(self.states[joint])

    def GetJointOrientations(self, count: int, turns: Any) -> None:
        for joint in range(count):
            turn = turns[joint].Orientation
            turn.x, turn.y, turn.z, turn.w = map(float, self.orientations[joint])


class FakeKinect:
    """The sensor: frames come from it when a test delivers them, through pykinect2's own thread."""

    def __init__(self) -> None:
        self.v2: Any = None  # the module PyKinectV2, once it is loaded
        self.opened = self.closed = False
        self.ended = threading.Event()
        self._arrivals: queue.Queue[int] = queue.Queue()
        self._frame: Any = None
        self._kept: list[Any] = []
        reader = SimpleNamespace(GetFrameArrivedEventData=self._event_data)
        describe = SimpleNamespace(Width=1920, Height=1080)
        self.ColorFrameSource = self._source(reader, COLOUR, FrameDescription=describe)
        self.BodyFrameSource = self._source(reader, BODY, BodyCount=6)
        self.DepthFrameSource = self.BodyIndexFrameSource = SimpleNamespace(FrameDescription=describe)
        self.CoordinateMapper = SimpleNamespace(MapCameraPointToColorSpace=self._mapped)
        self._waiting = False

    def Open(self) -> int:
        self.opened = True
        return 0

    def Close(self) -> int:
        self.closed = True
        return 0

    def deliver_colour(self, image: np.ndarray, ticks: int) -> None:
        """A colour frame (1080, 1920, 4)."""

        def copy(capacity: Any, data: Any, kind: int) -> None:
            assert (capacity.value, kind) == (image.size, self.v2.ColorImageFormat_Bgra)
            ctypes.memmove(data, np.ascontiguousarray(image).ctypes.data, image.size)

        self._deliver(1, SimpleNamespace(CopyConvertedFrameDataToArray=copy, RelativeTime=ticks))

    def deliver_bodies(self, ticks: int, *bodies: SdkBody) -> None:
        """A body frame; places without somebody are free."""
        places = [*bodies, *(SdkBody() for _ in range(6 - len(bodies)))]

        def refresh(capacity: Any, data: Any) -> None:
            self._kept = [Interface(body) for body in places]
            for number, body in enumerate(self._kept):
                data[number] = body

        floor = SimpleNamespace(x=0.0, y=1.0, z=0.0, w=1.0)
        self._deliver(2, SimpleNamespace(GetAndRefreshBodyData=refresh, FloorClipPlane=floor, RelativeTime=ticks))

    def wait(self, count: int, handles: Any, every: bool, milliseconds: int) -> int:
        """``WaitForMultipleObjects``."""
        if self._waiting:
            self._arrivals.task_done()
        self._waiting = True
        index = self._arrivals.get()
        if index == 0:
            self.ended.set()
        return index

    def set_event(self, handle: int) -> None:
        """``SetEvent``; only the event that ends the thread is set from outside."""
        self._arrivals.put(0)

    def _deliver(self, handle_index: int, frame: Any) -> None:
        self._frame = frame
        self._arrivals.put(handle_index)
        while self._arrivals.unfinished_tasks and not self.closed:
            time.sleep(0.0005)  # until pykinect2's thread has taken it, or has ended

    def _event_data(self, handle: int) -> Any:
        return SimpleNamespace(FrameReference=SimpleNamespace(AcquireFrame=lambda: self._frame))

    def _source(self, reader: Any, event: int, **more: Any) -> Any:
        reader = SimpleNamespace(**vars(reader), SubscribeFrameArrived=lambda: event)
        return SimpleNamespace(OpenReader=lambda: reader, **more)

    def _mapped(self, point: Any) -> Any:
        u, v = mapped(point.x, point.y, point.z)
        return self.v2._ColorSpacePoint(u, v)


def mapped(x: float, y: float, z: float) -> tuple[float, float]:
    """Where the colour camera sees a point, in a picture that is mirrored as the SDK's is."""
    if z <= 0:
        return float("-inf"), float("-inf")
    return 960 + FOCAL * (x + BESIDE) / z, 540 - FOCAL * y / z


@pytest.fixture
def somebody() -> Callable[..., SdkBody]:
    """``somebody(tracking_id=...)`` stands 2.5 m away with the right hand raised."""

    def make(**changes: Any) -> SdkBody:
        rng = np.random.default_rng(3)
        positions = rng.normal(0.0, 0.3, (25, 3)).astype(np.float32) + np.array([0, 0, 2.5], np.float32)
        positions[Joint.HAND_TIP_RIGHT], positions[Joint.HAND_TIP_LEFT] = (0.5, 0.6, 2.3), (-0.4, -0.1, 2.4)
        turns = rng.normal(size=(25, 4)).astype(np.float32)
        return SdkBody(**{"IsTracked": True, "positions": positions, "orientations": turns, **changes})

    return make


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeKinect]:
    """Everything that pykinect2 needs of Windows, with a Kinect."""
    kinect = FakeKinect()
    real_pointer, real_byref = ctypes.POINTER, ctypes.byref

    def pointer(kind: Any) -> Any:
        return Interface if isinstance(kind, type) and issubclass(kind, Unknown) else real_pointer(kind)

    def find(sensor: Interface) -> int:
        sensor.value = kinect
        kinect.v2 = sys.modules["pykinect2.PyKinectV2"]
        return 0

    kernel = SimpleNamespace(
        CreateEventW=lambda *_: CLOSE,
        SetEvent=kinect.set_event,
        CloseHandle=lambda _: True,
        WaitForMultipleObjects=kinect.wait,
    )
    libraries = SimpleNamespace(kernel32=kernel, kinect20=SimpleNamespace(GetDefaultKinectSensor=find))
    for name, value in {
        "POINTER": pointer,
        "byref": lambda thing: thing if isinstance(thing, Interface) else real_byref(thing),
        "HRESULT": ctypes.c_long,
        "WinDLL": Library,
        "windll": libraries,
    }.items():
        monkeypatch.setattr(ctypes, name, value, raising=False)
    monkeypatch.setattr(_ctypes, "COMError", type("COMError", (Exception,), {}), raising=False)
    monkeypatch.setitem(sys.modules, "comtypes", _comtypes())
    forget_pykinect2()
    yield kinect
    if kinect.opened:
        kinect.set_event(CLOSE)
        assert kinect.ended.wait(5)  # the thread of pykinect2 must not outlive what it runs on
    forget_pykinect2()


@pytest.fixture(scope="session")
def wheel() -> Path:
    """Where the files of pykinect2 from PyPI are."""
    try:
        return Path(str(distribution("pykinect2").locate_file("")))
    except PackageNotFoundError:
        pytest.skip("needs the files of pykinect2: pip install --no-deps pykinect2==0.1.0")


@pytest.fixture(params=["stand-in", "wheel"])
def pykinect2(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, windows: FakeKinect
) -> FakeKinect:
    """The package is installed: one of the same form, and the one from PyPI where it is there."""
    if request.param == "wheel":
        if importlib.util.find_spec("pykinect2") is None:
            pytest.skip("needs the package pykinect2 (pip install --no-deps pykinect2==0.1.0)")
        return windows
    package = tmp_path / "site-packages" / "pykinect2"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    for source in STAND_IN.glob("*.txt"):
        text = source.read_text(encoding="ascii").replace("\n", "\r\n")
        (package / source.with_suffix(".py").name).write_bytes(text.encode())
    monkeypatch.syspath_prepend(package.parent)
    return windows


class Guid(ctypes.Structure):
    """A number of 16 bytes; which one does not matter here."""

    _fields_ = (("bytes", ctypes.c_ubyte * 16),)

    def __init__(self, text: str = "") -> None:
        super().__init__()


@pytest.fixture
def bodycast() -> Iterator[Callable[..., int]]:
    """``bodycast("run", ...)`` runs the program in this process and leaves the log and the signals as they were."""
    handlers = logging.getLogger().handlers[:]
    signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield lambda *arguments: main([str(argument) for argument in arguments])
    logging.getLogger().handlers[:] = handlers
    for number, handler in signals.items():
        signal.signal(number, handler)


class Library:
    """A DLL that nobody calls."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, name: str) -> Any:
        return SimpleNamespace()


def forget_pykinect2() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "pykinect2"]:
        del sys.modules[name]


def _comtypes() -> types.ModuleType:
    def refuse(actual: str) -> None:
        raise ImportError("Wrong version")

    module = types.ModuleType("comtypes")
    module.__dict__.update(
        IUnknown=Unknown,
        GUID=Guid,
        COMMETHOD=lambda *description: description,
        helpstring=str,
        dispid=int,
        HRESULT=ctypes.c_long,
        hresult=SimpleNamespace(),
        _check_version=refuse,
    )
    return module
