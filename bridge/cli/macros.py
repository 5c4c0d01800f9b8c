"""``bodycast macros``: gestures and hands press keys."""

from __future__ import annotations

import argparse
import errno
import time
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.cli.options import SOURCES, add_source_options, add_vision_options
from bridge.cli.terminal import Terminal

if TYPE_CHECKING:
    from bridge.macros.keyboard import Keyboard
    from bridge.macros.macro import Profile
    from bridge.macros.watching import LocalWatch, RemoteWatch

PROFILES = ("presentation", "platformer", "media", "gamepad")
POLL = 0.01
"""Seconds between two looks at the clock."""

PATIENCE = 5.0
"""Seconds without a first frame after which the user hears of it."""

BEAT = 0.2
"""Seconds between two signs of life."""

EXAMPLES = """
profiles that come with Bodycast: presentation, platformer, media, gamepad; copy and change what --show prints

examples:
  bodycast macros presentation --dry-run              prints what it would press
  bodycast macros platformer --arm                    presses keys, with the camera
  bodycast macros my.toml --from zmq://127.0.0.1:5556 --arm
  bodycast macros media --show >my.toml

Nothing is pressed until armed: by --arm, or by the gesture or key that the profile names. Whatever is down is released
when its player leaves, on the panic key (F12) or panic gesture, on Ctrl-C, and when this program crashes or is killed.
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``macros`` to the commands."""
    parser = commands.add_parser(
        "macros",
        help="press keys, move the mouse and play a gamepad with gestures",
        description="Press keys, move the mouse and play a gamepad with gestures and hands, as a profile says.",
        epilog=SOURCES + EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("profile", metavar="PROFILE", help="a TOML file, or the name of one that comes with Bodycast")
    group = parser.add_argument_group("keys")
    group.add_argument("--arm", action="store_true", help="press keys from the start")
    group.add_argument("--dry-run", action="store_true", help="print what would be pressed, and press nothing")
    group.add_argument("--show", action="store_true", help="print the profile and end")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--source", metavar="SOURCE", help="see below; without it the camera, or the actor where there is none"
    )
    where.add_argument("--from", dest="url", metavar="URL", help="a Bodycast that runs already: zmq://HOST:PORT")
    add_source_options(parser)
    add_vision_options(parser)
    parser.set_defaults(command=run, preview=False, snapshot=None, color=False)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do it; the exit status."""
    path = profile_file(args.profile)
    if args.show:
        print(path.read_text(encoding="utf-8"), end="")
        return 0
    from bridge.macros.keyboard import Keyboard
    from bridge.macros.macro_profile import load_profile

    profile = load_profile(path)
    with ExitStack() as stack:
        watch = _watch(args, profile, terminal)
        stack.enter_context(watch)
        keyboard = stack.enter_context(Keyboard(profile, args.dry_run))
        _press_keys(profile, watch, keyboard, args.arm or args.dry_run, terminal)
    return 0


def profile_file(name: str) -> Path:
    """The file of a profile, by its path or by the name of one that comes with Bodycast."""
    if name in PROFILES:
        return Path(str(files("demos") / "macros" / f"{name}.toml"))
    if not Path(name).exists():
        raise FileNotFoundError(errno.ENOENT, f"there is no such file; with Bodycast come {', '.join(PROFILES)}", name)
    return Path(name)


def _press_keys(
    profile: Profile, watch: RemoteWatch | LocalWatch, keyboard: Keyboard, armed: bool, terminal: Terminal
) -> None:
    """Go on until the source ends or the user does not want to any more."""
    from bridge.macros.engine import MacroEngine

    engine = MacroEngine(profile)
    loop = _Loop(engine, keyboard, terminal)
    terminal.say(f"{watch.name} to {len(profile.macros)} macros; {_how_to_stop(profile)}")
    if armed:
        loop.arm()
    else:
        terminal.say(f"nothing is pressed until armed: {_how_to_arm(profile)}")
    patient_until: float | None = time.monotonic() + PATIENCE
    while not watch.ended:
        frame, events = watch.poll(POLL)
        now = time.monotonic()
        loop.step(frame, events, now)
        if frame is not None:
            patient_until = None
        elif patient_until is not None and now > patient_until:
            patient_until = None
            terminal.say(f"warning: nothing comes from {watch.name} yet; does Bodycast publish there?")


class _Loop:
    """Keeps the engine and the keyboard in step, and tells the user."""

    def __init__(self, engine: Any, keyboard: Keyboard, terminal: Terminal) -> None:
        self._engine, self._keyboard, self._terminal = engine, keyboard, terminal
        self._armed = False
        self._beat_at = 0.0

    def arm(self) -> None:
        self._engine.arm()
        self._follow()

    def step(self, frame: Any, events: Any, now: float) -> None:
        commands = self._engine.update(frame, events, now)
        self._follow()
        self._keyboard.send(commands)
        for note in self._keyboard.notes():
            self._hear(note)
        if now >= self._beat_at:
            self._beat_at = now + BEAT
            self._keyboard.beat()

    def _hear(self, note: str) -> None:
        if note == "arm":
            self.arm()
            return
        self._engine.disarm()  # its keys are up already
        if note == "stalled":
            self._terminal.say("warning: it took too long to look; everything was released")
        self._follow()

    def _follow(self) -> None:
        """Make the keyboard as armed as the engine is."""
        if self._engine.armed == self._armed:
            return
        self._armed = self._engine.armed
        if self._armed:
            self._keyboard.arm()
        else:
            self._keyboard.disarm()
        self._terminal.say("armed" if self._armed else "disarmed; everything is released")


def _how_to_arm(profile: Profile) -> str:
    ways = ["give --arm"]
    ways += [f"press {profile.arm_key}"] if profile.arm_key else []
    ways += [f"do {profile.arm_gesture}"] if profile.arm_gesture else []
    return ", or ".join(ways)


def _how_to_stop(profile: Profile) -> str:
    ways = [profile.panic_key, profile.panic_gesture]
    panic = " or ".join(way for way in ways if way)
    return f"{panic} releases everything, Ctrl-C ends" if panic else "Ctrl-C ends"


def _watch(args: argparse.Namespace, profile: Profile, terminal: Terminal) -> RemoteWatch | LocalWatch:
    from bridge.macros.macro_profile import ProfileError
    from bridge.macros.watching import LocalWatch, RemoteWatch

    if args.url is not None:
        return RemoteWatch(args.url)
    from bridge.cli.gesture_options import chosen_recogniser
    from bridge.cli.loop import limited
    from bridge.cli.stream import open_stream

    recogniser = chosen_recogniser(args)
    unknown = sorted(profile.gestures - set(recogniser.names))
    if unknown:
        raise ProfileError(f"{args.profile}: no gesture is called {unknown[0]!r}; 'bodycast gestures list' names them")
    stream = open_stream(args, terminal)
    frames = limited(stream, args.frames, args.seconds)
    return LocalWatch(stream.name, frames, recogniser.update, lambda: stream.__exit__(None, None, None))
