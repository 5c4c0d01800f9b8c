"""Poses that follow from where the joints are: raised hands, squat, bow, T-pose and leaning, each with its progress.

Progress is 0 in someone who stands at ease and 1 where the pose begins. It needs nothing learnt and no memory but for
how somebody usually stands; angles are of the body itself, so that place, size and facing do not matter.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from gestures.raised_hands import RaisedHands, Reach
from gestures.standing import Standing
from models.body import Body
from models.joints import Joint, TrackingState

POSES = (
    *("raise_left_hand", "raise_right_hand", "raise_both_hands"),
    *("squat", "bow", "t_pose", "lean_left", "lean_right"),
)
"""Their names."""

DWELL = {"squat": 0.1, "bow": 0.3, "t_pose": 0.25, "lean_left": 0.2, "lean_right": 0.2}
"""Seconds for which a pose must have been reached before it starts; the others start at once."""

SQUAT = 0.32
"""How far the hips have come down at progress 1, as a share of their height over the ankles when standing."""

BOW = (8.0, 22.0)
LEAN = (6.0, 18.0)
"""Degrees by which the trunk is bent further forwards than usual, or to the side, at progress 0 and 1."""

STROLL = 0.5
"""Metres a second; whoever moves faster over the floor does not begin a bow."""

ARM = (75.0, 27.0)
"""Degrees between an arm's bones and the line through the shoulders at progress 0 and 1 of the T-pose."""

_TRUNK = (Joint.HIP_LEFT, Joint.HIP_RIGHT, Joint.SHOULDER_LEFT, Joint.SHOULDER_RIGHT)
_LEGS = (Joint.HIP_LEFT, Joint.HIP_RIGHT, Joint.ANKLE_LEFT, Joint.ANKLE_RIGHT)
_ARMS = tuple(Joint[f"{part}_{side}"] for side in ("LEFT", "RIGHT") for part in ("SHOULDER", "ELBOW", "WRIST"))
_NEARLY = 0.95  # enough to hold a pose, but not to begin it
_NOWHERE = Reach(0.0, TrackingState.NOT_TRACKED)

Vector = npt.NDArray[np.float64]


def poses(body: Body, time: float, standing: Standing, hands: RaisedHands) -> dict[str, Reach]:
    """How far each of `POSES` has come."""
    found = hands.update(body, time)
    points = np.asarray(body.positions, np.float64)
    trunk, legs, arms = (_state(body, joints) for joints in (_TRUNK, _LEGS, _ARMS))
    found["squat"] = _NOWHERE
    if legs:
        hips = (points[Joint.HIP_LEFT, 1] + points[Joint.HIP_RIGHT, 1]) / 2
        height = float(hips - (points[Joint.ANKLE_LEFT, 1] + points[Joint.ANKLE_RIGHT, 1]) / 2)
        drop = 1.0 - height / max(standing.learn(height, time), 0.2)
        found["squat"] = _reach(drop / SQUAT if drop > 0.3 * SQUAT else 0.0, legs)
    forwards, sideways = _bent(points) if trunk else (0.0, 0.0)
    if trunk:
        x, _, z = (points[Joint.HIP_LEFT] + points[Joint.HIP_RIGHT]).tolist()
        forwards = standing.bent(forwards, (x / 2, z / 2), time)
    bow = _share(forwards, BOW)
    found["bow"] = _reach(bow if standing.speed < STROLL else min(bow, _NEARLY), trunk)
    found["lean_right"] = _reach(_share(sideways, LEAN) if forwards < BOW[1] else 0.0, trunk)
    found["lean_left"] = _reach(_share(-sideways, LEAN) if forwards < BOW[1] else 0.0, trunk)
    found["t_pose"] = _reach(_share(_widest(points), ARM) if arms else 0.0, arms)
    return found


def _bent(points: Vector) -> tuple[float, float]:
    """Degrees by which the trunk is bent forwards and to its own right."""
    left, right = (
        points[Joint.HIP_LEFT] + points[Joint.SHOULDER_LEFT],
        points[Joint.HIP_RIGHT] + points[Joint.SHOULDER_RIGHT],
    )
    across = (right - left) * (1.0, 0.0, 1.0)
    across /= max(float(np.linalg.norm(across)), 1e-6)
    ahead = np.array([across[2], 0.0, -across[0]])
    trunk = (
        points[Joint.SHOULDER_LEFT] + points[Joint.SHOULDER_RIGHT] - points[Joint.HIP_LEFT] - points[Joint.HIP_RIGHT]
    )
    up = float(trunk[1])
    return math.degrees(math.atan2(float(trunk @ ahead), up)), math.degrees(math.atan2(float(trunk @ across), up))


def _widest(points: Vector) -> float:
    """The largest angle, in degrees, between a bone of the arms and the line through the shoulders, outwards."""
    out = points[Joint.SHOULDER_RIGHT] - points[Joint.SHOULDER_LEFT]
    widest = 0.0
    for side, sign in (("RIGHT", 1.0), ("LEFT", -1.0)):
        shoulder, elbow, wrist = (points[Joint[f"{part}_{side}"]] for part in ("SHOULDER", "ELBOW", "WRIST"))
        for bone in (elbow - shoulder, wrist - elbow):
            length = float(np.linalg.norm(bone) * np.linalg.norm(out))
            cosine = sign * float(bone @ out) / max(length, 1e-9)
            widest = max(widest, math.degrees(math.acos(min(max(cosine, -1.0), 1.0))))
    return widest


def _share(value: float, span: tuple[float, float]) -> float:
    return (value - span[0]) / (span[1] - span[0])


def _reach(progress: float, state: TrackingState) -> Reach:
    return Reach(min(max(progress, 0.0), 1.0), state) if state and math.isfinite(progress) else _NOWHERE


def _state(body: Body, joints: tuple[Joint, ...]) -> TrackingState:
    """The least certain of ``joints``; NotTracked where a position is not finite."""
    chosen = list(joints)
    if not np.isfinite(body.positions[chosen]).all():
        return TrackingState.NOT_TRACKED
    return TrackingState(int(body.tracking_states[chosen].min()))
