"""One tracked person: where they are, where they will be in a moment, and where to look for them.

Boxes are x1, y1, x2, y2 in pixels, times in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bridge.appearance import Look
from bridge.matching import CONFIDENT, Measured, extents, scales
from models.body import FloatArray

LEAST_VIEW, MOST_VIEW = 1.0, 2.6
"""Metres of the world that a crop shows at least and at most."""

_SHRINKING, _GROWING, _RECEDING = 0.5, 0.5, 2.0  # seconds in which box and scale change
_SHRINKING_CROWDED, _STRETCH = 0.15, 0.05
_STEADY = 0.12  # seconds over which a speed is taken
_KEEPING, _KEEPING_HIDDEN = 0.25, 0.8  # seconds for which somebody who is not seen is thought to go on


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One person, as last seen.

    Attributes
    ----------
    tracking_id, slot : int
        0 and -1 until the person was confirmed.
    keypoints : (23, 3) float32 array
    box : (4,) float32 array
        Around the keypoints.
    velocity : (2,) float32 array
        Pixels per second.
    seen : float
        When the person was last found.
    left : (4,) float32 array
        The box where the person was last found.
    placed : float
        When the person was, or was thought to be, where keypoints and box are.
    sightings : int
        In how many frames the person was found.
    scale : float
        How many pixels a metre of the person is long; 0 where it cannot be told.
    confirmed : float
        When the detector last agreed that somebody is there.
    begun : float
        When the person was first found.
    crowded : float
        When the person was last before or behind somebody else.
    hidden_by : int
        The tracking id of whoever stands in front of a person who cannot be seen; 0 for nobody.
    looks : tuple of Look
        Views of the person, see `bridge.memory`.
    noted : float
        When they were last added to.
    unlike : float
        How differently from all of them the person looked when last found where they surely were.
    alike : float
        When the person last looked like one of them.
    resembles : int
        The tracking id of the one whom the person looked like instead when last looked at; 0 for nobody.
    resembled : int
        In how many pictures in a row.
    """

    tracking_id: int
    slot: int
    keypoints: FloatArray
    box: FloatArray
    velocity: FloatArray
    seen: float
    left: FloatArray
    placed: float
    sightings: int = 1
    scale: float = 0.0
    confirmed: float = -math.inf
    begun: float = -math.inf
    crowded: float = -math.inf
    hidden_by: int = 0
    looks: tuple[Look, ...] = ()
    noted: float = -math.inf
    unlike: float = 0.0
    alike: float = -math.inf
    resembles: int = 0
    resembled: int = 0

    def moved_to(self, time: float) -> tuple[FloatArray, FloatArray]:
        """Box (4,) and keypoints (23, 3) where they should be at ``time``."""
        keypoints = self.keypoints.copy()
        keypoints[:, :2] += self._way(time)
        return self.box_at(time), keypoints

    def box_at(self, time: float) -> FloatArray:
        """The box (4,) where it should be at ``time``."""
        return np.asarray(self.box + self._way(time).take(_BOTH_CORNERS))

    def _way(self, time: float) -> FloatArray:
        return np.asarray(self.velocity * np.float32(min(max(time - self.placed, 0.0), 0.25)))


_BOTH_CORNERS = np.array([0, 1, 0, 1])


def newcomer(pose: FloatArray, time: float) -> Track:
    """Someone who was found as ``pose`` (23, 3) for the first time."""
    still, scale = np.zeros(2, np.float32), float(scales(pose[None])[0])
    box = extents(pose[None])[0]
    return Track(0, -1, pose, box, still, time, box, time, scale=scale, begun=time)


def waiting(track: Track, time: float, hidden_by: int = 0) -> Track:
    """``track``, who was not found at ``time``, moved on to where the person should be by then.

    Whoever is hidden goes on for longer than one who was lost in the open.
    """
    dt = time - track.placed
    box, keypoints = track.moved_to(time)
    # The last pose before somebody vanishes has limbs of whoever covers them; the box is the person's own.
    keypoints[:, :2] = np.clip(keypoints[:, :2], box[:2], box[2:])
    slower = math.exp(-dt / (_KEEPING_HIDDEN if hidden_by else _KEEPING))
    velocity = track.velocity * np.float32(slower)
    return replace(track, keypoints=keypoints, box=box, velocity=velocity, placed=time, hidden_by=hidden_by)


