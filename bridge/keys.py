"""CurveZMQ keys: pairs of files, of which the public one may be given to anybody, and the folders that they lie in.

``NAME.key`` has the public key, ``NAME.key_secret`` both; the form is ZeroMQ's own, see `zmq.auth`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import zmq
import zmq.auth

PUBLIC, SECRET = ".key", ".key_secret"
KEY_LENGTH = 40
"""Characters of a key in Z85."""


KeyFile = str | Path


class KeyFileError(Exception):
    """A key that cannot be used or made; the message is one line for the user."""


def create_keys(folder: Path, name: str) -> tuple[Path, Path]:
    """Make a pair of keys; the files of the public and of the secret one.

    Raises
    ------
    KeyFileError
        If there is one of that name already, which is never overwritten, or the folder cannot be written.
    """
    if not name or not all(c.isascii() and (c.isalnum() or c in "_-") for c in name):
        raise KeyFileError(f"{name!r} is not a name for keys: letters, digits, _ and -")
    for path in (folder / f"{name}{PUBLIC}", folder / f"{name}{SECRET}"):
        if path.exists():
            raise KeyFileError(f"{path}: there are keys of this name already; choose another, or delete both files")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        mask = os.umask(0o077)  # the secret key is for its owner alone
        try:
            public, secret = map(Path, zmq.auth.create_certificates(folder, name))
        finally:
            os.umask(mask)
        public.chmod(0o644)
    except OSError as error:
        raise KeyFileError(f"{folder}: cannot be written: {error.strerror}") from error
    return public, secret


def public_key(path: Path) -> bytes:
    """The public key in a file of either kind.

    Raises
    ------
    KeyFileError
        If there is none.
    """
    return _load(path)[0]


def key_pair(path: Path) -> tuple[bytes, bytes]:
    """Public and secret key.

    Raises
    ------
    KeyFileError
        If the file has no secret key.
    """
    public, secret = _load(path)
    if secret is None:
        raise KeyFileError(f"{path}: has only the public key; the secret one is in a file that ends in {SECRET}")
    return public, secret


def show_key(socket: zmq.Socket[bytes], server_key: KeyFile | None, key: KeyFile | None) -> None:
    """Make ``socket`` connect only to who has the secret of ``server_key``, and show ``key``, or one made for the day.

    Raises
    ------
    KeyFileError
        If a key cannot be used.
    """
    if server_key is None:
        if key is not None:
            raise KeyFileError(
                f"{key}: a key of our own is shown only to who has one: give the server's public key, too"
            )
        return
    socket.curve_serverkey = public_key(Path(server_key))
    socket.curve_publickey, socket.curve_secretkey = zmq.curve_keypair() if key is None else key_pair(Path(key))


def allowed_folder(path: Path) -> Path:
    """``path`` itself, if it has public keys of those who may connect.

    Raises
    ------
    KeyFileError
        If it has none, or one that is broken.
    """
    keys = sorted(path.glob(f"*{PUBLIC}"))
    if not keys:
        raise KeyFileError(f"{path}: no public keys (files that end in {PUBLIC}) of those who may connect")
    for key in keys:
        public_key(key)
    return path


def _load(path: Path) -> tuple[bytes, bytes | None]:
    try:
        public, secret = zmq.auth.load_certificate(path)
    except OSError as error:
        raise KeyFileError(f"{path}: no key file there: 'bodycast keys NAME' makes a pair") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise KeyFileError(f"{path}: not a key file of ZeroMQ") from error
    if len(public) != KEY_LENGTH or (secret is not None and len(secret) != KEY_LENGTH):
        raise KeyFileError(f"{path}: a key has {KEY_LENGTH} characters, one of these has not")
    return public, secret


def keys_folder() -> Path:
    """Where this user's keys are kept."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData/Roaming") / "bodycast/keys"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/bodycast/keys"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "bodycast/keys"
