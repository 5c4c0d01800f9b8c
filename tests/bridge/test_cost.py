"""What everything but the networks costs: in proportion to the people in view, and never to how long or whom it saw."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

import numpy as np

from bridge.pipeline import Pipeline
from models.actor import Actor
from models.body import ByteArray, FloatArray, Frame
from models.joints import Keypoint


class Standing:
    """Stands in for both networks: sees people who stand beside each other, and shake a little."""

    def __init__(self) -> None:
        (person,) = Actor().render(0.0).people
        self._points = ((person.keypoints[:, :2] - person.box[:2]) / (person.box[3] - person.box[1])).astype(np.float32)
        self._rng = np.random.default_rng(0)
        self.count = 1

    def keypoints(self) -> FloatArray:
        """(n, 23, 3) of everyone."""
        found = np.ones((self.count, len(Keypoint), 3), np.float32)
        found[:, :, :2] = 200.0 * self._points + self._rng.normal(0, 0.5, (self.count, len(Keypoint), 2)) + 40.0
        found[:, :, 0] += 100.0 * np.arange(self.count)[:, None]
        return found

    def detect(self, image: ByteArray) -> FloatArray:
        points = self.keypoints()[:, :, :2]
        boxes = np.concatenate([points.min(axis=1), points.max(axis=1), np.full((self.count, 1), 0.9)], axis=1)
        return boxes.astype(np.float32)

    def pose(self, image: ByteArray, boxes: FloatArray, before: object = ()) -> FloatArray:
        if not self.count:
            return np.zeros((len(boxes), len(Keypoint), 3), np.float32)
        people = self.keypoints()
        middle = (boxes[:, 0] + boxes[:, 2]) / 2
        return people[np.abs(people[:, :, 0].mean(axis=1)[None] - middle[:, None]).argmin(axis=1)]


def seconds(pipeline: Pipeline, frames: Iterable[Frame]) -> list[float]:
    """Of this thread's processor time for each frame."""

    def timed() -> Iterator[Frame]:
        for frame in frames:
            starts.append(time.thread_time())
            yield frame

    starts: list[float] = []
    ends = [(len(frame.bodies), time.thread_time())[1] for frame in pipeline.bodies(timed())]
    return [end - start for start, end in zip(starts, ends, strict=True)]


def test_six_people_cost_less_than_six_times_as_much_as_one() -> None:
    costs, image = {}, np.full((480, 760, 3), 90, np.uint8)
    for count in (1, 6):
        people = Standing()
        people.count = count
        pipeline = Pipeline(people.detect, people.pose)
        costs[count] = np.median(seconds(pipeline, (Frame(image, i / 30, i) for i in range(90)))[30:])
    assert costs[6] < 6 * costs[1]


def test_time_and_those_who_have_gone_cost_nothing() -> None:
    people = Standing()

    def visits() -> Iterator[Frame]:
        """Somebody else in other clothes for a second, then nobody for two, at ten pictures a second."""
        for number in range(900):
            people.count = int(number % 30 < 10)
            shade = np.random.default_rng(number // 30).integers(0, 255, 3)
            yield Frame(np.full((480, 640, 3), shade, np.uint8), number / 10, number)

    pipeline = Pipeline(people.detect, people.pose)
    costs = np.array(seconds(pipeline, visits())).reshape(-1, 30)[:, :10]
    early, late = costs[12:20], costs[-8:]  # so many people are remembered by then as ever will be
    assert np.median(late) < 1.5 * np.median(early)
    assert np.median(late) < 3.0 * np.median(costs[:3])