def followed(tracks: Sequence[Track], found: Measured, time: float) -> list[Track]:
    """``tracks`` after they were ``found`` (n poses, in their order) at ``time``.

    All at once: a call of numpy costs more than what it does for one person.
    """
    dts = [max(time - track.seen, 1e-3) for track in tracks]
    crowded = [track.crowded >= track.seen for track in tracks]
    way, known = _ways(np.array([track.keypoints for track in tracks]), found.poses)
    moved = np.array([track.box for track in tracks]) + way.take(_BOTH_CORNERS, axis=1)  # as most keypoints are
    for row in np.flatnonzero(~known).tolist():
        moved[row] = tracks[row].box_at(time)
    # Beside others, keypoints jump from one to the other; speeds change less there.
    gains = [
        max(1.0 - math.exp(-dt / _STEADY), 1.0 / track.sightings) * (0.4 if beside else 1.0)
        if track.placed == track.seen
        else 0.0
        for track, dt, beside in zip(tracks, dts, crowded, strict=True)
    ]
    velocity = np.array([track.velocity for track in tracks])
    velocity += (np.array(gains, np.float32) * known)[:, None] * (way / np.array(dts, np.float32)[:, None] - velocity)
    boxes = found.boxes
    if any(crowded):  # a keypoint of somebody else does not widen the view
        margin = np.float32(_STRETCH) * (moved[:, 2:] - moved[:, :2]).take(_BOTH_CORNERS, axis=1)
        held = np.minimum(np.maximum(boxes, moved - margin), moved + margin)
        boxes = np.where(np.array(crowded)[:, None], held, boxes)
    # The box grows at once and shrinks slowly: a limb that was hidden for a moment stays inside the crop.
    slow = [_SHRINKING_CROWDED if beside else _SHRINKING for beside in crowded]
    shares = np.array([1.0 - math.exp(-dt / seconds) for dt, seconds in zip(dts, slow, strict=True)], np.float32)
    boxes = np.where(_OUTWARDS * (boxes - moved) > 0, boxes, moved + shares[:, None] * (boxes - moved))
    return [
        replace(
            track,
            keypoints=found.poses[row],
            box=boxes[row],
            velocity=velocity[row],
            seen=time,
            left=boxes[row],
            placed=time,
            sightings=track.sightings + 1,
            scale=_next_scale(track.scale, size, dts[row]),
            hidden_by=0,
        )
        for row, (track, size) in enumerate(zip(tracks, found.sizes.tolist(), strict=True))
    ]


_OUTWARDS = np.array([-1, -1, 1, 1], np.float32)


def _ways(before: FloatArray, now: FloatArray) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """How far most keypoints have gone, (n, 2), from poses (n, 23, 3) to others, and whether there is any to say so.

    The median of those that are sure in both; `numpy.median` costs ten times as much on so few.
    """
    both = (before[..., 2] >= CONFIDENT) & (now[..., 2] >= CONFIDENT)
    ways = np.sort(np.where(both[..., None], now[..., :2] - before[..., :2], np.float32(np.inf)), axis=1)
    last, rows = np.maximum(both.sum(axis=1) - 1, 0), np.arange(len(now))
    known = np.asarray(both.any(axis=1))
    middle = (ways[rows, last // 2] + ways[rows, (last + 1) // 2]) / 2
    return np.where(known[:, None], middle, np.float32(0)), known


def _next_scale(before: float, now: float, dt: float) -> float:
    """A person's scale, given what it was and what the newest pose says; 0 stands for unknown.

    It follows a smaller pose slowly: a limb that is taken for a body is always smaller than the body.
    """
    if not before or not now:
        return before or now
    return before + (1.0 - math.exp(-dt / (_GROWING if now > before else _RECEDING))) * (now - before)


def roomy(box: FloatArray, scale: float) -> FloatArray:
    """``box`` (4,) about its middle, at least `LEAST_VIEW` and at most `MOST_VIEW` metres wide and high.

    Who looks too closely takes an arm for a body; who looks at too much finds one in the furniture.
    """
    if not scale:
        return box
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2
    half = np.minimum(np.maximum(half, LEAST_VIEW / 2 * scale), MOST_VIEW / 2 * scale)
    return np.concatenate([middle - half, middle + half])
