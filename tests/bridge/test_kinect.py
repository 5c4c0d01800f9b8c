"""A Kinect at this computer: pykinect2 is loaded in spite of its faults, and nothing of a body is lost."""

from __future__ import annotations

import importlib
import itertools
import logging
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.kinect import KinectStream, open_kinect
from bridge.kinect.loading import _advice, load_runtime
from bridge.kinect.repairs import REPAIRS, repaired
from bridge.recording import Recorder, read_recording
from bridge.sources import SourceError
from models.body import BodyFrame
from models.joints import FrameEdges, HandState, Joint, Keypoint, TrackingConfidence, TrackingState

FRAME = 333_333
"""Ticks from one frame to the next."""


def test_as_it_is_pykinect2_cannot_be_loaded(pykinect2: Any) -> None:
    with pytest.raises((AssertionError, ImportError, SyntaxError)):
        importlib.import_module("pykinect2.PyKinectRuntime")


def test_its_files_stay_as_they_are(pykinect2: Any) -> None:
    package = Path(importlib.import_module("pykinect2").__file__ or "").parent
    before = {path: path.read_bytes() for path in package.rglob("PyKinect*")}
    load_runtime()
    assert {path: path.read_bytes() for path in package.rglob("PyKinect*")} == before


def test_every_repair_repairs_something(pykinect2: Any) -> None:
    package = Path(importlib.import_module("pykinect2").__file__ or "").parent
    for module, repairs in REPAIRS.items():
        text = (package / f"{module}.py").read_text("latin-1")
        for repair in repairs:
            before, text = text, re.sub(repair.pattern, repair.replacement, text, flags=re.MULTILINE)
            assert text != before, repair.pattern
        assert repaired(module, (package / f"{module}.py").read_bytes()) == text


def test_bodies_arrive_to_the_last_bit(pykinect2: Any, somebody: Callable[..., Any]) -> None:
    sdk = somebody(TrackingId=2**64 - 5)
    sdk.states[Joint.KNEE_LEFT], sdk.states[Joint.FOOT_LEFT] = 1, 0
    with open_kinect(color=False) as stream:
        frame = first_frame(stream, lambda: pykinect2.deliver_bodies(12_345_678, sdk_free(somebody), sdk))
    (body,) = frame.bodies
    assert frame.time == pytest.approx(1.2345678, abs=1e-12)
    assert (body.slot, body.tracking_id) == (1, 2**64 - 5)
    np.testing.assert_array_equal(body.positions, sdk.positions, strict=True)
    np.testing.assert_array_equal(body.orientations, sdk.orientations, strict=True)
    assert body.state(Joint.KNEE_LEFT) == TrackingState.INFERRED
    assert body.state(Joint.FOOT_LEFT) == TrackingState.NOT_TRACKED
    assert (body.hand_left.state, body.hand_left.confidence) == (HandState.OPEN, TrackingConfidence.HIGH)
    assert (body.hand_right.state, body.hand_right.confidence) == (HandState.LASSO, TrackingConfidence.LOW)
    assert body.clipped_edges == FrameEdges.BOTTOM
    assert body.keypoints[Keypoint.LEFT_KNEE, 2] == 0.5
    assert body.keypoints[Keypoint.LEFT_FOOT, 2] == 0


def test_a_frame_with_nobody_is_a_frame(pykinect2: Any) -> None:
    with open_kinect(color=False) as stream:
        assert first_frame(stream, lambda: pykinect2.deliver_bodies(FRAME)).bodies == ()


def test_each_frame_is_seen_once_and_missed_ones_are_counted(pykinect2: Any, somebody: Callable[..., Any]) -> None:
    steps = iter([*(lambda n=n: pykinect2.deliver_bodies(n * FRAME, somebody()) for n in (1, 2, 5)), StopIteration])
    with stream_of(pykinect2, steps, color=False) as stream:
        times = [frame.time for frame in seen(stream)]
    assert times == pytest.approx([FRAME * 1e-7 * n for n in (1, 2, 5)])
    assert stream.dropped == 2


