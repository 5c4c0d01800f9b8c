"""Write a trained pose network as it is shipped: ONNX in fp32 and in int8, and the small `state_dict`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from models.crop import crop, crop_transforms
from models.painting import cue
from models.training.network import PoseNetwork
from models.training.pose_cues import expected_in
from models.training.pose_data import Example
from models.training.quantise import Batch, quantise
from models.training.recipes import export_onnx, store_as_halves

INPUT_NAME = "pictures"
VIEW = (128, 192)
"""Width and height of the view that the shipped file gives."""


def export_pose(
    weights: Path, folder: Path, calibration: list[Example], size: tuple[int, int] = VIEW
) -> tuple[Path, Path]:
    """Write ``pose.onnx`` and ``pose_int8.onnx`` into ``folder``, and ``weights`` beside them as ``pose.pt``.

    Parameters
    ----------
    weights : Path
        A `state_dict` that the recipe wrote.
    folder : Path
    calibration : list of Example
        People on whose crops the ranges of the activations are measured; some hundreds, of all kinds.
    size : (int, int)
        Width and height of the crop.

    Returns
    -------
    (Path, Path)
        The fp32 and the int8 file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fp32, int8 = folder / "pose.onnx", folder / "pose_int8.onnx"
    network = PoseNetwork.from_state(torch.load(weights, weights_only=True))
    told = network.cue is not None
    export_onnx(network, size, INPUT_NAME, ("heatmaps", "confidences"), fp32, told)
    quantise(fp32, int8, calibration_crops(calibration, size, told))
    store_as_halves(fp32)
    if weights.resolve() != (folder / "pose.pt").resolve():
        shutil.copyfile(weights, folder / "pose.pt")
    return fp32, int8


def calibration_crops(examples: list[Example], size: tuple[int, int], told: bool = False) -> Iterator[Batch]:
    """Crops as the network sees them when it runs, one at a time: (1, h, w, 3) uint8, perhaps with a cue."""
    for example in examples:
        transform = crop_transforms(example.box[None], size)[0]
        cues = [cue(size, expected_in(example), transform)[None]] if told else []
        yield (crop(example.image, transform, size)[None], *cues)


def calibration_people(sets: dict[str, list[Example]], each: int = 60, seed: int = 0) -> list[Example]:
    """Some people of each set."""
    rng = np.random.default_rng(seed)
    return [e for examples in sets.values() for e in (examples[i] for i in rng.permutation(len(examples))[:each])]
