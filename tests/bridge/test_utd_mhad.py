"""UTD-MHAD's depth pictures become recordings: left where left is, and with labels of the time that they show."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from bridge.labelled_recordings import find_recordings, read_clip
from bridge.recording import RecordingError, read_recording
from bridge.utd_mhad import (
    DELAY,
    FOCAL,
    PAUSE,
    SKELETONS,
    STEP,
    Take,
    delayed,
    depth_picture,
    import_utd_mhad_depth,
    skeletons,
    utd_body,
)
from models.body import FloatArray
from models.joints import LIMB_KEYPOINTS, Joint, Keypoint, TrackingState

DATA = Path(__file__).parents[3] / "shared" / "data" / "kinect"


def on_the_surface(path: Path, joints: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether a pixel within three of each joint (n, 3) in millimetres is as far away, but for 12 cm."""
    depth = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) * STEP
    found = []
    for x, y, z in joints / 1000:
        column, row = round(float(159 + FOCAL * x / z)), round(float(120 - FOCAL * y / z))
        near = depth[max(row - 3, 0) : row + 4, max(column - 3, 0) : column + 4]
        found.append(bool((np.abs(near[near > 0] - z) < 0.12).any()))
    return np.array(found)


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
    u = 160 + FOCAL * joints[11, 0] / joints[11, 2]
    v = 120 - FOCAL * joints[11, 1] / joints[11, 2]
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


def test_labels_are_those_of_the_time_that_a_picture_shows() -> None:
    takes = [Take(1, 1, 1, number) for number in (3, 11, 19)] + [Take(2, 1, 1, 3)]
    moving = np.arange(30, dtype=np.float32)[:, None, None] * np.ones((1, 20, 3), np.float32)
    said = np.concatenate([moving[[3, 11, 19]] ** 2, moving[3:4]])
    assert delayed(takes, said, 1.75, {(1, 1, 1): moving})[:3, 0, 0] == pytest.approx([1.25, 9.25, 17.25])
    between = delayed(takes, said, 2.0, {})[:, 5, 1]
    assert between == pytest.approx([9, 121 - (121 - 9) / 4, 361 - (361 - 121) / 4, 3]), "what came before is not known"
    np.testing.assert_array_equal(delayed(takes, said, 0.0, {}), said)


def test_skeletons_beside_the_set_say_what_was_between_its_pictures(depth_set: Path, tmp_path: Path) -> None:
    joints = np.repeat(kinect_v1()[None], 4 * 20, 0)
    joints[:, 11, 0] += 10 * np.tile(np.arange(20), 4)
    parts = [(a, s) for s in (1, 2) for a in (1, 2)]
    np.savez(
        depth_set.parent / "utd_mhad_skeletons.npz",
        action=[a for a, _ in parts],
        subject=[s for _, s in parts],
        trial=[1] * 4,
        offset=[0, 20, 40, 60, 80],
        position_mm=joints,
    )
    first = next(iter(read_recording(import_utd_mhad_depth(depth_set, tmp_path / "out")[0])))
    hand = (kinect_v1()[11, 0] + 12.5) / 1000
    assert first.bodies[0].positions[Joint.HAND_RIGHT, 0] == pytest.approx(hand, abs=1e-4)


@pytest.mark.skipif(not (DATA / "utd_mhad_depth").is_dir(), reason=f"{DATA / 'utd_mhad_depth'} is missing")
@pytest.mark.parametrize(("delay", "least", "most"), [(0.0, 0.7, 0.9), (DELAY, 0.96, 1.0)])
def test_wrists_lie_on_the_surface_where_the_delay_is_put_right(delay: float, least: float, most: float) -> None:
    folder = DATA / "utd_mhad_depth"
    with np.load(DATA / "utd_mhad_depth" / "labels.npz") as labels:
        first = [str(name).startswith("s1/") for name in labels["image"]]
        names, positions = labels["image"][first], labels["position_mm"][first].astype(np.float32)
    takes = [Take.of(str(name)) for name in names]
    moved = delayed(takes, positions, delay * 30, skeletons(DATA / SKELETONS))
    wrists = [on_the_surface(folder / str(name), joints[[6, 10]]) for name, joints in zip(names, moved, strict=True)]
    assert least < np.mean(wrists) <= most
