"""Where to look for people, and who stands in the way.

Where somebody passes behind somebody else, a pose network finds the one in front twice. So whoever is nearer is painted
out of the view of whoever is farther (`models.painting`). Boxes are x1, y1, x2, y2 in pixels, times in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bridge.matching import inside, scores
from bridge.track import Track
from models.body import FloatArray
from models.painting import Figure

NEARER = 1.1
"""Who looks so much larger than somebody else is nearer."""

_NONE = np.zeros((0, 4), np.float32)
_IN_THE_WAY = 0.1  # the share of somebody's box that lies in another one's


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """What the pose network is to look at.

    Attributes
    ----------
    boxes : (n, 4) float32 array
    before : sequence of sequences of Figure
        Who stands before the person in each box, and is painted out.
    hidden_by : (n, n) bool array
        The same: whether the person of the second box is painted out of the first.
    """

    boxes: FloatArray
    before: Sequence[Sequence[Figure]]
    hidden_by: npt.NDArray[np.bool_]


def views_of(
    tracks: Sequence[Track], places: FloatArray, boxes: FloatArray, time: float, free: FloatArray = _NONE
) -> Views:
    """Views of ``tracks``, who are at ``places`` (n, 4) at ``time``, in ``boxes`` (n, 4), and of what else is seen in
    the boxes ``free`` (m, 4).

    Whoever looks larger is nearer; and whoever was not found as lately as others is thought to be behind them.
    """
    count = len(tracks) + len(free)
    hidden_by = np.zeros((count, count), bool)
    if len(tracks) > 1:
        last = max(track.seen for track in tracks)
        for row, column in np.argwhere(inside(places, places) > _IN_THE_WAY).tolist():
            track, other = tracks[row], tracks[column]
            if other is track or other.seen < last or not other.scale:
                continue
            if track.seen < last or other.scale > NEARER * track.scale > 0:
                hidden_by[row, column] = True
    in_front = np.flatnonzero(hidden_by.any(axis=0)).tolist()
    figures = {i: Figure(tracks[i].moved_to(time)[1], tracks[i].scale) for i in in_front}
    before = [[figure for i, figure in figures.items() if row[i]] for row in hidden_by]
    return Views(np.concatenate([boxes, free]), before, hidden_by)


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
