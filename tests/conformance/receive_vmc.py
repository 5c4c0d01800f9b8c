"""Prints each event that PyPI's vmcp receives on the port of the first argument, as a line of JSON."""

from __future__ import annotations

import json
import sys

from vmcp.events import BoneTransformEvent, Event, RelativeTimeEvent, RootTransformEvent, StateEvent
from vmcp.facades import on_receive
from vmcp.osc import OSC
from vmcp.osc.backend.osc4py3 import as_comthreads as backend


def tell(event: Event) -> None:
    """Print it."""
    values: dict[str, object] = {"kind": type(event).__name__}
    if isinstance(event, BoneTransformEvent | RootTransformEvent):
        position, rotation = event.position, event.rotation
        values["position"] = [position.x, position.y, position.z]
        values["rotation"] = [rotation.x, rotation.y, rotation.z, rotation.w]
    if isinstance(event, BoneTransformEvent):
        values["bone"] = event.joint.value
    if isinstance(event, StateEvent):
        values["loaded"] = bool(event.model_state.value)
    print(json.dumps(values), flush=True)


osc = OSC(backend)
with osc.open():
    receiver = osc.create_receiver("127.0.0.1", int(sys.argv[1]), "receiver").open()
    for kind in (BoneTransformEvent, RootTransformEvent, StateEvent, RelativeTimeEvent):
        on_receive(receiver, kind, tell)
    print(json.dumps({"kind": "ready"}), flush=True)
    while True:
        osc.run()
