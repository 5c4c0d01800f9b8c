"""Where the gestures that a user has taught are kept: a file for each, in the user's data folder or another."""

from __future__ import annotations

from pathlib import Path

from bridge.model_folders import models_folder
from gestures.taught import NAME, Taught, load_gesture


class TaughtError(Exception):
    """A taught gesture that cannot be found or kept; the message is one line for the user."""


def gestures_folder(given: Path | None = None) -> Path:
    """``given``, or the folder of this system."""
    return given or models_folder().parent / "gestures"


def gesture_file(folder: Path, name: str) -> Path:
    """The file of the gesture ``name``, which need not exist.

    Raises
    ------
    TaughtError
        If it is not a name.
    """
    if not NAME.fullmatch(name):
        raise TaughtError(f"{name!r} is no name for a gesture: small letters, digits and _, as in star_jump")
    return folder / f"{name}.npz"


def find_gesture(folder: Path, name: str) -> Taught:
    """The taught gesture ``name``.

    Raises
    ------
    TaughtError
        If there is none; it says which there are.
    """
    path = gesture_file(folder, name)
    if not path.is_file():
        there = ", ".join(sorted(p.stem for p in folder.glob("*.npz"))) or "none"
        raise TaughtError(f"no gesture {name} was taught in {folder}; there: {there}")
    return load_gesture(path)
