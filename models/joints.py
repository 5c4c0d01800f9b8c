"""The vocabulary of the Kinect v2 and of our pose network: joints, states, keypoints and the bones between them.

Numbers and names are those of the Kinect for Windows SDK 2.0 (``JointType``, ``TrackingState``, ``HandState``).
"""

from __future__ import annotations

from enum import IntEnum, IntFlag


class Joint(IntEnum):
    """The 25 joints of a Kinect v2 body, with the SDK's numbers."""

    SPINE_BASE = 0
    SPINE_MID = 1
    NECK = 2
    HEAD = 3
    SHOULDER_LEFT = 4
    ELBOW_LEFT = 5
    WRIST_LEFT = 6
    HAND_LEFT = 7
    SHOULDER_RIGHT = 8
    ELBOW_RIGHT = 9
    WRIST_RIGHT = 10
    HAND_RIGHT = 11
    HIP_LEFT = 12
    KNEE_LEFT = 13
    ANKLE_LEFT = 14
    FOOT_LEFT = 15
    HIP_RIGHT = 16
    KNEE_RIGHT = 17
    ANKLE_RIGHT = 18
    FOOT_RIGHT = 19
    SPINE_SHOULDER = 20
    HAND_TIP_LEFT = 21
    THUMB_LEFT = 22
    HAND_TIP_RIGHT = 23
    THUMB_RIGHT = 24

    @property
    def kinect_name(self) -> str:
        """The SDK's spelling, for example ``SpineBase``."""
        return self.name.title().replace("_", "")


class TrackingState(IntEnum):
    """How sure a joint is."""

    NOT_TRACKED = 0
    INFERRED = 1
    TRACKED = 2

    @property
    def kinect_name(self) -> str:
        """The SDK's spelling, for example ``NotTracked``."""
        return self.name.title().replace("_", "")


class HandState(IntEnum):
    """What a hand does."""

    UNKNOWN = 0
    NOT_TRACKED = 1
    OPEN = 2
    CLOSED = 3
    LASSO = 4

    @property
    def kinect_name(self) -> str:
        """The SDK's spelling, for example ``NotTracked``."""
        return self.name.title().replace("_", "")


class TrackingConfidence(IntEnum):
    """How sure a hand state is."""

    LOW = 0
    HIGH = 1

    @property
    def kinect_name(self) -> str:
        """The SDK's spelling, ``Low`` or ``High``."""
        return self.name.title()


class FrameEdges(IntFlag):
    """The edges of the picture that cut a body off."""

    NONE = 0
    RIGHT = 1
    LEFT = 2
    TOP = 4
    BOTTOM = 8


class Keypoint(IntEnum):
    """What the pose network finds in a picture; left and right are the person's own."""

    NOSE = 0
    LEFT_EAR = 1
    RIGHT_EAR = 2
    HEAD_TOP = 3
    NECK = 4
    LEFT_SHOULDER = 5
    RIGHT_SHOULDER = 6
    LEFT_ELBOW = 7
    RIGHT_ELBOW = 8
    LEFT_WRIST = 9
    RIGHT_WRIST = 10
    LEFT_INDEX = 11
    RIGHT_INDEX = 12
    LEFT_THUMB = 13
    RIGHT_THUMB = 14
    LEFT_HIP = 15
    RIGHT_HIP = 16
    LEFT_KNEE = 17
    RIGHT_KNEE = 18
    LEFT_ANKLE = 19
    RIGHT_ANKLE = 20
    LEFT_FOOT = 21
    RIGHT_FOOT = 22


def mirrored(name: str) -> str:
    """The name of the same part on the other side of the body.

    >>> mirrored("LEFT_EAR"), mirrored("HAND_TIP_RIGHT"), mirrored("NOSE")
    ('RIGHT_EAR', 'HAND_TIP_LEFT', 'NOSE')
    """
    swap = {"LEFT": "RIGHT", "RIGHT": "LEFT"}
    return "_".join(swap.get(word, word) for word in name.split("_"))


KEYPOINT_FLIP = tuple(Keypoint[mirrored(k.name)] for k in Keypoint)
"""For each keypoint the one on the other side, to index with after flipping a picture."""

JOINT_FLIP = tuple(Joint[mirrored(j.name)] for j in Joint)
"""For each Kinect joint the one on the other side."""

LIMB_KEYPOINTS = tuple(
    Keypoint[f"{side}_{part}"]
    for part in ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE")
    for side in ("LEFT", "RIGHT")
)
"""The twelve limb joints over which PCK is averaged."""

JOINT_PARENT: dict[Joint, Joint] = {
    Joint.SPINE_MID: Joint.SPINE_BASE,
    Joint.SPINE_SHOULDER: Joint.SPINE_MID,
    Joint.NECK: Joint.SPINE_SHOULDER,
    Joint.HEAD: Joint.NECK,
    Joint.SHOULDER_LEFT: Joint.SPINE_SHOULDER,
    Joint.ELBOW_LEFT: Joint.SHOULDER_LEFT,
    Joint.WRIST_LEFT: Joint.ELBOW_LEFT,
    Joint.HAND_LEFT: Joint.WRIST_LEFT,
    Joint.HAND_TIP_LEFT: Joint.HAND_LEFT,
    Joint.THUMB_LEFT: Joint.HAND_LEFT,
    Joint.SHOULDER_RIGHT: Joint.SPINE_SHOULDER,
    Joint.ELBOW_RIGHT: Joint.SHOULDER_RIGHT,
    Joint.WRIST_RIGHT: Joint.ELBOW_RIGHT,
    Joint.HAND_RIGHT: Joint.WRIST_RIGHT,
    Joint.HAND_TIP_RIGHT: Joint.HAND_RIGHT,
    Joint.THUMB_RIGHT: Joint.HAND_RIGHT,
    Joint.HIP_LEFT: Joint.SPINE_BASE,
    Joint.KNEE_LEFT: Joint.HIP_LEFT,
    Joint.ANKLE_LEFT: Joint.KNEE_LEFT,
    Joint.FOOT_LEFT: Joint.ANKLE_LEFT,
    Joint.HIP_RIGHT: Joint.SPINE_BASE,
    Joint.KNEE_RIGHT: Joint.HIP_RIGHT,
    Joint.ANKLE_RIGHT: Joint.KNEE_RIGHT,
    Joint.FOOT_RIGHT: Joint.ANKLE_RIGHT,
}
"""The bone that ends in each joint starts in its parent; SpineBase has none."""

KEYPOINT_BONES: tuple[tuple[Keypoint, Keypoint], ...] = (
    (Keypoint.NOSE, Keypoint.LEFT_EAR),
    (Keypoint.NOSE, Keypoint.RIGHT_EAR),
    (Keypoint.NOSE, Keypoint.HEAD_TOP),
    (Keypoint.NECK, Keypoint.NOSE),
    (Keypoint.LEFT_SHOULDER, Keypoint.RIGHT_SHOULDER),
    (Keypoint.LEFT_HIP, Keypoint.RIGHT_HIP),
    *(
        (Keypoint[f"{side}_{start}"], Keypoint[f"{side}_{end}"])
        for side in ("LEFT", "RIGHT")
        for start, end in (
            ("SHOULDER", "ELBOW"),
            ("ELBOW", "WRIST"),
            ("WRIST", "INDEX"),
            ("WRIST", "THUMB"),
            ("SHOULDER", "HIP"),
            ("HIP", "KNEE"),
            ("KNEE", "ANKLE"),
            ("ANKLE", "FOOT"),
        )
    ),
)
"""The lines that a drawing of the keypoints shows."""
