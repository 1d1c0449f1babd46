"""The lines of a recipe while it grows, with their nodes and their values in the first call.

Floor 6. Read `recipes` before. Because every line is computed as soon as it is added, the next one can be chosen to fit: shapes that
stretch, positions that exist, numbers in a card's domain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

import numpy as np

from ..graph.errors import TensorlabError
from ..graph.node import Node
from ..ops.evaluate import interpret
from .dice import Dice
from .leaves import LAYOUTS, Leaf, value_of
from .recipes import Line, Step, applied, leaf_node

Array = np.ndarray[Any, Any]
Operand = int | Leaf | Step

MOST_ELEMENTS, MOST_OF_LARGE = 1500, 100_000
"""In one array of a usual graph, and of a large one: the exact evaluations take up to microseconds an element."""
USUAL = ((2, 3, 4), (3, 5, 1), (1, 2, 7), (4, 9, 2), (2, 3, 17), (0, 2, 3), (3, 8, 5), (3, 4, 33))
LARGE = ((20_011, 20_011, 3), (170, 260, 260), (40_000, 40_000, 1), (300, 129, 300))
"""Lengths of axes: around the lanes of a vector, and beyond the chunks in which several threads share a loop."""
LARGEST = 1e6
"""Plain graphs stay below it, so that rounding errors are not drowned by overflow."""

STYLES = {"plain": 0.55, "short": 0.15, "special": 0.2, "wide": 0.1}
"""How the leaves of a graph are filled, and how often."""
FLOATS = {"float64": 0.6, "float32": 0.36, "float16": 0.04}
WHOLE = {"int64": 0.45, "int32": 0.2, "int8": 0.1, "uint8": 0.1, "int16": 0.05, "uint16": 0.02, "uint32": 0.03, "uint64": 0.05}


class RunError(Exception):
    """A step whose value cannot be computed: the graph ends with it, or it is dropped."""

    def __init__(self, step: Step, cause: Exception) -> None:
        super().__init__(str(cause))
        self.step = step
        self.explained = isinstance(cause, (TensorlabError, IndexError))  # else a card was given what the public functions refuse


class Pool:
    """What has been grown so far.

    Args:
        dice: where all choices come from.
        seed: of the recipe, for the values of leaves.
        style: how leaves are filled, see STYLES.
        large: whether arrays are long.
    """

    def __init__(self, dice: Dice, seed: int, style: str, large: bool = False) -> None:
        self.dice, self.seed, self.style, self.large = dice, seed, style, large
        self.lines: list[Line] = []
        self.nodes: list[Node] = []
        self.values: list[Array] = []
        self.main_float = dice.weighted(FLOATS)
        self.lengths = dice.pick(LARGE if large else USUAL)
        self.several_dtypes = dice.chance(0.25)

    # -- adding lines
    def add(self, line: Line) -> int:
        """Add a line and return its number.

        Raises:
            TensorlabError: the graph cannot be built.
            RunError: it can be built, but not computed.
        """
        if isinstance(line, Leaf):
            if line.value is None:
                line = replace(line, stream=len(self.lines))
            node = leaf_node(line, self.seed, len(self.lines))
            value = value_of(line, self.seed)
        else:
            node = applied(line, [self.nodes[each] for each in line.reads])
            if self.large:
                self.check_size(line)
            try:
                with np.errstate(all="ignore"):
                    (value,) = interpret([node], dict(zip(self.nodes, self.values)))
            except (TensorlabError, ValueError, IndexError, TypeError) as problem:
                raise RunError(line, problem) from problem
        self.lines.append(line)
        self.nodes.append(node)
        self.values.append(np.asarray(value))
        return len(self.lines) - 1

    def check_size(self, step: Step) -> None:
        """Raise ValueError if a step on long arrays would make one that is far longer: a column and a row make a matrix."""
        shapes = [self.values[each].shape for each in step.reads]
        if step.card == "Dot":
            size = int(np.prod([*shapes[0][:-1], *shapes[1][1:]], dtype=int))
        else:
            size = int(np.prod([max(lengths) for lengths in zip_longest(*map(reversed, shapes), fillvalue=1)], dtype=int))
        if size > 2 * MOST_OF_LARGE:  # joined arrays are a little longer than each
            raise ValueError(f"{size} elements")

    def mark(self) -> int:
        """Return a mark to which `back` returns."""
        return len(self.lines)

    def back(self, mark: int) -> None:
        """Forget the lines added since a mark."""
        del self.lines[mark:], self.nodes[mark:], self.values[mark:]

    def placed(self, operand: Operand) -> int:
        """Return the number of an operand, which is added if it is a new line."""
        return operand if isinstance(operand, int) else self.add(operand)

    # -- new leaves
    def dtype(self, kinds: str = "f") -> str:
        """Return a dtype of one of some kinds (f, i, u, b)."""
        kind = self.dice.pick(kinds)
        if kind == "f":
            return str(self.dice.weighted(FLOATS)) if self.several_dtypes and self.dice.chance(0.4) else str(self.main_float)
        if kind == "b":
            return "bool"
        return str(self.dice.weighted({name: weight for name, weight in WHOLE.items() if name.startswith("u") == (kind == "u")}))

    def shape(self, ndim: int | None = None) -> tuple[int, ...]:
        """Return a random shape made of this graph's lengths."""
        rank = int(self.dice.weighted({0: 0.15, 1: 0.3, 2: 0.4, 3: 0.13, 4: 0.02})) if ndim is None else ndim
        most = MOST_OF_LARGE if self.large else 300
        shape: list[int] = []
        for length in [self.dice.pick(self.lengths) for _ in range(rank)]:
            fits = length * int(np.prod(shape, dtype=int)) <= most
            shape.append(length if fits else min(length, 2))
        return tuple(shape)

    def leaf(self, dtype: str, shape: Sequence[int], **options: Any) -> Leaf:
        """Return a new leaf, in this graph's style unless told otherwise."""
        kind = options.pop("kind", None) or self.dice.weighted({"symbol": 0.62, "shared": 0.2, "constant": 0.18})
        known = tuple(self.dice.chance(0.8 if length == 1 else 0.2) for length in shape)
        draw = options.pop("draw", self.style if self.dice.chance(0.8) else "plain")
        layout = "C" if kind != "symbol" or self.dice.chance(0.5) else self.dice.pick(LAYOUTS)
        return Leaf(dtype, tuple(shape), kind, known, draw, layout=layout, **options)

    def number(self, value: int, length: bool = False, dtype: str | None = None) -> Leaf:
        """Return a leaf that is one whole number, such as a position; `length`: one that follows the lengths of other leaves."""
        kind = self.dice.weighted({"symbol": 0.4, "constant": 0.5, "shared": 0.1})
        dtypes = ["int64", "int64", "int32"] + (["int8"] if -100 < value < 0 else ["uint8"] if 0 <= value < 100 else [])
        if length and kind == "symbol":
            return Leaf(dtype or "int64", (), kind, draw="length", value=value)
        return Leaf(dtype or self.dice.pick(dtypes), (), kind, value=value)

    def positions(self, values: Array) -> Leaf:
        """Return a leaf of whole numbers or bools with these very values."""
        kind = self.dice.weighted({"symbol": 0.5, "constant": 0.4, "shared": 0.1})
        small = np.abs(values.astype("int64")).max(initial=0) < 100
        dtype = "bool" if values.dtype == bool else self.dice.pick(["int64", "int64", "int32", "int8" if small else "int64"])
        return Leaf(dtype, values.shape, kind, (self.dice.chance(0.2),) * values.ndim, value=values.tolist())

    # -- choosing among what is there
    def those(self, suits: Callable[[int], bool]) -> list[int]:
        """Return the numbers of all lines that suit; later ones stand several times, so that graphs grow deep."""
        found = [number for number in range(len(self.lines)) if suits(number)]
        return found + [number for number in found if number >= len(self.lines) - 4] * 2

    def array(self, kinds: str = "f", least: int = 0, most: int = 4, shape: tuple[int, ...] | None = None, dtype: str | None = None) -> int:
        """Return the number of an array with axes from `least` to `most` (or a given shape), an old one or a new leaf."""

        def suits(number: int) -> bool:
            value = self.values[number]
            fits = value.shape == shape if shape is not None else least <= value.ndim <= most
            return fits and (value.dtype == dtype if dtype is not None else value.dtype.kind in kinds)

        found = self.those(suits)
        if found and self.dice.chance(0.75):
            return self.dice.pick(found)
        if shape is None:
            usual = 4 if self.dice.chance(0.1) else 3
            shape = self.shape(self.dice.whole(least, max(least, min(most, usual))))
        return self.add(self.leaf(dtype or self.dtype(kinds), shape))

    def beside(self, number: int, kinds: str) -> int:
        """Return an operand that stretches against another one: the same shape, axes of length 1, fewer axes, one number."""
        shape = self.values[number].shape
        same = self.those(lambda each: self.values[each].shape == shape and self.values[each].dtype.kind in kinds)
        way = self.dice.weighted({"same": 0.4, "number": 0.15, "itself": 0.06, "new": 0.2, "stretched": 0.15, "wrong": 0.04})
        if way == "itself" and self.values[number].dtype.kind in kinds:
            return number
        if way == "same" and same:
            return self.dice.pick(same)
        dtype = self.dtype(kinds) if self.values[number].dtype.kind not in kinds or self.several_dtypes else self.values[number].dtype.name
        if way == "number":
            numbers = self.those(lambda each: not self.values[each].shape and self.values[each].dtype.kind in kinds)
            if numbers and self.dice.chance(0.4):
                return self.dice.pick(numbers)
            return self.add(self.leaf(dtype, (), kind=self.dice.pick(["constant", "constant", "symbol"])))
        if way == "stretched" and shape:
            first = self.dice.whole(0, len(shape)) if self.dice.chance(0.5) else 0
            short = [1 if self.dice.chance(0.5) else length for length in shape[first:]]
            return self.add(replace(self.leaf(dtype, short), known=tuple(length == 1 for length in short)))
        if way == "wrong" and shape:  # a length of 1 that does not stretch, or another length
            other = [self.dice.pick([1, length, length + 1]) for length in shape]
            return self.add(replace(self.leaf(dtype, other, kind="symbol"), known=(False,) * len(other)))
        return self.add(self.leaf(dtype, shape))

    def tame(self, value: Array) -> bool:
        """Say whether a value may stay: not too many elements, and in a plain graph no infinities and no large numbers."""
        if value.size > (MOST_OF_LARGE if self.large else MOST_ELEMENTS) or value.ndim > 5:
            return False
        if value.dtype.kind != "f" or self.style in ("special", "wide"):
            return True
        return bool((np.abs(value.astype("float64")) < min(LARGEST, float(np.finfo(value.dtype).max) / 100)).all())
