"""Judge who is who: tracked bodies against people whose identity is known in every picture.

MOTA (Bernardin and Stiefelhagen, 2008) and IDF1 (Ristani et al., 2016) are py-motmetrics'. A body is a person when the
boxes around their keypoints overlap by half (intersection over union). As in the MOTChallenge, a person who can hardly
be seen is neither missed nor wrongly found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bridge.matching import overlap
from bridge.pipeline import Pipeline
from models.actor.crowd import SCRIPTS, Crowd
from models.actor.scene import MOST_PEOPLE, Actor
from models.body import BodyFrame, FloatArray, Frame

RATE = 30.0
GESTURES = "gestures"
"""The script in which all stand at their places and perform."""

VISIBLE = 0.5
"""A person counts while this share of the keypoints can be seen."""

SAME = 0.5
"""Least overlap of a body and a person."""

_BODY = (
    0.1  # confidence from which a body's keypoint belongs to its box: a guess from what is seen of the person counts
)


_FLESH = 0.06  # of the height of a person: how far the body reaches beyond its keypoints


class EvaluationError(Exception):
    """An evaluation that cannot be done; the message is one line for the user."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFrame:
    """A picture and who is in it.

    Attributes
    ----------
    frame : Frame
    people : mapping of int to (23, 3) float32 array
        Each person's keypoints: x, y in pixels; 2 where seen, 1 where hidden, 0 outside the picture.
    """

    frame: Frame
    people: Mapping[int, FloatArray]


@dataclass(frozen=True, slots=True)
class PeopleResult:
    """How well identities were kept.

    Attributes
    ----------
    mota, idf1 : float
        At most 1.
    switches : int
        How often a person got another id than before, however long ago that was.
    transfers : int
        How often an id went to another person.
    misses, false_bodies, fragmentations, people : int
        Persons without a body, bodies without a person, interruptions of a person's body, and persons, each counted in
        every picture but the fragmentations.
    ids : int
        How many tracking ids were given out.
    """

    mota: float
    idf1: float
    switches: int
    transfers: int
    misses: int
    false_bodies: int
    fragmentations: int
    people: int
    ids: int


class PeopleScore:
    """Collects the pictures of one or more scenes and says how right they were."""

    def __init__(self) -> None:
        import motmetrics  # comes with the extra "train", and takes a second

        self._metrics = motmetrics
        self._scenes: list[Any] = []
        self._ids: set[tuple[int, int]] = set()
        self._owners: dict[int, int] = {}

    def begin(self) -> None:
        """What follows is another scene, with people and ids of its own."""
        self._scenes.append(self._metrics.MOTAccumulator(auto_id=True))
        self._owners = {}

    def add(self, people: Mapping[int, FloatArray], bodies: BodyFrame) -> None:
        """Compare the bodies of one picture with its people."""
        ids = [body.tracking_id for body in bodies.bodies]
        self._ids.update((len(self._scenes), number) for number in ids)
        found = _boxes([np.where(body.keypoints[:, 2:] >= _BODY, body.keypoints, 0.0) for body in bodies.bodies])
        present = {number: keypoints for number, keypoints in people.items() if (keypoints[:, 2] > 0).sum() > 2}
        counted = [number for number, keypoints in present.items() if visible(keypoints) >= VISIBLE]
        hidden = [number for number in present if number not in counted]
        distances = 1.0 - overlap(_boxes([present[number] for number in [*counted, *hidden]]), found)
        distances = np.where(distances <= SAME, distances, np.nan)
        owners = self._matched([*counted, *hidden], ids, distances)
        self._owners.update({number: person for number, person in owners.items() if person in counted})
        kept = [i for i, number in enumerate(ids) if owners.get(number) not in hidden]
        self._scenes[-1].update(counted, [ids[i] for i in kept], distances[: len(counted), kept])

    def _matched(self, people: list[int], ids: list[int], distances: FloatArray) -> dict[int, int]:
        """Whose body each id is now, as far as possible whose it was when that person counted last."""
        if not distances.size:
            return {}
        before = np.array([[self._owners.get(number) == person for number in ids] for person in people])
        costs = np.where(np.isfinite(distances), distances - 1.0 - 10.0 * before, 0.0)
        rows, columns = self._metrics.lap.linear_sum_assignment(costs)
        return {ids[c]: people[r] for r, c in zip(rows, columns, strict=True) if np.isfinite(distances[r, c])}

    def result(self) -> PeopleResult:
        """The numbers over all scenes."""
        names = ["mota", "idf1", "num_switches", "num_transfer", "num_misses", "num_false_positives"]
        names += ["num_fragmentations", "num_objects"]
        host = self._metrics.metrics.create()
        table = host.compute_many(self._scenes, metrics=names, generate_overall=True)
        row = table.loc["OVERALL"]
        switches, transfers, misses, false_bodies, fragmentations, people = (int(row[name]) for name in names[2:])
        return PeopleResult(
            float(row["mota"]),
            float(row["idf1"]),
            switches,
            transfers,
            misses,
            false_bodies,
            fragmentations,
            people,
            len(self._ids),
        )


