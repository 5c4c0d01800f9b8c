"""Whoever is followed as somebody else, as looks say after a while.

Where people cover each other one may be taken for another, and once they are apart their places say nothing against it.
But whose looks are clearly those of somebody else, in a few pictures in a row, is that one. So is whoever got a new id
while somebody else was followed as them, or while they were lost. Times are in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bridge.memory import CLEARLY, OTHER, SAME, unlikeness, within_reach
from bridge.slots import returned, with_free_slot
from bridge.track import Track
from models.body import FloatArray

_PICTURES = 3  # in a row; in eight scenes of six people, one who was rightly known looked so in three, others in less
_SOON = 5.0  # within so many seconds it turns out that somebody is not new
_SPEED = 2.0  # of `bridge.memory.within_reach`: some walk faster than most, and looks are clear
_MISSED = 0.1  # for how long it is said that somebody was not seen who was taken for another one


def compared(
    tracks: Sequence[Track], unlike: FloatArray, matches: Mapping[int, int], time: float, focal: float
) -> list[Track]:
    """``tracks``, and of those that were found, as whom they look if not as themselves.

    Parameters
    ----------
    tracks : sequence of Track
    unlike : (n, m) float32 array
        How differently each of them and each pose look.
    matches : mapping of int to int
        Which of the tracks is which pose.
    time : float
    focal : float
        The camera's, in pixels.
    """
    known = [i for i, track in enumerate(tracks) if track.tracking_id and track.looks]
    seen = [i for i in known if i in matches]
    if len(known) < 2 or not seen:
        return list(tracks)
    apart = np.full((len(tracks), len(tracks)), np.inf, np.float32)  # from the views of each to the look of each
    apart[np.ix_(known, seen)] = unlike[np.ix_(known, [matches[i] for i in seen])]
    result = [
        replace(track, alike=time) if i in matches and apart[i, i] <= SAME else track for i, track in enumerate(tracks)
    ]
    for i in seen:
        other = _another(apart, i)
        if other is None:
            other = _before(result, unlike[:, matches[i]], i, time)
        if other is not None and (
            other in matches or within_reach(tracks[i], tracks[other], time - tracks[other].seen, focal, _SPEED)
        ):
            who = tracks[other].tracking_id
            times = tracks[i].resembled + 1 if tracks[i].resembles == who else 1
            result[i] = replace(result[i], resembles=who, resembled=times)
        elif tracks[i].resembles:
            result[i] = _sure(result[i])
    return result


def _another(apart: FloatArray, i: int) -> int | None:
    """As which other one ``i`` clearly looks, who does not look more like themselves; ``apart`` is (n, n)."""
    others = np.where(np.arange(len(apart)) == i, np.inf, apart[:, i])
    other = int(others.argmin())
    own, as_other, back, others_own = apart[[i, other, i, other], [i, i, other, other]].tolist()
    gain = own - as_other if as_other <= SAME else 0.0
    loss = back - others_own  # not a number where the other one is not seen
    return other if CLEARLY <= gain < math.inf and not loss > gain - CLEARLY else None


def _before(tracks: Sequence[Track], unlike: FloatArray, i: int, time: float) -> int | None:
    """Who of the lost ``i`` may have been before, and clearly looks like; their views are so ``unlike`` this look."""
    if time - tracks[i].begun >= _SOON:
        return None
    others = [j for j, track in enumerate(tracks) if j != i and track.tracking_id and track.looks]
    best, *rest = sorted(others, key=lambda j: unlike[j])
    clear = not rest or unlike[best] + CLEARLY <= unlike[rest[0]]
    may_be = clear and unlike[best] <= SAME and tracks[best].seen < time
    return best if may_be and _one_person(tracks[i], tracks[best]) else None


def _one_person(younger: Track, older: Track) -> bool:
    """Whether two ids may be one person's: nobody who looked like the older one was seen since there is the younger."""
    if max(older.alike, older.begun) >= younger.begun:
        return False
    return bool(unlikeness([older], younger.looks).min() <= OTHER)


def put_right(tracks: list[Track], time: float, people: int) -> list[Track]:
    """``tracks``, those who have been looking like somebody else for long enough as that one.

    Of two who are seen, each is the other one then. If the other one is lost, so is the first one from now on, unless
    both are one person, whose younger id is forgotten. There are slots for so many ``people``.
    """
    for one in [track for track in tracks if track.resembled >= _PICTURES]:
        other = next((track for track in tracks if track.tracking_id == one.resembles), None)
        if other is None or one not in tracks:
            continue
        if other.seen < time and _one_person(one, other):
            rest = with_free_slot([track for track in tracks if track not in (one, other)], other, people)
            tracks = [*rest, _sure(returned(one, other, rest, people))]
            continue
        lost = replace(one, seen=one.seen - _MISSED, crowded=time)
        instead = returned(other, one, tracks, people) if other.seen == time else lost
        rest = [_sure(instead) if track is one else track for track in tracks if track is not other]
        rest = with_free_slot(rest, other, people)
        rest.insert(tracks.index(other), _sure(returned(one, other, rest, people)))
        tracks = rest
    return tracks


def _sure(track: Track) -> Track:
    return replace(track, resembles=0, resembled=0)
