"""Call functions of yours when something comes from a running bridge: the client turned round.

    from bridge.callbacks import listen

    listen(on_gesture=lambda event: print(event.name, event.phase), on_enter=lambda body: print("hello", body.slot))

Everything is called in the thread that called `listen`, one after the other; what is slow makes frames be left out, and
no gesture, enter or leave.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import zmq

from bridge.client import DEFAULT_URL, Subscription, subscribe, subscribe_events
from bridge.keys import KeyFile
from bridge.presence import PresenceTracker
from gestures.event import GestureEvent
from models.body import Body, BodyFrame

PULSE = 0.25
"""Seconds after which it is looked whether to stop, where nothing comes."""


def listen(
    *,
    on_frame: Callable[[BodyFrame], object] | None = None,
    on_gesture: Callable[[GestureEvent], object] | None = None,
    on_enter: Callable[[Body], object] | None = None,
    on_leave: Callable[[int, int], object] | None = None,
    url: str = DEFAULT_URL,
    stream: str = "",
    server_key: KeyFile | None = None,
    key: KeyFile | None = None,
    stop: threading.Event | None = None,
    timeout: float | None = None,
) -> None:
    """Listen until ``stop`` is set, or Ctrl-C.

    Parameters
    ----------
    on_frame : callable, optional
        Called with each frame; with the newest where calling takes longer than a frame.
    on_gesture : callable, optional
        Called with each gesture event, those of continuous progress too.
    on_enter : callable, optional
        Called with the body of who came.
    on_leave : callable, optional
        Called with slot and tracking id of who left, half a second ago; also for everyone in view, at the end.
    url, stream, server_key, key
        Those of `bridge.client.subscribe`.
    stop : threading.Event, optional
        Set it from a callback, or from another thread.
    timeout : float, optional
        Seconds without any frame after which TimeoutError is raised; without it, never.
    """
    stop = threading.Event() if stop is None else stop
    presence, heard = PresenceTracker(), time.monotonic()

    def tell(frame: BodyFrame) -> None:
        change = presence.update(frame)
        for slot, who in change.left:
            if on_leave is not None:
                on_leave(slot, who)
        entered = {who for _, who in change.entered}
        for body in frame.bodies:
            if on_enter is not None and body.tracking_id in entered:
                on_enter(body)

    with (
        subscribe(url, stream=stream, server_key=server_key, key=key) as frames,
        subscribe_events(url, stream=stream, server_key=server_key, key=key) as events,
        _waiting_for(frames, events) as wait,
    ):
        while not stop.is_set():
            wait()
            frame = frames.poll()
            if frame is not None:
                heard = time.monotonic()
                tell(frame)
                if on_frame is not None:
                    on_frame(frame)
            elif timeout is not None and time.monotonic() - heard > timeout:
                raise TimeoutError(f"no body message from {url} within {timeout} s: is a bridge running there?")
            while not stop.is_set() and (event := events.poll()) is not None:
                if on_gesture is not None:
                    on_gesture(event)
    tell(BodyFrame(-math.inf, 0))  # where time goes back everyone leaves


@contextmanager
def _waiting_for(
    *subscriptions: Subscription[BodyFrame] | Subscription[GestureEvent],
) -> Iterator[Callable[[], object]]:
    """A function that waits until something has come, or for a pulse."""
    poller = zmq.Poller()
    for subscription in subscriptions:
        poller.register(subscription.socket, zmq.POLLIN)
    yield lambda: poller.poll(int(PULSE * 1000))
