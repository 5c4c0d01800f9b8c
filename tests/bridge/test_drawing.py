"""Drawn bodies are where the people are, also in a mirror."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bridge.drawing import CENTRE, HAND_COLOURS, LEFT, RIGHT, backdrop, drawn
from models.actor import Actor
from models.body import Body, BodyFrame, ByteArray, FloatArray, Hand
from models.joints import HandState, Joint, Keypoint, TrackingConfidence, TrackingState

SIZE = (320, 240)


def person(keypoints: FloatArray | None = None, slot: int = 0) -> Body:
    """Someone three metres away with the right hand up and the left hand down, facing the camera."""
    positions = np.zeros((len(Joint), 3), np.float32)
    positions[:, 2] = 3.0
    for joint in Joint:
        side = -1 if "LEFT" in joint.name else 1 if "RIGHT" in joint.name else 0
        positions[joint, 0] = 0.3 * side
    positions[Joint.HAND_RIGHT] = (0.6, 0.8, 3.0)
    positions[Joint.HAND_LEFT] = (-0.6, -0.3, 3.0)
    orientations = np.zeros((len(Joint), 4), np.float32)
    states = np.full(len(Joint), TrackingState.TRACKED, np.uint8)
    if keypoints is None:
        return Body(1, slot, positions, orientations, states)
    return Body(1, slot, positions, orientations, states, keypoints=keypoints)


def frame_of(*bodies: Body, size: tuple[int, int] = SIZE) -> BodyFrame:
    return BodyFrame(0.0, 0, bodies, size)


def grey(size: tuple[int, int] = SIZE) -> ByteArray:
    return np.full((size[1], size[0], 3), 90, np.uint8)


def columns_of(image: ByteArray, colour: tuple[int, int, int]) -> FloatArray:
    """The x of every pixel of exactly this colour."""
    return np.nonzero((image == colour).all(axis=2))[1].astype(np.float32)


def test_each_side_of_a_person_has_its_colour_and_the_right_one_is_at_the_left_of_the_picture() -> None:
    image = drawn(grey(), frame_of(person()))
    assert columns_of(image, RIGHT).mean() < SIZE[0] / 2 < columns_of(image, LEFT).mean()


def test_in_a_mirror_the_right_side_is_at_the_right() -> None:
    picture = grey()
    picture[:, :20] = 255
    image = drawn(picture, frame_of(person()), mirror=True)
    assert columns_of(image, LEFT).mean() < SIZE[0] / 2 < columns_of(image, RIGHT).mean()
    assert (image[0, -20:] == 255).all()
    assert (image[0, :20] == 90).all()


def test_keypoints_are_drawn_where_they_were_found() -> None:
    keypoints = np.zeros((len(Keypoint), 3), np.float32)
    keypoints[Keypoint.LEFT_ELBOW] = (200, 100, 0.9)
    keypoints[Keypoint.LEFT_WRIST] = (260, 100, 0.9)
    keypoints[Keypoint.RIGHT_WRIST] = (40, 100, 0.1)
    image = drawn(grey(), frame_of(person(keypoints)))
    assert tuple(image[100, 230]) == LEFT
    assert (image[100, 20:60] == 90).all(), "an unsure keypoint is not drawn"


def test_keypoints_of_a_large_picture_fit_a_small_one() -> None:
    keypoints = np.zeros((len(Keypoint), 3), np.float32)
    keypoints[Keypoint.LEFT_ELBOW] = (400, 200, 0.9)
    keypoints[Keypoint.LEFT_WRIST] = (520, 200, 0.9)
    image = drawn(grey(), frame_of(person(keypoints), size=(640, 480)))
    assert tuple(image[100, 230]) == LEFT


def test_a_body_without_numbers_is_not_drawn() -> None:
    lost = person()
    nowhere = Body(2, 1, lost.positions * np.nan, lost.orientations, lost.tracking_states)
    assert (drawn(grey(), frame_of(nowhere)) == 90).all()


def test_the_picture_itself_stays_as_it_was() -> None:
    picture = grey()
    assert (drawn(picture, frame_of(person())) != picture).any()
    assert (picture == 90).all()


@pytest.mark.parametrize("point", [(1e9, 50.0), (-1e9, -1e9), (5000.0, 5000.0)])
def test_points_far_outside_do_no_harm(point: tuple[float, float]) -> None:
    keypoints = np.zeros((len(Keypoint), 3), np.float32)
    keypoints[Keypoint.LEFT_ELBOW] = (*point, 1.0)
    keypoints[Keypoint.LEFT_WRIST] = (100, 100, 1.0)
    drawn(grey(), frame_of(person(keypoints)))


def test_a_body_without_a_picture_has_a_backdrop_of_its_size() -> None:
    assert backdrop(frame_of(size=(320, 200))).shape == (200, 320, 3)
    assert backdrop(frame_of(size=(0, 0))).shape == (480, 640, 3)
    assert (drawn(backdrop(frame_of()), frame_of(person())) == CENTRE).all(axis=2).any()


def test_when_the_actor_raises_the_right_hand_it_goes_up_at_the_right_of_a_mirror() -> None:
    actor = Actor(people=1, size=SIZE)
    scene = next(
        scene
        for scene in (actor.render(second / 2) for second in range(240))
        if scene.people[0].keypoints[Keypoint.RIGHT_WRIST, 1] < scene.people[0].keypoints[Keypoint.NOSE, 1] - 20
        and scene.people[0].keypoints[Keypoint.LEFT_WRIST, 1] > scene.people[0].keypoints[Keypoint.LEFT_HIP, 1] - 20
    )
    acted = scene.people[0]
    states = np.full(len(Joint), TrackingState.TRACKED, np.uint8)
    body = Body(1, 0, acted.positions, acted.orientations, states, keypoints=acted.keypoints)
    assert acted.positions[Joint.HAND_RIGHT, 0] > acted.positions[Joint.HEAD, 0], "to the right where X is drawn so"
    middle = SIZE[0] - 1 - acted.keypoints[Keypoint.NOSE, 0]
    image = drawn(scene.image, frame_of(body), mirror=True)
    above = image[: int(acted.keypoints[Keypoint.NOSE, 1] - 10)]
    assert columns_of(above, RIGHT).size > 0
    assert columns_of(above, RIGHT).min() > middle


def test_a_ring_tells_what_a_hand_does_and_unknown_has_none() -> None:
    high = TrackingConfidence.HIGH
    body = replace(person(), hand_right=Hand(HandState.CLOSED, high), hand_left=Hand(HandState.UNKNOWN, high))
    image = drawn(grey(), frame_of(body))
    rings = {state: columns_of(image, colour) for state, colour in HAND_COLOURS.items()}
    assert len(rings[HandState.CLOSED]) > 30
    assert rings[HandState.CLOSED].mean() < SIZE[0] / 2, "the right hand of who faces the camera is at the left"
    assert not len(rings[HandState.OPEN])
    assert not len(rings[HandState.LASSO])
