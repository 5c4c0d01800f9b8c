"""The best scores, in a small JSON file in the user's data folder."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path


def data_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Where a user's data is kept on this system."""
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "bodycast"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "bodycast"
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "bodycast"


class HighScores:
    """The best score of each game.

    Parameters
    ----------
    path : Path
        A file that is not there, or that was spoilt, counts as empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._best = _read(path)

    def best(self, game: str) -> int:
        """The best score so far, 0 before the first."""
        return self._best.get(game, 0)

    def enter(self, game: str, score: int) -> bool:
        """Whether ``score`` is the best so far; then it is kept.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        if score <= self.best(game):
            return False
        self._best[game] = score
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(self._best, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        fresh.replace(self._path)
        return True


def _read(path: Path) -> dict[str, int]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, int) and not isinstance(value, bool)}