def test_pictures_show_the_joints_where_the_keypoints_say(pykinect2: Any, somebody: Callable[..., Any]) -> None:
    sdk = somebody()
    with open_kinect() as stream:
        pykinect2.deliver_colour(marked(sdk, Joint.HAND_TIP_RIGHT), FRAME)
        frame = first_frame(stream, lambda: pykinect2.deliver_bodies(FRAME, sdk))
        picture = stream.picture
    assert picture is not None
    assert picture.time == frame.time
    assert picture.image.shape == (540, 960, 3)
    assert frame.image_size == (960, 540)
    x, y, confidence = frame.bodies[0].keypoints[Keypoint.RIGHT_INDEX]
    assert confidence == 1
    assert brightest(picture.image) == pytest.approx((x, y), abs=0.75)
    # As somebody beside the Kinect sees it: the right hand of who faces it is on the left.
    assert x < frame.bodies[0].keypoints[Keypoint.LEFT_INDEX, 0]


def test_pictures_may_have_their_full_size(pykinect2: Any, somebody: Callable[..., Any]) -> None:
    sdk = somebody()
    with open_kinect(half=False) as stream:
        pykinect2.deliver_colour(marked(sdk, Joint.HAND_TIP_LEFT), FRAME)
        frame = first_frame(stream, lambda: pykinect2.deliver_bodies(FRAME, sdk))
        picture = stream.picture
    assert picture is not None
    assert picture.image.shape == (1080, 1920, 3)
    assert brightest(picture.image) == pytest.approx(tuple(frame.bodies[0].keypoints[Keypoint.LEFT_INDEX, :2]), abs=1)


def test_colours_are_blue_green_red(pykinect2: Any) -> None:
    image = np.zeros((1080, 1920, 4), np.uint8)
    image[:] = (10, 20, 200, 255)
    with open_kinect() as stream:
        pykinect2.deliver_colour(image, FRAME)
        first_frame(stream, lambda: pykinect2.deliver_bodies(FRAME))
        assert stream.picture is not None
        assert stream.picture.image[100, 100].tolist() == [10, 20, 200]


def test_a_picture_goes_with_the_bodies_of_its_own_moment(pykinect2: Any) -> None:
    early, late = (np.full((1080, 1920, 4), level, np.uint8) for level in (50, 150))
    steps = iter(
        [
            lambda: pykinect2.deliver_colour(early, 10 * FRAME),
            lambda: pykinect2.deliver_colour(late, 11 * FRAME),
            lambda: pykinect2.deliver_bodies(10 * FRAME),
            lambda: pykinect2.deliver_bodies(14 * FRAME),
            StopIteration,
        ]
    )
    with stream_of(pykinect2, steps) as stream:
        shown = [(frame.time, stream.picture) for frame in seen(stream)]
    assert shown[0][1] is not None
    assert shown[0][1].image.max() == 50
    assert shown[1][1] is shown[0][1]  # nothing was captured near the second frame, so the old picture stands


def test_before_the_first_colour_frame_there_is_no_picture(pykinect2: Any, somebody: Callable[..., Any]) -> None:
    with open_kinect() as stream:
        first_frame(stream, lambda: pykinect2.deliver_bodies(FRAME, somebody()))
        assert stream.picture is None


def test_a_joint_that_the_mapper_cannot_map_labels_nothing(pykinect2: Any, somebody: Callable[..., Any]) -> None:
    sdk = somebody()
    sdk.positions[Joint.ANKLE_LEFT] = 0.0
    with open_kinect(color=False) as stream:
        frame = first_frame(stream, lambda: pykinect2.deliver_bodies(FRAME, sdk))
    assert frame.bodies[0].keypoints[Keypoint.LEFT_ANKLE].tolist() == [0, 0, 0]


def test_a_recording_keeps_everything(
    pykinect2: Any, somebody: Callable[..., Any], tmp_path: Path, assert_same_frame: Callable[..., None]
) -> None:
    with open_kinect() as stream, Recorder(tmp_path / "dance", color=True, source=stream.name) as recorder:
        pykinect2.deliver_colour(np.full((1080, 1920, 4), 90, np.uint8), FRAME)
        frame = first_frame(stream, lambda: pykinect2.deliver_bodies(FRAME, somebody(), somebody(TrackingId=2**63)))
        recorder.send(frame)
        assert stream.picture is not None
        recorder.add_image(stream.picture)
    recording = read_recording(tmp_path / "dance")
    assert_same_frame(next(iter(recording)), frame)
    assert [picture.time for picture in recording.pictures()] == [frame.time]
    assert recording.source == "kinect"


