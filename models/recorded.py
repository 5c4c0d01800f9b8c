"""The recorded form of a `BodyFrame`: one map of plain numbers, lists and maps, and its line of JSON.

The same map goes into a recording (as JSON) and over ZeroMQ (as msgpack), so that any language can read both:

| key | value |
|---|---|
| ``time`` | seconds, on the clock of the source |
| ``sequence`` | place in the stream, from 0 |
| ``image_size`` | [width, height] in pixels, [0, 0] without a picture |
| ``bodies`` | list of at most six maps |
| ``floor`` | [x, y, z, w] of the floor clip plane, zeros where it is unknown; may be missing |

and each body is a map of

| key | value |
|---|---|
| ``tracking_id`` | unsigned 64-bit number, never reused within a stream |
| ``slot`` | 0 to 5 |
| ``positions`` | 25 lists [x, y, z], metres, camera space of the Kinect v2, in the order of `Joint` |
| ``orientations`` | 25 lists [x, y, z, w] |
| ``tracking_states`` | 25 numbers: 0 NotTracked, 1 Inferred, 2 Tracked |
| ``hand_left``, ``hand_right`` | [state, confidence]: 0 Unknown 1 NotTracked 2 Open 3 Closed 4 Lasso; 0 Low 1 High |
| ``keypoints`` | 23 lists [x, y, confidence], pixels, in the order of `Keypoint` |
| ``clipped_edges`` | sum of 1 right, 2 left, 4 top, 8 bottom |
| ``lean`` | [x, y], -1 to 1, zeros where it is unknown; may be missing |

Readers ignore keys that they do not know. Every finite float32 survives exactly. Those that are not finite come back
as NaN; JSON has ``null`` for them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from models.body import Body, BodyFrame, FloatArray, Hand
from models.joints import FrameEdges, HandState, Joint, Keypoint, TrackingConfidence, TrackingState

MAX_BODIES = 6
_LARGEST = float(np.finfo(np.float32).max)


def frame_to_map(frame: BodyFrame, numbers: Callable[[FloatArray], list[Any]] = np.ndarray.tolist) -> dict[str, Any]:
    """The recorded form of ``frame``; ``numbers`` turns each float array into nested lists."""
    return {
        "time": float(frame.time),
        "sequence": int(frame.sequence),
        "image_size": [int(side) for side in frame.image_size],
        "bodies": [_body_to_map(body, numbers) for body in frame.bodies],
        "floor": numbers(frame.floor),
    }


def frame_to_json(frame: BodyFrame) -> str:
    """``frame`` as one line of JSON, without the line's end."""
    return json.dumps(frame_to_map(frame, _shortest), separators=(",", ":"), allow_nan=False)


def frame_from_map(value: object) -> BodyFrame:
    """The frame whose recorded form is ``value``.

    Raises
    ------
    ValueError
        If anything is missing, has the wrong shape or is out of range; it says what.
    """
    frame = _mapping(value, "a body frame")
    width, height = _list(frame, "image_size", 2)
    bodies = _list(frame, "bodies")
    if len(bodies) > MAX_BODIES:
        raise ValueError(f"bodies must be at most {MAX_BODIES}, got {len(bodies)}")
    return BodyFrame(
        time=finite_number(frame, "time"),
        sequence=whole_number(frame, "sequence"),
        bodies=tuple(_body_from_map(body) for body in bodies),
        image_size=(_whole(width, "image_size", 2**31), _whole(height, "image_size", 2**31)),
        floor=_optional_floats(frame, "floor", 4),
    )


