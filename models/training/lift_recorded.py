"""Batches for a lift that is fine-tuned: the people of some recordings, as they moved and as they might move there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from models.body import FloatArray
from models.joints import JOINT_FLIP, KEYPOINT_FLIP, Keypoint
from models.keypoint_synthesis import TORSO_SHARE, NoisyKeypoints, body_axes
from models.skeleton_sets import Convention, Motion
from models.synthetic_views import Offsets, kinect_places, seen_by_camera
from models.training.lift_augment import (
    ARM_KEYPOINTS,
    ARMS,
    about,
    before_random_cameras,
    hide_some,
    random_offsets,
    swinging,
    turned_in_waist,
    with_arms_like,
    with_waving_arms,
)
from models.training.lift_batches import Batch, flip, joined, network_batch, sampled
from models.training.lift_data import Pair

SHARES = {"as it was": 0.15, "other arms": 0.15, "there": 0.35, "anywhere": 0.05, "others": 0.3}
"""How often somebody is shown as the network found them, so but with other arms, in other poses at about the same
place, and before any camera; and how often somebody else is."""

ENDLESS_VIEW = np.full((1, 2), 2.0, np.float32)
"""A picture that nobody leaves, see `models.synthetic_views.seen_by_camera`."""

ROUGHNESS = (0.2, 1.0)
"""Least and most errors of keypoints that are made up, see `models.keypoint_synthesis.with_errors`."""

FARTHEST = 0.15
"""Metres beside its place from which on a keypoint is a mistake, not an offset."""

Opinion = Callable[[FloatArray], FloatArray]

_ARM_JOINTS = [joint for arm in ARMS.values() for joint in arm]


class RecordedBatches:
    """Batches that depend on nothing but the seed and their number.

    Parameters
    ----------
    pairs : sequence of Pair
        What was recorded, and what the network that it will work with found there.
    others : sequence of Motion
        Of anybody: the lift is to remember what it made of them.
    opinion : callable
        What it makes of them, (n, frames, 75 or more), from features (n, frames, features).
    people, frames, seed : int
    flips : bool
        Whether half of what is shown of the recordings is mirrored.
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        others: Sequence[Motion],
        opinion: Opinion,
        people: int,
        frames: int,
        seed: int,
        flips: bool,
    ) -> None:
        self._pairs, self._others, self._opinion = pairs, others, opinion
        self._people, self._frames, self._seed, self._flips = people, frames, seed, flips
        self._places = measured_offsets(pairs)
        lengths = np.array([len(p.motion.positions) for p in pairs], float)
        self._weights = lengths / lengths.sum()

    def __call__(self, number: int) -> Batch:
        """The batch of this number."""
        rng = np.random.default_rng((self._seed, number))
        counts = dict(zip(SHARES, rng.multinomial(self._people, [*SHARES.values()]).tolist(), strict=True))
        strangers = [self._others[i] for i in rng.integers(0, len(self._others), counts["others"])]
        made_up = [p.motion for p in self._chosen(counts["there"] + counts["anywhere"], rng)]
        parts = [
            self._as_it_was(self._chosen(counts["as it was"], rng), False, rng),
            self._as_it_was(self._chosen(counts["other arms"], rng), True, rng),
            self._made_up(made_up, counts["there"], rng),
            self._as_before(strangers, rng),
        ]
        return joined([part for part in parts if part is not None])

    def _chosen(self, count: int, rng: np.random.Generator) -> list[Pair]:
        return [self._pairs[i] for i in rng.choice(len(self._pairs), count, p=self._weights)]

    def _as_it_was(self, pairs: Sequence[Pair], waving: bool, rng: np.random.Generator) -> Batch | None:
        """What was found, with further errors: the network knew the pictures that it was shown."""
        if not pairs:
            return None
        n, step = len(pairs), _steps(len(pairs), rng)
        windows = [self._window(p.motion, s, rng) for p, s in zip(pairs, step, strict=True)]
        nearest = [np.round(w).astype(int) for w in windows]
        positions = np.stack([sampled(p.motion.positions, w) for p, w in zip(pairs, windows, strict=True)])
        rays = np.stack([sampled(p.rays, w) for p, w in zip(pairs, windows, strict=True)])
        confidence = np.stack([p.confidence[w] for p, w in zip(pairs, nearest, strict=True)])
        known = np.stack([_known(p)[w] for p, w in zip(pairs, nearest, strict=True)])
        height = np.array([p.motion.height for p in pairs], np.float32)
        if waving:
            positions = self._with_other_arms(positions, step, rng)
            found = self._seen(positions, height, ENDLESS_VIEW, step, rng)
            rays[:, :, ARM_KEYPOINTS] = found.rays[:, :, ARM_KEYPOINTS]
            confidence[:, :, ARM_KEYPOINTS] = found.confidence[:, :, ARM_KEYPOINTS]
            known[:, :, _ARM_JOINTS] = True
        size = TORSO_SHARE * height[:, None, None, None] / positions[:, :, :1, 2:]
        rays = rays + size * _errors(n, self._frames, rng)
        if self._flips:
            _flip_all(positions, rays, confidence, known, rng.random(n) < 0.5)
        hide_some(confidence, rng)
        roll = about(2, rng.normal(0, 0.03, n).astype(np.float32))
        positions, rays = positions @ roll[:, None], rays @ roll[:, None, :2, :2]
        positions = np.where(known[..., None], positions, np.float32(np.nan))
        return _batch(NoisyKeypoints(rays.astype(np.float32), confidence), positions, step, height)

    def _made_up(self, motions: Sequence[Motion], there: int, rng: np.random.Generator) -> Batch | None:
        """People who move their arms and turn in the waist as they never did, the first ``there`` of them nearby."""
        if not motions:
            return None
        n, step = len(motions), _steps(len(motions), rng)
        speed = rng.uniform(0.7, 1.4, n)
        windows = [self._window(m, s * v, rng) for m, s, v in zip(motions, step, speed, strict=True)]
        positions = np.stack([sampled(m.positions, w) for m, w in zip(motions, windows, strict=True)])
        flip(positions, (rng.random(n) < 0.5) & (self._flips | (np.arange(n) >= there)))
        waving = np.flatnonzero(rng.random(n) < 0.7)
        positions[waving] = self._with_other_arms(positions[waving], step[waving], rng)
        turned = np.flatnonzero(rng.random(n) < 0.7)
        positions[turned] = turned_in_waist(positions[turned], swinging(len(turned), self._frames, 0.7, rng))
        size = np.exp(rng.normal(0, 0.03, n)).astype(np.float32)
        height = np.array([m.height for m in motions], np.float32) * size
        positions = positions * size[:, None, None, None]
        anywhere, half_view = before_random_cameras(positions[there:], height[there:], rng)
        positions = np.concatenate([about_there(positions[:there], rng), anywhere])
        half_view = np.concatenate([np.repeat(ENDLESS_VIEW, there, axis=0), half_view])
        found = self._seen(positions, height, half_view, step, rng)
        hide_some(found.confidence, rng)
        return _batch(found, positions, step, height)

    def _as_before(self, motions: Sequence[Motion], rng: np.random.Generator) -> Batch | None:
        """People of whom nothing new is to be learnt."""
        batch = self._made_up(motions, 0, rng)
        if batch is None:
            return None
        answer = self._opinion(batch.features)[..., : batch.answer.shape[-1]]
        return replace(batch, answer=answer, tells=np.zeros_like(batch.tells))

    def _with_other_arms(self, positions: FloatArray, step: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Half hold their arms as somebody else did, half in any way."""
        if not len(positions):
            return positions
        donors = rng.integers(0, len(self._others), len(positions))
        motions = [self._others[i] for i in donors.tolist()]
        others = np.stack([sampled(m.positions, self._window(m, s, rng)) for m, s in zip(motions, step, strict=True)])
        anyhow = rng.random((len(positions), 1, 1, 1)) < 0.5
        held = np.where(anyhow, with_waving_arms(positions, rng), with_arms_like(positions, others))
        return np.asarray(held, np.float32)

    def _seen(
        self,
        positions: FloatArray,
        height: FloatArray,
        half_view: FloatArray,
        step: FloatArray,
        rng: np.random.Generator,
    ) -> NoisyKeypoints:
        """What the network would find, which places keypoints as it did in the recordings."""
        n = len(positions)
        least, most = np.log(ROUGHNESS).tolist()
        level = np.exp(rng.uniform(least, most, n)).astype(np.float32)
        head = random_offsets(n, self._frames, rng).head
        places = np.asarray(self._places + rng.normal(0, 0.005, (n, len(Keypoint), 3)), np.float32)
        return seen_by_camera(positions, height, half_view, step, rng, level, Offsets(places, head, True))

    def _window(self, motion: Motion, step: float, rng: np.random.Generator) -> FloatArray:
        """Where in a motion a window's frames lie, (frames,); one that is too short stands still at its end."""
        pace, last = step * motion.rate, len(motion.positions) - 1
        start = rng.uniform(0.0, max(last - pace * (self._frames - 1), 0.0) + 1e-6)
        return np.asarray(np.minimum(start + pace * np.arange(self._frames), last), np.float32)


def _known(pair: Pair) -> npt.NDArray[np.bool_]:
    return np.ones(pair.motion.positions.shape[:2], bool) if pair.known is None else pair.known


def _flip_all(
    positions: FloatArray,
    rays: FloatArray,
    confidence: FloatArray,
    known: npt.NDArray[np.bool_],
    flipped: npt.NDArray[np.bool_],
) -> None:
    flip(positions, flipped)
    rays[flipped] = rays[flipped][:, :, list(KEYPOINT_FLIP)] * np.array([-1, 1], np.float32)
    confidence[flipped] = confidence[flipped][:, :, list(KEYPOINT_FLIP)]
    known[flipped] = known[flipped][:, :, list(JOINT_FLIP)]


def _batch(found: NoisyKeypoints, positions: FloatArray, step: FloatArray, height: FloatArray) -> Batch:
    n = len(positions)
    convention = np.full(n, int(Convention.KINECT_V2))
    return network_batch(found, positions, step, height, convention, np.ones(n, np.float32))


def _steps(n: int, rng: np.random.Generator) -> FloatArray:
    return np.asarray(rng.choice([1 / 30, 1 / 20, 1 / 15], n, p=[0.6, 0.2, 0.2]), np.float32)


def _errors(n: int, frames: int, rng: np.random.Generator) -> FloatArray:
    """Errors of found keypoints, as shares of the torso: the network knew the pictures that it was tried on."""
    shape = (n, 1, len(Keypoint), 2)
    amount = rng.uniform(0.0, 0.06, (n, 1, 1, 1))
    return np.asarray(amount * (rng.normal(size=shape) + 0.4 * rng.normal(size=(n, frames, *shape[2:]))), np.float32)


def about_there(positions: FloatArray, rng: np.random.Generator) -> FloatArray:
    """``positions`` (n, frames, 25, 3) turned and shifted a little before a camera that stays where it is."""
    n = len(positions)
    root = np.nanmean(positions[:, :, :1], axis=1, keepdims=True)
    turn = about(1, rng.normal(0, 0.15, n)) @ about(0, rng.normal(0, 0.03, n)) @ about(2, rng.normal(0, 0.03, n))
    shift = rng.normal(0, (0.2, 0.06, 0.15), (n, 3))[:, None, None]
    moved = (positions - root) @ turn[:, None] + root + shift
    nearest = moved[..., 2].min(axis=(1, 2))[:, None, None, None]
    moved[..., 2:] += np.maximum(0.4 - nearest, 0.0)
    return np.asarray(moved, np.float32)


def measured_offsets(pairs: Sequence[Pair]) -> FloatArray:
    """Where the network's keypoints lie beside those of a skeleton, (23, 3): right, up, forwards in heights.

    Least squares over all frames, drawn towards nothing where the pictures do not tell.
    """
    normal, right = np.zeros((len(Keypoint), 3, 3)), np.zeros((len(Keypoint), 3))
    for pair in pairs:
        positions, height = pair.motion.positions, pair.motion.height
        places = kinect_places(positions, np.full(len(positions), height, np.float32))
        axes = body_axes(positions)[:, None]  # (frames, 1, 3, 3)
        apart = pair.rays * places[..., 2:] - places[..., :2]
        slope = height * (axes[..., :2] - pair.rays[:, :, None] * axes[..., 2:])  # (frames, 23, 3, 2)
        far = np.linalg.norm(apart, axis=-1) > FARTHEST
        weight = np.where(far | ~np.isfinite(apart).all(-1), 0.0, pair.confidence)[..., None, None]
        normal += np.einsum("fkic,fkjc->kij", slope * weight, slope)
        right += np.einsum("fkic,fkc->ki", slope * weight, np.nan_to_num(apart))
    strength = 0.05 * np.trace(normal, axis1=1, axis2=2)[:, None, None] + 1e-3
    return np.asarray(np.linalg.solve(normal + strength * np.eye(3), right[..., None])[..., 0], np.float32)
