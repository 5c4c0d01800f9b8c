"""How steady the hand states are on videos: states that come and go faster than a hand moves are flicker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

from tqdm import tqdm

from bridge.pipeline import Pipeline
from bridge.sources import SourceError, open_source
from models.joints import HandState

SHORTEST = 0.2
"""Seconds: nobody opens and closes a hand faster, so a state that lasts for less is flicker."""

States = list[tuple[float, HandState]]


@dataclass(frozen=True, slots=True)
class HandSteadiness:
    """How steady the hands of the people in some videos are.

    Attributes
    ----------
    flicker : float
        Share of the frames of all hands in states that lasted for less than `SHORTEST`, with another before and after.
    changes : float
        Share of frames in which a hand's state differs from that of the frame before.
    known : float
        Share of frames in which a hand is Open, Closed or Lasso.
    states : dict of str to float
        Share of frames of each state, NotTracked included.
    frames : int
        Frames of all hands, counted for each hand.
    clips : int
    """

    flicker: float
    changes: float
    known: float
    states: dict[str, float]
    frames: int
    clips: int


def evaluate_hand_videos(path: Path, pipeline: Callable[[], Pipeline]) -> HandSteadiness:
    """Run a video, or all videos of a folder, through pipelines of their own.

    Raises
    ------
    SourceError
        If there is no video, or it cannot be read.
    """
    clips = (
        [path] if path.is_file() else sorted(p for p in path.glob("*") if p.suffix in {".mkv", ".mp4", ".avi", ".webm"})
    )
    if not clips:
        raise SourceError(f"{path}: no video in it (mkv, mp4, avi, webm)")
    hands = [states for clip in tqdm(clips, desc="videos") for states in hand_states(clip, pipeline())]
    return steadiness(hands, len(clips))


def hand_states(clip: Path, pipeline: Pipeline) -> list[States]:
    """Time and state of every hand in every frame of a video, hand by hand."""
    hands: dict[tuple[int, str], States] = {}
    with open_source(str(clip), fast=True) as source:
        for frame in pipeline.bodies(source):
            for body in frame.bodies:
                for side, hand in (("left", body.hand_left), ("right", body.hand_right)):
                    hands.setdefault((body.tracking_id, side), []).append((frame.time, hand.state))
    return list(hands.values())


def steadiness(hands: Sequence[States], clips: int = 1) -> HandSteadiness:
    """What the states of some hands over time say of how steady they are."""
    states = [state for hand in hands for _, state in hand]
    count = max(len(states), 1)
    changes = sum(a[1] != b[1] for hand in hands for a, b in pairwise(hand))
    return HandSteadiness(
        flicker=sum(flickering(hand) for hand in hands) / count,
        changes=changes / count,
        known=sum(state in (HandState.OPEN, HandState.CLOSED, HandState.LASSO) for state in states) / count,
        states={state.kinect_name: states.count(state) / count for state in HandState},
        frames=len(states),
        clips=clips,
    )


def flickering(hand: States) -> int:
    """In how many frames a hand flickers."""
    runs = [list(run) for _, run in groupby(hand, key=lambda seen: seen[1])]
    within = pairwise(runs[1:])
    return sum(len(run) for run, after in within if after[0][0] - run[0][0] < SHORTEST)
