"""What a NetView shows of its network at one moment, and the record of moments that a saved notebook can be scrubbed through.

Floor 6. Read `networks.py` before. Everything is bytes: the output over a square of the plane, every hidden neuron's answer more coarsely,
and the weights. A record has a fixed room: when it is full, every second entry is forgotten, and from then on only every second is kept.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .networks import Network

Vector = np.ndarray[Any, Any]
FINE, COARSE, RECORDED = 64, 16, 32
"""Points along a side of the surface of the output, of a hidden neuron's, and of a recorded output."""
MOST_FRAMES = 32  # recorded ones: 4 kB each for the largest network
MOST_COSTS = 400  # points of the curve: one a pixel
MARGIN = 0.15  # of half the width, left free around the points


def window_of(x: Vector) -> list[float]:
    """Return the square of the plane that is drawn, [left, right, low, high], around points (2, N)."""
    middle = (x.max(axis=1) + x.min(axis=1)) / 2
    half = float((x.max(axis=1) - x.min(axis=1)).max() or 2) / 2 * (1 + MARGIN)
    return [round(float(each), 4) for each in (middle[0] - half, middle[0] + half, middle[1] - half, middle[1] + half)]


def grid_of(window: list[float]) -> Vector:
    """Return FINE × FINE points of a window, (2, FINE²), row by row from the top."""
    left, right, low, high = window
    across, up = np.meshgrid(np.linspace(left, right, FINE), np.linspace(high, low, FINE))
    return np.stack([across.ravel(), up.ravel()]).astype("float32")


@dataclass(frozen=True)
class Look:
    """A network at one moment, as bytes.

    Attributes:
        surface: the output over the window, (FINE, FINE), 0 to 255.
        hidden: every hidden neuron's answer over it, (neurons, COARSE, COARSE).
        weights: all weights W around 128, one layer after another.
        scales: what 127 stands for in each layer, or None where that is not finite.
    """

    surface: Vector
    hidden: Vector
    weights: Vector
    scales: list[float | None]

    @classmethod
    def at(cls, net: Network, grid: Vector) -> Look:
        """Look at a network over a grid that `grid_of` made."""
        *hidden, output = net.layers(grid)
        side = FINE // COARSE
        coarse = []
        for layer in hidden:
            part = layer.reshape(-1, FINE, FINE)[:, side // 2 :: side, side // 2 :: side]
            if net.activation == "tanh":
                part = (part + 1) / 2
            elif net.activation == "relu":  # it has no upper end: each neuron is scaled to its own largest answer
                part = 0.5 + 0.5 * part / np.maximum(layer.max(axis=1), 1e-9)[:, None, None]
            coarse.append(shades(part))
        scales, weights = [], []
        for W in net.values[::2]:
            largest = float(np.nanmax(np.abs(W))) if np.isfinite(W).any() else 1.0
            largest = largest if np.isfinite(largest) and largest else 1.0
            scales.append(rounded(largest))
            weights.append(np.nan_to_num(128 + 127 * W / largest, nan=128, posinf=255, neginf=1).astype("uint8").ravel())
        return cls(shades(output).reshape(FINE, FINE), np.concatenate(coarse), np.concatenate(weights), scales)

    @property
    def parts(self) -> list[Vector]:
        """The surface, the hidden surfaces and the weights: what a page draws, in this order."""
        return [self.surface, self.hidden, self.weights]


class Record:
    """Frames and costs of a training, thinned out as they become many.

    Attributes:
        frames: each with step, epoch, cost, and the look in texts that JSON can hold.
        costs: pairs of a step and its cost, None where it is not finite.
    """

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.costs: list[list[float | None]] = []
        self._every, self._every_cost, self._asked = 1, 1, 0

    def add(self, step: int, epoch: int, cost: float, look: Callable[[], Look]) -> None:
        """Keep a moment, if it is one of those that are kept; only then is `look` called."""
        if self._asked % self._every == 0:
            seen = look()
            thin = FINE // RECORDED
            frame = {"step": step, "epoch": epoch, "cost": rounded(cost), "surface": packed(seen.surface[::thin, ::thin])}
            self.frames.append({**frame, "weights": packed(seen.weights), "scales": seen.scales})
            if len(self.frames) > MOST_FRAMES:
                self.frames, self._every = self.frames[::2], self._every * 2
        if self._asked % self._every_cost == 0:
            self.costs.append([step, rounded(cost)])
            if len(self.costs) > MOST_COSTS:
                self.costs, self._every_cost = self.costs[::2], self._every_cost * 2
        self._asked += 1

    def told(self, ahead: bool = False) -> dict[str, Any]:
        """Return it for the page; `ahead` says that it is a training which has not happened to the network itself."""
        return {"frames": list(self.frames), "costs": list(self.costs), "ahead": ahead}


def shades(part: Vector) -> Vector:
    """Return answers between 0 and 1 as bytes."""
    return np.nan_to_num(np.clip(part, 0, 1) * 255).astype("uint8")


def packed(values: Vector) -> str:
    """Return bytes as a text that JSON can hold."""
    return b64encode(np.ascontiguousarray(values, dtype="uint8").tobytes()).decode()


def rounded(value: float) -> float | None:
    """Return a number with few digits, or None if it is not finite."""
    return float(f"{value:.4g}") if np.isfinite(value) else None
