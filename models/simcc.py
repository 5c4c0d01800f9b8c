"""Pose networks of RTMPose's form: a crop to two distributions a keypoint, one over its columns and one over its rows.

Such a network (Li et al., SimCC, ECCV 2022; Jiang et al., RTMPose, 2023) is an ONNX file beside which a TOML file of
the same name says what the network itself does not:

    keypoints = "coco17"              # or "halpe26"
    size = [192, 256]                 # width and height of the crop in pixels
    mean = [123.675, 116.28, 103.53]  # of 0 to 255, in the order of the channels
    std = [58.395, 57.12, 57.375]
    channels = "rgb"                  # or "bgr"
    split_ratio = 2.0                 # cells a pixel

The input is float32 (1, 3, height, width); the outputs are columns (1, k, width * split_ratio) and rows
(1, k, height * split_ratio), in this order.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.crop import crop_transforms
from models.inference import Network, WeightsError
from models.joints import Keypoint
from models.painting import NOBODY, Expected, Figure, paint_out

COCO17 = (
    "NOSE",
    "LEFT_EYE",
    "RIGHT_EYE",
    "LEFT_EAR",
    "RIGHT_EAR",
    *(
        f"{side}_{part}"
        for part in ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE")
        for side in ("LEFT", "RIGHT")
    ),
)
HALPE26 = (
    *COCO17,
    "HEAD_TOP",
    "NECK",
    "MIDDLE_HIP",
    "LEFT_FOOT",  # the big toe
    "RIGHT_FOOT",
    "LEFT_SMALL_TOE",
    "RIGHT_SMALL_TOE",
    "LEFT_HEEL",
    "RIGHT_HEEL",
)
KEYPOINTS = {"coco17": COCO17, "halpe26": HALPE26}
"""What the keypoints of a network are, in its order, by the name of the order; our names where we have them."""

PADDING = 1.25
"""How much larger than a person's box RTMPose's crops are."""


@dataclass(frozen=True, slots=True)
class SimccForm:
    """What the TOML file says; see the module."""

    keypoints: str
    size: tuple[int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    channels: str
    split_ratio: float


class SimccEstimator:
    """Finds people's keypoints with a network of RTMPose's form; used like `models.pose.PoseEstimator`.

    Parameters
    ----------
    path : Path
        The ONNX file; the TOML file lies beside it.

    Raises
    ------
    WeightsError
        If one of the two cannot be used, or they contradict each other.
    """

    def __init__(self, path: Path) -> None:
        form = read_form(form_path(path))
        names = KEYPOINTS[form.keypoints]
        self._network = Network(path)
        _check(path, self._network, form, len(names))
        self.size = form.size
        self._cells_a_pixel = form.split_ratio
        self._ours = [k for k in Keypoint if k.name in names]
        self._theirs = [names.index(k.name) for k in self._ours]
        self._planes = (0, 1, 2) if form.channels == "bgr" else (2, 1, 0)  # of our blue, green, red
        levels = np.arange(256, dtype=np.float32)
        self._tables = [(levels - mean) / std for mean, std in zip(form.mean, form.std, strict=True)]

    def __call__(self, image: ByteArray, boxes: FloatArray, expected: Sequence[Expected] = ()) -> FloatArray:
        """Keypoints of the people in ``boxes``.

        Parameters
        ----------
        image : (height, width, 3) uint8 array
            Blue, green, red.
        boxes : (n, 4) float32 array
            x1, y1, x2, y2 in pixels, tight around each person.
        expected : sequence of Expected, optional
            Whom each view should show: who stands before the one to be found is painted out.

        Returns
        -------
        (n, 23, 3) float32 array
            x, y in pixels of the picture, and confidence 0 to 1: the lower of both peaks. Zeros where the network knows
            no such keypoint.
        """
        transforms = crop_transforms(boxes, self.size, PADDING)
        keypoints = np.zeros((len(transforms), len(Keypoint), 3), np.float32)
        for person, transform, one in zip(keypoints, transforms, expected or [NOBODY] * len(keypoints), strict=True):
            columns, rows = self._network(self._input(image, transform, one.before))
            decoded = decode_simcc(columns, rows, self._cells_a_pixel)[0, self._theirs]
            decoded[:, :2] = (decoded[:, :2] - transform[:, 2]) / transform[0, 0]
            person[self._ours] = decoded
        return keypoints

    def _input(self, image: ByteArray, transform: npt.NDArray[np.float64], before: Sequence[Figure]) -> FloatArray:
        """The crop, normalised, (1, 3, height, width); black beyond the picture, as in RTMPose's training."""
        view = np.asarray(cv2.warpAffine(image, transform, self.size, flags=cv2.INTER_LINEAR), np.uint8)
        paint_out(view, before, transform)
        planes = cv2.split(view)
        normalised = [cv2.LUT(planes[p], table) for p, table in zip(self._planes, self._tables, strict=True)]
        return np.asarray(np.stack(normalised)[None], np.float32)


