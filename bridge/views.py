"""Where to look for people, and who stands in the way.

Where somebody passes behind somebody else, a pose network finds the one in front twice. So whoever is nearer is painted
out of the view of whoever is farther (`models.painting`). Boxes are x1, y1, x2, y2 in pixels, times in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bridge.matching import inside, scores
from bridge.nearer import nearer
from bridge.track import Track
from models.body import FloatArray
from models.joints import Keypoint
from models.painting import Expected, Figure

_NONE = np.zeros((0, 4), np.float32)
_IN_THE_WAY = 0.1  # the share of somebody's box that lies in another one's


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """What the pose network is to look at.

    Attributes
    ----------
    boxes : (n, 4) float32 array
    expected : sequence of Expected
        Whom each box should show, where others may be seen in it, too. Of whoever is alone nothing is said: errors of
        the last pose would last.
    hidden_by : (n, n) bool array
        Whether the person of the second box stands before the one of the first, and is painted out.
    apart : mapping of int to (Figure, float)
        Of those boxes of which nothing is said, though there are others in the picture: where the person should be,
        and for how many seconds they were not seen. See `bridge.second_look`.
    """

    boxes: FloatArray
    expected: Sequence[Expected]
    hidden_by: npt.NDArray[np.bool_]
    apart: Mapping[int, tuple[Figure, float]] = field(default_factory=dict)


def views_of(
    tracks: Sequence[Track], places: FloatArray, boxes: FloatArray, time: float, free: FloatArray = _NONE
) -> Views:
    """Views of ``tracks``, who are at ``places`` (n, 4) at ``time``, in ``boxes`` (n, 4), and of what else is seen in
    the boxes ``free`` (m, 4).

    Whoever is nearer stands before others (`bridge.nearer`); and whoever was not found as lately as others is thought
    to be behind them where that cannot be told.
    """
    count = len(tracks) + len(free)
    hidden_by = np.zeros((count, count), bool)
    last = max((track.seen for track in tracks), default=0.0)
    shared = inside(np.concatenate([places, free]), places)
    np.fill_diagonal(shared, 0.0)
    shared[:, [track.seen < last or not track.scale for track in tracks]] = 0.0  # nobody knows where these are
    close = np.argwhere(shared[: len(tracks)] > _IN_THE_WAY).tolist()
    order = _order(tracks if close else ())
    for row, column in close:
        if order[row, column] > 0 or (order[row, column] == 0 and tracks[row].seen < last):
            hidden_by[row, column] = True
    beside = shared > 0  # who of the second may be seen in the first
    wanted = beside.any(axis=0) | (len(tracks) > 1)
    wanted &= np.array([track.scale > 0 for track in tracks], bool)
    figures = {i: Figure(tracks[i].moved_to(time)[1], tracks[i].scale) for i in np.flatnonzero(wanted).tolist()}
    expected = [
        Expected(
            figures.get(row) if near.any() else None,
            [figures[i] for i in np.flatnonzero(front).tolist()],
            [figures[i] for i in np.flatnonzero(near).tolist()],
        )
        for row, (near, front) in enumerate(zip(beside, hidden_by, strict=True))
    ]
    apart = {
        row: (figures[row], time - track.seen)
        for row, track in enumerate(tracks)
        if len(tracks) > 1 and row in figures and track.tracking_id and track.seen == last and not beside[row].any()
    }
    return Views(np.concatenate([boxes, free]), expected, hidden_by, apart)


def _order(tracks: Sequence[Track]) -> npt.NDArray[np.int8]:
    """`bridge.nearer.nearer` of ``tracks``, as last seen."""
    poses = np.array([track.keypoints for track in tracks], np.float32).reshape(-1, len(Keypoint), 3)
    return nearer(poses, np.array([track.scale for track in tracks], np.float32))


def believed(
    poses: FloatArray, views: Views | None, keep_score: float, hidden_score: float
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Those of ``poses`` (n, 23, 3) that are sure enough, and who of them (m, m) was painted out of whose view.

    Parameters
    ----------
    poses : (n, 23, 3) float32 array
        What was found in ``views``, if it is known where that was.
    views : Views, optional
    keep_score, hidden_score : float
        Least score (`bridge.matching.scores`), and that of somebody behind others.
    """
    hidden_by = np.zeros((len(poses), len(poses)), bool) if views is None else views.hidden_by
    if not len(poses):
        return poses, hidden_by
    poses = np.where(np.isfinite(poses.sum(axis=2, keepdims=True)), poses, np.float32(0.0))
    kept = scores(poses) >= np.where(hidden_by.any(axis=1), hidden_score, keep_score)
    return poses[kept], hidden_by[kept][:, kept]
