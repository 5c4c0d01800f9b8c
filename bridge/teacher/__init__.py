"""A Kinect at another computer as a camera's teacher: what it sends becomes the labels of the camera's pictures."""
