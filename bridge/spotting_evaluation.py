"""Judge the built-in gestures in streams of people on whom nothing was trained.

Movements are counted: each sequence that shows one is a chance to tell it, and every other one that is told is false,
unless some people do the action that way (`gestures.training.labels`). Poses are what the joints say, so a raised hand
while somebody waves or swims is no error; they count where a clip is named after them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from gestures.datasets import Motion, read_motions
from gestures.demonstrations import speeds
from gestures.event import GestureEvent
from gestures.recogniser import GestureRecogniser
from gestures.segments import smoothed
from gestures.skeleton import HAND_LENGTH, resampled
from gestures.spotting import MOVEMENTS
from gestures.stream import RATE, looks_at
from gestures.training.labels import Label, as_told, clip_action, held_out, label
from models.body import Body, BodyFrame, FloatArray
from models.joints import JOINT_PARENT, Joint, TrackingState

COUNTED = (*MOVEMENTS, "jump")
SPOTTED_IN = ("kinect/utd_mhad_skeletons.npz", "kinect/msr_action3d.npz", "kinect/kinder_gator_15fps.npz")
OTHERS = "kinect/kinder_gator_15fps.npz"
CLIPS = "mocap/bandai_namco_15fps.npz"
PAUSE = 1.0
"""Seconds from one sequence of a stream to the next, in which the body moves evenly."""

_POSES_BY_CLIP = {
    **{"raise-up-both-hands": "raise_both_hands", "raise-up-left-hand": "raise_left_hand"},
    **{"raise-up-right-hand": "raise_right_hand", "bow": "bow"},
}


@dataclass(slots=True)
class Tally:
    """What was told, against what was shown."""

    right: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    delays: list[float] = field(default_factory=list)

    def f1(self, name: str | None = None) -> float:
        """Of one gesture, or over all together."""
        right, missed, false = (
            counter[name] if name else sum(counter.values()) for counter in (self.right, self.missed, self.false)
        )
        return 2 * right / max(2 * right + missed + false, 1)

    def count(self, expected: str | None, allowed: Sequence[str], told: Sequence[str]) -> None:
        """One sequence: ``told`` once or more."""
        if expected is not None:
            (self.right if expected in told else self.missed)[expected] += 1
        self.false.update(name for name in told if name != expected and name not in allowed)

    def by_gesture(self) -> dict[str, float]:
        """F1 of each gesture that was shown."""
        return {name: self.f1(name) for name in sorted({*self.right, *self.missed})}


def evaluate_builtin(data: Path) -> dict[str, object]:
    """Motion capture of held-out styles: is each clip's gesture told, and no other?"""
    tally = Tally()
    clips = [m for m in read_motions(data / CLIPS) if held_out(CLIPS, m)]
    for motion in tqdm(clips, desc="built-in gestures", disable=None):
        shown, action = label(CLIPS, motion), clip_action(motion.action)[0]
        expected = shown.movement or _POSES_BY_CLIP.get(action)
        told = {event.name for event in told_of(bodies_of(motion.positions, motion.rate))}
        counted = told & {*COUNTED, *_POSES_BY_CLIP.values()}
        allowed = {*shown.maybe, *_raised_with(expected)}
        tally.count(expected, tuple(allowed), tuple(counted))
    return {"f1": tally.f1(), "by_gesture": tally.by_gesture(), "clips": len(clips), "false": sum(tally.false.values())}


