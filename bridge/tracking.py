"""How the tracker is set: when it believes in a person, for how long, and how often the detector looks."""

from __future__ import annotations

from dataclasses import dataclass

MAX_PEOPLE = 6


@dataclass(frozen=True, slots=True)
class Tracking:
    """When to believe in a person, and for how long.

    Attributes
    ----------
    people : int
        At most so many are tracked, up to six.
    keep_score, start_score, sure_score : float
        Least score (`bridge.matching.scores`) of a pose to go on with a track, to begin one, and to begin one without a
        second look.
    hidden_score : float
        Least score of a pose of somebody behind others: of those who cannot be seen at all, the network is unsure.
    faint_score : float
        Least score of a pose to begin a track where the detector is not sure: furniture has less, people have more.
    doubtful_detection : float
        Detections with a lower score count while nobody is in view only.
    sure_detection : float
        Least score of the detector that makes a second person of somebody who stands before or behind another one.
    similarity : float
        Least similarity of a pose and a track.
    patience : float
        Seconds without a confident pose after which a person counts as lost.
    hiding : float
        The same of a person behind somebody else, who is looked for meanwhile.
    reported : float
        Seconds for which somebody beside or behind others is reported who is not found: nobody knows where they go, and
        after two or three pictures bodies that are only thought to be there are wrong more often than right.
    memory : float
        Seconds for which a lost person is expected about where they were lost.
    recall : float
        Seconds for which a lost person is known by their looks; who comes back later is somebody new.
    hesitation : float
        Seconds that a newcomer may be looked at, while somebody is lost, before being called that person or a new one.
    doubt : float
        Seconds without the detector's agreement after which a track that lies inside another one is not believed.
    every, every_many, every_lost, every_empty : int
        The detector runs on each so-many-th frame: while one is in view, while more are or somebody who left is
        remembered, while someone is missing or one of more than two is beside another one, while there is nobody.
    """

    people: int = MAX_PEOPLE
    keep_score: float = 0.3
    hidden_score: float = 0.8
    start_score: float = 0.5
    sure_score: float = 0.6
    faint_score: float = 0.85
    doubtful_detection: float = 0.35
    sure_detection: float = 0.6
    similarity: float = 0.25
    patience: float = 0.5
    hiding: float = 1.0
    reported: float = 0.08
    memory: float = 1.0
    recall: float = 30.0
    hesitation: float = 0.7
    doubt: float = 1.0
    every: int = 10
    every_many: int = 3
    every_lost: int = 1
    every_empty: int = 2
