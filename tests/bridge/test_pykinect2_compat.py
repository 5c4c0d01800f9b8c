"""Old Kinect programs run without a Kinect: names and numbers are pykinect2's, and pictures and joints fit together."""

from __future__ import annotations

import ast
import ctypes
import queue
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from bridge.kinect import open_kinect
from bridge.pykinect2_compat import PyKinectV2, installed
from bridge.pykinect2_compat.bodies import KinectBody
from bridge.pykinect2_compat.feed import Feed
from bridge.pykinect2_compat.PyKinectRuntime import PyKinectRuntime
from bridge.pykinect2_compat.views import DEPTH_VIEW
from bridge.sources import SourceError
from models.actor import Actor
from models.body import Body, BodyFrame, Frame
from models.camera import PinholeCamera
from models.joints import Joint, Keypoint, TrackingState
from models.orientation import orientations

SIZE = (640, 480)
ALL = 1 | 2 | 4 | 8 | 16 | 32


class Delivered:
    """A source that shows what a test delivers."""

    name = "a test"

    def __init__(self) -> None:
        self.picture: Frame | None = None
        self._frames: queue.Queue[BodyFrame | Exception | None] = queue.Queue()

    def end(self) -> None:
        self._frames.put(None)

    def deliver(self, frame: BodyFrame | Exception, image: np.ndarray | None = None) -> None:
        """Show a frame, or fail, and wait until that was seen."""
        if isinstance(frame, BodyFrame):
            self.picture = None if image is None else Frame(image, frame.time, frame.sequence)
        self._frames.put(frame)
        self._frames.join()

    def __iter__(self) -> Iterator[BodyFrame]:
        while True:
            frame = self._frames.get()
            try:
                if isinstance(frame, Exception):
                    raise frame
                if frame is None:
                    return
                yield frame
            finally:
                self._frames.task_done()

    def __enter__(self) -> Delivered:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def source() -> Delivered:
    return Delivered()


@pytest.fixture
def kinect(source: Delivered) -> Iterator[Any]:
    with installed(lambda: Feed(source)):
        from pykinect2 import PyKinectRuntime as runtime

        with runtime.PyKinectRuntime(ALL) as opened:
            yield opened
            source.end()


def standing(sequence: int = 0, slot: int = 2, fov: float = 50.0) -> BodyFrame:
    """The actor, as perfect eyes would see him through a lens of this field of view, to one side of the picture."""
    acted = Actor(seed=3).poses(2.0)[0].body
    positions = (acted.positions + np.array([0.5, 0.1, 0.0])).astype(np.float32)
    camera = PinholeCamera.from_fov(*SIZE, fov)
    keypoints = np.zeros((len(Keypoint), 3), np.float32)
    for side in ("LEFT", "RIGHT"):
        for part in ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE"):
            seen = camera.project(positions[Joint[f"{part}_{side}"]])
            keypoints[Keypoint[f"{side}_{part}"]] = (*seen, 0.9)
    states = np.full(len(Joint), TrackingState.TRACKED, np.uint8)
    body = Body(7, slot, positions, orientations(positions), states, keypoints=keypoints)
    return BodyFrame(1.5 + sequence / 30, sequence, (body,), SIZE)


def marked(frame: BodyFrame, keypoint: Keypoint) -> np.ndarray:
    """A dark picture with a light spot at a keypoint of the first body."""
    image = np.full((SIZE[1], SIZE[0], 3), 20, np.uint8)
    x, y = frame.bodies[0].keypoints[keypoint, :2]
    cv2.circle(image, (round(float(x)), round(float(y))), 6, (255, 255, 255), -1)
    return image


def brightest(image: np.ndarray) -> tuple[float, float]:
    rows, columns = np.nonzero(image > image.max() * 0.8)
    return float(columns.mean()), float(rows.mean())


