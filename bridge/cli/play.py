"""``bodycast play``: games that are played with the whole body."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path
from typing import Any

from bridge.cli.options import SOURCES, add_vision_options, count, image_file, size
from bridge.cli.terminal import Terminal

GAMES = ("fruit", "wall", "keeper")

EXAMPLES = """
games:
  fruit      cut the fruit with both hands, and leave the bombs alone
  wall       take the shape of the hole before the wall is there
  keeper     keep the ball out of the goal
  Without a name there is a menu: hold a hand over a game. 1 to 4 players; who leaves the picture pauses the game.
  Esc goes to the menu and ends, F11 is full screen.

examples:
  bodycast play
  bodycast play fruit --source camera:1 --fullscreen
  bodycast play keeper --players 2
  bodycast play wall --from zmq://127.0.0.1:5556     the bodies of a "bodycast run" that is there already
  bodycast play fruit --demo                         watch somebody who knows the game
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``play`` to the commands."""
    parser = commands.add_parser(
        "play",
        help="games, played with the whole body",
        description="Play a game in front of the camera.",
        epilog=SOURCES + EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("game", nargs="?", choices=GAMES, metavar="NAME", help="see below; without it, a menu")
    players = parser.add_argument_group("players").add_mutually_exclusive_group()
    players.add_argument(
        "--source",
        metavar="SOURCE",
        help="who plays, see below; without it the camera, or the actor where there is none",
    )
    players.add_argument(
        "--from", dest="bridge", metavar="URL", help="the bodies of a bridge that runs, as zmq://HOST:PORT"
    )
    players.add_argument("--demo", action="store_true", help="somebody who knows the games plays")
    _add_options(parser)
    add_vision_options(parser)
    parser.set_defaults(command=run, fast=False, preview=False, snapshot=None, color=False)


def _add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("game")
    group.add_argument(
        "--players", type=int, choices=(1, 2, 3, 4), metavar="N", help="how many play (default: those who are there)"
    )
    group.add_argument("--fullscreen", action="store_true", help="without a window")
    group.add_argument("--silent", action="store_true", help="without sound")
    group.add_argument("--seed", type=int, default=0, help="which round, and which actor (default 0)")
    group.add_argument("--frames", type=count, metavar="N", help="end after N pictures")
    group.add_argument("--snapshot", dest="picture", type=image_file, metavar="FILE", help="save the last picture")
    group.add_argument(
        "--scores", type=Path, metavar="FILE", help="where the best scores are kept (default: your data folder)"
    )
    group.add_argument(
        "--size", type=size, default=(640, 480), metavar="WxH", help="picture size of the camera (default 640x480)"
    )


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do it; the exit status."""
    # The games are a demonstration: the bridge does not depend on them, and only finds them here by their name.
    status: int = importlib.import_module("demos.games.play").perform(args, terminal)
    return status
