"""Gestures and hands press what the profile says, when it says so, and nothing stays down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from bridge.macros.commands import Command, Move, Point, Press, Release, Tilt, decode, encode
from bridge.macros.engine import MacroEngine
from bridge.macros.macro import Macro, Profile
from bridge.macros.signals import SIGNALS, measure
from gestures.event import GestureEvent, Phase
from models.body import Body, BodyFrame, Hand
from models.joints import HandState, Joint, TrackingState

JUMP = Macro("hold", ("space",), gesture="jump")


def person(
    slot: int = 0, tracking_id: int = 7, hand: tuple[float, float, float] = (0.2, -0.5, 0.0), **more: object
) -> Body:
    """Somebody with a trunk of half a metre, and the right hand so many metres from its shoulder."""
    positions = np.zeros((25, 3), np.float32)
    positions[:, 2] = 2
    positions[Joint.SPINE_SHOULDER, 1] = 0.5
    positions[[Joint.SHOULDER_LEFT, Joint.SHOULDER_RIGHT]] = (-0.2, 0.5, 2.0), (0.2, 0.5, 2.0)
    positions[Joint.HAND_LEFT] = (-0.3, 0.0, 2.0)
    positions[Joint.HAND_RIGHT] = positions[Joint.SHOULDER_RIGHT] + np.float32(hand)
    orientations = np.zeros((25, 4), np.float32)
    states = np.full(25, TrackingState.TRACKED, np.uint8)
    return replace(Body(tracking_id, slot, positions, orientations, states), **more)  # type: ignore[arg-type]


def event(phase: Phase, name: str = "jump", tracking_id: int = 7, progress: float = 1.0) -> GestureEvent:
    return GestureEvent(name, tracking_id, 0.0, phase, progress)


class Play:
    """An engine with somebody in front of it; keeps what is down."""

    def __init__(self, *macros: Macro, armed: bool = True, **more: object) -> None:
        self.engine = MacroEngine(Profile(macros, **more), armed)  # type: ignore[arg-type]
        self.down: set[str] = set()
        self.time = 10.0

    def __call__(
        self, *events: GestureEvent, wait: float = 1 / 30, bodies: Sequence[Body] | None = (person(),)
    ) -> list[str]:
        self.time += wait
        frame = None if bodies is None else BodyFrame(self.time, 0, tuple(bodies))
        return self.note(self.engine.update(frame, events, self.time))

    def note(self, commands: list[Command]) -> list[str]:
        for command in commands:
            if isinstance(command, Press):
                assert command.key not in self.down
                self.down.add(command.key)
            elif isinstance(command, Release):
                self.down.remove(command.key)
        return [encode(command) for command in commands]


def test_a_pose_holds_its_key_until_it_ends() -> None:
    play = Play(JUMP)
    assert play() == []
    assert play(event("started")) == ["press space"]
    assert play(event("held")) == []
    assert play() == []
    assert play(event("ended")) == ["release space"]


def test_nothing_is_pressed_until_armed_and_only_what_starts_afterwards() -> None:
    play = Play(JUMP, armed=False)
    assert play(event("started")) == []
    play.engine.arm()
    assert play(event("held")) == []
    play(event("ended"))
    assert play(event("started")) == ["press space"]


def test_a_gesture_may_arm_and_another_one_releases_everything() -> None:
    play = Play(JUMP, armed=False, arm_gesture="clap", panic_gesture="t_pose")
    play(event("started", "clap"))
    assert play.engine.armed
    play(event("started"))
    assert play(event("started", "t_pose")) == ["release space"]
    assert not play.engine.armed
    assert play(event("ended"), event("started")) == []


def test_a_tap_is_short_and_has_its_cooldown() -> None:
    play = Play(replace(JUMP, do="tap", duration=0.05, cooldown=1.0))
    assert play(event("detected")) == ["press space"]
    assert play(wait=0.04) == []
    assert play(wait=0.02) == ["release space"]
    assert play(event("detected"), wait=0.5) == []
    assert play(event("detected"), wait=0.5) == ["press space"]


def test_taps_end_without_new_frames_too() -> None:
    play = Play(replace(JUMP, do="tap", duration=0.05))
    play(event("detected"))
    assert play(wait=0.06, bodies=None) == ["release space"]


def test_a_chord_goes_down_in_order_and_up_the_other_way() -> None:
    play = Play(Macro("chord", ("ctrl", "shift", "t"), gesture="jump"))
    assert play(event("detected")) == ["press ctrl", "press shift", "press t"]
    assert play(wait=0.1) == ["release t", "release shift", "release ctrl"]


def test_a_toggle_stays_until_the_next_time() -> None:
    play = Play(replace(JUMP, do="toggle"))
    assert play(event("started")) == ["press space"]
    assert play(event("ended")) == []
    assert play(event("started")) == ["release space"]
    play(event("ended"))
    assert play(event("detected")) == ["press space"]


def test_a_repetition_goes_on_while_the_pose_is_held() -> None:
    play = Play(replace(JUMP, do="repeat", interval=0.2, duration=0.05))
    presses = play(event("started"))
    for _ in range(30):
        presses += play(event("held"))
    presses += play(event("ended"))
    assert presses.count("press space") == 6
    assert play.down == set() or play(wait=0.1) == ["release space"]


def test_a_dwell_wants_the_pose_for_a_while() -> None:
    play = Play(replace(JUMP, dwell=0.3))
    assert play(event("started")) == []
    assert play(event("held"), wait=0.2) == []
    assert play(event("held"), wait=0.11) == ["press space"]
    play(event("ended"))
    play(event("started"))
    assert play(event("ended"), wait=0.2) == []
    assert play(event("started"), wait=0.2) == []


def test_two_thresholds_keep_a_trembling_value_quiet() -> None:
    play = Play(replace(JUMP, enter=0.8, exit=0.5))
    told = [play(event("progress", progress=p)) for p in (0.5, 0.79, 0.81, 0.79, 0.6, 0.81, 0.51, 0.49, 0.6)]
    assert told == [[], [], ["press space"], [], [], [], [], ["release space"], []]


def test_a_hand_presses_with_its_height_in_lengths_of_the_trunk() -> None:
    play = Play(Macro("hold", ("up",), signal="hand_right.y", enter=0.6, exit=0.4))
    heights = (0.0, 0.29, 0.31, 0.25, 0.19)
    told = [play(bodies=[person(hand=(0.0, height, 0.0))]) for height in heights]
    assert told == [[], [], ["press up"], [], ["release up"]]


def test_a_macro_may_start_below_its_threshold() -> None:
    play = Play(Macro("hold", ("left",), signal="lean.x", enter=-0.3, exit=-0.1))
    told = [play(bodies=[person(lean=np.float32([x, 0]))]) for x in (0.0, -0.2, -0.35, -0.2, -0.05)]
    assert told == [[], [], ["press left"], [], ["release left"]]


def test_a_closed_hand_presses_and_an_unknown_one_changes_nothing_for_a_while() -> None:
    play = Play(Macro("hold", ("mouse.left",), signal="hand_right.closed", enter=0.5, exit=0.5), timeout=0.3)
    closed, unknown = (person(hand_right=Hand(state)) for state in (HandState.CLOSED, HandState.UNKNOWN))
    assert play(bodies=[closed]) == ["press mouse.left"]
    assert play(bodies=[unknown], wait=0.2) == []
    assert play(bodies=[closed], wait=0.2) == []
    assert play(bodies=[unknown], wait=0.31) == ["release mouse.left"]


@pytest.mark.parametrize("do", ["hold", "toggle", "tap", "repeat"])
@pytest.mark.parametrize("frames", [True, False], ids=["somebody left", "no frames"])
def test_lost_tracking_releases_everything(do: str, frames: bool) -> None:
    play = Play(replace(JUMP, do=do, duration=9.0), timeout=0.3)
    play(event("started"))
    assert play.down == {"space"}
    nobody: list[Body] | None = [] if frames else None
    assert play(wait=0.2, bodies=nobody) == []
    assert play(wait=0.2, bodies=nobody) == ["release space"]
    assert play(wait=0.2) == []


def test_each_player_has_macros_of_its_own() -> None:
    play = Play(Macro("hold", ("a",), gesture="jump", player=1), Macro("hold", ("b",), gesture="jump", player=2))
    both = [person(0, 7), person(1, 8)]
    play(bodies=both)
    assert play(event("started", tracking_id=8), bodies=both) == ["press b"]
    assert play(event("started", tracking_id=7), bodies=both) == ["press a"]
    assert play(bodies=both[1:], wait=0.4) == ["release a"]


def test_a_key_that_two_players_hold_is_released_with_the_second() -> None:
    play = Play(JUMP)
    both = [person(0, 7), person(1, 8)]
    play(bodies=both)
    assert play(event("started", tracking_id=7), bodies=both) == ["press space"]
    assert play(event("started", tracking_id=8), bodies=both) == []
    assert play(event("ended", tracking_id=7), bodies=both) == []
    assert play(event("ended", tracking_id=8), bodies=both) == ["release space"]


def test_the_mouse_points_where_the_hand_does() -> None:
    macro = Macro("mouse", signal="hand_right.y", enter=-0.6, exit=-0.75, area=(-1, 1, 1, -1), smoothing=0.0)
    play = Play(macro)
    assert play(bodies=[person(hand=(0.0, -0.5, 0.0))]) == []  # it hangs down
    assert play(bodies=[person(hand=(0.25, 0.0, 0.0))]) == ["point 0.75000 0.50000"]
    assert play(bodies=[person(hand=(0.0, 0.25, 0.0))]) == ["point 0.50000 0.25000"]
    assert play(bodies=[person(hand=(2.0, 2.0, 0.0))]) == ["point 1.00000 0.00000"]


def test_the_mouse_may_move_as_the_hand_does_without_losing_a_pixel() -> None:
    macro = Macro("mouse", signal="hand_right.y", enter=-0.6, exit=-0.7, relative=True, speed=101, smoothing=0.0)
    play = Play(macro)
    moves = [decode(line) for step in range(51) for line in play(bodies=[person(hand=(step / 100, 0.0, 0.0))])]
    assert sum(move.x for move in moves if isinstance(move, Move)) == pytest.approx(101, abs=1)


def test_a_smoothed_mouse_arrives_at_the_hand() -> None:
    macro = Macro("mouse", signal="hand_right.y", enter=-9, exit=-10, area=(-1, 1, 1, -1), smoothing=0.1)
    play = Play(macro)
    play(bodies=[person(hand=(0.0, 0.0, 0.0))])
    points = [decode(play(bodies=[person(hand=(0.5, 0.0, 0.0))])[0]) for _ in range(30)]
    across = [point.x for point in points if isinstance(point, Point)]
    assert 0.5 < across[0] < 0.7
    assert across == sorted(across)
    assert across[-1] == pytest.approx(1.0, abs=0.01)


def test_a_stick_follows_and_goes_back_to_the_middle() -> None:
    play = Play(Macro("axis", axis="left_x", signal="lean.x", low=-0.5, high=0.5))
    assert play(bodies=[person(lean=np.float32([0.25, 0]))]) == ["tilt left_x 0.5000"]
    assert play(bodies=[person(lean=np.float32([0.251, 0]))]) == []
    assert play(bodies=[], wait=1.0) == ["tilt left_x 0.0000"]


def test_every_signal_can_be_measured() -> None:
    body = person(hand_left=Hand(HandState.OPEN), hand_right=Hand(HandState.LASSO))
    assert not [signal for signal in SIGNALS if measure(body, signal) is None]
    lost = replace(body, tracking_states=np.zeros(25, np.uint8))
    assert {signal.partition(".")[0] for signal in SIGNALS if measure(lost, signal) is not None} <= {
        "lean",
        "hand_left",
        "hand_right",
    }
    assert measure(lost, "hand_right.y") is None


def test_whatever_happens_nothing_is_down_after_disarming(random_frame: Callable[..., BodyFrame]) -> None:
    rng = np.random.default_rng(5)
    macros = [
        Macro(do, (key,), gesture=gesture, cooldown=float(rng.choice([0, 0.2])), dwell=float(rng.choice([0, 0.1])))
        for do, key in zip(("hold", "tap", "toggle", "repeat", "hold", "toggle"), "abcabd", strict=True)
        for gesture in ("jump", "clap")
    ]
    play = Play(*macros)
    for _ in range(3000):
        bodies = [person(slot, 7 + slot) for slot in range(3) if rng.random() < 0.7]
        phases: list[Phase] = ["started", "held", "ended", "detected", "progress"]
        events = [
            event(phases[rng.integers(5)], ("jump", "clap")[rng.integers(2)], int(rng.integers(7, 10)), rng.random())
            for _ in range(rng.integers(3))
        ]
        play(*events, wait=float(rng.exponential(0.05)), bodies=bodies if rng.random() < 0.8 else None)
        if rng.random() < 0.02:
            play.note(play.engine.disarm())
            assert play.down == set()
            play.engine.arm()
    play.note(play.engine.disarm())
    assert play.down == set()


@pytest.mark.parametrize(
    "command", [Press("a"), Release("mouse.left"), Point(0.25, 1.0), Move(-3, 4), Tilt("l2", -0.5)]
)
def test_commands_survive_their_line(command: Command) -> None:
    assert decode(encode(command)) == command


@pytest.mark.parametrize("line", ["", "press", "press a b", "point 1", "point nan 0", "move 1.5 2", "shout a"])
def test_other_lines_are_no_commands(line: str) -> None:
    with pytest.raises(ValueError, match=r"not a|invalid"):
        decode(line)
