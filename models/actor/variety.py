"""Pictures for training: random people in random poses before random cameras, with the exact truth."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from models.actor.figure import Figure
from models.actor.looks import random_looks
from models.actor.paint import Light, flatten
from models.actor.poses import random_pose
from models.actor.props import random_props
from models.actor.room import Room, View, random_room
from models.actor.rotations import Array, about
from models.actor.scene import Pose, Scene, compose, curls_of
from models.actor.shadow import cast_shadows
from models.actor.skeleton import Dof, Skeleton, stand
from models.body import ByteArray
from models.camera import PinholeCamera
from models.joints import Joint

_ROOMS, _GRAIN = 32, 512
# What a picture is about: how often, the joint in its middle, and how much of the person's height fills it.
_SHOTS = (
    (0.45, Joint.SPINE_BASE, 1.25),
    (0.3, Joint.SPINE_SHOULDER, 0.75),
    (0.15, Joint.NECK, 0.5),
    (0.1, Joint.SPINE_BASE, 2.0),
)


def random_scene(
    rng: np.random.Generator, size: tuple[int, int] = (320, 320), background: ByteArray | None = None
) -> Scene:
    """A picture of one to three people who do anything people do.

    Parameters
    ----------
    rng : numpy.random.Generator
        Decides everything.
    size : (int, int)
        Width and height of the picture.
    background : (h, w, 3) uint8 array, optional
        A picture to stand before, in place of a room; it is cropped to fit.

    Returns
    -------
    Scene
        The first person is the one whom the camera aims at.
    """
    looks = [random_looks(rng) for _ in range(rng.choice((1, 2, 3), p=(0.7, 0.2, 0.1)))]
    poses = [random_pose(rng) for _ in looks]
    for pose in poses[1:]:
        side = rng.choice((-1, 1))
        pose[[Dof.PLACE_X, Dof.PLACE_Z]] += (side * rng.uniform(0.25, 1.1), rng.uniform(-0.5, 0.9))
    bodies = [stand(pose, look.size) for pose, look in zip(poses, looks, strict=True)]
    camera, view = _aim(rng, bodies[0], looks[0].size.height, size)
    light = random_light(rng, view)
    seen = [body.seen_from(view.turn, view.shift) for body in bodies]
    image = _cropped(background, size, rng) if background is not None else setting(rng, camera, view, size)
    if background is None:
        cast_shadows(image, seen, camera, view, light.towards)
    people = [
        (look, Figure(look), Pose(body, curls_of(pose), 0.0, "random"))
        for look, body, pose in zip(looks, seen, poses, strict=True)
    ]
    props = [
        flatten(faces, camera, light)
        for body, pose in zip(bodies, poses, strict=True)
        for faces in random_props(rng, body, pose, view)
    ]
    scene = compose(image, people, camera, light, props)
    return Scene(developed(scene.image, rng), scene.people, camera)


def _aim(rng: np.random.Generator, body: Skeleton, height: float, size: tuple[int, int]) -> tuple[PinholeCamera, View]:
    """A camera that shows a whole person, half of one, a face and shoulders, or someone far off."""
    _, joint, share = _SHOTS[rng.choice(len(_SHOTS), p=[often for often, _, _ in _SHOTS])]
    camera = PinholeCamera.from_fov(*size, rng.uniform(38, 78))
    span = share * height * rng.uniform(0.85, 1.25)
    distance = camera.focal * span / size[1]
    turn = (
        about(2, rng.normal(0, 0.09))
        @ about(0, np.clip(rng.normal(0.05, 0.22), -0.7, 0.8))
        @ about(1, rng.normal(0, 0.1))
    )
    middle = body.positions[joint] + rng.normal(0, 0.07, 3).astype(np.float32) * span
    shift = np.array((0, 0, max(0.45, distance))) - turn @ middle
    return camera, View(turn.astype(np.float32), shift.astype(np.float32))


def random_light(rng: np.random.Generator, view: View) -> Light:
    """A light from before the people and above them."""
    towards = np.array((rng.normal(0, 0.6), rng.uniform(0.2, 1.0), rng.uniform(-1.0, -0.1)), np.float32)
    return Light(
        (view.turn @ towards / np.linalg.norm(towards)).astype(np.float32),
        rng.uniform(0.4, 0.75),
        rng.uniform(0.25, 0.65),
    )


@lru_cache(maxsize=_ROOMS)
def _room(seed: int) -> Room:
    """Painting a room takes far longer than looking into it."""
    return random_room(np.random.default_rng((17, seed)))


def setting(rng: np.random.Generator, camera: PinholeCamera, view: View, size: tuple[int, int]) -> ByteArray:
    """A room, a little out of focus as behind a person."""
    small = (max(16, size[0] // 2), max(16, size[1] // 2))
    half = PinholeCamera(camera.focal / 2, camera.centre_u / 2, camera.centre_v / 2)
    origin = -view.turn.T @ view.shift
    image = _room(int(rng.integers(_ROOMS))).around(origin).picture(half, view, small)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _cropped(background: ByteArray, size: tuple[int, int], rng: np.random.Generator) -> ByteArray:
    """A piece of the right shape from the background, scaled to fit."""
    h, w = background.shape[:2]
    scale = min(w / size[0], h / size[1]) * rng.uniform(0.6, 1.0)
    wide, tall = max(1, int(size[0] * scale)), max(1, int(size[1] * scale))
    x, y = int(rng.integers(0, w - wide + 1)), int(rng.integers(0, h - tall + 1))
    piece = background[y : y + tall, x : x + wide]
    return np.asarray(cv2.resize(piece, size, interpolation=cv2.INTER_AREA), np.uint8)


def developed(image: ByteArray, rng: np.random.Generator) -> ByteArray:
    """The picture as a cheap camera would deliver it: exposure, white balance, grain."""
    gains: Array = rng.uniform(0.75, 1.2) * rng.normal(1.0, 0.05, 3)
    table = np.clip(np.arange(256)[:, None] * gains, 0, 255).astype(np.uint8)[None]
    image = np.asarray(cv2.LUT(image, table), np.uint8)
    h, w = image.shape[:2]
    y, x = (int(v) for v in rng.integers(0, 64, 2))
    grain: Array = cv2.resize(_grain(), (w + 64, h + 64)) if max(h, w) > _GRAIN - 64 else _grain()
    strength = float(rng.uniform(0, 5)) / 32
    return np.asarray(cv2.addWeighted(image, 1, grain[y : y + h, x : x + w], strength, 0, dtype=cv2.CV_8U), np.uint8)


@lru_cache(maxsize=1)
def _grain() -> npt.NDArray[np.int16]:
    """Noise of which 32 is a standard deviation."""
    return (32 * np.random.default_rng(5).standard_normal((_GRAIN, _GRAIN, 3), np.float32)).astype(np.int16)


__all__ = ["developed", "random_light", "random_scene", "setting"]
