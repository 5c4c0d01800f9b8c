"""The pose estimator: a picture and the boxes of people in it to their keypoints."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.crop import PADDING, cut
from models.heatmap import decode_heatmaps
from models.inference import Network, Running, WeightsError
from models.joints import Keypoint
from models.painting import NOBODY, Expected, Layer, cue, paint_out
from models.simcc import SimccEstimator, form_path

IntArray = npt.NDArray[np.intp]
_Look = tuple[IntArray, FloatArray, Running]

DEFAULT_WEIGHTS = Path(__file__).parent / "weights" / "pose_int8.onnx"

FEW = 2
"""Of more people than so many, whoever stands apart is looked at in a view `SMALLER` as wide and high."""

TOGETHER = 3
"""So many views of one size are looked at as one, which takes half of the time for each."""

AT_ONCE = 2
"""So many views, or times `TOGETHER` of them, are looked at at the same time, on a thread each."""

SMALLER = 0.8
HIGHER = 7 / 6
"""Whoever overlaps somebody else is looked at in a view as narrow, but so much higher: details say whose a limb is."""

ROOM = 1.25
"""How much larger than their boxes the views of more than `FEW` people are: their boxes are less sure."""

_BESIDE = 0.2  # two people overlap if they share so much of the smaller one's box


class PoseEstimator:
    """Finds the 23 keypoints of each person.

    Parameters
    ----------
    path : Path
        An ONNX network as `models.training.pose_export` writes it: input uint8 (1, h, w, 3) in the order blue, green,
        red, and, if it is told whom to find, (1, 4, h/8, w/8) as `models.painting.cue` makes them; outputs heatmaps
        (1, 23, h/8, w/8) and confidences (1, 23), both logits.

    Attributes
    ----------
    size : (int, int)
        Width and height that the file gives: of the view of whoever is much higher than wide. Others are looked at in
        a square of about as many pixels, see `shapes`, so that as little as possible of a view shows no person.

    Raises
    ------
    WeightsError
        If the file is missing or is another kind of network.
    """

    def __init__(self, path: Path = DEFAULT_WEIGHTS) -> None:
        network = Network(path)
        (shape, *others), outputs = network.input_shapes, network.output_shapes
        if len(shape) != 4 or shape[0] != 1 or shape[3] != 3 or shape[1] < 40 or shape[2] < 40:
            known = (
                "expected (1, height, width, 3), or a TOML file beside it that describes a network of RTMPose's form"
            )
            raise WeightsError(f"{path}: not a pose network: its input is {shape}, {known}")
        if len(outputs) != 2 or outputs[0][:2] != (1, len(Keypoint)) or outputs[1] != (1, len(Keypoint)):
            raise WeightsError(f"{path}: not a pose network: its outputs are {outputs}")
        stride = shape[1] // outputs[0][2]
        if others not in ([], [(1, len(Layer), shape[1] // stride, shape[2] // stride)]):
            raise WeightsError(f"{path}: not a pose network: besides pictures it wants {others}")
        self.size, self._stride = (shape[2], shape[1]), stride
        self._settled = False
        compiling = ThreadPoolExecutor(1)
        view = partial(_View, path, compiling, stride if others else None)
        self._few = (view(self.size, network=network), *(view(size) for size in shapes(self.size)[1:]))
        self._many = (view(smaller_size(self.size), AT_ONCE),)
        self._close = (view(higher_size(self.size), AT_ONCE),)

    def __call__(self, image: ByteArray, boxes: FloatArray, expected: Sequence[Expected] = ()) -> FloatArray:
        """Keypoints of the people in ``boxes``.

        Parameters
        ----------
        image : (height, width, 3) uint8 array
            Blue, green, red.
        boxes : (n, 4) float32 array
            x1, y1, x2, y2 in pixels, tight around each person; the crop is larger, see `models.crop.PADDING`.
        expected : sequence of Expected, optional
            Whom each view should show: who stands before the one to be found is painted out.

        Returns
        -------
        (n, 23, 3) float32 array
            x, y in pixels of the picture, and confidence 0 to 1: how likely the keypoint is in the picture, times how
            sure its place is.
        """
        if not self._settled:  # what is compiled meanwhile makes pictures late
            self.settle()
        keypoints = np.empty((len(boxes), len(Keypoint), 3), np.float32)
        close = overlapping(boxes)
        apart, room = (self._few, PADDING) if len(boxes) <= FEW else (self._many, ROOM)
        looks = [
            look
            for rows, views in ((~close, apart), (close, self._close))
            for look in self._begun(_Seen(image, boxes, expected), np.flatnonzero(rows), views, room)
        ]
        for rows, transforms, heatmaps in looks:
            keypoints[rows] = self._read(transforms, *heatmaps())
        return keypoints

    def settle(self) -> None:
        """Wait until all networks that were wanted until now are compiled."""
        for view in (*self._few, *self._many, *self._close):
            view.settle()
        self._settled = True

    def _begun(self, seen: _Seen, rows: IntArray, views: Sequence[_View], room: float) -> Iterator[_Look]:
        """Begin to look at the people in ``rows`` of what is ``seen``, each in the one of ``views`` that fits best."""
        fitting = best_shape(seen.boxes[rows], [view.size for view in views])
        for number, view in enumerate(views):
            some = rows[fitting == number]
            for together in view.batches(some):
                cuts = [seen.cut(row, view, room) for row in together.tolist()]
                transforms, *batch = (np.stack(parts) for parts in zip(*cuts, strict=True))
                yield together, transforms.astype(np.float32), view.start(*batch)

    def _read(self, transforms: FloatArray, maps: FloatArray, sure: FloatArray) -> FloatArray:
        """Keypoints (n, 23, 3) in the picture, given ``transforms`` (n, 2, 3) to views and what was found in these."""
        keypoints = decode_heatmaps(maps, self._stride)
        scale = np.diagonal(transforms, axis1=1, axis2=2)[:, None]
        keypoints[..., :2] = (keypoints[..., :2] - transforms[:, None, :, 2]) / scale
        keypoints[..., 2] /= 1 + np.exp(-sure)
        return keypoints


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A picture, the boxes (n, 4) of people in it, and whom each of these should show."""

    image: ByteArray
    boxes: FloatArray
    expected: Sequence[Expected]

    def cut(self, row: int, view: _View, room: float) -> tuple[npt.NDArray[Any], ...]:
        """The affine map (2, 3) from the picture to a crop of one of them, the crop, and the cue if one is wanted."""
        crop, transform = cut(self.image, self.boxes[row].tolist(), view.size, room)
        expected = self.expected[row] if self.expected else NOBODY
        paint_out(crop, expected.before, transform)
        if view.stride is None:
            return transform, crop
        return transform, crop, cue(view.size, expected, transform, view.stride)


