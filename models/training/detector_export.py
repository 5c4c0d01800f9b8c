"""Turn a trained detector into the files that are shipped: fp32 and int8 ONNX, and the weights to train on from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch

from models.detector import SIZE, letterbox
from models.training.detector_data import Example, load
from models.training.detector_network import DetectorNetwork
from models.training.lite_trunk import plain_blocks
from models.training.quantise import Batch, first_convolutions, nodes_before_outputs, quantise
from models.training.recipes import export_onnx, halved, read_weights, store_as_halves

INPUT = "image"
CALIBRATION_PICTURES = 300
EXACT_FIRST = 6
"""Convolutions at the beginning that stay in fp32: without them int8 is a quarter further from fp32."""

PLAIN_EXACT = slice(5, 8)
"""Those of a plain start instead, the last three: they make the features at stride 8."""


def export(
    checkpoint: Path,
    data: Path,
    folder: Path,
    calibration: int = CALIBRATION_PICTURES,
    size: tuple[int, int] = SIZE,
) -> tuple[Path, Path]:
    """Write ``detector.onnx``, ``detector_int8.onnx`` and ``detector.pt`` (half precision) to ``folder``.

    Parameters
    ----------
    checkpoint : Path
        What `models.training.detector_recipe.train` or `models.training.imitation_recipe.train` returned, or a
        ``detector.pt``.
    data : Path
        The folder that holds ``detection`` and ``pose``: the int8 ranges are measured on its pictures.
    folder : Path
        Usually ``models/weights``.
    calibration : int
        How many pictures the int8 ranges are measured on.
    size : (int, int)
        Height and width of the network's input, best those of the last pictures that it was trained on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    network = DetectorNetwork.from_state(read_weights(checkpoint))
    fp32, int8 = folder / "detector.onnx", folder / "detector_int8.onnx"
    export_onnx(network, (size[1], size[0]), INPUT, ("cells",), fp32)
    pictures = calibration_pictures(load(data, limit=calibration), calibration, size)
    plain = plain_blocks(network.state_dict()) is not None
    first = first_convolutions(fp32, PLAIN_EXACT.stop)[PLAIN_EXACT] if plain else first_convolutions(fp32, EXACT_FIRST)
    quantise(fp32, int8, pictures, exclude=first + nodes_before_outputs(fp32))
    store_as_halves(fp32)
    torch.save({"model": halved(network.state_dict())}, folder / "detector.pt")
    return fp32, int8


def calibration_pictures(sets: dict[str, list[Example]], count: int, size: tuple[int, int] = SIZE) -> Iterator[Batch]:
    """About ``count`` pictures (1, height, width, 3) of all sets, as the detector sees them in a run."""
    each = -(-count // len(sets))
    for examples in sets.values():
        for example in examples[:each]:
            yield (letterbox(example.image, size)[0][None],)
