"""How the documentation describes one OSC address."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """One kind of message.

    Attributes
    ----------
    pattern : str
        What stands in braces differs from message to message.
    types : str
        The OSC type tags, without the comma; ``f*`` stands for any number.
    arguments : str
        What they are, in order.
    meaning : str
        Units, values and when it is sent.
    """

    pattern: str
    types: str
    arguments: str
    meaning: str = ""
