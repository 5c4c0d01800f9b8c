"""Crops hold the padded box in the middle, and places come back."""

import numpy as np
import pytest

from models.crop import PADDING, crop, crop_transforms, cut, extent_of


def test_the_box_is_centred_and_padded() -> None:
    (transform,) = crop_transforms(np.array([[100, 50, 140, 150]], np.float32), (192, 256))
    corners = np.array([[100, 50], [140, 150]]) @ transform[:, :2].T + transform[:, 2]
    assert corners.mean(0) == pytest.approx([96, 128])
    assert np.ptp(corners[:, 1]) == pytest.approx(256 / PADDING)


def test_a_pixel_of_the_picture_is_where_the_transform_says() -> None:
    image = np.zeros((200, 300, 3), np.uint8)
    image[80:83, 120:123] = 255
    (transform,) = crop_transforms(np.array([[100, 40, 150, 120]], np.float32), (192, 256))
    rows, columns = np.nonzero(crop(image, transform, (192, 256))[..., 0] > 128)
    assert [columns.mean(), rows.mean()] == pytest.approx(transform[:, :2] @ [121, 81] + transform[:, 2], abs=0.6)


def test_beyond_the_picture_is_grey() -> None:
    (transform,) = crop_transforms(np.array([[0, 0, 10, 10]], np.float32), (192, 256))
    assert crop(np.zeros((10, 10, 3), np.uint8), transform, (192, 256))[0, 0].tolist() == [114, 114, 114]


def test_an_empty_box_does_not_divide_by_zero() -> None:
    assert np.isfinite(crop_transforms(np.array([[5, 5, 5, 5]], np.float32), (192, 256))).all()


def test_the_extent_is_that_of_the_confident_keypoints() -> None:
    keypoints = np.zeros((23, 3), np.float32)
    keypoints[3] = 10, 20, 0.9
    keypoints[7] = 30, 5, 0.8
    keypoints[9] = 500, 500, 0.1
    assert extent_of(keypoints, 0.5).tolist() == [10, 5, 30, 20]
    assert np.isnan(extent_of(keypoints, 0.95)).all()


@pytest.mark.parametrize("box", [[100, 40, 150, 120], [-30, -20, 90, 150], [250, 150, 330, 260], [0, 0, 300, 200]])
def test_a_cut_shows_what_a_crop_shows(box: list[float]) -> None:
    y, x = np.mgrid[0:200, 0:300]
    image = np.stack([x * 0.8, y, 100 + 50 * np.sin(x / 9)], axis=2).astype(np.uint8)
    (transform,) = crop_transforms(np.array([box], np.float32), (192, 256))
    expected = crop(image, transform, (192, 256))
    picture, found = cut(image, box, (192, 256))
    assert picture.shape == expected.shape
    corners = np.array([[box[0], box[1], 1], [box[2], box[3], 1]])
    np.testing.assert_allclose(corners @ found.T, corners @ transform.T, atol=2.0)
    exact = crop(image, found, (192, 256))
    differs = np.abs(picture.astype(int) - exact.astype(int)).max(axis=2) > 4
    assert differs.mean() < 0.03, "but for a line where the picture ends"


@pytest.mark.parametrize("box", [[-500, 10, -400, 90], [10, 900, 60, 1000], [5, 5, 5, 5], [-1e5, -1e5, 1e5, 1e5]])
def test_a_cut_of_nothing_is_still_a_crop(box: list[float]) -> None:
    picture, transform = cut(np.zeros((200, 300, 3), np.uint8), box, (192, 256))
    assert picture.shape == (256, 192, 3)
    assert np.isfinite(transform).all()
    assert (np.diagonal(transform) > 0).all()