def decode_simcc(columns: FloatArray, rows: FloatArray, split_ratio: float) -> FloatArray:
    """The place of each keypoint: where both distributions peak, as MMPose decodes them.

    Parameters
    ----------
    columns, rows : (n, k, cells) float32 array
    split_ratio : float
        Cells a pixel.

    Returns
    -------
    (n, k, 3) float32 array
        x, y in pixels of the crop, and the lower of both peaks, cut to 0 to 1.
    """
    places = np.stack([columns.argmax(-1), rows.argmax(-1)], -1) / split_ratio
    lower = np.minimum(columns.max(-1), rows.max(-1)).clip(0, 1)
    return np.concatenate([places, lower[..., None]], -1).astype(np.float32)


def form_path(network: Path) -> Path:
    """The TOML file that belongs to an ONNX file."""
    return network.parent / f"{network.stem}.toml"


def read_form(path: Path) -> SimccForm:
    """Read a TOML file such as the module shows.

    Raises
    ------
    WeightsError
        If it cannot be read, or something in it is missing, unknown or wrong.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise WeightsError(f"{path}: no such file; it describes the pose network beside it") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WeightsError(f"{path}: not a TOML file ({error})") from error
    expected = {
        "keypoints": '"coco17" or "halpe26"',
        "size": "two whole numbers from 1, width and height",
        "mean": "three numbers",
        "std": "three numbers above 0",
        "channels": '"rgb" or "bgr"',
        "split_ratio": "a number above 0",
    }
    for key in content.keys() - expected.keys():
        raise WeightsError(f"{path}: unknown key {key!r}, expected {', '.join(expected)}")
    for key, what in expected.items():
        if key not in content:
            raise WeightsError(f"{path}: {key} is missing, expected {what}")
        if not _is_right(key, content[key]):
            raise WeightsError(f"{path}: {key} is {content[key]!r}, expected {what}")
    width, height = content["size"]
    mean, std = (tuple(float(v) for v in content[key]) for key in ("mean", "std"))
    return SimccForm(
        content["keypoints"], (width, height), mean, std, content["channels"], float(content["split_ratio"])
    )


def _is_right(key: str, value: Any) -> bool:
    if key in ("keypoints", "channels"):
        return isinstance(value, str) and value in (KEYPOINTS if key == "keypoints" else ("rgb", "bgr"))
    if key == "split_ratio":
        return _is_number(value) and value > 0
    if not isinstance(value, list) or not all(_is_number(v) for v in value):
        return False
    if key == "size":
        return len(value) == 2 and all(isinstance(v, int) and v >= 1 for v in value)
    return len(value) == 3 and (key == "mean" or all(v > 0 for v in value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))


def _check(path: Path, network: Network, form: SimccForm, keypoints: int) -> None:
    """Whether a network has the shapes that its TOML file tells; -1 is a side of any length."""
    if len(network.input_shapes) != 1:
        raise WeightsError(f"{path}: it has {len(network.input_shapes)} inputs, expected 1: the picture")
    if len(network.output_shapes) != 2:
        raise WeightsError(f"{path}: it has {len(network.output_shapes)} outputs, expected 2: columns and rows")
    width, height = form.size
    cells = round(width * form.split_ratio), round(height * form.split_ratio)
    shapes: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
        "input": ((1, 3, height, width), network.input_shapes[0]),
        "columns": ((1, keypoints, cells[0]), network.output_shapes[0]),
        "rows": ((1, keypoints, cells[1]), network.output_shapes[1]),
    }
    for name, (expected, actual) in shapes.items():
        if len(actual) != len(expected) or any(a not in (-1, e) for a, e in zip(actual, expected, strict=True)):
            told = f"{form_path(path).name} asks for {expected}"
            raise WeightsError(f"{path}: the shape of its {name} is {actual}, but {told}")
