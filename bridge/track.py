"""One tracked person: where they are, where they will be in a moment, and where to look for them.

Boxes are x1, y1, x2, y2 in pixels, times in seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from bridge.appearance import Look
from bridge.matching import CONFIDENT, extents, scales
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
    """

    tracking_id: int
    slot: int
    keypoints: FloatArray
    box: FloatArray
    velocity: FloatArray
    seen: float
    placed: float
    sightings: int = 1
    scale: float = 0.0
    confirmed: float = -math.inf
    begun: float = -math.inf
    crowded: float = -math.inf
    hidden_by: int = 0
    looks: tuple[Look, ...] = ()
    noted: float = -math.inf

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
    return Track(0, -1, pose, extents(pose[None])[0], still, time, time, scale=scale, begun=time)


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


def followed(track: Track, pose: FloatArray, box: FloatArray, scale: float, time: float) -> Track:
    """``track`` after it was found as ``pose`` (23, 3), whose extent is ``box`` (4,) and whose size is ``scale``."""
    dt = max(time - track.seen, 1e-3)
    crowded = track.crowded >= track.seen
    velocity, moved = track.velocity, track.box_at(time)
    both = (track.keypoints[:, 2] >= CONFIDENT) & (pose[:, 2] >= CONFIDENT)
    if both.any():
        way = _median(pose[both, :2] - track.keypoints[both, :2])
        moved = (track.box + way.take(_BOTH_CORNERS)).astype(np.float32)  # shifted as most keypoints are
        if track.placed == track.seen:
            # Beside others, keypoints jump from one to the other; speeds change less there.
            gain = max(1.0 - math.exp(-dt / _STEADY), 1.0 / track.sightings) * (0.4 if crowded else 1.0)
            velocity = (velocity + np.float32(gain) * (way / np.float32(dt) - velocity)).astype(np.float32)
    share = 1.0 - math.exp(-dt / (_SHRINKING_CROWDED if crowded else _SHRINKING))
    if crowded:  # a keypoint of somebody else does not widen the view
        margin = np.float32(_STRETCH) * (moved[2:] - moved[:2]).take(_BOTH_CORNERS)
        box = np.minimum(np.maximum(box, moved - margin), moved + margin)
    # The box grows at once and shrinks slowly: a limb that was hidden for a moment stays inside the crop.
    outwards = _OUTWARDS * (box - moved) > 0
    box = np.where(outwards, box, moved + np.float32(share) * (box - moved)).astype(np.float32)
    return replace(
        track,
        keypoints=pose,
        box=box,
        velocity=velocity,
        seen=time,
        placed=time,
        sightings=track.sightings + 1,
        scale=_next_scale(track.scale, scale, dt),
        hidden_by=0,
    )


_OUTWARDS = np.array([-1, -1, 1, 1], np.float32)


def _median(values: FloatArray) -> FloatArray:
    """The median of each column of ``values`` (n, 2); `numpy.median` costs ten times as much on so few."""
    ordered, last = np.sort(values, axis=0), len(values) - 1
    return np.asarray((ordered[last // 2] + ordered[(last + 1) // 2]) / 2, np.float32)


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
