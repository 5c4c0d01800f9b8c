"""What fine-tuning learns from and is judged by: a person cut out of a recorded picture, with labels.

A target is a row x, y, place, seen, as in `models.training.pose_data`. Cut-outs are kept as JPEG, since those of ten
minutes would not fit into memory otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.crop import crop_transforms, extent_of
from models.joints import Keypoint
from models.kinect_keypoints import KEYPOINT_JOINT
from models.pck import torso_size
from models.pose_evaluation import FindsKeypoints
from models.training.pose_data import Example, agreement, teacher_targets

SURROUNDINGS = 1.6
"""How much more than the network's view a cut-out shows, so that training can turn, shift and scale it."""

HEAD = 0.5
"""From the neck to the top of the head, as a share of the way from the hips to the neck."""

LEAST_LABELS = 4
OPINION_WEIGHT = 0.4
_UNLABELLED = [k for k in Keypoint if k not in KEYPOINT_JOINT]


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFrame:
    """One person in one picture of a recording.

    Attributes
    ----------
    clip : str
        The recording's name.
    time : float
        Of the picture, in seconds.
    jpeg : bytes
        The person and some surroundings.
    target : (23, 4) float32 array
        In pixels of the cut-out: x, y, place, seen.
    box : (4,) float32 array
        Around the person, x1, y1, x2, y2 in pixels of the cut-out.
    torso : float
        Its length in pixels of the cut-out; NaN where it is not known.
    behind : bytes, optional
        The same piece of what lies behind the arms, see `models.training.finetune_arms.behind`.
    """

    clip: str
    time: float
    jpeg: bytes
    target: FloatArray
    box: FloatArray
    torso: float
    behind: bytes | None = None

    def picture(self) -> ByteArray:
        """The cut-out, (h, w, 3) uint8: blue, green, red."""
        return _decoded(self.jpeg)

    def picture_behind(self) -> ByteArray | None:
        """What lies behind the arms in it, if that is known."""
        return None if self.behind is None else _decoded(self.behind)

    def example(self) -> Example:
        """The frame in the form in which the pose recipe has its people."""
        return Example(self.picture(), self.target, self.box)


def cut_out(
    image: ByteArray,
    keypoints: FloatArray,
    weights: FloatArray,
    size: tuple[int, int],
    clip: str = "",
    time: float = 0.0,
    detail: float = 1.3,
    behind: ByteArray | None = None,
) -> LabelledFrame | None:
    """One labelled person of a picture, or None where too few labels are left.

    Parameters
    ----------
    image : (height, width, 3) uint8 array
    keypoints : (23, 3) float32 array
        x, y in pixels; (0, 0) stands for no place, while one beyond the picture is known to be outside.
    weights : (23,) float32 array
        How far each label can be trusted, 0 to 1: see `models.label_checks`.
    size : (int, int)
        Width and height of the network's view.
    detail : float
        Pixels of the cut-out for each pixel of the view, as far as the picture has them.
    behind : (height, width, 3) uint8 array, optional
        What lies behind the arms.
    """
    target = targets(keypoints, weights, (image.shape[1], image.shape[0]))
    if (target[:, 2] > 0).sum() < LEAST_LABELS:
        return None
    box = person_box(target)
    view = crop_transforms(box[None], size)[0]
    half = SURROUNDINGS / 2 * np.array(size) / view[0, 0]
    middle = (box[:2] + box[2:]) / 2
    low = np.floor(np.clip(middle - half, 0, image.shape[1::-1])).astype(int)
    high = np.ceil(np.clip(middle + half, 0, image.shape[1::-1])).astype(int)
    if (high - low < 16).any():
        return None
    scale = min(1.0, detail * view[0, 0])
    rows, columns = slice(low[1], high[1]), slice(low[0], high[0])
    target[:, :2] = _moved(target[:, :2], low, scale)
    torso = float(torso_size(_placed(keypoints)[None])[0]) * scale
    return LabelledFrame(
        clip,
        time,
        _encoded(image[rows, columns], scale),
        target,
        _moved(box.reshape(2, 2), low, scale).ravel(),
        torso,
        None if behind is None else _encoded(behind[rows, columns], scale),
    )


def targets(keypoints: FloatArray, weights: FloatArray, image_size: tuple[int, int]) -> FloatArray:
    """Targets (23, 4) of labels: what was guessed may or may not be seen, what lies beyond the picture is not."""
    placed = _placed(keypoints)[:, 2] > 0
    inside = placed & ((keypoints[:, :2] >= 0) & (keypoints[:, :2] < np.array(image_size))).all(1)
    place = np.where(inside, weights, 0)
    seen = np.select([placed & ~inside, place >= 0.5], [0, 1], -1)
    points = np.where(placed[:, None], keypoints[:, :2], 0)
    return np.column_stack([points, place, seen]).astype(np.float32)


def person_box(target: FloatArray) -> FloatArray:
    """The box (4,) around the labels of a target (23, 4) and, where the top of the head has none, a guess of it."""
    known = target[:, 2] > 0
    points = np.column_stack([target[:, :2], known]).astype(np.float32)
    hips = [Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP]
    if known[Keypoint.NECK] and known[hips].all() and not known[Keypoint.HEAD_TOP]:
        neck = points[Keypoint.NECK, :2]
        points[Keypoint.HEAD_TOP, :2] = neck + HEAD * (neck - points[hips, :2].mean(0))
        points[Keypoint.HEAD_TOP, 2] = 1
    return extent_of(points)


def with_opinion(frame: LabelledFrame, pose: FindsKeypoints) -> LabelledFrame:
    """The frame with what a Kinect cannot label - nose, ears, head top - as ``pose`` sees it.

    Otherwise training would forget them. A network that does not agree with the labels is not asked.
    """
    image = frame.picture()
    found = pose(image, frame.box[None])[0]
    opinion = teacher_targets(found[:, :2], found[:, 2], (image.shape[1], image.shape[0]))
    share, _ = agreement(frame.target, opinion)
    if share < 0.6:
        return frame
    target = frame.target.copy()
    rows = [k for k in _UNLABELLED if target[k, 3] < 0]
    target[rows] = opinion[rows]
    target[rows, 2] *= OPINION_WEIGHT
    return replace(frame, target=target)


def _placed(keypoints: FloatArray) -> FloatArray:
    """x, y, and whether there is a place at all."""
    points = keypoints[:, :2]
    placed = np.isfinite(points).all(1) & points.any(1)
    return np.column_stack([points, placed]).astype(np.float32)


def _moved(points: npt.NDArray[np.floating], origin: npt.NDArray[np.int_], scale: float) -> FloatArray:
    """Pixels (n, 2) of the picture as pixels of the cut-out; pixels have their centres at whole numbers."""
    return np.asarray((points - origin + 0.5) * scale - 0.5, np.float32)


def _encoded(piece: ByteArray, scale: float) -> bytes:
    """A picture as a JPEG, made smaller by ``scale`` if that is below 1."""
    if scale < 1:
        piece = np.asarray(cv2.resize(piece, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    return cv2.imencode(".jpg", piece, [cv2.IMWRITE_JPEG_QUALITY, 93])[1].tobytes()


def _decoded(jpeg: bytes) -> ByteArray:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)