def test_a_kinect_that_gives_nothing_is_told_in_one_line(pykinect2: Any) -> None:
    clock = iter(range(100))
    runtime = load_runtime().PyKinectRuntime(33)
    with (
        KinectStream(runtime, now=lambda: next(clock), sleep=lambda _: None) as stream,
        pytest.raises(SourceError, match="USB 3"),
    ):
        next(iter(stream))


def test_a_kinect_that_was_unplugged_comes_back(pykinect2: Any, caplog: pytest.LogCaptureFixture) -> None:
    steps = iter(
        [
            lambda: pykinect2.deliver_bodies(FRAME),
            *[lambda: None] * 20,
            lambda: pykinect2.deliver_bodies(100 * FRAME),
            StopIteration,
        ]
    )
    with caplog.at_level(logging.WARNING), stream_of(pykinect2, steps, color=False) as stream:
        assert len(list(seen(stream))) == 2
    assert [record.getMessage() for record in caplog.records] == [
        "kinect: gives no body any more; waiting until it does",
        "kinect: is back",
    ]


def test_closing_closes_the_sensor(pykinect2: Any) -> None:
    with open_kinect():
        assert pykinect2.opened
    assert pykinect2.closed


def test_the_command_records_a_kinect(
    pykinect2: Any,
    somebody: Callable[..., Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    bodycast: Callable[..., int],
) -> None:
    def deliver() -> None:
        while not pykinect2.opened:
            time.sleep(0.001)
        for number in itertools.takewhile(lambda _: not recorded.is_set(), itertools.count(1)):
            pykinect2.deliver_colour(np.full((1080, 1920, 4), 90, np.uint8), number * FRAME)
            pykinect2.deliver_bodies(number * FRAME, somebody())
            time.sleep(0.02)  # as the sensor does, which waits for nobody

    recorded = threading.Event()
    sensor = threading.Thread(target=deliver)
    sensor.start()
    status = bodycast("record", "kinect", tmp_path / "dance", "--frames", 2)
    recorded.set()
    sensor.join()
    recording = read_recording(tmp_path / "dance")
    assert status == 0
    assert "labels in 2 frames" in capsys.readouterr().err
    assert [len(frame.bodies) for frame in recording] == [1, 1]
    assert [picture.image.shape for picture in recording.pictures()] == [(540, 960, 3)] * 2


def test_without_a_kinect_the_command_says_what_to_do(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bridge.cli", "record", "kinect", str(tmp_path / "dance")]
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "under Windows only" in done.stderr
    assert not (tmp_path / "dance").exists()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ModuleNotFoundError("", name="pykinect2"), "pip install pykinect2"),
        (ModuleNotFoundError("", name="comtypes.client"), "needs the package comtypes"),
        (FileNotFoundError("Kinect20"), "install the Kinect for Windows Runtime 2.0"),
        (AttributeError("boo"), r"cannot be loaded (boo): pip install --force-reinstall"),
    ],
)
def test_under_windows_the_advice_fits_what_is_missing(error: Exception, expected: str) -> None:
    assert expected in _advice(error, "win32")


def first_frame(stream: KinectStream, deliver: Callable[[], None]) -> BodyFrame:
    deliver()
    return next(iter(stream))


def sdk_free(somebody: Callable[..., Any]) -> Any:
    return somebody(IsTracked=False)


def stream_of(kinect: Any, steps: Iterator[Any], color: bool = True) -> KinectStream:
    """A stream that takes the next step whenever it has nothing to do; a second goes by."""
    clock = [0.0]

    def sleep(_: float) -> None:
        clock[0] += 1.0
        step = next(steps)
        if step is StopIteration:
            raise EndOfScript
        step()

    return KinectStream(load_runtime().PyKinectRuntime(33), color, now=lambda: clock[0], sleep=sleep)


class EndOfScript(Exception):
    pass


def seen(stream: KinectStream) -> Iterator[BodyFrame]:
    try:
        yield from stream
    except EndOfScript:
        return


def marked(sdk: Any, joint: Joint) -> Any:
    """A picture as the SDK shows it, mirrored, with a white square at a joint."""
    x, y, z = sdk.positions[joint]
    u, v = 960 + 1081.4 * (x + 0.052) / z, 540 - 1081.4 * y / z
    image = np.full((1080, 1920, 4), 30, np.uint8)
    image[round(v) - 3 : round(v) + 4, round(u) - 3 : round(u) + 4] = 255
    return image


def brightest(image: Any) -> tuple[float, float]:
    rows, columns = np.nonzero(image[..., 0] > 200)
    return float(columns.mean()), float(rows.mean())
