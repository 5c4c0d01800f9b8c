"""How a camera stands, and where the floor is, follow from people who stand and walk in its pictures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.actor import Actor
from models.body import FloatArray
from models.camera import PinholeCamera
from models.floor import FloorFinder
from models.joints import Joint, Keypoint
from models.standing import Feet, PoleBook, Stance, fit, upright

SIZE = (640, 480)
CAMERA = PinholeCamera.from_fov(*SIZE)
RATE = 15.0


def camera_space(points: FloatArray, stance: Stance) -> FloatArray:
    """World points (n, 3), Y up from the floor, as a camera sees them that stands so."""
    tilt, roll = stance.tilt, stance.roll
    down = np.array([[1, 0, 0], [0, math.cos(tilt), math.sin(tilt)], [0, -math.sin(tilt), math.cos(tilt)]])
    turn = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
    return ((points - (0, stance.height, 0)) @ (turn @ down).T).astype(np.float32)


def seen(points: FloatArray, camera: PinholeCamera, noise: float, rng: np.random.Generator) -> FloatArray:
    """Keypoints (23, 3) of points in camera space."""
    pixels = camera.project(points) + rng.normal(0, noise, (len(points), 2))
    inside = ((pixels > 0) & (pixels < SIZE)).all(axis=1)
    return np.column_stack([pixels, np.where(inside, 0.9, 0.05)]).astype(np.float32)


class Stage:
    """The actor, one metre over whose floor the camera stood, walked about and seen by another camera."""

    def __init__(self, stance: Stance, camera: PinholeCamera = CAMERA, seed: int = 5) -> None:
        self.stance, self.camera = stance, camera
        self.actor = Actor(seed=seed)
        self.height = float(self.actor._looks[0].size.height)
        self._rng = np.random.default_rng(0)

    def points(self, points: FloatArray, walked: tuple[float, float] = (0.0, 0.0)) -> FloatArray:
        return camera_space(np.add(points, (walked[0], 1.0, walked[1])), self.stance)

    def keypoints(self, time: float, walked: tuple[float, float] = (0.0, 0.0), noise: float = 1.5) -> FloatArray:
        body = self.actor.poses(time)[0].body
        return seen(self.points(body.keypoints, walked), self.camera, noise, self._rng)


def walk(time: float) -> tuple[float, float]:
    """A step every second and a half to another place, up to 0.8 m aside and 1.6 m back."""
    place = int(time / 1.5)
    return (0.8 * math.sin(2.4 * place), 0.8 - 0.8 * math.cos(1.7 * place))


def floor_after(stage: Stage, seconds: float, walks: bool) -> FloatArray:
    finder, floor = FloorFinder(), np.zeros(4, np.float32)
    for frame in range(round(seconds * RATE)):
        time = frame / RATE
        keypoints = stage.keypoints(0.4, walk(time) if walks else (0.0, 0.0))  # between gestures: at ease
        floor = finder(time, {1: (keypoints, stage.height)}, CAMERA)
    return floor


STANCES = [
    Stance(0.0, 0.0, 1.0),
    Stance(math.radians(12), 0.0, 1.6),
    Stance(math.radians(20), math.radians(3), 2.0),
    Stance(math.radians(-8), math.radians(-2), 0.7),
]


@pytest.mark.parametrize("stance", STANCES)
def test_the_floor_of_somebody_who_moves_about_is_found_to_a_degree_or_two(stance: Stance) -> None:
    floor = floor_after(Stage(stance), 20.0, walks=True)
    assert math.degrees(math.acos(min(1.0, float(floor[:3] @ stance.up)))) < 2.5
    assert floor[3] == pytest.approx(stance.height, abs=0.12)
    assert np.linalg.norm(floor[:3]) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("stance", STANCES)
def test_the_feet_of_somebody_who_stays_stand_on_the_floor(stance: Stance) -> None:
    stage = Stage(stance)
    floor = floor_after(stage, 5.0, walks=False)
    feet = stage.points(stage.actor.poses(0.4)[0].body.positions)[[Joint.FOOT_LEFT, Joint.FOOT_RIGHT]]
    over = feet @ floor[:3] + floor[3]
    assert (np.abs(over) < 0.1).all()
    assert math.degrees(math.acos(min(1.0, float(floor[:3] @ stance.up)))) < 12, "from one place, tilt is a guess"


def test_the_floor_is_unknown_until_somebody_has_stood() -> None:
    stage, finder = Stage(STANCES[0]), FloorFinder()
    assert not finder(0.0, {}, CAMERA).any()
    told = [finder(frame / RATE, {1: (stage.keypoints(0.4), 1.7)}, CAMERA).any() for frame in range(1, 40)]
    assert not any(told[:12])
    assert all(told[-5:])
    assert finder(10.0, {}, CAMERA).any(), "it stays when people leave"


def test_the_floor_is_steady() -> None:
    stage, finder = Stage(STANCES[1]), FloorFinder()
    floors = [finder(i / RATE, {1: (stage.keypoints(0.4, walk(i / RATE)), stage.height)}, CAMERA) for i in range(300)]
    steps = np.abs(np.diff(np.stack(floors[60:]), axis=0)).max(axis=0)
    assert steps[:3].max() < 0.02
    assert steps[3] < 0.05


def test_jumps_squats_and_bows_do_not_move_the_floor() -> None:
    stage, finder, floor = Stage(STANCES[0]), FloorFinder(), np.zeros(4, np.float32)
    for frame in range(round(70 * RATE)):  # once through the actor's whole script
        time = frame / RATE
        floor = finder(time, {1: (stage.keypoints(time), stage.height)}, CAMERA)
    assert math.degrees(math.acos(float(floor[1]))) < 6
    assert floor[3] == pytest.approx(1.0, abs=0.3)


def test_a_calibrated_floor_is_told_from_the_start() -> None:
    known = Stance(math.radians(10), 0.01, 1.4)
    np.testing.assert_allclose(FloorFinder(known)(0.0, {}, CAMERA), known.floor)


def test_someone_at_ease_is_upright_and_someone_who_bends_or_is_cut_off_is_not() -> None:
    stage = Stage(STANCES[0])
    assert upright(stage.keypoints(0.4)) is not None
    times = np.arange(0, 70, 0.2)
    squats = [stage.keypoints(t, noise=0.0) for t in times if stage.actor.poses(t)[0].gesture == "squat"]
    deepest = max(squats, key=lambda points: points[Keypoint.HEAD_TOP, 1])
    assert upright(deepest) is None
    without_feet = stage.keypoints(0.4)
    without_feet[[Keypoint.LEFT_ANKLE, Keypoint.RIGHT_ANKLE], 2] = 0.1
    assert upright(without_feet) is None


def test_feet_of_someone_who_jumps_do_not_rest() -> None:
    stage, feet = Stage(STANCES[0]), Feet()
    rest = [feet.rest(frame / 30, stage.keypoints(0.4)) for frame in range(12)]
    assert all(rest[-4:])
    assert not feet.rest(12 / 30, stage.keypoints(0.4) - np.array([0, 60, 0], np.float32))


def test_the_focal_length_of_a_tilted_camera_follows_from_people_here_and_there() -> None:
    longer = PinholeCamera(CAMERA.focal * 1.2, 320.0, 240.0)
    stage, book = Stage(Stance(math.radians(15), 0.0, 1.8), longer), PoleBook()
    for frame in range(240):
        place = walk(frame / 12)
        levels = upright(stage.keypoints(0.4, (place[0], place[1] + 0.9)))
        if levels is not None:
            book.add(frame / 12, levels, stage.height)
    result = fit(book.poles(), CAMERA)
    assert math.exp(result.stance.focal) == pytest.approx(1.2, rel=0.08)
    assert 0 < result.error.focal < 0.1
    assert math.degrees(result.stance.tilt) == pytest.approx(15, abs=2)


def test_one_place_alone_says_little_and_the_errors_tell() -> None:
    stage, book = Stage(STANCES[1]), PoleBook()
    for frame in range(60):
        levels = upright(stage.keypoints(0.4))
        assert levels is not None
        book.add(frame / 12, levels, stage.height)
    result = fit(book.poles(), CAMERA)
    assert result.error.focal > 0.1
    assert abs(result.stance.tilt - STANCES[1].tilt) < 3 * result.error.tilt
