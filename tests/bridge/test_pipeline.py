"""From the actor's pictures to bodies, with networks that know the truth and shake a little."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from bridge.matching import overlap
from bridge.pipeline import Pipeline
from bridge.tracking import Tracking
from models.actor import Actor, Scene
from models.body import BodyFrame, ByteArray, FloatArray, Frame
from models.joints import HandState, Joint, Keypoint, TrackingState

RATE = 30.0
CONFIDENCE = np.array([0.05, 0.45, 0.9], np.float32)  # outside the picture, hidden, seen


class Truth:
    """Plays the actor and stands in for both networks; counts how often they are asked."""

    def __init__(self, people: int = 1, noise: float = 1.5, hidden: range = range(0)) -> None:
        self.detections = self.poses = 0
        self.scene: Scene
        self._actor = Actor(people=people)
        self._noise = noise
        self._hidden = hidden
        self._blind = False
        self._rng = np.random.default_rng(0)

    def frames(self, count: int) -> Iterator[Frame]:
        for number in range(count):
            self.scene = self._actor.render(number / RATE)
            self._blind = number in self._hidden
            yield Frame(self.scene.image, number / RATE, number)

    def detect(self, image: ByteArray) -> FloatArray:
        self.detections += 1
        boxes = [np.append(person.box, 0.9) for person in self.scene.people if not self._blind]
        return np.array(boxes, np.float32).reshape(-1, 5)

    def pose(self, image: ByteArray, boxes: FloatArray, before: object = ()) -> FloatArray:
        self.poses += len(boxes)
        nearest = overlap(boxes, np.stack([person.box for person in self.scene.people])).argmax(axis=1)
        found = np.stack([self.scene.people[index].keypoints for index in nearest])
        found[:, :, 2] = 0.0 if self._blind else CONFIDENCE[found[:, :, 2].astype(int)]
        found[:, :, :2] += self._rng.normal(0, self._noise, found[:, :, :2].shape)
        return found


def play(truth: Truth, count: int, **settings: Tracking) -> list[BodyFrame]:
    return list(Pipeline(truth.detect, truth.pose, **settings).bodies(truth.frames(count)))


def test_the_actor_becomes_one_body_with_one_id() -> None:
    truth = Truth()
    frames = play(truth, 60)
    assert [len(frame.bodies) for frame in frames] == [1] * 60
    assert {body.tracking_id for frame in frames for body in frame.bodies} == {1}
    assert [frame.sequence for frame in frames] == list(range(60))
    assert frames[30].time == 1.0
    assert frames[0].image_size == (640, 480)


def test_a_body_is_where_the_actor_is() -> None:
    truth, errors = Truth(), []
    for frame in Pipeline(truth.detect, truth.pose).bodies(truth.frames(60)):
        ours, actors = frame.bodies[0].positions, truth.scene.people[0].positions
        errors.append(np.linalg.norm((ours - ours[Joint.SPINE_BASE]) - (actors - actors[Joint.SPINE_BASE]), axis=1))
    assert np.mean(errors) < 0.12


def test_three_actors_are_three_bodies_in_three_slots() -> None:
    frames = play(Truth(people=3), 45)
    assert all([body.slot for body in frame.bodies] == [0, 1, 2] for frame in frames)
    assert len({(body.tracking_id, body.slot) for frame in frames for body in frame.bodies}) == 3


def test_the_detector_runs_every_tenth_frame_and_poses_once_a_person() -> None:
    truth = Truth()
    play(truth, 60)
    assert truth.detections == 6
    assert truth.poses <= 66


def test_while_nobody_is_there_no_pose_is_looked_for() -> None:
    truth = Truth(hidden=range(100))
    assert all(not frame.bodies for frame in play(truth, 20))
    assert (truth.detections, truth.poses) == (10, 0)


def test_a_moment_out_of_sight_is_bridged_by_inferred_joints() -> None:
    frames = play(Truth(hidden=range(20, 26)), 40)
    assert all(len(frame.bodies) == 1 for frame in frames)
    assert all((frame.bodies[0].tracking_states != TrackingState.TRACKED).all() for frame in frames[20:26])
    assert (frames[30].bodies[0].tracking_states == TrackingState.TRACKED).sum() > 15
    assert {frame.bodies[0].tracking_id for frame in frames} == {1}


def test_someone_long_out_of_sight_is_gone_and_comes_back_as_themselves() -> None:
    frames = play(Truth(hidden=range(20, 50)), 60)
    assert not frames[45].bodies
    assert frames[55].bodies[0].tracking_id == 1


def test_hand_states_are_unknown_for_hands_that_are_seen() -> None:
    body = play(Truth(), 1)[0].bodies[0]
    for hand, joint in ((body.hand_left, Joint.HAND_LEFT), (body.hand_right, Joint.HAND_RIGHT)):
        seen = body.state(joint) == TrackingState.TRACKED
        assert hand.state == (HandState.UNKNOWN if seen else HandState.NOT_TRACKED)


def test_a_resting_body_trembles_less_than_its_keypoints() -> None:
    truth = Truth(noise=2.0)
    rest = Frame(truth._actor.render(0.0).image, 0.0, 0)
    truth.scene = truth._actor.render(0.0)
    pipeline = Pipeline(truth.detect, truth.pose)
    frames = list(pipeline.bodies(Frame(rest.image, number / RATE, number) for number in range(60)))
    positions = np.stack([frame.bodies[0].positions for frame in frames[20:]])
    pixels = np.stack([frame.bodies[0].keypoints[:, :2] for frame in frames[20:]])
    moves = np.linalg.norm(np.diff(positions, axis=0), axis=2).mean()
    shakes = np.linalg.norm(np.diff(pixels, axis=0), axis=2).mean() * positions[:, :, 2].mean() / 554.0
    assert moves < shakes


def test_fewer_people_may_be_asked_for() -> None:
    assert all(len(frame.bodies) == 2 for frame in play(Truth(people=3), 10, tracking=Tracking(people=2)))


def test_every_stage_is_timed_once_a_frame() -> None:
    truth = Truth()
    pipeline = Pipeline(truth.detect, truth.pose)
    for _ in pipeline.bodies(truth.frames(20)):
        with pipeline.watch.stage("publish"):
            pass
    counts = {stage: row["count"] for stage, row in pipeline.watch.times.summary().items()}
    assert counts == {"track": 20, "detect": 2, "pose": 20, "smooth": 20, "lift": 20, "publish": 20}


def test_pictures_of_other_sizes_are_welcome_in_one_stream() -> None:
    pipeline = Pipeline(
        lambda image: np.zeros((0, 5), np.float32), lambda image, boxes, before: np.zeros((0, 23, 3), np.float32)
    )
    frames = [Frame(np.zeros((h, w, 3), np.uint8), i / RATE, i) for i, (w, h) in enumerate([(64, 48), (48, 64)])]
    assert [frame.image_size for frame in pipeline.bodies(frames)] == [(64, 48), (48, 64)]


@pytest.mark.parametrize("people", [1, 6])
def test_bodies_hold_what_a_body_must(people: int) -> None:
    for frame in play(Truth(people=people), 3):
        for body in frame.bodies:
            assert np.isfinite(body.positions).all()
            assert body.keypoints.shape == (len(Keypoint), 3)
            length = np.linalg.norm(body.orientations, axis=1)
            assert ((np.abs(length - 1) < 1e-4) | (length == 0)).all()
