"""A window that writes down every key that goes down or up in it, a line of JSON each; the tests run it."""

from __future__ import annotations

import json
import sys
import time

import pygame


def main() -> None:
    """Show the window until it is closed or its input ends."""
    pygame.display.init()
    pygame.display.set_mode((640, 480))
    say({"ready": True})
    while True:
        event = pygame.event.wait()
        now = time.monotonic()
        if event.type == pygame.QUIT:
            return
        if event.type in (pygame.KEYDOWN, pygame.KEYUP):
            name = pygame.key.name(event.key)
            say({"key": name, "down": event.type == pygame.KEYDOWN, "time": now})
        elif event.type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
            say({"key": f"mouse.{event.button}", "down": event.type == pygame.MOUSEBUTTONDOWN, "time": now})
        elif event.type == pygame.MOUSEMOTION:
            say({"at": event.pos, "time": now})


def say(what: object) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
