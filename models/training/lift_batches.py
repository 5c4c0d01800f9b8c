"""Batches for the lift: skeletons before random cameras, and what our own pose network found in real clips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch.utils.data import IterableDataset, get_worker_info

from models.body import FloatArray
from models.joints import JOINT_FLIP, KEYPOINT_FLIP, Joint, Keypoint
from models.keypoint_synthesis import NoisyKeypoints
from models.lift_features import look_at, to_network
from models.skeleton_sets import Convention, Motion
from models.synthetic_views import seen_by_camera
from models.training.lift_augment import (
    ARM_KEYPOINTS,
    ARMS,
    LEGS,
    about,
    before_random_cameras,
    hide_some,
    random_offsets,
    swinging,
    turned_in_waist,
    with_limbs_of,
    with_waving_arms,
)
from models.training.lift_data import ACTED, Pair

IntArray = npt.NDArray[np.int64]

SHARES = {
    "kinder_gator": 2.1,
    "utd_mhad": 2.1,
    "msr_action3d": 0.4,
    "gtu_action3d": 1.0,
    "keraal": 0.5,
    "bandai_namco": 0.6,
    "cmu_walks": 0.2,
    "pairs": 0.9,
    ACTED: 2.0,
}
"""How often a batch takes from each set, relative to the others."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What the network learns from in one step.

    Attributes
    ----------
    features : (n, frames, features) float32 array
    convention : (n,) int64 array
    answer : (n, frames, 75) float32 array
        NaN where the recorder does not know.
    height : (n,) float32 array
        Metres.
    scale : (n, frames) float32 array
        See `models.lift_features.Gaze`.
    tells : (n,) float32 array
        1 where the height was somebody's real one, from which it can be learnt.
    """

    features: FloatArray
    convention: IntArray
    answer: FloatArray
    height: FloatArray
    scale: FloatArray
    tells: FloatArray


class LiftBatches(IterableDataset[Batch]):
    """Makes batches without end; each worker of a loader makes other ones.

    Parameters
    ----------
    motions : sequence of Motion
    pairs : sequence of Pair
        Of real people.
    acted : sequence of Pair
        Of the built-in actor.
    people, frames : int
        The size of a batch.
    seed : int
    """

    def __init__(
        self,
        motions: Sequence[Motion],
        pairs: Sequence[Pair],
        acted: Sequence[Pair],
        people: int,
        frames: int,
        seed: int,
    ) -> None:
        super().__init__()
        self._seed, self._rng = seed, np.random.default_rng(seed)
        self._seen = {name: found for name, found in (("pairs", pairs), (ACTED, acted)) if found}
        self._people, self._frames = people, frames
        self._sets: dict[str, list[Motion]] = {}
        for motion in motions:
            if len(motion.positions) >= 8:
                self._sets.setdefault(motion.source, []).append(motion)
        names = [*self._sets, *self._seen]
        self._names = names
        self._share = np.array([SHARES[name] for name in names])
        self._share /= self._share.sum()
        self._weights = {n: np.array([len(m.positions) for m in ms], float) for n, ms in self._sets.items()}

    def __iter__(self) -> Iterator[Batch]:
        worker = get_worker_info()
        self._rng = np.random.default_rng((self._seed, 0 if worker is None else worker.id))
        while True:
            yield self()

    def __call__(self) -> Batch:
        """The next batch."""
        chosen = self._rng.choice(self._names, self._people, p=self._share)
        parts = [self._synthetic([self._motion(name) for name in chosen if name in self._sets])]
        for name, pairs in self._seen.items():
            count = int((chosen == name).sum())
            if count:
                some = [pairs[i] for i in self._rng.integers(0, len(pairs), count).tolist()]
                parts.append(self._found(some, real=name != ACTED))
        return joined(parts)

    def _motion(self, name: str) -> Motion:
        weights = self._weights[name]
        return self._sets[name][self._rng.choice(len(weights), p=weights / weights.sum())]

    def _synthetic(self, motions: Sequence[Motion]) -> Batch:
        rng, n = self._rng, len(motions)
        step = rng.choice([1 / 30, 1 / 25, 1 / 15], n, p=[0.6, 0.15, 0.25]).astype(np.float32)
        speed = rng.uniform(0.7, 1.4, n)
        positions = np.stack([self._window(m, s * v) for m, s, v in zip(motions, step, speed, strict=True)])
        flip(positions, rng.random(n) < 0.5)
        size = np.exp(rng.normal(0, 0.04, n)).astype(np.float32)
        height = np.array([m.height for m in motions], np.float32) * size
        tells = np.array([m.convention in (Convention.KINECT_V1, Convention.KINECT_V2) for m in motions], np.float32)
        positions = self._varied(positions * size[:, None, None, None], height)
        positions, half_view = before_random_cameras(positions, height, rng)
        level = np.exp(rng.uniform(np.log(0.25), np.log(1.6), n)).astype(np.float32)
        found = seen_by_camera(positions, height, half_view, step, rng, level, random_offsets(n, self._frames, rng))
        hide_some(found.confidence, rng)
        convention = np.array([m.convention for m in motions])
        return network_batch(found, positions, step, height, convention, tells)

    def _found(self, pairs: Sequence[Pair], real: bool) -> Batch:
        """What the network found; ``real`` people are as tall as they look, and need other arms than those recorded."""
        rng, n = self._rng, len(pairs)
        step = rng.choice([1 / 30, 1 / 15], n, p=[0.8, 0.2]).astype(np.float32)
        windows = [self._times(len(p.motion.positions), p.motion.rate, s) for p, s in zip(pairs, step, strict=True)]
        positions = np.stack([sampled(p.motion.positions, w) for p, w in zip(pairs, windows, strict=True)])
        rays = np.stack([sampled(p.rays, w) for p, w in zip(pairs, windows, strict=True)])
        nearest = [np.round(w).astype(int) for w in windows]
        confidence = np.stack([p.confidence[w] for p, w in zip(pairs, nearest, strict=True)])
        flipped = rng.random(n) < 0.5
        flip(positions, flipped)
        rays[flipped] = rays[flipped][:, :, list(KEYPOINT_FLIP)] * np.array([-1, 1], np.float32)
        confidence[flipped] = confidence[flipped][:, :, list(KEYPOINT_FLIP)]
        if real:
            self._wave(positions, rays, confidence, pairs, step)
        roll = about(2, rng.normal(0, 0.05, n).astype(np.float32))
        positions, rays = positions @ roll[:, None], rays @ roll[:, None, :2, :2]
        size = np.exp(rng.normal(0, 0.06, n)).astype(np.float32)  # a smaller person who stands nearer looks the same
        bias = rng.normal(0, 0.004, (n, 1, len(Keypoint), 2)) + rng.normal(0, 0.002, rays.shape)
        hide_some(confidence, rng)
        height = np.array([p.motion.height for p in pairs], np.float32) * size
        positions = positions * size[:, None, None, None]
        convention = np.full(n, int(Convention.KINECT_V2))
        found = NoisyKeypoints((rays + bias).astype(np.float32), confidence)
        return network_batch(found, positions, step, height, convention, np.full(n, real, np.float32))

    def _varied(self, positions: FloatArray, height: FloatArray) -> FloatArray:
        """``positions`` with somebody else's arms and legs now and then, and turned in the waist."""
        rng, n = self._rng, len(positions)
        donors = rng.permutation(n)
        for limbs, share in ((ARMS, 0.3), (LEGS, 0.15)):
            chosen = np.flatnonzero(rng.random(n) < share)
            from_ = donors[chosen]
            positions[chosen] = with_limbs_of(positions[chosen], height[chosen], positions[from_], height[from_], limbs)
        waving = np.flatnonzero(rng.random(n) < 0.15)
        positions[waving] = with_waving_arms(positions[waving], rng)
        turned = np.flatnonzero(rng.random(n) < 0.3)
        positions[turned] = turned_in_waist(positions[turned], swinging(len(turned), self._frames, 0.6, rng))
        turning = np.flatnonzero(rng.random(n) < 0.2)
        yaw = swinging(len(turning), self._frames, 0.8, rng)
        root = positions[turning][:, :, [Joint.SPINE_BASE]]
        positions[turning] = (positions[turning] - root) @ about(1, yaw) + root
        return positions

    def _wave(
        self, positions: FloatArray, rays: FloatArray, confidence: FloatArray, pairs: Sequence[Pair], step: FloatArray
    ) -> None:
        """Give half of the people in real clips the arms of a recorded motion, so that not only theirs are learnt."""
        rng = self._rng
        chosen = np.flatnonzero(rng.random(len(pairs)) < 0.5)
        if not len(chosen):
            return
        names = list(self._sets)
        donors = [self._motion(names[i]) for i in rng.choice(len(names), len(chosen))]
        others = np.stack([self._window(m, s) for m, s in zip(donors, step[chosen], strict=True)])
        height = np.array([pairs[i].motion.height for i in chosen.tolist()], np.float32)
        tall = np.array([m.height for m in donors], np.float32)
        moved = with_limbs_of(positions[chosen], height, others, tall, ARMS)
        level = np.exp(rng.uniform(np.log(0.5), np.log(1.8), len(chosen))).astype(np.float32)
        wide = np.full((len(chosen), 2), 2.0, np.float32)
        found = seen_by_camera(moved, height, wide, step[chosen], rng, level)
        positions[chosen] = moved
        for keypoint in ARM_KEYPOINTS:
            rays[chosen, :, keypoint] = found.rays[:, :, keypoint]
            confidence[chosen, :, keypoint] = found.confidence[:, :, keypoint]

    def _times(self, length: int, rate: float, step: float) -> FloatArray:
        """Where in a sequence a window's frames lie, (frames,); one that is too short stands still at its end."""
        span = step * rate * (self._frames - 1)
        start = self._rng.uniform(0.0, max(length - 1 - span, 0.0) + 1e-6)
        return np.asarray(np.minimum(start + step * rate * np.arange(self._frames), length - 1), np.float32)

    def _window(self, motion: Motion, step: float) -> FloatArray:
        return sampled(motion.positions, self._times(len(motion.positions), motion.rate, step))


