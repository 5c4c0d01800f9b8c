"""Recordings as the whole pipeline sees them: who is who, in whose space, and what is left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

from bridge.finetuning_lift import LiftPlan, carry_out_lift
from bridge.labelled_recordings import Chosen, divided, read_clip
from bridge.lift_watching import errors_mm, filled, pairs_of, watch
from bridge.recording import Recorder
from models import lift, pose
from models.actor import Actor
from models.body import Body, BodyFrame, Frame
from models.joints import Joint, TrackingState
from models.kinect_keypoints import kinect_labels
from models.training import finetune_lift
from models.training.finetune_lift import LiftTuneOptions

PICTURE = (320, 240)
BESIDE = np.array([0.05, 0.0, 0.0], np.float32)
"""Metres from the camera to the Kinect that labels its pictures."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of the actor, with the joints of a Kinect beside the camera."""
    actor, path = Actor(size=PICTURE, seed=3), tmp_path_factory.mktemp("recordings") / "one"
    states, turned = np.full(len(Joint), TrackingState.TRACKED, np.uint8), np.zeros((len(Joint), 4), np.float32)
    with Recorder(path, color=True, source="kinect stand-in") as recorder:
        for number in range(60):
            scene, time = actor.render(2 + number / 20), number / 20
            positions = scene.people[0].positions
            labels = kinect_labels(scene.camera.project(positions), states, PICTURE)
            recorder.add_image(Frame(scene.image, time, number))
            body = Body(7, 0, positions - BESIDE, turned, states, keypoints=labels)
            recorder.send(BodyFrame(time, number, (body,), PICTURE))
    return path


def everybody(folder: Path) -> list[Chosen]:
    clip = read_clip(folder)
    return [Chosen(clip, person, np.arange(len(person.times))) for person in clip.people]


def test_the_pipeline_finds_who_was_recorded_in_the_cameras_own_space(folder: Path) -> None:
    (watched,) = watch(everybody(folder), pose.DEFAULT_WEIGHTS, lift.DEFAULT_WEIGHTS, 1000)
    assert len(watched.bodies) > 50
    np.testing.assert_allclose(watched.beside, BESIDE, atol=0.005)
    limbs, every = errors_mm([watched])
    assert 0 < limbs < 150
    assert 0 < every < 170
    (pair,) = pairs_of([watched])
    wrists = pair.motion.positions[:, Joint.WRIST_LEFT]
    apart = np.linalg.norm(pair.rays[:, 9] - wrists[:, :2] / wrists[:, 2:], axis=1)
    assert pair.rays.shape == (len(pair.motion.positions), 23, 2)
    assert np.median(apart) * 3 < 0.2  # metres, three metres away


def test_of_a_long_recording_only_pieces_are_looked_at(folder: Path) -> None:
    (watched,) = watch(everybody(folder), pose.DEFAULT_WEIGHTS, lift.DEFAULT_WEIGHTS, 30)
    assert len(watched.bodies) <= 60


def test_what_is_not_known_is_put_between_what_was() -> None:
    positions = np.zeros((5, 25, 3), np.float32)
    positions[:, Joint.HEAD, 1] = [0.5, 9.0, 0.6, 9.0, 9.0]
    known = np.ones((5, 25), bool)
    known[[1, 3, 4], Joint.HEAD] = False
    np.testing.assert_allclose(filled(positions, known)[:, Joint.HEAD, 1], [0.5, 0.55, 0.6, 0.6, 0.6])
    assert positions[1, Joint.HEAD, 1] == 9.0


def test_a_lift_is_learnt_from_recordings_and_measured_on_what_was_held_out(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finetune_lift, "ACTED", (4, 2.0))
    learn, test, _ = divided([read_clip(folder)], None)
    options = LiftTuneOptions(tmp_path, steps=2, people=4, frames=8, threads=1)
    plan = LiftPlan(learn, test, options)
    assert plan.seconds > options.seconds
    outcome = carry_out_lift(plan, pose.DEFAULT_WEIGHTS, pose.DEFAULT_WEIGHTS)
    assert (tmp_path / "lift.onnx").is_file()
    assert outcome.numbers["lift_steps"] == 2
    assert 0 < outcome.numbers["mpjpe12_mm"] < 200


def test_without_a_kinects_joints_in_space_the_lift_stays_as_it_is(folder: Path, tmp_path: Path) -> None:
    (one,) = everybody(folder)
    flat = one.person.known.copy()
    flat[:, [Joint.THUMB_LEFT, Joint.THUMB_RIGHT]] = False
    elsewhere = replace(one.clip, source="camera:0")
    for chosen in (replace(one, person=replace(one.person, known=flat)), replace(one, clip=elsewhere)):
        plan = LiftPlan([chosen], [chosen], LiftTuneOptions(tmp_path))
        assert plan.seconds == 0
        outcome = carry_out_lift(plan, pose.DEFAULT_WEIGHTS, pose.DEFAULT_WEIGHTS)
        assert outcome.numbers == {}
        assert "stays as it is" in outcome.notes[0]
    assert not list(tmp_path.iterdir())