def frame_from_json(line: str | bytes) -> BodyFrame:
    """The frame that `frame_to_json` wrote as ``line``.

    Raises
    ------
    ValueError
        If the line is not JSON or not a body frame; it says what is wrong.
    """
    try:
        value = json.loads(line, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("JSON nested too deeply") from None
    return frame_from_map(value)


def field(value: Mapping[Any, Any], key: str) -> Any:
    """``value[key]``, or a ValueError that names the key."""
    try:
        return value[key]
    except KeyError:
        raise ValueError(f"{key!r} is missing") from None


def finite_number(value: Mapping[Any, Any], key: str) -> float:
    """The finite number under ``key``, or a ValueError that names the key."""
    number = field(value, key)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise ValueError(f"{key} must be a number, got {type(number).__name__}")
    try:
        result = float(number)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise ValueError(f"{key} must be finite, got {result}")
    return result


def whole_number(value: Mapping[Any, Any], key: str, limit: int = 2**64) -> int:
    """The number 0 <= n < ``limit`` under ``key``, or a ValueError that names the key."""
    return _whole(field(value, key), key, limit)


def _body_to_map(body: Body, numbers: Callable[[FloatArray], list[Any]]) -> dict[str, Any]:
    return {
        "tracking_id": int(body.tracking_id),
        "slot": int(body.slot),
        "positions": numbers(body.positions),
        "orientations": numbers(body.orientations),
        "tracking_states": body.tracking_states.tolist(),
        "hand_left": [int(body.hand_left.state), int(body.hand_left.confidence)],
        "hand_right": [int(body.hand_right.state), int(body.hand_right.confidence)],
        "keypoints": numbers(body.keypoints),
        "clipped_edges": int(body.clipped_edges),
        "lean": numbers(body.lean),
    }


def _body_from_map(value: object) -> Body:
    body = _mapping(value, "a body")
    states = [_whole(s, "tracking_states", len(TrackingState)) for s in _list(body, "tracking_states", len(Joint))]
    return Body(
        tracking_id=whole_number(body, "tracking_id"),
        slot=whole_number(body, "slot", MAX_BODIES),
        positions=_floats(body, "positions", (len(Joint), 3)),
        orientations=_floats(body, "orientations", (len(Joint), 4)),
        tracking_states=np.array(states, np.uint8),
        hand_left=_hand(body, "hand_left"),
        hand_right=_hand(body, "hand_right"),
        keypoints=_floats(body, "keypoints", (len(Keypoint), 3)),
        clipped_edges=FrameEdges(whole_number(body, "clipped_edges", 16)),
        lean=_optional_floats(body, "lean", 2),
    )


def _hand(body: Mapping[Any, Any], key: str) -> Hand:
    state, confidence = _list(body, key, 2)
    return Hand(
        HandState(_whole(state, key, len(HandState))),
        TrackingConfidence(_whole(confidence, key, len(TrackingConfidence))),
    )


def _floats(body: Mapping[Any, Any], key: str, shape: tuple[int, ...]) -> FloatArray:
    rows = _list(body, key, shape[0])
    try:
        array = np.array(rows)
        if array.dtype == object:  # with nulls: every element must be one of them or a number
            _check_elements(array, key)
            array = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{key} must be {shape} numbers") from error
    if array.shape != shape or array.dtype.kind not in "fiu":
        raise ValueError(f"{key} must be {shape} numbers, got {array.dtype} {array.shape}")
    finite = np.isfinite(array)
    if np.any(np.abs(array[finite]) > _LARGEST):
        raise ValueError(f"{key} holds a number too large for float32")
    return np.where(finite, array, np.nan).astype(np.float32)


def _optional_floats(value: Mapping[Any, Any], key: str, length: int) -> FloatArray:
    """The numbers under ``key``; zeros where it is missing, as in files of older versions."""
    return _floats(value, key, (length,)) if key in value else np.zeros(length, np.float32)


def _check_elements(array: npt.NDArray[np.object_], key: str) -> None:
    for element in array.flat:
        if element is not None and (isinstance(element, bool) or not isinstance(element, int | float)):
            raise TypeError(f"{key} holds a {type(element).__name__}")


def _shortest(array: FloatArray) -> list[Any]:
    # Of the decimals that mean the same float32, those with the fewest digits: json then writes 1.7 for 1.7000000476.
    finite = np.isfinite(array)
    exact = np.where(finite, array, np.float32(0)).astype(np.float64)
    short = exact.copy()
    for decimals in (9, 8, 7, 6, 5, 4):
        rounded = np.round(exact, decimals)
        np.copyto(short, rounded, where=rounded.astype(np.float32) == exact)
    rows: list[Any] = short.tolist()
    for *row, column in np.argwhere(~finite).tolist():
        (rows[row[0]] if row else rows)[column] = None
    return rows


def _mapping(value: object, what: str) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{what} must be a map, got {type(value).__name__}")
    return value


def _list(value: Mapping[Any, Any], key: str, length: int | None = None) -> list[Any]:
    items = field(value, key)
    if not isinstance(items, list) or length not in (None, len(items)):
        size = "" if length is None else f" of {length}"
        raise ValueError(f"{key} must be a list{size}, got {type(items).__name__}")
    return items


def _whole(number: object, key: str, limit: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < limit:
        raise ValueError(f"{key} must be a whole number from 0 to {limit - 1}, got {str(number)[:40]}")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
