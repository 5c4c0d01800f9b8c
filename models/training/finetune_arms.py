"""Arms of recorded people, turned to where the recording does not have them.

What was recorded is often one exercise, and it is the arms by which others differ. The camera stood still, so what
lies behind an arm can be seen in other pictures of the same recording: the arm is cut out, and put back elsewhere, its
labels with it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.joints import Keypoint
from models.pck import torso_size

WIDTH, HAND = 0.34, 0.42
"""An arm's width with its sleeve, in torsos, and from wrist to fingertips as a share of the forearm."""

DIFFERENT = 20
"""An arm differs from what lies behind it by so much in at least one colour, 0 to 255."""

CLEAR = 0.55
"""Share of an arm's middle line that must differ, or it is not cut out."""

STILL = 8.0
"""What lies beside the people differs by less than this, or the camera moved."""

LIFTED = (math.radians(-50), math.radians(185))
"""From hanging before the body to beside the head, outwards."""

BENT = math.radians(60)
"""Standard deviation of the bend of the elbow."""

LENGTHS = (0.4, 1.1)
"""How long upper and lower arm appear, against how long they did: they may point at the camera."""

_BOTH = 0.7  # how often each arm is turned, if it can be
_HIDDEN = 999  # larger than any colour
_ARMS = tuple(
    tuple(Keypoint[f"{side}_{part}"] for part in ("SHOULDER", "ELBOW", "WRIST", "INDEX", "THUMB"))
    for side in ("LEFT", "RIGHT")
)
_HIPS = [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]
_TRUNK = [Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER, Keypoint.RIGHT_HIP, Keypoint.LEFT_HIP]

_Matrix = npt.NDArray[np.float64]


