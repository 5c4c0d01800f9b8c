"""Scores move for the right reason: bodies of the actor, moved in a known way, play each game."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from demos.games.fruit_rules import BOMB, Flying, FruitRound
from demos.games.keeper_rules import SAVE, SHOTS, KeeperRound
from demos.games.players import Figure, Layout, Players
from demos.games.rehearsal import SIZE, Rehearsal, to_body
from demos.games.round import Happening, Rules
from demos.games.wall_rules import SHAPES, WALLS, Shape, WallRound, fit
from models.actor.script import REST, SCRIPT
from models.actor.skeleton import Proportions, stand
from models.body import BodyFrame, FloatArray
from models.joints import Joint

Motion = Callable[[float], FloatArray]
STEP = 1 / 60


def figures_of(motion: Motion, layout: Layout, seconds: float, size: Proportions = SIZE) -> Iterator[list[Figure]]:
    """What a game sees of one person who moves like that: bodies at 30 a second, figures at 60."""
    players = Players()
    for step in range(round(seconds * 60)):
        now = step * STEP
        if step % 2 == 0:
            players.update(BodyFrame(now, step // 2, (to_body(stand(motion(now), size), 0, 0.4),)), now)
        yield layout.figures(players.at(now))


def played(rules: Rules, motion: Motion, seconds: float) -> list[Happening]:
    return [h for figures in figures_of(motion, rules.layout, seconds) for h in rules.step(figures, STEP)]


def rehearsed(rules: Rules, seconds: float, people: int = 1) -> list[Happening]:
    """What happens when somebody plays who knows the rules."""
    now, players, happened = 0.0, Players(), list[Happening]()
    feed = Rehearsal(lambda: rules, lambda: now, people)
    for step in range(round(seconds * 60)):
        now = step * STEP
        frame = feed.poll()
        if frame is not None:
            players.update(frame, now)
        happened += rules.step(rules.layout.figures(players.at(now)), STEP)
    return happened


def still(time: float) -> FloatArray:
    return REST


def gesture(name: str, speed: float = 1.0) -> Motion:
    """A gesture of the actor's, after a second at rest."""
    found = next(g for g in SCRIPT if g.name == name)
    return lambda time: found.pose(max(0.0, (time - 1.0) * speed))


def hanging(kind: str, layout: Layout, joint: Joint) -> Flying:
    """A fruit that stays where ``joint`` is at 0.45 s of raising the right hand."""
    raised = list(figures_of(gesture("raise_right_hand"), layout, 1.45))[-1][0]
    x, y = raised.at(joint)
    return Flying(kind, x, y, 0.0, 0.0, 0.0, 0.0)


def quiet(monkeypatch: pytest.MonkeyPatch, *there: Flying) -> FruitRound:
    """A round in which only these are there, and hang in the air."""
    monkeypatch.setattr(FruitRound, "_thrown", lambda self: [])
    monkeypatch.setattr(Flying, "moved", lambda self, dt: self)
    rules = FruitRound(1)
    rules.flying = list(there)
    return rules


def test_a_hand_that_goes_through_a_fruit_cuts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = Layout.close(1)
    rules = quiet(monkeypatch, hanging("apple", layout, Joint.HAND_RIGHT))
    happened = played(rules, gesture("raise_right_hand"), 2.0)
    assert [(h.kind, h.what) for h in happened] == [("slice", "apple")]
    assert rules.scores == [1]


