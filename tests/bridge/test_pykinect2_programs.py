"""Old Kinect programs run as they are: with their arguments, their neighbours, and the body game's window."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from bridge.pykinect2_compat.views import COLOUR_SIZE
from models.actor import Actor
from models.body import BodyFrame
from models.joints import Keypoint
from tests.bridge.test_pykinect2_compat import SIZE

COMMAND = [sys.executable, "-m", "bridge.cli", "pykinect2"]
ENVIRONMENT = {
    **os.environ,
    "SDL_VIDEODRIVER": "dummy",
    "SDL_AUDIODRIVER": "dummy",
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
    "PYTHONWARNINGS": "error",
}


PROGRAM = """
import json, sys, time
import numpy
from pykinect2.PyKinectV2 import *
from pykinect2 import PyKinectV2, PyKinectRuntime
import neighbour
kinect = PyKinectRuntime.PyKinectRuntime(PyKinectV2.FrameSourceTypes_Body)
start = time.clock()
while not kinect.has_new_body_frame():
    assert time.clock() < start + 300
bodies = kinect.get_last_body_frame().bodies
print(json.dumps([sys.argv[1:], numpy.int(sum(b.is_tracked for b in bodies)), JointType_Head, neighbour.NAME]))
sys.exit(3)
"""


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_program_gets_its_arguments_and_we_get_ours(
    before: bool, tmp_path: Path, random_frame: Callable[..., BodyFrame]
) -> None:
    from bridge.recording import Recorder

    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "neighbour.py").write_text("NAME = 'beside it'")
    with Recorder(tmp_path / "dance") as recorder:
        for number in range(300):
            recorder.send(random_frame(number, people=2, time=number / 30, sequence=number))
    ours, program = ["--source", str(tmp_path / "dance")], str(tmp_path / "program.py")
    words = [*ours, program, "one"] if before else [program, "one", *ours]
    done = subprocess.run(
        [*COMMAND, *words, "--speed", "2", "--", "--source"],
        capture_output=True,
        text=True,
        timeout=300,
        env=ENVIRONMENT,
    )
    assert done.returncode == 3, done.stderr
    arguments, tracked, head, neighbour = json.loads(done.stdout)
    assert arguments == ["one", "--speed", "2", "--source"]
    assert (tracked, head, neighbour) == (2, 3, "beside it")


@pytest.mark.parametrize(
    ("words", "text"),
    [(["nothing.py"], "there is no such program"), (["{program}", "--source", "nowhere.mp4"], "no such file")],
)
def test_what_is_not_there_is_told_in_one_line(words: list[str], text: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM.replace("import neighbour", ""))
    words = [word.format(program=tmp_path / "program.py") for word in words]
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, timeout=300, env=ENVIRONMENT)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert text in done.stderr


GAME = """
import json, sys, time
import pygame
from bridge.cli import main
from bridge.pykinect2_compat.PyKinectRuntime import PyKinectRuntime

program, folder, shots = sys.argv[1], sys.argv[2], int(sys.argv[3])
kinects, taken, flip, close = [], [], pygame.display.flip, PyKinectRuntime.close
opened = PyKinectRuntime.__init__
def remembering(self, *args):
    opened(self, *args)
    kinects.append(self)
def looking():
    flip()
    drawn, shown = kinects[0]._bodies_fetched, kinects[0]._channels[1]._fetched
    if drawn is None or shown is None or not drawn.frame.bodies:
        return
    if drawn.picture.number >= 30 + 60 * len(taken):  # after one second, and after three
        pygame.image.save(pygame.display.get_surface(), f"{folder}/{len(taken)}.png")
        taken.append(drawn.picture.number)
    if len(taken) == shots:
        pygame.event.post(pygame.event.Event(pygame.QUIT))
PyKinectRuntime.__init__, pygame.display.flip = remembering, looking
status = main(["pykinect2", program, "--source", "actor", "--fast"])  # no picture is skipped on a busy machine
print(json.dumps([status, taken]))
"""


def test_the_body_game_draws_bodies_where_the_actor_is(wheel: Path, tmp_path: Path) -> None:
    pytest.importorskip("pygame")
    program = wheel / "examples" / "PyKinectBodyGame.py"
    if not program.exists():
        pytest.skip("this copy of pykinect2 has no examples")
    before = program.read_bytes()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", GAME, program, tmp_path, "2"],
        capture_output=True,
        text=True,
        timeout=300,
        env={**ENVIRONMENT, "PYTHONWARNINGS": "ignore"},
    )
    assert done.returncode == 0, done.stderr
    status, numbers = json.loads(done.stdout)
    assert status == 0
    assert program.read_bytes() == before
    actor = Actor(size=SIZE, seed=0)
    for shot, number in enumerate(numbers):
        assert_drawn(cv2.imread(str(tmp_path / f"{shot}.png")), actor.render(number / 30).people[0].keypoints)


def assert_drawn(screen: np.ndarray, keypoints: np.ndarray) -> None:
    """Red lines of the first body lie on the actor's limbs, and there are none elsewhere."""
    shown = screen.shape[1] / COLOUR_SIZE[0]  # the game fits the width of the colour frame to its window
    truth = (keypoints[:, :2] * (-1, 1) + (SIZE[0] - 1, 0)) * 2.25 * shown + (240 * shown, 0)
    red = np.argwhere((screen == (0, 0, 255)).all(axis=2))[:, ::-1]
    assert len(red) > 200
    height = float(np.ptp(truth[:, 1]))
    limbs = [k for k in Keypoint if k.name.split("_")[-1] in {"SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE"}]
    seen = truth[[k for k in limbs if keypoints[k, 2] == 2]]
    missed = np.sqrt(((seen[:, None] - red[None]) ** 2).sum(-1)).min(axis=1)
    assert (missed < 0.05 * height).mean() > 0.8, missed / height
    low, high = truth.min(axis=0) - 0.08 * height, truth.max(axis=0) + 0.08 * height
    assert ((red >= low) & (red <= high)).all(axis=1).mean() > 0.9
