"""What the movement networks learn from: whose swipes go which way, and each clip by itself."""

from __future__ import annotations

import numpy as np
import pytest

from gestures.datasets import Motion
from gestures.training.labels import KINDER_GATOR_PEOPLE, MOVEMENTS, held_out, label

KINDER_GATOR = "kinect/kinder_gator_15fps.npz"
SWIPED_LEFT = "Swipe-across-an-imaginary-screen-in-front-of-you-from-right-to-left"


def swiping(subject: int) -> Motion:
    return Motion(np.zeros((1, 25, 3), np.float32), SWIPED_LEFT, subject, 15.0)


def test_who_swiped_as_seen_from_the_front_swiped_the_other_way() -> None:
    assert label(KINDER_GATOR, swiping(103)).movement == "swipe_left"
    assert label(KINDER_GATOR, swiping(337)).movement == "swipe_right"
    assert label(KINDER_GATOR, swiping(474)).movement is None
    assert set(label(KINDER_GATOR, swiping(474)).maybe) == {"swipe_left", "swipe_right"}


def test_nobody_who_tests_is_said_to_have_swiped_the_other_way() -> None:
    testers = [m for m in map(swiping, KINDER_GATOR_PEOPLE) if held_out(KINDER_GATOR, m)]
    assert len(testers) == 10
    assert {label(KINDER_GATOR, m).movement for m in testers} == {"swipe_left"}


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
