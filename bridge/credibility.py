"""Who is believed to be there: what the detector says for and against a pose that lies before or behind somebody else.

Boxes are x1, y1, x2, y2 in pixels, times in seconds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bridge.matching import inside, overlap, pairs
from bridge.track import Track
from models.body import FloatArray

WELL_KNOWN = 15
"""Frames after which somebody is believed to hide rather than to have been a mistake."""


def stands_apart(box: FloatArray, others: FloatArray, detections: FloatArray, sure: float) -> bool:
    """Whether the detector sees somebody at ``box`` (1, 4), and not only a part of ``others`` (n, 4).

    Around the confident keypoints of a face and shoulders, a box is a small part of the detector's; that is enough. But
    inside or around somebody else, it must be a detection of its own, scored at least ``sure``.
    """
    part = max(inside(box, others).max(initial=0), inside(others, box).max(initial=0)) > 0.6
    if part:
        return bool(overlap(box, detections[detections[:, 4] >= sure, :4]).max(initial=0) > 0.5)
    seen = detections[:, :4]
    return bool(overlap(box, seen).max(initial=0) > 0.2 or inside(box, seen).max(initial=0) > 0.6)


def credible(tracks: list[Track], time: float, doubt: float) -> list[Track]:
    """``tracks`` without those that the detector no longer sees and that are a part of somebody else.

    A pose network finds a body in everything that it is shown, in an arm as well. ``doubt`` is for how many seconds the
    detector may be silent.
    """
    doubted = [track.seen == time and time - track.confirmed > doubt for track in tracks]
    if len(tracks) < 2 or not any(doubted) or all(doubted):
        return tracks
    boxes = np.stack([track.box for track in tracks])
    parts = inside(boxes, boxes) > 0.7
    sizes = np.array([track.scale for track in tracks])
    smaller = sizes[:, None] < 0.7 * sizes[None]
    part = (parts & smaller & ~np.array(doubted)[None]).any(axis=1)
    wrong = [wrongly and bool(is_part) for wrongly, is_part in zip(doubted, part, strict=True)]
    # Somebody who is well known may be hidden there: they were last seen when the detector last agreed.
    believed = [
        replace(t, seen=t.confirmed, placed=t.confirmed) if no else t for t, no in zip(tracks, wrong, strict=True)
    ]
    return [t for t, no in zip(believed, wrong, strict=True) if not no or t.sightings >= WELL_KNOWN]


def confirmed_by(detections: FloatArray, tracks: list[Track], time: float) -> list[Track]:
    """``tracks``, confirmed at ``time`` those that one of ``detections`` (n, 5) covers; each speaks for one track."""
    if not tracks:
        return tracks
    boxes = np.stack([track.box for track in tracks])
    covered = {index for index, _ in pairs(overlap(boxes, detections[:, :4]), 0.3)}
    return [replace(track, confirmed=time) if index in covered else track for index, track in enumerate(tracks)]
