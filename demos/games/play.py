"""``bodycast play``: puts a source, a game and a window together."""

from __future__ import annotations

import argparse
import errno
from contextlib import closing

import pygame

from bridge.cli.terminal import Terminal
from demos.games.catalogue import GAMES
from demos.games.feed import BridgeFeed, Feed, SourceFeed
from demos.games.particles import Particles
from demos.games.rehearsal import Rehearsal
from demos.games.scenes import MenuScene, RoundScene, Scene, Theatre
from demos.games.scores import HighScores, data_folder
from demos.games.show import Show, SteppedClock, WallClock, open_window
from demos.games.sound import Sounds


def perform(args: argparse.Namespace, terminal: Terminal) -> int:
    """Play; the exit status."""
    game = next((game for game in GAMES if game.name == args.game), None)
    if args.picture is not None and not args.picture.parent.is_dir():  # told now, rather than after the game
        raise FileNotFoundError(errno.ENOENT, "there is no folder for this file", str(args.picture))
    surface = open_window(args.fullscreen)
    stepped = args.demo and args.frames is not None
    sounds = Sounds(wanted=not args.silent and not stepped)
    try:
        scores = HighScores(args.scores or data_folder() / "games.json")
        theatre = Theatre(Particles(args.seed), sounds, scores, args.players, args.seed)
        scene: Scene = RoundScene(theatre, game) if game is not None else MenuScene(theatre)
        show = Show(theatre, SteppedClock() if stepped else WallClock(), scene, surface)
        with closing(_feed(args, show)) as feed:
            try:
                show.run(feed, args.frames)
            finally:
                terminal.say(show.summary())
        if args.picture is not None:
            show.save(args.picture)
    finally:
        sounds.close()
        pygame.display.quit()
    return 0


def _feed(args: argparse.Namespace, show: Show) -> Feed:
    if args.demo:
        return Rehearsal(show.rules, show.clock.now, args.players or 1)
    if args.bridge is not None:
        return BridgeFeed(args.bridge)
    return SourceFeed(args)
