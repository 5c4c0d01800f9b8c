"""What the movement networks are given besides the joints, and how their opinions count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gestures.movements import PEAK, MovementMemory, MovementNetwork
from gestures.recogniser import shared_network
from gestures.skeleton import MOVING, RIGHT
from gestures.spotting import Spotter
from gestures.stream import RATE, WIDTH, looks_at
from gestures.strokes import LATELY, HandStrokes
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


class Guessing(MovementMemory):
    """A memory whose networks give swipes either way a score of 0.5, whatever they see."""

    def scores(self, look: np.ndarray) -> np.ndarray:
        super().scores(look)
        return np.where(np.isin(shared_network().names, ["swipe_left", "swipe_right"]), 0.5, 0.0)


@pytest.mark.parametrize("way", ["swipe_left", "swipe_right"])
def test_a_doubtful_swipe_counts_once_a_raised_hand_has_gone_that_way(actor: Actor, way: str) -> None:
    told = []
    for clip in (actor.still(3.0), actor.swiping(way)):
        spotter = Spotter(Guessing(shared_network()), shared_network().names, ["swipe_left", "swipe_right"])
        told.append({name for i, look in enumerate(looks_at(clip, 30)) for name in spotter.update(look, i / RATE)[1]})
    assert told == [set(), {way}]


def strokes_of(places: np.ndarray) -> HandStrokes:
    """The strokes of a right hand that goes through ``places`` (T, 2), to the right and up from the hips."""
    strokes = HandStrokes()
    for right, up in places:
        look = np.zeros((WIDTH // 3, 3))
        look[MOVING.index(RIGHT["hand"]), :2] = right, up
        strokes.update(look.ravel())
    return strokes


def test_a_stroke_is_as_long_as_the_way_of_the_hand() -> None:
    strokes = strokes_of(np.column_stack([np.linspace(0.2, -0.8, 6), np.full(6, 0.9)]))
    assert strokes.left == pytest.approx(1.0)
    assert strokes.right == 0.0


@pytest.mark.parametrize(
    "places",
    [
        np.column_stack([np.linspace(0.2, -0.8, 6), np.full(6, 0.1)]),  # beside the hips
        np.column_stack([np.linspace(0.0, -0.5, 6), np.linspace(0.5, 1.5, 6)]),  # upwards
        np.column_stack([np.tile([0.0, -0.05], 10), np.full(20, 0.9)]),  # to and fro
    ],
)
def test_what_is_low_or_not_sideways_is_no_stroke(places: np.ndarray) -> None:
    assert strokes_of(places).left < 0.1


def test_a_stroke_is_forgotten_after_a_moment() -> None:
    swept = np.column_stack([np.linspace(0.2, -0.8, 6), np.full(6, 0.9)])
    assert strokes_of(np.concatenate([swept, np.repeat(swept[-1:], LATELY - 1, axis=0)])).left > 0.7
    assert strokes_of(np.concatenate([swept, np.repeat(swept[-1:], 2 * LATELY, axis=0)])).left == 0.0


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
