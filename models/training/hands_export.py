"""Turn a trained hand network into the files that are shipped: fp32 and int8 ONNX, and the weights to train on from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from models.hand_files import read_hands, without
from models.hands import SIZE, hand_crop
from models.training.hands_augment import jittered, spoiled
from models.training.hands_network import HandNetwork
from models.training.quantise import Batch, nodes_before_outputs, quantise
from models.training.recipes import export_onnx, halved, store_as_halves

INPUT = "hand"
CALIBRATION_PICTURES = 400


def export(checkpoint: Path, data: Path, folder: Path, calibration: int = CALIBRATION_PICTURES) -> tuple[Path, Path]:
    """Write ``hands.onnx``, ``hands_int8.onnx`` and ``hands.pt`` (half precision) to ``folder``.

    Parameters
    ----------
    checkpoint : Path
        What `models.training.hands_recipe.train` returned, or a ``hands.pt``.
    data : Path
        The folder that holds ``hands``: the int8 ranges are measured on its pictures.
    folder : Path
        Usually ``models/weights``.
    calibration : int
        How many pictures the int8 ranges are measured on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    network = HandNetwork()
    network.start_from(checkpoint)
    fp32, int8 = folder / "hands.onnx", folder / "hands_int8.onnx"
    export_onnx(network, (SIZE, SIZE), INPUT, ("classes",), fp32)
    quantise(fp32, int8, calibration_crops(data, calibration), exclude=nodes_before_outputs(fp32))
    store_as_halves(fp32)
    torch.save({"model": halved(network.state_dict())}, folder / "hands.pt")
    return fp32, int8


def calibration_crops(data: Path, count: int) -> Iterator[Batch]:
    """Crops (1, 64, 64, 3) like those of training, half of them as the camera took them."""
    rng = np.random.default_rng(1)
    hands = without(read_hands(data / "hands" / "train.json"))
    for number, index in enumerate(rng.permutation(len(hands))[:count]):
        crop = hand_crop(hands[index].image, jittered(hands[index].view, rng))
        yield (np.asarray((spoiled(crop, rng) if number % 2 else crop)[None], np.uint8),)
