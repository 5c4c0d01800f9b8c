"""Which of our movements the actions of the public sets are, and who trains and who tests.

An action that is not named here shows none of the movements. ``MAYBE`` holds those that some people do in a way that
is one of them (a forehand is a swipe): they count neither for nor against it. Left and right are the person's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gestures.datasets import Motion
from gestures.training.swipes import swiped

MOVEMENTS = ("wave", "swipe_left", "swipe_right", "push", "punch", "kick", "clap", "jump")
"""What the movement network tells apart, in the order of its answers."""

_SWIPES = ("swipe_left", "swipe_right")

_UTD_MHAD = {"1": "swipe_left", "2": "swipe_right", "3": "wave", "4": "clap", "13": "punch", "18": "push"}
_UTD_MHAD_MAYBE = {
    "6": ("clap",),
    "7": ("push",),
    "14": _SWIPES,
    "15": _SWIPES,
    "19": ("push", "wave"),
    "20": ("push",),
}

_MSR_ACTION3D = {"1": "wave", "5": "punch", "10": "clap", "11": "wave", "14": "kick", "15": "kick"}
_MSR_ACTION3D_MAYBE = {
    **{"2": ("wave", *_SWIPES), "3": ("wave", "punch"), "4": ("push", "punch"), "6": ("punch",)},
    **{"12": ("punch", *_SWIPES), "17": _SWIPES, "18": _SWIPES},
}

_KINDER_GATOR = {
    "Wave-your-hand": "wave",
    "Wave-your-other-hand": "wave",
    "Swipe-across-an-imaginary-screen-in-front-of-you-from-left-to-right": "swipe_right",
    "Swipe-across-an-imaginary-screen-in-front-of-you-from-right-to-left": "swipe_left",
    "Push-an-imaginary-button-in-front-of-you": "push",
    "Punch": "punch",
    "Kick-a-ball": "kick",
    "Kick-a-ball-with-the-other-leg": "kick",
    "Kick-a-ball-as-far-as-you-can": "kick",
    "Kick-a-ball-as-far-as-you-can-with-the-other-leg": "kick",
    "Jump": "jump",
    "Jump-as-high-as-you-can": "jump",
}
_KINDER_GATOR_MAYBE: dict[str, tuple[str, ...]] = {"Do-two-jumping-jacks": ("jump", "clap")}

_BANDAI_NAMCO = {
    **dict.fromkeys(("wave-both-hands", "wave-left-hand", "wave-right-hand", "bye", "byebye"), "wave"),
    **{"kick": "kick", "punch": "punch"},
}
_BANDAI_NAMCO_MAYBE = {"slash": _SWIPES, "call": ("wave",), "guide": ("wave", *_SWIPES), "dance-short": MOVEMENTS}

SETS: dict[str, tuple[dict[str, str], dict[str, tuple[str, ...]]]] = {
    "kinect/utd_mhad_skeletons.npz": (_UTD_MHAD, _UTD_MHAD_MAYBE),
    "kinect/msr_action3d.npz": (_MSR_ACTION3D, _MSR_ACTION3D_MAYBE),
    "kinect/kinder_gator_15fps.npz": (_KINDER_GATOR, _KINDER_GATOR_MAYBE),
    "mocap/bandai_namco_15fps.npz": (_BANDAI_NAMCO, _BANDAI_NAMCO_MAYBE),
    "mocap/cmu_walks_15fps.npz": ({}, {}),
}
"""For each file the movement that each action is, and those that it may be."""

HELD_OUT_STYLES = frozenset({"childish", "giant", "musical", "old", "sad", "elderly", "youthful"})
"""Styles of the motion-capture set that nothing is trained on."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a sequence shows: ``movement`` if any, and ``maybe`` some others."""

    movement: str | None
    maybe: tuple[str, ...]


def label(file: str, motion: Motion) -> Label:
    """What a sequence of ``file``, one of `SETS`, shows.

    Of the ten people of Kinder-Gator who train, four swipe the other way than they were told, as if left and right were
    those of somebody who faces them; so for that set the joints say which way it was.
    """
    told = as_told(file, motion)
    if "kinder" not in file or told.movement not in _SWIPES:
        return told
    way = swiped(motion.positions, motion.rate)
    return Label(None, _SWIPES) if way is None else Label(way, ())


def as_told(file: str, motion: Motion) -> Label:
    """What the person of a sequence was told to do, whether or not they did it."""
    movements, maybe = SETS[file]
    action = clip_action(motion.action)[0] if "bandai" in file else motion.action
    return Label(movements.get(action), maybe.get(action, ()))


def clip_action(clip: str) -> tuple[str, str]:
    """Action and style in the name of a motion-capture clip.

    >>> clip_action("dataset-2_wave-left-hand_elderly_012")
    ('wave-left-hand', 'elderly')
    """
    match = re.fullmatch(r"dataset-\d_(.+)_([a-z-]+)_\d+", clip)
    return (match[1], match[2]) if match else (clip, "")


def held_out(file: str, motion: Motion) -> bool:
    """Whether a sequence is for testing: even subjects, every second person of Kinder-Gator, some styles."""
    if "bandai" in file:
        return clip_action(motion.action)[1] in HELD_OUT_STYLES
    if "kinder" in file:
        return KINDER_GATOR_PEOPLE.index(motion.subject) % 2 == 1
    return motion.subject >= 0 and motion.subject % 2 == 0


def third(file: str, motion: Motion) -> int:
    """Which third, 0 to 2, of the people or styles that train a sequence is of."""
    if "kinder" in file:
        return KINDER_GATOR_PEOPLE.index(motion.subject) // 2 % 3
    if "bandai" in file:
        style = clip_action(motion.action)[1]
        return (_STYLES.index(style) if style in _STYLES else sum(map(ord, style))) % 3
    return motion.subject // 2 % 3


_STYLES = ("active", "normal", "feminine", "masculine", "exhausted")

KINDER_GATOR_PEOPLE = (
    *(103, 106, 169, 290, 337, 342, 474, 565, 577, 595),
    *(604, 644, 723, 734, 876, 888, 921, 934, 970, 976),
)
