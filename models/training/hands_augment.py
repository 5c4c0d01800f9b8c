"""Turn a picture of a hand into a training crop: turned, shifted, scaled, coarse, blurred, recoloured, elsewhere."""

from __future__ import annotations

import math
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from models.body import ByteArray, FloatArray
from models.hand_files import HandPicture, view_of
from models.hands import REACH, SIZE, View, hand_crop, upright
from models.training.hands_masks import hand_mask
from models.training.pose_augment import degraded, recoloured
from models.training.rendered_hands import RenderedHand

CUT, SKIN_BEHIND = 0.25, 0.3
"""How often the picture ends where a rendered hand is, and how often there is skin behind its fingers."""

FINGERTIPS = (4, 8, 12, 16, 20)


def training_crop(hand: HandPicture, backgrounds: list[ByteArray], rng: np.random.Generator) -> ByteArray:
    """One random crop (64, 64, 3) of ``hand``, as far off as keypoints are when a program runs."""
    transform = distorted(jittered(hand.view, rng), rng)
    crop = hand_crop(hand.image, transform)
    if backgrounds and hand.landmarks is not None and hand.source == "webcam" and rng.random() < 0.6:
        crop = elsewhere(crop, hand, transform, backgrounds[rng.integers(len(backgrounds))], rng)
    return spoiled(crop, rng)


def rendered_crop(hand: RenderedHand, background: ByteArray, rng: np.random.Generator) -> tuple[ByteArray, FloatArray]:
    """One random crop (64, 64, 3) of a rendered ``hand``, and its landmarks (21, 2), from -1 to 1 across the crop."""
    image = in_front_of(hand, background, rng)
    view, corner = view_of(hand.landmarks), np.zeros(2, np.float32)
    if rng.random() < CUT:
        low, high = cut_edges(hand.landmarks, float(view.palm), image.shape[0], rng)
        image, corner = np.ascontiguousarray(image[low[1] : high[1], low[0] : high[0]]), np.array(low, np.float32)
    view = View(view.wrist - corner, view.up, view.palm)
    transform = distorted(jittered(view, rng), rng)
    places = (hand.landmarks - corner) @ transform[:, :2].T + transform[:, 2]
    return spoiled(hand_crop(image, transform), rng), np.asarray(places * (2 / SIZE) - 1, np.float32)


def in_front_of(hand: RenderedHand, background: ByteArray, rng: np.random.Generator) -> ByteArray:
    """The picture of a rendered ``hand`` with a piece of ``background`` behind it, at times nearly of one colour."""
    side = hand.image.shape[0]
    behind = np.asarray(cv2.resize(piece_of(background, rng.uniform(0.15, 0.7), rng), (side, side)), np.uint8)
    if rng.random() < 0.3:
        behind = np.asarray(0.3 * behind + 0.7 * rng.integers(0, 256, 3), np.uint8)
    if rng.random() < SKIN_BEHIND:
        behind = with_skin(behind, hand, rng)
    cover = cv2.GaussianBlur(hand.image[..., 3], (0, 0), rng.uniform(0.4, 1.2)).astype(np.float32)[..., None] / 255
    return np.asarray(cover * hand.image[..., :3] + (1 - cover) * behind, np.uint8)


def with_skin(behind: ByteArray, hand: RenderedHand, rng: np.random.Generator) -> ByteArray:
    """``behind`` with a spot of the colour of a ``hand`` behind its fingers, like a face, a neck or the other arm."""
    tip = hand.landmarks[rng.choice(FINGERTIPS)] + rng.normal(0, 0.1 * len(behind), 2)
    axes = (rng.uniform(0.1, 0.4, 2) * len(behind)).astype(int).tolist()
    colour = hand.image[hand.image[..., 3] > 200][:, :3].mean(axis=0) * rng.uniform(0.7, 1.3) + rng.normal(0, 8, 3)
    spot = cv2.ellipse(behind.copy(), tip.astype(int).tolist(), axes, rng.uniform(0, 180), 0, 360, colour.tolist(), -1)
    return np.asarray(cv2.GaussianBlur(spot, (0, 0), rng.uniform(0.5, 3)), np.uint8)


def cut_edges(landmarks: FloatArray, palm: float, side: int, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """Corners (x, y) of a picture that ends up to half a ``palm`` inside the hand, more often above than beside it."""
    low, high = [0, 0], [side, side]
    depth, edge = rng.uniform(0, 0.5) * palm, int(rng.integers(4))
    if edge == 1:
        low[0] = max(0, int(landmarks[:, 0].min() + depth))
    elif edge == 2:
        high[0] = min(side, int(landmarks[:, 0].max() - depth))
    else:
        low[1] = max(0, int(landmarks[:, 1].min() + depth))
    return low, high


def piece_of(background: ByteArray, share: float, rng: np.random.Generator) -> ByteArray:
    """A random square of ``background``, as large as a ``share`` of its shorter side."""
    height, width = background.shape[:2]
    side = int(share * min(height, width))
    y, x = int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))
    return background[y : y + side, x : x + side]


def empty_crop(hand: HandPicture, rng: np.random.Generator) -> ByteArray:
    """A crop (64, 64, 3) beside ``hand``, in which at most a part of a finger is seen."""
    angle, away = rng.uniform(0, 2 * math.pi), rng.uniform(1.9, 2.6) * hand.view.palm
    centre = hand.view.centre + np.float32(away) * np.array([math.cos(angle), math.sin(angle)], np.float32)
    turn = rng.uniform(0, 2 * math.pi)
    side = rng.uniform(0.7, 1.2) * REACH * hand.view.palm
    transform = upright(centre, np.array([math.cos(turn), math.sin(turn)], np.float32), side)
    return spoiled(hand_crop(hand.image, transform), rng)


