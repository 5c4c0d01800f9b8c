"""How a camera stands, from people who stand upright in its pictures: a fit of tilt, roll, height and focal length.

Somebody upright is a vertical pole on the floor, whose joints are at known heights. Seen by a pinhole over the floor,
each pole says where it stands, and all together say how the camera looks: lines that are vertical in the world meet in
one point, and whoever is further away appears smaller and nearer to the horizon (Lv, Zhao, Nevatia: Camera Calibration
from Video of a Walking Human, 2006). What people's proportions leave open is part of the fit and of its covariance.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.body import FloatArray
from models.camera import PinholeCamera
from models.joints import Keypoint

DoubleArray = npt.NDArray[np.float64]

LEVELS = np.array([0.039, 0.285, 0.530, 0.818, 1.0])
"""How high ankles, knees, hips, shoulders and the top of the head are, in body heights (Drillis and Contini, 1966)."""

NOISE = np.array([0.015, 0.02, 0.02, 0.02, 0.015])
"""Standard deviation of where they are seen, in body heights, from one look to the next."""

_PAIRS = [(Keypoint[f"LEFT_{part}"], Keypoint[f"RIGHT_{part}"]) for part in ("ANKLE", "KNEE", "HIP", "SHOULDER")]
_SURE = 0.5
_BENT = 0.06  # body heights that a joint of someone upright may be beside the line from the ankles to the head
_STRIDE = 0.25  # body heights between the ankles, at most
_STEP_UP = 0.08  # body heights that one ankle may be over the other
_OFF = 0.05  # body heights that a joint of someone upright may be above or below its level

_OPEN = np.array([0.015, 0.02, 0.015])  # standard deviations of people's own knees, hips and shoulders from LEVELS
_STEP = 1e-4
_TILTS = (0.0, -0.25, 0.25)  # radians from what is believed, where to begin: there is more than one hollow
_BELIEFS = 4 + len(_OPEN)
_HUBER = 2.5  # standard deviations beyond which a residual counts less


@dataclass(frozen=True, slots=True)
class Stance:
    """How a camera stands, or how far off that may be.

    Attributes
    ----------
    tilt : float
        Radians that it looks down.
    roll : float
        Radians that its picture is turned clockwise.
    height : float
        Metres over the floor.
    focal : float
        The logarithm of its focal length, in parts of an assumed one.
    """

    tilt: float = 0.0
    roll: float = 0.0
    height: float = 1.1
    focal: float = 0.0

    @property
    def up(self) -> DoubleArray:
        """Which way is up (3,), in camera space."""
        rotation = _rotation(self.tilt, self.roll)
        return np.asarray(rotation[:, 1])

    @property
    def floor(self) -> FloatArray:
        """The floor clip plane (4,) in camera space."""
        return np.append(self.up, self.height).astype(np.float32)

    def as_array(self) -> DoubleArray:
        """Tilt, roll, height, focal."""
        return np.array([self.tilt, self.roll, self.height, self.focal])


UNKNOWN = Stance(math.radians(12), math.radians(3), 0.6, 0.2)
"""How far a camera that nobody knows may be off from `Stance`: one standard deviation."""


def upright(keypoints: FloatArray) -> DoubleArray | None:
    """The five levels (5, 2) of someone who stands upright, in pixels from the ankles up; None for anybody else.

    Parameters
    ----------
    keypoints : (23, 3) float32 array
    """
    confidence = keypoints[:, 2]
    if min(confidence[[keypoint for pair in _PAIRS for keypoint in pair]].min(), confidence[Keypoint.HEAD_TOP]) < _SURE:
        return None
    points = keypoints[:, :2].astype(np.float64)
    levels = np.stack([*(points[[*pair]].mean(axis=0) for pair in _PAIRS), points[Keypoint.HEAD_TOP]])
    axis = levels[-1] - levels[0]
    length = float(np.hypot(*axis))
    if length < 1.0 or -axis[1] < 0.8 * length:
        return None
    size = length / (LEVELS[-1] - LEVELS[0])
    along = (levels - levels[0]) @ axis / length / size + LEVELS[0]
    beside = _beside(levels, axis) / size
    aside, above = np.abs(points[Keypoint.LEFT_ANKLE] - points[Keypoint.RIGHT_ANKLE]) / size
    stands = aside < _STRIDE and above < _STEP_UP and beside.max() < _BENT and np.abs(along - LEVELS).max() < _OFF
    return levels if stands else None


def _beside(levels: DoubleArray, axis: DoubleArray) -> DoubleArray:
    """How far ``levels`` (n, 2) are from the line through the first of them, in pixels."""
    apart = levels - levels[0]
    return np.asarray(np.abs(axis[0] * apart[:, 1] - axis[1] * apart[:, 0]) / np.hypot(*axis))


@dataclass(frozen=True, slots=True, eq=False)
class Poles:
    """Upright people.

    Attributes
    ----------
    levels : (n, 5, 2) array
        Pixels, without distortion; each the mean over several looks at about the same place.
    looks : (n,) array
        How many.
    heights : (n,) array
        How tall they are, in metres.
    """

    levels: DoubleArray
    looks: DoubleArray
    heights: DoubleArray


class PoleBook:
    """Collects upright people by place, and forgets places where nobody has stood for long.

    What one look gets wrong would be taken for a step towards the camera or away from it, so looks at one place of the
    feet are averaged. Who bends appears shorter, and nobody appears taller: the taller looks count more.
    """

    def __init__(self) -> None:
        self._levels = np.zeros((0, len(LEVELS), 2))
        self._looks = self._times = self._heights = np.zeros(0)

    def add(self, time: float, levels: DoubleArray, height: float) -> None:
        """Take in somebody (5, 2) of ``height`` metres who stands upright at ``time``."""
        apart = np.linalg.norm(self._levels[:, 0] - levels[0], axis=1)
        size = float(np.hypot(*(levels[-1] - levels[0])))
        if not len(apart) or apart.min() > _PLACE * size:
            self._levels = np.concatenate([self._levels, levels[None]])
            self._looks, self._times = np.append(self._looks, 1.0), np.append(self._times, time)
            self._heights = np.append(self._heights, height)
            return
        nearest = int(np.argmin(apart))
        self._looks[nearest] = min(self._looks[nearest] + 1.0, _MEMORY)
        before = self._levels[nearest]
        taller = size > float(np.hypot(*(before[-1] - before[0])))
        share = (_TALLER if taller else 1.0) / (_TALLER + self._looks[nearest])
        self._levels[nearest] += (levels - before) * share
        self._heights[nearest] += (height - self._heights[nearest]) * share
        self._times[nearest] = time

    def poles(self, since: float = -math.inf) -> Poles:
        """Everyone seen after ``since``; what is older is forgotten."""
        kept = self._times >= since
        self._levels, self._looks, self._times = self._levels[kept], self._looks[kept], self._times[kept]
        self._heights = self._heights[kept]
        told = self._looks >= _RATE
        return Poles(self._levels[told], self._looks[told] / _RATE, self._heights[told])


_RATE = 2.0  # looks, a tenth of a second each, after which a look is a new one
_MEMORY = 100.0  # looks that a mean goes back
_TALLER = 2.0  # looks that a taller one counts for
_PLACE = 0.12  # body heights in the picture that belong to one place
MOST_LOOKS = 3.0
"""Looks at a place beyond this many say nothing new: everybody stands a little crooked."""


class Feet:
    """Remembers where one person's feet were, to tell standing and walking from jumping."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, DoubleArray]] = deque()

    def rest(self, time: float, keypoints: FloatArray) -> bool:
        """Whether one foot has been where it is for `_STILL_TIME`.

        Parameters
        ----------
        time : float
        keypoints : (23, 3) float32 array
            Of somebody upright, at ``time``.
        """
        ankles = keypoints[[*_PAIRS[0]], :2].astype(np.float64)
        self._seen.append((time, ankles))
        while len(self._seen) > 1 and self._seen[1][0] <= time - _STILL_TIME:
            self._seen.popleft()
        since, before = self._seen[0]
        if not _STILL_TIME <= time - since + 1e-6 <= 2 * _STILL_TIME:
            return False
        size = float(np.hypot(*(keypoints[Keypoint.HEAD_TOP, :2] - ankles.mean(axis=0))))
        return bool(np.linalg.norm(ankles - before, axis=1).min() < _STILL * size)


