"""What the movement networks are given besides the joints, and how their opinions count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gestures.movements import PEAK, MovementMemory, MovementNetwork
from gestures.recogniser import shared_network
from gestures.spotting import Spotter
from gestures.stream import RATE, WIDTH, looks_at
from gestures.turns import SWINGS, TURNS, TurnCount, turns_of
from tests.gestures.conftest import Actor


def test_a_waving_arm_turns_and_the_other_does_not(actor: Actor) -> None:
    left, right = np.split(turns_of(looks_at(actor.waving(3.0), 30))[-1], 2)
    assert (right >= 1.0).all()
    assert (left == 0.0).all()


def test_turns_smaller_than_the_swing_do_not_count() -> None:
    count = TurnCount(SWINGS[1])
    assert [count.update(0.1 * (-1) ** n / 2, 0.5) for n in range(20)] == [0] * 20


def test_an_arm_that_comes_down_starts_to_count_anew() -> None:
    count = TurnCount(0.1)
    assert [count.update(x, 0.5) for x in (0.0, 0.3, 0.0, 0.3)][-1] == 2
    assert count.update(0.3, -0.5) == 0


class Doubting(MovementMemory):
    """A memory whose networks give waves a score of 0.4, whatever they see."""

    def scores(self, look: np.ndarray) -> np.ndarray:
        super().scores(look)
        return np.where(np.array(shared_network().names) == "wave", 0.4, 0.0)


def test_a_doubtful_wave_counts_once_the_arm_has_turned_back_often(actor: Actor) -> None:
    told = []
    for looks in (looks_at(actor.still(4.0), 30), looks_at(actor.waving(4.0), 30)):
        spotter = Spotter(Doubting(shared_network()), shared_network().names, ["wave"])
        told.append([i for i, look in enumerate(looks) if spotter.update(look, i / RATE)[1]])
    (still, waved) = told
    assert still == []
    assert len(waved) == 1
    assert waved[0] / RATE > 1.5  # two turns in half a second


def test_networks_that_are_sure_one_after_the_other_agree(monkeypatch: pytest.MonkeyPatch, actor: Actor) -> None:
    looks = looks_at(actor.waving(3.0), 30)
    at_once, lately = [], []
    for found, peak in ((at_once, 1), (lately, PEAK)):
        monkeypatch.setattr("gestures.movements.PEAK", peak)
        memory = MovementMemory(shared_network())
        found += [memory.scores(look) for look in looks]
    windows = [np.max(at_once[max(i + 1 - PEAK, 0) : i + 1], axis=0) for i in range(len(looks))]
    assert (np.array(lately) >= np.array(windows) - 1e-6).all()
    assert np.max(np.array(lately) - np.array(windows)) > 0.01


def test_the_networks_opinions_add_up_to_one() -> None:
    network = shared_network()
    assert network.shares.sum(axis=0) == pytest.approx(np.ones(len(network.names)), abs=1e-6)


def test_newly_trained_networks_answer_for_all_and_an_older_one_for_all_but_waves(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="training needs the extra 'train'")
    from gestures.training.movement_recipe import MovementNet, save

    width = WIDTH + TURNS
    save([MovementNet(np.zeros(width), np.ones(width)) for _ in range(2)], tmp_path / "new.npz")
    shipped, new = shared_network(), MovementNetwork(tmp_path / "new.npz")
    assert new.shares[:, new.names.index("wave")] == pytest.approx([0.0, 0.5, 0.5])
    assert new.shares[:, new.names.index("kick")] == pytest.approx([1 / 3] * 3)
    assert np.array_equal(new.weights[2][0], shipped.weights[2][0])