def test_names_and_numbers_are_those_of_pykinect2(wheel: Path) -> None:
    tree = ast.parse((wheel / "pykinect2" / "PyKinectV2.py").read_text("latin-1"))
    numbers, fields, public = {}, {}, []
    for node in tree.body:
        if isinstance(node, ast.Assign):
            (target,) = node.targets
            if isinstance(target, ast.Name) and target.id == "__all__":
                public = ast.literal_eval(node.value)
            elif isinstance(target, ast.Name) and isinstance(node.value, ast.Constant):
                numbers[target.id] = node.value.value
            elif isinstance(target, ast.Attribute) and target.attr == "_fields_":
                assert isinstance(target.value, ast.Name)
                fields[target.value.id] = [row.elts[0].value for row in node.value.elts]
    assert len(public) > 150
    assert set(public) == set(PyKinectV2.__all__)
    assert not [name for name in public if not hasattr(PyKinectV2, name)]
    numbers = {name: value for name, value in numbers.items() if isinstance(value, int) and name != "_lcid"}
    assert {name: getattr(PyKinectV2, name) for name in numbers} == numbers
    assert len(fields) == 10
    for name, rows in fields.items():
        assert [row[0] for row in getattr(PyKinectV2, name)._fields_] == rows


def test_structures_have_the_size_of_the_kinects() -> None:
    sizes = {"_Vector4": 16, "_CameraSpacePoint": 12, "_Joint": 20, "_JointOrientation": 20, "_ColorSpacePoint": 8}
    sizes |= {"_DepthSpacePoint": 8, "_PointF": 8, "_RectF": 16, "_CameraIntrinsics": 28}
    assert {name: ctypes.sizeof(getattr(PyKinectV2, name)) for name in sizes} == sizes


def test_a_body_arrives_to_the_last_bit(random_frame: Callable[..., BodyFrame]) -> None:
    body = replace(random_frame().bodies[3], lean=np.array([0.25, -0.5], np.float32))
    found = KinectBody(body)
    assert (found.is_tracked, found.tracking_id) == (True, body.tracking_id)
    assert (found.hand_right_state, found.hand_right_confidence) == (body.hand_right.state, body.hand_right.confidence)
    assert (found.lean.x, found.lean.y, found.clipped_edges) == (0.25, -0.5, body.clipped_edges)
    for joint in Joint:
        point, turn = found.joints[joint].Position, found.joint_orientations[joint].Orientation
        assert (found.joints[joint].JointType, found.joints[joint].TrackingState) == (joint, body.state(joint))
        assert [point.x, point.y, point.z] == body.positions[joint].tolist()
        assert [turn.x, turn.y, turn.z, turn.w] == body.orientations[joint].tolist()


def test_six_places_hold_who_is_there(kinect: Any, source: Delivered) -> None:
    source.deliver(standing(slot=2))
    frame = kinect.get_last_body_frame()
    assert [body.is_tracked for body in frame.bodies] == [False, False, True, False, False, False]
    assert [body.tracking_id for body in frame.bodies] == [-1, -1, 7, -1, -1, -1]
    assert frame.relative_time == 15_000_000
    assert kinect.max_body_count == 6


def test_a_frame_is_new_until_it_was_fetched(kinect: Any, source: Delivered) -> None:
    kinds = ("color", "depth", "body", "body_index", "infrared", "long_exposure_infrared")
    assert not any(getattr(kinect, f"has_new_{kind}_frame")() for kind in kinds)
    for number in range(2):
        source.deliver(standing(number))
        for kind in kinds:
            assert getattr(kinect, f"has_new_{kind}_frame")()
            assert getattr(kinect, f"get_last_{kind}_frame")() is not None
            assert not getattr(kinect, f"has_new_{kind}_frame")()
    assert not kinect.has_new_audio_frame()


def test_frames_that_were_not_asked_for_never_come(source: Delivered) -> None:
    with installed(lambda: Feed(source)), PyKinectRuntime(PyKinectV2.FrameSourceTypes_Body) as kinect:
        source.deliver(standing())
        assert kinect.has_new_body_frame()
        assert not kinect.has_new_color_frame()
        assert kinect.get_last_color_frame() is None
        source.end()


