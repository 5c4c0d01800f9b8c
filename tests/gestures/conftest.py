"""A person of sticks who can be told where the limbs go."""

from __future__ import annotations

import numpy as np
import pytest

from gestures.datasets import Motion
from models.joints import Joint

STAND = {
    **{"SPINE_BASE": (0, 0, 0), "SPINE_MID": (0, 0.28, 0), "SPINE_SHOULDER": (0, 0.48, 0), "NECK": (0, 0.55, 0)},
    **{"HEAD": (0, 0.7, 0)},
    **{
        f"{part}_{side}": (sign * x, y, 0)
        for side, sign in (("LEFT", -1), ("RIGHT", 1))
        for part, (x, y) in {
            **{"SHOULDER": (0.17, 0.45), "ELBOW": (0.2, 0.2), "WRIST": (0.22, -0.03), "HAND": (0.22, -0.1)},
            **{"HAND_TIP": (0.22, -0.17), "THUMB": (0.2, -0.08), "HIP": (0.08, 0.0), "KNEE": (0.09, -0.4)},
            **{"ANKLE": (0.1, -0.8)},
        }.items()
    },
    **{f"FOOT_{side}": (sign * 0.12, -0.85, -0.1) for side, sign in (("LEFT", -1), ("RIGHT", 1))},
}
"""Somebody who stands at ease and faces a camera at the origin, metres around the hips."""


class Actor:
    """Positions (25, 3) of somebody 2.5 m away."""

    def standing(self, **moved: tuple[float, float, float]) -> np.ndarray:
        """Standing, but for the joints in ``moved``, which are given around the hips."""
        places = {**STAND, **{name.upper(): place for name, place in moved.items()}}
        body = np.array([places[joint.name] for joint in Joint], np.float32)
        return body + np.array([0.0, 0.0, 2.5], np.float32)

    def arm(self, side: str, elbow: tuple[float, float, float], wrist: tuple[float, float, float]) -> np.ndarray:
        """Standing, with one arm elsewhere."""
        reach = np.subtract(wrist, elbow)
        ends = {f"{part}_{side}": tuple(wrist + share * reach) for part, share in (("hand", 0.3), ("hand_tip", 0.6))}
        return self.standing(**{f"elbow_{side}": elbow, f"wrist_{side}": wrist, f"thumb_{side}": wrist, **ends})

    def waving(self, seconds: float, rate: float = 30.0, side: str = "right", pace: float = 2.0) -> np.ndarray:
        """(T, 25, 3): the hand beside the head goes from side to side."""
        times = np.arange(round(seconds * rate)) / rate
        sign = 1.0 if side == "right" else -1.0
        swings = 0.18 * np.sin(2 * np.pi * pace * times)
        return np.array([self.arm(side, (sign * 0.35, 0.4, -0.1), (sign * (0.4 + x), 0.68, -0.2)) for x in swings])

    def circling(self, seconds: float, rate: float = 30.0, pace: float = 1.0) -> np.ndarray:
        """(T, 25, 3): the right hand draws a circle in front of the body."""
        angles = 2 * np.pi * pace * np.arange(round(seconds * rate)) / rate
        places = [(0.2 + 0.3 * np.sin(a), 0.25 + 0.3 * np.cos(a), -0.4) for a in angles]
        return np.array([self.arm("right", ((0.2 + x) / 2, y / 2 + 0.15, -0.2), (x, y, z)) for x, y, z in places])

    def swiping(self, way: str, rate: float = 30.0) -> np.ndarray:
        """(T, 25, 3): the right hand comes up, goes to one side and comes down."""
        start, end = (0.65, -0.15) if way == "swipe_left" else (-0.15, 0.65)
        moments, times = [0.5, 1.0, 1.3, 1.8], np.arange(round(1.8 * rate)) / rate
        along = np.interp(times, moments, [start, start, end, end])
        up = np.interp(times, moments, [-0.2, 0.4, 0.4, -0.2])
        places = zip(along, up, strict=True)
        return np.array([self.arm("right", ((0.2 + x) / 2, (y + 0.3) / 2, -0.2), (x, y, -0.4)) for x, y in places])

    def still(self, seconds: float, rate: float = 30.0) -> np.ndarray:
        """(T, 25, 3): standing."""
        return np.repeat(self.standing()[None], round(seconds * rate), axis=0)


@pytest.fixture
def actor() -> Actor:
    return Actor()


@pytest.fixture
def motion(actor: Actor):
    """``motion(positions)`` is a recorded sequence at 30 frames a second."""
    return lambda positions, action="", subject=1: Motion(positions.astype(np.float32), action, subject, 30.0)


def seen_from(positions: np.ndarray, turn: float, size: float, place: tuple[float, float, float]) -> np.ndarray:
    """The same movement by somebody ``size`` times as large, who stands elsewhere and faces another way."""
    around = positions - np.array([0, 0, 2.5], np.float32)
    cos, sin = np.cos(turn), np.sin(turn)
    matrix = np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]])
    return (size * around @ matrix + np.array(place)).astype(np.float32)
