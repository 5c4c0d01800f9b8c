"""Bodycast beside MediaPipe Pose full, on the same pictures and in the same run: time per frame, and PCK@0.2.

MediaPipe 0.10.21 needs numpy 1, so it gets an environment of its own and is asked through a pipe:

    python -m venv mediapipe-env
    mediapipe-env/bin/pip install mediapipe==0.10.21 "numpy<2"
    python tests/benchmarks/compare_mediapipe.py --mediapipe-python mediapipe-env/bin/python --data DATA

Times are those of one decoded picture: ours from the picture to the bodies (detector, tracker, pose network, lift,
smoothing), theirs of ``Pose.process``; conversion of colours and the pipe count for nobody. The two take turns, a block
of frames each, so that whatever else the machine does hits both alike. ``wall`` is what a clock shows, ``cpu`` what all
threads together used, which other programs disturb less. Each is a median over the frames.

Accuracy: people of FLIC's held-out films and of LSPET's validation set, each cut out of the picture by the labelled box
as our network sees it, and (MediaPipe looks for people itself) from the whole picture too; a person not found is wrong.
On the videos with a Kinect's joints, each finds the person itself.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, NoReturn

import cv2
import numpy as np
from tqdm import tqdm

from bridge.kinect_evaluation import COLOUR_FOV, projected, read_positions
from bridge.pipeline import Pipeline
from bridge.sources import open_source
from models.body import ByteArray, FloatArray, Frame
from models.crop import crop, crop_transforms
from models.detector import PersonDetector
from models.joints import Keypoint
from models.keypoint_files import LabelledPerson, held_out_groups, keypoint_columns, our_keypoints, read_people
from models.pck import pck
from models.pose import DEFAULT_WEIGHTS, open_pose
from models.training.pose_data import MEDIAPIPE

PEER = Path(__file__).with_name("mediapipe_peer.py")
COLUMNS = keypoint_columns(MEDIAPIPE)
NOBODY = np.full((len(Keypoint), 3), np.nan, np.float32)
ROOM = 1.25
"""How much more than the box of somebody is cut out: with less, MediaPipe finds fewer."""

VIEW = (384, 512)
"""Width and height of the crops that both see: of the form of our network's, and fine enough for theirs."""

WARM_UP = 15


@dataclass(frozen=True, slots=True)
class Look:
    """What one of the two made of one picture: keypoints (23, 3), NaN for nobody, and seconds."""

    keypoints: FloatArray
    wall: float
    cpu: float


@dataclass(slots=True)
class Tally:
    """The looks of both at the same pictures."""

    ours: list[Look] = field(default_factory=list)
    theirs: list[Look] = field(default_factory=list)

    def settled(self) -> Tally:
        """Without the frames in which caches and trackers warm up."""
        return Tally(self.ours[WARM_UP:], self.theirs[WARM_UP:])

    def times(self) -> dict[str, float]:
        """Median milliseconds of both, and how many times longer MediaPipe takes."""
        result: dict[str, float] = {}
        for clock in ("wall", "cpu"):
            ours, theirs = (
                float(np.median([getattr(look, clock) for look in looks])) for looks in (self.ours, self.theirs)
            )
            result |= {f"ours_{clock}_ms": 1e3 * ours, f"mediapipe_{clock}_ms": 1e3 * theirs}
            result[f"{clock}_ratio"] = theirs / ours
        return {name: round(value, 2) for name, value in result.items()}


class PeerError(Exception):
    """MediaPipe cannot be asked; the message is one line for the user."""


