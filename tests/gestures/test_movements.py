"""What the movement networks are given besides the joints, and how their opinions count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gestures.movements import MovementNetwork
from gestures.recogniser import shared_network
from gestures.stream import WIDTH, looks_at
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


def test_the_networks_opinions_add_up_to_one() -> None:
    network = shared_network()
    assert network.shares.sum(axis=0) == pytest.approx(np.ones(len(network.names)), abs=1e-6)


def test_newly_trained_networks_answer_for_waves_and_the_shipped_one_for_the_rest(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="training needs the extra 'train'")
    from gestures.training.movement_recipe import MovementNet, save

    width = WIDTH + TURNS
    save([MovementNet(np.zeros(width), np.ones(width)) for _ in range(2)], tmp_path / "new.npz")
    shipped, new = shared_network(), MovementNetwork(tmp_path / "new.npz")
    assert new.shares[:, new.names.index("wave")] == pytest.approx([0.0, 0.5, 0.5])
    assert new.shares[:, new.names.index("kick")] == pytest.approx([1.0, 0.0, 0.0])
    assert np.array_equal(new.weights[2][0], shipped.weights[2][0])
