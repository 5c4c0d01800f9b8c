"""Where networks that a user has fine-tuned are kept: by name in the user's data folder, or in a folder of their own.

A plain name such as ``dance`` stands for a folder in the data folder of the system
(``~/.local/share/bodycast/models``, ``~/Library/Application Support/bodycast/models`` or
``%LOCALAPPDATA%\\bodycast\\models``); anything with a separator, such as ``./dance``, is a folder itself. Where nothing
is kept under a plain name, a folder of that name here is meant.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

NETWORK = "pose_int8.onnx"
"""The file that runs."""

LIFT = "lift.onnx"
"""The lift that goes with it, if there is one."""


def model_folder(name: str) -> Path:
    """The folder that ``name`` stands for; it need not exist.

    Raises
    ------
    ValueError
        If it is empty or ``.``, which would be a poor name.
    """
    if name.strip() in {"", ".", ".."}:
        raise ValueError(f"{name!r} is not a name for a network, such as dance or ./dance")
    return Path(name) if _is_path(name) else models_folder() / name


def model_file(name: str) -> Path:
    """The network that ``name`` stands for; it need not exist."""
    kept = model_folder(name) / NETWORK
    here = Path(name) / NETWORK
    return here if not kept.is_file() and here.is_file() else kept


def lift_beside(network: Path | None) -> Path | None:
    """The lift that was fine-tuned for ``network``, if one was: it lies in the same folder.

    The one that is shipped lies beside the shipped networks, and was fine-tuned for none.
    """
    from models.lift import DEFAULT_WEIGHTS  # --help needs no networks

    lift = network.with_name(LIFT) if network is not None else None
    return lift if lift is not None and lift.is_file() and not lift.samefile(DEFAULT_WEIGHTS) else None


def models_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Where networks are kept by name, on this system."""
    if platform == "win32":
        data = Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif platform == "darwin":
        data = Path.home() / "Library" / "Application Support"
    else:
        data = Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return data / "bodycast" / "models"


def _is_path(name: str) -> bool:
    return "/" in name or "\\" in name or Path(name).is_absolute()
