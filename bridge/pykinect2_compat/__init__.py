"""pykinect2 without a Kinect: its modules, names and structures, fed by whatever Bodycast can look at.

`PyKinectV2` and `PyKinectRuntime` stand for the modules of those names in pykinect2 0.1.0. While `installed`, programs
that import ``pykinect2`` get them.
"""

from bridge.pykinect2_compat.installing import installed

__all__ = ["installed"]