def elsewhere(
    crop: ByteArray,
    hand: HandPicture,
    transform: npt.NDArray[np.float64],
    background: ByteArray,
    rng: np.random.Generator,
) -> ByteArray:
    """``crop`` with a piece of ``background`` behind the hand, under which the arm may stay."""
    behind = cv2.resize(piece_of(background, rng.uniform(0.15, 0.6), rng), (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    border = cv2.BORDER_REPLICATE if rng.random() < 0.5 else cv2.BORDER_CONSTANT
    mask = cv2.warpAffine(cut_out(hand), transform, (SIZE, SIZE), borderMode=border).astype(np.float32)[..., None] / 255
    if rng.random() < 0.5:  # what lies below the wrist stays
        wrist = transform @ np.append(hand.view.wrist, 1)
        down = -(transform[:, :2] @ hand.view.up)
        down = down / max(float(np.hypot(*down)), 1e-6)
        ys, xs = np.mgrid[:SIZE, :SIZE]
        below = (xs - wrist[0]) * down[0] + (ys - wrist[1]) * down[1] > 2
        beside = np.abs((xs - wrist[0]) * down[1] - (ys - wrist[1]) * down[0]) < 12
        mask = np.maximum(mask, (below & beside)[..., None])
    front = recoloured(crop, rng) if rng.random() < 0.5 else crop
    return np.asarray(mask * front + (1 - mask) * behind, np.float32).astype(np.uint8)


@cache
def cut_out(hand: HandPicture) -> ByteArray:
    """Which pixels are the hand."""
    assert hand.landmarks is not None
    return hand_mask(hand.image, hand.landmarks, hand.view.palm)


def jittered(view: View, rng: np.random.Generator, amount: float = 1.0) -> npt.NDArray[np.float64]:
    """The transform (2, 3) of a view whose place, direction and size are wrong as those of keypoints are."""
    angle = amount * (rng.normal(0, math.radians(22)) if rng.random() < 0.9 else rng.uniform(-math.pi, math.pi))
    c, s = math.cos(angle), math.sin(angle)
    up = np.array([[c, -s], [s, c]]) @ view.up
    centre = view.centre + amount * view.palm * rng.normal(0, 0.2, 2)
    side = REACH * view.palm * math.exp(amount * rng.uniform(math.log(0.7), math.log(1.45)))
    return upright(np.asarray(centre, np.float32), np.asarray(up, np.float32), side)


def distorted(transform: npt.NDArray[np.float64], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """``transform`` (2, 3) and then other proportions, as of a hand that is turned away, and half the time a flip.

    A left hand is a right hand flipped.
    """
    change = np.eye(2) + rng.normal(0, 0.07, (2, 2))
    if rng.random() < 0.5:
        angle = rng.normal(0, 0.5)
        c, s = math.cos(angle), math.sin(angle)
        turn = np.array([[c, -s], [s, c]])
        change = turn.T @ np.diag([rng.uniform(0.55, 1.05), 1.0]) @ turn @ change
    if rng.random() < 0.5:
        change = change @ np.diag([-1.0, 1.0])
    middle = np.array([SIZE / 2, SIZE / 2])
    return np.column_stack([change @ transform[:, :2], change @ (transform[:, 2] - middle) + middle])


def bent(crop: ByteArray, rng: np.random.Generator, amount: float = 3.0) -> ByteArray:
    """``crop`` smoothly deformed by up to some ``amount`` of pixels: other fingers, nearer or further apart."""
    shifts = rng.normal(0, amount / 2, (5, 5, 2)).astype(np.float32)
    field = cv2.resize(shifts, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC) + np.dstack(
        np.meshgrid(*[np.arange(SIZE)] * 2)
    )
    x, y = (np.ascontiguousarray(field[..., i], np.float32) for i in range(2))
    warped = cv2.remap(crop, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.uint8)


def spoiled(crop: ByteArray, rng: np.random.Generator) -> ByteArray:
    """``crop`` as a cheap camera takes it, in any light, at times partly covered."""
    if rng.random() < 0.5:
        crop = bent(crop, rng)
    if rng.random() < 0.3:
        crop = coarse(crop, int(rng.integers(20, 48)))
    if rng.random() < 0.15:
        crop = covered(crop, rng)
    crop = degraded(crop, rng)
    return np.asarray(cv2.addWeighted(crop, 0.5, recoloured(crop, rng), 0.5, 0), np.uint8)


def coarse(crop: ByteArray, side: int) -> ByteArray:
    """``crop`` as if it had only ``side`` pixels a side."""
    small = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, crop.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def covered(crop: ByteArray, rng: np.random.Generator) -> ByteArray:
    """``crop`` with a plain patch near its edge, like a sleeve, a cup or the border of the picture."""
    covered = crop.copy()
    depth, side = int(rng.integers(4, SIZE // 4)), int(rng.integers(4))
    edge: list[tuple[slice, slice]] = [
        (slice(None, depth), slice(None)),
        (slice(-depth, None), slice(None)),
        (slice(None), slice(None, depth)),
        (slice(None), slice(-depth, None)),
    ]
    covered[edge[side]] = rng.integers(0, 256, 3)
    return covered