def behind(pictures: Sequence[ByteArray], people: Sequence[FloatArray]) -> ByteArray | None:
    """What lies behind the arms in ``pictures`` (h, w, 3) of one camera; None if it moved.

    Each pixel is the median over those pictures in which no arm is near it.

    Parameters
    ----------
    pictures : sequence of (h, w, 3) uint8 arrays
        Some dozens are enough.
    people : sequence of (n, 23, 3) arrays
        x, y and weight of the keypoints of the people in each.
    """
    if not pictures:
        return None
    plate = np.asarray(np.median(np.stack(pictures[:: max(1, len(pictures) // 9)]), axis=0), np.uint8)
    everyone = np.concatenate([some.reshape(-1, 3) for some in people])
    known = everyone[everyone[:, 2] > 0, :2]
    if not len(known) or not _still(pictures, people, plate):
        return None
    part = _around(known, 0.5 * float(np.ptp(known[:, 1])), plate.shape)
    seen = np.stack([image[part] for image in pictures]).astype(np.int16)
    free = np.stack([_armless(plate.shape[:2], some)[part] for some in people])
    seen[~free] = _HIDDEN
    seen.sort(axis=0)
    middle = np.maximum(free.sum(axis=0) - 1, 0) // 2
    values = np.take_along_axis(seen, middle[None, ..., None], axis=0)[0]
    plate[part] = np.where(values == _HIDDEN, plate[part], values)
    return plate


def _still(pictures: Sequence[ByteArray], people: Sequence[FloatArray], plate: ByteArray) -> bool:
    """Whether the camera stood still: what is beside the people hardly differs."""
    differences = []
    for image, some in zip(pictures, people, strict=True):
        beside = np.ones(plate.shape[:2], bool)
        for person in some:
            known = person[person[:, 2] > 0, :2]
            if len(known):
                beside[_around(known, 0.3 * float(np.ptp(known, axis=0).max()), plate.shape)] = False
        if beside.any():
            differences.append(np.abs(image[beside].astype(np.int16) - plate[beside]).mean())
    return not differences or float(np.median(differences)) < STILL


def _around(points: FloatArray, margin: float, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of a picture that hold all of the ``points`` (n, 2), and so many pixels more."""
    low = np.clip(points.min(axis=0) - margin, 0, None).astype(int)
    high = np.ceil(np.clip(points.max(axis=0) + margin, 0, (shape[1], shape[0]))).astype(int)
    return slice(low[1], high[1]), slice(low[0], high[0])


def _armless(shape: tuple[int, int], people: FloatArray) -> npt.NDArray[np.bool_]:
    """Where in a picture there is no arm of ``people`` (n, 23, 3), (h, w)."""
    arms = np.zeros(shape, np.uint8)
    torsos = torso_size(np.concatenate([people[..., :2], people[..., 2:] > 0], axis=2).astype(np.float32))
    for person, torso in zip(people, torsos, strict=True):
        for arm in _ARMS:
            if np.isfinite(torso) and (person[list(arm[:3]), 2] > 0).all():
                arms |= _stroke(shape, _line(person, arm), 1.2 * WIDTH * float(torso))
    return np.asarray(arms == 0)


def with_turned_arms(
    image: ByteArray, plate: ByteArray, target: FloatArray, torso: float, rng: np.random.Generator
) -> tuple[ByteArray, FloatArray]:
    """The picture and its target with one arm or both elsewhere, as far as they can be cut out.

    Parameters
    ----------
    image, plate : (h, w, 3) uint8 arrays
        The person, and what lies behind the arms, see `behind`.
    target : (23, 4) float32 array
        x, y, place, seen.
    torso : float
        Its length in pixels.
    """
    difference = np.abs(image.astype(np.int16) - plate).max(axis=2).astype(np.uint8)
    arms = [arm for arm in _ARMS if rng.random() < _BOTH and _can_be_cut_out(difference, target, arm, torso)]
    if not arms:
        return image, target
    difference = np.asarray(cv2.GaussianBlur(difference, (0, 0), 1.5), np.uint8)
    lines = [_line(target, arm) for arm in arms]
    pieces = [[_cut(difference, bone, torso) for bone in (line[:2], line[1:])] for line in lines]
    result, target = image, target.copy()
    for cut in pieces:  # both arms go before either comes back
        gone = cv2.GaussianBlur(cv2.dilate(np.maximum(*cut), np.ones((5, 5), np.uint8)), (0, 0), 1.5)
        result = _blended(result, plate, np.asarray(gone, np.float32))
    for arm, line, cut in zip(arms, lines, pieces, strict=True):
        upper, lower = _elsewhere(line, float(target[_TRUNK, 0].mean()), rng)
        for alpha, matrix in zip(cut, (upper, lower), strict=True):
            result = _put(result, image, alpha, matrix, target, arm)
        target[arm[1], :2] = _moved(upper, line[1])
        for keypoint in arm[2:]:
            target[keypoint, :2] = _moved(lower, target[keypoint, :2])
    return result, target


def _line(keypoints: FloatArray, arm: Sequence[Keypoint]) -> FloatArray:
    """Shoulder, elbow, wrist, fingertips (4, 2)."""
    shoulder, elbow, wrist = keypoints[list(arm[:3]), :2]
    return np.array([shoulder, elbow, wrist, wrist + HAND * (wrist - elbow)], np.float32)


def _can_be_cut_out(difference: ByteArray, target: FloatArray, arm: Sequence[Keypoint], torso: float) -> bool:
    """Whether the labels hold, the arm is before neither trunk nor head, and it differs from what lies behind."""
    if not np.isfinite(torso) or (target[[*arm[:3], *_TRUNK, Keypoint.NECK], 2] < 0.5).any():
        return False
    line = _line(target, arm)
    trunk = cv2.convexHull(target[_TRUNK, :2].astype(np.float32))
    places = [line[:2].mean(axis=0), *line[1:]]
    if any(cv2.pointPolygonTest(trunk, place.tolist(), True) > -0.02 * torso for place in places):
        return False
    neck = target[Keypoint.NECK, :2]
    face = neck + 0.25 * (neck - target[_HIPS, :2].mean(axis=0))
    if (np.linalg.norm(line[1:] - face, axis=1) < 0.4 * torso).any():
        return False
    along = np.concatenate([np.linspace(*ends, 12) for ends in pairwise(line)])[3:]
    x, y = along.round().astype(int).T
    inside = (x >= 0) & (x < difference.shape[1]) & (y >= 0) & (y < difference.shape[0])
    return bool(inside.mean() > 0.95 and (difference[y[inside], x[inside]] > DIFFERENT).mean() > CLEAR)


def _cut(difference: ByteArray, bone: FloatArray, torso: float) -> FloatArray:
    """How much of each pixel is that part of an arm which lies around ``bone`` (n, 2), (h, w) 0 to 1."""
    shape = (difference.shape[0], difference.shape[1])
    part = _stroke(shape, bone, WIDTH * torso) & (difference > DIFFERENT)
    closed = cv2.morphologyEx(part.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.GaussianBlur(opened.astype(np.float32), (0, 0), 0.8), np.float32)


def _stroke(shape: tuple[int, int], line: FloatArray, width: float) -> ByteArray:
    """A line (n, 2) drawn ``width`` pixels wide into a picture of zeros, (h, w) 0 or 1."""
    drawn = np.zeros(shape, np.uint8)
    cv2.polylines(drawn, [line.round().astype(np.int32)], False, 1, max(1, round(width)))
    return drawn


def _elsewhere(line: FloatArray, middle: float, rng: np.random.Generator) -> tuple[_Matrix, _Matrix]:
    """Where upper and lower arm of a person whose trunk is at x = ``middle`` go, maps (2, 3)."""
    shoulder, elbow, wrist = line[:3].astype(np.float64)
    outwards = 1.0 if shoulder[0] > middle else -1.0
    lifted = rng.uniform(*LIFTED)
    bent = lifted + rng.normal(0, BENT)
    elbow_there = shoulder + _way(lifted, outwards) * np.linalg.norm(elbow - shoulder) * rng.uniform(*LENGTHS)
    wrist_there = elbow_there + _way(bent, outwards) * np.linalg.norm(wrist - elbow) * rng.uniform(*LENGTHS)
    return _carrying(shoulder, elbow, shoulder, elbow_there), _carrying(elbow, wrist, elbow_there, wrist_there)


def _way(lifted: float, outwards: float) -> _Matrix:
    return np.array([outwards * math.sin(lifted), math.cos(lifted)])


def _carrying(start: _Matrix, end: _Matrix, start_there: _Matrix, end_there: _Matrix) -> _Matrix:
    """The map (2, 3) that takes a bone there, as wide as it was but longer or shorter."""
    along, along_there = end - start, end_there - start_there
    stretch = max(float(np.linalg.norm(along_there)), 1e-3) / max(float(np.linalg.norm(along)), 1e-3)
    turn = _rotation(along_there) @ np.diag([stretch, 1.0]) @ _rotation(along).T
    return np.column_stack([turn, start_there - turn @ start])


def _rotation(along: _Matrix) -> _Matrix:
    x, y = along / max(float(np.linalg.norm(along)), 1e-9)
    return np.array([[x, -y], [y, x]])


def _put(
    result: ByteArray, image: ByteArray, alpha: FloatArray, matrix: _Matrix, target: FloatArray, arm: Sequence[Keypoint]
) -> ByteArray:
    """``result`` with a part of ``image`` moved onto it; of ``target``, whatever that covers may no longer be seen."""
    size = (image.shape[1], image.shape[0])
    where = np.asarray(cv2.warpAffine(alpha, matrix, size), np.float32)
    moved = np.asarray(cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    x, y = target[:, :2].astype(int).clip(0, np.array(size) - 1).T
    covered = (where[y, x] > 0.5) & (target[:, 3] > 0)
    covered[list(arm)] = False
    target[covered, 3] = -1
    target[covered, 2] *= 0.5
    return _blended(result, moved, where)


def _blended(image: ByteArray, other: ByteArray, alpha: FloatArray) -> ByteArray:
    mixed = image + (other.astype(np.float32) - image) * alpha[..., None]
    return np.asarray(mixed.clip(0, 255), np.uint8)


def _moved(matrix: _Matrix, point: FloatArray) -> _Matrix:
    return np.asarray(matrix[:, :2] @ point + matrix[:, 2])
