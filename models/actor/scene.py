"""A software-rendered stage: people who perform a script of gestures, with the truth about every picture.

Everything is a function of the seed and the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.actor.figure import Figure
from models.actor.hands import hand_state
from models.actor.looks import Looks, random_looks
from models.actor.paint import Light, Painted, flatten, paint
from models.actor.performance import Performance
from models.actor.room import View, random_room
from models.actor.script import SCRIPT
from models.actor.shadow import cast_shadows
from models.actor.skeleton import Dof, Skeleton, stand
from models.actor.truth import box, keypoints
from models.body import ByteArray, FloatArray
from models.camera import PinholeCamera
from models.joints import HandState

CAMERA_HEIGHT = 1.0
MOST_PEOPLE = 6


@dataclass(frozen=True, slots=True, eq=False)
class ActedPerson:
    """The truth about one person in a picture.

    Attributes
    ----------
    positions : (25, 3) float32 array
        Metres in camera space, indexed by `Joint`.
    orientations : (25, 4) float32 array
        Quaternions x y z w, bone along +Y; zero on end joints.
    keypoints : (23, 3) float32 array
        x and y in pixels, indexed by `Keypoint`; 2 where seen, 1 where hidden behind something, 0 outside the picture.
    box : (4,) float32 array
        x1, y1, x2, y2 in pixels of all that is painted of the person, cut at the picture's edges.
    hand_left, hand_right : HandState
    gesture : str
        The name of what the person does; ``idle`` between gestures.
    """

    positions: FloatArray
    orientations: FloatArray
    keypoints: FloatArray
    box: FloatArray
    hand_left: HandState
    hand_right: HandState
    gesture: str


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One picture and the truth about it.

    Attributes
    ----------
    image : (height, width, 3) uint8 array
        Blue, green, red.
    people : tuple of ActedPerson
    camera : PinholeCamera
    """

    image: ByteArray
    people: tuple[ActedPerson, ...]
    camera: PinholeCamera


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """How one person stands at one moment.

    Attributes
    ----------
    body : Skeleton
        In camera space.
    curls : (2, 2) float32 array
        How far left and right hand close, as for `Figure.faces`.
    breath : float
        -1 to 1.
    gesture : str
    """

    body: Skeleton
    curls: FloatArray
    breath: float
    gesture: str


def compose(
    image: ByteArray,
    people: Sequence[tuple[Looks, Figure, Pose]],
    camera: PinholeCamera,
    light: Light,
    props: Sequence[Painted] = (),
) -> Scene:
    """Paint people onto ``image``, in place, and say what is true of them."""
    size = (image.shape[1], image.shape[0])
    painted = [
        [flatten(faces, camera, light) for faces in figure.faces(pose.body, pose.curls, pose.breath)]
        for _, figure, pose in people
    ]
    layers = [layer for person in painted for layer in person] + list(props)
    paint(image, layers)
    acted = []
    for (looks, _, pose), own in zip(people, painted, strict=True):
        acted.append(
            ActedPerson(
                pose.body.positions,
                pose.body.orientations(),
                keypoints(pose.body, looks.size.height, camera, size, layers),
                box(own, size),
                hand_state(*pose.curls[0]),
                hand_state(*pose.curls[1]),
                pose.gesture,
            )
        )
    return Scene(image, tuple(acted), camera)


def curls_of(pose: FloatArray) -> FloatArray:
    """How far the fingers close (2, 2), from a pose vector."""
    fingers = [Dof.LEFT_INDEX, Dof.LEFT_FINGERS, Dof.RIGHT_INDEX, Dof.RIGHT_FINGERS]
    return np.clip(pose[fingers], 0, 1).reshape(2, 2)


class Actor:
    """People who perform gestures in front of a camera, one metre above the floor.

    Parameters
    ----------
    people : int
        1 to 6.
    size : (int, int)
        Width and height of the picture.
    seed : int
        Decides the people, the room and the order of the gestures.
    """

    def __init__(self, people: int = 1, size: tuple[int, int] = (640, 480), seed: int = 0) -> None:
        if not 1 <= people <= MOST_PEOPLE:
            raise ValueError(f"an actor shows 1 to {MOST_PEOPLE} people, got {people}")
        rng = np.random.default_rng(seed)
        self.size = size
        self.camera = PinholeCamera.from_fov(*size)
        self._view = View(np.eye(3, dtype=np.float32), np.array((0, -CAMERA_HEIGHT, 0), np.float32))
        depth = 4.6 if people < 3 else 5.6
        self.background = random_room(rng, depth).picture(self.camera, self._view, size)
        towards = np.array((rng.choice((-0.6, 0.6)), 0.65, -0.6), np.float32)
        self._light = Light(towards / np.linalg.norm(towards))
        self._places = _places(people, rng)
        self._looks = [random_looks(rng, child=0.0 if i == 0 else 0.15) for i in range(people)]
        self._figures = [Figure(looks) for looks in self._looks]
        starts = [i * (len(SCRIPT) // people) for i in range(people)]
        room = 1.0 if people == 1 else 0.6
        self._performances = [Performance(np.random.default_rng((seed, i)), s, room) for i, s in enumerate(starts)]

    def render(self, time: float) -> Scene:
        """The picture at ``time`` seconds."""
        poses = self.poses(time)
        image = self.background.copy()
        cast_shadows(image, [p.body for p in poses], self.camera, self._view, self._light.towards)
        return compose(image, list(zip(self._looks, self._figures, poses, strict=True)), self.camera, self._light)

    def poses(self, time: float) -> tuple[Pose, ...]:
        """How everyone stands at ``time`` seconds, without a picture of it."""
        return tuple(self._pose(i, time) for i in range(len(self._figures)))

    def _pose(self, i: int, time: float) -> Pose:
        pose, name = self._performances[i].at(time)
        place = self._places[i]
        # Facing the camera from the side of the room is a small turn.
        pose[Dof.YAW] -= np.arctan2(place[0], place[1])
        pose[[Dof.PLACE_X, Dof.PLACE_Z]] += place
        body = stand(pose, self._looks[i].size).seen_from(self._view.turn, self._view.shift)
        return Pose(body, curls_of(pose), self._performances[i].breath(time), name)


def _places(people: int, rng: np.random.Generator) -> FloatArray:
    """Where people stand (n, 2): x and z in metres, in one row of up to three or in two."""
    if people == 1:
        return np.array([(0.0, 3.1)], np.float32)
    rows = [people] if people <= 3 else [people // 2, people - people // 2]
    places = []
    for row, count in enumerate(rows):
        z = (3.1 if people < 3 else 3.3) + 0.95 * row
        half = 0.5 * (z - 0.2) * (0.62 if count < 3 else 0.76)
        shift = 0.0 if len(set(rows)) > 1 or len(rows) == 1 else 0.22 * (1 - 2 * row)
        for x in np.linspace(-half, half, count):
            places.append((x + shift + rng.normal(0, 0.04), z + rng.normal(0, 0.08)))
    return np.array(places, np.float32)


__all__ = ["ActedPerson", "Actor", "Pose", "Scene", "compose", "curls_of"]
