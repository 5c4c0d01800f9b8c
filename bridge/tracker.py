"""Keep each person's identity from picture to picture, and say where to look for them in the next one.

A frame goes so: the detector looks at it when `Tracker.detector_due`, `Tracker.views` says where people should be by
now, the pose network looks at all of them, and `Tracker.update` decides who is who. Where somebody passes before
somebody else, or comes back, looks decide; else places do. Boxes are x1, y1, x2, y2 in pixels, times in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bridge.appearance import Look, looks_of, ready
from bridge.association import AFTERWARDS, MISSING, busy, by_looks, by_trunk, certain, distinct_fits, jumped, twin
from bridge.credibility import WELL_KNOWN, confirmed_by, credible, stands_apart
from bridge.matching import Measured, inside, inside_others, overlap, pairs, scores, unclaimed, widened
from bridge.memory import NEVER, NOTING, OTHER, SAME, identified, noted, tolerated, unlikeness
from bridge.mistaken import compared, put_right
from bridge.slots import free_slot, returned, with_free_slot
from bridge.track import Track, followed, newcomer, roomy, waiting
from bridge.tracking import Tracking
from bridge.views import Views, believed, views_of
from models.body import ByteArray, FloatArray
from models.camera import CameraOfSize, PinholeCamera

_CROWDED = 0.2  # two people of whom one's box lies in the other's by this share may be taken for each other
_COVERED = 0.3  # and this share can hide somebody


class Tracker:
    """The people of one stream.

    Parameters
    ----------
    settings : Tracking, optional
    camera : CameraOfSize, optional
        Without it, a common webcam.
    """

    def __init__(self, settings: Tracking | None = None, camera: CameraOfSize = PinholeCamera.from_fov) -> None:
        self._settings, self._camera = settings or Tracking(), camera
        self._tracks: tuple[Track, ...] = ()
        self._time = -math.inf
        self._last_id = 0
        self._frames_since_detection = self._settings.every
        self._size, self._focal = (math.inf, math.inf), math.inf
        ready()

    def detector_due(self, time: float) -> bool:
        """Whether the detector should look at the frame of ``time``; to be asked once a frame."""
        present = self._in_view(time)
        missing = any(
            time - t.seen < self._settings.memory + self._limit(t) and t.seen < self._time for t in self._tracks
        )
        settings = self._settings
        self._frames_since_detection += 1
        if len(present) >= settings.people and not missing:
            return False
        if not present:
            every = settings.every_empty
        elif missing or (len(present) > 2 and any(time - t.crowded < AFTERWARDS for t in present)):
            every = settings.every_lost
        elif len(present) > 1 or any(t.tracking_id and t.seen < self._time for t in self._remembered(time)):
            every = settings.every_many
        else:
            every = settings.every
        if self._frames_since_detection < every:
            return False
        self._frames_since_detection = 0
        return True

    def views(self, time: float, detections: FloatArray | None = None) -> Views:
        """What to look at at ``time``: at everyone in view, and at what the detector sees besides.

        Somebody who was not found in the last frame is looked for where the detector sees anybody near, else where they
        should be by now. The view of one person alone is as wide as what the detector sees of them.
        """
        present, detections = self._in_view(time), self._believed(detections, time)
        places = np.array([track.box_at(time) for track in present], np.float32).reshape(-1, 4)
        crops = np.array([roomy(*one) for one in zip(places, (t.scale for t in present), strict=True)], np.float32)
        crops = crops.reshape(-1, 4)
        if detections is None or not len(detections):
            return views_of(present, places, crops, time)
        found = np.array([track.seen == self._time for track in present], bool)
        free = unclaimed(detections, places[found], crops[found])
        kept = found | ~(overlap(places, free) > 0.2).any(axis=1)
        if len(present) == 1:
            crops = widened(crops, places, detections)
        return views_of([present[i] for i in np.flatnonzero(kept)], places[kept], crops[kept], time, free)

    def update(
        self,
        time: float,
        poses: FloatArray,
        detections: FloatArray | None = None,
        image: ByteArray | None = None,
        views: Views | None = None,
    ) -> tuple[Track, ...]:
        """Who is in view at ``time``; confirmed people only, oldest first.

        Someone who was not found now, but was within ``patience``, is still reported, beside others for a moment only;
        their ``seen`` is older.

        Parameters
        ----------
        time : float
        poses : (n, 23, 3) float32 array
            Everything that was found there.
        detections : (m, 5) float32 array, optional
            What the detector says, if it was asked; nobody joins without it.
        image : (height, width, 3) uint8 array, optional
            The picture; without it nobody is known by their looks.
        views : Views, optional
            What was looked at to find the poses.
        """
        if image is not None:
            self._adapt_to(image.shape[1], image.shape[0])
        detections = self._believed(detections, time)
        poses, others = believed(poses, views, self._settings.keep_score, self._settings.hidden_score)
        before = _crowding(self._remembered(time), time)
        near = [i for i, track in enumerate(before) if self._expected(track, time)]
        nearby = [before[i] for i in near]
        measured, fit, apart = distinct_fits(nearby, time, poses, self._settings.patience, others)
        wanted = image is not None and (
            detections is not None or _looks_matter(before, time) or bool(jumped(apart, fit).any())
        )
        looks = looks_of(image, measured) if image is not None and wanted else []
        unlike = unlikeness(before, looks) if looks else np.full((len(before), len(measured.poses)), np.inf, np.float32)
        found = self._matches(nearby, time, fit, apart, unlike[near], measured.boxes)
        matches = {near[row]: column for row, column in found}
        tracks = _found_again(before, measured, matches, time)
        if looks:
            tracks = compared(tracks, unlike, matches, time, self._focal)
            far = np.where(certain(fit, apart), unlike[near], np.inf)
            for row, column in found:
                i = near[row]
                tracks[i] = _looked_at(tracks[i], looks[column], float(far[row, column]), time)
            tracks = put_right(tracks, time, self._settings.people)
        tracks = self._awaited(tracks, time)
        if detections is not None and len(detections):
            left = [i for i in range(len(measured.poses)) if i not in matches.values()]
            tracks = self._joined(tracks, measured.poses[left], [looks[i] for i in left if looks], detections, time)
            tracks = confirmed_by(detections, tracks, time)
        self._tracks = self._admitted(credible(tracks, time, self._settings.doubt), time)
        self._time = time
        return tuple(track for track in self._in_view(time) if track.tracking_id and self._known(track, time))

    def _adapt_to(self, width: int, height: int) -> None:
        """Remember of which size pictures are, in pixels, and the camera's focal length for it."""
        if self._size != (width, height):
            self._size, self._focal = (width, height), self._camera(width, height).focal

    def _believed(self, detections: FloatArray | None, time: float) -> FloatArray | None:
        """Those of the ``detections`` (n, 5) that count: who is alone may be hard to see."""
        if detections is None or not self._in_view(time):
            return detections
        return detections[detections[:, 4] >= self._settings.doubtful_detection]

    def _limit(self, track: Track) -> float:
        """For how many seconds ``track`` is waited for."""
        left, top, right, bottom = track.box.tolist()
        if not (0 <= left + right < 2 * self._size[0] and 0 <= top + bottom < 2 * self._size[1]):
            return MISSING
        hiding = track.hidden_by and track.sightings >= WELL_KNOWN
        return self._settings.hiding if hiding else self._settings.patience

    def _known(self, track: Track, time: float) -> bool:
        """Whether it is known well enough where ``track`` is to say so."""
        beside = track.hidden_by or track.crowded >= track.seen
        return not beside or time - track.seen <= self._settings.reported

    def _expected(self, track: Track, time: float) -> bool:
        """Whether ``track`` is looked for about where it was lost, if it is lost."""
        return time - track.seen <= self._limit(track) + self._settings.memory

    def _in_view(self, time: float) -> list[Track]:
        return self._present(self._tracks, time)

    def _remembered(self, time: float) -> list[Track]:
        if time < self._time:  # the source began anew
            return []
        settings = self._settings
        lasting = {t.tracking_id: settings.recall if t.looks else settings.memory for t in self._tracks}
        return [t for t in self._tracks if time - t.seen <= self._limit(t) + lasting[t.tracking_id]]

    def _matches(
        self,
        tracks: list[Track],
        time: float,
        fit: FloatArray,
        apart: FloatArray,
        unlike: FloatArray,
        boxes: FloatArray,
    ) -> list[tuple[int, int]]:
        """Which of the ``tracks`` is which pose, from how they ``fit`` by place, how far ``apart`` trunks are, and how
        ``unlike`` each other they look, all (n, m).
        """
        confusable = busy(tracks, time, apart, fit) if tracks else np.zeros(0, bool)
        if confusable.any():
            usual = np.array([tolerated(track, OTHER) for track in tracks], np.float32)
            # Whoever cannot be confused is thought to look as always: a pose is theirs rather than of one who can.
            looks = np.where(confusable[:, None], by_looks(fit, unlike, boxes, usual), np.float32(0.5) * (fit > 0.1))
            fit = fit + by_trunk(apart) * (fit > 0.1) + looks
        # Of two tracks that a pose fits equally well, the older one, which comes first, gets it.
        handicap = 1e-3 * np.arange(len(tracks), dtype=np.float32)[:, None]
        return pairs((fit - handicap).astype(np.float32), self._settings.similarity)

    def _awaited(self, tracks: list[Track], time: float) -> list[Track]:
        """``tracks`` with those who were not found now where they should be, or forgotten if they were never sure."""
        present = [track for track in tracks if track.seen == time]
        boxes = np.array([track.box for track in present], np.float32).reshape(-1, 4)
        result = []
        for track in tracks:
            if track.seen == time or time - track.seen > self._limit(track):
                result.append(track)
            elif track.tracking_id:  # an unconfirmed track is given no second frame to wait in
                result.append(_unseen(track, present, boxes, time))
        return result

    def _joined(
        self, tracks: list[Track], poses: FloatArray, looks: list[Look], detections: FloatArray, time: float
    ) -> list[Track]:
        """``tracks`` and those of ``poses``, the surest first, that the detector sees apart from the others."""
        missing = [t for t in tracks if t.tracking_id and t.seen < time and t.looks]
        known = (unlikeness(missing, looks).min(axis=0, initial=np.inf) < SAME) if looks else np.zeros(len(poses), bool)
        sure_of = detections[detections[:, 4] >= self._settings.sure_detection]
        alone, certain = np.zeros((0, 4), np.float32), scores(poses)
        for index in np.argsort(-certain, kind="stable"):
            track = newcomer(poses[index], time)
            faint = certain[index] < self._settings.faint_score and not known[index]
            if faint and not stands_apart(track.box[None], alone, sure_of, 0.0):
                continue
            if looks:
                track = noted(track, looks[index], time)
            present = [t for t in tracks if t.seen == time]
            boxes = np.array([t.box for t in present], np.float32).reshape(-1, 4)
            sure = 0.0 if known[index] else self._settings.sure_detection
            if not twin(poses[index], present) and stands_apart(track.box[None], boxes, detections, sure):
                tracks = [*tracks, track]
        return tracks

    def _admitted(self, tracks: list[Track], time: float) -> tuple[Track, ...]:
        """``tracks`` with ids and slots for those who have been seen often or surely enough."""
        known = [t for t in tracks if t.tracking_id]
        undecided = []
        for track in (t for t in tracks if not t.tracking_id):
            score = float(scores(track.keypoints[None])[0])
            if score < self._settings.start_score:
                continue
            lost = [t for t in known if t.looks and t.seen < time]
            told, who = identified(track, lost, time, self._settings.hesitation, self._focal)
            if not told or (score < self._settings.sure_score and track.sightings < 2):
                undecided.append(track)
            elif len(self._present([t for t in known if t is not who], time)) >= self._settings.people:
                continue
            elif who is not None:
                known = with_free_slot([t for t in known if t is not who], who, self._settings.people)
                known.append(returned(track, who, known, self._settings.people))
            else:
                known = with_free_slot(known, None, self._settings.people)
                self._last_id += 1
                slot = free_slot(known, self._settings.people)
                known.append(replace(track, tracking_id=self._last_id, slot=slot))
        room = max(self._settings.people - sum(t.seen == time for t in known), 0)  # who is lost may be one of them
        return (*known, *undecided[:room])

    def _present(self, tracks: Sequence[Track], time: float) -> list[Track]:
        return [track for track in tracks if time - track.seen <= self._limit(track)]


