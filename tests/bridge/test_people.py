"""Who is who stays so where people cross, hide, leave and return, with networks that know the truth and err."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pytest

from bridge.matching import overlap
from bridge.people_evaluation import (
    EvaluationError,
    LabelledFrame,
    PeopleResult,
    PeopleScore,
    acted,
    evaluate_scene,
    script_of,
    visible,
)
from bridge.pipeline import Pipeline
from models.body import Body, BodyFrame, ByteArray, FloatArray, Frame
from models.joints import Keypoint

pytest.importorskip("motmetrics", reason="py-motmetrics is missing: pip install 'bodycast[train]'")

CONFIDENCE = np.array([0.05, 0.2, 0.85], np.float32)  # outside the picture, hidden, seen


class Oracle:
    """Stands in for both networks; errs as they do.

    Half hidden people are found by half of the detector's looks, a crop shows whoever fills it best, and where two do
    so alike, limbs of one are now and then given to the other.
    """

    def __init__(self, scene: Iterable[LabelledFrame], seed: int = 0) -> None:
        self._scene = scene
        self._rng = np.random.default_rng(seed)
        self._people: Mapping[int, FloatArray] = {}

    def frames(self) -> Iterator[LabelledFrame]:
        for labelled in self._scene:
            self._people = {i: k for i, k in labelled.people.items() if (k[:, 2] > 0).sum() > 4}
            yield labelled

    def detect(self, image: ByteArray) -> FloatArray:
        found: list[FloatArray] = []
        for keypoints in sorted(self._people.values(), key=visible, reverse=True):
            box = box_of(keypoints)
            box += self._rng.normal(0, 0.02, 4) * (box[3] - box[1])
            hidden = visible(keypoints) < 0.35 or (visible(keypoints) < 0.6 and self._rng.random() < 0.5)
            suppressed = found and overlap(box[None], np.stack(found)[:, :4]).max() > 0.5
            if not hidden and not suppressed and self._rng.random() < 0.95:
                found.append(np.append(box, self._rng.uniform(0.6, 0.95)).astype(np.float32))
        return np.array(found, np.float32).reshape(-1, 5)

    def pose(self, image: ByteArray, boxes: FloatArray, before: object = ()) -> FloatArray:
        people = [keypoints for keypoints in self._people.values() if visible(keypoints) > 0.25]
        if not people:
            return np.zeros((len(boxes), len(Keypoint), 3), np.float32)
        fit = overlap(boxes, np.stack([box_of(keypoints) for keypoints in people]))
        fit *= np.array([0.4 + visible(keypoints) for keypoints in people])
        return np.stack([self._seen(people, row) for row in fit])

    def _seen(self, people: list[FloatArray], fit: FloatArray) -> FloatArray:
        order = np.argsort(-fit)
        pose = people[order[0]].copy()
        pose[:, 2] = CONFIDENCE[pose[:, 2].astype(int)] * (fit[order[0]] > 0.05)
        if len(order) > 1 and fit[order[1]] > 0.6 * fit[order[0]] and self._rng.random() < 0.2:
            limbs = self._rng.choice([*Keypoint][5:], 6, replace=False)
            pose[limbs, :2] = people[order[1]][limbs, :2]
        height = pose[:, 1].max() - pose[:, 1].min()
        pose[:, :2] += self._rng.normal(0, 0.015 * height, (len(pose), 2))
        return np.asarray(pose, np.float32)


def box_of(keypoints: FloatArray) -> FloatArray:
    points = keypoints[keypoints[:, 2] > 0, :2]
    return np.concatenate([points.min(axis=0), points.max(axis=0)]).astype(np.float32)


def judged(scene: Iterable[LabelledFrame]) -> PeopleResult:
    oracle, score = Oracle(scene), PeopleScore()
    evaluate_scene([score], oracle.frames(), Pipeline(oracle.detect, oracle.pose))
    return score.result()


@pytest.mark.parametrize(
    ("script", "seed"), [("crossing:2", 1), ("crossing:4", 1), ("hiding:3", 6), ("returning:3", 3)]
)
def test_nobody_is_taken_for_another_where_people_cross_hide_and_return(script: str, seed: int) -> None:
    result = judged(acted(*script_of(script), seed, size=(320, 240), rate=15))
    assert result.switches == 0
    assert result.transfers == 0
    assert result.mota > 0.85


def person(x: float, seen: float = 2.0) -> FloatArray:
    """Keypoints (23, 3) of somebody 30 pixels wide, from ``x`` on; ``seen`` is 1 for hidden, 2 for seen."""
    pose = np.full((len(Keypoint), 3), seen, np.float32)
    pose[:, 0] = x + 30 * (np.arange(len(Keypoint)) % 2)
    pose[:, 1] = 100 + 10 * np.arange(len(Keypoint))
    return pose


def scored(frames: Iterable[tuple[Mapping[int, FloatArray], Mapping[int, float]]]) -> PeopleResult:
    """The score of frames: the people, and at which x each id has a body."""
    score = PeopleScore()
    score.begin()
    joints, turns = np.zeros((25, 3), np.float32), np.zeros((25, 4), np.float32)
    for number, (people, places) in enumerate(frames):
        bodies = tuple(
            Body(i, slot, joints, turns, np.zeros(25, np.uint8), keypoints=person(x))
            for slot, (i, x) in enumerate(places.items())
        )
        score.add(people, BodyFrame(number / 30, number, bodies, (640, 480)))
    return score.result()


def still(ids: dict[int, int]) -> PeopleResult:
    """The score of two people who stand still and whose bodies have ``ids`` from some frame on."""
    people = {0: person(100), 1: person(300)}
    return scored([(people, {1: 100, 2: 300})] * 5 + [(people, {ids[1]: 100, ids[2]: 300})] * 5)


def test_a_score_counts_switches_as_a_person_would() -> None:
    assert (still({1: 1, 2: 2}).idf1, still({1: 1, 2: 2}).switches) == (1.0, 0)
    assert still({1: 2, 2: 1}).switches == 2
    assert still({1: 1, 2: 3}).switches == 1
    assert still({1: 2, 2: 1}).idf1 == pytest.approx(0.5)


def test_a_body_goes_back_from_somebody_hidden_to_whoever_walks_before_them() -> None:
    people = {0: person(100), 1: person(115, seen=1.0)}  # the second one cannot be seen
    result = scored((people, {1: 125 if number == 3 else 105}) for number in range(10))
    assert (result.misses, result.false_bodies, result.people) == (1, 0, 10)
    assert result.idf1 == pytest.approx(18 / 19)


def test_a_body_of_somebody_hidden_is_nobody_elses() -> None:
    behind = [person(120)] * 5 + [person(120, seen=1.0)] * 5
    result = scored(({0: person(100), 1: one}, {1: 100, 2: 118}) for one in behind)
    assert (result.misses, result.false_bodies, result.switches, result.people) == (0, 0, 0, 15)


def test_a_script_that_is_none_is_named() -> None:
    for spec in ("dancing:3", "crossing", "crossing:9", "crossing:1"):
        with pytest.raises(EvaluationError, match="crossing, hiding, returning, walking, gestures"):
            script_of(spec)


def test_frames_of_a_script_come_at_their_rate() -> None:
    scene = acted("hiding", 2, seed=0, size=(64, 48), rate=10)
    frames = [next(scene) for _ in range(3)]
    assert [labelled.frame.time for labelled in frames] == [0.0, 0.1, 0.2]
    assert isinstance(frames[0].frame, Frame)
    assert sorted(frames[0].people) == [0, 1]
