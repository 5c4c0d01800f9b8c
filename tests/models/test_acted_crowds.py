"""Rendered crowds to learn from: people who cover each other, and people to put before others."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra 'train'")

from models.body import ByteArray
from models.crop import GREY
from models.detector import intersection_over_union
from models.training.acted_crowds import crowded_people, crowded_pictures, cut_outs, put_before


def test_people_in_crowds_are_in_the_middle_of_their_pictures_and_some_are_partly_hidden() -> None:
    people = crowded_people(12, 0, [])
    assert len(people) == 12
    for person in people:
        assert person.image.shape == (256, 256, 3)
        low, high = person.box.reshape(2, 2)
        np.testing.assert_allclose((low + high) / 2, 128, atol=1)
        placed = person.target[person.target[:, 2] > 0, :2]
        assert ((placed > low - 12) & (placed < high + 12)).all(), "keypoints lie in the box"
        own = person.expected.own
        assert own is not None
        np.testing.assert_allclose(own.keypoints[person.target[:, 2] > 0, :2], placed, atol=0.01)
        assert 0.4 * (high[1] - low[1]) < 1.7 * own.metre < 2.5 * (high[1] - low[1])
    assert np.mean([bool(person.expected.others) for person in people]) > 0.5, "most have somebody beside them"
    hidden = np.array([(person.target[:, 2] == np.float32(0.3)).sum() for person in people])
    assert (hidden > 0).mean() > 0.3, "somebody stands before many of them"


def test_some_are_seen_without_those_who_stand_before_them_and_nobody_where_nothing_is_left() -> None:
    people = crowded_people(80, 3, [])
    painted = [p for p in people if (p.image[8:-8, 8:-8] == GREY).all(axis=2).mean() > 0.1 and _edges_are_seen(p.image)]
    assert 0.05 < len(painted) / len(people) < 0.9
    gone = [person for person in people if not person.target[:, 2:].any()]
    assert 0 < len(gone) < 0.3 * len(people)
    for person in gone:
        assert (person.image == GREY).all(axis=2).mean() > 0.1
        assert person.expected.own is not None, "who is known to stand there all the same"


def test_pictures_of_crowds_name_everyone_and_of_whom_little_is_seen_nobody_is_to_say_it() -> None:
    pictures = crowded_pictures(24, 0, [])
    assert len(pictures) == 24
    assert {picture.image.shape for picture in pictures} == {(240, 320, 3)}
    assert np.mean([len(picture.people) for picture in pictures]) > 2
    assert sum(len(picture.unknown) for picture in pictures) > 0
    overlapping = 0
    for picture in pictures:
        boxes = np.concatenate([picture.people, picture.unknown])
        assert len(boxes) <= 6
        assert ((boxes[:, 2:] > boxes[:, :2]) & (boxes[:, :2] >= 0) & (boxes[:, 2:] <= (320, 240))).all()
        shared = intersection_over_union(picture.people, picture.people) - np.eye(len(picture.people))
        overlapping += int((shared > 0.1).any())
    assert overlapping > 12, "they stand before each other"


def _edges_are_seen(image: ByteArray) -> bool:
    """Whether grey is not what lies beyond the picture."""
    rim = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    return bool((rim == GREY).all(axis=1).mean() < 0.2)


def test_a_cut_out_has_a_person_and_nothing_of_the_wall() -> None:
    for cut_out in cut_outs(3, 0):
        assert cut_out.image.shape == (*cut_out.mask.shape, 3)
        assert 0.1 < cut_out.mask.mean() < 0.95
        inside = cut_out.image[cut_out.mask == 1]
        assert (inside.max(axis=1) > 8).mean() > 0.9, "the wall is black"


def test_only_what_the_mask_says_is_covered() -> None:
    picture = np.full((96, 64, 3), 255, np.uint8)
    others, rng = cut_outs(2, 1), np.random.default_rng(0)
    shares = []
    for _ in range(10):
        covered, mask = put_before(picture, others, rng)
        assert (covered[mask == 0] == 255).all()
        assert (covered[mask == 1] < 255).any(axis=-1).mean() > 0.9 or not mask.any()
        shares.append(mask.mean())
    assert 0.02 < np.mean(shares) < 0.6
    assert (picture == 255).all(), "what is given is left as it was"