def _found_again(tracks: list[Track], measured: Measured, matches: dict[int, int], time: float) -> list[Track]:
    """``tracks``, those of ``matches`` as the poses that they were matched with."""
    if not matches:
        return tracks
    found = followed([tracks[i] for i in matches], measured[np.array(list(matches.values()))], time)
    again = dict(zip(matches, found, strict=True))
    return [again.get(i, track) for i, track in enumerate(tracks)]


def _crowding(tracks: list[Track], time: float) -> list[Track]:
    """``tracks``, with the time for those who are before or behind somebody else, be that one long out of sight."""
    if len(tracks) < 2:
        return tracks
    boxes = np.array([track.box_at(time) for track in tracks])
    shares = inside_others(boxes)
    present = np.array([time - track.seen < 1.0 for track in tracks])
    close = (np.maximum(shares, shares.T) * present[None]).max(axis=1) > _CROWDED
    hiders = {track.hidden_by for track in tracks if track.hidden_by}
    return [
        replace(track, crowded=time) if near or track.tracking_id in hiders else track
        for track, near in zip(tracks, close, strict=True)
    ]


def _looks_matter(tracks: list[Track], time: float) -> bool:
    """Whether anybody may be confused, is missing or has not been looked at for a while."""
    return any(not t.tracking_id or time - t.noted > NOTING or time - t.crowded < AFTERWARDS for t in tracks)


def _looked_at(track: Track, look: Look, unlike: float, time: float) -> Track:
    """``track``, which was found now, with the new view of it if that is trustworthy and due.

    It is so much ``unlike`` the other views, which is remembered unless it is more than before: infinite where it is
    not sure enough who this is.
    """
    if unlike <= tolerated(track, NEVER):
        track = replace(track, unlike=unlike)
    alone = time - track.crowded > NOTING and not track.resembles
    if track.tracking_id and not (alone and time - track.noted > NOTING):
        return track
    return noted(track, look, time)


def _unseen(track: Track, present: list[Track], boxes: FloatArray, time: float) -> Track:
    """``track``, which was not found at ``time`` as the ``present`` were, who stand in ``boxes`` (n, 4)."""
    covers = inside(track.box_at(time)[None], boxes)[0]
    front = int(covers.argmax()) if len(covers) else -1
    return waiting(track, time, present[front].tracking_id if front >= 0 and covers[front] > _COVERED else 0)
