"""Who a newcomer is: by looks, views of each person taken while they are well seen; or else by where people can be.

Measured on webcam clips of four people, three of them in black and grey: two views of one person differ by 5 on average
and in 1 of 100 cases by more than 8, views of two people in 4 of 100 cases by less than 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bridge.appearance import Look, blended, differences
from bridge.track import Track
from models.body import FloatArray

SAME, OTHER = 9.5, 12.5
"""Looks that differ by less are one person's; by more, two people's."""

NEVER = 16.0
"""Looks that differ by more are two people's even beside others, whose colours may be seen instead."""

CLEARLY = 2.5
"""The one whom a newcomer resembles most must resemble by so much more than the next."""

NOTING = 0.25
"""Seconds between two views of somebody."""

_VIEWS = 6
_ANOTHER_VIEW = 5.0  # a view that differs by more from all others is kept beside them
_SHARE = 0.25
_ASIDE, _NEARER = (0.4, 0.8), (0.3, 0.5)
"""Metres, and metres a second, that somebody lost may have gone to the side, and towards the camera or away from it."""


def unlikeness(tracks: Sequence[Track], looks: Sequence[Look]) -> FloatArray:
    """How differently the people of ``tracks`` and ``looks`` look, (n, m); infinite where it cannot be told."""
    views = [view for track in tracks for view in track.looks]
    owners = np.array([i for i, track in enumerate(tracks) for _ in track.looks], np.intp)
    result = np.full((len(tracks), len(looks)), np.inf, np.float32)
    np.minimum.at(result, owners, differences(views, looks))
    return result


def noted(track: Track, look: Look, time: float) -> Track:
    """``track`` with another view of the person."""
    views = list(track.looks)
    apart = differences(views, [look])[:, 0]
    nearest = int(apart.argmin()) if views else -1
    if views and (apart[nearest] < _ANOTHER_VIEW or not np.isfinite(apart[nearest])):
        views[nearest] = blended(views[nearest], look, _SHARE)
    elif look.told:
        views = [*views[-(_VIEWS - 1) :], look]
    return replace(track, looks=tuple(views), noted=time)


def tolerated(track: Track, least: float) -> float:
    """By how much a look may differ from all views of somebody: ``least``, or nearly as much as it did before.

    The only view of whoever is never alone has colours of others, and is unlike what is seen of them ever after.
    """
    return max(least, track.unlike + CLEARLY)


def identified(
    newcomer: Track, lost: Sequence[Track], time: float, hesitation: float, focal: float
) -> tuple[bool, Track | None]:
    """Which of the ``lost`` a ``newcomer`` is at ``time``, by looks, or else by where they can be.

    Parameters
    ----------
    newcomer : Track
    lost : sequence of Track
    time : float
    hesitation : float
        Seconds that a newcomer may be looked at before it must be told; three times as many beside others.
    focal : float
        The camera's, in pixels.

    Returns
    -------
    bool
        Whether it can be told yet.
    Track or None
        None for a stranger.
    """
    if not lost:
        return True, None
    crowded = time - newcomer.crowded < NOTING  # what can be seen of them may be somebody else
    patient = time - newcomer.begun < hesitation * (3 if crowded else 1)
    told, who = recognised(newcomer, lost, patient)
    if who is None and (crowded or newcomer.looks):
        apart, least = unlikeness(lost, newcomer.looks).min(axis=1, initial=np.inf), OTHER
        if crowded:  # too little may be seen to compare
            apart, least = np.where(np.isinf(apart), 0.0, apart), NEVER
        alike = [one for one, far in zip(lost, apart.tolist(), strict=True) if far <= tolerated(one, least)]
        who = only_within_reach(newcomer, alike, time, focal)
        told = who is not None or not patient or not alike
    return told and newcomer.sightings > 2, who


def recognised(newcomer: Track, lost: Sequence[Track], patient: bool) -> tuple[bool, Track | None]:
    """Which of the ``lost``, at least one, a ``newcomer`` is by looks.

    Returns
    -------
    bool
        Whether it can be told yet; ``patient`` says whether there is time to see more.
    Track or None
        None for a stranger.
    """
    if not newcomer.looks:
        return not patient, None
    apart = unlikeness(lost, newcomer.looks).min(axis=1)
    best = int(apart.argmin())
    others = np.delete(apart, best)
    clear = not len(others) or others.min() - apart[best] >= CLEARLY
    if apart[best] <= SAME and (clear or not patient):
        return True, lost[best]
    if not patient and clear and apart[best] <= (SAME + OTHER) / 2:
        return True, lost[best]
    return bool(apart[best] > OTHER) or not patient, None


def only_within_reach(newcomer: Track, lost: Sequence[Track], time: float, focal: float) -> Track | None:
    """The one of the ``lost`` who can have got to where a ``newcomer`` is at ``time``; None if nobody or several can.

    ``focal`` is the camera's, in pixels.
    """
    near = [track for track in lost if within_reach(newcomer, track, time - track.seen, focal)]
    return near[0] if len(near) == 1 else None


def within_reach(newcomer: Track, track: Track, seconds: float, focal: float, speed: float = 1.0) -> bool:
    """Whether the one of ``track`` can have got to where ``newcomer`` is in so many ``seconds``.

    From where they were last found, or from where they are thought to be; ``speed`` is in those of `_ASIDE` and
    `_NEARER`.
    """
    if not newcomer.scale or not track.scale:
        return False
    ways = (abs(float((newcomer.box - box)[::2].mean())) for box in (track.left, track.box))
    aside, seconds = min(ways) / min(newcomer.scale, track.scale), speed * seconds
    nearer = focal * abs(1.0 / newcomer.scale - 1.0 / track.scale)
    return aside < _ASIDE[0] + _ASIDE[1] * seconds and nearer < _NEARER[0] + _NEARER[1] * seconds