def evaluate_spotting(data: Path) -> dict[str, object]:
    """Streams of held-out people in which some sequences show a movement, and streams in which none does.

    ``f1`` counts the movements that people made, as their joints say, ``f1_as_told`` those that they were told to make,
    and ``f1_undisputed`` the sequences in which these are the same.
    """
    done, told, undisputed = Tally(), Tally(), Tally()
    others, minutes = Counter[str](), 0.0
    for file in SPOTTED_IN:
        people = [m for m in read_motions(data / file) if held_out(file, m)]
        for subject in tqdm(sorted({m.subject for m in people}), desc=Path(file).stem, disable=None):
            mine = [m for m in people if m.subject == subject]
            for events, motion in _streamed([m for m in mine if as_told(file, m).movement]):
                wanted, shown, end = as_told(file, motion), label(file, motion), movement_end(motion)
                _count(told, wanted, events, end)
                _count(done, shown, events, end)
                if shown.movement == wanted.movement:
                    _count(undisputed, shown, events, end)
            if file == OTHERS:
                none = [m for m in mine if as_told(file, m) == Label(None, ())]
                for events, motion in _streamed(none):
                    others.update(e.name for e in events if e.name in COUNTED)
                    minutes += len(motion.positions) / motion.rate / 60
    delays = sorted(done.delays)
    return {
        "f1": done.f1(),
        "by_gesture": done.by_gesture(),
        "f1_as_told": told.f1(),
        "f1_undisputed": undisputed.f1(),
        "false_per_minute": sum(others.values()) / max(minutes, 1e-9),
        "false_by_gesture_per_minute": {name: count / max(minutes, 1e-9) for name, count in others.items()},
        "minutes": minutes,
        "delay_p50_ms": 1000 * delays[len(delays) // 2] if delays else None,
        "delay_p95_ms": 1000 * delays[int(0.95 * len(delays))] if delays else None,
    }


def _count(tally: Tally, shown: Label, events: Sequence[GestureEvent], end: float) -> None:
    """Add the ``events`` of a sequence to ``tally``, when ``shown`` is to be seen in it until ``end``, in seconds."""
    tally.count(shown.movement, shown.maybe, tuple({event.name for event in events if event.name in COUNTED}))
    first = next((event for event in events if event.name == shown.movement), None)
    if first is not None:
        tally.delays.append(max(first.time - end, 0.0))


def movement_end(motion: Motion) -> float:
    """Seconds from the start of a sequence to where its last joint comes to rest."""
    moving = np.flatnonzero(smoothed(speeds(looks_at(motion.positions, motion.rate)), 1.0) > 0.9)
    return float(moving[-1] + 1) / RATE if len(moving) else len(motion.positions) / motion.rate


def _streamed(motions: Sequence[Motion]) -> Iterator[tuple[list[GestureEvent], Motion]]:
    """The discrete events of each of ``motions``, made one after the other by one body; times count from its start.

    What is told in the first half of the pause after a sequence belongs to it.
    """
    recogniser, start, last = GestureRecogniser(), 0.0, None
    late: list[GestureEvent] = []
    before: Motion | None = None
    for motion in motions:
        if before is not None and last is not None:
            gap = resampled(np.stack([last, motion.positions[0]]).astype(np.float64), round(PAUSE * motion.rate))
            told = told_of(bodies_of(gap.astype(np.float32), motion.rate, start), recogniser)
            length = len(before.positions) / before.rate
            late += [_at(e, e.time - start + length) for e in told if e.time < start + PAUSE / 2]
            yield late, before
            start += len(gap) / motion.rate
        events = told_of(bodies_of(motion.positions, motion.rate, start), recogniser)
        late, before, last = [_at(e, e.time - start) for e in events], motion, motion.positions[-1]
        start += len(motion.positions) / motion.rate
    if before is not None:
        yield late, before


def _at(event: GestureEvent, time: float) -> GestureEvent:
    return GestureEvent(event.name, event.tracking_id, time, event.phase, event.progress, event.confidence)


def told_of(frames: Iterator[BodyFrame], recogniser: GestureRecogniser | None = None) -> list[GestureEvent]:
    """What was detected or started."""
    recogniser = recogniser or GestureRecogniser()
    return [e for frame in frames for e in recogniser.update(frame) if e.phase in ("detected", "started")]


def bodies_of(positions: FloatArray, rate: float, start: float = 0.0) -> Iterator[BodyFrame]:
    """A sequence (T, 25, 3) as a stream; hands it lacks lie beyond the wrists, other joints at their parents."""
    filled = positions.copy()
    for side in ("LEFT", "RIGHT"):
        hand, wrist, elbow = (positions[:, Joint[f"{part}_{side}"]] for part in ("HAND", "WRIST", "ELBOW"))
        filled[:, Joint[f"HAND_{side}"]] = np.where(np.isfinite(hand), hand, wrist + HAND_LENGTH * (wrist - elbow))
    for joint in Joint:
        gone = ~np.isfinite(filled[:, joint]).all(axis=1)
        parent = JOINT_PARENT.get(joint)
        if parent is not None and gone.any():
            filled[gone, joint] = filled[gone, parent]
    states = np.full(len(Joint), TrackingState.TRACKED, np.uint8)
    turns = np.zeros((len(Joint), 4), np.float32)
    for number, one in enumerate(np.nan_to_num(filled)):
        yield BodyFrame(start + number / rate, number, (Body(1, 0, one, turns, states),))


def _raised_with(expected: str | None) -> tuple[str, ...]:
    """Hands that are up while ``expected`` is shown."""
    raised = ("raise_left_hand", "raise_right_hand", "raise_both_hands")
    return raised if expected in ("wave", "raise_both_hands") else ()
