"""Elements that come again: repeat, tile, roll.

Floor 2. Read `joining` before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import syntax
from ..graph.convert import as_node, constant_value
from ..graph.errors import DtypeError, RankError, ShapeError
from ..graph.node import Constant, Node
from ..graph.types import TensorType, is_integer, normal_axis
from .axes import shape_padleft
from .choices import cast
from .families import Case, Library, describe
from .filling import alloc
from .lengths import as_lengths
from .reshaping import flatten, reshape
from .shapes import length_of, lengths_of


class Repeat(Library):
    """Every element along an axis repeated: equally often (a scalar), or each its own number of times (a vector).

    >>> T.repeat(T.constant([1, 2]), [2, 1]).eval()
    array([1, 1, 2])
    """

    numbers = slice(1, None)
    latex = r"\operatorname{{repeat}}\left({x}, {y}\right)"
    advice = "one number of at least 0, or a vector with one for every element along the axis"
    sample = (Case((3,), 2, axis=0), Case((2, 3), 2, axis=1), Case((2, 3), [2, 0, 1], axis=1))

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def same_as(self, x: Any, repeats: Any) -> Any:
        pieces = []
        for position in range(x.shape[self.axis]):
            times = int(repeats) if repeats.ndim == 0 else int(repeats[position])
            pieces += [np.take(x, position, axis=self.axis)] * times
        return np.stack(pieces, axis=self.axis)

    def type(self, x: Node, repeats: Node) -> TensorType:
        shape = list(x.type.shape)
        times, length = constant_value(repeats), shape[self.axis]
        if isinstance(times, int):
            shape[self.axis] = None if length is None else length * times
        else:
            shape[self.axis] = None if times is None else int(times.sum())
        return x.type.with_shape(shape)

    def numpy(self, xp: Any, x: Any, repeats: Any) -> Any:
        counts = check_repeats(x.shape[self.axis], repeats, self.advice)
        return xp.repeat(x, counts, axis=self.axis)

    def vjp(self, g: Node, out: Node, x: Node, repeats: Node) -> Sequence[Any]:
        return [SumOfRepeats(self.axis)(g, repeats, length_of(x, self.axis)), None]


class SumOfRepeats(Library):
    """What `Repeat` put side by side, added up again: the reverse of a repetition, for `length` elements.

    >>> from tensorlab.ops.repeating import SumOfRepeats
    >>> SumOfRepeats(axis=0)(T.constant([1.0, 2.0, 5.0]), T.constant([2, 1]), T.constant(2)).eval()
    array([3., 5.])
    """

    by_host = "elements that meet at one position are added there in no fixed order, and the last bits would differ between runs"
    latex = r"\operatorname{{sum\ of\ repeats}}\left({x}, {y}\right)"
    advice = Repeat.advice
    sample = (Case((6,), 2, 3, axis=0), Case((2, 3), [2, 0, 1], 3, axis=1))

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def same_as(self, x: Any, repeats: Any, length: Any) -> Any:
        result = np.zeros((*x.shape[: self.axis], int(length), *x.shape[self.axis + 1 :]))
        owners = [each for each in range(int(length)) for _ in range(int(repeats) if repeats.ndim == 0 else int(repeats[each]))]
        for place in np.ndindex(x.shape):
            result[(*place[: self.axis], owners[place[self.axis]], *place[self.axis + 1 :])] += x[place]
        return result

    def type(self, x: Node, repeats: Node, length: Node) -> TensorType:
        shape = list(x.type.shape)
        shape[self.axis] = constant_value(length)
        return x.type.with_shape(shape)

    def numpy(self, xp: Any, x: Any, repeats: Any, length: Any) -> Any:
        number = int(length)
        if repeats.ndim == 0:
            apart = xp.reshape(x, (*x.shape[: self.axis], number, int(repeats), *x.shape[self.axis + 1 :]))
            return xp.sum(apart, axis=self.axis + 1)
        result = xp.zeros((number, *x.shape[: self.axis], *x.shape[self.axis + 1 :]), dtype=x.dtype)
        xp.add.at(result, xp.repeat(xp.arange(number), repeats.tolist()), xp.moveaxis(x, self.axis, 0))
        return xp.moveaxis(result, 0, self.axis)

    def vjp(self, g: Node, out: Node, x: Node, repeats: Node, length: Node) -> Sequence[Any]:
        return [Repeat(self.axis)(g, repeats), None, None]


class Roll(Library):
    """Elements moved along an axis by a number of places; what falls off the end comes back at the start.

    >>> T.roll(T.constant([1, 2, 3]), 1).eval()
    array([3, 1, 2])
    """

    numbers = slice(1, None)
    latex = r"\operatorname{{roll}}\left({x}, {y}\right)"
    sample = (Case((4,), 1, axis=0), Case((2, 3), -2, axis=1), Case((2, 3), 7, axis=1))

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def same_as(self, x: Any, shift: Any) -> Any:
        result = np.empty_like(x)
        for place in np.ndindex(x.shape):
            result[(*place[: self.axis], (place[self.axis] + int(shift)) % x.shape[self.axis], *place[self.axis + 1 :])] = x[place]
        return result

    def type(self, x: Node, shift: Node) -> TensorType:
        return x.type

    def numpy(self, xp: Any, x: Any, shift: Any) -> Any:
        return xp.roll(x, int(shift), axis=self.axis)

    def vjp(self, g: Node, out: Node, x: Node, shift: Node) -> Sequence[Any]:
        return [Roll(self.axis)(g, -cast(shift, "int64")), None]  # an unsigned number has no negative


def check_repeats(length: int, repeats: Any, advice: str) -> Any:
    """Return repeats as Python numbers.

    Raises:
        ShapeError: one is negative, or there is not one per element.
    """
    counts = repeats.tolist()
    if isinstance(counts, list) and len(counts) not in (1, length):
        raise ShapeError("", f"{len(counts)} numbers of repeats for {length} elements", advice)
    if any(count < 0 for count in (counts if isinstance(counts, list) else [counts])):
        raise ShapeError("", f"a negative number of repeats in {counts}", advice)
    return counts


def whole_number_node(value: Any, asked: str, what: str) -> Node:
    """Return a node of whole numbers."""
    node = as_node(value)
    if not is_integer(node.type.dtype):
        raise DtypeError(asked, f"{what} must be whole numbers, and {describe(node)}", f"T.cast({node.label}, 'int64')")
    return node


def repeat(x: Any, repeats: Any, axis: int | None = None) -> Node:
    """Return `x` with its elements repeated along an axis; axis=None joins all axes first.

    Args:
        x: any expression.
        repeats: how often: one whole number, or a vector with one for every element along the axis; symbolic or not.
        axis: the axis, or None.

    Raises:
        AxisError: no such axis.
        DtypeError: repeats are not whole numbers.
        RankError: repeats have more than one axis.
        ShapeError: not one number per element, or a negative one (when the function runs).

    >>> T.repeat(T.constant([[1, 2], [3, 4]]), 2, axis=0).eval()
    array([[1, 2],
           [1, 2],
           [3, 4],
           [3, 4]])
    """
    node = as_node(x)
    asked = f"T.repeat({node.label}, {repeats})"
    counts = whole_number_node(repeats, asked, "repeats")
    if counts.type.ndim > 1:
        raise RankError(asked, describe(counts), "one whole number or a vector of them")
    if axis is None:
        node, axis = flatten(node), 0
    along = normal_axis(axis, node.type.ndim, asked)
    if counts.type.broadcastable == (True,):
        counts = as_node(counts.value[0]) if isinstance(counts, Constant) else counts.dimshuffle()
    return Repeat(along)(node, counts)


def tile(x: Any, reps: Any, ndim: int | None = None) -> Node:
    """Return copies of `x` laid out like tiles: `reps` says how many there are along each axis (numbers or symbolic).

    Fewer numbers than axes count from the last axis; more numbers make new axes in front.

    Raises:
        RankError: the number of `reps` is unknown, or is not `ndim`.
        ShapeError: a negative number.

    >>> T.tile(T.constant([1, 2]), (2, 2)).eval()
    array([[1, 2, 1, 2],
           [1, 2, 1, 2]])
    """
    node = as_node(x)
    times = as_lengths(reps, f"T.tile({node.label}, {reps})")
    rank = max(node.type.ndim, len(times), ndim or 0)
    times = [1] * (rank - len(times)) + times
    node = shape_padleft(node, rank - node.type.ndim)
    lengths = lengths_of(node)
    pattern: list[Any] = []
    apart: list[Any] = []
    joined: list[Any] = []
    for axis, (count, length) in enumerate(zip(times, lengths)):
        if isinstance(count, int) and count == 1:
            pattern, apart, joined = [*pattern, axis], [*apart, length], [*joined, length]
        else:
            pattern, apart, joined = [*pattern, "x", axis], [*apart, count, length], [*joined, count * length]  # type: ignore[operator]
    if len(pattern) == rank:
        return node
    return reshape(alloc(node.dimshuffle(*pattern), apart), joined)


def roll(x: Any, shift: Any, axis: int | None = None) -> Node:
    """Return `x` with its elements moved along an axis; what falls off the end comes back at the start.

    With axis=None all elements move as if they stood in one row.

    Raises:
        AxisError: no such axis.
        DtypeError: `shift` is not a whole number.
    """
    node = as_node(x)
    asked = f"T.roll({node.label}, {shift})"
    places = whole_number_node(shift, asked, "the shift")
    if places.type.ndim:
        raise RankError(
            asked, f"{describe(places)}, and a shift is a single number", "T.roll(T.roll(x, 1, axis=0), 2, axis=1) for several axes"
        )
    if axis is None and node.type.ndim != 1:
        return reshape(Roll(0)(flatten(node), places), lengths_of(node))
    return Roll(normal_axis(0 if axis is None else axis, node.type.ndim, asked))(node, places)


syntax.define(repeat=repeat)