def test_the_colour_frame_is_a_mirror_and_joints_lie_in_it(kinect: Any, source: Delivered) -> None:
    frame = standing()
    source.deliver(frame, marked(frame, Keypoint.RIGHT_WRIST))
    colour = kinect.get_last_color_frame()
    assert (colour.dtype, colour.shape) == (np.uint8, (1920 * 1080 * 4,))
    image = colour.reshape(1080, 1920, 4)
    assert (image[..., 3] == 255).all()
    joints = kinect.get_last_body_frame().bodies[2].joints
    found = kinect.body_joints_to_color_space(joints)
    wrist, other = found[PyKinectV2.JointType_WristRight], found[PyKinectV2.JointType_WristLeft]
    assert brightest(image[..., 0]) == pytest.approx((wrist.x, wrist.y), abs=2.5)
    assert wrist.x > other.x  # as in a mirror


def test_the_infrared_frame_shows_the_picture_where_the_depth_camera_sees_it(kinect: Any, source: Delivered) -> None:
    frame = standing()
    source.deliver(frame, marked(frame, Keypoint.LEFT_KNEE))
    infrared = kinect.get_last_infrared_frame()
    assert (infrared.dtype, infrared.shape) == (np.uint16, (512 * 424,))
    joints = kinect.get_last_body_frame().bodies[2].joints
    knee = kinect.body_joints_to_depth_space(joints)[PyKinectV2.JointType_KneeLeft]
    assert brightest(infrared.reshape(424, 512)) == pytest.approx((knee.x, knee.y), abs=1.5)


def test_depth_and_body_index_show_the_body_at_its_distance(kinect: Any, source: Delivered) -> None:
    frame = standing(slot=4)
    source.deliver(frame)
    depth, index = kinect.get_last_depth_frame().reshape(424, 512), kinect.get_last_body_index_frame()
    index = index.reshape(424, 512)
    assert set(np.unique(index)) == {4, 255}
    assert ((index == 4) == (depth > 0)).all()
    assert 0.02 < (depth > 0).mean() < 0.3
    for joint in (Joint.SPINE_MID, Joint.KNEE_LEFT, Joint.ELBOW_RIGHT):
        u, v = np.rint(DEPTH_VIEW.pixels(frame.bodies[0].positions[joint])).astype(int)
        distance = float(frame.bodies[0].positions[joint, 2])
        assert distance - 0.3 < depth[v, u] / 1000 < distance


def test_a_depth_frame_is_mapped_to_where_it_lies(kinect: Any, source: Delivered) -> None:
    source.deliver(standing())
    depth = kinect.get_last_depth_frame()
    known = depth > 0
    points = array_of(PyKinectV2._CameraSpacePoint, 512 * 424)
    kinect._mapper.MapDepthFrameToCameraSpace(
        ctypes.c_uint(512 * 424), kinect._depth_frame_data, kinect._depth_frame_data_capacity, points
    )
    space = floats(points, 512 * 424, 3)
    np.testing.assert_allclose(space[known, 2], depth[known] / 1000, rtol=1e-5)
    assert np.isneginf(space[~known]).all()
    back = DEPTH_VIEW.pixels(space[known])
    np.testing.assert_allclose(back, DEPTH_VIEW.grid().reshape(-1, 2)[known], atol=1e-2)


def test_the_colour_frame_is_mapped_to_the_depth_frame(kinect: Any, source: Delivered) -> None:
    frame = standing()
    source.deliver(frame)
    pixels = array_of(PyKinectV2._DepthSpacePoint, 1920 * 1080)
    kinect._mapper.MapColorFrameToDepthSpace(
        ctypes.c_uint(512 * 424), kinect._depth_frame_data, ctypes.c_uint(1920 * 1080), pixels
    )
    found = floats(pixels, 1920 * 1080, 2).reshape(1080, 1920, 2)
    x, y, z = frame.bodies[0].positions[Joint.SPINE_MID].tolist()
    seen = kinect._mapper.MapCameraPointToColorSpace(PyKinectV2._CameraSpacePoint(x, y, z))
    expected = kinect._mapper.MapCameraPointToDepthSpace(PyKinectV2._CameraSpacePoint(x, y, z))
    assert found[round(seen.y), round(seen.x)].tolist() == pytest.approx([expected.x, expected.y], abs=0.5)
    assert np.isneginf(found[0, 0]).all()


