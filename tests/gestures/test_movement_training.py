"""What the movement networks learn from: whose swipes go which way, and each clip by itself."""

from __future__ import annotations

import numpy as np
import pytest

from gestures.datasets import Motion
from gestures.training.labels import MOVEMENTS, Label, as_told, label
from tests.gestures.conftest import seen_from

KINDER_GATOR = "kinect/kinder_gator_15fps.npz"
SWIPED_LEFT = "Swipe-across-an-imaginary-screen-in-front-of-you-from-right-to-left"


def swiping(actor, across: float, turn: float = 0.0) -> Motion:
    """Told to swipe to the left, somebody leads the right hand so many metres to the right, and back lower."""
    times = np.arange(30)
    x = 0.15 + np.interp(times, (4, 10, 22, 28), (-across / 2, across / 2, -across / 2, -across / 2))
    y = np.interp(times, (0, 4, 10, 16, 28), (0.0, 0.35, 0.35, 0.0, 0.0))
    places = [actor.arm("right", ((0.2 + a) / 2, 0.2 + b / 4, -0.15), (a, b, -0.4)) for a, b in zip(x, y, strict=True)]
    return Motion(seen_from(np.array(places), turn, 1.0, (0.0, 0.0, 3.0)), SWIPED_LEFT, 103, 15.0)


@pytest.mark.parametrize("turn", [0.0, 0.7, np.pi])
def test_the_joints_say_which_way_somebody_swiped(actor, turn: float) -> None:
    assert label(KINDER_GATOR, swiping(actor, -0.8, turn)).movement == "swipe_left"
    assert label(KINDER_GATOR, swiping(actor, 0.8, turn)).movement == "swipe_right"
    assert as_told(KINDER_GATOR, swiping(actor, 0.8, turn)).movement == "swipe_left"


def test_who_hardly_went_any_way_swiped_either_way(actor) -> None:
    unclear = label(KINDER_GATOR, swiping(actor, 0.1))
    assert unclear.movement is None
    assert set(unclear.maybe) == {"swipe_left", "swipe_right"}


def test_the_labels_of_other_movements_are_what_people_were_told(actor, motion) -> None:
    told = motion(actor.still(1.0), "Punch", 103)
    assert label(KINDER_GATOR, told) == as_told(KINDER_GATOR, told) == Label("punch", ())


def test_a_clip_is_judged_by_its_own_looks_alone() -> None:
    torch = pytest.importorskip("torch", reason="training needs the extra 'train'")
    from gestures.training.movement_recipe import _clip_losses, _cut

    logits = torch.tensor(np.random.default_rng(2).normal(0, 2, (2, 40, len(MOVEMENTS))))
    windows, targets = [(0, 0, 12), (1, 15, 40)], np.eye(len(MOVEMENTS))[[1, 4]]
    before = _clip_losses(_cut(logits, windows), targets)
    logits[0, 12:] += 9.0
    logits[1, :15] += 9.0
    assert torch.equal(_clip_losses(_cut(logits, windows), targets), before)
    logits[1, 20] += 9.0
    after = _clip_losses(_cut(logits, windows), targets)
    assert after[0] == before[0]
    assert after[1] != before[1]
