"""Pictures in, bodies out: detect, look, track, lift and smooth, on one thread.

The networks come in as callables, so that anything that finds people can take their place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Protocol

import numpy as np

from bridge.second_look import looked_again
from bridge.smoothing import DEFAULT, PRESETS, BodySmoother, Smoothing
from bridge.timing import Stopwatch
from bridge.track import Track
from bridge.tracker import Tracker
from bridge.tracking import Tracking
from bridge.views import Views
from models.body import Body, BodyFrame, ByteArray, FloatArray, Frame, Hand
from models.camera import CameraOfSize, PinholeCamera
from models.floor import FloorFinder
from models.floor import Person as StandingPerson
from models.joints import HandState, Joint, Keypoint
from models.lift import BodyLift, LiftMemory, default_lift
from models.lift_features import SEEN
from models.orientation import Orienter, lean
from models.painting import Expected
from models.standing import Stance
from models.tracking_states import TRACKED

_UNSURE = 0.9 * TRACKED  # confidence of what is remembered rather than seen: never Tracked


class Detector(Protocol):
    """Finds people: `models.detector.PersonDetector`."""

    def __call__(self, image: ByteArray, /) -> FloatArray:
        """(n, 5) x1, y1, x2, y2 in pixels and score, surest first."""


class Pose(Protocol):
    """Finds keypoints: `models.pose.PoseEstimator`."""

    def __call__(self, image: ByteArray, boxes: FloatArray, expected: Sequence[Expected], /) -> FloatArray:
        """(n, 23, 3) x, y in pixels and confidence of the people in ``boxes`` (n, 4), who are ``expected`` there."""


class Hands(Protocol):
    """Tells what hands do: `bridge.hand_tracking.HandTracker`."""

    def __call__(
        self, image: ByteArray, ids: Sequence[int], keypoints: FloatArray, time: float, /
    ) -> Callable[[], list[tuple[Hand, Hand]]]:
        """Begin to look at the hands of n people who were found in ``image`` at ``time``, with keypoints (n, 23, 3).

        What comes back waits for the left and the right hand of each.
        """


class _Everyone:
    """What is remembered of people besides their tracks, a row each."""

    def __init__(self, smoothing: Smoothing, height: float | None) -> None:
        self.smoother = BodySmoother(smoothing)
        self.orienter = Orienter()
        self.lifts: list[LiftMemory] = []
        self._height = height
        self.ids: list[int] = []

    def keep(self, ids: list[int]) -> None:
        """Go on with the people of these tracking ids, in this order."""
        if ids == self.ids:
            return
        rows = np.array([self.ids.index(one) if one in self.ids else -1 for one in ids], np.intp)
        self.smoother.keep(rows)
        self.orienter.keep(rows)
        self.lifts = [self.lifts[row] if row >= 0 else LiftMemory(self._height) for row in rows]
        self.ids = ids

    def distances(self) -> FloatArray:
        """How far away each person's shoulders were last, (n,) metres; two metres where that is not known."""
        known = [memory.positions for memory in self.lifts]
        return np.array([2.0 if one is None else one[Joint.SPINE_SHOULDER, 2] for one in known], np.float32)


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
        self._tracking = tracking or Tracking()
        self._lift, self._tracker = lift or default_lift(), Tracker(self._tracking, self._camera)
        self._everyone = _Everyone(smoothing or PRESETS[DEFAULT], height)
        self._floor = FloorFinder(stance)

    def bodies(self, frames: Iterable[Frame]) -> Iterator[BodyFrame]:
        """A `BodyFrame` for every frame, bodies in the order of their slots."""
        for sequence, frame in enumerate(frames):
            yield self._bodies(frame, sequence)
            self.watch.end_frame()  # after the publishers, which run while this waits

    def _bodies(self, frame: Frame, sequence: int) -> BodyFrame:
        height, width = frame.image.shape[:2]
        tracks = self._tracks(frame)
        self._everyone.keep([track.tracking_id for track in tracks])
        camera = self._camera(width, height)
        bodies = self._found(tracks, frame, camera) if tracks else []
        with self.watch.stage("lift"):
            floor = self._floor(frame.time, self._standing(tracks, frame.time, camera), camera)
        ordered = tuple(sorted(bodies, key=lambda body: body.slot))
        return BodyFrame(frame.time, sequence, ordered, (width, height), floor)

    def _standing(self, tracks: Sequence[Track], time: float, camera: PinholeCamera) -> dict[int, StandingPerson]:
        """By tracking id, those who are seen at ``time``, without the distortion of the lens."""
        return {
            track.tracking_id: (
                np.concatenate([camera.undistorted(track.keypoints[:, :2]), track.keypoints[:, 2:]], axis=1),
                memory.height.metres,
            )
            for track, memory in zip(tracks, self._everyone.lifts, strict=True)
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
            views = self._tracker.views(frame.time, detections)
        with self.watch.stage("pose"):
            poses = self._looked_at(frame.image, views)
        with self.watch.stage("track"):
            return self._tracker.update(frame.time, poses, detections, frame.image, views)

    def _looked_at(self, image: ByteArray, views: Views) -> FloatArray:
        """The keypoints (n, 23, 3) of the people in all ``views`` of a picture."""
        if not len(views.boxes):
            return np.zeros((0, len(Keypoint), 3), np.float32)
        look, settings = partial(self._pose, image), self._tracking
        found = look(views.boxes, views.expected)
        return looked_again(look, views, found, settings.keep_score, settings.hidden_score)

    def _found(self, tracks: Sequence[Track], frame: Frame, camera: PinholeCamera) -> list[Body]:
        """The bodies of all ``tracks``, at once: a call of numpy costs more than what it does for one person."""
        everyone, time, (height, width) = self._everyone, frame.time, frame.image.shape[:2]
        keypoints = np.array([_keypoints_at(track, time) for track in tracks], np.float32)
        looked = None
        if self._hands is not None:
            with self.watch.stage("hands"):  # the network looks at them while the body is lifted
                looked = self._hands(frame.image, everyone.ids, keypoints, time)
        with self.watch.stage("smooth"):
            calm = self._calm(keypoints, time, camera)
        with self.watch.stage("lift"):
            positions, states, edges = self._lift.everyone(calm, camera, time, everyone.lifts, (width, height))
        with self.watch.stage("smooth"):
            positions = everyone.smoother.joints(time, positions, states)
        with self.watch.stage("lift"):
            turned, leaning = everyone.orienter(time, positions), lean(positions)
        hands = [_unread(one) for one in states]
        if looked is not None:
            with self.watch.stage("hands"):
                hands = looked()
        return [
            Body(
                t.tracking_id, t.slot, positions[i], turned[i], states[i], *hands[i], keypoints[i], edges[i], leaning[i]
            )
            for i, t in enumerate(tracks)
        ]

    def _calm(self, keypoints: FloatArray, time: float, camera: PinholeCamera) -> FloatArray:
        """``keypoints`` (n, 23, 3), smoothed; those that were not seen stay out of it."""
        points, confidence = keypoints[..., :2], keypoints[..., 2:]
        straight = camera.undistorted(points.reshape(-1, 2)).reshape(points.shape)
        seen = np.where(confidence >= SEEN, straight, np.float32(np.nan))
        metres = self._everyone.distances()[:, None, None] / np.float32(camera.focal)
        smooth = self._everyone.smoother.keypoints(time, seen, metres)
        return np.concatenate([np.where(np.isfinite(smooth), smooth, points), confidence], axis=2)


def _keypoints_at(track: Track, time: float) -> FloatArray:
    """The keypoints (23, 3) of ``track`` where they should be at ``time``; unsure if they were not seen just then."""
    if track.seen == time:
        return track.keypoints
    keypoints = track.moved_to(time)[1]
    keypoints[:, 2] = np.minimum(keypoints[:, 2], _UNSURE)
    return keypoints


def _unread(states: ByteArray) -> tuple[Hand, Hand]:
    """The hands of someone with these tracking states (25,) when nobody looks at them."""
    return _HANDS[states[Joint.HAND_LEFT]], _HANDS[states[Joint.HAND_RIGHT]]


_HANDS = (Hand(HandState.NOT_TRACKED), Hand(HandState.NOT_TRACKED), Hand(HandState.UNKNOWN))
"""By tracking state."""