def visible(keypoints: FloatArray) -> float:
    """Which share of a person's keypoints (23, 3) can be seen."""
    return float((keypoints[:, 2] == 2).mean())


def _boxes(people: Sequence[FloatArray]) -> FloatArray:
    """Boxes (n, 4) of people whose keypoints (23, 3) are in the picture where their third number is above zero."""
    boxes = np.zeros((len(people), 4), np.float32)
    for box, keypoints in zip(boxes, people, strict=True):
        points = keypoints[keypoints[:, 2] > 0, :2]
        if len(points):
            low, high = points.min(axis=0), points.max(axis=0)
            margin = _FLESH * (high[1] - low[1])
            box[:] = (*(low - margin), *(high + margin))
    return boxes


def evaluate_scene(scores: Sequence[PeopleScore], scene: Iterable[LabelledFrame], pipeline: Pipeline) -> None:
    """Send one scene through a fresh ``pipeline`` and add it to all of ``scores``."""
    for score in scores:
        score.begin()
    shown: list[Mapping[int, FloatArray]] = []

    def frames() -> Iterator[Frame]:
        for labelled in scene:
            shown.append(labelled.people)
            yield labelled.frame

    for bodies in pipeline.bodies(frames()):
        for score in scores:
            score.add(shown[-1], bodies)


def script_of(spec: str) -> tuple[str, int]:
    """The name of a script and the number of people, from a text such as ``crossing:3``.

    Raises
    ------
    EvaluationError
        If there is no such script.
    """
    name, _, people = spec.partition(":")
    least = 1 if name == GESTURES else 2
    if name not in (*SCRIPTS, GESTURES) or not people.isdecimal() or not least <= int(people) <= MOST_PEOPLE:
        known = ", ".join((*SCRIPTS, GESTURES))
        raise EvaluationError(f"{spec}: not a script of the actor; write NAME:PEOPLE, NAME being one of {known}")
    return name, int(people)


def acted(
    script: str, people: int, seed: int, size: tuple[int, int] = (640, 480), rate: float = RATE
) -> Iterator[LabelledFrame]:
    """A script of the actor: one of `models.actor.crowd.SCRIPTS`, or `GESTURES`."""
    actor: Crowd | Actor
    actor, duration = Actor(people, size, seed), 12.0
    if script != GESTURES:
        actor = Crowd(script, people, size, seed)
        duration = actor.duration
    for number in range(int(duration * rate)):
        scene = actor.render(number / rate)
        everyone = {i: person.keypoints for i, person in enumerate(scene.people)}
        yield LabelledFrame(Frame(scene.image, number / rate, number), everyone)


def as_row(result: PeopleResult) -> dict[str, Any]:
    """The numbers as plain values."""
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(result).items()}
