"""Look at clips with a Kinect's skeletons through our own networks, so that the lift can learn from what they find."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bridge.kinect_evaluation import (
    COLOUR_FOCAL,
    COLOUR_FOV,
    COLOUR_OFFSET,
    COLOUR_SIZE,
    ClipError,
    clip_frames,
    clips_person,
    read_positions,
)
from bridge.pipeline import Pipeline
from models import detector, pose
from models.body import FloatArray
from models.camera import PinholeCamera
from models.joints import Keypoint
from models.lift_features import rays_of


def write_pairs(folder: Path, out: Path, limit: int | None = None) -> None:
    """Write ``out/NAME.npz`` for each training clip in ``folder``: see `models.training.lift_data.read_pairs`.

    What is there already is kept, unless other networks than the shipped ones of now made it.

    Parameters
    ----------
    folder : Path
        With ``split.json`` and, for each clip, ``NAME.mp4`` and ``NAME.npz``.
    out : Path
    limit : int, optional
        Only so many clips.

    Raises
    ------
    ClipError
        If there is no such folder or a clip cannot be read.
    """
    networks = (detector.DEFAULT_WEIGHTS, pose.DEFAULT_WEIGHTS)
    made_by = " ".join(hashlib.sha256(path.read_bytes()).hexdigest() for path in networks)
    mark = out / "made_by.txt"
    known = mark.exists() and mark.read_text(encoding="utf-8") == made_by
    names = [n for n in training_names(folder)[:limit] if not known or not (out / f"{n}.npz").exists()]
    out.mkdir(parents=True, exist_ok=True)
    finder, estimator = detector.PersonDetector(networks[0]), pose.open_pose(networks[1])
    for name in tqdm(names, desc="looking at clips", disable=None):
        positions = read_positions(folder / f"{name}.npz") + np.array([COLOUR_OFFSET, 0, 0], np.float32)
        keypoints = _keypoints(folder / f"{name}.mp4", Pipeline(finder, estimator, fov=COLOUR_FOV))
        count = min(len(positions), len(keypoints))
        camera = PinholeCamera(COLOUR_FOCAL, COLOUR_SIZE[0] / 2, COLOUR_SIZE[1] / 2)
        rays = rays_of(keypoints[:count], camera)
        np.savez(out / f"{name}.npz", position=positions[:count], rays=rays, confidence=keypoints[:count, :, 2])
    mark.write_text(made_by, encoding="utf-8")


def training_names(folder: Path) -> list[str]:
    """The clips that ``split.json`` in ``folder`` gives to training.

    Raises
    ------
    ClipError
        If there is no such file or it says something else.
    """
    path = folder / "split.json"
    try:
        names = json.loads(path.read_text(encoding="utf-8"))["train"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ClipError(f'{path}: must name the clips to train on: {{"train": [...], "test": [...]}}') from error
    return [str(name) for name in names]


def _keypoints(video: Path, pipeline: Pipeline) -> FloatArray:
    """What was found of the clip's person in each frame, (frames, 23, 3); zeros where nobody was."""
    bodies = [clips_person(frame) for frame in pipeline.bodies(clip_frames(video))]
    nobody = np.zeros((len(Keypoint), 3), np.float32)
    return np.stack([nobody if body is None else body.keypoints for body in bodies])
