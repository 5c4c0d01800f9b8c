"""Who came and who left between two frames, told from the tracking ids alone."""

from __future__ import annotations

from dataclasses import dataclass

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
    """

    entered: tuple[tuple[int, int], ...] = ()
    left: tuple[tuple[int, int], ...] = ()


NOTHING = Presence()


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
    """Remembers who was there."""

    def __init__(self) -> None:
        self._people: People = {}

    def update(self, frame: BodyFrame) -> Presence:
        """What ``frame`` changes; who has another slot than before has left and entered."""
        before, self._people = self._people, people(frame)
        return changes(before, self._people)
