"""Who is painted out of whose view."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bridge.track import Track, newcomer
from bridge.views import views_of
from models.body import FloatArray
from tests.bridge.test_tracker import person

NOW = 0.1


def found(x: float, height: float, ago: float = 0.0) -> Track:
    """Somebody who was found so many seconds before `NOW`."""
    return replace(newcomer(person(x, height=height), NOW - ago), tracking_id=1)


def boxes_of(*tracks: Track) -> FloatArray:
    return np.array([track.box for track in tracks])


def test_whoever_looks_larger_stands_before_whoever_looks_smaller() -> None:
    near, far = found(300, 400), found(340, 300)
    views = views_of([near, far], boxes_of(near, far), boxes_of(near, far), NOW)
    assert views.hidden_by.tolist() == [[False, False], [True, False]]
    ((), (figure,)) = views.before
    np.testing.assert_allclose(figure.keypoints, near.keypoints)
    assert figure.metre == near.scale


def test_of_two_who_look_alike_neither_is_painted_out() -> None:
    views = views_of(
        [found(300, 300), found(330, 305)],
        boxes_of(found(300, 300), found(330, 305)),
        boxes_of(found(300, 300), found(330, 305)),
        NOW,
    )
    assert not views.hidden_by.any()


@pytest.mark.parametrize("height", [250, 300, 400])
def test_whoever_is_not_found_is_looked_for_behind_those_who_are(height: float) -> None:
    there, lost = found(300, 300), found(330, height, ago=0.05)
    views = views_of([there, lost], boxes_of(there, lost), boxes_of(there, lost), NOW)
    assert views.hidden_by.tolist() == [[False, False], [True, False]]


def test_those_who_stand_apart_are_in_nobodys_way() -> None:
    one, other = found(200, 400), found(600, 300)
    assert not views_of([one, other], boxes_of(one, other), boxes_of(one, other), NOW).hidden_by.any()


def test_what_the_detector_sees_besides_is_looked_at_as_it_is() -> None:
    there = found(300, 400)
    free = np.array([[250, 100, 350, 400]], np.float32)
    views = views_of([there], boxes_of(there), boxes_of(there), NOW, free)
    assert len(views.boxes) == len(views.before) == 2
    assert not any(views.before)
