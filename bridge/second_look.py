"""Look again at whoever seems to have jumped, and say this time whom to find.

Of whoever is alone the network is told nothing (`bridge.views`). If somebody whom nobody knows comes out from behind
them, it may find that one. It is asked again then, as it is where people overlap, and the nearer pose counts: whoever
did jump is found where they are both times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bridge.association import trunk_distance
from bridge.matching import scales, scores
from bridge.views import Views
from models.body import FloatArray
from models.painting import Expected, Figure

_JUMPED = 3.0
"""Variances of `bridge.association.trunk_distance`; of those who are alone, a pose in a hundred is farther off."""


def looked_again(
    look: Callable[[FloatArray, Sequence[Expected]], FloatArray],
    views: Views,
    poses: FloatArray,
    keep_score: float,
    hidden_score: float,
) -> FloatArray:
    """``poses`` (n, 23, 3), found in ``views``, with those that jumped replaced by nearer ones if there are any.

    Parameters
    ----------
    look : callable
        The poses (m, 23, 3) in boxes (m, 4), given whom each should show; see `models.pose.PoseEstimator`.
    views : Views
    poses : (n, 23, 3) float32 array
    keep_score, hidden_score : float
        Least score of a pose that may have jumped, and of one of somebody whom the network was told about.
    """
    if not views.apart:
        return poses
    rows, figures = np.array(list(views.apart)), [figure for figure, _ in views.apart.values()]
    unseen = np.array([seconds for _, seconds in views.apart.values()], np.float32)
    far = _off(figures, unseen, poses[rows])
    doubtful = np.flatnonzero((far > _JUMPED) & (scores(poses[rows]) >= keep_score))
    if not len(doubtful):
        return poses
    rows, figures = rows[doubtful], [figures[i] for i in doubtful.tolist()]
    again = look(views.boxes[rows], [Expected(figure) for figure in figures])
    better = (_off(figures, unseen[doubtful], again) < far[doubtful]) & (scores(again) >= hidden_score)
    poses = poses.copy()
    poses[rows[better]] = again[better]
    return poses


def _off(figures: Sequence[Figure], unseen: FloatArray, poses: FloatArray) -> FloatArray:
    """How far each of ``poses`` (n, 23, 3) is from where its person should be, (n,)."""
    keypoints = np.stack([figure.keypoints for figure in figures])
    known = np.array([figure.metre for figure in figures], np.float32)
    return np.diagonal(trunk_distance(keypoints, known, unseen, poses, scales(poses)))
