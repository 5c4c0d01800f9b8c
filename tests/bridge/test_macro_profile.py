"""A macro profile that is wrong is refused with its line and key; those that come with Bodycast are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.cli.macros import PROFILES, profile_file
from bridge.macros.keys import CHARACTERS, MOUSE, NAMED, PAD, key_named, linux_name
from bridge.macros.macro_profile import ProfileError, load_profile
from gestures.recogniser import BUILT_IN

GOOD = """\
name = "Test"
arm_key = "F9"
timeout = 0.5

[[macro]]
do = "chord"
gesture = "clap"
keys = ["Ctrl", "shift", "T"]
cooldown = 1

[[macro]]
do = "hold"
signal = "hand_right.y"
enter = 0.6
keys = "space"
player = 2
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "my.toml"
    path.write_text(text)
    return path


def test_a_profile_is_read(tmp_path: Path) -> None:
    profile = load_profile(written(tmp_path, GOOD))
    assert (profile.name, profile.arm_key, profile.panic_key, profile.timeout) == ("Test", "f9", "f12", 0.5)
    chord, hold = profile.macros
    assert (chord.keys, chord.gesture, chord.cooldown, chord.player) == (("ctrl", "shift", "t"), "clap", 1.0, 0)
    assert (hold.signal, hold.enter, hold.exit, hold.player) == ("hand_right.y", 0.6, 0.5, 2)
    assert profile.keys == {"ctrl", "shift", "t", "space"}


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('keys = "space"', 'keys = "spcae"', 15, "macro 2, 'keys': there is no key 'spcae'; did you mean 'space'?"),
        ("player = 2", "player = 9", 16, "macro 2, 'player': must be 1 to 6, got 9"),
        ("player = 2", "plaier = 2", 16, "macro 2, 'plaier': unknown; did you mean 'player'?"),
        ("enter = 0.6", 'enter = "high"', 14, "macro 2, 'enter': must be a number, got 'high'"),
        ("enter = 0.6", "exit = 0.6", 13, "macro 2, 'signal': needs 'enter'"),
        ("hand_right.y", "hand_rigth.y", 13, "did you mean 'hand_right.y'?"),
        ('do = "hold"', 'do = "hodl"', 12, "did you mean 'hold'?"),
        ('do = "hold"', "", 11, "macro 2: lacks 'do'"),
        ('["Ctrl", "shift", "T"]', '["a", "A"]', 8, "names a key twice"),
        ('["Ctrl", "shift", "T"]', '"a"', 8, "a chord has two keys or more"),
        ('gesture = "clap"', "", 6, "macro 1, 'do': needs a 'gesture' or a 'signal'"),
        ("cooldown = 1", "interval = 1", 9, "is for 'do = \"repeat\"' only"),
        ("timeout = 0.5", "timeout = 60", 3, "profile, 'timeout': must be 0.05 to 5, got 60"),
        ('arm_key = "F9"', 'arm_key = "space"', 2, "profile, 'arm_key': 'space' must be a key that no macro presses"),
        ('"Test"', '"Test', 1, "not TOML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_key(
    old: str, new: str, line: int, message: str, tmp_path: Path
) -> None:
    path = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ProfileError) as error:
        load_profile(path)
    assert message in str(error.value)
    assert str(path) in str(error.value)
    assert f":{line}:" in str(error.value) or f"line {line}" in str(error.value)


def test_a_profile_without_macros_or_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"has no \[\[macro\]\]"):
        load_profile(written(tmp_path, 'name = "x"'))
    with pytest.raises(ProfileError, match=r"nowhere\.toml: No such file"):
        load_profile(Path("nowhere.toml"))


@pytest.mark.parametrize("name", PROFILES)
def test_the_profiles_that_come_along_are_right(name: str) -> None:
    profile = load_profile(profile_file(name))
    assert profile.name
    assert profile.arm_gesture
    assert profile.panic_key
    assert profile.panic_gesture
    assert profile.gestures <= set(BUILT_IN)


def test_a_gamepad_is_no_matter_for_pynput(tmp_path: Path) -> None:
    text = 'backend = "pynput"\n' + GOOD.replace('"space"', '"pad.a"')
    with pytest.raises(ProfileError, match="pynput has no gamepad"):
        load_profile(written(tmp_path, text))


def test_every_key_is_known_to_linux_and_to_pynput(monkeypatch: pytest.MonkeyPatch) -> None:
    ecodes = pytest.importorskip("evdev.ecodes")
    names = [*NAMED, *CHARACTERS, *MOUSE, *PAD]
    assert not [name for name in names if not hasattr(ecodes, linux_name(name))]
    assert [key_named(name.upper()) for name in names] == names
    monkeypatch.setenv("PYNPUT_BACKEND", "dummy")
    from pynput import keyboard

    assert not [name for name in NAMED if not hasattr(keyboard.Key, name)]
