"""What somebody does is told once, with how far it has come, and to whoever asked."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from bridge.spotting_evaluation import bodies_of
from gestures.event import GestureEvent
from gestures.movements import MovementMemory
from gestures.recogniser import BUILT_IN, GestureRecogniser, shared_network
from gestures.stream import WIDTH
from models.body import BodyFrame
from models.joints import Joint
from tests.gestures.conftest import Actor, seen_from


def told(positions: np.ndarray, *names: str) -> list[GestureEvent]:
    recogniser = GestureRecogniser(names or None)
    return [event for frame in bodies_of(positions, 30.0) for event in recogniser.update(frame)]


def moved_to(actor: Actor, pose: np.ndarray, seconds: float = 0.5, hold: float = 1.0) -> np.ndarray:
    """From standing to ``pose``, a while there, and back."""
    there = np.linspace(actor.standing(), pose, round(seconds * 30)).astype(np.float32)
    return np.concatenate([actor.still(1.0), there, np.repeat(pose[None], round(hold * 30), 0), there[::-1]])


def squatting(actor: Actor) -> np.ndarray:
    body = actor.standing()
    body[[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 20, 21, 22, 23, 24], 1] -= 0.35
    body[[13, 17]] += np.array([0.1, -0.2, -0.35], np.float32)
    return body


def bent(actor: Actor, forwards: float, sideways: float) -> np.ndarray:
    """The upper body turned about the hips by degrees."""
    body = actor.standing()
    upper = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 20, 21, 22, 23, 24]
    height = body[upper, 1].copy()
    body[upper, 2] -= height * np.sin(np.radians(forwards))
    body[upper, 0] += height * np.sin(np.radians(sideways))
    body[upper, 1] = height * np.cos(np.radians(forwards)) * np.cos(np.radians(sideways))
    return body


def spread(actor: Actor) -> np.ndarray:
    body = actor.arm("right", (0.42, 0.45, 0), (0.65, 0.45, 0))
    left = actor.arm("left", (-0.42, 0.45, 0), (-0.65, 0.45, 0))
    body[[5, 6, 7, 21, 22]] = left[[5, 6, 7, 21, 22]]
    return body


POSES = {
    "squat": squatting,
    "bow": lambda actor: bent(actor, 50, 0),
    "lean_right": lambda actor: bent(actor, 0, 25),
    "lean_left": lambda actor: bent(actor, 0, -25),
    "t_pose": spread,
}


@pytest.mark.parametrize("name", POSES)
def test_a_pose_starts_once_is_held_and_ends(actor: Actor, name: str) -> None:
    events = [e for e in told(moved_to(actor, POSES[name](actor))) if e.name == name]
    phases = Counter(event.phase for event in events)
    assert (phases["started"], phases["ended"]) == (1, 1)
    assert phases["held"] > 15
    progress = [event.progress for event in events]
    assert progress[-1] == 0.0
    rising = progress[: progress.index(1.0)]
    assert rising == sorted(rising)
    assert len(rising) >= 3


@pytest.mark.parametrize("name", POSES)
def test_a_pose_is_told_whichever_way_somebody_faces(actor: Actor, name: str) -> None:
    turned = seen_from(moved_to(actor, POSES[name](actor)), 0.9, 1.2, (0.5, 0.2, 3.5))
    started = {event.name for event in told(turned) if event.phase == "started"}
    assert name in started
    assert not started & (set(POSES) - {name})


def test_who_stands_still_does_nothing(actor: Actor) -> None:
    trembling = actor.still(3.0) + np.random.default_rng(0).normal(0, 0.004, (90, 25, 3)).astype(np.float32)
    assert not [e for e in told(trembling) if e.phase in ("started", "detected")]


def test_a_small_bow_is_told_and_a_crouch_that_bends_forwards_is_none(actor: Actor) -> None:
    crouching = bent(actor, 50, 0)
    crouching[[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 20, 21, 22, 23, 24], 1] -= 0.2
    for pose, expected in ((bent(actor, 21, 0), ["bow"]), (bent(actor, 15, 0), []), (crouching, [])):
        assert [e.name for e in told(moved_to(actor, pose), "bow") if e.phase == "started"] == expected


def test_a_jump_and_a_step_are_told(actor: Actor) -> None:
    jump = actor.still(2.0)
    jump[30:45, :, 1] += 0.25 * np.sin(np.linspace(0, np.pi, 15))[:, None].astype(np.float32)
    assert [e.name for e in told(jump) if e.phase == "detected" and e.name in ("jump", "step")] == ["jump"]
    step = actor.still(2.0)
    step[30:42, 13:16, 1] += 0.2 * np.sin(np.linspace(0, np.pi, 12))[:, None].astype(np.float32)
    assert [e.name for e in told(step) if e.phase == "detected" and e.name in ("jump", "step")] == ["step"]


def test_standing_up_from_a_bow_and_slipping_upwards_are_no_jumps(actor: Actor) -> None:
    low = actor.standing()
    low[[j for j in Joint if "ANKLE" not in j.name and "FOOT" not in j.name], 1] -= 0.3
    stoop = np.concatenate([actor.still(1.0), np.repeat(low[None], 60, 0), actor.still(1.0)])
    slip = actor.still(3.0)
    slip[30:60, :, 1] += 0.15 * np.sin(np.linspace(0, np.pi / 2, 30))[:, None].astype(np.float32)
    slip[60:, :, 1] += 0.15
    assert not [e for positions in (stoop, slip) for e in told(positions, "jump") if e.phase == "detected"]


def test_progress_returns_to_zero_when_somebody_leaves(actor: Actor) -> None:
    recogniser = GestureRecogniser()
    half = np.linspace(actor.standing(), squatting(actor), 30).astype(np.float32)[:20]
    for frame in bodies_of(np.concatenate([actor.still(1.0), half]), 30.0):
        recogniser.update(frame)
    last = {event.name: event for event in recogniser.update(BodyFrame(2.0, 99))}
    assert (last["squat"].phase, last["squat"].progress) == ("progress", 0.0)
    assert recogniser.update(BodyFrame(2.1, 100)) == ()


def test_callbacks_hear_their_gesture_or_all(actor: Actor) -> None:
    recogniser, squats, everything = GestureRecogniser(), [], []
    recogniser.on("squat", squats.append)
    recogniser.on("*", everything.append)
    for frame in bodies_of(moved_to(actor, squatting(actor)), 30.0):
        recogniser.update(frame)
    assert {event.name for event in squats} == {"squat"}
    assert set(squats) <= set(everything)
    with pytest.raises(ValueError, match="no gesture is called sqat"):
        recogniser.on("sqat", print)


def test_only_the_gestures_that_were_asked_for_are_told(actor: Actor) -> None:
    assert {event.name for event in told(moved_to(actor, spread(actor)), "t_pose")} == {"t_pose"}
    with pytest.raises(ValueError, match="no gesture is called sqat; there are raise_left_hand"):
        GestureRecogniser(["sqat"])
    assert GestureRecogniser(()).names == ()
    assert len(set(BUILT_IN)) == len(BUILT_IN)


def test_scores_are_shares_even_of_a_body_that_no_one_could_be() -> None:
    memory = MovementMemory(shared_network())
    for look in np.random.default_rng(0).normal(0, 1e4, (30, WIDTH)):  # a warning would be an error here
        scores = memory.scores(look)
        assert np.isfinite(scores).all()
        assert ((scores >= 0) & (scores <= 1)).all()


def test_a_body_costs_half_a_millisecond_where_python_osc_takes_two(actor: Actor, cost: Callable[..., float]) -> None:
    recogniser = GestureRecogniser()
    frames = itertools.cycle(bodies_of(actor.waving(60.0), 30.0))
    for _ in range(30):
        recogniser.update(next(frames))
    assert cost(lambda: recogniser.update(next(frames))) < 0.5e-3 / 2e-3
