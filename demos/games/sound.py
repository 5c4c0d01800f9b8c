"""Sounds made of numbers: noise and tones, shaped and mixed when the games start."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pygame

Wave = npt.NDArray[np.float64]
RATE = 22050


def _time(seconds: float) -> Wave:
    return np.arange(int(seconds * RATE)) / RATE


def _fade(wave: Wave, attack: float = 0.004, half: float = 0.1) -> Wave:
    """``wave`` that comes in ``attack`` seconds and loses half of itself every ``half`` seconds."""
    t = np.arange(len(wave)) / RATE
    end = np.clip((len(wave) / RATE - t) / 0.02, 0, 1)
    return np.asarray(wave * np.clip(t / attack, 0, 1) * 0.5 ** (t / half) * end)


def _noise(seconds: float, low: float, high: float, seed: int = 0) -> Wave:
    """Noise between two frequencies, in Hz."""
    wave = np.random.default_rng(seed).normal(size=int(seconds * RATE))
    spectrum = np.fft.rfft(wave)
    f = np.fft.rfftfreq(len(wave), 1 / RATE)
    spectrum[(f < low) | (f > high)] = 0
    wave = np.fft.irfft(spectrum, len(wave))
    return np.asarray(wave / max(float(np.abs(wave).max()), 1e-9))


def _tone(frequency: float | Wave, seconds: float, overtones: tuple[float, ...] = (1.0, 0.4, 0.15)) -> Wave:
    t = _time(seconds)
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(frequency, t.shape)) / RATE
    return np.asarray(sum(a * np.sin(phase * (i + 1)) for i, a in enumerate(overtones)) / sum(overtones))


def _slide(start: float, end: float, seconds: float) -> Wave:
    return np.asarray(np.geomspace(start, end, int(seconds * RATE)))


def _mix(*parts: tuple[float, Wave]) -> Wave:
    """Waves, each from its own second on."""
    length = max(int(start * RATE) + len(wave) for start, wave in parts)
    mix = np.zeros(length)
    for start, wave in parts:
        at = int(start * RATE)
        mix[at : at + len(wave)] += wave
    return mix


def _notes(pitches: tuple[int, ...], gap: float, half: float = 0.14) -> Wave:
    """Plucked notes, by their MIDI numbers."""
    hertz = [440 * 2 ** ((pitch - 69) / 12) for pitch in pitches]
    return _mix(*((i * gap, 0.5 * _fade(_tone(f, 0.5), half=half)) for i, f in enumerate(hertz)))


def music() -> Wave:
    """Eight bars of quiet plucking over a bass, to be repeated."""
    beat = 0.25
    chords = ((57, 60, 64, 69), (53, 57, 60, 65), (48, 55, 60, 64), (55, 59, 62, 67))
    order = (0, 2, 1, 3, 2, 1, 3, 2)
    parts: list[tuple[float, Wave]] = []
    for bar in range(8):
        chord = chords[bar // 2]
        for i, note in enumerate(order):
            hertz = 440 * 2 ** ((chord[note] - 57 + (12 if bar % 2 and i == 7 else 0)) / 12)
            parts.append(((bar * 8 + i) * beat, 0.35 * _fade(_tone(hertz, 0.45), half=0.09)))
        for i in (0, 3, 6):
            bass = 440 * 2 ** ((chord[0] - 81) / 12)
            parts.append(((bar * 8 + i) * beat, 0.6 * _fade(_tone(bass, 0.4, (1, 0.5, 0.3)), half=0.12)))
    whole = _mix(*parts)
    loop = int(64 * beat * RATE)
    whole[: len(whole) - loop] += whole[loop:]  # what rings on at the end rings on at the start
    return whole[:loop]


def effects() -> dict[str, Wave]:
    """Every sound by its name."""
    swish = _noise(0.2, 1500, 7000) * np.hanning(int(0.2 * RATE))
    wet = _mix((0.0, _fade(_noise(0.16, 200, 1800, 1), half=0.03)), (0.01, _fade(_tone(_slide(420, 120, 0.14), 0.14))))
    return {
        "swish": 0.25 * swish,
        "slice": _mix((0.0, 0.5 * swish), (0.05, 0.8 * wet)),
        "throw": 0.2 * _fade(_tone(_slide(180, 420, 0.16), 0.16), 0.02, 0.08),
        "bomb": _mix(
            (0, _fade(_noise(1.0, 30, 500, 2), half=0.16)), (0, _fade(_tone(_slide(110, 34, 0.8), 0.8), half=0.2))
        ),
        "combo": _notes((72, 76, 79, 84), 0.06),
        "tick": 0.5 * _fade(_tone(880.0, 0.09), half=0.02),
        "go": 0.6 * _fade(_tone(1320.0, 0.4), half=0.09),
        "hold": 0.25 * _fade(_tone(_slide(440, 560, 0.1), 0.1), half=0.04),
        "choose": _notes((76, 83), 0.07),
        "pass": _notes((67, 71, 74, 79), 0.05),
        "crash": _mix((0, _fade(_noise(0.7, 60, 2600, 3), half=0.1)), (0, _fade(_tone(_slide(150, 45, 0.4), 0.4)))),
        "near": 0.35 * _fade(_noise(0.9, 80, 700, 4)[::-1].copy(), 0.5, 2.0),
        "kick": _mix(
            (0, _fade(_tone(_slide(190, 55, 0.16), 0.16), half=0.04)), (0, 0.3 * _fade(_noise(0.05, 800, 4000, 5)))
        ),
        "save": _mix(
            (0, 0.9 * _fade(_noise(0.12, 300, 3000, 6), half=0.02)),
            (0.05, 0.45 * _cheer(1.3, 7)),
            (0.02, _notes((74, 81), 0.06)),
        ),
        "block": _fade(_noise(0.18, 100, 1200, 8), half=0.04),
        "goal": _mix((0, 0.5 * _fade(_noise(0.3, 400, 2500, 9))), (0.1, 0.35 * _cheer(1.0, 10)[::-1].copy())),
        "end": _notes((60, 64, 67, 72, 76, 79, 84), 0.09, 0.25),
        "best": _notes((72, 72, 76, 79, 84, 79, 84, 88), 0.11, 0.3),
    }


def _cheer(seconds: float, seed: int) -> Wave:
    """A crowd far away."""
    wave = _noise(seconds, 500, 1800, seed) + 0.6 * _noise(seconds, 250, 900, seed + 50)
    return np.asarray(wave * np.hanning(len(wave)) * 0.7)


class Sounds:
    """Plays sounds by name; silent where there is no sound card, or where it is not wanted.

    Parameters
    ----------
    wanted : bool
    """

    def __init__(self, wanted: bool = True) -> None:
        self._sounds: dict[str, pygame.mixer.Sound] = {}
        if not wanted:
            return
        try:
            pygame.mixer.init(RATE, -16, 1, 512, allowedchanges=0)
        except pygame.error:  # there is no sound card
            return
        self._sounds = {name: _sound(wave) for name, wave in effects().items()}
        loop = _sound(music())
        loop.set_volume(0.22)
        loop.play(-1)

    def play(self, name: str) -> None:
        """Play one."""
        if name in self._sounds:
            self._sounds[name].play()

    def close(self) -> None:
        """Be silent."""
        if pygame.mixer.get_init():
            pygame.mixer.quit()


def _sound(wave: Wave) -> pygame.mixer.Sound:
    samples = np.clip(wave / max(1.0, float(np.abs(wave).max())), -1, 1) * 30000
    return pygame.mixer.Sound(buffer=samples.astype(np.int16).tobytes())
