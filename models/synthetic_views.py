"""Skeletons seen by a camera: from recorded motions to what the lift is told and what it should answer.

Used to train the lift, through random cameras, and to judge it, through the camera that stood there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.body import FloatArray
from models.joints import Joint
from models.keypoint_synthesis import TORSO_SHARE, NoisyKeypoints, body_axes, keypoint_places, with_errors
from models.kinect_keypoints import KEYPOINT_JOINT


@dataclass(frozen=True, slots=True, eq=False)
class Offsets:
    """By how much the keypoints of a network lie elsewhere on the body than the joints of a skeleton.

    Attributes
    ----------
    places : (n, 23, 3) float32 array
        Towards the body's own right, up and forwards, as shares of the height.
    head : (n, frames, 3, 3) float32 array
        How the head is turned against the body, see `models.keypoint_synthesis.keypoint_places`.
    kinects : bool
        Whether the network puts keypoints on a Kinect's joints, wherever there is one (`kinect_places`), since it has
        learnt from one.
    """

    places: FloatArray
    head: FloatArray
    kinects: bool = False


def kinect_places(positions: FloatArray, height: FloatArray, head: FloatArray | None = None) -> FloatArray:
    """Keypoints (..., 23, 3) on a Kinect's joints where it has one, else as `keypoint_places`; same arguments."""
    places = keypoint_places(positions, height, head)
    places[..., list(KEYPOINT_JOINT), :] = positions[..., list(KEYPOINT_JOINT.values()), :]
    return places


def seen_by_camera(
    positions: FloatArray,
    height: FloatArray,
    half_view: FloatArray,
    step: FloatArray,
    rng: np.random.Generator,
    level: FloatArray,
    offsets: Offsets | None = None,
) -> NoisyKeypoints:
    """What a network would find of skeletons in front of a camera.

    Parameters
    ----------
    positions : (n, frames, 25, 3) float32 array
        Camera space, metres.
    height : (n,) float32 array
        Metres.
    half_view : (n, 2) float32 array
        Where the picture ends, to the side and upwards, at a depth of one metre.
    step : (n,) float32 array
        Seconds between frames.
    rng : numpy.random.Generator
    level : (n,) float32 array
        How wrong the network is, see `models.keypoint_synthesis.with_errors`.
    offsets : Offsets, optional
    """
    tall = np.broadcast_to(height[:, None], positions.shape[:2])
    placed = kinect_places if offsets is not None and offsets.kinects else keypoint_places
    places = placed(positions, tall, None if offsets is None else offsets.head)
    if offsets is not None:
        places += _moved(positions, offsets.places * height[:, None, None])
    depth = np.maximum(places[..., 2], 0.2)
    rays = np.asarray(places[..., :2] / depth[..., None], np.float32)
    torso = np.asarray(TORSO_SHARE * tall / np.maximum(positions[..., Joint.SPINE_SHOULDER, 2], 0.3), np.float32)
    found = with_errors(rays, torso, step, rng, level)
    beyond = (np.abs(rays) > half_view[:, None, None]).any(axis=-1) | (places[..., 2] < 0.25)
    dim = rng.uniform(0, 0.35, (len(rays), 1, rays.shape[2]))
    confidence = np.where(beyond, found.confidence * dim, found.confidence)
    limit = half_view[:, None, None] * np.float32(1.1)
    inside = np.where(beyond[..., None], np.clip(found.rays, -limit, limit), found.rays)
    return NoisyKeypoints(inside.astype(np.float32), confidence.astype(np.float32))


def _moved(positions: FloatArray, offsets: FloatArray) -> FloatArray:
    """Offsets (n, 23, 3) in the body's axes as offsets (n, frames, 23, 3) in camera space."""
    return np.asarray(np.einsum("nkc,ntcd->ntkd", offsets, body_axes(positions)), np.float32)
