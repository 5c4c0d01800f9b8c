"""``bodycast gestures``: teach gestures by showing them, and try them out."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.cli.gesture_options import add_folder_option, chosen_recogniser
from bridge.cli.options import SOURCES, add_source_options, add_vision_options
from bridge.cli.terminal import Terminal

if TYPE_CHECKING:
    from gestures.skeleton import Array

EXAMPLES = """
A movement is shown one to five times, with a rest of half a second in between; a pose (--pose) is taken and held. Stand
still at first. Without --seconds, teaching ends when five demonstrations were seen, with Ctrl-C, or with the source.

examples:
  bodycast gestures learn star_jump
  bodycast gestures learn zorro recordings/zorro --fast
  bodycast gestures learn hands_on_hips --pose --seconds 15
  bodycast gestures test
  bodycast gestures rename zorro letter_z
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``gestures`` to the commands."""
    parser = commands.add_parser(
        "gestures",
        help="teach gestures by showing them, and try them out",
        description="Teach gestures by showing them, and try them out.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    learn = _with_source(actions, "learn", "teach a gesture by one to five demonstrations", _learn, "NAME")
    learn.add_argument("--pose", action="store_true", help="a pose that is held, instead of a movement")
    learn.add_argument("--mirrored", action="store_true", help="its mirror image counts, too")
    learn.add_argument("--replace", action="store_true", help="instead of what was taught under this name before")
    test = _with_source(actions, "test", "show live how far every gesture has come", _test)
    test.add_argument("--gestures", metavar="A,B", help="only these")
    _simple(actions, "list", "the gestures that there are", _list)
    rename = _simple(actions, "rename", "give a taught gesture another name", _rename, "NAME")
    rename.add_argument("new_name", metavar="NEW")
    _simple(actions, "remove", "forget a taught gesture", _remove, "NAME")
    export = _simple(actions, "export", "copy a taught gesture, to use it elsewhere", _export, "NAME")
    export.add_argument("file", type=Path, metavar="FILE.npz")


def _simple(actions: Any, name: str, text: str, command: Any, *positional: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=text, description=text, allow_abbrev=False)
    for one in positional:
        parser.add_argument(one.lower(), metavar=one)
    add_folder_option(parser)
    parser.set_defaults(command=command)
    return parser


def _with_source(actions: Any, name: str, text: str, command: Any, *positional: str) -> argparse.ArgumentParser:
    parser = _simple(actions, name, text, command, *positional)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = SOURCES + (EXAMPLES if name == "learn" else "")
    parser.add_argument("source", nargs="?", metavar="SOURCE", help="see below; without it the camera or the actor")
    add_source_options(parser)
    add_vision_options(parser)
    parser.set_defaults(preview=False, snapshot=None, color=False)
    return parser


def _learn(args: argparse.Namespace, terminal: Terminal) -> int:
    from bridge.gesture_folders import TaughtError, gesture_file, gestures_folder
    from gestures.demonstrations import MOST, movements, poses
    from gestures.taught import Taught

    path = gesture_file(gestures_folder(args.gesture_folder), args.name)
    _refuse_known(args.name, path, args.replace)
    cut = poses if args.pose else movements
    looks = _watch(args, terminal, lambda seen: len(cut(seen)))
    found = cut(looks) if len(looks) else []
    if not found:
        what = "a pose that is held for half a second" if args.pose else "a movement between two rests"
        raise TaughtError(f"{what} was not seen; stand still at first, and keep the whole body in the picture")
    written = Taught(args.name, args.pose, tuple(found), args.mirrored).save(path.parent)
    kind = "pose" if args.pose else "movement"
    lengths = ", ".join(f"{len(one) / 15:.1f}" for one in found)
    terminal.say(f"learnt the {kind} {args.name} from {len(found)} of at most {MOST} demonstrations ({lengths} s)")
    terminal.say(f"kept in {written}; try it: bodycast gestures test")
    return 0


def _watch(args: argparse.Namespace, terminal: Terminal, count: Any) -> Array:
    """The looks (T, WIDTH) at the nearest body, until enough was seen."""
    import numpy as np

    from bridge.cli.loop import limited
    from bridge.cli.stream import open_stream
    from gestures.demonstrations import MOST
    from gestures.stream import WIDTH, BodyStream

    stream, looks, seen = BodyStream(), [], 0
    with open_stream(args, terminal) as source:
        terminal.say(f"show {args.name} to {source.name}; Ctrl-C when done")
        live = args.source is None or args.source.startswith(("camera", "kinect", "rtsp:", "http"))
        try:
            for frame in limited(source, args.frames, args.seconds):
                if not frame.bodies:
                    continue
                nearest = min(frame.bodies, key=lambda body: float(body.positions[0, 2]))
                states = nearest.tracking_states[:, None] > 0
                positions = np.where(states, nearest.positions, np.float32(np.nan))
                looks += [look for _, look in stream.looks(positions, frame.time)]
                if len(looks) % 15 == 0 and looks:
                    seen = count(np.array(looks))
                    terminal.show_status(f"{seen} demonstrations seen")
                if live and args.seconds is None and seen >= MOST:
                    break
        except KeyboardInterrupt:
            terminal.end()  # shown enough
    return np.array(looks) if looks else np.zeros((0, WIDTH))


def _refuse_known(name: str, path: Path, replace: bool) -> None:
    from bridge.gesture_folders import TaughtError
    from gestures.recogniser import BUILT_IN

    if name in BUILT_IN:
        raise TaughtError(f"{name} is built in; choose another name")
    if path.is_file() and not replace:
        raise TaughtError(f"{name} was taught before ({path}); --replace teaches it anew")


def _test(args: argparse.Namespace, terminal: Terminal) -> int:
    from bridge.cli.loop import limited
    from bridge.cli.stream import open_stream

    recogniser = chosen_recogniser(args)
    scores: dict[str, float] = {}
    with open_stream(args, terminal) as source:
        terminal.say(f"looking for {len(recogniser.names)} gestures; Ctrl-C ends")
        for frame in limited(source, args.frames, args.seconds):
            for event in recogniser.update(frame):
                scores[event.name] = 0.0 if event.phase == "ended" else event.progress
                if event.phase in ("started", "detected", "ended"):
                    terminal.end()
                    print(f"{event.time:8.2f} s  {event.name:<20} {event.phase:<9} {event.confidence:4.0%}", flush=True)
            terminal.show_status(_bars(scores))
    return 0


def _bars(scores: dict[str, float], most: int = 4) -> str:
    """The gestures that have come farthest, each with a bar."""
    best = sorted(scores, key=lambda name: -scores[name])[:most]
    shown = [f"{name} {'#' * round(8 * scores[name]):<8}" for name in best if scores[name] > 0.05]
    return "  ".join(shown).ljust(78)[:118]


def _list(args: argparse.Namespace, terminal: Terminal) -> int:
    from bridge.gesture_folders import gestures_folder
    from gestures.recogniser import built_in_kinds
    from gestures.taught import load_taught

    for name, kind in built_in_kinds().items():
        print(f"{name:<22} {kind:<9} built in")
    for gesture in load_taught(gestures_folder(args.gesture_folder)):
        kind, count = "pose" if gesture.is_pose else "movement", len(gesture.demonstrations)
        print(f"{gesture.name:<22} {kind:<9} taught by {count}{', mirrored too' if gesture.mirrored else ''}")
    return 0


def _rename(args: argparse.Namespace, terminal: Terminal) -> int:
    from bridge.gesture_folders import find_gesture, gesture_file, gestures_folder

    folder = gestures_folder(args.gesture_folder)
    find_gesture(folder, args.name)
    new = gesture_file(folder, args.new_name)
    _refuse_known(args.new_name, new, False)
    gesture_file(folder, args.name).rename(new)
    terminal.say(f"{args.name} is now {args.new_name}")
    return 0


def _remove(args: argparse.Namespace, terminal: Terminal) -> int:
    from bridge.gesture_folders import find_gesture, gesture_file, gestures_folder

    folder = gestures_folder(args.gesture_folder)
    find_gesture(folder, args.name)
    gesture_file(folder, args.name).unlink()
    terminal.say(f"forgot {args.name}")
    return 0


def _export(args: argparse.Namespace, terminal: Terminal) -> int:
    from bridge.gesture_folders import find_gesture, gesture_file, gestures_folder

    folder = gestures_folder(args.gesture_folder)
    find_gesture(folder, args.name)
    shutil.copyfile(gesture_file(folder, args.name), args.file)
    terminal.say(f"wrote {args.file}; put it into the gesture folder of another machine under the name it shall have")
    return 0
