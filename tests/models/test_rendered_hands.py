"""Rendered hands show the state that they are said to show, from any side, and their landmarks lie on them."""

from __future__ import annotations

import numpy as np
import pytest

from models.actor.rotations import Array
from models.hand_files import CANNOT_TELL, NAMES, view_of
from models.hands import SIZE
from models.training.hand_poses import random_pose
from models.training.hand_rig import LANDMARKS, HandPose, HandRig

pytest.importorskip("torch")

from models.training.hands_augment import cut_edges, in_front_of, piece_of, rendered_crop, with_skin
from models.training.rendered_hands import SIDE, RenderedHand, rendered_hands

WRIST, THUMB_TIP = 0, 4
KNUCKLES, TIPS = [5, 9, 13, 17], [8, 12, 16, 20]


@pytest.fixture(scope="module")
def rig() -> HandRig:
    return HandRig()


@pytest.fixture(scope="module")
def hands() -> list[RenderedHand]:
    return list(rendered_hands([*NAMES, CANNOT_TELL] * 3, seed=0))


def reach(landmarks: Array) -> Array:
    """How far each fingertip is from the wrist, where its knuckle is 1, (4,)."""
    from_wrist = np.linalg.norm(landmarks - landmarks[WRIST], axis=1)
    return np.asarray(from_wrist[TIPS] / from_wrist[KNUCKLES])


def test_a_hand_that_is_not_bent_is_the_mesh_itself(rig: HandRig) -> None:
    still, joints = rig.posed(HandPose(np.zeros((4, 3)), np.zeros(4), np.zeros(4)))
    assert (reach(joints[list(LANDMARKS)]) > 1.6).all()
    bent, _ = rig.posed(HandPose(np.full((4, 3), 1.2), np.zeros(4), np.zeros(4)))
    moved = np.linalg.norm(bent - still, axis=1)
    assert (moved > 0.05).any()
    assert (moved < 1e-6).sum() > 100, "the palm stays where it is"


def test_a_rig_bends_fingers_to_the_palm_and_spreads_them_away_from_the_thumb(rig: HandRig) -> None:
    bends = np.zeros((4, 3))
    bends[0] = 0.8
    _, straight = rig.posed(HandPose(np.zeros((4, 3)), np.zeros(4), np.zeros(4)))
    _, bent = rig.posed(HandPose(bends, np.zeros(4), np.zeros(4)))
    index, middle, _, little = (LANDMARKS[tip] for tip in TIPS)
    assert bent[index, 0] < straight[index, 0] - 0.03, "the palm looks to -X"
    np.testing.assert_allclose(bent[middle], straight[middle], atol=1e-6)
    _, fanned = rig.posed(HandPose(np.zeros((4, 3)), np.array([-0.2, 0, 0, 0.3]), np.zeros(4)))
    assert fanned[index, 2] < straight[index, 2], "the thumb is on the side of -Z"
    assert fanned[little, 2] > straight[little, 2]


@pytest.mark.parametrize("state", [*NAMES, CANNOT_TELL])
def test_a_random_pose_has_as_many_straight_fingers_as_its_state(rig: HandRig, state: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(40):
        _, joints = rig.posed(random_pose(state, rng))
        far = reach(joints[list(LANDMARKS)])
        if state == "open":
            assert (far > 1.35).all()
        elif state == "closed":
            assert (far < 1.3).all()
        elif state == "lasso":
            assert far[0] > 1.35
            assert (far[2:] < 1.3).all()
        else:
            assert 0.8 < far.mean() < 1.75


def test_landmarks_lie_on_the_hand_and_hands_repeat_with_their_seed(hands: list[RenderedHand]) -> None:
    for hand in hands:
        assert hand.image.shape == (SIDE, SIDE, 4)
        places = np.clip(hand.landmarks.round().astype(int), 0, SIDE - 1)
        assert (hand.image[places[:, 1], places[:, 0], 3] > 60).mean() > 0.85
        assert view_of(hand.landmarks).up[1] < -0.7, "it is upright"
    again = list(rendered_hands([*NAMES, CANNOT_TELL] * 3, seed=0))
    assert all((a.image == b.image).all() for a, b in zip(hands, again, strict=True))
    assert any((a.image != b.image).any() for a, b in zip(hands, rendered_hands(list(NAMES), seed=1), strict=False))


def test_a_crop_shows_the_hand_before_the_background_with_its_landmarks(hands: list[RenderedHand]) -> None:
    background = np.full((60, 80, 3), (0, 255, 0), np.uint8)
    rng = np.random.default_rng(0)
    hand = hands[0]
    bare = hand.image[..., 3] == 0
    for _ in range(8):
        picture = in_front_of(hand, background, rng)
        assert picture.shape == (SIDE, SIDE, 3)
        assert np.median(np.abs(picture[bare] - np.median(picture[bare], axis=0))) < 2
        assert np.abs(picture[~bare].mean(axis=0) - picture[bare].mean(axis=0)).max() > 10


def test_skin_behind_the_fingers_has_the_colour_of_the_hand(hands: list[RenderedHand]) -> None:
    hand, background = hands[0], np.full((SIDE, SIDE, 3), (0, 255, 0), np.uint8)
    skin = hand.image[hand.image[..., 3] > 200][:, :3].mean(axis=0)
    changed = with_skin(background, hand, np.random.default_rng(0))
    spot = changed[np.abs(changed - skin).max(axis=2) < 70]
    assert len(spot) > 100
    assert np.abs(background[0, 0] - skin).max() > 70
    assert (background == (0, 255, 0)).all(), "what was given stays as it was"


def test_landmarks_of_a_crop_are_where_the_crop_shows_them(hands: list[RenderedHand]) -> None:
    background, rng, hand = np.full((60, 80, 3), (0, 255, 0), np.uint8), np.random.default_rng(0), hands[0]
    crop, landmarks = rendered_crop(hand, background, rng)
    assert crop.shape == (SIZE, SIZE, 3)
    assert (np.abs(landmarks) < 1).mean() > 0.8
    assert piece_of(background, 0.5, rng).shape == (30, 30, 3)


def test_a_picture_ends_inside_the_hand_at_most_half_a_palm(hands: list[RenderedHand]) -> None:
    rng, edges = np.random.default_rng(0), set()
    for hand in hands * 4:
        low, high = cut_edges(hand.landmarks, 20.0, SIDE, rng)
        cut = [hand.landmarks[:, i] for i in range(2)]
        outside = sum((points < edge).sum() for points, edge in zip(cut, low, strict=True))
        outside += sum((points > edge).sum() for points, edge in zip(cut, high, strict=True))
        assert outside < 18
        edges.add((low[0] > 0, low[1] > 0, high[0] < SIDE))
    assert len(edges) >= 3, "above and on both sides"
