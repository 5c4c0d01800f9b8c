"""From bodies and gestures to keys: remembers who does what, and what is held down for it.

Nothing leaves the engine until it is armed. Times are seconds on the clock of whoever calls it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bridge.macros.commands import Command, Press, Release
from bridge.macros.hands import Pointer, Stick
from bridge.macros.macro import Macro, Profile
from bridge.macros.signals import measure
from bridge.macros.triggers import Trigger
from gestures.event import GestureEvent
from models.body import Body, BodyFrame


class _Held:
    """What is down, and for whom: a key that two macros hold is let go of with the second."""

    def __init__(self) -> None:
        self._owners: dict[str, set[int]] = {}

    def press(self, keys: Iterable[str], owner: int) -> list[Command]:
        commands: list[Command] = []
        for key in keys:
            if key not in self._owners:
                commands.append(Press(key))
            self._owners.setdefault(key, set()).add(owner)
        return commands

    def release(self, keys: Iterable[str], owner: int) -> list[Command]:
        commands: list[Command] = []
        for key in reversed(tuple(keys)):
            owners = self._owners.get(key, set())
            owners.discard(owner)
            if not owners and self._owners.pop(key, None) is not None:
                commands.append(Release(key))
        return commands

    def release_all(self) -> list[Command]:
        commands: list[Command] = [Release(key) for key in reversed(self._owners)]
        self._owners.clear()
        return commands


class _Deed:
    """One macro of one person."""

    def __init__(self, macro: Macro, held: _Held, patience: float) -> None:
        self.macro = macro
        self.trigger = Trigger(macro, patience)
        self._held = held
        self._release_at: float | None = None
        self._repeat_at: float | None = None
        self._on = False  # of a toggle
        self._pointer = Pointer(macro) if macro.do == "mouse" else None
        self._stick = Stick(macro) if macro.do == "axis" else None

    def start(self, now: float) -> list[Command]:
        match self.macro.do:
            case "hold":
                return self._press()
            case "toggle":
                self._on = not self._on
                return self._press() if self._on else self._release()
            case "tap" | "chord" | "repeat":
                self._repeat_at = now + self.macro.interval if self.macro.do == "repeat" else None
                return self._tap(now)
        return []

    def end(self) -> list[Command]:
        self._repeat_at = None
        if self._pointer is not None:
            self._pointer.rest()
        if self._stick is not None:
            return self._stick.rest()
        return self._release() if self.macro.do == "hold" else []

    def pulse(self, now: float) -> list[Command]:
        """A movement was detected: it starts and ends at once, and what it would hold, it taps."""
        if self.macro.do == "toggle":
            return self.start(now)
        return self._tap(now) if self.macro.keys else []

    def go_on(self, body: Body, now: float) -> list[Command]:
        """Follow a new frame while the macro is active."""
        if self._pointer is not None:
            return self._pointer.follow(body, now)
        return self._stick.follow(body) if self._stick is not None else []

    def tick(self, now: float) -> list[Command]:
        """What the passing of time asks for."""
        commands: list[Command] = []
        if self._release_at is not None and now >= self._release_at:
            self._release_at = None
            commands += self._release()
        if self._repeat_at is not None and now >= self._repeat_at:
            self._repeat_at = max(self._repeat_at + self.macro.interval, now)
            commands += self._tap(now)
        return commands

    def forget(self) -> list[Command]:
        """Let go of everything."""
        self._on, self._release_at = False, None
        return [*self.end(), *self._release()]

    def _tap(self, now: float) -> list[Command]:
        self._release_at = now + self.macro.duration
        return self._press()

    def _press(self) -> list[Command]:
        return self._held.press(self.macro.keys, id(self))

    def _release(self) -> list[Command]:
        return self._held.release(self.macro.keys, id(self))


@dataclass(slots=True, eq=False)
class _Person:
    body: Body
    seen: float
    deeds: tuple[_Deed, ...]
    gestures: dict[str, tuple[bool, float]] = field(default_factory=dict)  # name: (going on, progress)


class MacroEngine:
    """Turns frames and gesture events into commands.

    Parameters
    ----------
    profile : Profile
    armed : bool
        Whether to press keys from the start.
    """

    def __init__(self, profile: Profile, armed: bool = False) -> None:
        self.armed = armed
        self._profile = profile
        self._people: dict[int, _Person] = {}
        self._held = _Held()

    def update(self, frame: BodyFrame | None, events: Iterable[GestureEvent], now: float) -> list[Command]:
        """The commands that this moment brings; to be called often, with what has come since the last time.

        Parameters
        ----------
        frame : BodyFrame, optional
            None where no new one has come.
        events : iterable of GestureEvent
        now : float
            Seconds.
        """
        commands: list[Command] = []
        for body in frame.bodies if frame is not None else ():
            commands += self._see(body, now)
        for event in events:
            commands += self._hear(event, now)
        for tracking_id in [i for i, person in self._people.items() if now - person.seen > self._profile.timeout]:
            commands += self._forget(tracking_id)
        for person in self._people.values():
            commands += self._perform(person, now, frame is not None and person.seen == now)
        return commands

    def arm(self) -> None:
        """Press keys from now on, for what starts from now on."""
        self.armed = True

    def disarm(self) -> list[Command]:
        """Press nothing any more; the commands that release what is down."""
        self.armed = False
        commands = [command for person in self._people.values() for deed in person.deeds for command in deed.forget()]
        return commands + self._held.release_all()

    def _see(self, body: Body, now: float) -> list[Command]:
        person = self._people.get(body.tracking_id)
        if person is not None and person.body.slot == body.slot:
            person.body, person.seen = body, now
            return []
        commands = self._forget(body.tracking_id)
        macros = [macro for macro in self._profile.macros if macro.player in (0, body.slot + 1)]
        deeds = tuple(_Deed(macro, self._held, self._profile.timeout) for macro in macros)
        self._people[body.tracking_id] = _Person(body, now, deeds)
        return commands

    def _hear(self, event: GestureEvent, now: float) -> list[Command]:
        if event.phase in ("started", "detected"):
            if event.name == self._profile.panic_gesture:
                return self.disarm()
            if event.name == self._profile.arm_gesture:
                self.arm()
        person = self._people.get(event.tracking_id)
        if person is None:
            return []
        if event.phase == "detected":
            return self._pulse(person, event.name, now)
        going_on = person.gestures.get(event.name, (False, 0.0))[0]
        if event.phase != "progress":
            going_on = event.phase != "ended"
        person.gestures[event.name] = going_on, event.progress
        return []

    def _pulse(self, person: _Person, gesture: str, now: float) -> list[Command]:
        deeds = [deed for deed in person.deeds if deed.macro.gesture == gesture]
        starting = [deed for deed in deeds if deed.trigger.pulse(now)]
        return [command for deed in starting if self.armed for command in deed.pulse(now)]

    def _perform(self, person: _Person, now: float, fresh: bool) -> list[Command]:
        commands: list[Command] = []
        for deed in person.deeds:
            turn = deed.trigger.update(_value(deed.macro, person), now)
            if not self.armed:
                continue
            if turn == "enter":
                commands += deed.start(now)
            elif turn == "leave":
                commands += deed.end()
            if deed.trigger.active and fresh:
                commands += deed.go_on(person.body, now)
            commands += deed.tick(now)
        return commands

    def _forget(self, tracking_id: int) -> list[Command]:
        person = self._people.pop(tracking_id, None)
        return [] if person is None else [command for deed in person.deeds for command in deed.forget()]


def _value(macro: Macro, person: _Person) -> float | None:
    if macro.do == "axis":
        return 1.0
    if macro.signal:
        return measure(person.body, macro.signal)
    going_on, progress = person.gestures.get(macro.gesture, (False, 0.0))
    return float(going_on) if macro.enter is None else progress
