"""Read the OSC messages that receivers send back: plain messages with numbers and strings, and nothing else.

Whatever is not exactly that is refused with a ValueError, in time and memory that the size of the datagram bounds.
"""

from __future__ import annotations

import struct


def read_osc(datagram: bytes) -> tuple[str, list[int | float | str]]:
    """The address and the arguments (types i, f and s) of one message.

    Raises
    ------
    ValueError
        If it is anything else; it says what.
    """
    address, place = _string(datagram, 0)
    if not address.startswith("/"):
        raise ValueError("not the address of a message")
    tags, place = _string(datagram, place)
    if not tags.startswith(","):
        raise ValueError("no type tags")
    arguments: list[int | float | str] = []
    for tag in tags[1:]:
        if tag == "s":
            text, place = _string(datagram, place)
            arguments.append(text)
        elif tag in "if":
            if place + 4 > len(datagram):
                raise ValueError("cut off")
            arguments.append(struct.unpack_from(">" + tag, datagram, place)[0])
            place += 4
        else:
            raise ValueError(f"an argument of type {tag!r}")
    if place != len(datagram):
        raise ValueError("more bytes than arguments")
    return address, arguments


def _string(datagram: bytes, start: int) -> tuple[str, int]:
    end = datagram.find(b"\0", start)
    if end < 0:
        raise ValueError("a string without an end")
    try:
        text = datagram[start:end].decode("ascii")
    except UnicodeDecodeError:
        raise ValueError("a string that is not ASCII") from None
    return text, end + 4 - (end - start) % 4
