"""Keep each person's identity from picture to picture, and say where to look for them in the next one.

A frame goes so: `Tracker.crops` says where the people should be by now, the detector adds boxes when
`Tracker.detector_due`, the pose network looks at all of them, and `Tracker.update` decides who is who.
Boxes are x1, y1, x2, y2 in pixels, times in seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bridge.matching import distinct, extents, inside, likeness, nearness, overlap, pairs, scales, scores
from bridge.track import Track, followed, newcomer, roomy
from models.body import FloatArray

MAX_PEOPLE = 6


@dataclass(frozen=True, slots=True)
class Tracking:
    """When to believe in a person, and for how long.

    Attributes
    ----------
    people : int
        At most so many are tracked, up to six.
    keep_score, start_score, sure_score : float
        Least score (`bridge.matching.scores`) of a pose to go on with a track, to begin one, and to begin one without a
        second look.
    sure_detection : float
        Least score of the detector that makes a second person of somebody who stands before or behind another one.
    similarity : float
        Least similarity of a pose and a track.
    patience : float
        Seconds without a confident pose after which a person counts as lost.
    memory : float
        Seconds after which a lost person who comes back is somebody new.
    doubt : float
        Seconds without the detector's agreement after which a track that lies inside another one is not believed.
    every, every_lost, every_empty : int
        The detector runs on each so-many-th frame: while all are in view, while someone is missing, while there is
        nobody.
    """

    people: int = MAX_PEOPLE
    keep_score: float = 0.3
    start_score: float = 0.35
    sure_score: float = 0.6
    sure_detection: float = 0.6
    similarity: float = 0.25
    patience: float = 0.5
    memory: float = 1.0
    doubt: float = 1.0
    every: int = 10
    every_lost: int = 3
    every_empty: int = 2


class Tracker:
    """The people of one stream.

    Parameters
    ----------
    settings : Tracking
    """

    def __init__(self, settings: Tracking = Tracking()) -> None:
        self._settings = settings
        self._tracks: tuple[Track, ...] = ()
        self._time = -math.inf
        self._last_id = 0
        self._frames_since_detection = settings.every

    def crops(self, time: float) -> FloatArray:
        """The boxes (n, 4) to look at first at ``time``: everyone who is in view or was until a moment ago."""
        boxes = [roomy(track.moved_to(time)[0], track.scale) for track in self._in_view(time)]
        return np.array(boxes, np.float32).reshape(-1, 4)

    def detector_due(self, time: float) -> bool:
        """Whether the detector should look at the frame of ``time``; to be asked once a frame."""
        present = self._in_view(time)
        missing = len(self._tracks) > len(present) or any(track.seen < self._time for track in present)
        settings = self._settings
        every = settings.every_lost if missing else settings.every
        self._frames_since_detection += 1
        if len(present) >= settings.people and not missing:
            return False
        if self._frames_since_detection < (every if present else settings.every_empty):
            return False
        self._frames_since_detection = 0
        return True

    def update(self, time: float, poses: FloatArray, detections: FloatArray | None = None) -> tuple[Track, ...]:
        """Who is in view at ``time``; confirmed people only, oldest first.

        Someone who was not found now, but was within ``patience``, is still reported; their ``seen`` is older.

        Parameters
        ----------
        time : float
        poses : (n, 23, 3) float32 array
            Everything that was found there.
        detections : (m, 5) float32 array, optional
            What the detector says, if it was asked; nobody joins without it.
        """
        poses = self._people_among(poses)
        before = self._remembered(time)
        matches = self._matches(before, time, poses)
        tracks = [followed(t, poses[matches[i]], time) if i in matches else t for i, t in enumerate(before)]
        # An unconfirmed track is given no second frame to wait in.
        tracks = [track for track in tracks if track.tracking_id or track.seen == time]
        if detections is not None and len(detections):
            tracks = self._joined(tracks, np.delete(poses, list(matches.values()), axis=0), detections, time)
            tracks = _confirmed_by(detections, tracks, time)
        self._tracks = self._admitted(self._credible(tracks, time), time)
        self._time = time
        return tuple(track for track in self._in_view(time) if track.tracking_id)

    def _people_among(self, poses: FloatArray) -> FloatArray:
        if not len(poses):
            return poses
        poses = np.where(np.isfinite(poses.sum(axis=2, keepdims=True)), poses, np.float32(0.0))
        poses = poses[scores(poses) >= self._settings.keep_score]
        return poses[distinct(poses)] if len(poses) else poses

    def _in_view(self, time: float) -> list[Track]:
        return [track for track in self._tracks if time - track.seen <= self._settings.patience]

    def _remembered(self, time: float) -> list[Track]:
        if time < self._time:  # the source began anew
            return []
        return [t for t in self._tracks if time - t.seen <= self._settings.patience + self._settings.memory]

    def _matches(self, tracks: list[Track], time: float, poses: FloatArray) -> dict[int, int]:
        if not tracks or not len(poses):
            return {}
        boxes, keypoints = (np.stack(parts) for parts in zip(*(t.moved_to(time) for t in tracks), strict=True))
        found = extents(poses)
        similarity = (overlap(boxes, found) + likeness(keypoints, poses)) / 2
        lost = np.array([time - track.seen > self._settings.patience for track in tracks])
        # Whoever comes back may stand otherwise than before: the place decides.
        similarity[lost] = np.maximum(similarity[lost], 0.9 * nearness(boxes[lost], found))
        similarity *= _same_size(tracks, scales(poses), time)
        # Of two tracks that a pose fits equally well, the older one, which comes first, gets it.
        similarity -= 1e-3 * np.arange(len(tracks), dtype=np.float32)[:, None]
        return dict(pairs(similarity.astype(np.float32), self._settings.similarity))

    def _joined(self, tracks: list[Track], poses: FloatArray, detections: FloatArray, time: float) -> list[Track]:
        """``tracks`` and those of ``poses``, the surest first, that the detector sees apart from the others."""
        for index in np.argsort(-scores(poses), kind="stable"):
            track = newcomer(poses[index], time)
            present = np.array([t.box for t in tracks if t.seen == time], np.float32).reshape(-1, 4)
            if stands_apart(track.box[None], present, detections, self._settings.sure_detection):
                tracks = [*tracks, track]
        return tracks

    def _credible(self, tracks: list[Track], time: float) -> list[Track]:
        """``tracks`` without those that the detector no longer sees and that are a part of somebody else.

        A pose network finds a body in everything that it is shown, in an arm as well.
        """
        doubted = [time - track.confirmed > self._settings.doubt for track in tracks]
        if len(tracks) < 2 or not any(doubted) or all(doubted):
            return tracks
        boxes = np.stack([track.box for track in tracks])
        parts = inside(boxes, boxes) > 0.7
        sizes = np.array([track.scale for track in tracks])
        smaller = sizes[:, None] < 0.7 * sizes[None]
        part = (parts & smaller & ~np.array(doubted)[None]).any(axis=1)
        return [t for t, doubt, is_part in zip(tracks, doubted, part, strict=True) if not (doubt and is_part)]

    def _admitted(self, tracks: list[Track], time: float) -> tuple[Track, ...]:
        """``tracks`` with ids and slots for those who have been seen often or surely enough."""
        present = [t for t in tracks if t.tracking_id]
        waiting = []
        for track in (t for t in tracks if not t.tracking_id):
            score = float(scores(track.keypoints[None])[0])
            if score >= self._settings.sure_score or (track.sightings > 1 and score >= self._settings.start_score):
                present = self._with_room(present, time)
                if len(present) < self._settings.people:
                    present.append(self._confirmed(track, present))
            elif score >= self._settings.start_score:
                waiting.append(track)
        return (*present, *waiting[: self._settings.people - min(len(present), self._settings.people)])

    def _with_room(self, tracks: list[Track], time: float) -> list[Track]:
        """``tracks`` without the one lost longest ago, where all slots are taken and someone is lost."""
        if len(tracks) < self._settings.people:
            return tracks
        longest = min(tracks, key=lambda track: track.seen)
        lost = time - longest.seen > self._settings.patience
        return [track for track in tracks if track is not longest] if lost else tracks

    def _confirmed(self, track: Track, others: list[Track]) -> Track:
        self._last_id += 1
        slot = min(set(range(self._settings.people)) - {other.slot for other in others})
        return replace(track, tracking_id=self._last_id, slot=slot)


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


def _same_size(tracks: list[Track], found: FloatArray, time: float) -> npt.NDArray[np.bool_]:
    """Whether a track and a pose may be the same person by their size, (n, m); nobody grows much in a moment."""
    known = np.array([track.scale for track in tracks])[:, None]
    most = np.array([1.6 * math.exp(min(time - track.seen, 2.0)) for track in tracks])[:, None]
    alike = (found < known * most) & (found > known / most)
    return np.asarray(alike | (known == 0) | (found == 0))


def _confirmed_by(detections: FloatArray, tracks: list[Track], time: float) -> list[Track]:
    """``tracks``, confirmed at ``time`` those that one of ``detections`` (n, 5) covers; each speaks for one track."""
    if not tracks:
        return tracks
    boxes = np.stack([track.box for track in tracks])
    covered = {index for index, _ in pairs(overlap(boxes, detections[:, :4]), 0.3)}
    return [replace(track, confirmed=time) if index in covered else track for index, track in enumerate(tracks)]
