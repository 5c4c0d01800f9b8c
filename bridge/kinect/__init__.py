"""A Kinect v2 at this computer, as a source of bodies that needs no vision."""

from bridge.kinect.bodies import HALF_WIDTH
from bridge.kinect.stream import KinectStream, open_kinect

__all__ = ["HALF_WIDTH", "KinectStream", "open_kinect"]
