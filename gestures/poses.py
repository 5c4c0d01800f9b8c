"""Poses that follow from where the joints are: raised hands, squat, bow, T-pose and leaning, each with its progress.

Progress is 0 in someone who stands at ease and 1 where the pose begins. It needs nothing learnt and no memory but for
how somebody usually stands; angles are of the body itself, so that place, size and facing do not matter.
"""

from __future__ import annotations

import math

from gestures.raised_hands import STATES, RaisedHands, Reach
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

BOW = (7.0, 20.0)
LEAN = (6.0, 18.0)
"""Degrees by which the trunk is bent further forwards than usual, or to the side, at progress 0 and 1."""

STROLL = 0.5
"""Metres a second; whoever moves faster over the floor does not begin a bow."""

CROUCH = 0.2
"""How far the hips have come down, as for `SQUAT`, where bending forwards is no bow any more: before a jump, say."""

ARM = (75.0, 27.0)
"""Degrees between an arm's bones and the line through the shoulders at progress 0 and 1 of the T-pose."""

_TRUNK = (Joint.HIP_LEFT, Joint.HIP_RIGHT, Joint.SHOULDER_LEFT, Joint.SHOULDER_RIGHT)
_LEGS = (Joint.HIP_LEFT, Joint.HIP_RIGHT, Joint.ANKLE_LEFT, Joint.ANKLE_RIGHT)
_ARMS = tuple(Joint[f"{part}_{side}"] for side in ("LEFT", "RIGHT") for part in ("SHOULDER", "ELBOW", "WRIST"))
_NEARLY = 0.95  # enough to hold a pose, but not to begin it
_NOWHERE = Reach(0.0, TrackingState.NOT_TRACKED)

Points = list[list[float]]


def poses(body: Body, time: float, standing: Standing, hands: RaisedHands) -> dict[str, Reach]:
    """How far each of `POSES` has come."""
    found = hands.update(body, time)
    # Plain numbers: for one vector at a time, each call of numpy costs more than all that it computes.
    points, states = body.positions.tolist(), body.tracking_states.tolist()
    trunk, legs, arms = (_state(points, states, joints) for joints in (_TRUNK, _LEGS, _ARMS))
    found["squat"], drop = _NOWHERE, 0.0
    if legs:
        hips = (points[Joint.HIP_LEFT][1] + points[Joint.HIP_RIGHT][1]) / 2
        height = hips - (points[Joint.ANKLE_LEFT][1] + points[Joint.ANKLE_RIGHT][1]) / 2
        drop = 1.0 - height / max(standing.learn(height, time), 0.2)
        found["squat"] = _reach(drop / SQUAT if drop > 0.3 * SQUAT else 0.0, legs)
    forwards, sideways = _bent(points) if trunk else (0.0, 0.0)
    if trunk:
        x, z = ((points[Joint.HIP_LEFT][axis] + points[Joint.HIP_RIGHT][axis]) / 2 for axis in (0, 2))
        forwards = standing.bent(forwards, (x, z), time)
    bow = _share(forwards, BOW)
    bows = standing.speed < STROLL and drop < CROUCH
    found["bow"] = _reach(bow if bows else min(bow, _NEARLY), trunk)
    found["lean_right"] = _reach(_share(sideways, LEAN) if forwards < BOW[1] else 0.0, trunk)
    found["lean_left"] = _reach(_share(-sideways, LEAN) if forwards < BOW[1] else 0.0, trunk)
    found["t_pose"] = _reach(_share(_widest(points), ARM) if arms else 0.0, arms)
    return found


def _bent(points: Points) -> tuple[float, float]:
    """Degrees by which the trunk is bent forwards and to its own right."""
    left_hip, right_hip, left, right = (points[joint] for joint in _TRUNK)
    across_x = right_hip[0] + right[0] - left_hip[0] - left[0]
    across_z = right_hip[2] + right[2] - left_hip[2] - left[2]
    length = max(math.hypot(across_x, across_z), 1e-6)
    x, up, z = (left[axis] + right[axis] - left_hip[axis] - right_hip[axis] for axis in range(3))
    ahead, aside = (x * across_z - z * across_x) / length, (x * across_x + z * across_z) / length
    return math.degrees(math.atan2(ahead, up)), math.degrees(math.atan2(aside, up))


def _widest(points: Points) -> float:
    """The largest angle, in degrees, between a bone of the arms and the line through the shoulders, outwards."""
    left, right = points[Joint.SHOULDER_LEFT], points[Joint.SHOULDER_RIGHT]
    out, width = _way(left, right), math.dist(left, right)
    widest = 0.0
    for (shoulder, elbow, wrist), sign in ((_ARMS[:3], -1.0), (_ARMS[3:], 1.0)):
        for start, end in ((points[shoulder], points[elbow]), (points[elbow], points[wrist])):
            along = sum(a * b for a, b in zip(_way(start, end), out, strict=True))
            cosine = sign * along / max(math.dist(start, end) * width, 1e-9)
            widest = max(widest, math.degrees(math.acos(min(max(cosine, -1.0), 1.0))))
    return widest


def _way(start: list[float], end: list[float]) -> tuple[float, float, float]:
    return end[0] - start[0], end[1] - start[1], end[2] - start[2]


def _share(value: float, span: tuple[float, float]) -> float:
    return (value - span[0]) / (span[1] - span[0])


def _reach(progress: float, state: TrackingState) -> Reach:
    return Reach(min(max(progress, 0.0), 1.0), state) if state and math.isfinite(progress) else _NOWHERE


def _state(points: Points, states: list[int], joints: tuple[Joint, ...]) -> TrackingState:
    """The least certain of ``joints``; NotTracked where a position is not finite."""
    if not math.isfinite(sum(sum(points[joint]) for joint in joints)):
        return TrackingState.NOT_TRACKED
    return STATES[min(states[joint] for joint in joints)]