def sampled(values: FloatArray, times: FloatArray) -> FloatArray:
    """``values`` (frames, ...) at fractional ``times``, by straight lines."""
    low = np.minimum(times.astype(int), len(values) - 1)
    share = (times - low).reshape(-1, *[1] * (values.ndim - 1)).astype(np.float32)
    return np.asarray(values[low] * (1 - share) + values[np.minimum(low + 1, len(values) - 1)] * share, np.float32)


def flip(positions: FloatArray, flipped: npt.NDArray[np.bool_]) -> None:
    positions[flipped] = positions[flipped][:, :, list(JOINT_FLIP)] * np.array([-1, 1, 1], np.float32)


def network_batch(
    found: NoisyKeypoints,
    positions: FloatArray,
    step: FloatArray,
    height: FloatArray,
    convention: IntArray,
    tells: FloatArray,
) -> Batch:
    shape = found.confidence.shape[:2]
    features, gaze = look_at(found.rays, found.confidence, np.broadcast_to(step[:, None], shape))
    tall = np.broadcast_to(height[:, None], shape)
    return Batch(features, convention, to_network(positions, gaze, tall), height, gaze.scale, tells)


def joined(parts: Sequence[Batch]) -> Batch:
    """One batch of several."""
    return Batch(*(np.concatenate([getattr(part, name) for part in parts]) for name in Batch.__slots__))
