"""Make ``import pykinect2`` give what is here, for a while; what old programs miss in a newer Python, too."""

from __future__ import annotations

import sys
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from bridge.pykinect2_compat import PyKinectRuntime, PyKinectV2
from bridge.pykinect2_compat.feed import Feed

PACKAGE = "pykinect2"

GONE: Mapping[Any, Mapping[str, object]] = {
    time: {"clock": time.perf_counter},
    np: {"bool": bool, "int": int, "float": float, "complex": complex, "object": object, "str": str},
}
"""Names that programs of 2014 to 2020 used, by the module that has lost them since."""


@contextmanager
def installed(open_feed: Callable[[], Feed]) -> Iterator[None]:
    """While this lasts, programs that import ``pykinect2`` see what ``open_feed`` opens.

    Feeds that a program leaves open are closed at the end.
    """
    feeds: weakref.WeakSet[Feed] = weakref.WeakSet()

    def opened() -> Feed:
        with _in_place_of(originals):  # the feed may be a Kinect, which needs the real package
            feed = open_feed()
        feeds.add(feed)
        return feed

    package = ModuleType(PACKAGE, "pykinect2, as Bodycast offers it.")
    package.__path__ = []
    package.__dict__.update(PyKinectV2=PyKinectV2, PyKinectRuntime=PyKinectRuntime)
    ours = {
        PACKAGE: package,
        f"{PACKAGE}.PyKinectV2": PyKinectV2,
        f"{PACKAGE}.PyKinectRuntime": PyKinectRuntime,
    }
    originals = {name: sys.modules.get(name) for name in ours}
    runtime = PyKinectRuntime.PyKinectRuntime
    usual, runtime.open_feed = runtime.open_feed, staticmethod(opened)
    restored = _restore_gone()
    try:
        with _in_place_of(ours):
            yield
    finally:
        for feed in list(feeds):
            feed.close()
        runtime.open_feed = staticmethod(usual)
        for owner, name in restored:
            delattr(owner, name)


@contextmanager
def _in_place_of(modules: Mapping[str, ModuleType | None]) -> Iterator[None]:
    """These are the modules of their names for a while; None for one that is not loaded."""
    before = {name: sys.modules.get(name) for name in modules}
    _load(modules)
    try:
        yield
    finally:
        _load(before)


def _load(modules: Mapping[str, ModuleType | None]) -> None:
    for name, module in modules.items():
        if module is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = module


def _restore_gone() -> list[tuple[ModuleType, str]]:
    """Give modules back what they lack of `GONE`; which names that were."""
    restored = []
    for module, names in GONE.items():
        for name, value in names.items():
            if name not in vars(module):
                setattr(module, name, value)
                restored.append((module, name))
    return restored
