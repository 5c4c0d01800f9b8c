"""People are told apart by the colours of their clothes, in another light too."""

from __future__ import annotations

import numpy as np

from bridge.appearance import Look, blended, differences, looks_of
from bridge.matching import Measured
from bridge.memory import OTHER, SAME, noted, recognised
from bridge.track import Track, newcomer
from models.actor.crowd import Crowd
from models.body import ByteArray, FloatArray
from models.joints import Keypoint

CROWD = Crowd("walking", 6, seed=4)


def seen(time: float, gain: float = 1.0) -> tuple[ByteArray, FloatArray]:
    """A picture and everyone's keypoints (6, 23, 3) with confidences."""
    scene = CROWD.render(time)
    poses = np.stack([person.keypoints for person in scene.people])
    poses[:, :, 2] = np.where(poses[:, :, 2] == 2, 0.9, 0.05)
    return (scene.image * gain).clip(0, 255).astype(np.uint8), poses


def views() -> list[list[Look]]:
    """Views of each of the six, at moments when most of them can be seen."""
    result: list[list[Look]] = [[] for _ in range(6)]
    for time in np.arange(0.0, 12.0, 1.2):
        image, poses = seen(float(time))
        for own, look, pose in zip(result, looks_of(image, Measured.of(poses)), poses, strict=True):
            if (pose[:, 2] > 0.5).mean() > 0.75:
                own.append(look)
    return result


VIEWS = views()


def test_two_views_of_one_person_are_nearer_than_views_of_two() -> None:
    people = [views for views in VIEWS if len(views) > 1]
    same = [differences(own, own)[np.triu_indices(len(own), 1)] for own in people]
    other = [differences(a, b).ravel() for i, a in enumerate(people) for b in people[:i]]
    assert np.median(np.concatenate(same)) < SAME
    assert np.median(np.concatenate(other)) > OTHER
    assert (np.concatenate(same) < SAME).mean() > 0.8


def test_a_quarter_less_light_makes_nobody_another() -> None:
    (image, poses), (darker, _) = seen(0.0), seen(0.0, 0.75)
    bright, dim = (looks_of(picture, Measured.of(poses))[0] for picture in (image, darker))
    assert differences([bright], [dim])[0, 0] < SAME


def test_what_is_covered_by_somebody_nearer_is_not_taken_for_the_clothes_of_who_stands_behind() -> None:
    image, poses = seen(0.0)
    front, back = poses[0], poses[0].copy()
    middle = front[:, :2].mean(axis=0)
    back[:, :2] = middle + 0.8 * (front[:, :2] - middle)
    near, far = looks_of(image, Measured.of(np.stack([front, back])))
    alone = looks_of(image, Measured.of(back[None]))[0]
    assert near.weights.sum() == looks_of(image, Measured.of(front[None]))[0].weights.sum()
    assert far.weights.sum() < 0.5 * alone.weights.sum()
    assert np.isinf(differences([near], [far])).all()


def test_who_was_hardly_seen_cannot_be_compared() -> None:
    image, poses = seen(0.0)
    poses[0, Keypoint.LEFT_SHOULDER :, 2] = 0.0
    face, other = looks_of(image, Measured.of(poses))[:2]
    assert not face.told
    assert np.isinf(differences([face], [other])).all()


def test_nobody_looks_like_nothing() -> None:
    assert looks_of(np.zeros((48, 64, 3), np.uint8), Measured.of(np.zeros((0, 23, 3), np.float32))) == []
    assert differences([], []).shape == (0, 0)


def test_someone_half_outside_the_picture_harms_nothing() -> None:
    image, poses = seen(0.0)
    poses[0, :, 0] -= 2000
    assert not looks_of(image, Measured.of(poses))[0].told


def test_a_part_seen_later_is_taken_over() -> None:
    none, red = np.zeros((6, 5, 3), np.float32), np.full((6, 5, 3), 40, np.float32)
    before = Look(none, np.array([1, 1, 1, 0, 0, 0], np.float32))
    after = blended(before, Look(red, np.ones(6, np.float32)), 0.25)
    np.testing.assert_allclose(after.colours[[0, 5], 0, 0], [10, 40])
    assert after.weights.min() == 1


def lost(views: list[Look]) -> Track:
    track = newcomer(np.zeros((23, 3), np.float32), 0.0)
    for number, look in enumerate(views):
        track = noted(track, look, float(number))
    return track


def test_a_newcomer_is_recognised_or_a_stranger() -> None:
    people = [views for views in VIEWS if len(views) > 1]
    gone = [lost(views[:-1]) for views in people[1:]]
    assert recognised(lost(people[1][-1:]), gone, patient=False) == (True, gone[0])
    assert recognised(lost(people[0]), gone, patient=False) == (True, None)


def test_a_newcomer_who_was_not_seen_well_is_waited_for() -> None:
    gone = [lost(next(views for views in VIEWS if views))]
    assert recognised(lost([]), gone, patient=True) == (False, None)
    assert recognised(lost([]), gone, patient=False) == (True, None)
