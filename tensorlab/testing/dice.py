"""Choices that depend on a seed alone: the same ones on every run, machine and hash seed.

Floor 6. NumPy promises that the stream of a `RandomState` never changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

Item = TypeVar("Item")


class Dice:
    """A stream of choices.

    Args:
        seed: whole numbers from 0 to 2³² - 1 that together name the stream.

    >>> Dice(1, 2).pick("abcdef") == Dice(1, 2).pick("abcdef")
    True
    """

    def __init__(self, *seed: int) -> None:
        self.random = np.random.RandomState(list(seed))

    def chance(self, probability: float) -> bool:
        """Return True with a probability."""
        return bool(self.random.random_sample() < probability)

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return int(self.random.randint(low, high + 1))

    def pick(self, items: Sequence[Item]) -> Item:
        """Return one of some items."""
        return items[self.whole(0, len(items) - 1)]

    def weighted(self, weights: dict[Any, float]) -> Any:
        """Return a key; its weight against the sum of all is its probability."""
        keys = list(weights)
        bounds = np.cumsum([weights[key] for key in keys])
        return keys[int(np.searchsorted(bounds, self.random.random_sample() * bounds[-1], side="right"))]

    def some(self, items: Sequence[Item], least: int = 1, most: int | None = None) -> list[Item]:
        """Return at least `least` and at most `most` of some items, in their order."""
        count = self.whole(least, len(items) if most is None else min(most, len(items)))
        return [items[position] for position in sorted(self.random.permutation(len(items))[:count].tolist())]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """Return all items in another order."""
        return [items[position] for position in self.random.permutation(len(items)).tolist()]
