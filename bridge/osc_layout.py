"""OSC datagrams of a fixed form, made once, into which only the numbers of a frame are put.

Everything in OSC starts at a multiple of four bytes, so a set of datagrams is an array of 32-bit words, and filling it
in is one assignment to all the places that change: microseconds, where building the messages takes milliseconds.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from bridge.osc import osc_argument, osc_string

LARGEST = 1200
"""Bytes of a datagram; one of over 4096 stops a widely used receiver for good, and 1500 is what a network takes."""

BUNDLE = osc_string("#bundle") + struct.pack(">Q", 1)
"""The beginning of every bundle, with the timetag that means: now."""


@dataclass(frozen=True, slots=True)
class Hole:
    """An argument whose value comes later.

    Attributes
    ----------
    kind : {"f", "i", "d"}
        Its type; ``d`` only for the one receiver that wants it.
    name : str
        Tells it from other holes; those that are equal are filled from one array.
    """

    kind: Literal["f", "i", "d"]
    name: str


Argument = int | float | str | Hole


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes with holes in them.

    Attributes
    ----------
    data : bytes
        A message or a bundle; the holes are zero.
    holes : tuple of (Hole, int)
        Each hole and its place in ``data``, in bytes, in order.
    """

    data: bytes
    holes: tuple[tuple[Hole, int], ...] = ()


def message(address: str, *arguments: Argument) -> Piece:
    """One message."""
    encoded = [_encoded(argument) for argument in arguments]
    tags = "".join(tag for tag, _ in encoded)
    data, holes = osc_string(address) + osc_string(f",{tags}"), []
    for argument, (_, value) in zip(arguments, encoded, strict=True):
        if isinstance(argument, Hole):
            holes.append((argument, len(data)))
        data += value
    return Piece(data, tuple(holes))


def bundle(pieces: Iterable[Piece]) -> Piece:
    """One bundle of messages, to be taken at once."""
    data, holes = BUNDLE, []
    for piece in pieces:
        data += struct.pack(">i", len(piece.data))
        holes += [(hole, len(data) + place) for hole, place in piece.holes]
        data += piece.data
    return Piece(data, tuple(holes))


def bundles(pieces: Sequence[Piece], first: Sequence[Piece] = (), last: Sequence[Piece] = ()) -> list[Piece]:
    """As few bundles as hold ``pieces`` in order, none over `LARGEST`; each begins and ends with the same messages."""
    frame = len(BUNDLE) + sum(len(piece.data) + 4 for piece in (*first, *last))
    return [bundle((*first, *part, *last)) for part in _parts(pieces, LARGEST - frame)]


def _parts(pieces: Sequence[Piece], room: int) -> Iterator[list[Piece]]:
    part: list[Piece] = []
    size = 0
    for piece in pieces:
        if part and size + len(piece.data) + 4 > room:
            yield part
            part, size = [], 0
        part.append(piece)
        size += len(piece.data) + 4
    yield part


class Layout:
    """Datagrams with holes, ready to be filled in.

    Parameters
    ----------
    pieces : sequence of Piece
        One for each datagram.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        ends = np.cumsum([0, *(len(piece.data) for piece in pieces)]).tolist()
        places: dict[Hole, list[int]] = {}
        for piece, start in zip(pieces, ends, strict=False):
            for hole, place in piece.holes:
                places.setdefault(hole, []).append((start + place) // 4)
        self._words = np.frombuffer(b"".join(piece.data for piece in pieces), np.uint32).copy()
        self._places = {hole: np.array(where, np.intp) for hole, where in places.items()}
        self._spans = [slice(*span) for span in itertools.pairwise(ends)]

    def fill(self, values: Mapping[Hole, npt.ArrayLike]) -> list[bytes]:
        """The datagrams with numbers in them.

        Parameters
        ----------
        values : dict of Hole to array
            For each hole as many values as there are holes equal to it, in the order of the datagrams; or one for all.
        """
        words = self._words.copy()
        for hole, places in self._places.items():
            if hole.kind == "d":
                high, low = np.array(values[hole], ">f8").reshape(1).view(np.uint32)
                words[places], words[places + 1] = high, low
            else:
                words[places] = np.array(values[hole], _TYPES[hole.kind]).reshape(-1).view(np.uint32)
        data = words.tobytes()
        return [data[span] for span in self._spans]


_TYPES = {"f": ">f4", "i": ">i4"}


def _encoded(argument: Argument) -> tuple[str, bytes]:
    """Type tag and bytes; a hole is zero."""
    if isinstance(argument, Hole):
        return argument.kind, bytes(8 if argument.kind == "d" else 4)
    return osc_argument(argument)
