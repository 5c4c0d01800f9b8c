"""Who came and who left between two frames, told from the tracking ids alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.body import BodyFrame

People = dict[int, int]
"""The slot of each tracking id."""


@dataclass(frozen=True, slots=True)
class Presence:
    """What has changed.

    Attributes
    ----------
    entered, left : tuple of (int, int)
        Slot and tracking id of each person, by slot.
    away : tuple of (int, int)
        The same of those who are not in the frame, but have not left.
    """

    entered: tuple[tuple[int, int], ...] = ()
    left: tuple[tuple[int, int], ...] = ()
    away: tuple[tuple[int, int], ...] = ()

    @property
    def slots(self) -> dict[int, int]:
        """The slot of each tracking id that is not in the frame, but was lately."""
        return {who: slot for slot, who in (*self.left, *self.away)}


NOTHING = Presence()

ABSENCE = 0.5
"""Seconds without a body after which somebody has left: who passes behind somebody else has not."""


def people(frame: BodyFrame) -> People:
    """Everyone in ``frame``."""
    return {body.tracking_id: body.slot for body in frame.bodies}


def changes(before: People, after: People) -> Presence:
    """Who is in ``after`` but not in ``before``, and the other way round.

    >>> changes({7: 0}, {8: 0, 9: 1})
    Presence(entered=((0, 8), (1, 9)), left=((0, 7),))
    """
    if before == after:
        return NOTHING
    entered = sorted((slot, who) for who, slot in after.items() if before.get(who) != slot)
    left = sorted((slot, who) for who, slot in before.items() if after.get(who) != slot)
    return Presence(tuple(entered), tuple(left))


class PresenceTracker:
    """Remembers who was there, and when."""

    def __init__(self) -> None:
        self._people: People = {}
        self._seen: dict[int, float] = {}

    def update(self, frame: BodyFrame) -> Presence:
        """What ``frame`` changes.

        Who is not in it has left after `ABSENCE`, or at once where somebody else has the slot or time goes back; who
        has another slot than before has left and entered.
        """
        before, now = self._people, people(frame)
        away = {
            who: slot
            for who, slot in before.items()
            if who not in now and slot not in now.values() and 0.0 <= frame.time - self._seen[who] < ABSENCE
        }
        self._people = now | away
        self._seen = dict.fromkeys(now, frame.time) | {who: self._seen[who] for who in away}
        change = changes(before, self._people)
        return replace(change, away=tuple(sorted((slot, who) for who, slot in away.items()))) if away else change
