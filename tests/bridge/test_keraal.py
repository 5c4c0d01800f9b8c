"""Clips of KERAAL become recordings whose labels lie on the person, with their video as it is."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bridge.keraal import import_keraal
from bridge.kinect_evaluation import ClipError, projected
from bridge.labelled_recordings import cut_frames, read_clip
from bridge.recording import read_recording
from models.joints import LIMB_KEYPOINTS, Joint, Keypoint

DATA = Path(__file__).parents[3] / "shared" / "data" / "kinect"


def test_a_folder_without_clips_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClipError, match="no clips"):
        import_keraal(tmp_path, tmp_path / "out")


def test_a_clip_becomes_a_recording_with_its_video_and_projected_joints(tmp_path: Path) -> None:
    positions = np.zeros((6, 25, 3), np.float32)
    positions[..., 2] = 2.5
    positions[:, Joint.WRIST_LEFT] = -0.4, 0.3, 2.4
    np.savez(tmp_path / "wave.npz", position=positions)
    video = cv2.VideoWriter(str(tmp_path / "wave.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 20, (960, 540))
    for level in range(6):
        video.write(np.full((540, 960, 3), 40 * level, np.uint8))
    video.release()
    (written,) = import_keraal(tmp_path, tmp_path / "out")
    recording = read_recording(written)
    frames, pictures = list(recording), list(recording.pictures())
    assert [f.time for f in frames] == [p.time for p in pictures] == pytest.approx([i / 30 for i in range(6)])
    expected = projected(positions, (960, 540))[0, Keypoint.LEFT_WRIST, :2]
    assert frames[0].bodies[0].keypoints[Keypoint.LEFT_WRIST, :2] == pytest.approx(expected, abs=0.01)
    np.testing.assert_array_equal(frames[0].bodies[0].positions, positions[0])
    assert (written / "color.mp4").read_bytes() == (tmp_path / "wave.mp4").read_bytes()


@pytest.mark.skipif(not (DATA / "keraal").is_dir(), reason=f"{DATA / 'keraal'} is missing")
def test_a_real_clip_can_be_learned_from(tmp_path: Path) -> None:
    from bridge.labelled_recordings import chosen_to_learn, divided

    for suffix in (".mp4", ".npz"):
        (tmp_path / f"clip{suffix}").symlink_to(DATA / "keraal" / f"cacheTete_Correct0{suffix}")
    clip = read_clip(import_keraal(tmp_path, tmp_path / "out")[0])
    assert sum(clip.report.dropped.values()) < 0.05 * clip.report.labels
    learn, _, _ = divided([clip], None)
    frames = cut_frames(chosen_to_learn(learn, 5.0, 12), (96, 128), 1.0)
    assert len(frames) == 12
    assert all((frame.target[list(LIMB_KEYPOINTS), 2] > 0).sum() >= 11 for frame in frames)
