"""Options that say which gestures are looked for, and the recogniser that they ask for."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gestures.recogniser import GestureRecogniser


def add_gesture_options(parser: argparse.ArgumentParser) -> None:
    """Options of gestures."""
    group = parser.add_argument_group("gestures")
    group.add_argument(
        "--gestures", metavar="A,B", help="only these (default: all; 'bodycast gestures list' names them)"
    )
    group.add_argument("--no-gestures", action="store_true", help="none")
    add_folder_option(group)


def add_folder_option(parser: argparse._ActionsContainer) -> None:
    """Where taught gestures are kept."""
    parser.add_argument(
        "--gesture-folder", type=Path, metavar="FOLDER", help="where taught gestures are kept (default the user's own)"
    )


def chosen_recogniser(args: argparse.Namespace) -> GestureRecogniser:
    """The recogniser that the options ask for; of commands without these options, one for all gestures.

    Raises
    ------
    TaughtError
        If one of ``--gestures`` is neither built in nor taught.
    """
    from bridge.gesture_folders import TaughtError, gestures_folder
    from gestures.recogniser import GestureRecogniser
    from gestures.taught import load_taught

    taught = load_taught(gestures_folder(getattr(args, "gesture_folder", None)))
    names = getattr(args, "gestures", None)
    chosen = () if getattr(args, "no_gestures", False) else names.split(",") if names else None
    try:
        return GestureRecogniser(chosen, taught)
    except ValueError as error:
        raise TaughtError(f"--gestures: {error}") from error
