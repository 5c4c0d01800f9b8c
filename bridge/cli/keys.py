"""``bodycast keys``: a pair of keys for ZeroMQ beyond this machine."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bridge.cli.terminal import Terminal

EXAMPLES = """
NAME.key is public: give it to the other side. NAME.key_secret is yours alone. With keys, ZeroMQ's CURVE encrypts what
is sent, and the other side knows whom it talks to.

examples:
  bodycast keys bridge                                     on the machine with the camera
  bodycast run --publish "zmq://*:5556?key=FILE"           FILE as it was printed, bridge.key_secret
  bodycast keys laptop                                     on the other machine, where bridge.key was copied to
  bodycast run --publish "zmq://*:5556?key=FILE&allow=FOLDER"
                                                           only those whose public key is in FOLDER may connect

  from bridge.client import subscribe
  subscribe("tcp://192.168.1.20:5556", server_key="bridge.key", key="laptop.key_secret")
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``keys`` to the commands."""
    parser = commands.add_parser(
        "keys",
        help="make keys for ZeroMQ beyond this machine",
        description="Make a pair of keys, in this user's folder of keys. There is no way to get a lost one back; make "
        "another.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("name", metavar="NAME", help="whose, for example bridge")
    parser.add_argument("--folder", type=Path, metavar="FOLDER", help="another folder to put them in")
    parser.set_defaults(command=run)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Do it; the exit status."""
    from bridge.keys import create_keys, keys_folder

    public, secret = create_keys(args.folder or keys_folder(), args.name)
    print(f"public key, for the other side:  {public}")
    print(f"secret key, for this side only:  {secret}")
    return 0
