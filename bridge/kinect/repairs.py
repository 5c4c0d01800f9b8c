"""What is wrong with the sources of pykinect2 0.1.0 on a current Python, and the text that puts it right.

The package is of 2016 and its last release. Each repair is a pattern in one of its two modules and what takes its
place; a pattern that is not there, in a copy that somebody has repaired already, is no error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Repair:
    """A pattern (`re.MULTILINE`) and its replacement."""

    pattern: str
    replacement: str


REPAIRS: dict[str, tuple[Repair, ...]] = {
    "PyKinectV2": (
        # A structure of the type library, of another size on 64 bits, that nothing uses.
        Repair(r"^assert (?:sizeof|alignment)\(tagSTATSTG\).*$", ""),
        # Newer versions of comtypes refuse every module that they did not generate themselves.
        Repair(r"^from comtypes import _check_version; *_check_version\(.*\)$", ""),
    ),
    "PyKinectRuntime": (
        Repair(r"\btime\.clock\(\)", "time.perf_counter()"),
        Repair(r"\bnumpy\.object\b(?!_)", "object"),
        # Gone from some builds of Python; only drawing into a surface of pygame needs it.
        Repair(
            r"\bctypes\.pythonapi\.PyObject_AsWriteBuffer\b",
            'getattr(ctypes.pythonapi, "PyObject_AsWriteBuffer", ctypes.pythonapi["PyObject_GetBuffer"])',
        ),
        # Without these, has_new_..._frame() stays true after the first frame.
        Repair(r"^(\s+)_last_(\w+)_frame_access = ", r"\1self._last_\2_frame_access = "),
        # The frames know when they were captured, but that is thrown away.
        Repair(
            r"^(\s+)self\.floor_clip_plane = bodyFrame\.FloorClipPlane$",
            r"\g<0>\n\1self.relative_time = bodyFrame.RelativeTime",
        ),
        Repair(
            r"^(\s+)res\.floor_clip_plane = self\.floor_clip_plane$",
            r"\g<0>\n\1res.relative_time = self.relative_time",
        ),
        Repair(
            r"^(\s+)self\._last_color_frame_time = time\.perf_counter\(\)$",
            r"\1self._last_color_frame_relative_time = colorFrame.RelativeTime\n\g<0>",
        ),
        # A frame that arrives while the sensor is closed would end the thread with a traceback.
        Repair(
            r"^(\s+)self\.handle_(\w+)_arrived\(wait\)$",
            r"\1try:\n\1    self.handle_\2_arrived(wait)\n\1except (AttributeError, ValueError):\n\1    break",
        ),
        # Closing what was never opened hides the error that kept it from opening.
        Repair(r"^(\s+)if self\._sensor is not None:$", r'\1if getattr(self, "_sensor", None) is not None:'),
    ),
}
"""The repairs of each module, in the order in which they are made."""


def repaired(module: str, source: bytes) -> str:
    """The source of ``module``, put right.

    Parameters
    ----------
    module : str
        A key of `REPAIRS`.
    source : bytes
        As it is in the package. Its encoding is declared as Windows' own; beyond ASCII there are comments only.
    """
    text = source.decode("latin-1").replace("\r\n", "\n")
    for repair in REPAIRS[module]:
        text = re.sub(repair.pattern, repair.replacement, text, flags=re.MULTILINE)
    return text
