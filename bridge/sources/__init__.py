"""Where pictures come from: cameras, streams, videos, image folders and the actor, all as iterables of `Frame`."""

from bridge.sources.playback import SourceError
from bridge.sources.spec import FrameSource, open_source

__all__ = ["FrameSource", "SourceError", "open_source"]
