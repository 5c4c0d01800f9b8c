"""The preview window, on SDL's display for machines without one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from bridge.preview import Preview, PreviewError


@pytest.fixture
def preview(monkeypatch: pytest.MonkeyPatch) -> Iterator[Preview]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    with Preview() as window:
        yield window


def picture(width: int = 64, height: int = 48) -> np.ndarray:
    image = np.zeros((height, width, 3), np.uint8)
    image[:] = (200, 100, 50)
    return image


def colour_at(preview: Preview, x: int, y: int) -> tuple[int, ...]:
    return tuple(preview._pygame.display.get_surface().get_at((x, y)))[:3]


def test_a_picture_is_shown_in_its_colours(preview: Preview) -> None:
    assert preview.show(picture())
    assert preview._pygame.display.get_surface().get_size() == (64, 48)
    assert colour_at(preview, 10, 10) == (50, 100, 200)


def test_a_picture_of_another_size_fits_into_the_same_window(preview: Preview) -> None:
    preview.show(picture(64, 48))
    assert preview.show(picture(200, 100))
    assert colour_at(preview, 32, 24) == pytest.approx((50, 100, 200), abs=4)
    assert colour_at(preview, 32, 2) == (0, 0, 0)


@pytest.mark.parametrize("key", ["q", "escape", "close"])
def test_the_user_can_end_it(preview: Preview, key: str) -> None:
    import pygame

    preview.show(picture())
    events = {
        "q": pygame.event.Event(pygame.KEYDOWN, key=pygame.K_q),
        "escape": pygame.event.Event(pygame.KEYDOWN, key=pygame.K_ESCAPE),
        "close": pygame.event.Event(pygame.QUIT),
    }
    pygame.event.post(events[key])
    assert not preview.show(picture())


def test_the_user_can_turn_the_view_and_turn_it_back(preview: Preview) -> None:
    import pygame

    preview.show(picture())
    for turned in (True, False):
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_m))
        assert preview.show(picture())
        assert preview.mirror is turned


def test_a_machine_without_a_display_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    with Preview() as window, pytest.raises(PreviewError, match="no display"):
        window.show(picture())
