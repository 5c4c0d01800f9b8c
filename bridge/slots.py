"""Which of the few slots each tracked person has; who is lost keeps theirs as long as there are others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bridge.track import Track


def with_free_slot(tracks: list[Track], who: Track | None, count: int) -> list[Track]:
    """``tracks``, one of which gives up its slot if none of ``count`` is free and ``who`` had none.

    It is the one that was lost longest ago.
    """
    if (who and who.slot >= 0) or len({t.slot for t in tracks if t.slot >= 0}) < count:
        return tracks
    longest = min((t for t in tracks if t.slot >= 0), key=lambda track: track.seen)
    return [replace(t, slot=-1) if t is longest else t for t in tracks]


def free_slot(tracks: Sequence[Track], count: int) -> int:
    """The first of ``count`` slots that none of ``tracks`` has."""
    return min(set(range(count)) - {track.slot for track in tracks})


def returned(track: Track, before: Track, others: Sequence[Track], count: int) -> Track:
    """The newcomer ``track``, who is the lost person ``before``, in the same slot if that one still had it."""
    slot = before.slot if before.slot >= 0 else free_slot(others, count)
    return replace(
        track,
        tracking_id=before.tracking_id,
        slot=slot,
        looks=before.looks,
        unlike=before.unlike,
        alike=before.alike,
        begun=before.begun,
        sightings=before.sightings + track.sightings,
    )
