"""Heatmaps are decoded between cells, up to the edges, with a mass that tells doubt."""

import numpy as np
import pytest

from models.heatmap import decode_heatmaps

STRIDE = 8


def logits_around(x: float, y: float, sigma: float = 0.75) -> np.ndarray:
    columns, rows = np.arange(24), np.arange(32)[:, None]
    cell = (np.array([x, y]) - (STRIDE - 1) / 2) / STRIDE
    return -((columns - cell[0]) ** 2 + (rows - cell[1]) ** 2) / (2 * sigma**2)


@pytest.mark.parametrize(("x", "y"), [(100.0, 90.0), (61.3, 127.7), (19.5, 235.5)])
def test_the_place_is_found_within_half_a_pixel(x: float, y: float) -> None:
    decoded = decode_heatmaps(logits_around(x, y)[None, None].astype(np.float32), STRIDE)
    assert decoded[0, 0, :2] == pytest.approx([x, y], abs=0.5)
    assert decoded[0, 0, 2] > 0.95


@pytest.mark.parametrize(("x", "y"), [(3.5, 3.5), (187.5, 251.5), (40.0, 3.5)])
def test_a_place_at_the_edge_is_found_within_half_a_cell(x: float, y: float) -> None:
    decoded = decode_heatmaps(logits_around(x, y)[None, None].astype(np.float32), STRIDE)
    assert decoded[0, 0, :2] == pytest.approx([x, y], abs=STRIDE / 2)


def test_two_equal_places_halve_the_mass() -> None:
    both = np.logaddexp(logits_around(40, 60), logits_around(150, 200))
    assert decode_heatmaps(both[None, None].astype(np.float32), STRIDE)[0, 0, 2] == pytest.approx(0.5, abs=0.03)


def test_each_keypoint_of_each_picture_is_decoded_on_its_own() -> None:
    places = np.array([[[20, 30], [100, 200]], [[150, 60], [90, 90]]], np.float32)
    maps = np.array([[logits_around(*place) for place in picture] for picture in places], np.float32)
    assert decode_heatmaps(maps, STRIDE)[..., :2] == pytest.approx(places, abs=0.5)
