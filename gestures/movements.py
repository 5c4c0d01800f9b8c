"""Movements spotted in a stream: small networks of causal convolutions that remember the last two seconds.

There are some of them, and for each movement the file says how much the opinion of each counts. Each is surest at
another moment, so the surest that each was lately counts.
"""

from __future__ import annotations

from collections import deque
from pathlib import Path

import numpy as np

from gestures.classifier import GestureModelError, model_arrays
from gestures.skeleton import Array
from gestures.turns import ArmTurns

DILATIONS = (1, 1, 2, 4, 8)
TAPS = 3
"""Each layer sees so many looks of the one before, so far apart."""

PEAK = 7
"""Looks, about half a second, of which each network's surest counts."""

DEFAULT_WEIGHTS = Path(__file__).parent / "weights" / "movements.npz"


class MovementNetwork:
    """The weights of all networks, shared by all bodies.

    Parameters
    ----------
    path : Path
        What ``bodycast train gestures`` wrote.

    Attributes
    ----------
    names : tuple of str
        The movements, in the order of the answers.
    """

    def __init__(self, path: Path = DEFAULT_WEIGHTS) -> None:
        data, count = model_arrays(path), len(DILATIONS) + 1
        try:
            self.names = tuple(str(name) for name in data["names"])
            self.mean, self.deviation = data["mean"][:, None], data["deviation"][:, None]  # (networks, 1, width)
            weights = [data[f"weight{i}"].astype(np.float32) for i in range(count)]  # (networks, taps, in, out)
            self.weights = [weight.reshape(len(weight), -1, weight.shape[3]) for weight in weights]
            self.biases = [data[f"bias{i}"].astype(np.float32)[:, None] for i in range(count)]
            self.shares = data["shares"]  # (networks, movements)
        except (KeyError, ValueError, IndexError) as error:
            raise GestureModelError(f"{path}: not a movement network: {error}") from error


class MovementMemory:
    """What one body did lately, layer by layer."""

    def __init__(self, network: MovementNetwork) -> None:
        self._network = network
        self._arms = ArmTurns()
        self._past: list[Array] = []  # for each layer (networks, looks, width), the newest last
        self._logits: deque[Array] = deque(maxlen=PEAK)  # (networks, movements), the newest last

    @property
    def turns(self) -> int:
        """How often one of the forearms has turned back lately, by however little."""
        return self._arms.most

    def scores(self, look: Array) -> Array:
        """(movements,) 0 to 1 after the next look (WIDTH,); the first one counts as if it had always been so."""
        net = self._network
        seen = np.concatenate([look, self._arms.update(look)])
        value = ((seen - net.mean) / net.deviation).astype(np.float32)
        fresh = not self._past
        for layer, dilation in enumerate(DILATIONS):
            if fresh:
                self._past.append(np.repeat(value, (TAPS - 1) * dilation + 1, axis=1))
            past = self._past[layer]
            past[:, :-1] = past[:, 1:]
            past[:, -1:] = value
            taps = past[:, ::dilation].reshape(len(past), 1, -1)
            answer = np.maximum(taps @ net.weights[layer] + net.biases[layer], 0.0)
            value = answer + value if answer.shape == value.shape else answer
        self._logits.append((value @ net.weights[-1] + net.biases[-1])[:, 0])
        logits = (np.max(self._logits, axis=0) * net.shares).sum(axis=0)
        return np.asarray(0.5 + 0.5 * np.tanh(0.5 * logits))  # the logistic function, which never overflows
