"""The benchmark measures every stage, over a socket, without decoding."""

from __future__ import annotations

import json

import numpy as np

from bridge.benchmark import WARM_UP, back_and_forth, benchmark, preloaded
from bridge.pipeline import Pipeline
from models.actor import Actor
from models.body import ByteArray, FloatArray, Frame
from models.joints import Keypoint


def picture(shade: int) -> ByteArray:
    return np.full((48, 64, 3), shade, np.uint8)


def frames(count: int) -> list[Frame]:
    return [Frame(picture(shade), shade / 30, shade) for shade in range(count)]


def test_pictures_go_back_and_forth_without_a_jump() -> None:
    shades = [int(image[0, 0, 0]) for image in back_and_forth([picture(i) for i in range(4)], 14)]
    assert shades == [0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1]


def test_one_picture_is_enough() -> None:
    assert len(list(back_and_forth([picture(0)], 5))) == 5


def test_only_so_many_pictures_are_held() -> None:
    assert len(preloaded(frames(20), most=7)) == 7
    assert len(preloaded(frames(3), most=7)) == 3


def test_all_stages_are_measured_and_only_after_the_warm_up() -> None:
    (person,) = Actor().render(0.0).people

    def detect(image: ByteArray) -> FloatArray:
        return np.append(person.box, np.float32(0.9))[None]

    def pose(image: ByteArray, boxes: FloatArray, before: object = ()) -> FloatArray:
        keypoints = np.ones((len(boxes), len(Keypoint), 3), np.float32)
        keypoints[:, :, :2] = person.keypoints[:, :2]
        return keypoints

    result = benchmark([Actor().render(0.0).image], Pipeline(detect, pose), 30)
    assert (result.frames, result.bodies) == (30, 1.0)
    assert {"detect", "pose", "track", "lift", "smooth", "publish", "capture_to_wire"} <= result.stages.keys()
    assert {result.stages[stage]["count"] for stage in ("pose", "publish", "capture_to_wire")} == {30}
    assert result.stages["capture_to_wire"]["p50"] >= result.stages["lift"]["p50"]
    assert result.stages["gestures_to_wire"]["p50"] >= result.stages["capture_to_wire"]["p50"]
    assert json.loads(json.dumps(result.as_json()))["stages"]["pose"]["count"] == 30
    assert WARM_UP > 0
