"""Look through our own networks at people whose joints are known, so that the lift can learn from what they find.

They are a Kinect's clips, and films of the built-in actor.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
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
from models.actor.film import RATE, Film
from models.body import FloatArray, Frame
from models.camera import PinholeCamera, always
from models.joints import Keypoint
from models.lift_features import rays_of

FILM_SECONDS = 5.0


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
    mark, made_by = out / "made_by.txt", _networks()
    known = mark.exists() and mark.read_text(encoding="utf-8") == made_by
    names = [n for n in training_names(folder)[:limit] if not known or not (out / f"{n}.npz").exists()]
    out.mkdir(parents=True, exist_ok=True)
    finder, estimator = detector.PersonDetector(), pose.open_pose(pose.DEFAULT_WEIGHTS)
    for name in tqdm(names, desc="looking at clips", disable=None):
        positions = read_positions(folder / f"{name}.npz") + np.array([COLOUR_OFFSET, 0, 0], np.float32)
        keypoints = _keypoints(clip_frames(folder / f"{name}.mp4"), Pipeline(finder, estimator, fov=COLOUR_FOV))
        count = min(len(positions), len(keypoints))
        camera = PinholeCamera(COLOUR_FOCAL, COLOUR_SIZE[0] / 2, COLOUR_SIZE[1] / 2)
        rays = rays_of(keypoints[:count], camera)
        np.savez(out / f"{name}.npz", position=positions[:count], rays=rays, confidence=keypoints[:count, :, 2])
    mark.write_text(made_by, encoding="utf-8")


def write_acted(path: Path, films: int, seed: int) -> None:
    """Write the file that `models.training.lift_data.read_acted` reads, of so many films of the built-in actor.

    It is kept if it is there already, unless other networks than the shipped ones of now made it. A film takes
    seconds.
    """
    made_by = f"{_networks()} {films} {seed}"
    if path.exists():
        with np.load(path, allow_pickle=False) as file:
            if str(file["made_by"]) == made_by:
                return
    finder, estimator = detector.PersonDetector(), pose.open_pose(pose.DEFAULT_WEIGHTS)
    rows: dict[str, list[npt.ArrayLike]] = {"position": [], "height": [], "rays": [], "confidence": []}
    for number in tqdm(range(films), desc="looking at actors", disable=None):
        film = Film(np.random.default_rng((seed, number)), FILM_SECONDS)
        keypoints = _keypoints(film.frames(), Pipeline(finder, estimator, camera=always(film.camera)))
        rows["position"].append(film.positions)
        rows["height"].append(film.height)
        rows["rays"].append(rays_of(keypoints, film.camera))
        rows["confidence"].append(keypoints[:, :, 2])
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {name: np.array(values, np.float32) for name, values in rows.items()}
    np.savez(path, made_by=made_by, rate=RATE, **arrays)


def _networks() -> str:
    """Which networks the shipped ones of now are."""
    paths = (detector.DEFAULT_WEIGHTS, pose.DEFAULT_WEIGHTS)
    return " ".join(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)


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


def _keypoints(frames: Iterable[Frame], pipeline: Pipeline) -> FloatArray:
    """What was found of the one person in each frame, (frames, 23, 3); zeros where nobody was."""
    bodies = [clips_person(frame) for frame in pipeline.bodies(frames)]
    nobody = np.zeros((len(Keypoint), 3), np.float32)
    return np.stack([nobody if body is None else body.keypoints for body in bodies])
