"""``bodycast hub``: several cameras or rooms behind one address."""

from __future__ import annotations

import argparse
import threading
from typing import Any

from bridge.cli.terminal import Terminal

DEFAULT_TARGET = "zmq://127.0.0.1:5560"

EXAMPLES = """
examples:
  bodycast run camera:0 --publish "zmq://127.0.0.1:5556?name=front"
  bodycast run camera:1 --publish "zmq://127.0.0.1:5557?name=back"
  bodycast hub zmq://127.0.0.1:5556 zmq://127.0.0.1:5557

  bodycast hub "zmq://192.168.1.20:5556?server_key=kitchen.key" --publish "zmq://*:5560?key=hub.key_secret"

  from bridge.client import subscribe
  subscribe("zmq://127.0.0.1:5560", stream="back")       # one stream; without it all of them
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``hub`` to the commands."""
    parser = commands.add_parser(
        "hub",
        help="several cameras or rooms behind one address",
        description="Forward what several bridges publish over ZeroMQ to any number of subscribers, until Ctrl-C. Give "
        "each bridge's stream a name, with ?name=NAME where it publishes; bridges may start and stop at any time.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("sources", nargs="+", metavar="URL", help="where bridges publish, zmq://HOST:PORT")
    parser.add_argument(
        "--publish", default=DEFAULT_TARGET, metavar="URL", help=f"where to listen (default {DEFAULT_TARGET})"
    )
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="listen beyond this machine without a key, where anybody in the network may connect",
    )
    parser.set_defaults(command=run)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do it; the exit status."""
    from bridge.hub import Hub
    from bridge.targets import PublisherError, parse_target

    target = parse_target(args.publish)
    if target.scheme != "zmq":
        raise PublisherError(f"{target}: a hub speaks ZeroMQ: right is, for example, {DEFAULT_TARGET}")
    with Hub(target, [parse_target(url) for url in args.sources], args.insecure) as hub:
        terminal.say(f"{' and '.join(args.sources)} to {hub.address}; Ctrl-C ends")
        # ZeroMQ's proxy misses a signal that comes while it forwards; the thread that waits for it does not.
        forwarding = threading.Thread(target=hub.run, name="hub")
        forwarding.start()
        forwarding.join()
    return 0
