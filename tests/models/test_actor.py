"""The actor shows people of whom everything is known; what it claims must be what it paints."""

from __future__ import annotations

import numpy as np
import pytest

from models.actor import Actor
from models.actor.hands import hand_state
from models.actor.scene import Pose
from models.actor.script import SCRIPT
from models.joints import JOINT_PARENT, HandState, Joint, Keypoint

FRAME = 1 / 30
LOOP = 95.0  # seconds; longer than the whole script


@pytest.fixture(scope="module")
def actor() -> Actor:
    return Actor(people=1, size=(320, 240), seed=4)


@pytest.fixture(scope="module")
def poses(actor: Actor) -> list[Pose]:
    """The whole script, ten poses a second."""
    return [actor.poses(t)[0] for t in np.arange(0.0, LOOP, 0.1)]


def track(poses: list[Pose], joint: Joint) -> np.ndarray:
    return np.stack([pose.body.positions[joint] for pose in poses])


def during(poses: list[Pose], gesture: str) -> list[Pose]:
    return [pose for pose in poses if pose.gesture == gesture]


def test_the_same_seed_and_time_give_the_same_picture() -> None:
    first, second = (Actor(people=2, size=(160, 120), seed=7).render(3.3) for _ in range(2))
    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.people[1].keypoints, second.people[1].keypoints)


def test_pictures_do_not_depend_on_what_was_rendered_before(actor: Actor) -> None:
    alone = actor.render(12.3)
    actor.render(40.0)
    assert np.array_equal(actor.render(12.3).image, alone.image)


def test_another_seed_gives_another_person_and_room() -> None:
    one, other = (Actor(size=(160, 120), seed=seed).render(0.0).image.astype(int) for seed in (1, 2))
    assert np.abs(one - other).mean() > 5


def test_the_whole_script_is_performed(poses: list[Pose]) -> None:
    assert {pose.gesture for pose in poses} == {"idle", *(gesture.name for gesture in SCRIPT)}


def test_keypoints_are_the_projected_joints(actor: Actor) -> None:
    scene = actor.render(3.0)
    person = scene.people[0]
    pixels = scene.camera.project(person.positions)
    for keypoint, joint in (
        (Keypoint.LEFT_ELBOW, Joint.ELBOW_LEFT),
        (Keypoint.RIGHT_WRIST, Joint.WRIST_RIGHT),
        (Keypoint.RIGHT_KNEE, Joint.KNEE_RIGHT),
        (Keypoint.LEFT_FOOT, Joint.FOOT_LEFT),
    ):
        assert person.keypoints[keypoint, :2] == pytest.approx(pixels[joint], abs=0.01)


def test_bones_keep_their_length(poses: list[Pose]) -> None:
    positions = np.stack([pose.body.positions for pose in poses])
    for joint, parent in JOINT_PARENT.items():
        if parent is Joint.SPINE_SHOULDER and joint is not Joint.NECK:
            continue  # the shoulder blade moves
        lengths = np.linalg.norm(positions[:, joint] - positions[:, parent], axis=-1)
        assert np.ptp(lengths) < 2e-3, joint.name


def test_someone_who_faces_the_camera_has_the_right_hand_at_the_left_of_the_picture(
    actor: Actor, poses: list[Pose]
) -> None:
    for pose in during(poses, "idle"):
        assert pose.body.positions[Joint.HAND_RIGHT, 0] > pose.body.positions[Joint.HAND_LEFT, 0]
    keypoints = actor.render(0.0).people[0].keypoints
    assert keypoints[Keypoint.RIGHT_WRIST, 0] < keypoints[Keypoint.LEFT_WRIST, 0]


def test_the_head_is_up_and_the_feet_are_on_the_floor(poses: list[Pose]) -> None:
    for pose in during(poses, "idle"):
        positions = pose.body.positions
        assert positions[Joint.HEAD, 1] > positions[Joint.SPINE_BASE, 1] > positions[Joint.FOOT_LEFT, 1]
        assert positions[[Joint.FOOT_LEFT, Joint.FOOT_RIGHT], 1] == pytest.approx(-1.0, abs=0.08)


@pytest.mark.parametrize(
    ("gesture", "raised", "lowered"),
    [
        ("raise_right_hand", [Joint.HAND_RIGHT], [Joint.HAND_LEFT]),
        ("raise_left_hand", [Joint.HAND_LEFT], [Joint.HAND_RIGHT]),
        ("raise_both_hands", [Joint.HAND_LEFT, Joint.HAND_RIGHT], []),
    ],
)
def test_raised_hands_are_above_the_head(
    poses: list[Pose], gesture: str, raised: list[Joint], lowered: list[Joint]
) -> None:
    shown = during(poses, gesture)
    head = track(shown, Joint.HEAD)[:, 1]
    for joint in raised:
        assert (track(shown, joint)[:, 1] - head).max() > 0.15
    for joint in lowered:
        assert (track(shown, joint)[:, 1] - head).max() < -0.3


