"""What our networks find of people whose joints are known: kept as it was found, and looked at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

from bridge import lift_pairs
from bridge.lift_pairs import write_acted
from models.joints import Joint, Keypoint
from models.training.lift_data import ACTED, read_acted

ENDS = [
    (Keypoint[f"{side}_{part}"], Joint[f"{part}_{side}"]) for side in ("LEFT", "RIGHT") for part in ("ELBOW", "WRIST")
]


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lift_pairs, "FILM_SECONDS", 1.0)


@pytest.mark.usefixtures("brief")
def test_of_actors_it_keeps_where_they_were_found_and_where_they_were(tmp_path: Path) -> None:
    write_acted(tmp_path / "new" / "acted.npz", films=3, seed=0)
    pairs = read_acted(tmp_path / "new" / "acted.npz")
    assert [pair.motion.source for pair in pairs] == [ACTED] * 3
    apart = []
    for pair in pairs:
        for keypoint, joint in ENDS:
            there = pair.motion.positions[:, joint]
            beside = np.linalg.norm(pair.rays[:, keypoint] * there[:, 2:] - there[:, :2], axis=1)
            apart += beside[pair.confidence[:, keypoint] > 0.5].tolist()
        assert np.isnan(pair.motion.positions[:, Joint.KNEE_LEFT]).all()
    assert len(apart) > 60
    assert np.median(apart) < 0.08  # metres


@pytest.mark.usefixtures("brief")
def test_actors_are_looked_at_again_only_if_others_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "acted.npz"
    write_acted(path, films=1, seed=0)
    first = path.stat().st_mtime_ns
    write_acted(path, films=1, seed=0)
    assert path.stat().st_mtime_ns == first
    write_acted(path, films=1, seed=1)
    assert path.stat().st_mtime_ns > first


def test_without_actors_there_is_nothing_to_read(tmp_path: Path) -> None:
    write_acted(tmp_path / "acted.npz", films=0, seed=0)
    assert read_acted(tmp_path / "acted.npz") == []
