"""Judge the whole way from video to body against a real Kinect v2 that looked at the same person.

A clip is a video ``NAME.mp4`` with ``NAME.npz`` beside it: ``position`` (frames, 25, 3), metres in camera space, one
person. The KERAAL recordings have this form (Nguyen et al., 2024).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from bridge.pipeline import Pipeline
from models.body import Body, BodyFrame, ByteArray, FloatArray, Frame
from models.joints import LIMB_KEYPOINTS, Joint, Keypoint
from models.lift_evaluation import MAIN_JOINTS, joint_errors
from models.pck import pck
from models.skeleton_sets import SkeletonError, read_clip

COLOUR_SIZE = (960, 540)
COLOUR_FOCAL = 540.7
COLOUR_OFFSET = 0.052
"""The colour camera of a Kinect v2 at half its size: picture size and focal length in pixels, and how many metres
beside the depth camera, the origin of camera space, it sits."""

COLOUR_FOV = math.degrees(2 * math.atan(COLOUR_SIZE[0] / 2 / COLOUR_FOCAL))
FRAME_RATE = 30.0

PipelineFactory = Callable[[float], Pipeline]
"""Makes a pipeline for a camera with the given horizontal field of view in degrees."""


class ClipError(Exception):
    """A folder of clips that cannot be used; the message is one line for the user."""


@dataclass(frozen=True, slots=True)
class KinectResult:
    """How near we come to a Kinect.

    Attributes
    ----------
    pck : float
        PCK@0.2 over the twelve limb joints as they are sent, projected, against the projected Kinect joints; a frame
        without a body is wrong.
    per_joint : dict of str to float
        The same for each joint, by `Keypoint` name in small letters.
    keypoints_pck : float
        The same of the pose network's keypoints. A Kinect's hips, knees and elbows lie some centimetres beside those
        that people label and that the network finds; the lift knows how far.
    keypoints_per_joint : dict of str to float
    mpjpe_mm, mpjpe12_mm : float, optional
        Mean error of the 25 joints, and of the twelve limb joints alone, in millimetres, SpineBase aligned, over frames
        with a body; None without any.
    per_joint_mm : dict of str to float
        The same for each joint, by `Joint` name in small letters.
    depth : float, optional
        Median error of the distance of SpineBase, as a share of it.
    frames : int
    found : float
        Share of frames with a body.
    ids : float
        How many tracking ids a clip's one person got, on average.
    """

    pck: float
    per_joint: dict[str, float]
    keypoints_pck: float
    keypoints_per_joint: dict[str, float]
    mpjpe_mm: float | None
    mpjpe12_mm: float | None
    per_joint_mm: dict[str, float]
    depth: float | None
    frames: int
    found: float
    ids: float


def evaluate_kinect(folder: Path, names: Sequence[str], make_pipeline: PipelineFactory) -> KinectResult:
    """Run a fresh pipeline over each clip in ``folder`` and compare.

    Parameters
    ----------
    folder : Path
    names : sequence of str
        The clips, without suffix; if empty, all.
    make_pipeline : callable

    Raises
    ------
    ClipError
        If there is no such clip or it cannot be read.
    """
    clips = [_evaluate_clip(folder, name, make_pipeline) for name in tqdm(names or clip_names(folder), disable=None)]
    sent, keypoints, labels, ours, kinects = (np.concatenate([clip[i] for clip in clips]) for i in range(5))
    result, seen = pck(sent, labels), pck(keypoints, labels)
    found = np.isfinite(ours[:, 0, 0])
    errors = joint_errors(ours[found], kinects[found])
    distances = np.abs(ours[found, 0, 2] / kinects[found, 0, 2] - 1)
    return KinectResult(
        pck=result.mean,
        per_joint=result.per_joint,
        keypoints_pck=seen.mean,
        keypoints_per_joint=seen.per_joint,
        mpjpe_mm=float(errors.mean()) if found.any() else None,
        mpjpe12_mm=float(errors[:, MAIN_JOINTS].mean()) if found.any() else None,
        per_joint_mm={joint.name.lower(): float(errors[:, joint].mean()) for joint in Joint} if found.any() else {},
        depth=float(np.median(distances)) if found.any() else None,
        frames=len(found),
        found=float(found.mean()),
        ids=float(np.mean([clip[5] for clip in clips])),
    )


def clip_names(folder: Path) -> list[str]:
    """All clips in a folder.

    Raises
    ------
    ClipError
        If there is none.
    """
    names = sorted(path.stem for path in folder.glob("*.mp4") if path.with_suffix(".npz").exists())
    if not names:
        raise ClipError(f"{folder}: no clips here; a clip is NAME.mp4 with NAME.npz beside it")
    return names


def read_positions(path: Path) -> FloatArray:
    """The Kinect's joints (frames, 25, 3) of a clip.

    Raises
    ------
    ClipError
        If the file is missing or holds something else.
    """
    try:
        return read_clip(path).positions
    except SkeletonError as error:
        raise ClipError(str(error)) from error


def projected(positions: FloatArray, size: tuple[int, int], offset: float = COLOUR_OFFSET) -> FloatArray:
    """Where the colour camera sees Kinect joints: keypoints (n, 23, 3), labelled at the twelve limb joints.

    Parameters
    ----------
    positions : (n, 25, 3) float32 array
    size : (int, int)
        Width and height of the picture in pixels.
    offset : float
        How many metres the camera sits beside the origin of the positions; 0 for joints that were found in its picture.
    """
    labels = np.zeros((len(positions), len(Keypoint), 3), np.float32)
    limbs = positions[:, [_joint(keypoint) for keypoint in LIMB_KEYPOINTS]]
    across = (limbs[..., 0] + offset) / limbs[..., 2]
    up = limbs[..., 1] / limbs[..., 2]
    labels[:, LIMB_KEYPOINTS, 0] = size[0] * (0.5 - across * COLOUR_FOCAL / COLOUR_SIZE[0])
    labels[:, LIMB_KEYPOINTS, 1] = size[1] * (0.5 - up * COLOUR_FOCAL / COLOUR_SIZE[1])
    labels[:, LIMB_KEYPOINTS, 2] = 2.0
    return labels


def _joint(keypoint: Keypoint) -> Joint:
    side, _, part = keypoint.name.partition("_")
    return Joint[f"{part}_{side}"]


def _evaluate_clip(
    folder: Path, name: str, make_pipeline: PipelineFactory
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, int]:
    """Where our joints, our keypoints and the Kinect's joints lie in the picture, our joints (NaN without a body) and
    the Kinect's in space, and how many ids."""
    positions = read_positions(folder / f"{name}.npz")
    frames = list(make_pipeline(COLOUR_FOV).bodies(clip_frames(folder / f"{name}.mp4")))
    if not frames:
        raise ClipError(f"{folder / name}.mp4: no picture in it")
    count = min(len(frames), len(positions))
    keypoints = np.full((count, len(Keypoint), 3), np.nan, np.float32)
    ours = np.full((count, len(Joint), 3), np.nan, np.float32)
    for number, frame in enumerate(frames[:count]):
        body = clips_person(frame)
        if body is not None:
            keypoints[number], ours[number] = body.keypoints, body.positions
    ids = {body.tracking_id for frame in frames for body in frame.bodies}
    size = frames[0].image_size
    labels = projected(positions[:count], size)
    return projected(ours, size, offset=0.0), keypoints, labels, ours, positions[:count], len(ids)


def clips_person(frame: BodyFrame) -> Body | None:
    """The clip's person: whoever is seen most surely and most fully."""
    return max(frame.bodies, key=lambda body: float(body.keypoints[:, 2].sum()), default=None)


def clip_frames(path: Path) -> Iterator[Frame]:
    """The pictures of a clip's video."""
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        if not video.isOpened():
            raise ClipError(f"{path}: not a video that OpenCV can read")
        rate = video.get(cv2.CAP_PROP_FPS) or FRAME_RATE
        number = 0
        while (picture := _next(video)) is not None:
            yield Frame(picture, number / rate, number)
            number += 1
    finally:
        video.release()


def _next(video: cv2.VideoCapture) -> ByteArray | None:
    read, picture = video.read()
    return np.asarray(picture, np.uint8) if read else None
