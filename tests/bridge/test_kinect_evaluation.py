"""Judging the pipeline by a Kinect: right bodies count, missing ones are wrong, bad clips are named."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bridge.kinect_evaluation import ClipError, clip_names, evaluate_kinect, projected, read_positions
from bridge.pipeline import Pipeline
from models.actor import Actor
from models.body import ByteArray, FloatArray
from models.joints import Joint, Keypoint

CLIPS = Path(__file__).parents[3] / "shared" / "data" / "kinect" / "keraal"
SIZE = (320, 180)


@pytest.fixture
def clip(tmp_path: Path) -> FloatArray:
    """A video of twelve grey pictures with the actor's joints (12, 25, 3) beside it, as ``tmp_path/clip``."""
    video = cv2.VideoWriter(str(tmp_path / "clip.mp4"), cv2.VideoWriter_fourcc(*"mp4v"), 20, SIZE)
    for _ in range(12):
        video.write(np.full((SIZE[1], SIZE[0], 3), 90, np.uint8))
    video.release()
    actor = Actor()
    positions = np.stack([actor.render(i / 20).people[0].positions for i in range(12)])
    np.savez(tmp_path / "clip.npz", position=positions)
    return positions


class Seeing:
    """Both networks at once, for one clip: they know the labels, or say that nobody is there."""

    def __init__(self, positions: FloatArray, blind_from: int) -> None:
        self._labels = projected(positions, SIZE)
        self._labels[:, [Keypoint.NOSE, Keypoint.NECK]] = self._labels[:, [Keypoint.LEFT_SHOULDER]]
        self._blind_from = blind_from
        self._number = -1

    def detect(self, image: ByteArray) -> FloatArray:
        seen = self._labels[self._number + 1, self._labels[0, :, 2] > 0, :2]
        return np.array([(*seen.min(axis=0), *seen.max(axis=0), 0.9)], np.float32)

    def pose(self, image: ByteArray, boxes: FloatArray, before: object = ()) -> FloatArray:
        self._number += 1
        found = np.repeat(self._labels[self._number][None], len(boxes), axis=0)
        found[:, :, 2] = 0.0 if self._number >= self._blind_from else (found[:, :, 2] > 0) * 0.9
        return found


def test_a_pipeline_that_knows_the_labels_has_them_all_right(clip: FloatArray, tmp_path: Path) -> None:
    seeing = Seeing(clip, blind_from=100)
    result = evaluate_kinect(tmp_path, ["clip"], lambda fov: Pipeline(seeing.detect, seeing.pose, fov=fov))
    assert result.keypoints_pck == 1.0
    assert result.keypoints_per_joint["left_wrist"] == 1.0
    assert result.pck > 0.9
    assert (result.frames, result.found, result.ids) == (12, 1.0, 1.0)
    assert result.mpjpe_mm is not None
    assert result.mpjpe_mm < 250


def test_a_pipeline_that_finds_nobody_has_nothing_right(clip: FloatArray, tmp_path: Path) -> None:
    seeing = Seeing(clip, blind_from=0)
    result = evaluate_kinect(tmp_path, [], lambda fov: Pipeline(seeing.detect, seeing.pose, fov=fov))
    assert (result.pck, result.keypoints_pck, result.found, result.ids) == (0.0, 0.0, 0.0, 0.0)
    assert result.mpjpe_mm is None


def test_joints_are_projected_as_the_colour_camera_sees_them() -> None:
    positions = np.zeros((1, 25, 3), np.float32)
    positions[..., 2] = 2.0
    positions[0, Joint.WRIST_RIGHT] = (0.5, 0.25, 2.0)
    labels = projected(positions, (960, 540))
    np.testing.assert_allclose(labels[0, Keypoint.RIGHT_WRIST], (480 - 540.7 * 0.552 / 2, 270 - 540.7 * 0.125, 2))
    assert labels[0, Keypoint.NOSE, 2] == 0
    np.testing.assert_allclose(projected(positions, (480, 270))[0, :, :2], labels[0, :, :2] / 2)


def test_a_clip_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClipError, match=r"gone\.npz"):
        evaluate_kinect(tmp_path, ["gone"], lambda fov: pytest.fail("no pipeline is needed"))


def test_a_folder_without_clips_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClipError, match="no clips"):
        clip_names(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a zip file", b"PK\x03\x04broken"])
def test_joints_that_are_none_are_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "clip.npz"
    path.write_bytes(content)
    with pytest.raises(ClipError, match=r"clip\.npz"):
        read_positions(path)


def test_joints_of_another_shape_are_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "clip.npz", position=np.zeros((4, 20, 3)))
    with pytest.raises(ClipError, match=r"\(frames, 25, 3\), got \(4, 20, 3\)"):
        read_positions(tmp_path / "clip.npz")


def test_a_video_that_is_none_is_named(clip: FloatArray, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_text("not a video")
    seeing = Seeing(clip, blind_from=100)
    with pytest.raises(ClipError, match=r"clip\.mp4"):
        evaluate_kinect(tmp_path, ["clip"], lambda fov: Pipeline(seeing.detect, seeing.pose, fov=fov))


@pytest.mark.skipif(not CLIPS.is_dir(), reason=f"{CLIPS} is missing")
def test_the_keraal_clips_are_found_and_hold_joints() -> None:
    names = clip_names(CLIPS)
    assert len(names) == 18
    assert read_positions(CLIPS / f"{names[0]}.npz").shape[1:] == (25, 3)
