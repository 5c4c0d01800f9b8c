"""What is known of each camera, kept in the user's configuration folder and used wherever its pictures come in.

A camera is known by the name of its source and by the ratio of its pictures: one that shows 16:9 and 4:3 usually cuts
something off for one of them. Pictures of another size but the same ratio are the same, scaled.
"""

from __future__ import annotations

import json
import logging
import math
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.camera import PinholeCamera
from models.standing import Stance

VERSION = 1
SAME_RATIO = 0.01
"""Ratios of width to height that differ by less than this share are the same."""


log = logging.getLogger(__name__)


class CalibrationError(Exception):
    """A calibration that cannot be made, kept or read; the message is one line for the user."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was found out about a camera.

    Attributes
    ----------
    source : str
        The name of its source.
    size : (int, int)
        Width and height of the pictures that it was found by.
    focal : float
        Pixels.
    centre : (float, float)
        Where the optical axis meets the picture, in pixels.
    distortion : tuple of float
        OpenCV's k1, k2, p1, p2, k3; empty where it was not measured.
    error : float
        Standard deviation of the focal length, as a share of it.
    method : str
        ``checkerboard`` or ``person``.
    date : str
        Of the day, as in 2026-01-31.
    stance : Stance, optional
        How the camera stood, where that was found.
    """

    source: str
    size: tuple[int, int]
    focal: float
    centre: tuple[float, float]
    distortion: tuple[float, ...]
    error: float
    method: str
    date: str
    stance: Stance | None = None

    def camera(self, width: int, height: int) -> PinholeCamera:
        """The camera for pictures of this size, of the same ratio."""
        scale = width / self.size[0]
        return PinholeCamera(self.focal * scale, self.centre[0] * scale, self.centre[1] * scale, self.distortion)

    def fits(self, width: int, height: int) -> bool:
        """Whether pictures of this size are of the same ratio."""
        return abs(width / height * self.size[1] / self.size[0] - 1) < SAME_RATIO

    def as_text(self) -> str:
        """One line for people."""
        fov = self.camera(*self.size).fov(self.size[0])
        off = fov - PinholeCamera(self.focal * (1 + self.error), 0, 0).fov(self.size[0])
        stands = self.stance
        where = f", tilted {math.degrees(stands.tilt):.1f} degrees down, {stands.height:.2f} m high" if stands else ""
        size = f"{self.size[0]}x{self.size[1]}"
        return f"{self.source} at {size}: {fov:.1f} degrees across (± {off:.1f}){where}; {self.method}, {self.date}"


class CameraStore:
    """The calibrations of this user.

    Parameters
    ----------
    path : Path, optional
        The file that they are kept in.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or config_folder() / "cameras.json"

    def all(self) -> list[Calibration]:
        """Everything that is known.

        Raises
        ------
        CalibrationError
            If the file cannot be read.
        """
        try:
            told = json.loads(self.path.read_text(encoding="utf-8"))
            return [_read(entry) for entry in told["cameras"]]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CalibrationError(f"{self.path}: not the calibrations of cameras ({error}); delete it") from error

    def keep(self, calibration: Calibration) -> None:
        """Remember a calibration, in place of an earlier one of the same camera and ratio."""
        others = [e for e in self.all() if e.source != calibration.source or not e.fits(*calibration.size)]
        self._write([*others, calibration])

    def forget(self, source: str) -> int:
        """Forget a source; how many calibrations that were."""
        known = self.all()
        left = [entry for entry in known if entry.source != key(source)]
        if len(left) < len(known):
            self._write(left)
        return len(known) - len(left)

    def _write(self, calibrations: Sequence[Calibration]) -> None:
        told = {"version": VERSION, "cameras": [asdict(entry) for entry in calibrations]}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        fresh.replace(self.path)


class KnownCamera:
    """The camera behind a source, for pictures of any size: as given, as calibrated, or a common webcam.

    Parameters
    ----------
    source : str
        The name of the source.
    fov : float, optional
        Horizontal field of view in degrees; what was calibrated does not count then.
    store : CameraStore, optional

    Attributes
    ----------
    stance : Stance, optional
        How the camera stands, where that was calibrated.

    Raises
    ------
    CalibrationError
        If the calibrations cannot be read.
    """

    def __init__(self, source: str, fov: float | None = None, store: CameraStore | None = None) -> None:
        self._source, self._fov = source, fov
        entries = (store or CameraStore()).all() if fov is None else []
        self._known = [entry for entry in entries if entry.source == key(source)]
        self._cameras: dict[tuple[int, int], PinholeCamera] = {}
        self.stance = next((entry.stance for entry in reversed(self._known) if entry.stance is not None), None)

    def __call__(self, width: int, height: int) -> PinholeCamera:
        """The camera for pictures of this size."""
        if (width, height) not in self._cameras:
            self._cameras[width, height] = self._find(width, height)
        return self._cameras[width, height]

    def _find(self, width: int, height: int) -> PinholeCamera:
        for entry in reversed(self._known):
            if entry.fits(width, height):
                log.info("%s", entry.as_text())
                return entry.camera(width, height)
        if self._known:
            other = self._known[-1].size
            log.warning(
                "%s: calibrated for pictures like %dx%d, but these are %dx%d, so a common webcam is assumed; "
                "'bodycast calibrate %s --size %dx%d' measures it",
                *(self._source, *other, width, height, self._source, width, height),
            )
        return PinholeCamera.from_fov(width, height, self._fov)


def key(source: str) -> str:
    """The name that a source is kept under: ``camera`` is ``camera:0``, files by their whole path, no passwords."""
    if source == "camera":
        return "camera:0"
    if "://" in source:
        return re.sub(r"://[^/@]*@", "://", source)
    return source if re.fullmatch(r"(camera|actor)(:\d+)?", source) else str(Path(source).resolve())


def config_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Where a user's settings are kept on this system."""
    if platform == "win32":
        return Path(environment.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "bodycast"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "bodycast"
    return Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "bodycast"


def _read(entry: dict[str, Any]) -> Calibration:
    """A calibration from its JSON form.

    Raises
    ------
    ValueError, KeyError, TypeError
        If it is not one.
    """
    width, height = (int(side) for side in entry["size"])
    focal, error = float(entry["focal"]), float(entry["error"])
    across, down = (float(part) for part in entry["centre"])
    distortion = tuple(float(part) for part in entry["distortion"])
    stance = entry.get("stance")
    numbers = (focal, error, across, down, *distortion)
    if min(width, height) < 1 or focal <= 0 or len(distortion) not in (0, 4, 5) or not all(map(math.isfinite, numbers)):
        raise ValueError(f"impossible numbers for {entry['source']!r}")
    return Calibration(
        str(entry["source"]),
        (width, height),
        focal,
        (across, down),
        distortion,
        error,
        str(entry["method"]),
        str(entry["date"]),
        None if stance is None else Stance(**{name: float(value) for name, value in stance.items()}),
    )
