"""MediaPipe Pose behind a pipe: pictures in on stdin, landmarks and times out on stdout.

It runs in an environment of its own, where none of our packages is (``pip install mediapipe==0.10.21 "numpy<2"``).
A request is a line of JSON and the picture's bytes, red, green, blue; an answer is a line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time

import numpy as np


def main() -> None:
    """Answer until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else is printed must not be taken for an answer
    import mediapipe

    pose = None
    for line in iter(sys.stdin.buffer.readline, b""):
        request = json.loads(line)
        height, width = request["size"]
        pixels = sys.stdin.buffer.read(height * width * 3)
        image = np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
        if pose is None or request["fresh"]:
            pose = mediapipe.solutions.pose.Pose(static_image_mode=request["still"], model_complexity=1)
        wall, cpu = time.perf_counter(), time.process_time()
        found = pose.process(image).pose_landmarks
        times = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        landmarks = found and [[mark.x * width, mark.y * height, mark.visibility] for mark in found.landmark]
        answers.write(json.dumps({"landmarks": landmarks, **times}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