class Peer:
    """MediaPipe in its own process, whose stderr goes to ``complaints``."""

    def __init__(self, process: subprocess.Popen[bytes], complaints: IO[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._complaints = process, complaints
        self._requests, self._answers = process.stdin, process.stdout

    def look(self, image: ByteArray, *, fresh: bool, still: bool) -> Look:
        """One picture, blue green red: the next of a video, or by itself; ``fresh`` forgets what was before."""
        request = json.dumps({"size": image.shape[:2], "fresh": fresh, "still": still})
        with suppress(BrokenPipeError):
            self._requests.write(request.encode() + b"\n" + image[..., ::-1].tobytes())
            self._requests.flush()
        answer = json.loads(self._answers.readline() or self._gone())
        found = answer["landmarks"]
        keypoints = NOBODY if found is None else our_keypoints(np.array(found, np.float32), COLUMNS)
        return Look(keypoints, answer["wall"], answer["cpu"])

    def _gone(self) -> NoReturn:
        self._process.wait()
        self._complaints.seek(0)
        lines = self._complaints.read().decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise PeerError(f"MediaPipe ended with status {self._process.returncode}: {lines[-1]}")


@contextmanager
def mediapipe(python: str) -> Iterator[Peer]:
    """MediaPipe, run by the interpreter ``python``, until the end of the block."""
    with tempfile.TemporaryFile() as complaints:
        try:
            process = subprocess.Popen(
                [python, str(PEER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints
            )
        except OSError as error:
            raise PeerError(
                f"{python}: {error.strerror}; expected the Python of an environment with mediapipe"
            ) from error
        with process, suppress(BrokenPipeError):
            yield Peer(process, complaints)


class Bodycast:
    """Our pipeline, one picture at a time."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._waiting: list[Frame] = []
        self._bodies = pipeline.bodies(self._frames())
        self._number = 0

    def _frames(self) -> Iterator[Frame]:
        while True:
            yield self._waiting.pop()

    def look(self, image: ByteArray) -> Look:
        """The next picture of a video at 30 Hz; of several people, the largest one."""
        self._waiting.append(Frame(image, self._number / 30, self._number))
        self._number += 1
        wall, cpu = time.perf_counter(), time.process_time()
        bodies = next(self._bodies).bodies
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        keypoints = max(
            (b.keypoints for b in bodies), key=lambda k: float(np.ptp(k[:, :2], axis=0).sum()), default=NOBODY
        )
        return Look(keypoints, wall, cpu)


def take_turns(frames: Iterable[Frame], ours: Bodycast, peer: Peer, block: int = 15) -> Tally:
    """Both look at a video, ``block`` frames at a time."""
    tally = Tally()
    images = (frame.image.copy() for frame in frames)
    while part := list(islice(images, block)):
        fresh = not tally.theirs
        tally.ours += [ours.look(image) for image in part]
        tally.theirs += [peer.look(image, fresh=fresh and i == 0, still=False) for i, image in enumerate(part)]
    return tally


def compare_people(pose: Callable[..., FloatArray], people: Sequence[LabelledPerson], peer: Peer) -> dict[str, Any]:
    """PCK of both on the same crops, and of MediaPipe on the whole pictures."""
    found: dict[str, list[FloatArray]] = {"ours": [], "mediapipe": [], "mediapipe_whole_picture": []}
    for number, person in enumerate(tqdm(people, unit="", leave=False, disable=None)):
        image = np.asarray(cv2.imread(str(person.picture), cv2.IMREAD_COLOR), np.uint8)
        (to_view,) = crop_transforms(person.box[None], VIEW, ROOM)
        view = crop(image, to_view, VIEW)
        box = (person.box.reshape(2, 2) * to_view[0, 0] + to_view[:, 2]).reshape(1, 4).astype(np.float32)
        looks = pose(view, box)[0], peer.look(view, fresh=number == 0, still=True).keypoints
        for name, keypoints in zip(("ours", "mediapipe"), looks, strict=True):
            keypoints = keypoints.copy()
            keypoints[:, :2] = (keypoints[:, :2] - to_view[:, 2]) / to_view[0, 0]
            found[name].append(keypoints)
        found["mediapipe_whole_picture"].append(peer.look(image, fresh=False, still=True).keypoints)
    labels = np.stack([p.keypoints for p in people])
    pcks = {name: round(pck(np.stack(keypoints), labels).mean, 4) for name, keypoints in found.items()}
    return {"people": len(people), **pcks}


def labelled_people(data: Path, limit: int) -> dict[str, list[LabelledPerson]]:
    """FLIC's held-out films and LSPET's validation set, ``limit`` people of each, spread evenly."""
    flic = read_people(data / "pose" / "flic" / "train.json")
    films = held_out_groups(flic)
    sets = {"flic": [p for p in flic if p.group in films], "lspet": read_people(data / "pose" / "lspet" / "val.json")}
    return {name: people[:: -(-len(people) // limit)] for name, people in sets.items()}


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Compare, and print a row for each source and each set."""
    parser = argparse.ArgumentParser(description="Compare Bodycast with MediaPipe Pose full.")
    parser.add_argument("--mediapipe-python", required=True, metavar="PYTHON", help="of the environment with mediapipe")
    parser.add_argument("--data", type=Path, metavar="DATA", help="folder with video, pose and kinect")
    parser.add_argument("--frames", type=int, default=100, metavar="N", help="of each video (default 100)")
    parser.add_argument("--people", type=int, default=1000, metavar="N", help="of each labelled set (default 1000)")
    parser.add_argument("--pose-model", type=Path, default=DEFAULT_WEIGHTS, metavar="FILE")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there, too")
    args = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    results: dict[str, Any] = {}
    try:
        with mediapipe(args.mediapipe_python) as peer:
            for name, compared in _comparisons(args, peer):
                results[name] = compared
                print(name, json.dumps(compared), flush=True)
    except PeerError as error:
        parser.error(str(error))
    if args.json:
        args.json.write_text(json.dumps(results, indent=1), encoding="utf-8")
    return results


def _comparisons(args: argparse.Namespace, peer: Peer) -> Iterator[tuple[str, dict[str, Any]]]:
    detector, pose = PersonDetector(), open_pose(args.pose_model)

    def watched(spec: str, most: int | None, fov: float | None = None) -> Tally:
        with open_source(spec, fast=True) as source:
            return take_turns(islice(source, most), Bodycast(Pipeline(detector, pose, fov=fov)), peer)

    everything = Tally()
    for spec in ("actor", *map(str, sorted(args.data.glob("video/*.mkv")) if args.data else ())):
        tally = watched(spec, args.frames).settled()
        everything.ours += tally.ours
        everything.theirs += tally.theirs
        yield Path(spec).stem, tally.times()
    yield "all videos", everything.times()
    if args.data is None:
        return
    keraal = args.data / "kinect" / "keraal"
    for name in json.loads((keraal / "split.json").read_text(encoding="utf-8"))["test"]:
        tally = watched(str(keraal / f"{name}.mp4"), None, COLOUR_FOV)
        labels = projected(read_positions(keraal / f"{name}.npz"), (960, 540))[: len(tally.ours)]
        sides = {"ours": tally.ours, "mediapipe": tally.theirs}
        pcks = {who: np.stack([look.keypoints for look in looks])[: len(labels)] for who, looks in sides.items()}
        yield name, {who: round(pck(found, labels).mean, 4) for who, found in pcks.items()} | tally.settled().times()
    for name, people in labelled_people(args.data, args.people).items():
        yield name, compare_people(pose, people, peer)


if __name__ == "__main__":
    main()
