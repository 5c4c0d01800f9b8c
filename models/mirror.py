"""What a mirror shows: the same people with left and right exchanged.

Bodies are reflected in the plane X = 0 of camera space, and named anew: who raised the right hand has the left one up
then, and it is at the same edge of the flipped picture.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.body import Body, BodyFrame, ByteArray, Frame
from models.joints import JOINT_FLIP, KEYPOINT_FLIP, FrameEdges

_JOINTS = np.array(JOINT_FLIP)
_KEYPOINTS = np.array(KEYPOINT_FLIP)
_POSITION = np.array([-1, 1, 1], np.float32)
_TURN = np.array([1, -1, -1, 1], np.float32)  # a rotation seen in a mirror turns about x as before, else the other way
_LEAN = np.array([-1, 1], np.float32)
_PLANE = np.array([-1, 1, 1, 1], np.float32)


def mirrored(frame: BodyFrame) -> BodyFrame:
    """``frame`` as found in the flipped picture."""
    bodies = tuple(_mirrored_body(body, frame.image_size[0]) for body in frame.bodies)
    return replace(frame, bodies=bodies, floor=frame.floor * _PLANE)


def mirrored_picture(frame: Frame) -> Frame:
    """``frame`` with its columns in the opposite order."""
    return replace(frame, image=flipped(frame.image))


def flipped(image: ByteArray) -> ByteArray:
    """An image (height, width, 3) with its columns in the opposite order."""
    return np.ascontiguousarray(image[:, ::-1])


def _mirrored_body(body: Body, width: int) -> Body:
    keypoints = body.keypoints[_KEYPOINTS]
    if width > 0:
        keypoints[:, 0] = np.where(keypoints[:, 2] > 0, width - 1 - keypoints[:, 0], keypoints[:, 0])
    return replace(
        body,
        positions=body.positions[_JOINTS] * _POSITION,
        orientations=body.orientations[_JOINTS] * _TURN,
        tracking_states=body.tracking_states[_JOINTS],
        hand_left=body.hand_right,
        hand_right=body.hand_left,
        keypoints=keypoints,
        clipped_edges=_mirrored_edges(body.clipped_edges),
        lean=body.lean * _LEAN,
    )


def _mirrored_edges(edges: FrameEdges) -> FrameEdges:
    kept = edges & (FrameEdges.TOP | FrameEdges.BOTTOM)
    left = FrameEdges.RIGHT if FrameEdges.LEFT in edges else FrameEdges.NONE
    right = FrameEdges.LEFT if FrameEdges.RIGHT in edges else FrameEdges.NONE
    return kept | left | right
