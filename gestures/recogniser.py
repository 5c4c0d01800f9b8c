"""Every gesture of everyone in view: poses, movements, and what users have taught.

    recogniser = GestureRecogniser()
    recogniser.on("wave", lambda event: print(event.tracking_id, "waves"))
    for frame in frames:
        events = recogniser.update(frame)

Poses start, are held in every frame, and end. Movements are detected once, when they are complete enough to be sure.
For both, events with the phase ``progress`` tell how far they have come while they are under way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

import numpy as np

from gestures.event import GestureEvent, Phase
from gestures.footwork import Footwork
from gestures.movements import MovementMemory, MovementNetwork
from gestures.poses import DWELL, POSES, poses
from gestures.raised_hands import RaisedHands, Reach
from gestures.spotting import FOOTWORK, MOVEMENTS, Spotter
from gestures.standing import Standing
from gestures.stream import BodyStream
from gestures.taught import Taught, TaughtSpotter
from models.body import Body, BodyFrame
from models.joints import TrackingState

BUILT_IN = (*POSES, *MOVEMENTS, *FOOTWORK)
"""Names of the gestures that need no teaching."""

RELEASE = 0.85
"""Progress below which a pose ends; it starts at 1."""

STEP = 0.02
"""By how much progress changes before it is told again."""

Callback = Callable[[GestureEvent], object]


class GestureRecogniser:
    """Follows the gestures of everyone in view.

    Parameters
    ----------
    names : iterable of str, optional
        Only these gestures; by default all that are built in and taught.
    taught : sequence of Taught
        What `gestures.taught.load_taught` read.

    Raises
    ------
    ValueError
        If there is no such gesture; it says which there are.
    """

    def __init__(self, names: Iterable[str] | None = None, taught: Sequence[Taught] = ()) -> None:
        known = [*BUILT_IN, *(gesture.name for gesture in taught)]
        self.names = tuple(known) if names is None else tuple(names)
        unknown = sorted(set(self.names) - set(known))
        if unknown:
            raise ValueError(f"no gesture is called {', '.join(unknown)}; there are {', '.join(known)}")
        self._taught = [gesture for gesture in taught if gesture.name in self.names]
        self._wanted = frozenset(self.names)
        self._people: dict[int, _Person] = {}
        self._callbacks: dict[str, list[Callback]] = {}

    def on(self, name: str, callback: Callback) -> None:
        """Have ``callback`` called with every event of the gesture ``name``, or of all where it is ``*``."""
        if name != "*" and name not in self._wanted:
            raise ValueError(f"no gesture is called {name}; there are {', '.join(self.names)}")
        self._callbacks.setdefault(name, []).append(callback)

    def update(self, frame: BodyFrame) -> tuple[GestureEvent, ...]:
        """The events that ``frame`` brings, after the callbacks have had them."""
        events: list[GestureEvent] = []
        present: dict[int, _Person] = {}
        for body in frame.bodies:
            person = self._people.get(body.tracking_id) or _Person(self._wanted, self._taught)
            present[body.tracking_id] = person
            events.extend(person.update(body, frame.time))
        for tracking_id in self._people.keys() - present.keys():
            events.extend(self._people[tracking_id].left(tracking_id, frame.time))
        self._people = present
        for event in events:
            for callback in (*self._callbacks.get(event.name, ()), *self._callbacks.get("*", ())):
                callback(event)
        return tuple(events)


class _Person:
    """The gestures of one person."""

    def __init__(self, wanted: frozenset[str], taught: Sequence[Taught]) -> None:
        self._wanted = wanted
        self._standing, self._hands = Standing(), RaisedHands()
        self._stream = BodyStream()
        self._footwork = Footwork() if wanted & set(FOOTWORK) else None
        moves = wanted & set(MOVEMENTS)
        self._spotter = Spotter(MovementMemory(shared_network()), shared_network().names, moves) if moves else None
        self._taught = [TaughtSpotter(gesture) for gesture in taught]
        self._active: set[str] = set()
        self._since: dict[str, float] = {}  # when a pose was reached that has not started yet
        self._told: dict[str, float] = {}  # progress that was told last, where it is not 0

    def update(self, body: Body, time: float) -> list[GestureEvent]:
        """The events of this person."""
        found = poses(body, time, self._standing, self._hands)
        reached = {name: reach for name, reach in found.items() if name in self._wanted}
        positions = np.where(body.tracking_states[:, None] == TrackingState.NOT_TRACKED, np.nan, body.positions)
        levels: dict[str, tuple[float, float]] = {}  # progress and confidence of movements
        happened: dict[str, float] = {}
        if self._footwork is not None and np.isfinite(positions).all():
            progress, done = self._footwork.update(body.positions.tolist(), time)
            levels.update({name: (value, 1.0) for name, value in progress.items()})
            happened.update(dict.fromkeys(done, 1.0))
        for moment, look in self._stream.looks(positions, time):
            if self._spotter is not None:
                scores, done_now = self._spotter.update(look, moment)
                levels.update({name: (value, value) for name, value in scores.items()})
                happened.update(done_now)
            for spotter in self._taught:
                pose, level, confidence = spotter.update(look, moment)
                if spotter.gesture.is_pose:
                    reached[spotter.gesture.name] = Reach(level, TrackingState.TRACKED)
                else:
                    levels[spotter.gesture.name] = (level, confidence)
                    if pose:
                        happened[spotter.gesture.name] = confidence
        for spotter in self._taught:
            if spotter.gesture.is_pose and spotter.gesture.name not in reached:
                reached[spotter.gesture.name] = Reach(spotter.level, TrackingState.TRACKED)
        events = [event for name, reach in reached.items() for event in self._pose(name, reach, body, time)]
        for name, confidence in happened.items():
            if name in self._wanted:
                events.append(GestureEvent(name, body.tracking_id, time, "detected", 1.0, confidence))
        for name, (value, confidence) in levels.items():
            if name in self._wanted:
                events.extend(self._progress(name, value, confidence, body.tracking_id, time))
        return events

    def left(self, tracking_id: int, time: float) -> list[GestureEvent]:
        """The last events of somebody who is gone."""
        events = [GestureEvent(name, tracking_id, time, "ended", 0.0, 0.0) for name in sorted(self._active)]
        under_way = sorted(self._told.keys() - self._active)
        return events + [GestureEvent(name, tracking_id, time, "progress", 0.0, 0.0) for name in under_way]

    def _pose(self, name: str, now: Reach, body: Body, time: float) -> list[GestureEvent]:
        phase: Phase
        confidence = now.state / TrackingState.TRACKED
        if name in self._active:
            phase = "held" if now.progress >= RELEASE else "ended"
            if phase == "ended":
                self._active.discard(name)
                self._told[name] = now.progress
            return [GestureEvent(name, body.tracking_id, time, phase, now.progress, confidence)]
        if now.progress >= 1.0 and now.state is TrackingState.TRACKED:
            since = self._since.setdefault(name, time)
            if time - since >= DWELL.get(name, 0.0) - 1e-6:
                del self._since[name]
                self._active.add(name)
                self._told.pop(name, None)
                return [GestureEvent(name, body.tracking_id, time, "started", now.progress, confidence)]
        else:
            self._since.pop(name, None)
        return self._progress(name, now.progress, confidence, body.tracking_id, time)

    def _progress(self, name: str, value: float, confidence: float, who: int, time: float) -> list[GestureEvent]:
        told = self._told.get(name, 0.0)
        if abs(value - told) < STEP and not (value == 0.0 < told):
            return []
        if value < STEP:
            value = 0.0
        if value == told:
            return []
        if value:
            self._told[name] = value
        else:
            self._told.pop(name, None)
        return [GestureEvent(name, who, time, "progress", value, confidence if math.isfinite(confidence) else 0.0)]


@cache
def shared_network() -> MovementNetwork:
    """The shipped movement network, loaded once."""
    return MovementNetwork()


def built_in_kinds() -> Mapping[str, str]:
    """For each built-in gesture, whether it is a ``pose`` or a ``movement``."""
    return {name: "pose" if name in POSES else "movement" for name in BUILT_IN}
