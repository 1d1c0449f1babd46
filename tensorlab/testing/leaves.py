"""The leaves of a random graph, and the values that they get in each call.

Floor 6. Read `dice` before. A leaf is an input, a shared variable or a constant. What it is filled with follows from the seed of the
recipe, a number of its own and the number of the call, so that a recipe need not spell its values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..graph.types import TensorType
from .dice import Dice

Array = np.ndarray[Any, Any]

LAYOUTS = ("C", "F", "reversed", "strided", "offset", "readonly", "list")
"""How an argument lies in memory: by rows, by columns, with a step of -1 or 2, at an odd address, read-only; or it is a list."""


SMALL = 0.05
"""How many of the numbers drawn are small."""


@dataclass(frozen=True)
class Leaf:
    """One leaf.

    Attributes:
        dtype, shape: of its value in the first call.
        kind: "symbol", "shared" or "constant".
        known: per axis, whether the type knows the length.
        draw: what its elements are: "plain", "short" (few digits, so that sums are exact), "wide" (of all sizes), "special" (infinities,
            nan, zeros, the largest and smallest numbers among them), "sorted", "length" (one number, the length `value` of other leaves),
            or (low, high).
        value: the elements themselves as nested lists, or None.
        layout: one of LAYOUTS.
        stream: together with the seed of the recipe it says which elements are drawn.
    """

    dtype: str
    shape: tuple[int, ...]
    kind: str = "symbol"
    known: tuple[bool, ...] = ()
    draw: str | tuple[float, float] = "plain"
    value: Any = None
    layout: str = "C"
    stream: int = 0

    @property
    def type(self) -> TensorType:
        """The type of its node; a shared variable's type knows no lengths but those of 1."""
        known = self.known or (False,) * len(self.shape)
        if self.kind == "constant":
            return TensorType(self.dtype, self.shape)
        return TensorType(
            self.dtype,
            [length if flag and (self.kind == "symbol" or length == 1) else None for length, flag in zip(self.shape, known)],
        )

    def shape_in(self, lengths: Mapping[int, int]) -> tuple[int, ...]:
        """Return its shape in a call in which some lengths are others; what the type knows stays."""
        if self.value is not None or self.kind != "symbol":
            return self.shape
        return tuple(lengths.get(length, length) if known is None else length for length, known in zip(self.shape, self.type.shape))


def value_of(leaf: Leaf, seed: int, call: int = 0, lengths: Mapping[int, int] | None = None) -> Array:
    """Return the value of a leaf in a call; a shared variable's is the one that it starts with.

    >>> value_of(Leaf("int8", (2,), value=[1, 2]), 0)
    array([1, 2], dtype=int8)
    """
    changed = lengths or {}
    if leaf.draw == "length":
        return np.asarray(changed.get(leaf.value, leaf.value), leaf.dtype)
    shape = leaf.shape_in(changed)
    if leaf.value is not None:
        return np.asarray(leaf.value, leaf.dtype).reshape(shape)
    dice = Dice(seed, leaf.stream, call if leaf.kind == "symbol" else 0)
    return np.asarray(drawn(dice, leaf.dtype, shape, leaf.draw))


def drawn(dice: Dice, dtype: str, shape: tuple[int, ...], draw: str | tuple[float, float]) -> Array:
    """Return an array filled as a word says."""
    size = int(np.prod(shape, dtype=int))
    kind = np.dtype(dtype).kind
    values: Array
    if kind == "b":
        values = dice.random.randint(0, 2, size)
    elif isinstance(draw, tuple):
        low, high = draw
        if kind == "f":
            values = dice.random.uniform(low, high, size)
            values = some_small(dice, values) if low < 0 < high else values
        else:
            values = dice.random.randint(int(low), int(high) + 1, size)
    elif kind in "iu":
        values = whole_numbers(dice, dtype, size, draw)
    else:
        values = real_numbers(dice, dtype, size, draw)
    with np.errstate(all="ignore"):
        array = values.astype(dtype).reshape(shape)
    return np.sort(array, axis=-1) if draw == "sorted" and array.ndim else array


def whole_numbers(dice: Dice, dtype: str, size: int, draw: str) -> Array:
    """Return small whole numbers; among special ones the smallest and largest of the dtype."""
    small = dice.random.randint(0 if dtype.startswith("u") else -4, 6, size)
    if draw != "special":
        return small
    limits = np.iinfo(dtype)
    ends = np.array([limits.min, limits.max, 0, 1, 2], dtype)
    return np.where(dice.random.random_sample(size) < 0.3, ends[dice.random.randint(0, len(ends), size)], small.astype(dtype))


def some_small(dice: Dice, values: Array) -> Array:
    """Return numbers, a few of them replaced by small ones, at which many functions are straight lines and lose digits if done badly."""
    small = values * 10.0 ** dice.random.uniform(-12, -1, values.shape)
    return np.where(dice.random.random_sample(values.shape) < SMALL, small, values)


def real_numbers(dice: Dice, dtype: str, size: int, draw: str) -> Array:
    """Return real numbers around 1, or as a word says."""
    plain = np.where(dice.random.random_sample(size) < 0.7, dice.random.uniform(-2, 2, size), dice.random.randint(-8, 9, size) / 4)
    plain = some_small(dice, plain)
    if draw == "short":
        return dice.random.randint(-8, 9, size) / 4
    limits = np.finfo(dtype)
    if draw == "wide":
        digits = 0.8 * np.log10(float(limits.max))  # a product of two such numbers may leave the range, a sum may not
        return np.sign(plain) * 10.0 ** dice.random.uniform(-digits, digits, size)
    if draw == "special":
        points = [0.0, -0.0, np.inf, -np.inf, np.nan, float(limits.max), float(limits.tiny), float(limits.smallest_subnormal),
                  1.0, -1.0, 0.5, -0.5, 2.5, float(limits.eps), 800.0, -800.0, -40.0, 1e-9]  # fmt: skip
        return np.where(dice.random.random_sample(size) < 0.4, np.array(points)[dice.random.randint(0, len(points), size)], plain)
    return plain


def laid_out(array: Array, layout: str) -> Any:
    """Return the same elements in another arrangement of memory, or as a list.

    >>> laid_out(np.arange(3), "reversed").strides
    (-8,)
    """
    too_large = array.dtype == "uint64" and (array > np.iinfo("int64").max).any()  # NumPy makes floats of a list of these and small ones
    if layout == "list" and (array.size or array.ndim == 1) and not too_large:
        return array.tolist()
    if layout == "F":
        return np.array(array, order="F")
    if layout == "reversed" and array.ndim:
        return np.ascontiguousarray(array[::-1])[::-1]
    if layout == "strided" and array.ndim:
        return np.repeat(array, 2, axis=-1)[..., ::2]
    if layout == "offset":
        memory = np.zeros(array.nbytes + 1, "uint8")
        moved = memory[1:].view(array.dtype).reshape(array.shape)
        moved[...] = array
        return moved
    own = array.copy()
    if layout == "readonly":
        own.flags.writeable = False
    return own
