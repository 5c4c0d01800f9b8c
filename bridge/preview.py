"""A window that shows what Bodycast sees."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any

import numpy as np

from models.body import ByteArray


class PreviewError(Exception):
    """A window that cannot be opened."""


class Preview:
    """A resizable window for pictures; q, Esc or closing it ends the show, m turns the view.

    Parameters
    ----------
    title : str

    Attributes
    ----------
    mirror : bool
        Whether the user wants to see the next pictures as in a mirror.

    Raises
    ------
    PreviewError
        At the first picture, if this machine has no display.
    """

    def __init__(self, title: str = "Bodycast") -> None:
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
        import pygame

        self._pygame: Any = pygame
        self._title = title
        self._window: Any = None
        self.mirror = False

    def __enter__(self) -> Preview:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def show(self, image: ByteArray) -> bool:
        """Show a (height, width, 3) blue, green, red picture; False once the user has asked to end."""
        pygame = self._pygame
        height, width = image.shape[:2]
        if self._window is None:
            self._open(width, height)
        picture = pygame.image.frombuffer(np.ascontiguousarray(image[..., ::-1]), (width, height), "RGB")
        room = self._window.get_size()
        scale = min(room[0] / width, room[1] / height)
        fitted = max(1, round(width * scale)), max(1, round(height * scale))
        if fitted != (width, height):
            picture = pygame.transform.smoothscale(picture, fitted)
        self._window.fill((0, 0, 0))
        self._window.blit(picture, ((room[0] - fitted[0]) // 2, (room[1] - fitted[1]) // 2))
        pygame.display.flip()
        return not self._asked_to_end(pygame.event.get())

    def close(self) -> None:
        """Close the window."""
        self._pygame.display.quit()

    def _open(self, width: int, height: int) -> None:
        pygame = self._pygame
        if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"} & set(os.environ):
            raise PreviewError("no window can be opened: this machine has no display")  # SDL would draw into the void
        try:
            pygame.display.init()
            self._window = pygame.display.set_mode((width, height), pygame.RESIZABLE)
        except pygame.error as error:
            raise PreviewError(f"no window can be opened: {error}") from error
        pygame.display.set_caption(self._title)

    def _asked_to_end(self, events: Sequence[Any]) -> bool:
        pygame = self._pygame
        keys = [event.key for event in events if event.type == pygame.KEYDOWN]
        self.mirror ^= keys.count(pygame.K_m) % 2 == 1
        closed = any(event.type == pygame.QUIT for event in events)
        return closed or pygame.K_q in keys or pygame.K_ESCAPE in keys