_STILL_TIME = 0.2
_STILL = 0.035  # body heights that a foot which rests may seem to move


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What poles say.

    Attributes
    ----------
    stance : Stance
    error : Stance
        Standard deviations.
    places : (n, 2) array
        Where each pole stands on the floor: metres to the camera's left, and away from it.
    residual : float
        Root mean square of what is left, in standard deviations of `NOISE`.
    """

    stance: Stance
    error: Stance
    places: DoubleArray
    residual: float


MoreResiduals = Callable[[DoubleArray], DoubleArray]
"""From places (n, 2) to further residuals, in standard deviations."""


def fit(
    poles: Poles,
    camera: PinholeCamera,
    belief: Stance = Stance(),
    doubt: Stance = UNKNOWN,
    more: MoreResiduals | None = None,
    begin: Stance | None = None,
    iterations: int = 12,
) -> Fit:
    """The stance that agrees best with ``poles`` and with what was believed before.

    Parameters
    ----------
    poles : Poles
    camera : PinholeCamera
        The focal length to start from, and the centre.
    belief, doubt : Stance
        What was believed before, and how far off that may be.
    more : callable, optional
        What else the places must agree with.
    begin : Stance, optional
        Where to start looking; by default what was believed.
    iterations : int
    """
    levels, looks = poles.levels, np.minimum(poles.looks, MOST_LOOKS)
    seen = np.stack([camera.centre_u - levels[..., 0], camera.centre_v - levels[..., 1]], axis=-1) / camera.focal
    mean = np.concatenate([belief.as_array(), np.zeros(3)])
    spread = np.concatenate([doubt.as_array(), _OPEN])
    begins = [replace(belief, tilt=belief.tilt + aside) for aside in _TILTS] if begin is None else [begin]

    def residuals(unknowns: DoubleArray) -> DoubleArray:
        left, places = _left_over(unknowns, seen, poles.heights)
        extra = np.zeros(0) if more is None else more(places)
        return np.concatenate([(left * np.sqrt(looks)[:, None]).ravel(), extra, (unknowns - mean) / spread])

    unknowns, information = min(
        (_descended(np.append(start.as_array(), np.zeros(len(_OPEN))), residuals, iterations) for start in begins),
        key=lambda found: _cost(residuals(found[0])),
    )
    left, places = _left_over(unknowns, seen, poles.heights)
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    residual = float(np.sqrt(np.mean(left**2)))
    return Fit(Stance(*unknowns[:4].tolist()), Stance(*errors[:4].tolist()), places, residual)


def _descended(
    unknowns: DoubleArray, residuals: Callable[[DoubleArray], DoubleArray], iterations: int
) -> tuple[DoubleArray, DoubleArray]:
    """Where Gauss and Newton come to from ``unknowns``, and the information there."""
    information = np.eye(len(unknowns))
    for _ in range(iterations):
        left = residuals(unknowns)
        steps = _STEP * np.eye(len(unknowns))
        slopes = np.stack([residuals(unknowns + step) - left for step in steps], axis=1) / _STEP
        weighted = slopes * _weights(left)[:, None]
        information = weighted.T @ slopes
        change = np.asarray(np.linalg.solve(information, weighted.T @ left), np.float64)
        before = _cost(left)
        while _cost(residuals(unknowns - change)) > before and np.abs(change).max() > 1e-6:
            change = change / 3
        unknowns = unknowns - change
        if np.abs(change[:4]).max() < 1e-5:
            break
    return unknowns, information


def _weights(left: DoubleArray) -> DoubleArray:
    """How much each residual counts (Huber); the last ones, which are beliefs, in any case."""
    weights = np.minimum(1.0, _HUBER / np.maximum(np.abs(left), 1e-9))
    weights[-_BELIEFS:] = 1.0
    return weights


def _cost(left: DoubleArray) -> float:
    """What `_weights` makes the sum of squares to be."""
    size = np.abs(left)
    costs = np.where(size < _HUBER, size**2, _HUBER * (2 * size - _HUBER))
    costs[-_BELIEFS:] = left[-_BELIEFS:] ** 2
    return float(costs.sum())


def _left_over(unknowns: DoubleArray, seen: DoubleArray, heights: DoubleArray) -> tuple[DoubleArray, DoubleArray]:
    """What the best places (n, 2) of the poles leave unexplained (n, 10), in standard deviations, and those places.

    A point at world (X, Y, Z) is seen at rays with ``ray * depth = side``; both are linear in X and Z, the place.
    """
    tilt, roll, above, focal = unknowns[:4]
    rotation = _rotation(tilt, roll)
    rays = seen / math.exp(focal)
    levels = heights[:, None] * (LEVELS + np.concatenate([[0.0], unknowns[4:7], [0.0]])) - above  # (n, 5)
    rows = rotation[None, None, :2, [0, 2]] - rays[..., None] * rotation[2, [0, 2]]  # (n, 5, 2, 2)
    values = rays * (rotation[2, 1] * levels)[..., None] - rotation[:2, 1] * levels[..., None]  # (n, 5, 2)
    weight = (1 / NOISE)[:, None, None]
    left, right = (rows * weight).reshape(len(seen), 10, 2), (values * weight[..., 0]).reshape(len(seen), 10, 1)
    normal = left.transpose(0, 2, 1) @ left
    places = np.linalg.solve(normal, left.transpose(0, 2, 1) @ right)  # (n, 2, 1)
    off = (left @ places - right)[..., 0]
    depth = np.maximum(places[:, 1, 0] * rotation[2, 2], 0.3)
    lengths = np.linalg.norm(rays[:, -1] - rays[:, 0], axis=1) * depth
    return off * ((LEVELS[-1] - LEVELS[0]) / lengths)[:, None], places[..., 0]  # from metres to body heights


def _rotation(tilt: float, roll: float) -> DoubleArray:
    """From the world (left, up, away) to camera space, (3, 3)."""
    down = np.array([[1, 0, 0], [0, math.cos(tilt), math.sin(tilt)], [0, -math.sin(tilt), math.cos(tilt)]])
    turn = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
    return np.asarray(turn @ down)