class _View:
    """The network for views of one ``size``, (width, height), and cues of one cell for ``stride`` pixels if it is told.

    The one for several at once is compiled when it is first wanted, on the thread of ``compiling``; until then views
    are looked at one by one, with the same result.
    """

    def __init__(
        self,
        path: Path,
        compiling: ThreadPoolExecutor,
        stride: int | None,
        size: tuple[int, int],
        at_once: int = 1,
        network: Network | None = None,
    ) -> None:
        self.size, self.stride, self._path = size, stride, path
        self._compiling, self._at_once = compiling, at_once
        self._shapes = [(size[1], size[0], 3)]
        if stride is not None:
            self._shapes.append((len(Layer), size[1] // stride, size[0] // stride))
        self._single = self._compiled(1) if network is None else _known(network)
        self._several: Future[Network] | None = None

    def _compiled(self, count: int) -> Future[Network]:
        shapes = [(count, *shape) for shape in self._shapes]
        return self._compiling.submit(Network, self._path, shapes, self._at_once)

    def settle(self) -> None:
        """Wait until all networks that were wanted are compiled."""
        for network in (self._single, self._several):
            if network is not None:
                network.result()

    def batches(self, rows: IntArray) -> list[IntArray]:
        """``rows``, `TOGETHER` at a time where they can be looked at so, the last ones one by one."""
        whole = len(rows) // TOGETHER * TOGETHER if len(rows) >= TOGETHER and self._for_several() else 0
        return [*rows[:whole].reshape(-1, TOGETHER), *rows[whole:, None]]

    def start(self, pictures: ByteArray, *cues: ByteArray) -> Running:
        """Begin to look at `TOGETHER` pictures or at one, (n, height, width, 3), perhaps with cues (n, 4, h, w)."""
        several = self._several if len(pictures) > 1 else None
        network = (several or self._single).result()
        return network.start(pictures, *cues) if self._at_once > 1 else partial(network, pictures, *cues)

    def _for_several(self) -> bool:
        """Whether the network for `TOGETHER` views is compiled by now; the first time, somebody begins to."""
        if self._several is None:
            self._several = self._compiled(TOGETHER)
        return self._several.done()


def _known(network: Network) -> Future[Network]:
    known: Future[Network] = Future()
    known.set_result(network)
    return known


def smaller_size(size: tuple[int, int]) -> tuple[int, int]:
    """Width and height of the view of each of many people, multiples of 32, given that of few.

    Not below 128: in narrower views the network, which has seen none, errs a lot more.
    """
    width, height = (max(min(side, 128), round(SMALLER * side / 32) * 32) for side in size)
    return width, height


def higher_size(size: tuple[int, int]) -> tuple[int, int]:
    """Width and height of the view of each of those who overlap, given that of few; the height is a multiple of 32."""
    return size[0], max(64, round(HIGHER * size[1] / 32) * 32)


def shapes(size: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Widths and heights of views that take about as long: ``size``, and a square with a side that 32 divides."""
    side = max(64, round(math.sqrt(size[0] * size[1]) / 32) * 32)
    return tuple(dict.fromkeys([size, (side, side)]))


def best_shape(boxes: FloatArray, sizes: Sequence[tuple[int, int]]) -> npt.NDArray[np.intp]:
    """In which of ``sizes`` each of the people in ``boxes`` (n, 4) is seen largest, (n,)."""
    extents = np.maximum(boxes[:, None, 2:] - boxes[:, None, :2], 1.0)
    return np.asarray((np.array(sizes, np.float32) / extents).min(axis=2).argmax(axis=1))


def overlapping(boxes: FloatArray) -> npt.NDArray[np.bool_]:
    """Who of the people in ``boxes`` (n, 4) stands before or behind somebody else, (n,)."""
    return np.asarray(most_shared(boxes) > _BESIDE)


def most_shared(boxes: FloatArray) -> FloatArray:
    """The largest share of the smaller box that each of ``boxes`` (n, 4) has in common with another one, (n,)."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    areas = np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1e-6)
    shared = np.maximum(high - low, 0.0).prod(axis=2) / np.minimum(areas[:, None], areas[None])
    np.fill_diagonal(shared, 0.0)
    return np.asarray(shared.max(axis=1, initial=0.0), np.float32)


def open_pose(path: Path = DEFAULT_WEIGHTS) -> PoseEstimator | SimccEstimator:
    """The estimator for a network: of RTMPose's form where a TOML file lies beside it, else of ours.

    Raises
    ------
    WeightsError
        If the network or its TOML file cannot be used.
    """
    return SimccEstimator(path) if form_path(path).exists() else PoseEstimator(path)
