"""A Kinect's joints become labels of the keypoints that they stand for, on the same side, and of no others."""

import numpy as np

from models.joints import LIMB_KEYPOINTS, Joint, Keypoint, TrackingState
from models.kinect_keypoints import KEYPOINT_JOINT, kinect_labels


def test_every_limb_has_a_joint_of_the_same_side() -> None:
    assert set(LIMB_KEYPOINTS) <= KEYPOINT_JOINT.keys()
    for keypoint, joint in KEYPOINT_JOINT.items():
        assert ("LEFT" in keypoint.name) == ("LEFT" in joint.name), keypoint
        assert ("RIGHT" in keypoint.name) == ("RIGHT" in joint.name), keypoint


def test_the_middle_of_the_head_labels_nothing() -> None:
    assert not {Joint.HEAD, Joint.SPINE_BASE, Joint.SPINE_MID} & set(KEYPOINT_JOINT.values())
    assert not {Keypoint.NOSE, Keypoint.HEAD_TOP, Keypoint.LEFT_EAR} & KEYPOINT_JOINT.keys()


def test_labels_are_as_sure_as_the_joint_and_nothing_where_it_is_not_seen() -> None:
    pixels = np.tile(np.float32([50, 40]), (3, 25, 1))
    states = np.full((3, 25), TrackingState.TRACKED, np.uint8)
    states[0, Joint.WRIST_LEFT] = TrackingState.INFERRED
    states[1, Joint.WRIST_LEFT] = TrackingState.NOT_TRACKED
    pixels[0, Joint.ANKLE_LEFT] = 50, 140
    pixels[1, Joint.ANKLE_LEFT] = -np.inf, np.nan
    labels = kinect_labels(pixels, states, (100, 100))
    assert labels[:, Keypoint.LEFT_WRIST, 2].tolist() == [0.5, 0.0, 1.0]
    assert labels[0, Keypoint.RIGHT_WRIST].tolist() == [50, 40, 1]
    assert labels[0, Keypoint.LEFT_ANKLE].tolist() == [50, 140, 0]
    assert labels[1, Keypoint.LEFT_ANKLE].tolist() == [0, 0, 0]
    assert not labels[:, Keypoint.NOSE].any()
