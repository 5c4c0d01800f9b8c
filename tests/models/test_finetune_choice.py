"""Frames worth learning from are apart in time and unlike each other; what is held out shares no moment with them."""

import numpy as np

from models.training.finetune_choice import diverse, divided_in_time, evenly, held_out_clips, pose_features, spaced


def test_at_most_five_frames_a_second_are_considered() -> None:
    times = np.arange(300) / 30
    chosen = spaced(times, 5)
    assert len(chosen) == 50
    assert np.diff(times[chosen]).min() > 0.199


def test_a_gap_in_time_does_not_bring_frames_closer_together() -> None:
    times = np.array([0.0, 0.1, 7.0, 7.1, 7.2, 7.3])
    assert spaced(times, 5).tolist() == [0, 2, 4]


def test_somebody_who_rests_is_learned_from_once() -> None:
    still = np.zeros((50, 23, 3), np.float32)
    still[..., :2] = np.random.default_rng(0).uniform(50, 200, (23, 2))
    still[..., 2] = 1
    moved = still[:1].copy()
    moved[0, :11, 0] += 60
    features = pose_features(np.concatenate([still, moved]), (640, 480))
    assert diverse(features, 100).tolist() == [0, 50]


def test_the_most_different_poses_come_first() -> None:
    line = np.arange(100, dtype=np.float32)[:, None]
    chosen = diverse(line, 5)
    assert {0, 99} <= set(chosen.tolist())
    assert np.diff(chosen).min() >= 12


def test_poses_are_compared_wherever_and_however_large_a_person_appears() -> None:
    near = np.ones((1, 23, 3), np.float32)
    near[..., :2] = np.random.default_rng(1).uniform(100, 300, (23, 2))
    far = near.copy()
    far[..., :2] = near[..., :2] / 2 + 100
    shape = slice(0, 46)
    a, b = (pose_features(x, (640, 480))[0, shape] for x in (near, far))
    np.testing.assert_allclose(a, b, atol=1e-4)


def test_keypoints_without_a_label_do_not_tell_poses_apart() -> None:
    one = np.ones((1, 23, 3), np.float32) * 50
    other = one.copy()
    one[0, 0] = 10, 10, 0
    other[0, 0] = 600, 400, 0
    np.testing.assert_allclose(pose_features(one, (640, 480)), pose_features(other, (640, 480)))


def test_every_fifth_clip_is_held_out_and_one_of_two() -> None:
    names = [f"clip{i}" for i in range(10)]
    assert held_out_clips(names[::-1]) == ["clip4", "clip9"]
    assert held_out_clips(["b", "a"]) == ["b"]
    assert held_out_clips(["a"]) == []


def test_the_last_fifth_of_a_single_clip_is_held_out_with_a_pause_before_it() -> None:
    times = np.arange(0, 100, 0.5)
    learn, test = divided_in_time(times)
    assert 0.18 < len(test) / len(times) < 0.22
    assert times[test].min() - times[learn].max() > 1.0


def test_frames_to_measure_on_are_spread_evenly() -> None:
    assert evenly(100, 5).tolist() == [0, 25, 50, 74, 99]
    assert evenly(3, 5).tolist() == [0, 1, 2]
    assert evenly(0, 5).tolist() == []
