"""From keypoints in a picture to a Kinect v2 body in metres: a small recurrent network that remembers each person.

The network looks at the keypoints of one person through a virtual camera (`models.lift_features`) and answers with the
25 joints and the distance in units of the person's height. How tall somebody is follows from their proportions, more
surely the longer they are seen, unless it is given. Joints whose keypoints are sure are then drawn to their rays.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.camera import PinholeCamera
from models.joints import LIMB_KEYPOINTS, FrameEdges, Keypoint
from models.kinect_keypoints import KEYPOINT_JOINT
from models.lift_features import SEEN, from_network, look_at, rays_of
from models.lift_network import LiftNetwork
from models.proportions import DEFAULT_HEIGHT
from models.skeleton_sets import Convention
from models.tracking_states import edges_beyond, tracking_states

IntArray = npt.NDArray[np.intp]

DEFAULT_WEIGHTS = Path(__file__).parent / "weights" / "lift.onnx"

SHORTEST, TALLEST = 0.9, 2.2
"""Metres between which a height is learnt."""

NEAREST = 0.1
"""Metres from the camera that no joint comes nearer than."""

_STEP = 1 / 30  # seconds to the picture before the first one
_PAUSE = 1.0  # seconds after which what was remembered of somebody's pose is of no use
_FEWEST = 3  # keypoints that must be seen for a pose to change
_LIMBS = list(LIMB_KEYPOINTS)
_ON_RAY = [k for k in LIMB_KEYPOINTS if "SHOULDER" not in k.name and "HIP" not in k.name]
_LIMB_JOINTS, _ON_RAY_JOINTS = (np.array([KEYPOINT_JOINT[k] for k in some]) for some in (_LIMBS, _ON_RAY))
_NEAR = 0.1  # metres beside its ray at which a joint counts a third when a body is moved
# Metres beside its ray where a joint may stay: a Kinect's joints are not quite those of our keypoints, least of all the
# knees of somebody who sits.
_TOLERANCE = np.array([0.12 if "KNEE" in k.name else 0.05 for k in _ON_RAY], np.float32)
_SURE, _SUREST = 0.7, 0.95  # confidences between which a keypoint gains its full pull


@dataclass(frozen=True, slots=True, eq=False)
class Lifted:
    """What a picture says of where a body is: attributes of `models.body.Body`; see there for the shapes.

    Orientations follow from the positions, best once those are smooth: `models.orientation`.
    """

    positions: FloatArray
    tracking_states: ByteArray
    clipped_edges: FrameEdges


class Height:
    """How tall somebody is: what was said of it in each picture, averaged over their time in view.

    Parameters
    ----------
    given : float, optional
        Metres, if it is known.
    """

    _LONGEST = 60.0  # seconds of view after which new ones displace old ones

    def __init__(self, given: float | None = None) -> None:
        self.metres = given or DEFAULT_HEIGHT
        self._given, self._trust = given is not None, 0.0

    def learn(self, logarithm: float, spread: float, seconds: float) -> None:
        """Take in the logarithm of the height over `DEFAULT_HEIGHT` and that of its uncertainty."""
        if self._given:
            return
        trust = max(seconds, 0.01) * math.exp(-min(max(spread, -4.0), 2.0))
        before = math.log(self.metres / DEFAULT_HEIGHT) if self._trust else 0.0
        self._trust = min(self._trust + trust, self._LONGEST * math.exp(2.0))
        now = DEFAULT_HEIGHT * math.exp(before + trust / self._trust * (logarithm - before))
        self.metres = min(max(now, SHORTEST), TALLEST)


class LiftMemory:
    """What is remembered of one person from picture to picture; drop it when they are gone.

    Parameters
    ----------
    height : float, optional
        The person's height in metres; learnt if it is not given.
    """

    def __init__(self, height: float | None = None) -> None:
        self.height = Height(height)
        self.time = -math.inf
        self.state: FloatArray | None = None
        self.positions: FloatArray | None = None


class BodyLift:
    """The lift: one for all people, what it remembers of each is a `LiftMemory`.

    Parameters
    ----------
    weights : Path
        An ONNX file that ``bodycast train lift`` wrote.
    convention : Convention
        Whose joints are meant; only a Kinect v2 has all 25.
    kinect_keypoints : bool
        Whether the keypoints are where a Kinect has its joints, as a network that was fine-tuned with one finds them:
        then limbs lie on their rays.

    Raises
    ------
    WeightsError
        If the file is missing or is another network.
    """

    def __init__(
        self,
        weights: Path = DEFAULT_WEIGHTS,
        convention: Convention = Convention.KINECT_V2,
        kinect_keypoints: bool = False,
    ) -> None:
        self._network, self._kinect_keypoints = LiftNetwork(weights, convention), kinect_keypoints

    def __call__(
        self,
        keypoints: FloatArray,
        camera: PinholeCamera,
        time: float,
        memory: LiftMemory,
        size: tuple[int, int] | None = None,
    ) -> Lifted:
        """Place one person's 25 joints in camera space.

        Parameters
        ----------
        keypoints : (23, 3) float32 array
            x and y in pixels, and confidence 0 to 1, indexed by `Keypoint`. NaN counts as not seen.
        camera : PinholeCamera
        time : float
            Seconds.
        memory : LiftMemory
            Of this person; it changes.
        size : (int, int), optional
            Width and height of the picture in pixels: a joint outside it is never Tracked.
        """
        positions, states, edges = self.everyone(keypoints[None], camera, time, [memory], size)
        return Lifted(positions[0], states[0], edges[0])

    def everyone(
        self,
        keypoints: FloatArray,
        camera: PinholeCamera,
        time: float,
        memories: Sequence[LiftMemory],
        size: tuple[int, int] | None = None,
    ) -> tuple[FloatArray, ByteArray, list[FrameEdges]]:
        """The same for n people of one picture at once, which costs hardly more than for one.

        Parameters
        ----------
        keypoints : (n, 23, 3) float32 array
        camera, time, size
            See above.
        memories : sequence of LiftMemory
            One a person.

        Returns
        -------
        (n, 25, 3) float32 array, (n, 25) uint8 array, list of FrameEdges
            Positions, tracking states and clipped edges.
        """
        keypoints = np.where(np.isfinite(keypoints.sum(axis=2, keepdims=True)), keypoints, np.float32(0.0))
        enough = (keypoints[..., 2] >= SEEN).sum(axis=1) >= _FEWEST
        moving = [row for row, memory in enumerate(memories) if enough[row] or memory.positions is None]
        if moving:
            self._move(keypoints[moving], camera, time, [memories[row] for row in moving])
        positions = np.array([memory.positions for memory in memories], np.float32)
        edges = [FrameEdges.NONE] * len(memories) if size is None else edges_beyond(camera.project(positions), size)
        return positions, tracking_states(keypoints, size), edges

    def _move(self, keypoints: FloatArray, camera: PinholeCamera, time: float, memories: Sequence[LiftMemory]) -> None:
        """Bring ``memories`` (n) up to ``time``, when keypoints (n, 23, 3) were seen."""
        steps = [time - memory.time for memory in memories]
        for row, memory in enumerate(memories):
            if memory.state is None or not 0.0 <= steps[row] <= _PAUSE:
                memory.state, steps[row] = np.zeros(self._network.width, np.float32), _STEP
        confidence, rays = keypoints[..., 2], rays_of(keypoints, camera)
        features, gaze = look_at(rays, confidence, np.array(steps, np.float32))
        answers, states = self._network(features, np.array([memory.state for memory in memories]))
        for memory, state, step, (logarithm, spread) in zip(
            memories, states, steps, answers[:, -2:].tolist(), strict=True
        ):
            memory.state, memory.time = state, time
            memory.height.learn(logarithm, spread, step)
        heights = np.array([memory.height.metres for memory in memories], np.float32)
        positions = from_network(answers, gaze, heights)
        np.maximum(positions[..., 2], NEAREST, out=positions[..., 2])
        tolerance = heights[:, None] * (_TOLERANCE / np.float32(DEFAULT_HEIGHT))
        if self._kinect_keypoints:
            positions, tolerance = moved_onto_rays(positions, rays, confidence), np.zeros_like(tolerance)
        for memory, joints in zip(memories, onto_rays(positions, rays, confidence, tolerance), strict=True):
            memory.positions = joints


def onto_rays(positions: FloatArray, rays: FloatArray, confidence: FloatArray, tolerance: FloatArray) -> FloatArray:
    """Joints (n, 25, 3) with elbows, wrists, knees and ankles near the rays (n, 23, 2) of keypoints that are sure.

    They may stay ``tolerance`` (n, k) metres beside them, k of these joints.
    """
    apart = _beside(positions, rays, _ON_RAY, _ON_RAY_JOINTS)
    far = np.sqrt(np.einsum("nkc,nkc->nk", apart, apart))
    share = _pull(confidence.take(_ON_RAY, axis=1)) * np.maximum(1.0 - tolerance / np.maximum(far, 1e-6), 0.0)
    result = positions.copy()
    result[:, _ON_RAY_JOINTS, :2] += share[..., None] * apart
    return result


def moved_onto_rays(positions: FloatArray, rays: FloatArray, confidence: FloatArray) -> FloatArray:
    """Bodies (n, 25, 3), each moved across the view to where most of its limbs are near their rays (n, 23, 2)."""
    apart = _beside(positions, rays, _LIMBS, _LIMB_JOINTS)
    weight = _pull(confidence.take(_LIMBS, axis=1)) * np.exp(-np.sqrt(np.einsum("nkc,nkc->nk", apart, apart)) / _NEAR)
    way = np.einsum("nk,nkc->nc", weight, apart) / np.maximum(weight.sum(axis=1, keepdims=True), 1e-6)
    result = positions.copy()
    result[..., :2] += way[:, None]
    return result


def _beside(positions: FloatArray, rays: FloatArray, keypoints: list[Keypoint], joints: IntArray) -> FloatArray:
    """How far beside their joints (n, 25, 3) the rays (n, 23, 2) of ``keypoints`` pass, (n, k, 2) metres."""
    there = positions.take(joints, axis=1)
    return np.asarray(rays.take(keypoints, axis=1) * there[..., 2:] - there[..., :2])


def _pull(confidence: FloatArray) -> FloatArray:
    return np.asarray(np.minimum(np.maximum((confidence - _SURE) / (_SUREST - _SURE), 0.0), 1.0))


@cache
def default_lift() -> BodyLift:
    """The shipped lift, loaded once."""
    return BodyLift()
