"""Kill ``bodycast macros`` at random moments and look whether a key stays down on a virtual display.

    python tests/benchmarks/macro_kills.py --kills 1000

takes about twenty minutes and needs Xvfb and pynput. Each time the command plays a busy profile for somebody who
gestures at random. Then it, or for a third of the times the process that presses, gets SIGKILL while a key is down, and
the display itself is asked which keys are down. The last line is JSON; ``left_held`` must be 0.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from bridge.targets import parse_target
from bridge.zmq_publisher import ZmqPublisher
from gestures.event import GestureEvent, Phase
from models.body import Body, BodyFrame

PATIENCE = 240.0
"""Seconds until a command must have pressed its first key; many on a busy machine."""

GRACE = 20.0
"""Seconds after a kill after which a key that is still down counts as left."""

PROFILE = """
timeout = 1.0
panic_key = "f12"
[[macro]]
do = "hold"
gesture = "a"
keys = "space"
[[macro]]
do = "toggle"
gesture = "b"
keys = ["ctrl", "x"]
[[macro]]
do = "repeat"
gesture = "c"
keys = "z"
interval = 0.05
duration = 0.03
[[macro]]
do = "tap"
gesture = "d"
keys = "q"
duration = 0.02
"""


def main(arguments: list[str] | None = None) -> int:
    """Run it; 0 if no key was left down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    results = []
    for number, result in enumerate(kills(args.kills, random.Random(args.seed)), 1):
        results.append(result)
        if number % 25 == 0:
            print(f"{number} kills, {sum(r['left'] for r in results)} with keys left down", file=sys.stderr, flush=True)
    summary = summarised(results)
    print(json.dumps(summary))
    return int(summary["left_held"] > 0)


def summarised(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts, and how long keys stayed down after the kill, in milliseconds."""
    late = sorted(1000 * result["seconds"] for result in results)
    return {
        "kills": len(results),
        "of_the_presser": sum(result["victim"] == "presser" for result in results),
        "held_at_kill": sum(result["held"] for result in results),
        "left_held": sum(result["left"] for result in results),
        "release_ms_median": round(late[len(late) // 2], 1),
        "release_ms_worst": round(late[-1], 1),
    }


def kills(count: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Kill so many times, one after the other, on one display."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "profile.toml").write_text(PROFILE)
        name = stack.enter_context(virtual_display())
        down = stack.enter_context(keys_down(name))
        bridge = stack.enter_context(closing(ZmqPublisher(parse_target("zmq://127.0.0.1:0"))))
        stack.enter_context(somebody(bridge, chance.randrange(2**32)))
        command = [sys.executable, "-m", "bridge.cli", "macros", str(folder / "profile.toml")]
        command += ["--from", bridge.address.replace("tcp", "zmq"), "--arm"]
        environment = {**os.environ, "DISPLAY": name, "PYTHONPATH": str(Path(__file__).parents[2])}
        for number in range(count):
            victim = "presser" if number % 3 == 2 else "command"
            yield kill(command, environment, victim, chance.uniform(0, 0.15), down)


def kill(
    command: list[str], environment: dict[str, str], victim: str, wait: float, down: Callable[[], int]
) -> dict[str, Any]:
    """Start the command, wait until it presses keys, kill, and see how long keys stay down."""
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        if not passed(lambda: down() > 0, PATIENCE, every=0.02):
            raise TimeoutError(f"the command has pressed nothing within {PATIENCE:.0f} s")
        time.sleep(wait)
        presser = child(process.pid)
        held = passed(lambda: down() > 0, 10.0)
        os.kill(process.pid if victim == "command" else presser, signal.SIGKILL)
        killed = time.monotonic()
        process.wait(PATIENCE)
        ended = passed(lambda: not alive(presser), GRACE)
        up = passed(lambda: down() == 0, GRACE) if ended else False
        return {"victim": victim, "held": held, "left": not up, "seconds": time.monotonic() - killed}
    finally:
        process.kill()
        process.wait()


def passed(condition: Callable[[], bool], seconds: float, every: float = 0.002) -> bool:
    """Whether a condition comes true in time; looked at ``every`` so many seconds."""
    end = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < end:
        time.sleep(every)
    return met


def child(process: int) -> int:
    """The process that presses for this one."""
    return int(Path(f"/proc/{process}/task/{process}/children").read_text().split()[0])


def alive(process: int) -> bool:
    """Whether a process still runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def virtual_display() -> Iterator[str]:
    """An X server without a screen; its name."""
    out, into = os.pipe()
    command = ["Xvfb", "-displayfd", str(into), "-screen", "0", "640x480x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[into], stderr=subprocess.DEVNULL)
    os.close(into)
    try:
        with open(out, encoding="utf-8") as numbers:
            yield f":{numbers.readline().strip()}"
    finally:
        server.kill()
        server.wait()


@contextmanager
def keys_down(name: str) -> Iterator[Callable[[], int]]:
    """A function that asks the display how many keys are down."""
    from Xlib.display import Display

    display = Display(name)
    try:
        yield lambda: sum(int(byte).bit_count() for byte in display.query_keymap())
    finally:
        display.close()


@contextmanager
def somebody(bridge: ZmqPublisher, seed: int) -> Iterator[None]:
    """A person who gestures at random, sixty times a second, for as long as this lasts."""
    ended = threading.Event()

    def play() -> None:
        rng = random.Random(seed)
        states = np.full(25, 2, np.uint8)
        body = Body(7, 0, np.ones((25, 3), np.float32), np.zeros((25, 4), np.float32), states)
        going_on = dict.fromkeys("abc", False)
        while not ended.wait(1 / 60):
            name = rng.choice("abcd")
            phase: Phase = "detected"
            if name in going_on:
                phase = "ended" if going_on[name] else "started"
                going_on[name] = not going_on[name]
            bridge.send(BodyFrame(time.monotonic(), 0, (body,)))
            bridge.tell([GestureEvent(name, 7, 0.0, phase)])

    thread = threading.Thread(target=play)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(main())
