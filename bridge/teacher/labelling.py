"""Turn what a Kinect saw into the labels of a camera's recording.

Beforehand, ``bodies.jsonl`` holds the bodies that the networks found in the pictures. Afterwards it holds the Kinect's,
in the camera's space and at the times of its pictures, with the joints as keypoints; the others are in ``seen.jsonl``.
``meta.json`` then says under ``teacher`` where the camera stood.

Where the field of view is not known, the keypoints are right nevertheless: 10 degrees too few or too many only move the
camera, by half a metre for someone 3 m away, and the labels by less than 2 of 640 pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bridge.label_report import label_report
from bridge.recording import read_recording, replace_bodies
from models.body import Body, BodyFrame, ByteArray, FloatArray
from models.camera import CameraOfSize, PinholeCamera
from models.extrinsics import Alignment, AlignmentError, CameraPose, Watched, find_camera, interpolated, tracked_only
from models.joints import Joint, Keypoint, TrackingState
from models.kinect_keypoints import kinect_labels
from models.label_checks import LabelReport
from models.orientation import orientations
from models.tracking_states import edges_beyond

SEEN_NAME = "seen.jsonl"
ALONE = 0.15
"""Seconds around a body of the Kinect in which it must have sent nobody else's for the camera to be found by it."""

_NEAREST = 0.2  # metres in front of the camera

DoubleArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Labelled:
    """What came of it.

    Attributes
    ----------
    alignment : Alignment
    frames, labelled : int
        Frames of the recording, and those with a body of the Kinect.
    report : LabelReport
        How good the labels are.
    """

    alignment: Alignment
    frames: int
    labelled: int
    report: LabelReport

    def as_text(self) -> str:
        """A few lines for the user."""
        found, where = self.alignment, self.alignment.pose.translation
        distance = float(np.linalg.norm(where))
        return (
            f"found the camera {distance:.2f} m from the Kinect, its clock {1000 * found.clock_offset:+.0f} ms beside; "
            f"reprojection error {found.error:.1f} pixels ({found.torsos:.1%} of a torso) in the median over "
            f"{found.frames} pictures, {found.inliers:.0%} of the keypoints fit\n"
            f"{self.labelled} of {self.frames} pictures have labels\n{self.report.as_text()}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Pupil:
    """One person as the Kinect saw them, ``n`` bodies in the order of time."""

    times: DoubleArray
    bodies: tuple[Body, ...]

    def positions(self) -> FloatArray:
        return np.stack([body.positions for body in self.bodies])

    def states(self) -> ByteArray:
        return np.stack([body.tracking_states for body in self.bodies])


def label_recording(folder: Path, teacher: Iterable[BodyFrame], camera_of: CameraOfSize) -> Labelled:
    """Give the recording in ``folder`` the labels of a Kinect.

    Parameters
    ----------
    folder : Path
        A recording of a camera, with the bodies that the networks found.
    teacher : iterable of BodyFrame
        What the Kinect sent: bodies in its space, on a clock that runs as the recording's does.
    camera_of : callable
        The camera for pictures of a width and height in pixels.

    Raises
    ------
    AlignmentError
        If the camera cannot be found; the recording stays as it was.
    RecordingError
        If the recording cannot be read or written.
    """
    seen, pupils = list(read_recording(folder)), _pupils(teacher)
    size = next((frame.image_size for frame in seen if frame.image_size != (0, 0)), None)
    if size is None:
        raise AlignmentError(f"{folder}: holds no picture")
    camera = camera_of(*size)
    alignment = find_camera(camera, _single_person(seen), _alone(pupils))
    frames = _labelled(seen, pupils, alignment, camera, size)
    replace_bodies(folder, frames, SEEN_NAME, {"teacher": _description(alignment, camera.fov(size[0]))})
    return Labelled(alignment, len(frames), sum(bool(frame.bodies) for frame in frames), label_report(frames))


def _pupils(teacher: Iterable[BodyFrame]) -> dict[int, _Pupil]:
    bodies: dict[int, dict[float, Body]] = {}
    for frame in teacher:
        for body in frame.bodies:
            bodies.setdefault(body.tracking_id, {})[frame.time] = body
    return {
        who: _Pupil(np.array(sorted(heard)), tuple(heard[time] for time in sorted(heard)))
        for who, heard in bodies.items()
    }


def _single_person(seen: Sequence[BodyFrame]) -> Watched:
    """The keypoints of pictures with one person in them."""
    single = [frame for frame in seen if len(frame.bodies) == 1]
    keypoints = [frame.bodies[0].keypoints for frame in single]
    return Watched(
        np.array([frame.time for frame in single], np.float64),
        np.array(keypoints, np.float32).reshape(-1, len(Keypoint), 3),
    )


def _alone(pupils: dict[int, _Pupil]) -> Watched:
    """The tracked joints of whom the Kinect saw while it saw nobody else."""
    times, points = [np.zeros(0)], [np.zeros((0, len(Joint), 3), np.float32)]
    for who, pupil in pupils.items():
        others = np.sort(np.concatenate([np.zeros(0), *(o.times for other, o in pupils.items() if other != who)]))
        following = np.searchsorted(others, pupil.times - ALONE)
        alone = np.append(others, np.inf)[following] > pupil.times + ALONE
        times.append(pupil.times[alone])
        points.append(tracked_only(pupil.positions(), pupil.states())[alone])
    order = np.argsort(np.concatenate(times), kind="stable")
    return Watched(np.concatenate(times)[order], np.concatenate(points)[order])


def _labelled(
    seen: Sequence[BodyFrame],
    pupils: dict[int, _Pupil],
    alignment: Alignment,
    camera: PinholeCamera,
    size: tuple[int, int],
) -> list[BodyFrame]:
    times = np.array([frame.time for frame in seen], np.float64)
    bodies: list[list[Body]] = [[] for _ in seen]
    for pupil in pupils.values():
        there, labels = _in_camera(pupil, times + alignment.clock_offset, alignment.pose, camera, size)
        for frame, body in zip(there, labels, strict=True):
            bodies[frame].append(body)
    return [
        BodyFrame(frame.time, frame.sequence, tuple(sorted(present, key=lambda body: body.slot)), size)
        for frame, present in zip(seen, bodies, strict=True)
    ]


def _in_camera(
    pupil: _Pupil, when: DoubleArray, pose: CameraPose, camera: PinholeCamera, size: tuple[int, int]
) -> tuple[npt.NDArray[np.intp], list[Body]]:
    """One person's bodies at the Kinect's times ``when``, as the camera sees them, and which of the times they are."""
    positions = pose.transform(interpolated(Watched(pupil.times, pupil.positions()), when))
    there = np.flatnonzero(positions[:, Joint.SPINE_BASE, 2] > _NEAREST)  # NaN where the Kinect saw nobody
    after = np.clip(np.searchsorted(pupil.times, when[there]), 1, len(pupil.times) - 1)
    states = np.minimum(pupil.states()[after - 1], pupil.states()[after])
    bodies = []
    for points, state, i, time in zip(positions[there], states, after, when[there], strict=True):
        nearest = pupil.bodies[i if pupil.times[i] - time < time - pupil.times[i - 1] else i - 1]
        bodies.append(_body(nearest, points, state, camera, size))
    return there, bodies


def _body(like: Body, points: FloatArray, states: ByteArray, camera: PinholeCamera, size: tuple[int, int]) -> Body:
    ahead = points[:, 2] > _NEAREST
    safe = np.where(ahead[:, None], points, np.array([0.0, 0.0, 1.0], np.float32))
    pixels = np.where(ahead[:, None], camera.project(safe), np.float32(np.nan))
    states = np.where(np.isfinite(points).all(axis=1), states, np.uint8(TrackingState.NOT_TRACKED))
    return Body(
        tracking_id=like.tracking_id,
        slot=like.slot,
        positions=points,
        orientations=orientations(np.where(np.isfinite(points), points, np.float32(0.0))),
        tracking_states=states,
        hand_left=like.hand_left,
        hand_right=like.hand_right,
        keypoints=kinect_labels(pixels, states, size),
        clipped_edges=edges_beyond(pixels[ahead][None], size)[0],
    )


def _description(alignment: Alignment, fov: float) -> dict[str, Any]:
    return {
        "rotation": np.round(alignment.pose.rotation, 9).tolist(),
        "translation": np.round(alignment.pose.translation, 6).tolist(),
        "clock_offset": round(alignment.clock_offset, 6),
        "reprojection_error_pixels": round(alignment.error, 3),
        "reprojection_error_torsos": round(alignment.torsos, 4),
        "fov": fov,
    }
