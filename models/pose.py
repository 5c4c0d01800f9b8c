"""The pose estimator: a picture and the boxes of people in it to their keypoints."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.body import ByteArray, FloatArray
from models.crop import cut
from models.heatmap import decode_heatmaps
from models.inference import Network, WeightsError
from models.joints import Keypoint
from models.simcc import SimccEstimator, form_path

DEFAULT_WEIGHTS = Path(__file__).parent / "weights" / "pose_int8.onnx"


class PoseEstimator:
    """Finds the 23 keypoints of each person.

    Parameters
    ----------
    path : Path
        An ONNX network as `models.training.pose_export` writes it: input uint8 (1, h, w, 3) in the order blue, green,
        red; outputs heatmaps (1, 23, h/8, w/8) and confidences (1, 23), both logits.

    Raises
    ------
    WeightsError
        If the file is missing or is another kind of network.
    """

    def __init__(self, path: Path = DEFAULT_WEIGHTS) -> None:
        self._network = Network(path)
        shape = self._network.input_shape
        outputs = self._network.output_shapes
        if len(shape) != 4 or shape[0] != 1 or shape[3] != 3 or shape[1] < 40 or shape[2] < 40:
            known = (
                "expected (1, height, width, 3), or a TOML file beside it that describes a network of RTMPose's form"
            )
            raise WeightsError(f"{path}: not a pose network: its input is {shape}, {known}")
        if len(outputs) != 2 or outputs[0][:2] != (1, len(Keypoint)) or outputs[1] != (1, len(Keypoint)):
            raise WeightsError(f"{path}: not a pose network: its outputs are {outputs}")
        self.size = (shape[2], shape[1])
        self._stride = shape[1] // outputs[0][2]

    def __call__(self, image: ByteArray, boxes: FloatArray) -> FloatArray:
        """Keypoints of the people in ``boxes``.

        Parameters
        ----------
        image : (height, width, 3) uint8 array
            Blue, green, red.
        boxes : (n, 4) float32 array
            x1, y1, x2, y2 in pixels, tight around each person; the crop is larger, see `models.crop.PADDING`.

        Returns
        -------
        (n, 23, 3) float32 array
            x, y in pixels of the picture, and confidence 0 to 1: how likely the keypoint is in the picture, times how
            sure its place is.
        """
        count, (heatmaps, logits) = len(boxes), self._network.output_shapes
        maps, sure = np.empty((count, *heatmaps[1:]), np.float32), np.empty((count, *logits[1:]), np.float32)
        transforms = np.empty((count, 2, 3), np.float32)
        for person, box in enumerate(boxes.tolist()):
            picture, transforms[person] = cut(image, box, self.size)
            maps[person], sure[person] = self._network(picture[None])
        keypoints = decode_heatmaps(maps, self._stride)
        scale = np.diagonal(transforms, axis1=1, axis2=2)[:, None]
        keypoints[..., :2] = (keypoints[..., :2] - transforms[:, None, :, 2]) / scale
        keypoints[..., 2] /= 1 + np.exp(-sure)
        return keypoints


def open_pose(path: Path = DEFAULT_WEIGHTS) -> PoseEstimator | SimccEstimator:
    """The estimator for a network: of RTMPose's form where a TOML file lies beside it, else of ours.

    Raises
    ------
    WeightsError
        If the network or its TOML file cannot be used.
    """
    return SimccEstimator(path) if form_path(path).exists() else PoseEstimator(path)
