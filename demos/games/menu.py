"""Buttons that are pressed by holding a hand over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import pygame

from demos.games.paint import PLAYER_COLOURS, WHITE, Colour, add_light, centred, glow, ink, mixed, panel, pixels, text
from demos.games.players import Figure
from models.joints import Joint

HOLD = 1.1
"""Seconds that a hand stays on a button to press it."""


@dataclass(frozen=True, slots=True)
class Button:
    """A rectangle on the stage.

    Attributes
    ----------
    name : str
        What is chosen with it.
    words : str
    x, y, width, height : float
        The middle, and the size.
    colour : Colour
    """

    name: str
    words: str
    x: float
    y: float
    width: float
    height: float
    colour: Colour = (64, 214, 255)

    def covers(self, x: float, y: float) -> bool:
        """Whether a point is on it."""
        return abs(x - self.x) <= self.width / 2 and abs(y - self.y) <= self.height / 2


class Menu:
    """Several buttons.

    Parameters
    ----------
    buttons : sequence of Button

    Attributes
    ----------
    held : dict of str to float
        For how many seconds a hand has been on each button.
    """

    def __init__(self, buttons: Sequence[Button]) -> None:
        self.buttons = tuple(buttons)
        self.held = {button.name: 0.0 for button in buttons}

    def step(self, hands: Sequence[tuple[float, float]], dt: float) -> str | None:
        """The button that was pressed now, with the hands where they are."""
        for button in self.buttons:
            on = any(button.covers(x, y) for x, y in hands)
            self.held[button.name] = self.held[button.name] + dt if on else max(0.0, self.held[button.name] - 3 * dt)
            if self.held[button.name] >= HOLD:
                self.held = dict.fromkeys(self.held, 0.0)
                return button.name
        return None

    def under(self, place: tuple[float, float]) -> str | None:
        """The button at a place, for a mouse."""
        return next((button.name for button in self.buttons if button.covers(*place)), None)

    def draw(self, surface: pygame.Surface) -> None:
        """Draw plain buttons."""
        for button in self.buttons:
            draw_button(surface, button, self.held[button.name] / HOLD)


def hands_of(figures: Sequence[Figure]) -> list[tuple[float, float]]:
    """All hands that may press: those that are not hanging down."""
    result = []
    for figure in figures:
        for side in ("LEFT", "RIGHT"):
            x, y = figure.at(Joint[f"HAND_{side}"])
            if y < figure.at(Joint.SPINE_BASE)[1] - 0.05 * figure.height:
                result.append((x, y))
    return result


def draw_button(surface: pygame.Surface, button: Button, share: float) -> None:
    """A button, filled as far as it is held."""
    edge = mixed(button.colour, WHITE, 0.5 * (share > 0))
    centred(surface, panel(round(button.width), round(button.height), (18, 24, 50), 215, edge), button.x, button.y)
    if share > 0:
        full = round((button.width - 24) * min(share, 1.0))
        left, top = button.x - button.width / 2 + 12, button.y + button.height / 2 - 20
        pygame.draw.rect(surface, button.colour, (left, top, full, 8), border_radius=4)
    centred(surface, text(button.words, min(56, round(button.height * 0.5))), button.x, button.y - 3)


def draw_hands(surface: pygame.Surface, figures: Sequence[Figure], menu: Menu) -> None:
    """Rings at the hands, which close while a button is held."""
    for figure in figures:
        colour = PLAYER_COLOURS[figure.lane]
        for x, y in hands_of([figure]):
            on = [menu.held[button.name] for button in menu.buttons if button.covers(x, y)]
            add_light(surface, glow(42, mixed((0, 0, 0), colour, 0.6)), x, y)
            _draw_ring(surface, (round(x), round(y)), colour, on[0] / HOLD if on else 0.0)


def _draw_ring(surface: pygame.Surface, middle: tuple[int, int], colour: Colour, share: float) -> None:
    with pixels(surface) as image:
        cv2.circle(image, middle, 27, ink(surface, mixed(colour, (0, 0, 0), 0.3)), 4, cv2.LINE_AA)
        if share:
            end = -90 + 360 * min(share, 1.0)
            cv2.ellipse(image, middle, (27, 27), 0, -90, end, ink(surface, WHITE), 7, cv2.LINE_AA)
