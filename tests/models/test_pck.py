"""PCK counts joints near their labels, in torsos."""

import numpy as np
import pytest

from models.joints import LIMB_KEYPOINTS, Keypoint
from models.pck import pck, torso_size


def standing() -> np.ndarray:
    """One labelled person whose torso diagonals are 100 px."""
    labels = np.zeros((1, 23, 3), np.float32)
    labels[0, list(LIMB_KEYPOINTS), 2] = 2
    labels[0, Keypoint.LEFT_SHOULDER, :2] = 60, 0
    labels[0, Keypoint.RIGHT_SHOULDER, :2] = 0, 0
    labels[0, Keypoint.LEFT_HIP, :2] = 60, 80
    labels[0, Keypoint.RIGHT_HIP, :2] = 0, 80
    return labels


def test_the_torso_is_the_mean_of_the_labelled_diagonals() -> None:
    labels = standing()
    assert torso_size(labels)[0] == pytest.approx(100)
    labels[0, Keypoint.LEFT_HIP] = 0, 500, 0
    assert torso_size(labels)[0] == pytest.approx(100)
    labels[0, Keypoint.RIGHT_HIP, 2] = 0
    assert np.isnan(torso_size(labels)[0])


def test_an_error_under_a_fifth_of_the_torso_is_right() -> None:
    labels = standing()
    predicted = labels.copy()
    predicted[0, Keypoint.LEFT_WRIST, 0] += 19
    predicted[0, Keypoint.RIGHT_WRIST, 0] += 21
    result = pck(predicted, labels)
    assert result.per_joint["left_wrist"] == 1
    assert result.per_joint["right_wrist"] == 0
    assert result.mean == pytest.approx(11 / 12)


def test_a_missing_prediction_is_wrong_and_a_missing_label_does_not_count() -> None:
    labels = standing()
    predicted = labels.copy()
    predicted[0, Keypoint.LEFT_KNEE] = np.nan
    labels[0, Keypoint.RIGHT_KNEE, 2] = 0
    result = pck(predicted, labels)
    assert result.mean == pytest.approx(10 / 11)
    assert "right_knee" not in result.per_joint