def test_single_points_are_mapped_there_and_back(kinect: Any, source: Delivered) -> None:
    source.deliver(standing())
    point = kinect._mapper.MapDepthPointToCameraSpace(PyKinectV2._DepthSpacePoint(100.0, 50.0), ctypes.c_ushort(2000))
    assert point.z == pytest.approx(2.0)
    back = kinect._mapper.MapCameraPointToDepthSpace(point)
    assert (back.x, back.y) == pytest.approx((100.0, 50.0), abs=1e-3)
    one = kinect._mapper.MapDepthPointToColorSpace(PyKinectV2._DepthSpacePoint(100.0, 50.0), 2000)
    other = kinect._mapper.MapCameraPointToColorSpace(point)
    assert (one.x, one.y) == (other.x, other.y)
    behind = kinect._mapper.MapCameraPointToColorSpace(PyKinectV2._CameraSpacePoint(0.0, 0.0, -1.0))
    assert (behind.x, behind.y) == (-np.inf, -np.inf)


def test_the_focal_length_is_seen_in_the_bodies(source: Delivered) -> None:
    focal = {}
    for fov in (40.0, 90.0):
        with installed(lambda: Feed(source)), PyKinectRuntime(ALL) as kinect:
            frame = standing(fov=fov)
            source.deliver(frame)
            placed = kinect.body_joint_to_color_space(KinectBody(frame.bodies[0]).joints[Joint.ANKLE_LEFT])
            x, y, _ = frame.bodies[0].keypoints[Keypoint.LEFT_ANKLE].tolist()
            focal[fov] = kinect._colour_view().focal
            assert (placed.x, placed.y) == pytest.approx(
                (240 + 2.25 * (639.5 - x) - 0.5, 2.25 * (y + 0.5) - 0.5), abs=1
            )
            source.end()
    assert focal[40.0] / focal[90.0] == pytest.approx(np.tan(np.pi / 4) / np.tan(np.pi / 9), rel=0.01)


def test_a_surface_of_pygame_is_written_to(kinect: Any) -> None:
    pygame = pytest.importorskip("pygame")
    surface = pygame.Surface((4, 3), 0, 32)
    data = np.arange(48, dtype=np.uint8)
    surface.lock()
    address = kinect.surface_as_array(surface.get_buffer())
    ctypes.memmove(address, data.ctypes.data, data.size)
    del address
    surface.unlock()
    assert bytes(surface.get_buffer()) == data.tobytes()


def test_a_source_that_fails_tells_the_program(kinect: Any, source: Delivered) -> None:
    source.deliver(SourceError("clip.mp4: broken"))
    with pytest.raises(SourceError, match="broken"):
        kinect.has_new_color_frame()


def test_afterwards_everything_is_as_it_was(source: Delivered) -> None:
    before = {name: sys.modules.get(name) for name in ("pykinect2", "pykinect2.PyKinectV2")}
    with installed(lambda: Feed(source)):
        import pykinect2.PyKinectV2 as module

        assert module is PyKinectV2
        assert vars(np)["int"] is int
    assert {name: sys.modules.get(name) for name in before} == before
    assert "int" not in vars(np)


def test_a_real_kinect_may_be_what_the_program_sees(
    pykinect2: Any, somebody: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.pykinect2_compat.feed.PATIENCE", 0.02)
    with installed(lambda: Feed(open_kinect(color=False))), PyKinectRuntime(PyKinectV2.FrameSourceTypes_Body) as kinect:
        pykinect2.deliver_bodies(333_333, somebody(TrackingId=9))
        while not kinect.has_new_body_frame():
            pass
        assert kinect.get_last_body_frame().bodies[0].tracking_id == 9
        assert sys.modules["pykinect2.PyKinectV2"] is PyKinectV2
        kinect.close()
        pykinect2.deliver_bodies(666_666)  # a Kinect goes on, and with the next frame its reader ends
        while not pykinect2.closed:
            pass


def array_of(kind: Any, count: int) -> Any:
    return ctypes.cast((kind * count)(), ctypes.POINTER(kind))


def floats(pointer: Any, count: int, width: int) -> np.ndarray:
    return np.ctypeslib.as_array(ctypes.cast(pointer, ctypes.POINTER(ctypes.c_float)), (count, width))
