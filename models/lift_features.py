"""What the lift's network is told of one person in one picture, and what its answer means in camera space.

The person is looked at by a virtual camera that turns towards their shoulders, and measured by how large they appear,
so that it does not matter where in the picture and how far away somebody is. Arrays may have leading dimensions, such
as people and frames. Rays are x, y at a depth of one metre.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.body import FloatArray
from models.camera import PinholeCamera
from models.joints import Joint, Keypoint
from models.proportions import DEFAULT_HEIGHT
from models.scale import apparent_scale

SEEN = 0.2
"""A keypoint that is less sure than this is not used."""

FEATURES = 3 * len(Keypoint) + 4
"""Place (two) and confidence of each keypoint, the direction of the shoulders (two), apparent size, time step."""

OUTPUTS = 3 * len(Joint) + 2
"""Joints from SpineBase in heights (75, where those of SpineBase are its place across the view and the logarithm of its
depth), and the logarithm of the person's height with its uncertainty."""

_DISTANCE = 2.0  # metres, where someone stands whose size nothing tells
_LIMIT = 3.0  # metres: keypoints farther from the shoulders than this are wrong


@dataclass(frozen=True, slots=True, eq=False)
class Gaze:
    """How the virtual camera looks at somebody.

    Attributes
    ----------
    rotation : (..., 3, 3) float32 array
        From camera space to that of the virtual camera.
    scale : (...) float32 array
        How large a metre of a person of `DEFAULT_HEIGHT` appears at a depth of one metre.
    """

    rotation: FloatArray
    scale: FloatArray


def rays_of(keypoints: FloatArray, camera: PinholeCamera) -> FloatArray:
    """Rays (..., 2) of keypoints (..., 3) in pixels."""
    centre = np.array([camera.centre_u, camera.centre_v], np.float32)
    return np.asarray((centre - keypoints[..., :2]) / np.float32(camera.focal), np.float32)


def look_at(rays: FloatArray, confidence: FloatArray, step: FloatArray | float) -> tuple[FloatArray, Gaze]:
    """The network's input (..., `FEATURES`) and how it was looked at.

    Parameters
    ----------
    rays : (..., 23, 2) float32 array
    confidence : (..., 23) float32 array
    step : (...) float32 array or float
        Seconds since the picture before.
    """
    seen = confidence >= SEEN
    towards = _towards(rays, seen)
    rotation = _turned_towards(towards)
    turned = _homogeneous(rays) @ np.swapaxes(rotation, -1, -2)
    flat = turned[..., :2] / np.maximum(turned[..., 2:], np.float32(0.1))
    scale = _scale(flat, seen)
    places = np.minimum(np.maximum(flat / scale[..., None, None], -_LIMIT), _LIMIT) * (2.0 * seen[..., None])
    count, lead = len(Keypoint), confidence.shape[:-1]
    features = np.empty((*lead, FEATURES), np.float32)
    features[..., : 2 * count] = places.reshape(*lead, -1)
    features[..., 2 * count : 3 * count] = confidence * seen
    features[..., 3 * count : 3 * count + 2] = towards
    features[..., -2] = np.log(scale)
    features[..., -1] = np.minimum(step, 0.2) * 10.0
    return features, Gaze(rotation, scale)


def _towards(rays: FloatArray, seen: npt.NDArray[np.bool_]) -> FloatArray:
    """The ray (..., 2) of the middle of the shoulders, or else of all that was seen."""
    left, right = Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER
    both = seen[..., left] & seen[..., right]
    middle = (rays[..., left, :] + rays[..., right, :]) / np.float32(2)
    if both.all():
        return np.asarray(middle)
    anything = (rays * seen[..., None]).sum(axis=-2) / np.maximum(seen.sum(axis=-1), 1)[..., None]
    return np.asarray(np.where(both[..., None], middle, anything), np.float32)


def _turned_towards(ray: FloatArray) -> FloatArray:
    """The smallest rotations (..., 3, 3) that bring rays (..., 2) onto the Z axis."""
    axis = _homogeneous(ray)
    axis /= np.sqrt(np.einsum("...i,...i->...", axis, axis))[..., None]
    aside = axis[..., :2]
    rotation = np.empty((*ray.shape[:-1], 3, 3), np.float32)
    rotation[..., :2, :2] = _SAME - (aside / (1 + axis[..., 2:]))[..., None] * aside[..., None, :]
    rotation[..., :2, 2] = -aside
    rotation[..., 2, :] = axis
    return rotation


_SAME = np.eye(2, dtype=np.float32)


def _homogeneous(rays: FloatArray) -> FloatArray:
    whole = np.empty((*rays.shape[:-1], 3), np.float32)
    whole[..., :2], whole[..., 2] = rays, 1
    return whole


def _scale(flat: FloatArray, seen: npt.NDArray[np.bool_]) -> FloatArray:
    lead = seen.shape[:-1]
    scale = apparent_scale(flat.reshape(-1, len(Keypoint), 2), seen.reshape(-1, len(Keypoint))).reshape(lead)
    held = np.minimum(np.maximum(scale, np.float32(0.02)), np.float32(10.0))
    return np.asarray(np.where(scale > 1e-3, held, np.float32(1 / _DISTANCE)))


def to_network(positions: FloatArray, gaze: Gaze, height: FloatArray) -> FloatArray:
    """What the network should answer (..., 75) for joints (..., 25, 3) of people of ``height`` (...) metres."""
    turned = positions @ np.swapaxes(gaze.rotation, -1, -2) / height[..., None, None]
    answer = turned - turned[..., :1, :]
    root = turned[..., Joint.SPINE_BASE, :]
    answer[..., 0, :2] = root[..., :2]
    answer[..., 0, 2] = np.log(np.maximum(root[..., 2], 0.05) * gaze.scale * DEFAULT_HEIGHT)
    return np.asarray(answer.reshape(*answer.shape[:-2], -1), np.float32)


def from_network(answer: FloatArray, gaze: Gaze, height: FloatArray | float) -> FloatArray:
    """Joints (..., 25, 3) in camera space from the network's answer (..., 75 or more); undoes `to_network`."""
    joints = answer[..., : 3 * len(Joint)].reshape(*answer.shape[:-1], len(Joint), 3).copy()
    depth = np.exp(np.minimum(np.maximum(joints[..., 0, 2], -2.0), 2.0)) / (gaze.scale * DEFAULT_HEIGHT)
    root = np.concatenate([joints[..., 0, :2], depth[..., None]], axis=-1)
    joints[..., 0, :] = 0.0
    metres = (joints + root[..., None, :]) * np.asarray(height, np.float32)[..., None, None]
    return np.asarray(metres @ gaze.rotation, np.float32)
