"""A network that knows the labels of a recording has them all right, and only known recordings are measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bridge.recording import Recorder, RecordingError
from bridge.recording_evaluation import evaluate_recordings
from models.actor import Actor
from models.body import Body, BodyFrame, ByteArray, FloatArray, Frame
from models.joints import Joint, Keypoint, TrackingState
from models.kinect_keypoints import kinect_labels

SIZE = (320, 240)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A second of the actor, with a Kinect's labels."""
    actor, states = Actor(size=SIZE), np.full(len(Joint), TrackingState.TRACKED, np.uint8)
    with Recorder(tmp_path / "set" / "one", color=True, source="kinect stand-in") as recorder:
        for number in range(8):
            scene = actor.render(number / 8)
            positions = scene.people[0].positions
            labels = kinect_labels(scene.camera.project(positions), states, SIZE)
            body = Body(1, 0, positions, np.zeros((len(Joint), 4), np.float32), states, keypoints=labels)
            recorder.add_image(Frame(scene.image, number / 8, number))
            recorder.send(BodyFrame(number / 8, number, (body,), SIZE))
    return tmp_path / "set"


def test_a_network_is_judged_by_the_labels_of_a_recording(recording: Path) -> None:
    def guessing(image: ByteArray, boxes: FloatArray) -> FloatArray:
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2
        found = np.zeros((len(boxes), len(Keypoint), 3), np.float32)
        found[..., :2] = middle[:, None]
        return found

    result = evaluate_recordings(guessing, recording, ["one"])
    assert result["frames"] == 8
    assert result["pck"] < 0.5
    assert result["per_joint"]["left_ankle"] == 0
    assert result["labels"] == 8 * 19


def test_a_recording_that_is_not_there_is_named(recording: Path) -> None:
    with pytest.raises(RecordingError, match="two"):
        evaluate_recordings(lambda image, boxes: pytest.fail("nothing is measured"), recording, ["two"])
