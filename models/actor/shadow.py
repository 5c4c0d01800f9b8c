"""Soft shadows that people throw on the floor."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from models.actor.room import View
from models.actor.skeleton import Skeleton
from models.body import ByteArray, FloatArray
from models.camera import PinholeCamera
from models.joints import JOINT_PARENT, Joint

_COARSE = 4
_STRENGTH = 0.42
_BONES = [
    (parent, joint) for joint, parent in JOINT_PARENT.items() if joint not in (Joint.THUMB_LEFT, Joint.THUMB_RIGHT)
]
_THICKNESS = {
    Joint.SPINE_MID: 0.16,
    Joint.SPINE_SHOULDER: 0.17,
    Joint.HEAD: 0.11,
    Joint.KNEE_LEFT: 0.085,
    Joint.KNEE_RIGHT: 0.085,
}
_WIDTHS = np.array([_THICKNESS.get(joint, 0.055) for _, joint in _BONES], np.float32)


def cast_shadows(
    image: ByteArray, bodies: Sequence[Skeleton], camera: PinholeCamera, view: View, towards_light: FloatArray
) -> None:
    """Darken the floor (world Y = 0) of ``image``, in place, where the bodies keep the light off it."""
    size = (image.shape[1] // _COARSE, image.shape[0] // _COARSE)
    mask = np.zeros(size[::-1], np.uint8)
    light = view.turn.T @ towards_light
    # A lamp high above: the shadow stays near the feet.
    slant = np.array((light[0], 0.0, light[2])) / max(0.8, 1.6 * float(light[1]))
    for body in bodies:
        world = (body.positions - view.shift) @ view.turn
        ground = world - slant * world[:, 1:2] * 0.55
        ground[:, 1] = 0.0
        seen = ground @ view.turn.T + view.shift
        if seen[:, 2].min() < 0.3:
            continue
        pixels = camera.project(seen.astype(np.float32)) / _COARSE
        thick = np.maximum(1, _WIDTHS * 1.3 * camera.focal / seen[[b for _, b in _BONES], 2] / _COARSE).astype(int)
        ends = np.clip(pixels, -9999, 9999).astype(int).tolist()
        for (start, end), width in zip(_BONES, thick.tolist(), strict=True):
            cv2.line(mask, ends[start], ends[end], 255, width)
    rows = np.flatnonzero(mask.any(1))
    if not len(rows):
        return
    reach = max(3, size[0] // 26) | 1
    top, bottom = max(0, rows[0] - reach), min(size[1], rows[-1] + reach + 1)
    band = image[top * _COARSE : bottom * _COARSE]
    soft = cv2.blur(cv2.blur(mask[top:bottom], (reach, max(3, reach // 2))), (reach, max(3, reach // 2)))
    keep = cv2.resize(255 - (soft * _STRENGTH).astype(np.uint8), (band.shape[1], band.shape[0]))
    band[:] = cv2.multiply(band, cv2.merge([keep, keep, keep]), scale=1 / 255)
