"""Who is painted out of whose view, and whom each should show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bridge.track import Track, newcomer
from bridge.views import Views, views_of
from models.body import FloatArray
from tests.bridge.test_tracker import person

NOW = 0.1
NOWHERE = np.zeros((0, 4), np.float32)


def found(x: float, height: float, ago: float = 0.0) -> Track:
    """Somebody who was found so many seconds before `NOW`."""
    return replace(newcomer(person(x, height=height), NOW - ago), tracking_id=1)


def views(*tracks: Track, free: FloatArray = NOWHERE) -> Views:
    """Views that are as large as the ``tracks``."""
    boxes = np.array([track.box for track in tracks])
    return views_of(tracks, boxes, boxes, NOW, free)


def test_whoever_looks_larger_stands_before_whoever_looks_smaller() -> None:
    near, far = found(300, 400), found(340, 300)
    seen = views(near, far)
    assert seen.hidden_by.tolist() == [[False, False], [True, False]]
    (figure,) = seen.expected[1].before
    assert not seen.expected[0].before
    np.testing.assert_allclose(figure.keypoints, near.keypoints)
    assert figure.metre == near.scale


def test_of_two_who_look_alike_neither_is_painted_out() -> None:
    assert not views(found(300, 300), found(330, 305)).hidden_by.any()


@pytest.mark.parametrize("height", [250, 300])
def test_whoever_is_not_found_is_looked_for_behind_those_who_are(height: float) -> None:
    there, lost = found(300, 300), found(330, height, ago=0.05)
    assert views(there, lost).hidden_by.tolist() == [[False, False], [True, False]]


def test_whoever_was_before_others_is_not_looked_for_behind_them() -> None:
    there, lost = found(300, 300), found(330, 400, ago=0.05)
    assert views(there, lost).hidden_by.tolist() == [[False, False], [False, False]]


def test_those_who_stand_apart_are_in_nobodys_way() -> None:
    one, other = found(200, 400), found(600, 300)
    assert not views(one, other).hidden_by.any()


def test_what_the_detector_sees_besides_is_looked_at_as_it_is() -> None:
    there = found(300, 400)
    free = np.array([[250, 100, 350, 400]], np.float32)
    seen = views(there, free=free)
    assert len(seen.boxes) == len(seen.expected) == 2
    assert not any(expected.before for expected in seen.expected)


def test_a_view_should_show_its_person_and_those_who_reach_into_it() -> None:
    one, other, apart = found(300, 300), found(330, 305), found(900, 300)
    first, second, third = views(one, other, apart).expected
    for expected, own, beside in ((first, one, other), (second, other, one)):
        assert expected.own is not None
        np.testing.assert_allclose(expected.own.keypoints, own.keypoints)
        assert [figure.metre for figure in expected.others] == [beside.scale]
    assert (third.own, [*third.others]) == (None, []), "who is alone is found without being expected"


def test_of_what_the_detector_sees_besides_only_those_are_known_who_were_found_there() -> None:
    there, lost = found(300, 400), found(330, 300, ago=0.05)
    *_, free = views(there, lost, free=np.array([[250, 100, 350, 400]], np.float32)).expected
    assert free.own is None
    assert [figure.metre for figure in free.others] == [there.scale]
