"""Judge the classification of gestures on files of recorded skeletons, as they are or as a webcam would see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from gestures.classifier import Segment
from gestures.datasets import Motion, SkeletonFileError, read_motions
from gestures.embedding import default_embedding, prototypes
from gestures.segments import body_centred

IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What came out.

    Attributes
    ----------
    accuracy : float
        Share of the sequences whose gesture was told right.
    names : tuple of str
        The gestures.
    confusion : (names, names) int array
        How often each gesture (row) was taken for each (column).
    """

    accuracy: float
    names: tuple[str, ...]
    confusion: IntArray


def read_people(path: Path) -> list[Motion]:
    """The sequences of a file that says who did what.

    Raises
    ------
    SkeletonFileError
        If it does not.
    """
    motions = read_motions(path)
    if any(motion.subject < 0 or not motion.action for motion in motions):
        raise SkeletonFileError(f"{path}: needs the arrays 'subject' and 'action', to test on other people")
    return motions


def cross_subject(motions: Sequence[Motion], lifted: bool = False, seed: int = 0) -> Outcome:
    """Train on the odd subjects and test on the even ones; ``lifted``: both as `seen_by_webcam`."""
    from gestures.training.classifier_recipe import Options, train_classifier

    odd = [motion for motion in motions if motion.subject % 2 == 1]
    even = [motion for motion in motions if motion.subject % 2 == 0]
    if not odd or not even:
        raise SkeletonFileError("the protocol needs both odd and even subjects")
    names = [motion.action for motion in odd]
    views = [odd]
    if lifted:  # two views of each example, with errors of their own, besides the skeleton itself
        views += [webcam_views(odd, seed + 1), webcam_views(odd, seed + 2)]
        even = webcam_views(even, seed)
    options = Options(copies=0 if lifted else 2, seed=seed)
    model = train_classifier([_segment(m) for view in views for m in view], names * len(views), options)
    found = model.probabilities([_segment(motion) for motion in even]).argmax(axis=1)
    return outcome([motion.action for motion in even], [model.names[i] for i in found])


def webcam_views(motions: Sequence[Motion], seed: int) -> list[Motion]:
    """Each motion as our stream would have it, had a webcam stood in the place of its Kinect."""
    from bridge.webcam_view import seen_by_webcam

    return [seen_by_webcam(m, seed * 100_003 + i) for i, m in enumerate(tqdm(motions, desc="lifting", disable=None))]


def outcome(truth: Sequence[str], told: Sequence[str]) -> Outcome:
    """Compare what was told with the truth."""
    names = tuple(sorted({*truth, *told}, key=lambda name: (len(name), name)))
    confusion = np.zeros((len(names), len(names)), np.intp)
    for a, b in zip(truth, told, strict=True):
        confusion[names.index(a), names.index(b)] += 1
    return Outcome(float(np.trace(confusion) / max(confusion.sum(), 1)), names, confusion)


def _segment(motion: Motion) -> Segment:
    return body_centred(motion.positions, motion.rate)


def few_shot(motions: Sequence[Motion], shots: int, rounds: int = 5, seed: int = 0) -> Outcome:
    """Teach every gesture with ``shots`` demonstrations of other people, chosen at random, and test on one subject.

    Every subject is tested in turn, ``rounds`` times with other demonstrations. The embedding is the shipped one.
    """
    embedding = default_embedding()
    vectors = embedding([_segment(m) for m in tqdm(motions, desc="embedding", disable=None)])
    actions, subjects = np.array([m.action for m in motions]), np.array([m.subject for m in motions])
    rng = np.random.default_rng(seed)
    truth: list[str] = []
    told: list[str] = []
    for subject in np.repeat(np.unique(subjects), rounds):
        tested = np.flatnonzero(subjects == subject)
        shown = np.concatenate(
            [_chosen(actions, name, subjects != subject, shots, rng) for name in sorted(set(actions))]
        )
        names, centres = prototypes(vectors[shown], actions[shown])
        told += [names[i] for i in (vectors[tested] @ centres.T).argmax(axis=1)]
        truth += actions[tested].tolist()
    return outcome(truth, told)


def _chosen(
    actions: npt.NDArray[np.str_], name: str, others: npt.NDArray[np.bool_], shots: int, rng: np.random.Generator
) -> IntArray:
    found = np.flatnonzero((actions == name) & others)
    if len(found) < shots:
        raise SkeletonFileError(f"other people show the gesture {name} only {len(found)} times, {shots} were asked for")
    return np.asarray(rng.choice(found, shots, replace=False))
