"""How calm and how late bodies are: presets, and what each person's movements go through.

One-Euro works in two places: on the keypoints before they are lifted, since in the picture noise is small and the same
in all directions, and on the depth of the joints afterwards, into which the lift turns what is left of the noise, many
times larger. Holt's filter, the Kinect's own, works on the joints in space. Either way a joint that is hardly seen
moves more slowly, and one that was lost glides to where it is found. docs/smoothing.md shows what each preset does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from bridge.holt import RATE, Holt, HoltSmoother
from bridge.one_euro import OneEuro, PointSmoother
from models.body import ByteArray, FloatArray
from models.joints import Joint, TrackingState
from models.rows import Rows, kept


@dataclass(frozen=True, slots=True)
class Smoothing:
    """What a body goes through; None leaves a filter out.

    Attributes
    ----------
    across : OneEuro, optional
        For keypoints, as metres across the view.
    depth : OneEuro, optional
        For joints, along the view.
    holt : Holt, optional
        For joints, in space.
    gated : bool
        Whether unsure joints move slower.
    """

    across: OneEuro | None
    depth: OneEuro | None
    holt: Holt | None = None
    gated: bool = True


PRESETS = {
    "raw": Smoothing(None, None, gated=False),
    "responsive": Smoothing(OneEuro(0.3, 4.0, 3.0), OneEuro(0.4, 3.0, 3.0)),
    "smooth": Smoothing(OneEuro(0.3, 1.0), OneEuro(0.25, 0.25)),
    "cinematic": Smoothing(OneEuro(0.15, 0.15), OneEuro(0.12, 0.05)),
    "holt": Smoothing(None, None, Holt()),
}
"""The names that ``--smoothing`` knows."""

DEFAULT = "responsive"


def parse_smoothing(text: str) -> Smoothing:
    """The smoothing that ``text`` asks for: a preset, ``holt:S,C,P,J,M`` or ``one-euro:CUTOFF,BETA``.

    >>> parse_smoothing("holt:0.7,0.3,1,1,1").holt.jitter_radius
    1.0

    Raises
    ------
    ValueError
        With what is wrong.
    """
    if text in PRESETS:
        return PRESETS[text]
    name, _, rest = text.partition(":")
    if name == "holt":
        return Smoothing(None, None, Holt(*_numbers(rest, [field.name for field in fields(Holt)])))
    if name == "one-euro":
        cutoff, beta = _numbers(rest, ["cutoff", "beta"])
        return Smoothing(OneEuro(cutoff, beta), OneEuro(cutoff, beta / 5))
    known = ", ".join(PRESETS)
    raise ValueError(f"{text!r} is not a smoothing: {known}, holt:0.5,0.5,0.5,0.05,0.04 or one-euro:1,5")


def _numbers(text: str, names: list[str]) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != len(names) or not all(map(math.isfinite, numbers)):
        raise ValueError(f"{text!r} is not {len(names)} numbers: {', '.join(names)}")
    return numbers


class Gate:
    """Lets joints move as fast as they are trusted.

    A joint's place is kept relative to the shoulders, so that one which is lost goes along with its body. Trust falls
    at once and comes back within ``REGAIN`` seconds: a joint that is found again elsewhere glides there.
    """

    def __init__(self) -> None:
        self._time = -math.inf
        self._trust = np.zeros((0, 0), np.float32)
        self._offsets = np.zeros((0, 0, 3), np.float32)

    def keep(self, rows: Rows) -> None:
        """Go on with the people who were in these rows; -1 stands for somebody new."""
        self._trust, self._offsets = kept(self._trust, rows, math.inf), kept(self._offsets, rows, math.nan)

    def __call__(self, time: float, positions: FloatArray, states: ByteArray) -> FloatArray:
        """The positions (..., 25, 3) at ``time``, of joints with these tracking states (..., 25)."""
        dt = time - self._time
        trust, root = TRUST.take(states), positions[..., [Joint.SPINE_SHOULDER], :]
        offsets = positions - root
        if 0.0 <= dt <= _FORGET and self._trust.shape == trust.shape:
            before = np.where(np.isfinite(self._trust)[..., None], self._offsets, offsets)
            trust = np.minimum(trust, self._trust + np.float32(dt / REGAIN))
            share = 1.0 - (1.0 - trust) ** np.float32(dt * RATE)
            offsets = before + share[..., None] * (offsets - before)
        self._time, self._trust, self._offsets = time, trust, offsets
        return np.asarray(root + offsets)


TRUST = np.array([0.1, 0.5, 1.0], np.float32)
"""By tracking state, the share of its way that a joint goes in a thirtieth of a second."""

REGAIN = 0.3
"""Seconds in which the trust in a joint that is seen again grows from none to all."""

_FORGET = 0.5


class BodySmoother:
    """The filters of one person, or of several with a leading dimension more, who come and go with `keep`.

    Parameters
    ----------
    settings : Smoothing
    """

    def __init__(self, settings: Smoothing) -> None:
        self._across = PointSmoother(settings.across) if settings.across else None
        self._depth = PointSmoother(settings.depth) if settings.depth else None
        self._holt = HoltSmoother(settings.holt) if settings.holt else None
        self._gate = Gate() if settings.gated else None

    def keep(self, rows: Rows) -> None:
        """Go on with the people who were in these rows; -1 stands for somebody new."""
        for part in (self._across, self._depth, self._holt, self._gate):
            if part is not None:
                part.keep(rows)

    def keypoints(self, time: float, points: FloatArray, metres: FloatArray | float) -> FloatArray:
        """Keypoints (..., 23, 2), smoothed before they are lifted; NaN where one was not seen.

        Parameters
        ----------
        time : float
        points : (..., 23, 2) float32 array
            Pixels; NaN where not seen.
        metres : float or (..., 1, 1) float32 array
            What a pixel measures where the person is.
        """
        return points if self._across is None else self._across(time, points, metres)

    def joints(self, time: float, positions: FloatArray, states: ByteArray) -> FloatArray:
        """Joints (..., 25, 3) in metres, smoothed after they were lifted.

        Parameters
        ----------
        time : float
        positions : (..., 25, 3) float32 array
        states : (..., 25) uint8 array
            A `TrackingState` for each joint.
        """
        if self._gate is not None:
            positions = self._gate(time, positions, states)
        if self._depth is not None:
            depth = self._depth(time, positions[..., 2:])
            positions = positions / positions[..., 2:] * depth  # each joint stays on its ray
        if self._holt is not None:
            positions = self._holt(time, positions, states < TrackingState.TRACKED)
        return positions
