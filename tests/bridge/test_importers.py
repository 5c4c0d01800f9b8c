"""Sets become recordings whose labels lie on the people, left where left is, whole and at the right times."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bridge.importers import PAUSE, UTD_FOCAL, depth_picture, import_keraal, import_utd_mhad_depth, utd_body
from bridge.kinect_evaluation import ClipError, projected
from bridge.labelled_recordings import cut_frames, find_recordings, read_clip
from bridge.recording import RecordingError, read_recording
from models.body import FloatArray
from models.joints import LIMB_KEYPOINTS, Joint, Keypoint, TrackingState

DATA = Path(__file__).parents[3] / "shared" / "data" / "kinect"


def kinect_v1() -> FloatArray:
    """Somebody (20, 3) in millimetres who faces the camera: the right hand at the larger x, far out."""
    joints = np.zeros((20, 3), np.float32)
    joints[:, 2] = 2500
    joints[:, 1] = [
        600,
        450,
        250,
        0,
        400,
        150,
        -50,
        -100,
        400,
        150,
        -50,
        -100,
        0,
        -400,
        -750,
        -800,
        0,
        -400,
        -750,
        -800,
    ]
    joints[4:8, 0], joints[8:12, 0] = -180, (180, 300, 400, 480)
    joints[12:16, 0], joints[16:20, 0] = -90, 90
    return joints


@pytest.fixture
def depth_set(tmp_path: Path) -> Path:
    """Two subjects, two performances each, whose right hand is a spot in their depth pictures."""
    folder = tmp_path / "set"
    names = [f"s{s}/a{a}_s{s}_t1_{f:03d}.png" for s in (1, 2) for a in (1, 2) for f in (3, 11)]
    joints = kinect_v1()
    u = 160 + UTD_FOCAL * joints[11, 0] / joints[11, 2]
    v = 120 - UTD_FOCAL * joints[11, 1] / joints[11, 2]
    picture = np.zeros((240, 320), np.uint8)
    cv2.circle(picture, (round(float(u)), round(float(v))), 4, 125, -1)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / name), picture)
    positions = np.repeat(joints[None], len(names), 0).astype(np.int16)
    np.savez(folder / "labels.npz", image=np.array(names), position_mm=positions)
    return folder


def test_depth_pictures_become_a_recording_for_each_subject(depth_set: Path, tmp_path: Path) -> None:
    written = import_utd_mhad_depth(depth_set, tmp_path / "out")
    assert [path.name for path in written] == ["s1", "s2"]
    times = [frame.time for frame in read_recording(written[0])]
    assert np.diff(times) == pytest.approx([8 / 30, PAUSE, 8 / 30])
    assert [p.time for p in read_recording(written[0]).pictures()] == pytest.approx(times)
    assert [clip.name for clip in map(read_clip, find_recordings([tmp_path / "out"]))] == ["s1", "s2"]


def test_the_right_hand_is_on_the_left_of_a_depth_picture_and_on_its_pixels(depth_set: Path, tmp_path: Path) -> None:
    recording = read_recording(import_utd_mhad_depth(depth_set, tmp_path / "out")[0])
    picture = next(recording.pictures()).image
    body = next(iter(recording)).bodies[0]
    rows, columns = np.nonzero(picture[..., 0])
    spot = columns.mean(), rows.mean()
    wrist, left = body.keypoints[[Keypoint.RIGHT_WRIST, Keypoint.LEFT_WRIST], :2]
    assert spot[0] < 160
    assert np.hypot(*(wrist - spot)) < 15
    assert left[0] > 160
    assert body.positions[Joint.HAND_RIGHT, 0] > body.positions[Joint.HAND_LEFT, 0]


def test_what_a_kinect_v1_lacks_is_not_tracked() -> None:
    body = utd_body(kinect_v1())
    assert body.state(Joint.THUMB_LEFT) == TrackingState.NOT_TRACKED
    assert body.state(Joint.NECK) == TrackingState.INFERRED
    assert body.keypoints[Keypoint.LEFT_THUMB, 2] == 0
    assert (body.keypoints[list(LIMB_KEYPOINTS), 2] == 1).all()


def test_near_is_light_and_nothing_is_black() -> None:
    depth = np.zeros((4, 4), np.float32)
    depth[1:] = [[1.8], [2.0], [2.2]]
    grey = depth_picture(depth)[..., 0]
    assert grey[0].tolist() == [0] * 4
    assert grey[1, 0] > grey[2, 0] > grey[3, 0] >= 60
    np.testing.assert_array_equal(depth_picture(np.where(depth > 0, depth + 1, 0).astype(np.float32))[..., 0], grey)
    assert not depth_picture(np.zeros((4, 4), np.float32)).any()


@pytest.mark.parametrize("fault", ["missing", "empty", "shape", "name", "picture"])
def test_a_depth_set_that_is_none_is_named(fault: str, depth_set: Path, tmp_path: Path) -> None:
    labels = depth_set / "labels.npz"
    if fault == "missing":
        labels.unlink()
    elif fault == "empty":
        labels.write_bytes(b"")
    elif fault == "shape":
        np.savez(labels, image=np.array(["s1/a_1.png"]), position_mm=np.zeros((1, 25, 3)))
    elif fault == "name":
        np.savez(labels, image=np.array(["s1/a.png"]), position_mm=np.zeros((1, 20, 3)))
    else:
        (depth_set / "s1" / "a1_s1_t1_003.png").write_bytes(b"no picture")
    with pytest.raises(RecordingError, match=r"png|npz"):
        import_utd_mhad_depth(depth_set, tmp_path / "out")


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


@pytest.mark.skipif(not (DATA / "utd_mhad_depth").is_dir(), reason=f"{DATA / 'utd_mhad_depth'} is missing")
def test_the_labels_of_real_depth_pictures_lie_on_the_people() -> None:
    with np.load(DATA / "utd_mhad_depth" / "labels.npz") as labels:
        names, positions = labels["image"][::150], labels["position_mm"][::150]
    hits = []
    for name, joints in zip(names, positions, strict=True):
        steps = cv2.imread(str(DATA / "utd_mhad_depth" / str(name)), cv2.IMREAD_GRAYSCALE)
        person = cv2.dilate((steps[:, ::-1] > 0).astype(np.uint8), np.ones((9, 9), np.uint8))
        points = utd_body(joints.astype(np.float32)).keypoints[list(LIMB_KEYPOINTS), :2].round().astype(int)
        hits.append(person[points[:, 1], points[:, 0]].mean())
    assert np.mean(hits) > 0.95


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
