"""Load pykinect2 in spite of its faults: its sources are put right on the way in, and its files are left alone."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

from bridge.kinect.repairs import REPAIRS, repaired
from bridge.sources.playback import SourceError

PACKAGE = "pykinect2"
ELSEWHERE = (
    "a Kinect v2 can be read under Windows only; here, a camera can be recorded while a Kinect at another computer "
    "sends its bodies: bodycast record camera FOLDER --teacher osc+kinectv2://:12345"
)


def load_runtime() -> Any:
    """The module ``pykinect2.PyKinectRuntime``.

    Raises
    ------
    SourceError
        If it cannot be loaded; the message says what to install.
    """
    with _repairing():
        try:
            return importlib.import_module(f"{PACKAGE}.PyKinectRuntime")
        except Exception as error:  # the code of others, made for other versions: it may fail in any way
            raise SourceError(f"kinect: {_advice(error, sys.platform)}") from error


def _advice(error: Exception, platform: str) -> str:
    if platform != "win32":
        return ELSEWHERE
    if isinstance(error, ModuleNotFoundError) and error.name is not None:
        return f"this needs the package {error.name.partition('.')[0]}: pip install {PACKAGE}"
    if isinstance(error, OSError):
        return "this needs Kinect20.dll: install the Kinect for Windows Runtime 2.0 or SDK 2.0 of Microsoft"
    return f"{PACKAGE} cannot be loaded ({error}): pip install --force-reinstall {PACKAGE}==0.1.0 comtypes"


class _RepairingLoader(SourceFileLoader):
    """Compiles the repaired source; compiled files, which hold the other one, are neither read nor written."""

    def get_code(self, fullname: str) -> CodeType:
        source = repaired(fullname.rpartition(".")[2], self.get_data(self.path))
        return compile(source, self.path, "exec", dont_inherit=True)


class _RepairingFinder(MetaPathFinder):
    """Finds the two modules of pykinect2 where everybody finds them, and has them repaired."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, module = fullname.rpartition(".")
        if package != PACKAGE or module not in REPAIRS:
            return None
        found = PathFinder.find_spec(fullname, path)
        if found is None or found.origin is None or not isinstance(found.loader, SourceFileLoader):
            return None
        loader = _RepairingLoader(fullname, found.origin)
        return importlib.util.spec_from_file_location(fullname, found.origin, loader=loader)


@contextmanager
def _repairing() -> Iterator[None]:
    finder = _RepairingFinder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
