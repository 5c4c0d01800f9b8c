"""Judge a pose network by recordings with a Kinect's labels: crops from the labels, no detector and no tracker."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bridge.labelled_recordings import Chosen, chosen_to_test, cut_frames, find_recordings, read_clip
from bridge.recording import RecordingError
from models.pose_evaluation import FindsKeypoints
from models.training.finetune_evaluation import judge

DETAIL = 2.0
MOST = 3000
VIEW = (192, 256)


def evaluate_recordings(pose: FindsKeypoints, folder: Path, names: Sequence[str] = ()) -> dict[str, Any]:
    """PCK@0.2 of ``pose`` over the limb joints, on labels that hold.

    Parameters
    ----------
    pose : FindsKeypoints
    folder : Path
        A recording, or a folder of recordings.
    names : sequence of str
        Only these recordings.

    Returns
    -------
    dict
        ``pck``, ``per_joint``, ``frames``, and how many ``labels`` there were and were ``dropped``.

    Raises
    ------
    RecordingError
        If there is no such recording, or nobody in it can be measured.
    """
    found = {path.name: path for path in find_recordings([folder])}
    for name in names:
        if name not in found:
            raise RecordingError(f"{folder}: no recording {name!r} there; there are {', '.join(found)}")
    clips = [read_clip(path) for name, path in found.items() if not names or name in names]
    every = [Chosen(clip, person, np.arange(len(person.times))) for clip in clips for person in clip.people]
    frames = cut_frames(chosen_to_test(every, MOST), VIEW, DETAIL)
    judged = judge(pose, frames)
    if not np.isfinite(judged.pck):
        raise RecordingError(f"{folder}: no labels of shoulders and hips that hold, so errors cannot be measured")
    return {
        "pck": judged.pck,
        "per_joint": judged.per_joint,
        "frames": len(frames),
        "labels": sum(clip.report.labels for clip in clips),
        "dropped": sum(sum(clip.report.dropped.values()) for clip in clips),
    }
