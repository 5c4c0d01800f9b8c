"""The names of everything that a macro can press: keys, mouse buttons, and what a gamepad has."""

from __future__ import annotations

import difflib
import string

CHARACTERS = frozenset(string.ascii_lowercase + string.digits + "-=[]\\;',./`")
"""Keys by the character that they write without Shift, on a US keyboard."""

NAMED = {
    "space": "KEY_SPACE",
    "enter": "KEY_ENTER",
    "tab": "KEY_TAB",
    "esc": "KEY_ESC",
    "backspace": "KEY_BACKSPACE",
    "delete": "KEY_DELETE",
    "insert": "KEY_INSERT",
    "home": "KEY_HOME",
    "end": "KEY_END",
    "page_up": "KEY_PAGEUP",
    "page_down": "KEY_PAGEDOWN",
    "up": "KEY_UP",
    "down": "KEY_DOWN",
    "left": "KEY_LEFT",
    "right": "KEY_RIGHT",
    "shift": "KEY_LEFTSHIFT",
    "shift_r": "KEY_RIGHTSHIFT",
    "ctrl": "KEY_LEFTCTRL",
    "ctrl_r": "KEY_RIGHTCTRL",
    "alt": "KEY_LEFTALT",
    "alt_gr": "KEY_RIGHTALT",
    "cmd": "KEY_LEFTMETA",
    "caps_lock": "KEY_CAPSLOCK",
    "num_lock": "KEY_NUMLOCK",
    "scroll_lock": "KEY_SCROLLLOCK",
    "print_screen": "KEY_SYSRQ",
    "pause": "KEY_PAUSE",
    "menu": "KEY_COMPOSE",
    "media_play_pause": "KEY_PLAYPAUSE",
    "media_next": "KEY_NEXTSONG",
    "media_previous": "KEY_PREVIOUSSONG",
    "media_volume_up": "KEY_VOLUMEUP",
    "media_volume_down": "KEY_VOLUMEDOWN",
    "media_volume_mute": "KEY_MUTE",
    **{f"f{number}": f"KEY_F{number}" for number in range(1, 21)},
}
"""Names of keys, which are pynput's, and those that Linux gives them."""

MOUSE = {"mouse.left": "BTN_LEFT", "mouse.middle": "BTN_MIDDLE", "mouse.right": "BTN_RIGHT"}
"""Buttons of the mouse."""

PAD = {
    "pad.a": "BTN_SOUTH",
    "pad.b": "BTN_EAST",
    "pad.x": "BTN_WEST",
    "pad.y": "BTN_NORTH",
    "pad.l1": "BTN_TL",
    "pad.r1": "BTN_TR",
    "pad.select": "BTN_SELECT",
    "pad.start": "BTN_START",
    "pad.left_stick": "BTN_THUMBL",
    "pad.right_stick": "BTN_THUMBR",
    "pad.up": "BTN_DPAD_UP",
    "pad.down": "BTN_DPAD_DOWN",
    "pad.left": "BTN_DPAD_LEFT",
    "pad.right": "BTN_DPAD_RIGHT",
}
"""Buttons of a gamepad."""

AXES = {"left_x": "ABS_X", "left_y": "ABS_Y", "right_x": "ABS_RX", "right_y": "ABS_RY", "l2": "ABS_Z", "r2": "ABS_RZ"}
"""Sticks and triggers of a gamepad, -1 to 1; y grows downwards."""

ALIASES = {
    "escape": "esc",
    "return": "enter",
    "control": "ctrl",
    "command": "cmd",
    "win": "cmd",
    "super": "cmd",
    "pageup": "page_up",
    "pagedown": "page_down",
    " ": "space",
}

_PUNCTUATION = {
    "-": "MINUS",
    "=": "EQUAL",
    "[": "LEFTBRACE",
    "]": "RIGHTBRACE",
    "\\": "BACKSLASH",
    ";": "SEMICOLON",
    "'": "APOSTROPHE",
    ",": "COMMA",
    ".": "DOT",
    "/": "SLASH",
    "`": "GRAVE",
}


def key_named(text: str) -> str:
    """The name that is used here for what a user wrote.

    Raises
    ------
    ValueError
        If there is no such key; it suggests one that is written alike.
    """
    name = ALIASES.get(text.lower(), text.lower())
    if name in CHARACTERS or name in NAMED or name in MOUSE or name in PAD:
        return name
    alike = difflib.get_close_matches(name, [*NAMED, *MOUSE, *PAD, *ALIASES], n=1)
    hint = f"; did you mean {alike[0]!r}?" if alike else ""
    raise ValueError(f"there is no key {text!r}{hint}")


def linux_name(name: str) -> str:
    """What Linux calls a key or button, for example ``KEY_A``."""
    for table in (NAMED, MOUSE, PAD):
        if name in table:
            return table[name]
    return f"KEY_{_PUNCTUATION.get(name, name.upper())}"