@pytest.mark.parametrize(
    ("gesture", "joint", "axis", "way"),
    [
        ("swipe_left", Joint.HAND_RIGHT, 0, -0.35),
        ("swipe_right", Joint.HAND_LEFT, 0, 0.35),
        ("step_left", Joint.SPINE_BASE, 0, -0.3),
        ("step_right", Joint.SPINE_BASE, 0, 0.3),
        ("lean_left", Joint.HEAD, 0, -0.15),
        ("lean_right", Joint.HEAD, 0, 0.15),
        ("push", Joint.HAND_LEFT, 2, -0.3),
        ("punch", Joint.HAND_RIGHT, 2, -0.3),
        ("kick", Joint.FOOT_RIGHT, 2, -0.4),
        ("jump", Joint.SPINE_BASE, 1, 0.12),
        ("squat", Joint.SPINE_BASE, 1, -0.25),
        ("bow", Joint.HEAD, 1, -0.2),
        ("walk", Joint.SPINE_BASE, 2, 0.25),
    ],
)
def test_a_gesture_goes_its_way(poses: list[Pose], gesture: str, joint: Joint, axis: int, way: float) -> None:
    path = track(during(poses, gesture), joint)[:, axis] - track(poses[:1], joint)[0, axis]
    assert path.max() > way if way > 0 else path.min() < way


def test_clapping_hands_meet(poses: list[Pose]) -> None:
    shown = during(poses, "clap")
    assert np.linalg.norm(track(shown, Joint.HAND_LEFT) - track(shown, Joint.HAND_RIGHT), axis=-1).min() < 0.12


def test_hands_open_close_and_point(poses: list[Pose]) -> None:
    states = {name: {hand_state(*p.curls[1]) for p in during(poses, name)} for name in ("wave", "grab", "point")}
    assert states["wave"] == {HandState.OPEN}
    assert {HandState.OPEN, HandState.CLOSED} <= states["grab"]
    assert HandState.LASSO in states["point"]


def test_nothing_moves_faster_than_people_can() -> None:
    actor = Actor(people=1, size=(32, 24), seed=0)
    positions = np.stack([actor.poses(t)[0].body.positions for t in np.arange(0.0, LOOP, FRAME)])
    speed = np.linalg.norm(np.diff(positions, axis=0), axis=-1) / FRAME
    assert speed.max() < 9.0
    acceleration = np.linalg.norm(np.diff(positions[:, Joint.SPINE_BASE], 2, axis=0), axis=-1) / FRAME**2
    assert acceleration.max() < 60.0


def test_orientations_are_unit_quaternions_along_the_bones(actor: Actor) -> None:
    person = actor.render(7.0).people[0]
    ends = [j for j in Joint if j not in JOINT_PARENT.values() and j is not Joint.SPINE_BASE]
    assert not person.orientations[ends].any()
    for joint, parent in JOINT_PARENT.items():
        if joint in ends:
            continue
        x, y, z, w = person.orientations[joint]
        along = np.array([2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)])
        bone = person.positions[joint] - person.positions[parent]
        assert along == pytest.approx(bone / np.linalg.norm(bone), abs=1e-3), joint.name


def test_the_trunk_of_someone_who_faces_the_sensor_is_turned_half_round_about_y(actor: Actor) -> None:
    orientation = actor.render(0.0).people[0].orientations[Joint.SPINE_BASE]
    assert abs(orientation[1]) == pytest.approx(1.0, abs=0.02)


def test_pixels_change_where_the_person_is_and_nowhere_else(actor: Actor) -> None:
    scene = actor.render(4.0)
    empty = actor.background.astype(int)
    changed = np.abs(scene.image - empty).max(-1) > 12
    x1, y1, x2, y2 = scene.people[0].box.astype(int)
    assert changed[y1:y2, x1:x2].mean() > 0.3
    above = changed[: y1 - 2]
    assert not above.any()
    assert changed[int(scene.people[0].keypoints[Keypoint.NECK, 1]), int(scene.people[0].keypoints[Keypoint.NECK, 0])]


def test_keypoints_lie_within_the_box(actor: Actor) -> None:
    for time in np.arange(0.0, LOOP, 3.0):
        person = actor.render(time).people[0]
        inside = person.keypoints[person.keypoints[:, 2] > 0, :2]
        assert (inside >= person.box[:2] - 1).all()
        assert (inside <= person.box[2:] + 1).all()


@pytest.mark.parametrize("people", [2, 3, 4, 5, 6])
def test_several_people_keep_apart(people: int) -> None:
    actor = Actor(people=people, size=(64, 48), seed=3)
    for time in np.arange(0.0, LOOP, 0.5):
        roots = np.stack([p.body.positions[Joint.SPINE_BASE, [0, 2]] for p in actor.poses(time)])
        gaps = np.linalg.norm(roots[:, None] - roots[None], axis=-1)[~np.eye(people, dtype=bool)]
        assert gaps.min() > 0.3


def test_several_people_do_different_things() -> None:
    poses = Actor(people=6, size=(64, 48), seed=1).poses(2.5)
    assert len({pose.gesture for pose in poses}) >= 3


def test_more_people_than_a_kinect_sees_are_refused() -> None:
    with pytest.raises(ValueError, match="1 to 6 people, got 7"):
        Actor(people=7)