def test_the_other_hand_cuts_nothing_there(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = quiet(monkeypatch, hanging("apple", Layout.close(1), Joint.HAND_RIGHT))
    assert not played(rules, gesture("raise_left_hand"), 2.0)
    assert rules.scores == [0]


def test_a_slow_hand_cuts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = quiet(monkeypatch, hanging("apple", Layout.close(1), Joint.HAND_RIGHT))
    assert not played(rules, gesture("raise_right_hand", speed=0.15), 8.0)


def test_a_bomb_costs_points(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = quiet(monkeypatch, hanging(BOMB, Layout.close(1), Joint.HAND_RIGHT))
    rules.scores = [7]
    assert [h.kind for h in played(rules, gesture("raise_right_hand"), 2.0)] == ["bomb"]
    assert rules.scores == [2]


def test_three_fruits_at_one_stroke_count_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    fruit = hanging("plum", Layout.close(1), Joint.HAND_RIGHT)
    rules = quiet(monkeypatch, fruit, fruit, fruit)
    happened = played(rules, gesture("raise_right_hand"), 2.5)
    assert [h.kind for h in happened] == ["slice", "slice", "slice", "combo"]
    assert rules.scores == [6]


@pytest.mark.parametrize("seed", [0, 1])
def test_who_stands_still_cuts_no_fruit(seed: int) -> None:
    rules = FruitRound(1, seed)
    thrown = [h for h in played(rules, still, 12.0) if h.kind == "throw"]
    assert len(thrown) > 5
    assert rules.scores == [0]


def test_who_goes_for_fruit_scores() -> None:
    rules = FruitRound(1, 0)
    happened = rehearsed(rules, 12.0)
    cut = [h for h in happened if h.kind == "slice"]
    assert len(cut) >= 6
    assert not [h for h in happened if h.kind == "bomb"]
    assert rules.scores[0] >= len(cut)


def shown(shape: Shape, layout: Layout) -> Figure:
    """Somebody who stood, and then took the shape."""

    def motion(time: float) -> FloatArray:
        return shape.pose if time > 1.3 else REST

    return list(figures_of(motion, layout, 1.9))[-1][0]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_shape_fits_its_own_hole_and_no_other(shape: Shape) -> None:
    layout = Layout.standing(1)
    figure = shown(shape, layout)
    assert [other.name for other in SHAPES if fit(figure, other, layout).passes] == [shape.name]


def test_who_stands_at_ease_fits_no_hole() -> None:
    layout = Layout.standing(1)
    figure = list(figures_of(still, layout, 0.5))[-1][0]
    assert not [shape.name for shape in SHAPES if fit(figure, shape, layout).passes]


def test_a_child_far_away_fits_as_well() -> None:
    layout = Layout.standing(1)
    figure = list(figures_of(lambda time: SHAPES[0].pose, layout, 0.5, Proportions(height=1.25)))[-1][0]
    assert fit(figure, SHAPES[0], layout).passes


def test_only_the_right_shape_passes_a_wall() -> None:
    knows, stands = WallRound(1, 3), WallRound(1, 3)
    passed = [h.kind for h in rehearsed(knows, 15.0) if h.kind != "near"]
    crashed = [h.kind for h in played(stands, still, 15.0) if h.kind != "near"]
    assert passed == ["pass"] * len(crashed)
    assert crashed == ["crash"] * len(passed)
    assert len(passed) >= 2
    assert knows.scores[0] > 10 * len(passed)
    assert stands.scores == [0]


def test_a_round_of_walls_ends() -> None:
    rules = WallRound(2, 1)
    while not rules.over:
        rules.step([], 0.05)
    assert rules.number == WALLS
    assert rules.scores == [0, 0]


def test_legs_count_only_where_they_are_seen() -> None:
    layout = Layout.standing(1)
    star = next(shape for shape in SHAPES if shape.name == "star")
    legless = shown(star, layout)
    hidden = legless.tracked.copy()
    hidden[[Joint.ANKLE_LEFT, Joint.ANKLE_RIGHT, Joint.KNEE_LEFT, Joint.KNEE_RIGHT]] = False
    low = legless.points.copy()
    low[[Joint.ANKLE_LEFT, Joint.ANKLE_RIGHT]] += 300
    assert not fit(Figure(0, low, legless.tracked, layout.height), star, layout).passes
    assert fit(Figure(0, low, hidden, layout.height), star, layout).passes


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_who_stands_still_saves_nothing(seed: int) -> None:
    rules = KeeperRound(1, seed)
    seconds = SHOTS * 4.0
    ends = [h.kind for h in played(rules, still, seconds) if h.kind != "kick"]
    assert set(ends[:SHOTS]) == {"goal"}
    assert rules.scores == [0]


def test_a_hand_in_the_way_saves() -> None:
    rules = KeeperRound(1, 0)
    ends = [h.kind for h in rehearsed(rules, 24.0) if h.kind != "kick"]
    assert len(ends) >= 6
    assert ends.count("save") >= len(ends) - 1
    assert rules.scores[0] >= SAVE * ends.count("save")


def test_each_keeper_has_a_goal_of_their_own() -> None:
    rules = KeeperRound(2, 0)
    happened = [h for h in rehearsed(rules, 4.0, people=1) if h.kind not in ("kick", "block")]
    assert {(h.lane, h.kind) for h in happened} == {(0, "save"), (1, "goal")}
    assert rules.scores[0] > 0 == rules.scores[1]


def test_a_round_is_the_same_for_the_same_seed() -> None:
    once, again = FruitRound(2, 5), FruitRound(2, 5)
    assert [h for _ in range(400) for h in once.step([], STEP)] == [h for _ in range(400) for h in again.step([], STEP)]


def test_figures_move_between_bodies() -> None:
    """A hand that moves evenly is drawn at sixty places a second, though it is seen at thirty."""
    layout = Layout.standing(1)
    pose = gesture("raise_right_hand", speed=0.5)
    places = np.array([figures[0].points[Joint.HAND_RIGHT] for figures in figures_of(pose, layout, 1.9)])
    steps = np.linalg.norm(np.diff(places[-24:], axis=0), axis=1)
    assert steps.min() > 0.4 * np.median(steps)
    assert steps.max() < 1.8 * np.median(steps)


def test_who_is_gone_is_absent_and_may_come_back() -> None:
    players = Players()
    body = to_body(stand(REST, SIZE), 0)
    players.update(BodyFrame(0.0, 0, (body,)), 0.0)
    assert [p.present for p in players.at(0.5)] == [True]
    assert [p.present for p in players.at(1.0)] == [False]
    players.update(BodyFrame(9.0, 1, (to_body(stand(REST, SIZE), 4),)), 9.0)  # under a new id
    assert [(p.lane, p.present) for p in players.at(9.0)] == [(0, True)]


def test_lanes_go_from_left_to_right_as_in_a_mirror() -> None:
    players = Players()
    bodies = tuple(to_body(stand(REST, SIZE), number, x) for number, x in enumerate((1.0, -1.0, 0.0)))
    players.update(BodyFrame(0.0, 0, (bodies[0],)), 0.0)
    players.update(BodyFrame(0.1, 1, bodies), 0.1)
    assert players.arrange(0.1) == 3
    players.update(
        BodyFrame(0.2, 2, tuple(to_body(stand(REST, SIZE), n, x) for n, x in enumerate((1.5, -1.0, 0.0)))), 0.2
    )
    moved = [float(p.points[Joint.SPINE_BASE, 0]) for p in players.at(0.5)]
    assert moved[2] > 0.1 > max(abs(moved[0]), abs(moved[1]))


def test_a_body_of_nothing_is_left_out() -> None:
    players = Players()
    person = stand(REST, SIZE)
    person.positions[Joint.HEAD] = math.nan
    players.update(BodyFrame(0.0, 0, (to_body(person, 0),)), 0.0)
    assert players.at(0.0) == ()
