"""How good the labels of a recording are, person by person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from models.body import Body, BodyFrame
from models.label_checks import LabelReport, check_labels, merged


def label_report(frames: Iterable[BodyFrame]) -> LabelReport:
    """Check the labels of everyone in ``frames``, which are in the order of time and of pictures of one size."""
    people: dict[int, list[tuple[float, Body]]] = {}
    size = (0, 0)
    for frame in frames:
        size = frame.image_size if frame.bodies else size
        for body in frame.bodies:
            people.setdefault(body.tracking_id, []).append((frame.time, body))
    return merged(_checked(seen, size) for seen in people.values())


def _checked(seen: Sequence[tuple[float, Body]], size: tuple[int, int]) -> LabelReport:
    positions, states, keypoints = (
        np.stack([getattr(body, name) for _, body in seen]) for name in ("positions", "tracking_states", "keypoints")
    )
    return check_labels(positions, states, keypoints, [time for time, _ in seen], size).report
