"""Pictures in, bodies out: detect, look, track, lift and smooth, on one thread.

The networks come in as callables, so that anything that finds people can take their place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Protocol

import numpy as np

from bridge.smoothing import DEFAULT, PRESETS, BodySmoother, Smoothing
from bridge.timing import Stopwatch
from bridge.track import Track
from bridge.tracker import Tracker, Tracking
from models.body import Body, BodyFrame, ByteArray, FloatArray, Frame, Hand
from models.camera import CameraOfSize, PinholeCamera
from models.floor import FloorFinder
from models.floor import Person as StandingPerson
from models.joints import HandState, Joint, Keypoint, TrackingState
from models.lift import BodyLift, LiftMemory, default_lift
from models.lift_features import SEEN
from models.orientation import Orienter, lean
from models.standing import Stance
from models.tracking_states import TRACKED

_UNSURE = 0.9 * TRACKED  # confidence of what is remembered rather than seen: never Tracked


class Detector(Protocol):
    """Finds people: `models.detector.PersonDetector`."""

    def __call__(self, image: ByteArray, /) -> FloatArray:
        """(n, 5) x1, y1, x2, y2 in pixels and score, surest first."""


class Pose(Protocol):
    """Finds keypoints: `models.pose.PoseEstimator`."""

    def __call__(self, image: ByteArray, boxes: FloatArray, /) -> FloatArray:
        """(n, 23, 3) x, y in pixels and confidence of the people in ``boxes`` (n, 4)."""


class Hands(Protocol):
    """Tells what hands do: `bridge.hand_tracking.HandTracker`."""

    def __call__(self, image: ByteArray, body: Body, time: float, /) -> tuple[Hand, Hand]:
        """Left and right hand of ``body``, which was found in ``image`` at ``time``."""

    def forget(self, present: set[int], /) -> None:
        """Remember only the people whose tracking ids are ``present``."""


class _Person:
    """What is remembered of one person besides the track."""

    def __init__(self, smoothing: Smoothing, height: float | None) -> None:
        self.smoother = BodySmoother(smoothing)
        self.lift = LiftMemory(height)
        self.orienter = Orienter()


class Pipeline:
    """Everything from a picture to the bodies in it.

    Parameters
    ----------
    detector : Detector
    pose : Pose
    fov : float, optional
        The camera's horizontal field of view in degrees; by default that of a common webcam.
    height : float, optional
        People's height in metres; by default it is learnt from each person's proportions.
    tracking : Tracking, optional
    smoothing : Smoothing, optional
    watch : Stopwatch, optional
        Counts the stages detect, pose, track, lift and smooth, and whatever its owner adds before the next frame.
    camera : callable, optional
        The camera for pictures of a width and height, for one that was calibrated; ``fov`` does not count then.
    stance : Stance, optional
        How the camera stands, if that is known: where the floor is.
    hands : Hands, optional
        Without it, hand states are Unknown or NotTracked. Its stage is ``hands``.
    lift : BodyLift, optional
        By default the shipped one.
    """

    def __init__(
        self,
        detector: Detector,
        pose: Pose,
        fov: float | None = None,
        height: float | None = None,
        tracking: Tracking | None = None,
        smoothing: Smoothing | None = None,
        watch: Stopwatch | None = None,
        camera: CameraOfSize | None = None,
        stance: Stance | None = None,
        hands: Hands | None = None,
        lift: BodyLift | None = None,
    ) -> None:
        self.watch = watch or Stopwatch()
        self._detector, self._pose, self._hands = detector, pose, hands
        self._camera = camera or partial(PinholeCamera.from_fov, fov=fov)
        self._height, self._lift = height, lift or default_lift()
        self._tracker, self._smoothing = Tracker(tracking or Tracking()), smoothing or PRESETS[DEFAULT]
        self._people: dict[int, _Person] = {}
        self._floor = FloorFinder(stance)

    def bodies(self, frames: Iterable[Frame]) -> Iterator[BodyFrame]:
        """A `BodyFrame` for every frame, bodies in the order of their slots."""
        for sequence, frame in enumerate(frames):
            yield self._bodies(frame, sequence)
            self.watch.end_frame()  # after the publishers, which run while this waits

    def _bodies(self, frame: Frame, sequence: int) -> BodyFrame:
        height, width = frame.image.shape[:2]
        tracks = self._tracks(frame)
        self._people = {
            track.tracking_id: self._people.get(track.tracking_id) or _Person(self._smoothing, self._height)
            for track in tracks
        }
        camera = self._camera(width, height)
        bodies = [self._body(track, frame.time, camera, (width, height)) for track in tracks]
        if self._hands is not None:
            with self.watch.stage("hands"):
                bodies = [_with_hands(self._hands, frame, body) for body in bodies]
                self._hands.forget(set(self._people))
        with self.watch.stage("lift"):
            floor = self._floor(frame.time, self._standing(tracks, frame.time, camera), camera)
        ordered = tuple(sorted(bodies, key=lambda body: body.slot))
        return BodyFrame(frame.time, sequence, ordered, (width, height), floor)

    def _standing(self, tracks: Iterable[Track], time: float, camera: PinholeCamera) -> dict[int, StandingPerson]:
        """By tracking id, those who are seen at ``time``, without the distortion of the lens."""
        return {
            track.tracking_id: (
                np.concatenate([camera.undistorted(track.keypoints[:, :2]), track.keypoints[:, 2:]], axis=1),
                self._people[track.tracking_id].lift.height.metres,
            )
            for track in tracks
            if track.seen == time
        }

    def _tracks(self, frame: Frame) -> tuple[Track, ...]:
        with self.watch.stage("track"):
            due = self._tracker.detector_due(frame.time)
        detections = None
        if due:
            with self.watch.stage("detect"):
                detections = self._detector(frame.image)
        with self.watch.stage("track"):
            boxes = self._tracker.crops(frame.time, detections)
        with self.watch.stage("pose"):
            poses = self._pose(frame.image, boxes) if len(boxes) else np.zeros((0, len(Keypoint), 3), np.float32)
        with self.watch.stage("track"):
            return self._tracker.update(frame.time, poses, detections, frame.image)

    def _body(self, track: Track, time: float, camera: PinholeCamera, size: tuple[int, int]) -> Body:
        person, keypoints = self._people[track.tracking_id], track.keypoints
        if track.seen < time:
            keypoints = track.moved_to(time)[1]
            keypoints[:, 2] = np.minimum(keypoints[:, 2], _UNSURE)
        with self.watch.stage("smooth"):
            calm = _calm(keypoints, person, time, camera)
        with self.watch.stage("lift"):
            lifted = self._lift(calm, camera, time, person.lift, size)
        with self.watch.stage("smooth"):
            positions = person.smoother.joints(time, lifted.positions, lifted.tracking_states)
        with self.watch.stage("lift"):
            turned, leaning = person.orienter(time, positions), lean(positions)
        states = lifted.tracking_states
        return Body(
            track.tracking_id,
            track.slot,
            positions,
            turned,
            states,
            Hand(_hand_state(states[Joint.HAND_LEFT])),
            Hand(_hand_state(states[Joint.HAND_RIGHT])),
            keypoints,
            lifted.clipped_edges,
            leaning,
        )


def _with_hands(hands: Hands, frame: Frame, body: Body) -> Body:
    left, right = hands(frame.image, body, frame.time)
    return replace(body, hand_left=left, hand_right=right)


def _calm(keypoints: FloatArray, person: _Person, time: float, camera: PinholeCamera) -> FloatArray:
    """``keypoints`` (23, 3), smoothed; those that were not seen stay out of it."""
    before = person.lift.positions
    distance = 2.0 if before is None else float(before[Joint.SPINE_SHOULDER, 2])
    points = np.where(keypoints[:, 2:] >= SEEN, camera.undistorted(keypoints[:, :2]), np.float32(np.nan))
    smooth = person.smoother.keypoints(time, points, distance / camera.focal)
    return np.concatenate([np.where(np.isfinite(smooth), smooth, keypoints[:, :2]), keypoints[:, 2:]], axis=1)


def _hand_state(tracking: int) -> HandState:
    return HandState.UNKNOWN if tracking == TrackingState.TRACKED else HandState.NOT_TRACKED
